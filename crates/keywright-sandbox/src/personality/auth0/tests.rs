//! The token endpoint and the dial of Auth0.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use super::{ROTATION_LAG, SELF, management_audience};
use crate::faults::SandboxFaults;
use crate::idp;
use crate::personality::bench::{Bench, Credentials, body, text};
use crate::state::store::Secret;

#[tokio::test]
async fn refusals_have_the_words_and_codes_of_auth0() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let api = SELF.api_url(bench.shared());
    let management = management_audience(bench.shared());
    let wrong = Credentials {
        id: client.id.clone(),
        secret: "wrong".to_owned(),
    };
    let unknown = Credentials {
        id: "nobody".to_owned(),
        secret: "wrong".to_owned(),
    };
    for (who, audience, status, error, said) in [
        (
            &wrong,
            Some(api.as_str()),
            401,
            "access_denied",
            "Unauthorized",
        ),
        (&unknown, Some(&api), 401, "access_denied", "Unauthorized"),
        (&client, None, 403, "access_denied", "No audience parameter"),
        (
            &client,
            Some("https://nowhere.example"),
            403,
            "access_denied",
            "Service not found",
        ),
        (
            &client,
            Some(&management),
            403,
            "access_denied",
            "Client is not authorized to access",
        ),
    ] {
        let more: Vec<(&str, &str)> = audience.map(|it| ("audience", it)).into_iter().collect();
        let response = bench.ask_token(SELF, who, &more).await;
        assert_eq!(response.status(), status, "{said}");
        let refusal = body(response).await;
        assert_eq!(refusal["error"], error);
        assert!(text(&refusal, "error_description").starts_with(said));
    }
}

#[tokio::test]
async fn a_json_body_is_taken_and_the_token_has_the_claims_of_auth0() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let api = SELF.api_url(bench.shared());
    let response = bench
        .http
        .post(format!("{}/oauth/token", SELF.base(bench.shared())))
        .json(
            &json!({ "grant_type": "client_credentials", "client_id": client.id,
            "client_secret": client.secret, "audience": api }),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let answer = body(response).await;
    assert_eq!(answer["expires_in"], 86_400);
    let token = text(&answer, "access_token");
    let claims = idp::live_token(bench.shared(), SELF, token).unwrap();
    assert_eq!(claims.sub, format!("{}@clients", client.id));
    assert_eq!(claims.text("azp"), Some(client.id.as_str()));
    assert_eq!(claims.text("gty"), Some("client-credentials"));
    assert_eq!(claims.scope(), ["orders:read"]);
}

#[tokio::test]
async fn only_the_administrators_token_for_the_management_api_opens_it() {
    let bench = Bench::new().await;
    let audience = management_audience(bench.shared());
    let admin = bench.admin(SELF);
    let response = bench
        .ask_token(SELF, &admin, &[("audience", &audience)])
        .await;
    let answer = body(response).await;
    let token = text(&answer, "access_token");
    let claims = idp::admin_token(bench.shared(), SELF, token, &audience).unwrap();
    assert!(claims.scope().contains(&"create:clients"));
    let client = bench.client(SELF);
    let token = bench.token(SELF, &client).await;
    assert!(idp::admin_token(bench.shared(), SELF, &token, &audience).is_none());
}

#[tokio::test]
async fn a_replaced_secret_works_on_for_as_long_as_the_dial_says() {
    let bench = Bench::new().await;
    let before = bench.client(SELF);
    let rotate = |value: &str| {
        let mut state = bench.shared().state();
        let client = state.client_mut(SELF, &before.id).unwrap();
        client.replace_secrets(Some(Secret::new(value.to_owned(), 0, 0)));
    };
    let api = SELF.api_url(bench.shared());
    let status = async |who: &Credentials| {
        let response = bench.ask_token(SELF, who, &[("audience", &api)]).await;
        response.status().as_u16()
    };
    let after = Credentials {
        id: before.id.clone(),
        secret: "after".to_owned(),
    };
    rotate(&after.secret);
    assert_eq!((status(&before).await, status(&after).await), (401, 200));
    let mut faults = SandboxFaults::default();
    faults.vendor.insert(ROTATION_LAG.to_owned(), 60_000);
    bench.sandbox.set_faults(SELF, faults);
    assert_eq!((status(&before).await, status(&after).await), (200, 200));
}
