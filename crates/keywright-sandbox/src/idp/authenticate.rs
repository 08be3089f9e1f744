//! Client authentication (RFC 6749 section 2.3.1), apart from the words of a refusal, which differ.

use std::time::Duration;

use axum::http::{HeaderMap, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::answer::Refusal;
use super::client_assertion::{Assertion, BadAssertion};
use super::form::Form;
use super::metadata::AuthMethod;
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::same_secret;
use crate::state::store::{Client, Lags, SecretMatch};

/// Credentials as presented.
pub(crate) struct Presented {
    pub(crate) id: String,
    /// None from a public client.
    pub(crate) secret: Option<String>,
    /// From a client that proves itself by a key.
    pub(crate) assertion: Option<Assertion>,
    /// The address that was asked, where that is known.
    pub(crate) endpoint: Option<String>,
    pub(crate) method: AuthMethod,
}

impl Presented {
    /// The same at this address.
    pub(crate) fn at(self, endpoint: String) -> Self {
        Self {
            endpoint: Some(endpoint),
            ..self
        }
    }
}

/// Why no credentials can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadCredentials {
    /// There are none.
    Missing,
    /// The header is no Basic header.
    Unreadable,
    /// The assertion cannot be read as a JWT with the claims that it needs.
    NoAssertion,
    /// They came in the header and in the body.
    TwoWays,
    /// Header and body name two clients.
    TwoClients,
}

/// Why a client is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unrecognised {
    /// No client has this id, or none yet.
    Unknown,
    /// The secret is not the client's, or not yet.
    WrongSecret,
    /// The secret was the client's.
    SecretOver,
    /// The assertion does not prove it.
    Assertion(BadAssertion),
}

/// The credentials of a request, in its header or in its body.
pub(crate) fn presented(headers: &HeaderMap, form: &Form) -> Result<Presented, BadCredentials> {
    let in_body = form.get("client_secret");
    if let Some(assertion) = Assertion::of(form) {
        let assertion = assertion.map_err(|error| {
            tracing::debug!(%error, "a client assertion cannot be read");
            BadCredentials::NoAssertion
        })?;
        if in_body.is_some() || headers.contains_key(header::AUTHORIZATION) {
            return Err(BadCredentials::TwoWays);
        }
        let id = form.get("client_id").unwrap_or(assertion.client_id());
        return Ok(Presented {
            id: id.to_owned(),
            secret: None,
            assertion: Some(assertion),
            endpoint: None,
            method: AuthMethod::PrivateKeyJwt,
        });
    }
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        let id = form.get("client_id").ok_or(BadCredentials::Missing)?;
        return Ok(Presented {
            id: id.to_owned(),
            secret: in_body.map(str::to_owned),
            assertion: None,
            endpoint: None,
            method: in_body.map_or(AuthMethod::None, |_| AuthMethod::ClientSecretPost),
        });
    };
    if in_body.is_some() {
        return Err(BadCredentials::TwoWays);
    }
    let (id, secret) = value
        .to_str()
        .ok()
        .and_then(basic)
        .ok_or(BadCredentials::Unreadable)?;
    if form.get("client_id").is_some_and(|other| other != id) {
        return Err(BadCredentials::TwoClients);
    }
    Ok(Presented {
        id,
        secret: Some(secret),
        assertion: None,
        endpoint: None,
        method: AuthMethod::ClientSecretBasic,
    })
}

/// The client that the credentials belong to. Whether it may present them in that way is the
/// caller's to check.
pub(crate) fn recognise(
    shared: &Shared,
    personality: Personality,
    presented: &Presented,
) -> Result<Client, Unrecognised> {
    let faults = shared.faults(personality);
    if faults.forget_clients {
        return Err(Unrecognised::Unknown);
    }
    let lags = Lags {
        new_client: Duration::from_millis(faults.replication_lag_ms.into()),
        ..personality.provider_behavior().lags(&faults)
    };
    let known = {
        let state = shared.state();
        let found = state
            .client(personality, &presented.id)
            .filter(|client| !client.is_replicating(lags.new_client));
        found.cloned().ok_or(Unrecognised::Unknown)?
    };
    let client = &known;
    if let Some(assertion) = &presented.assertion {
        let behavior = personality.provider_behavior();
        let rules = behavior.assertion_rules(shared, presented.endpoint.as_deref());
        return match assertion.check(shared, client, &rules) {
            Ok(()) => Ok(known),
            Err(why) => Err(Unrecognised::Assertion(why)),
        };
    }
    let fit = match &presented.secret {
        Some(secret) => client.fit(secret, shared.now(), &lags),
        // Auth0 makes a secret for a public client, too.
        None if client.metadata.token_endpoint_auth_method == AuthMethod::None => {
            SecretMatch::Right
        }
        None if client.secrets.is_empty() => SecretMatch::Right,
        None => SecretMatch::Wrong,
    };
    match fit {
        SecretMatch::Right if faults.secrets_over && presented.secret.is_some() => {
            Err(Unrecognised::SecretOver)
        }
        SecretMatch::Right => Ok(known),
        SecretMatch::Over => Err(Unrecognised::SecretOver),
        SecretMatch::Wrong => Err(Unrecognised::WrongSecret),
    }
}

/// The credentials are those of the personality's administrator.
pub(crate) fn is_admin(shared: &Shared, personality: Personality, presented: &Presented) -> bool {
    let secret = presented.secret.as_deref();
    shared.admins.of(personality).is_some_and(|admin| {
        admin.id == presented.id && secret.is_some_and(|s| same_secret(s, &admin.secret))
    })
}

/// The client that sent the request, in the way it is registered for.
pub(super) fn authenticate(
    shared: &Shared,
    personality: Personality,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Client, Refusal> {
    let presented = presented(headers, form)?;
    admit(shared, personality, &presented)
}

/// The same for a request at this path.
pub(super) fn authenticate_at(
    shared: &Shared,
    personality: Personality,
    uri: &Uri,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Client, Refusal> {
    let endpoint = format!("{}{}", shared.idp_origin(), uri.path());
    let presented = presented(headers, form)?.at(endpoint);
    admit(shared, personality, &presented)
}

fn admit(
    shared: &Shared,
    personality: Personality,
    presented: &Presented,
) -> Result<Client, Refusal> {
    recognise(shared, personality, presented)
        .ok()
        .filter(|client| client.metadata.token_endpoint_auth_method == presented.method)
        .ok_or(Refusal::InvalidClient)
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
