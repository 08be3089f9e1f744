//! Which sentence says what to do next.

use keywright_oauth::{
    discover,
    error_response::{BodyForm, ErrorResponse},
};
use keywright_providers::{Capability, ProviderKind};

use super::{
    Operation,
    code::{ErrorCode, FailureCode},
    message_args::MessageArgs,
    sign_in::Awaited,
    subject::Subject,
    wording::Wording,
};
use crate::i18n::key::{Family, Key, MessageKey};

/// Codes of OAuth that have a hint of their own: RFC 6749 §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707 §2,
/// RFC 7009 §2.2.1, RFC 9449 §5, RFC 9396 §5, RFC 8628 §3.5.
pub(crate) const OAUTH: &[&str] = &[
    "access_denied",
    "expired_token",
    "insufficient_scope",
    "invalid_authorization_details",
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
pub(super) fn advice_key(seen: &MessageArgs) -> Option<MessageKey> {
    let key = keywright_providers::advice(seen.kind?, seen.words.as_ref()?)?;
    Some(Family::Advice.key(key))
}

/// Keys of the hints that fit, the closest first. One whose blanks cannot be filled is passed over.
pub(super) fn hint_keys(code: ErrorCode, seen: &MessageArgs) -> Vec<MessageKey> {
    let mut keys = Vec::new();
    // What a user refuses has words of its own, below.
    let words = seen
        .words
        .as_ref()
        .filter(|_| !code.as_str().starts_with("sign_in"));
    if let Some(words) = words {
        keys.extend(for_words(words, seen));
    }
    if let (ErrorCode::Failure(code), None) = (code, seen.wording) {
        keys.extend(for_failure(code, seen));
    }
    if !seen.nearest.is_empty() {
        keys.push(Key::HintDidYouMean.into());
    }
    let hint = Family::ErrorHint.key(seen.wording.map_or(code.as_str(), Wording::as_str));
    let plain = hint.plain();
    keys.extend([hint, plain]);
    keys
}

/// Closer hints than that of the code.
fn for_failure(code: FailureCode, seen: &MessageArgs) -> Vec<MessageKey> {
    let mut keys: Vec<MessageKey> = Vec::new();
    let subject = seen.subject.map(Subject::as_str);
    match code {
        FailureCode::NotCapable if !seen.endpoint.is_empty() => {
            keys.extend(subject.map(|subject| Family::HintNoEndpoint.key(subject)));
            keys.push(Key::HintNoEndpoint.into());
        }
        FailureCode::NotCapable => {
            keys.extend(subject.map(|subject| Family::HintNotCapable.key(subject)));
        }
        FailureCode::NotFound => {
            keys.push(Family::ErrorHint.key(code.as_str()));
            keys.extend(subject.map(|subject| Family::HintNotFound.key(subject)));
        }
        FailureCode::PlainHttp if is_managing(seen.doing) => {
            keys.push(Key::HintPlainHttpManage.into());
        }
        FailureCode::PlainHttp if seen.doing == Some(Operation::Register) => {
            keys.push(Key::HintPlainHttpRegister.into());
        }
        FailureCode::PlainHttp if seen.doing == Some(Operation::Token) => {
            keys.push(Key::HintPlainHttpToken.into());
        }
        FailureCode::File => keys.extend(
            seen.file_problem
                .map(|key| Family::HintIo.key(key.as_str())),
        ),
        FailureCode::InvalidIssuer => keys.push(Key::HintDidYouMean.into()),
        FailureCode::IssuerMismatch if discover::issuer_of(&seen.detail).is_err() => {
            keys.push(Key::HintIssuerNoAddress.into());
        }
        FailureCode::NotBearer if names_no_access_token(seen) => {
            keys.push(Key::ErrorNotBearerHintNA.into());
        }
        FailureCode::SignInIdToken => keys.extend(seen.closer_hint.map(MessageKey::from)),
        FailureCode::NameTaken => {
            keys.extend(subject.map(|subject| Family::HintNameTaken.key(subject)));
        }
        FailureCode::NoSecret => {
            keys.extend(subject.map(|subject| Family::HintNoSecret.key(subject)));
        }
        FailureCode::SignInTimedOut => match seen.awaited {
            Some(Awaited::BrowserForResource) => {
                keys.push(Key::HintSignInTimedOutResource.into());
            }
            Some(Awaited::BrowserAtOtherPort) => {
                keys.push(Key::HintSignInTimedOutPort.into());
            }
            Some(Awaited::Device) => keys.push(Key::HintSignInTimedOutDevice.into()),
            Some(Awaited::Browser) | None => {}
        },
        FailureCode::SignInRefused => keys.extend(refused_sign_in(seen)),
        _ => {}
    }
    keys
}

/// The registration came with nothing that manages it, and the initial access token of the configuration might.
pub(super) fn may_manage_as_administrator(seen: &MessageArgs) -> bool {
    let is_managed = matches!(
        seen.subject,
        Some(Subject::Capability(
            Capability::Read | Capability::Update | Capability::Rotate | Capability::Delete
        ))
    );
    is_managed
        && seen.kind == Some(ProviderKind::Rfc7591)
        && seen
            .reason
            .iter()
            .any(|key| *key == Family::Reason.key("per_registration"))
        && !seen.lacks_initial_token
        && !seen.manages_as_administrator
}

/// The type of a token that is not an access token (RFC 8693 §2.2.1).
pub(super) fn names_no_access_token(seen: &MessageArgs) -> bool {
    seen.detail.eq_ignore_ascii_case("n_a")
}

/// The hint for the error of an authorization answer (RFC 6749 §4.1.2.1, RFC 8707 §2) that agreeing does not change.
fn refused_sign_in(seen: &MessageArgs) -> Option<MessageKey> {
    let error = seen.words.as_ref()?.error.as_deref()?;
    match error {
        "invalid_target" => Some(Key::HintSignInInvalidTarget.into()),
        "invalid_scope" if seen.asks_no_scope => Some(Key::HintInvalidScopeNeeded.into()),
        "invalid_scope" => Some(Key::HintSignInInvalidScope.into()),
        "invalid_authorization_details" | "server_error" | "temporarily_unavailable" => {
            Some(Family::Hint.key(error))
        }
        _ => None,
    }
}

/// What a sign-in was refused for, in words: servers say it with the code of any request.
fn meant_at_sign_in(words: &ErrorResponse) -> Option<MessageKey> {
    let said = words.description.as_deref().unwrap_or_default();
    let said = said.to_ascii_lowercase().replace([' ', '-'], "_");
    let says = |all: &[&str]| all.iter().any(|one| said.contains(one));
    if says(&["redirect_uri", "redirecturi"]) {
        Some(Key::HintRedirectUriSignIn.into())
    } else if says(&["authorization_code"]) && says(&["expired", "revoked", "already", "used"]) {
        Some(Key::HintInvalidGrantSignIn.into())
    } else {
        None
    }
}

/// What is asked at an address of the metadata or of the configuration, which may be wrong.
fn is_asked_at_an_endpoint(doing: Option<Operation>) -> bool {
    matches!(
        doing,
        Some(Operation::Discover | Operation::Register | Operation::Token)
    )
}

/// A client that exists is read or changed.
fn is_managing(doing: Option<Operation>) -> bool {
    matches!(
        doing,
        Some(
            Operation::Read
                | Operation::Update
                | Operation::Rotate
                | Operation::Delete
                | Operation::CleanUp
        )
    )
}

/// The server says that whoever registers must be known to it (RFC 7591 §3); not every one says so with 401.
fn wants_initial_token(words: &ErrorResponse) -> bool {
    let said = words.description.as_deref().unwrap_or_default();
    let said = said.to_ascii_lowercase().replace('_', " ");
    [
        "initial access token",
        "authenticated registration",
        "unauthenticated registration",
        "unauthenticated client registration",
        "unauthenticated dynamic client registration",
        "registration requires authentication",
    ]
    .iter()
    .any(|words| said.contains(words))
}

/// What a code of OAuth means where clients are registered.
fn of_registration(code: &str, seen: &MessageArgs) -> Vec<MessageKey> {
    let is_standard = seen.kind.is_some_and(ProviderKind::is_standard);
    let mut keys: Vec<MessageKey> = Vec::new();
    // A token that was not sent was not refused.
    if code == "invalid_token" && seen.lacks_initial_token && is_standard {
        keys.push(Key::HintRegister401.into());
    }
    // The same for a scope.
    if code == "insufficient_scope" && seen.lacks_initial_token {
        keys.push(Key::HintRegister403.into());
    }
    // Authlib answers so to every registration without a token that it knows.
    if code == "access_denied" && is_standard {
        keys.push(if seen.lacks_initial_token {
            Key::HintRegisterDenied.into()
        } else {
            Key::HintRegisterDeniedToken.into()
        });
    }
    keys.push(Family::Hint.key(format!("{code}_register")));
    keys
}

/// A provider's refusal has a hint for its own code or status, where one is known.
fn for_words(words: &ErrorResponse, seen: &MessageArgs) -> Vec<MessageKey> {
    if words.status == 429 {
        return vec![Key::Hint429Wait.into(), Key::Hint429.into()];
    }
    if words.wants_tls() {
        return vec![Key::HintWantsTls.into()];
    }
    let managing = is_managing(seen.doing);
    let registering = seen.doing == Some(Operation::Register);
    let mut keys: Vec<MessageKey> = Vec::new();
    match words.status {
        409 if registering => keys.push(Key::HintRegister409.into()),
        415 if registering => keys.push(Key::HintRegister415.into()),
        _ => {}
    }
    // The server has the client, and not this operation.
    if managing && words.lacks_method() {
        let doing = seen.doing.map_or("", Operation::as_str);
        keys.push(Family::HintNotCapable.key(doing));
    }
    if managing && seen.manages_as_administrator && matches!(words.status, 401 | 403) {
        keys.push(Key::HintManage401Administrator.into());
    }
    if seen.doing == Some(Operation::Token) && words.lacks_user() {
        keys.push(Key::HintTokenLacksUser.into());
    }
    if seen.doing == Some(Operation::Token) && words.lacks_audience() {
        keys.push(Key::HintTokenLacksAudience.into());
    }
    if seen.scopes.is_some() {
        keys.extend([Key::HintOtherScopes.into(), Key::HintNoScopes.into()]);
    }
    if registering
        && seen.lacks_initial_token
        && seen.kind.is_some_and(ProviderKind::is_standard)
        && wants_initial_token(words)
    {
        keys.push(Key::HintRegister401.into());
    }
    if let Some(code) = words.oauth_code().filter(|code| OAUTH.contains(code)) {
        // The same code is about another token where clients are registered, and where they are managed.
        if registering {
            keys.extend(of_registration(code, seen));
        } else if managing {
            if code == "access_denied" {
                keys.push(Key::HintManage401.into());
            }
            keys.push(Family::Hint.key(format!("{code}_manage")));
        }
        match seen.doing {
            Some(Operation::Token) if words.lacks_grant() => {
                keys.push(Family::Hint.key("unsupported_grant_type"));
            }
            Some(Operation::SignIn) => {
                keys.extend(meant_at_sign_in(words));
                keys.push(Family::Hint.key(format!("{code}_sign_in")));
            }
            // The endpoint wants `openid` (OpenID Connect Core §5.3.1), not fewer scopes. A scope that it names is closer.
            Some(Operation::Userinfo) if code == "invalid_scope" => {
                keys.push(Key::HintUserinfoScope.into());
            }
            Some(Operation::Userinfo) if code == "insufficient_scope" => keys.extend([
                Key::HintInsufficientScope.into(),
                Key::HintUserinfoScope.into(),
            ]),
            _ => {}
        }
        if seen.is_fixed {
            keys.push(Family::Hint.key(format!("{code}_fixed")));
        }
        if code == "invalid_scope" && seen.asks_no_scope {
            keys.push(Key::HintInvalidScopeNeeded.into());
        }
        // Another encoding would send the same.
        if code == "invalid_client" && seen.is_encoded_alike {
            keys.push(Key::HintInvalidClientAlike.into());
        }
        keys.push(Family::Hint.key(code));
        keys.push(Family::Hint.key(format!("{code}_plain")));
    }
    match words.status {
        500.. => keys.push(Key::Hint5xx.into()),
        // A server answers with its own page for an address that it does not have.
        404 | 405 | 410 if is_asked_at_an_endpoint(seen.doing) => {}
        _ if words.form == BodyForm::Page => keys.push(Key::HintPage.into()),
        _ => {}
    }
    // Bare text is what a firewall answers; an OAuth server writes a document.
    if registering && words.status == 403 && words.form == BodyForm::Text {
        keys.push(Key::HintRegister403Text.into());
    }
    match words.status {
        401 if registering => keys.push(Key::HintRegister401.into()),
        403 if registering => keys.push(Key::HintRegister403.into()),
        404 | 405 | 410 if registering => keys.push(Key::HintRegister404.into()),
        401 | 403 | 404 | 410 if managing => keys.push(Key::HintManage401.into()),
        404 | 405 if seen.doing == Some(Operation::Token) => keys.push(Key::HintToken404.into()),
        _ => {}
    }
    keys
}
