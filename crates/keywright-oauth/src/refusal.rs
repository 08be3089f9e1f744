//! Which members of a registration request a refusal is about (RFC 7591 §3.2.2). Servers say it in an
//! error code, a sentence, the path of a validator's finding or the name of a member, so that the whole
//! body is read.

use serde_json::Value;

/// The members of the request that a refusal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RefusedMembers {
    /// `redirect_uris`, or an empty or missing list that has no name.
    pub redirect_uris: bool,
    /// `response_types`.
    pub response_types: bool,
    /// `token_endpoint_auth_method`.
    pub auth_method: bool,
    /// `grant_types`.
    pub grants: bool,
    /// `scope`.
    pub scope: bool,
    /// `application_type`.
    pub application_type: bool,
    /// No member, by a refusal that says nothing, or that a member is not known.
    pub unnamed: bool,
}

/// Spellings of `redirect_uris`, without what separates their words.
const REDIRECTS: [&str; 6] = [
    "redirecturi",
    "redirecturl",
    "redirectionuri",
    "redirectionurl",
    "callbackuri",
    "callbackurl",
];
/// Spellings of `response_types`.
const RESPONSES: [&str; 1] = ["responsetype"];
/// Spellings of `token_endpoint_auth_method`.
const METHODS: [&str; 2] = ["authmethod", "authenticationmethod"];
/// Spellings of `grant_types`, and the grant whose name alone is in a refusal.
const GRANTS: [&str; 2] = ["granttype", "clientcredentials"];
/// Spellings of `scope`.
const SCOPES: [&str; 1] = ["scope"];
/// Spellings of `application_type`.
const APPLICATIONS: [&str; 1] = ["applicationtype"];
/// What validators say of a member that they do not know.
const UNKNOWN: [&str; 13] = [
    "additionalpropert",
    "unrecognizedkey",
    "unrecognizedfield",
    "unknownmember",
    "unknownfield",
    "unknownpropert",
    "unknownparam",
    "unknownkey",
    "unexpectedfield",
    "unexpectedpropert",
    "unexpectedmember",
    "extrainputs",
    "extrafields",
];
/// Other members and conditions: a refusal that names one of them is about that one.
const OTHERS: [&str; 9] = [
    "clientname",
    "clienturi",
    "contact",
    "jwks",
    "software",
    "token",
    "authorization",
    "contenttype",
    "granted",
];
/// What servers say of a list that is empty or missing.
const EMPTY: [&str; 14] = [
    "atleast1",
    "atleastone",
    "oneormore",
    "notbeempty",
    "notempty",
    "notbeblank",
    "nonempty",
    "isempty",
    "isrequired",
    "fieldrequired",
    "ismissing",
    "ismandatory",
    "toosmall",
    "minitems",
];
/// Error codes that name no member (RFC 7591 §3.2.2, RFC 6749 §5.2), and what stands in their place.
const GENERAL: [&str; 5] = [
    "invalidclientmetadata",
    "invalidredirecturi",
    "invalidrequest",
    "badrequest",
    "validationerror",
];

impl RefusedMembers {
    /// Reads the body of a refusal. One that says nothing at all may be about `redirect_uris`: the
    /// member that servers disagree on most.
    pub fn read(body: &[u8]) -> Self {
        let text = squeezed(&String::from_utf8_lossy(body));
        let names = |all: &[&str]| all.iter().any(|name| text.contains(name));
        let said = Self {
            redirect_uris: names(&REDIRECTS),
            response_types: names(&RESPONSES),
            auth_method: names(&METHODS),
            grants: names(&GRANTS),
            scope: names(&SCOPES),
            application_type: names(&APPLICATIONS),
            unnamed: false,
        };
        if said != Self::default() || names(&OTHERS) {
            return said;
        }
        let nothing = says_nothing(body);
        Self {
            redirect_uris: names(&EMPTY) || nothing,
            unnamed: nothing || names(&UNKNOWN),
            ..said
        }
    }
}

/// Lower-case letters and digits alone, so that `redirect_uris`, `redirectUris` and `Redirect URIs` are
/// one spelling.
fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// An empty body, or an object whose only text is a general error code.
fn says_nothing(body: &[u8]) -> bool {
    if body.trim_ascii().is_empty() {
        return true;
    }
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(body) else {
        return false;
    };
    members.values().all(|value| match value {
        Value::String(text) => text.is_empty() || GENERAL.contains(&squeezed(text).as_str()),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(inner) => inner.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(body: &str) -> (bool, bool) {
        let about = RefusedMembers::read(body.as_bytes());
        (about.redirect_uris, about.response_types)
    }

    #[test]
    fn a_refusal_of_redirect_uris_is_known_in_any_envelope() {
        for body in [
            r#"{"error":"invalid_redirect_uri"}"#,
            r#"{"error":"invalid_client_metadata","error_description":"redirect_uris must not be empty"}"#,
            r#"{"error":"invalid_client_metadata","error_description":"At least one redirect URI is required"}"#,
            r#"{"detail":[{"type":"too_short","loc":["body","redirect_uris"],"msg":"List should have at least 1 item after validation, not 0"}]}"#,
            r#"{"redirect_uris":["This list may not be empty."]}"#,
            r#"{"error":{"issues":[{"code":"too_small","path":["redirectUris"],"message":"Too small"}]}}"#,
            r#"{"message":["redirectUris should not be empty"],"statusCode":400}"#,
            r#"[{"instancePath":"/redirect_uris","keyword":"minItems","message":"must NOT have fewer than 1 items"}]"#,
            "invalid redirection URI",
            r#"{"error":"invalid_client_metadata","error_description":"callback_urls is required"}"#,
        ] {
            assert_eq!(about(body), (true, false), "{body}");
        }
    }

    #[test]
    fn an_empty_list_without_a_name_may_be_redirect_uris() {
        for body in [
            "",
            r#"{"error":"invalid_client_metadata"}"#,
            r#"{"statusCode":400,"error":"Bad Request","message":""}"#,
            r#"{"error":"invalid_client_metadata","error_description":"must contain at least one item"}"#,
            r#"{"error":"invalid_request","error_description":"the list is empty"}"#,
        ] {
            assert_eq!(about(body), (true, false), "{body}");
        }
    }

    #[test]
    fn a_refusal_of_another_member_is_left_alone() {
        for body in [
            r#"{"error":"invalid_client_metadata","error_description":"scope is required"}"#,
            r#"{"error":"invalid_client_metadata","error_description":"client_name must not be empty"}"#,
            r#"{"error":"invalid_token","error_description":"An initial access token is required"}"#,
            r#"{"error":"invalid_software_statement"}"#,
            r#"{"error":"access_denied"}"#,
            r#"{"detail":[{"loc":["body","grant_types"],"msg":"must not be empty"}]}"#,
        ] {
            assert_eq!(about(body), (false, false), "{body}");
        }
    }

    #[test]
    fn a_member_that_is_not_known_is_named_or_not() {
        let about = |body: &str| {
            let about = RefusedMembers::read(body.as_bytes());
            (about.application_type, about.unnamed)
        };
        for named in [
            r#"{"error_description":"Unrecognized key(s) in object: 'application_type'"}"#,
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","application_type"],"msg":"Extra inputs are not permitted"}]}"#,
            r#"{"error_description":"applicationType must be web"}"#,
        ] {
            assert_eq!(about(named), (true, false), "{named}");
        }
        for unnamed in [
            r#"{"error":"invalid_client_metadata"}"#,
            r#"{"message":"must NOT have additional properties"}"#,
            r#"{"error_description":"The request has an unknown member"}"#,
        ] {
            assert_eq!(about(unnamed), (false, true), "{unnamed}");
        }
        let other = r#"{"error_description":"unknown software_id"}"#;
        assert_eq!(about(other), (false, false));
    }

    #[test]
    fn a_refusal_of_the_method_is_about_nothing_else() {
        let body = r#"{"error_description":"token_endpoint_auth_method must be none"}"#;
        let about = RefusedMembers::read(body.as_bytes());
        assert!(about.auth_method && !about.redirect_uris && !about.response_types);
    }

    #[test]
    fn a_refusal_names_response_types_alone_or_both() {
        assert_eq!(
            about(r#"{"error_description":"response_types must have at least one value"}"#),
            (false, true)
        );
        assert_eq!(
            about(r#"{"error_description":"redirect_uris needs response_types"}"#),
            (true, true)
        );
    }
}
