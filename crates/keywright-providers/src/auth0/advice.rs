//! What to do about Auth0's own codes.

use super::messages::advice;
use crate::message_code::MessageCode;
use keywright_oauth::error_response::ErrorResponse;

/// The key of the advice for its words.
pub(crate) fn advice(words: &ErrorResponse) -> Option<MessageCode> {
    let said = words.description.as_deref().unwrap_or_default();
    let says = |part: &str| said.to_ascii_lowercase().contains(part);
    match (words.status, words.error.as_deref().unwrap_or_default()) {
        // Features of a higher plan are refused under the same code as permissions.
        (403, "insufficient_scope") if says("subscription") => Some(advice::PLAN),
        (403, "insufficient_scope") => Some(advice::SCOPE),
        (403, "insufficient_entitlement" | "feature_not_enabled") => Some(advice::PLAN),
        (403, "too_many_entities") => Some(advice::ENTITIES),
        (401, "access_denied" | "invalid_client") => Some(advice::SECRET),
        (_, "access_denied") if says("service not found") => Some(advice::API_UNKNOWN),
        (404, "inexistent_resource_server") => Some(advice::API_UNKNOWN),
        // A sign-in is refused with the same words, by the browser and without a status.
        (_, "access_denied" | "invalid_request") if says("no audience parameter") => {
            Some(advice::NO_AUDIENCE)
        }
        (_, "access_denied" | "unauthorized_client")
            if says("client-grant") || says("not authorized to access") =>
        {
            Some(advice::CLIENT_GRANT)
        }
        (_, "unauthorized_client") if says("grant type") => Some(advice::GRANT_TYPE),
        (429, _) if says("quota") => Some(advice::QUOTA),
        (429, _) => Some(advice::RATE),
        (404, "inexistent_client") => Some(advice::GONE),
        (404, "inexistent_client_grant") => Some(advice::GRANT_GONE),
        (400, "invalid_body" | "validation_error") => Some(advice::BODY),
        (400..=404, _) if says("dynamic client registration") => Some(advice::OPEN_OFF),
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
                404,
                "inexistent_resource_server",
                "No resource server was found: https://nowhere.example",
                "auth0_api_unknown",
            ),
            (
                403,
                "access_denied",
                "No audience parameter was provided, and no default audience has been configured",
                "auth0_no_audience",
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
            let given = advice(&words).map(crate::MessageCode::as_str);
            assert_eq!(given, Some(wanted), "{description}");
        }
        let other = ErrorResponse {
            status: 500,
            ..ErrorResponse::default()
        };
        assert_eq!(advice(&other).map(crate::MessageCode::as_str), None);
    }
}
