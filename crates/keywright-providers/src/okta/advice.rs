//! What to do about Okta's own codes.

use super::messages::advice;
use crate::message_code::MessageCode;
use keywright_oauth::error_response::ErrorResponse;

/// The key of the advice for a refusal in Okta's words, from either of its envelopes.
pub(crate) fn advice(words: &ErrorResponse) -> Option<MessageCode> {
    let said = words
        .description
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    let says = |part: &str| said.contains(part);
    match words.error.as_deref()? {
        "E0000001" if says("maximum number of client secrets") => Some(advice::SECRETS_FULL),
        "E0000001" | "E0000003" | "invalid_client_metadata" | "invalid_redirect_uri" => {
            Some(advice::METADATA)
        }
        "E0000004" | "E0000011" => Some(advice::TOKEN_INVALID),
        "E0000005" => Some(advice::TOKEN_MISSING),
        "E0000006" => Some(advice::PERMISSION),
        "E0000007" => Some(advice::NOT_FOUND),
        "E0000009" => Some(advice::INTERNAL),
        "E0000015" => Some(advice::FEATURE),
        "E0000047" => Some(advice::RATE),
        "E0000056" => Some(advice::DEACTIVATE),
        "invalid_scope" if says("openid") => Some(advice::OPENID),
        "invalid_scope" if says("must be provided") || says("default scope") => {
            Some(advice::SCOPE_MISSING)
        }
        "invalid_scope" => Some(advice::SCOPE_UNKNOWN),
        "access_denied" if says("network zone") => Some(advice::ZONE),
        "access_denied" if says("scope") => Some(advice::SCOPE_DENIED),
        // A user who declines is refused under the same code.
        "access_denied" if says("resource owner") => None,
        "access_denied" => Some(advice::POLICY),
        "unauthorized_client" => Some(advice::GRANT_OFF),
        "unsupported_grant_type" => Some(advice::CUSTOM_SERVER),
        "invalid_client" if says("jwt kid") => Some(advice::KEY_ID),
        "invalid_client" if says("private_key_jwt") => Some(advice::ORG_SERVER),
        "invalid_client" => Some(advice::CLIENT_UNKNOWN),
        "invalid_dpop_proof" | "use_dpop_nonce" => Some(advice::DPOP),
        "invalid_request" if says("multiple client credentials") => Some(advice::TWO_CREDENTIALS),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_own_advice() {
        let cases = [
            ("E0000011", "Invalid token provided", "okta_token_invalid"),
            ("E0000005", "Invalid session", "okta_token_missing"),
            ("E0000006", "You don't have permission", "okta_permission"),
            (
                "invalid_client_metadata",
                "`client_name`: The field can't be left blank.",
                "okta_metadata",
            ),
            (
                "E0000001",
                "Api validation failed: OAuth2ClientSecretMediated You've reached the maximum number of client secrets per client.",
                "okta_secrets_full",
            ),
            (
                "invalid_client",
                "The client_assertion JWT kid is invalid.",
                "okta_key_id",
            ),
            (
                "invalid_scope",
                "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
                "okta_scope_missing",
            ),
            (
                "invalid_scope",
                "Cannot request 'openid' scopes using client credentials",
                "okta_openid",
            ),
            (
                "invalid_scope",
                "One or more scopes are not configured for the authorization server resource.",
                "okta_scope_unknown",
            ),
            (
                "access_denied",
                "Policy evaluation failed for this request, please check the policy configurations.",
                "okta_policy",
            ),
            (
                "access_denied",
                "Policy evaluation succeeded, but all the requested scopes were rejected.",
                "okta_scope_denied",
            ),
            (
                "access_denied",
                "The request is made from outside the client's permitted network zones.",
                "okta_zone",
            ),
            (
                "invalid_client",
                "Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.",
                "okta_org_server",
            ),
            (
                "invalid_client",
                "No client credentials found",
                "okta_client_unknown",
            ),
            ("unauthorized_client", "", "okta_grant_off"),
            ("unsupported_grant_type", "", "okta_custom_server"),
            ("use_dpop_nonce", "", "okta_dpop"),
            (
                "invalid_request",
                "Can't supply multiple client credentials.",
                "okta_two_credentials",
            ),
        ];
        for (code, said, key) in cases {
            let words = ErrorResponse {
                status: 400,
                error: Some(code.into()),
                description: Some(said.into()),
                ..ErrorResponse::default()
            };
            assert_eq!(
                advice(&words).map(crate::MessageCode::as_str),
                Some(key),
                "{code}: {said}"
            );
        }
    }
}
