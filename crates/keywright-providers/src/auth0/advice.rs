//! What to do about Auth0's own codes.

use keywright_oauth::words::ErrorResponse;

/// The key of the advice for its words.
pub(crate) fn advice(words: &ErrorResponse) -> Option<&'static str> {
    let said = words.description.as_deref().unwrap_or_default();
    let says = |part: &str| said.to_ascii_lowercase().contains(part);
    match (words.status, words.error.as_deref().unwrap_or_default()) {
        // Features of a higher plan are refused under the same code as permissions.
        (403, "insufficient_scope") if says("subscription") => Some("auth0_plan"),
        (403, "insufficient_scope") => Some("auth0_scope"),
        (403, "insufficient_entitlement" | "feature_not_enabled") => Some("auth0_plan"),
        (403, "too_many_entities") => Some("auth0_entities"),
        (401, "access_denied" | "invalid_client") => Some("auth0_secret"),
        (_, "access_denied") if says("service not found") => Some("auth0_api_unknown"),
        (_, "access_denied" | "unauthorized_client")
            if says("client-grant") || says("not authorized to access") =>
        {
            Some("auth0_client_grant")
        }
        (_, "unauthorized_client") if says("grant type") => Some("auth0_grant_type"),
        (429, _) if says("quota") => Some("auth0_quota"),
        (429, _) => Some("auth0_rate"),
        (404, "inexistent_client") => Some("auth0_gone"),
        (404, "inexistent_client_grant") => Some("auth0_grant_gone"),
        (400, "invalid_body" | "validation_error") => Some("auth0_body"),
        (400..=404, _) if says("dynamic client registration") => Some("auth0_open_off"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_advice() {
        let cases = [
            (
                403,
                "insufficient_scope",
                "Insufficient scope, expected any of: create:clients",
                "auth0_scope",
            ),
            (
                403,
                "insufficient_scope",
                "Please upgrade your subscription to enable Akamai Signals.",
                "auth0_plan",
            ),
            (
                403,
                "feature_not_enabled",
                "Please upgrade your subscription to use consent_policy.",
                "auth0_plan",
            ),
            (
                403,
                "too_many_entities",
                "You reached the limit of entities of this type",
                "auth0_entities",
            ),
            (401, "access_denied", "Unauthorized", "auth0_secret"),
            (
                403,
                "access_denied",
                "Service not found: https://nowhere.example",
                "auth0_api_unknown",
            ),
            (
                403,
                "access_denied",
                "Client is not authorized to access \"https://a\". You might probably want to create a \"client-grant\" associated to this API.",
                "auth0_client_grant",
            ),
            (
                403,
                "unauthorized_client",
                "Grant type 'client_credentials' not allowed for the client.",
                "auth0_grant_type",
            ),
            (
                429,
                "too_many_requests",
                "Client quota exceeded",
                "auth0_quota",
            ),
            (
                429,
                "too_many_requests",
                "Global limit has been reached",
                "auth0_rate",
            ),
            (
                404,
                "inexistent_client",
                "The client does not exist",
                "auth0_gone",
            ),
            (
                400,
                "invalid_body",
                "Payload validation error",
                "auth0_body",
            ),
        ];
        for (status, error, description, wanted) in cases {
            let words = ErrorResponse {
                status,
                error: Some(error.into()),
                description: Some(description.into()),
                ..ErrorResponse::default()
            };
            assert_eq!(advice(&words), Some(wanted), "{description}");
        }
        let other = ErrorResponse {
            status: 500,
            error: None,
            description: None,
            ..ErrorResponse::default()
        };
        assert_eq!(advice(&other), None);
    }
}
