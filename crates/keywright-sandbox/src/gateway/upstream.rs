//! The gateway's own requests to the identity provider, over HTTP as a real gateway sends them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;
use url::form_urlencoded;

use crate::guard::INTERNAL_HEADER;
use crate::state::Shared;

/// Why the gateway got no token.
pub(super) enum NoToken {
    /// The identity provider refused the credentials.
    Refused,
    /// It did not answer as it should.
    Failed,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
}

/// An access token for the credentials. The gateway does not know how the client is registered:
/// it tries `client_secret_basic`, then `client_secret_post`.
pub(super) async fn fetch_token(
    shared: &Shared,
    id: &str,
    secret: &str,
) -> Result<String, NoToken> {
    let basic = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
    let grant = "grant_type=client_credentials";
    match ask(shared, grant.to_owned(), Some(&basic)).await {
        Err(NoToken::Refused) => {
            let body = format!(
                "{grant}&client_id={}&client_secret={}",
                encoded(id),
                encoded(secret)
            );
            ask(shared, body, None).await
        }
        other => other,
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn ask(shared: &Shared, body: String, basic: Option<&str>) -> Result<String, NoToken> {
    let mut request = shared
        .http
        .post(format!("{}/token", shared.issuer()))
        .header(INTERNAL_HEADER, &shared.internal_token)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body);
    if let Some(basic) = basic {
        request = request.header(AUTHORIZATION, format!("Basic {basic}"));
    }
    let failed = |error: reqwest::Error| {
        tracing::warn!(%error, "the gateway got no answer from the identity provider");
        NoToken::Failed
    };
    let response = request.send().await.map_err(failed)?;
    if response.status().is_client_error() {
        return Err(NoToken::Refused);
    }
    let answer: TokenAnswer = response
        .error_for_status()
        .map_err(failed)?
        .json()
        .await
        .map_err(failed)?;
    Ok(answer.access_token)
}
