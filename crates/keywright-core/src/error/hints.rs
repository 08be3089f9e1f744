//! Which sentence says what to do next.

use keywright_oauth::words::{BodyForm, ErrorResponse};
use keywright_providers::ProviderKind;

use super::{Operation, message_args::MessageArgs};

/// Codes of OAuth that have a hint of their own: RFC 6749 §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707 §2,
/// RFC 7009 §2.2.1, RFC 9449 §5.
const OAUTH: &[&str] = &[
    "access_denied",
    "insufficient_scope",
    "invalid_client",
    "invalid_client_metadata",
    "invalid_dpop_proof",
    "invalid_grant",
    "invalid_redirect_uri",
    "invalid_request",
    "invalid_scope",
    "invalid_software_statement",
    "invalid_target",
    "invalid_token",
    "server_error",
    "temporarily_unavailable",
    "unapproved_software_statement",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_token_type",
    "use_dpop_nonce",
];

/// The advice for a vendor's own code, where it has one.
pub(super) fn advice_key(seen: &MessageArgs) -> Option<String> {
    let key = keywright_providers::advice(seen.kind?, seen.words.as_ref()?)?;
    Some(format!("advice.{key}"))
}

/// Keys of the hints that fit, the closest first. One whose blanks cannot be filled is passed over.
pub(super) fn hint_keys(code: &str, seen: &MessageArgs) -> Vec<String> {
    let mut keys = Vec::new();
    if let Some(words) = seen.words.as_ref().filter(|_| !code.starts_with("sign_in")) {
        keys.extend(for_words(words, seen));
    }
    let after = format!("error.{code}.hint");
    match code {
        "not_capable" => keys.push(format!("hint.not_capable_{}", seen.what)),
        "not_found" => keys.extend([after.clone(), format!("hint.not_found_{}", seen.what)]),
        // Only these two can be set in a configuration.
        "endpoint_unreadable"
            if !matches!(&*seen.what, "registration_endpoint" | "token_endpoint") =>
        {
            keys.push("hint.endpoint_of_the_server".into());
        }
        "invalid_issuer" => keys.push("hint.invalid_issuer_instead".into()),
        "no_secret" => keys.push(format!("hint.no_secret_{}", seen.what)),
        "sign_in_refused" => keys.extend(refused_sign_in(seen)),
        _ => {}
    }
    keys.push(after);
    keys.push(format!("error.{code}.hint_plain"));
    keys
}

/// The hint for the error of an authorization answer (RFC 6749 §4.1.2.1, RFC 8707 §2) that agreeing does not change.
fn refused_sign_in(seen: &MessageArgs) -> Option<String> {
    let error = seen.words.as_ref()?.error.as_deref()?;
    match error {
        "invalid_target" | "invalid_scope" => Some(format!("hint.sign_in_{error}")),
        "server_error" | "temporarily_unavailable" => Some(format!("hint.{error}")),
        _ => None,
    }
}

/// A provider's refusal has a hint for its own code or status, where one is known.
fn for_words(words: &ErrorResponse, seen: &MessageArgs) -> Vec<String> {
    if words.status == 429 {
        return vec!["hint.429_wait".into(), "hint.429".into()];
    }
    let managing = matches!(
        seen.doing,
        Some(
            Operation::Read
                | Operation::Update
                | Operation::Rotate
                | Operation::Delete
                | Operation::CleanUp
        )
    );
    let registering = seen.doing == Some(Operation::Register);
    let mut keys = Vec::new();
    if let Some(code) = words.error.as_deref().filter(|code| OAUTH.contains(code)) {
        // The same code is about another token where clients are registered, and where they are managed.
        if registering {
            // A token that was not sent was not refused.
            if code == "invalid_token"
                && seen.lacks_initial_token
                && seen.kind == Some(ProviderKind::Rfc7591)
            {
                keys.push("hint.register_401".into());
            }
            keys.push(format!("hint.{code}_register"));
        } else if managing {
            keys.push(format!("hint.{code}_manage"));
        }
        if seen.doing == Some(Operation::SignIn) {
            keys.push(format!("hint.{code}_sign_in"));
        }
        if seen.is_fixed {
            keys.push(format!("hint.{code}_fixed"));
        }
        // Another encoding would send the same.
        if code == "invalid_client" && seen.is_encoded_alike {
            keys.push("hint.invalid_client_alike".into());
        }
        keys.push(format!("hint.{code}"));
        keys.push(format!("hint.{code}_plain"));
    }
    match words.status {
        500.. => keys.push("hint.5xx".into()),
        _ if words.form == BodyForm::Page => keys.push("hint.page".into()),
        _ => {}
    }
    match words.status {
        status @ (401 | 403 | 404) if registering => keys.push(format!("hint.register_{status}")),
        401 | 403 | 404 | 410 if managing => keys.push("hint.manage_401".into()),
        404 | 405 if seen.doing == Some(Operation::Token) => keys.push("hint.token_404".into()),
        _ => {}
    }
    keys
}
