//! The gateway's own requests to the identity provider, over HTTP as a real gateway sends them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;
use url::form_urlencoded;

use crate::personality::Personality;
use crate::server::middleware::INTERNAL_HEADER;
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
    personality: Personality,
    id: &str,
    secret: &str,
) -> Result<String, NoToken> {
    let request = personality.provider_behavior().token_request(shared);
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(request.audience.as_deref().map(|it| ("audience", it)));
    fields.extend(request.scope.as_deref().map(|it| ("scope", it)));
    let basic = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
    match ask(shared, &request.endpoint, &fields, Some(&basic)).await {
        Err(NoToken::Refused) => {
            fields.extend([("client_id", id), ("client_secret", secret)]);
            ask(shared, &request.endpoint, &fields, None).await
        }
        other => other,
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn ask(
    shared: &Shared,
    endpoint: &str,
    fields: &[(&str, &str)],
    basic: Option<&str>,
) -> Result<String, NoToken> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let mut request = shared
        .http
        .post(endpoint)
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
