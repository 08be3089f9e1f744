//! What an answer must have come to.

use keywright_oauth::{
    error_response::ErrorResponse,
    register::{ClientInformation, RegistrationError},
    token::TokenError,
};
use keywright_providers::ProviderError;
use serde_json::Value;

use crate::support::Recording;

/// Nothing, or what is wrong.
pub type Told = Result<(), String>;

pub fn succeeded(recording: &Recording) -> bool {
    recording.status.is_none_or(|status| status < 300)
}

/// A recorded success must be one here; a recorded refusal must be one of the right kind, in its words.
pub fn told<T: std::fmt::Debug>(
    recording: &Recording,
    outcome: Result<T, ProviderError>,
    check: impl FnOnce(T) -> Told,
) -> Told {
    match (succeeded(recording), outcome) {
        (true, Ok(value)) => check(value),
        (true, Err(error)) => Err(format!("{error}: {error:?}")),
        (false, Ok(value)) => Err(format!("a refusal was taken for {value:?}")),
        (false, Err(error)) => refusal(recording, &error),
    }
}

fn refusal(recording: &Recording, error: &ProviderError) -> Told {
    let of_admin = recording.status == Some(401)
        || recording.answer["errorCode"].as_str() == Some("insufficient_scope");
    match error {
        ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        } if of_admin => same_words(recording, words),
        ProviderError::Registration(error @ RegistrationError::Refused { words, .. })
            if !of_admin =>
        {
            if error.outcome_unknown() != matches!(words.status, 408 | 499 | 500..) {
                return Err("whether it took effect is told wrong".into());
            }
            if recording.status == Some(404) && !error.is_unknown_client() {
                return Err("a client that is gone is not told".into());
            }
            same_words(recording, words)
        }
        other => Err(format!("the wrong kind: {other:?}")),
    }
}

pub fn same_words(recording: &Recording, words: &ErrorResponse) -> Told {
    let text = |names: &[&str]| {
        let found = names
            .iter()
            .find_map(|name| recording.answer[*name].as_str());
        found.unwrap_or_default().to_owned()
    };
    if Some(words.status) != recording.status {
        return Err(format!("status {}", words.status));
    }
    same(
        "error",
        words.error.as_deref().unwrap_or_default(),
        &text(&["errorCode", "error"]),
    )?;
    let said = text(&["error_description", "message"]);
    same(
        "description",
        words.description.as_deref().unwrap_or_default(),
        &said,
    )
}

pub fn same_client(recording: &Recording, read: &ClientInformation) -> Told {
    let answer = &recording.answer;
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    // An answer of chosen fields may leave the id out.
    if answer["client_id"].is_string() {
        same("client_id", &read.client_id, text("client_id"))?;
    }
    same(
        "name",
        &read.metadata.client_name().unwrap_or_default(),
        text("name"),
    )?;
    let secret = read
        .client_secret
        .as_ref()
        .map_or("", |secret| secret.expose());
    same("client_secret", secret, text("client_secret"))?;
    let grants = read.metadata.grant_types().unwrap_or_default().join(" ");
    same("grant_types", &grants, &joined(&answer["grant_types"]))?;
    let redirects = read.metadata.redirect_uris().unwrap_or_default().join(" ");
    same("callbacks", &redirects, &joined(&answer["callbacks"]))?;
    let method = read.metadata.token_endpoint_auth_method();
    let by_key = answer["client_authentication_methods"].as_object();
    let recorded = answer["token_endpoint_auth_method"]
        .as_str()
        .or_else(|| by_key?.keys().next().map(String::as_str));
    same(
        "method",
        method.as_deref().unwrap_or_default(),
        recorded.unwrap_or_default(),
    )?;
    if read
        .metadata
        .to_value()
        .to_string()
        .contains("signing_keys")
    {
        return Err("the tenant's signing keys were kept".into());
    }
    Ok(())
}

pub fn same_grant(recording: &Recording, made: &ClientInformation) -> Told {
    let id = recording.answer["id"].as_str().unwrap_or_default();
    same("grant", &made.handles["auth0_grant_id"], id)?;
    let scope = made.metadata.scopes().unwrap_or_default().join(" ");
    same("scope", &scope, &joined(&recording.answer["scope"]))
}

pub fn same(what: &str, ours: &str, theirs: &str) -> Told {
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("{what} is “{ours}”, recorded is “{theirs}”"))
    }
}

pub fn joined(list: &Value) -> String {
    let items = list.as_array().into_iter().flatten();
    let texts: Vec<&str> = items.filter_map(Value::as_str).collect();
    texts.join(" ")
}
