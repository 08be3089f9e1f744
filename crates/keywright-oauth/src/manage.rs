//! Management of one registration (RFC 7592 §2).

use http::Method;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::{
    client_metadata::ClientMetadata,
    http::{Auth, Body, HttpClient, Purpose, Request, Response},
    lenient,
    register::{ClientInformation, RegistrationError, read_information, refused},
    secret::{ClientSecret, RegistrationAccessToken},
    words,
};

/// Where and with what one registration is managed.
#[derive(Debug, Clone)]
pub struct Management {
    /// `registration_client_uri`.
    pub uri: Url,
    /// `registration_access_token`.
    pub token: RegistrationAccessToken,
    /// The client's identifier.
    pub client_id: String,
}

impl Management {
    fn request(&self, method: Method, purpose: Purpose, flow: Uuid) -> Request {
        Request::new(method, self.uri.clone(), purpose, flow)
            .auth(Auth::Registration(self.token.clone()))
    }
}

/// Reads the registration (RFC 7592 §2.1). Not tried twice: the answer may carry a new token.
pub async fn read(
    http: &HttpClient,
    at: &Management,
    flow: Uuid,
) -> Result<ClientInformation, RegistrationError> {
    let mut request = at.request(Method::GET, Purpose::ReadRegistration, flow);
    request.idempotent = false;
    let response = http.send(request).await?;
    read_information(&response, http.clock().now(), &at.uri, Some(&at.client_id))
}

/// Replaces the metadata (RFC 7592 §2.2): the whole of it, with `client_id`, and with the current
/// secret where one is given, which asks the server to keep it.
pub async fn update(
    http: &HttpClient,
    at: &Management,
    metadata: &ClientMetadata,
    client_secret: Option<&ClientSecret>,
    flow: Uuid,
) -> Result<ClientInformation, RegistrationError> {
    let mut body = metadata.members().clone();
    body.insert("client_id".to_owned(), Value::String(at.client_id.clone()));
    if let Some(secret) = client_secret {
        body.insert(
            "client_secret".to_owned(),
            Value::String(secret.expose().to_owned()),
        );
    }
    let request = at
        .request(Method::PUT, Purpose::UpdateRegistration, flow)
        .body(Body::Json(Value::Object(body)));
    let response = http.send(request).await?;
    let answer = read_information(&response, http.clock().now(), &at.uri, Some(&at.client_id));
    let is_empty = response.body.iter().all(u8::is_ascii_whitespace);
    let says_nothing = is_empty || matches!(answer, Err(RegistrationError::SaysNothing { .. }));
    match answer {
        // Some servers answer with nothing (OA4MP), or that all went well: what they made of it is read back. Where
        // that fails, it stays a success that nobody could read.
        Err(unread) if response.is_success() && says_nothing => {
            read(http, at, flow).await.or(Err(unread))
        }
        answer => answer,
    }
}

/// Deletes the client (RFC 7592 §2.3).
pub async fn delete(
    http: &HttpClient,
    at: &Management,
    flow: Uuid,
) -> Result<Uuid, RegistrationError> {
    let response = http
        .send(at.request(Method::DELETE, Purpose::DeleteRegistration, flow))
        .await?;
    let now = http.clock().now();
    if response.is_success() {
        return confirmed(&response, now);
    }
    Err(refused(&response, now))
}

/// RFC 7592 section 2.3 answers with nothing. A web page is a proxy's or a sign-in page's; an error document is a
/// refusal with the wrong status.
fn confirmed(response: &Response, now: i64) -> Result<Uuid, RegistrationError> {
    if lenient::object(&response.body).is_ok_and(|answer| lenient::is_error(&answer)) {
        return Err(refused(response, now));
    }
    let text = String::from_utf8_lossy(&response.body);
    if words::looks_like_html(&text)
        && let Err(source) = lenient::object(&response.body)
    {
        return Err(RegistrationError::Unreadable {
            status: response.status,
            title: words::html_title(&text),
            source,
            exchange: response.exchange,
        });
    }
    Ok(response.exchange)
}
