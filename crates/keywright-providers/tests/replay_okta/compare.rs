//! What was recorded next to what is sent and read.

use keywright_oauth::{
    error_response::ErrorResponse,
    register::{ClientInformation, RegistrationError},
    secret::ClientSecret,
    token::TokenError,
};
use keywright_providers::ProviderError;
use serde_json::{Map, Value};
use wiremock::Request;

use crate::{
    Outcome,
    org::{client_of, flat},
    support::Recording,
};

/// Members that a recorded request may have and ours does not: identity and secrets are Okta's to set.
pub(crate) const NOT_SENT: &[&str] = &[
    "client_secret",
    "client_id",
    "client_id_issued_at",
    "client_secret_expires_at",
];
/// Members that ours has and a recorded request may leave to Okta's defaults.
pub(crate) const ADDED: &[&str] = &[
    "application_type",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "client_id",
];

pub(crate) fn same_members(recording: &Recording, sent: &Request) -> Outcome {
    let wanted = flat(&recording.sent);
    let ours: Map<String, Value> = serde_json::from_slice(&sent.body).map_err(|e| e.to_string())?;
    for (name, value) in &wanted {
        if NOT_SENT.contains(&name.as_str()) || value.is_null() {
            continue;
        }
        if ours.get(name) != Some(value) {
            return Err(format!(
                "{name}: {value} was recorded, {:?} is sent",
                ours.get(name)
            ));
        }
    }
    for name in ours.keys() {
        if !wanted.contains_key(name) && !ADDED.contains(&name.as_str()) {
            return Err(format!("{name} is sent and was not recorded"));
        }
    }
    Ok(())
}

/// Ids, secret and the metadata that the rest of the program goes by are those of the answer.
pub(crate) fn same_client(recording: &Recording, got: &ClientInformation) -> Outcome {
    let answer = flat(&recording.answer);
    let known = client_of(recording);
    let id = answer
        .get("client_id")
        .and_then(Value::as_str)
        .unwrap_or(&known);
    if got.client_id != id {
        return Err(format!("client_id {}, not {id}", got.client_id));
    }
    let secret = answer.get("client_secret").and_then(Value::as_str);
    if let Some(secret) = secret
        && got.client_secret.as_ref().map(ClientSecret::expose) != Some(secret)
    {
        return Err("another secret".into());
    }
    for name in [
        "client_name",
        "application_type",
        "token_endpoint_auth_method",
        "grant_types",
        "redirect_uris",
        "response_types",
    ] {
        let told = answer.get(name).filter(|value| !value.is_null());
        if got.metadata.members().get(name) != told {
            return Err(format!(
                "{name}: {told:?} was answered, {:?} is read",
                got.metadata.members().get(name)
            ));
        }
    }
    Ok(())
}

/// The words of the answer, in the kind of error that a refusal of this status is.
pub(crate) fn refused(recording: &Recording, error: &ProviderError) -> Outcome {
    let body = recording.answer.to_string();
    let wanted = ErrorResponse::read(recording.status.unwrap_or_default(), body.as_bytes());
    let (words, about_us) = match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. }) => (words, false),
        ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        } => (words, true),
        other => return Err(format!("{other:?}")),
    };
    if *words != wanted {
        return Err(format!("{words:?} instead of {wanted:?}"));
    }
    // 401 speaks of the admin credential; anything else of the client.
    if about_us != (words.status == 401 || words.error.as_deref() == Some("E0000005")) {
        return Err(format!("the wrong kind of error: {error:?}"));
    }
    let text = recording.answer["errorSummary"]
        .as_str()
        .or(recording.answer["error_description"].as_str());
    if let Some(text) = text
        && !words
            .description
            .as_deref()
            .unwrap_or_default()
            .starts_with(text)
    {
        return Err(format!("Okta's words are lost: {words:?}"));
    }
    let reset = recording.headers.contains_key("x-rate-limit-reset");
    let paused = matches!(
        error,
        ProviderError::Registration(RegistrationError::Refused {
            retry_after: Some(_),
            ..
        })
    );
    if words.status == 429 && reset && !paused {
        return Err("the pause is lost".into());
    }
    Ok(())
}
