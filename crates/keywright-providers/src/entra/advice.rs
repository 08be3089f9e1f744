//! What to do about a refusal. Microsoft says that its numbers may change, so none decides what the
//! program does next but those of replication; here they only choose a sentence.

use keywright_oauth::error_response::ErrorResponse;

use super::messages::refusal;
use super::token;
use crate::message_code::MessageCode;

/// Numbers of the token endpoint (`AADSTS…`).
const STS: &[(i64, MessageCode)] = &[
    (7_000_215, refusal::WRONG_SECRET),
    (7_000_222, refusal::SECRET_EXPIRED),
    (700_027, refusal::CERTIFICATE_UNKNOWN),
    (700_024, refusal::ASSERTION_TIME),
    (700_016, refusal::APPLICATION_UNKNOWN),
    (7_000_112, refusal::APPLICATION_DISABLED),
    (90_002, refusal::TENANT_UNKNOWN),
    (900_144, refusal::FORM_NEEDED),
    (70_011, refusal::SCOPE_WRONG),
    (28_002, refusal::SCOPE_WRONG),
    (500_011, refusal::RESOURCE_UNKNOWN),
    (900_382, refusal::OTHER_CLOUD),
    (900_432, refusal::OTHER_CLOUD),
    (90_038, refusal::OTHER_CLOUD),
    (901_002, refusal::NO_RESOURCE_PARAMETER),
    (9_001_023, refusal::ONE_TENANT),
    (50_076, refusal::USER_NEEDED),
    (700_213, refusal::FEDERATION_UNKNOWN),
];

/// Codes of Graph, in front or in the details.
const GRAPH: &[(&str, MessageCode)] = &[
    ("Authorization_RequestDenied", refusal::PERMISSION_MISSING),
    ("InvalidAuthenticationToken", refusal::ADMIN_TOKEN_REFUSED),
    ("NoBackingApplicationObject", refusal::NOT_YET),
    ("Request_ResourceNotFound", refusal::NOT_THERE),
    (
        "CredentialTypeNotAllowedAsPerAppPolicy",
        refusal::SECRETS_FORBIDDEN,
    ),
    (
        "CredentialInvalidLifetimeAsPerAppPolicy",
        refusal::LIFETIME_CAPPED,
    ),
    ("Error_MsaAppDoesNotExist", refusal::NOT_YET),
];

pub(super) fn of(words: &ErrorResponse) -> Option<MessageCode> {
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
