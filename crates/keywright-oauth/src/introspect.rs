//! Token introspection (RFC 7662) and, alike in shape, what revocation shares with it.

use http::Method;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    assertion::AssertionParams,
    client_auth::ClientProof,
    client_key::ClientKey,
    error_response::ErrorResponse,
    http::{Body, HttpClient, Purpose, Request, Response},
    jwt, lenient,
    secret::ClientSecret,
    token::{ClientAuth, TokenError},
};

/// Who asks: the client itself.
#[derive(Debug, Clone)]
pub struct ClientAuthentication {
    /// Client identifier.
    pub client_id: String,
    /// Client secret, unless the client is public.
    pub client_secret: Option<ClientSecret>,
    /// How the client proves itself.
    pub client_auth: ClientAuth,
    /// Key and audience of an assertion.
    pub assertion: AssertionParams,
    /// The key whose certificate goes with each request (RFC 8705).
    pub certificate: Option<ClientKey>,
    /// Identifier and secret are in the form whatever the method, for servers whose form has them as mandatory fields.
    pub repeats_in_form: bool,
}

/// What the server says of a token (RFC 7662 §2.2).
#[derive(Debug, Clone)]
pub struct Introspection {
    /// `active`; none where the server did not say.
    pub active: Option<bool>,
    /// The whole answer.
    pub members: Map<String, Value>,
    /// The recorded exchange.
    pub exchange: Uuid,
}

/// Asks the server what it knows of a token.
pub async fn introspect(
    http: &HttpClient,
    endpoint: &Url,
    client_authentication: &ClientAuthentication,
    token: &str,
    flow: Uuid,
) -> Result<Introspection, TokenError> {
    let response = ask(
        http,
        endpoint,
        client_authentication,
        token,
        Purpose::Introspection,
        flow,
    )
    .await?;
    let members = lenient::object(&response.body)
        .ok()
        .or_else(|| signed(&response))
        .map(|members| lenient::holding_where(members, |one| active(one).is_some()));
    match members {
        Some(members)
            if response.is_success()
                && (active(&members).is_some() || !lenient::is_error(&members)) =>
        {
            Ok(Introspection {
                active: active(&members),
                members,
                exchange: response.exchange,
            })
        }
        _ => Err(refused(&response, http.clock().now())),
    }
}

/// The answer within a JWT (RFC 9701 §5).
fn signed(response: &Response) -> Option<Map<String, Value>> {
    let claims = jwt::answered(response)?;
    claims.get("token_introspection")?.as_object().cloned()
}

/// `active` of an answer (RFC 7662 §2.2). Older servers leave it out: that says nothing.
pub fn active(members: &Map<String, Value>) -> Option<bool> {
    lenient::flag(members, "active")
}

/// Sends a token with the client's own credentials, as both RFC 7662 §2.1 and RFC 7009 §2.1 ask.
pub(crate) async fn ask(
    http: &HttpClient,
    endpoint: &Url,
    client_authentication: &ClientAuthentication,
    token: &str,
    purpose: Purpose,
    flow: Uuid,
) -> Result<Response, TokenError> {
    let mut fields = vec![("token".to_owned(), token.to_owned())];
    let client = ClientProof::from(client_authentication);
    fields.extend(client.fields(http.clock().now())?);
    if client_authentication.repeats_in_form {
        let secret = client.client_secret.map_or("", ClientSecret::expose);
        for (name, value) in [("client_id", client.client_id), ("client_secret", secret)] {
            if fields.iter().all(|(present, _)| present != name) {
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
    }
    let request =
        Request::new(Method::POST, endpoint.clone(), purpose, flow).body(Body::Form(fields));
    Ok(http.send(client.on(request)).await?)
}

pub(crate) fn refused(response: &Response, now: i64) -> TokenError {
    TokenError::Refused {
        words: ErrorResponse::of(response),
        retry_after: response.retry_after(now),
        exchange: response.exchange,
    }
}
