//! Client authentication (RFC 6749 section 2.3.1) and the form bodies it comes with.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::answer::Refusal;
use super::metadata::AuthMethod;
use crate::keys::same_secret;
use crate::state::{Client, Shared};

/// The parameters of a form body; none may come twice (RFC 6749 section 3.2).
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    pub(super) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let is_form = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| {
                kind.trim()
                    .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            });
        if !is_form {
            return Err(Refusal::InvalidRequest(
                "The body must be application/x-www-form-urlencoded",
            ));
        }
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            let before = fields.insert(name.into_owned(), value.into_owned());
            if before.is_some() {
                return Err(Refusal::InvalidRequest("A parameter came twice"));
            }
        }
        Ok(Self(fields))
    }

    /// A parameter; one without a value counts as not sent (RFC 6749 section 3.2).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }
}

/// Credentials as presented.
struct Presented {
    id: String,
    /// None from a public client.
    secret: Option<String>,
    method: AuthMethod,
}

/// The client that sent the request.
pub(super) fn authenticate(
    shared: &Shared,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Client, Refusal> {
    let presented = presented(headers, form)?;
    let faults = shared.faults();
    if faults.forget_clients {
        return Err(Refusal::InvalidClient);
    }
    let client = shared.state().clients.get(&presented.id).cloned();
    client
        .filter(|client| {
            is_right(presented.secret.as_deref(), client.secret.as_deref())
                && client.metadata.token_endpoint_auth_method == presented.method
                && !client.secret_is_over(shared.now())
                && !client.is_on_its_way(Duration::from_millis(faults.replication_lag_ms.into()))
        })
        .ok_or(Refusal::InvalidClient)
}

/// The right secret, or none for a client that has none.
fn is_right(presented: Option<&str>, secret: Option<&str>) -> bool {
    match (presented, secret) {
        (Some(presented), Some(secret)) => same_secret(presented, secret),
        (None, None) => true,
        _ => false,
    }
}

fn presented(headers: &HeaderMap, form: &Form) -> Result<Presented, Refusal> {
    let in_body = form.get("client_secret");
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        let id = form.get("client_id").ok_or(Refusal::InvalidClient)?;
        return Ok(Presented {
            id: id.to_owned(),
            secret: in_body.map(str::to_owned),
            method: in_body.map_or(AuthMethod::None, |_| AuthMethod::ClientSecretPost),
        });
    };
    if in_body.is_some() {
        return Err(Refusal::InvalidRequest(
            "The client authenticates in more than one way",
        ));
    }
    let (id, secret) = value
        .to_str()
        .ok()
        .and_then(basic)
        .ok_or(Refusal::InvalidClient)?;
    if form.get("client_id").is_some_and(|other| other != id) {
        return Err(Refusal::InvalidRequest(
            "client_id is not the one of the Authorization header",
        ));
    }
    Ok(Presented {
        id,
        secret: Some(secret),
        method: AuthMethod::ClientSecretBasic,
    })
}

/// Id and secret, each form-url-decoded as RFC 6749 section 2.3.1 says.
fn basic(value: &str) -> Option<(String, String)> {
    let (id, secret) = raw_basic(value)?;
    Some((form_decode(&id)?, form_decode(&secret)?))
}

/// User and password of a Basic header (RFC 7617 section 2), as they are.
pub(crate) fn raw_basic(value: &str) -> Option<(String, String)> {
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(credentials.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn form_decode(text: &str) -> Option<String> {
    // `&` and `=` cannot stand in a form-encoded value: who sends them did not encode.
    if text.contains(['&', '=']) {
        return None;
    }
    let pair = format!("v={text}");
    let (_, value) = form_urlencoded::parse(pair.as_bytes()).next()?;
    Some(value.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn basic_credentials_are_form_decoded() {
        let header = format!("basic {}", STANDARD.encode("a%3Ab:p%2Bq+r%25"));
        assert_eq!(
            basic(&header).unwrap(),
            ("a:b".to_owned(), "p+q r%".to_owned())
        );
    }

    #[test]
    fn what_is_not_basic_is_none() {
        for header in ["Bearer abc", "Basic ???", "Basic", "Basic YWJj"] {
            assert_eq!(basic(header), None, "{header}");
        }
    }
}
