//! What to do about a refusal. Microsoft says that its numbers may change, so none decides what the
//! program does next but those of replication; here they only choose a sentence.

use keywright_oauth::words::ErrorResponse;

use super::token;

/// Numbers of the token endpoint (`AADSTS…`).
const STS: &[(i64, &str)] = &[
    (7_000_215, "entra_wrong_secret"),
    (7_000_222, "entra_secret_expired"),
    (700_027, "entra_certificate_unknown"),
    (700_024, "entra_assertion_time"),
    (700_016, "entra_application_unknown"),
    (7_000_112, "entra_application_disabled"),
    (90_002, "entra_tenant_unknown"),
    (900_144, "entra_form_needed"),
    (70_011, "entra_scope_wrong"),
    (28_002, "entra_scope_wrong"),
    (500_011, "entra_resource_unknown"),
    (900_382, "entra_other_cloud"),
    (900_432, "entra_other_cloud"),
    (90_038, "entra_other_cloud"),
    (901_002, "entra_no_resource_parameter"),
    (9_001_023, "entra_one_tenant"),
    (50_076, "entra_user_needed"),
    (700_213, "entra_federation_unknown"),
];

/// Codes of Graph, in front or in the details.
const GRAPH: &[(&str, &str)] = &[
    ("Authorization_RequestDenied", "entra_permission_missing"),
    ("InvalidAuthenticationToken", "entra_admin_token_refused"),
    ("NoBackingApplicationObject", "entra_not_yet"),
    ("Request_ResourceNotFound", "entra_not_there"),
    (
        "CredentialTypeNotAllowedAsPerAppPolicy",
        "entra_secrets_forbidden",
    ),
    (
        "CredentialInvalidLifetimeAsPerAppPolicy",
        "entra_lifetime_capped",
    ),
    ("Error_MsaAppDoesNotExist", "entra_not_yet"),
];

pub(super) fn of(words: &ErrorResponse) -> Option<&'static str> {
    let codes = token::codes(words);
    let sts = STS
        .iter()
        .find(|(code, _)| codes.contains(code))
        .map(|(_, advice)| *advice);
    let said = |code: &str| {
        words.error.as_deref() == Some(code) || words.details.iter().any(|detail| detail == code)
    };
    sts.or_else(|| {
        GRAPH
            .iter()
            .find(|(code, _)| said(code))
            .map(|(_, advice)| *advice)
    })
}
