//! What a refused management request says about whether its client still exists.

use keywright_oauth::{error_response::ErrorResponse, register::RegistrationError};

use crate::ProviderError;

/// What a refusal says about whether the client still exists. None of them is a proof where a client
/// secret is at hand: a token request can confirm or contradict it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionEvidence {
    /// The refusal is about something else: a permission, the administrator, the content, the rate.
    None,
    /// The registration access token or the address was refused. RFC 7592 section 2 answers a client that
    /// does not exist the same way.
    Possible,
    /// The provider names the client as one that does not exist, in its own form of error.
    Stated,
}

/// RFC 7592 section 2: 401 for a client that does not exist and for a registration access token that is
/// not valid. A 404 or 410 is the server's own only with an error code about the client or its token; any
/// gateway answers 404 for an address that it does not know.
pub(crate) fn of_rfc7592(words: &ErrorResponse) -> DeletionEvidence {
    match words.status {
        _ if words.lacks_method() => DeletionEvidence::None,
        404 | 410 if words.error.as_deref().is_some_and(is_about_a_client) => {
            DeletionEvidence::Stated
        }
        401 | 404 | 410 => DeletionEvidence::Possible,
        _ => DeletionEvidence::None,
    }
}

fn is_about_a_client(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    code == "invalid_token" || (code.contains("client") && !code.contains(' '))
}

/// The words of a refused management request; a refused administrator says nothing about the client.
pub(crate) fn words(error: &ProviderError) -> Option<&ErrorResponse> {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. }) => Some(words),
        _ => None,
    }
}

/// 404 or 410 with one of the vendor's own codes.
pub(crate) fn with_code(words: &ErrorResponse, codes: &[&str]) -> DeletionEvidence {
    let known = words
        .error
        .as_deref()
        .is_some_and(|code| codes.contains(&code));
    match words.status {
        404 | 410 if known => DeletionEvidence::Stated,
        _ => DeletionEvidence::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(status: u16, body: &str) -> DeletionEvidence {
        of_rfc7592(&ErrorResponse::read(status, body.as_bytes()))
    }

    #[test]
    fn f20_only_an_error_about_the_client_states_that_it_is_gone() {
        for body in [
            r#"{"error":"invalid_token"}"#,
            r#"{"error":"invalid_client","error_description":"no such client"}"#,
            r#"{"error":"client_not_found"}"#,
        ] {
            assert_eq!(evidence(404, body), DeletionEvidence::Stated, "{body}");
            assert_eq!(evidence(410, body), DeletionEvidence::Stated, "{body}");
        }
    }

    #[test]
    fn f20_a_404_of_a_gateway_states_nothing() {
        for body in [
            "",
            r#"{"message":"no Route matched with those values"}"#,
            r#"{"timestamp":"2026-11-29","status":404,"error":"Not Found","path":"/reg/1"}"#,
            r#"{"error":"no_route"}"#,
            "<html><title>404 Not Found</title></html>",
            "default backend - 404",
        ] {
            assert_eq!(evidence(404, body), DeletionEvidence::Possible, "{body}");
        }
    }

    #[test]
    fn f20_an_operation_that_is_not_offered_states_nothing() {
        let body = r#"{"error":"invalid_request","error_description":"unrecognized route or not allowed method (DELETE on /reg/1)"}"#;
        assert_eq!(evidence(404, body), DeletionEvidence::None);
    }

    #[test]
    fn f20_a_401_is_possible_whatever_it_says() {
        for body in [
            "",
            r#"{"error":"invalid_token"}"#,
            r#"{"error":"invalid_client"}"#,
        ] {
            assert_eq!(evidence(401, body), DeletionEvidence::Possible, "{body}");
        }
        for status in [200, 302, 400, 403, 405, 429, 500, 503] {
            assert_eq!(
                evidence(status, r#"{"error":"invalid_token"}"#),
                DeletionEvidence::None
            );
        }
    }
}
