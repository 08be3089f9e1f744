//! Token revocation (RFC 7009).

use url::Url;
use uuid::Uuid;

use crate::{
    error_response,
    http::{HttpClient, Purpose},
    introspect::{ClientAuthentication, ask, refused},
    lenient,
    token::TokenError,
};

/// Revokes a token. A token that the server does not know counts as revoked (RFC 7009 §2.2).
pub async fn revoke(
    http: &HttpClient,
    endpoint: &Url,
    client_authentication: &ClientAuthentication,
    token: &str,
    flow: Uuid,
) -> Result<Uuid, TokenError> {
    let response = ask(
        http,
        endpoint,
        client_authentication,
        token,
        Purpose::Revocation,
        flow,
    )
    .await?;
    // Some servers answer 200 with an error inside, and a gateway with the page of its sign-in.
    let refuses = match lenient::object(&response.body) {
        Ok(answer) => lenient::is_error(&answer),
        Err(_no_document) => {
            error_response::looks_like_html(&String::from_utf8_lossy(&response.body))
        }
    };
    if response.is_success() && !refuses {
        return Ok(response.exchange);
    }
    Err(refused(&response, http.clock().now()))
}
