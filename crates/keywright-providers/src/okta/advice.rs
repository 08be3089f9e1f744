//! What to do about Okta's own codes.

use keywright_oauth::words::ErrorResponse;

/// The key of the advice for a refusal in Okta's words, from either of its envelopes.
pub(crate) fn advice(words: &ErrorResponse) -> Option<&'static str> {
    let said = words
        .description
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    let says = |part: &str| said.contains(part);
    match words.error.as_deref()? {
        "E0000001" if says("maximum number of client secrets") => Some("okta_secrets_full"),
        "E0000001" | "E0000003" | "invalid_client_metadata" | "invalid_redirect_uri" => {
            Some("okta_metadata")
        }
        "E0000004" | "E0000011" => Some("okta_token_invalid"),
        "E0000005" => Some("okta_token_missing"),
        "E0000006" => Some("okta_permission"),
        "E0000007" => Some("okta_not_found"),
        "E0000009" => Some("okta_internal"),
        "E0000015" => Some("okta_feature"),
        "E0000047" => Some("okta_rate"),
        "E0000056" => Some("okta_deactivate"),
        "invalid_scope" if says("openid") => Some("okta_openid"),
        "invalid_scope" if says("must be provided") || says("default scope") => {
            Some("okta_scope_missing")
        }
        "invalid_scope" => Some("okta_scope_unknown"),
        "access_denied" if says("network zone") => Some("okta_zone"),
        "access_denied" if says("scope") => Some("okta_scope_denied"),
        // A user who declines is refused under the same code.
        "access_denied" if says("resource owner") => None,
        "access_denied" => Some("okta_policy"),
        "unauthorized_client" => Some("okta_grant_off"),
        "unsupported_grant_type" => Some("okta_custom_server"),
        "invalid_client" if says("jwt kid") => Some("okta_key_id"),
        "invalid_client" if says("private_key_jwt") => Some("okta_org_server"),
        "invalid_client" => Some("okta_client_unknown"),
        "invalid_dpop_proof" | "use_dpop_nonce" => Some("okta_dpop"),
        "invalid_request" if says("multiple client credentials") => Some("okta_two_credentials"),
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
            assert_eq!(advice(&words), Some(key), "{code}: {said}");
        }
    }
}
