//! The bytes of an HTTP answer: status line, headers, chunks, encodings.

use std::time::Duration;

use http::Method;
use keywright_oauth::{
    http::{Auth, HttpClient, HttpPolicy, Purpose, Request},
    secret::AccessToken,
};
use url::Url;
use uuid::Uuid;

use crate::{script::Answer, secrets, stage::Stage};

const TOKEN: &str = "canary-access-token-4e8d";
/// The whole of a request, and the end of it.
const PATIENCE: Duration = Duration::from_secs(31);

thread_local! {
    static PLACE: (Stage, HttpClient) = {
        let stage = Stage::new();
        let client = stage.client(HttpPolicy::default());
        (stage, client)
    };
}

/// No answer is read beyond the limit, none lasts longer than 30 s, no redirect is followed, and each is written down
/// without the token that was sent.
pub fn run(data: &[u8]) {
    PLACE.with(|(stage, client)| {
        let url = Url::parse(&stage.here).unwrap().join("/orders").unwrap();
        let mut request = Request::new(Method::GET, url, Purpose::ApiCall, Uuid::nil())
            .auth(Auth::Bearer(AccessToken::new(TOKEN)));
        request.idempotent = false;
        let (result, seen, took) = stage.play([Answer::raw(data)], client.send(request));
        assert!(took <= PATIENCE, "{took:?}");
        assert!(seen.asked <= 1 && seen.exchanges.len() == 1, "{result:?}");
        if let Ok(response) = &result {
            assert!(response.body.len() <= HttpPolicy::default().max_body);
        }
        let kept = &seen.exchanges[0];
        assert_eq!(kept.error.is_some(), result.is_err());
        secrets::assert_absent(&serde_json::to_string(kept).unwrap(), TOKEN);
        secrets::assert_absent(&format!("{:?}", result.err()), TOKEN);
    });
}
