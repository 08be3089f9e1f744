//! Management of one registration (RFC 7592 §2).

use http::Method;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    client_metadata::ClientMetadata,
    error_response,
    http::{Auth, Body, HttpClient, Purpose, Request, Response},
    lenient,
    register::{ClientInformation, RegistrationError, read_information, refused},
    secret::{ClientSecret, InitialAccessToken, RegistrationAccessToken},
};

/// Where and with what one registration is managed.
#[derive(Debug, Clone)]
pub struct Management {
    /// `registration_client_uri`.
    pub uri: Url,
    /// What opens it.
    pub credential: ManagementCredential,
    /// The client's identifier.
    pub client_id: String,
}

/// What opens the management of a registration.
#[derive(Debug, Clone)]
pub enum ManagementCredential {
    /// `registration_access_token` (RFC 7592 §3).
    Registration(RegistrationAccessToken),
    /// What opened the registration itself, at servers that issue no token for a registration.
    Administrator(InitialAccessToken),
}

impl Management {
    fn request(&self, method: Method, purpose: Purpose, flow: Uuid) -> Request {
        let auth = match &self.credential {
            ManagementCredential::Registration(token) => Auth::Registration(token.clone()),
            ManagementCredential::Administrator(token) => Auth::Initial(token.clone()),
        };
        Request::new(method, self.uri.clone(), purpose, flow).auth(auth)
    }
}

/// Where a server that names no client configuration endpoint has that of a client: below its registration endpoint,
/// as WSO2, Keycloak and others do. None where the identifier cannot be a segment of a path.
pub fn below(registration_endpoint: &Url, client_id: &str) -> Option<Url> {
    // The parser takes these for the path itself and for the one above it.
    if client_id.is_empty() || client_id == "." || client_id == ".." {
        return None;
    }
    let mut url = registration_endpoint.clone();
    url.path_segments_mut().ok()?.pop_if_empty().push(client_id);
    Some(url)
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
    updated(http, at, &response, flow).await
}

/// Changes what differs between `current` and `wanted` (RFC 7396), at a server that takes updates by PATCH alone
/// ([`wants_patch`](crate::error_response::ErrorResponse::wants_patch)). What is in neither stays as the server has
/// it, and so does the secret.
///
/// # Errors
///
/// Those of [`update`].
pub async fn patch(
    http: &HttpClient,
    at: &Management,
    current: &ClientMetadata,
    wanted: &ClientMetadata,
    flow: Uuid,
) -> Result<ClientInformation, RegistrationError> {
    let changes = Value::Object(merge_patch(current.members(), wanted.members())).to_string();
    let request = |content_type: &str| {
        at.request(Method::PATCH, Purpose::UpdateRegistration, flow)
            .body(Body::Raw {
                content_type: Some(content_type.to_owned()),
                bytes: changes.clone().into_bytes().into(),
            })
    };
    let mut response = http.send(request("application/merge-patch+json")).await?;
    // Gravitee has no media type for patches. A 415 changed nothing (RFC 9110 §15.5.16).
    if response.status == 415 {
        response = http.send(request("application/json")).await?;
    }
    updated(http, at, &response, flow).await
}

/// What makes `wanted` of `current` (RFC 7396 §2): changed members, and `null` for those to be removed. A member cannot be
/// set to `null` in this way; client metadata has none that is.
fn merge_patch(current: &Map<String, Value>, wanted: &Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    for (name, value) in wanted {
        let changed = match (current.get(name), value) {
            (Some(before), value) if before == value => continue,
            (Some(Value::Object(before)), Value::Object(value)) => {
                Value::Object(merge_patch(before, value))
            }
            (_, value) => value.clone(),
        };
        patch.insert(name.clone(), changed);
    }
    for name in current.keys().filter(|name| !wanted.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    patch
}

/// The registration after an update.
async fn updated(
    http: &HttpClient,
    at: &Management,
    response: &Response,
    flow: Uuid,
) -> Result<ClientInformation, RegistrationError> {
    let answer = read_information(response, http.clock().now(), &at.uri, Some(&at.client_id));
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
    if error_response::looks_like_html(&text)
        && let Err(source) = lenient::object(&response.body)
    {
        return Err(RegistrationError::Unreadable {
            status: response.status,
            title: error_response::html_title(&text),
            source,
            exchange: response.exchange,
        });
    }
    Ok(response.exchange)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_client_is_below_the_registration_endpoint() {
        let at = |endpoint: &str, client: &str| {
            below(&endpoint.parse().unwrap(), client).map(|url| url.to_string())
        };
        for (endpoint, client, wanted) in [
            ("https://id.example/reg", "c1", "https://id.example/reg/c1"),
            ("https://id.example/reg/", "c1", "https://id.example/reg/c1"),
            (
                "https://id.example/reg?t=a",
                "c1",
                "https://id.example/reg/c1?t=a",
            ),
            (
                "https://id.example/reg",
                "a/../b?c#d",
                "https://id.example/reg/a%2F..%2Fb%3Fc%23d",
            ),
            (
                "https://id.example/reg",
                "%2e%2e",
                "https://id.example/reg/%252e%252e",
            ),
        ] {
            assert_eq!(at(endpoint, client).as_deref(), Some(wanted), "{client}");
        }
        for client in ["", ".", ".."] {
            assert_eq!(at("https://id.example/reg", client), None, "{client}");
        }
    }

    #[test]
    fn a_patch_has_the_differences_alone() {
        let before = json!({
            "client_name": "orders", "scope": "a", "redirect_uris": ["https://a.example/1"],
            "jwks": { "keys": [1] }, "own": { "a": 1, "b": { "c": 1, "d": 2 } },
        });
        let wanted = json!({
            "client_name": "orders", "client_uri": "https://a.example", "redirect_uris": [],
            "jwks": { "keys": [2] }, "own": { "b": { "c": 1, "d": 3 } },
        });
        let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
        assert_eq!(
            Value::Object(merge_patch(&members(&before), &members(&wanted))),
            json!({
                "client_uri": "https://a.example", "scope": null, "redirect_uris": [],
                "jwks": { "keys": [2] }, "own": { "a": null, "b": { "d": 3 } },
            })
        );
        let same = merge_patch(&members(&wanted), &members(&wanted));
        assert!(same.is_empty());
    }
}
