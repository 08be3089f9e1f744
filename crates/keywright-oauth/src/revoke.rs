//! Token revocation (RFC 7009).

use url::Url;
use uuid::Uuid;

use crate::{
    http::{HttpClient, Purpose},
    introspect::{ClientAuthentication, ask, refused},
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
    if response.is_success() {
        return Ok(response.exchange);
    }
    Err(refused(&response, http.clock().now()))
}
