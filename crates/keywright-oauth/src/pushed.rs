//! Pushed authorization requests (RFC 9126): the server gets the parameters from the client itself, and the browser
//! carries a name for them.

use url::Url;

use crate::{
    authorize::PendingAuthorization,
    client_auth::ClientProof,
    client_metadata::ClientMetadata,
    error_response::ErrorResponse,
    http::{Body, HttpClient, Purpose, Request},
    lenient, request_object,
    server_metadata::ServerMetadata,
    token::{TokenError, TokenRequest},
};

/// Member of the metadata (RFC 9126 §5).
pub const PUSHED_REQUEST_ENDPOINT: &str = "pushed_authorization_request_endpoint";
/// Member of the metadata of a server (RFC 9126 §5) and of a client (§6).
const REQUIRED: &str = "require_pushed_authorization_requests";

impl ServerMetadata {
    /// Where authorization requests are pushed.
    pub fn pushed_request_endpoint(&self) -> Option<Url> {
        lenient::address(&self.document, PUSHED_REQUEST_ENDPOINT)
    }

    /// The server takes no authorization request that was not pushed.
    pub fn requires_pushed_requests(&self) -> bool {
        lenient::flag(&self.document, REQUIRED) == Some(true)
    }
}

/// The server takes no authorization request of this client that was not pushed.
pub fn is_required_of(client: &ClientMetadata) -> bool {
    lenient::flag(client.members(), REQUIRED) == Some(true)
}

/// Pushes a request to `endpoint` and puts its name in its place: from then on the address has nothing but `client_id`,
/// `request_uri` and what the authorization endpoint has in its own query. `wanted` says who asks.
///
/// # Errors
///
/// A refusal in the server's words, an answer without `request_uri`, and every failure of the wire.
pub async fn push(
    http: &HttpClient,
    endpoint: &Url,
    wanted: &TokenRequest,
    authorization_endpoint: &Url,
    pending: &mut PendingAuthorization,
) -> Result<(), TokenError> {
    let mut of_request = pending.parameters(authorization_endpoint);
    if of_request
        .iter()
        .any(|(name, _)| name == request_object::REQUEST)
    {
        // RFC 9126 §3: all others are claims of the request object.
        of_request.retain(|(name, _)| ["client_id", request_object::REQUEST].contains(&&**name));
    }
    let client = ClientProof::from(wanted);
    let make = || {
        let mut fields = of_request.clone();
        let proof = client.fields(http.clock().now())?;
        fields.extend(proof.into_iter().filter(|(name, _)| name != "client_id"));
        let request = Request::new(
            http::Method::POST,
            endpoint.clone(),
            Purpose::Token,
            wanted.flow,
        )
        .body(Body::Form(fields));
        Ok::<_, TokenError>(client.on(request))
    };
    let response = http.send_proved(make).await?;
    let answer = lenient::object(&response.body).ok();
    let name = answer
        .filter(|_| response.is_success())
        .and_then(|members| lenient::text(&members, "request_uri"));
    let Some(name) = name else {
        return Err(if response.is_success() {
            TokenError::Incomplete {
                status: response.status,
                members: "request_uri",
                exchange: response.exchange,
            }
        } else {
            TokenError::Refused {
                words: ErrorResponse::of(&response),
                retry_after: response.retry_after(http.clock().now()),
                exchange: response.exchange,
            }
        });
    };
    let mut url = authorization_endpoint.clone();
    url.query_pairs_mut()
        .append_pair("client_id", &wanted.client_id)
        .append_pair("request_uri", &name);
    pending.url = url;
    Ok(())
}
