//! The types that the members of client metadata have (RFC 7591 section 2, OpenID Connect Dynamic Client
//! Registration section 2), and what a member of another type means where that is plain.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MemberType {
    Text,
    /// Text with a blank between its parts.
    Words,
    /// Texts that hold no blank.
    List,
    /// Texts that may hold blanks (`code id_token`).
    Texts,
    Flag,
    Number,
    Object,
}

/// Members that an answer without them says nothing about.
pub(crate) const ESSENTIAL: &[&str] = &[
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "grant_types",
    "response_types",
    "redirect_uris",
    "scope",
    "dpop_bound_access_tokens",
    "tls_client_certificate_bound_access_tokens",
    "require_pushed_authorization_requests",
];

/// Where the keys of a client are: one of them. An answer without both says nothing about them.
pub(crate) const KEYS: [&str; 2] = ["jwks", "jwks_uri"];

/// A member of client metadata by its name.
pub(crate) fn is_known(name: &str) -> bool {
    type_of(name).is_some()
}

fn type_of(name: &str) -> Option<MemberType> {
    Some(match name {
        "scope" => MemberType::Words,
        "redirect_uris"
        | "grant_types"
        | "contacts"
        | "default_acr_values"
        | "request_uris"
        | "post_logout_redirect_uris" => MemberType::List,
        "response_types" => MemberType::Texts,
        "require_auth_time"
        | "require_signed_request_object"
        | "dpop_bound_access_tokens"
        | "require_pushed_authorization_requests"
        | "tls_client_certificate_bound_access_tokens"
        | "backchannel_logout_session_required"
        | "frontchannel_logout_session_required" => MemberType::Flag,
        "default_max_age" => MemberType::Number,
        "jwks" => MemberType::Object,
        "token_endpoint_auth_method"
        | "client_name"
        | "application_type"
        | "subject_type"
        | "software_id"
        | "software_version"
        | "software_statement" => MemberType::Text,
        // A name may carry a language tag: `tos_uri#ja`.
        name => {
            let bare = name.split('#').next().unwrap_or(name);
            let ends = |end: &str| bare.ends_with(end);
            if bare == "client_name" || ends("_uri") || ends("_alg") || ends("_enc") {
                MemberType::Text
            } else {
                return None;
            }
        }
    })
}

/// The value in its type; none where it has another type and what is meant is not plain. A member that is
/// not known here is as it came.
pub(crate) fn typed(name: &str, value: &Value) -> Option<Value> {
    let Some(wanted) = type_of(name) else {
        return Some(value.clone());
    };
    match (wanted, value) {
        (MemberType::Text | MemberType::Words, Value::String(_))
        | (MemberType::Flag, Value::Bool(_))
        | (MemberType::Number, Value::Number(_))
        | (MemberType::Object, Value::Object(_)) => Some(value.clone()),
        (MemberType::Text, Value::Array(items)) => match items.as_slice() {
            [Value::String(only)] => Some(only.clone().into()),
            _ => None,
        },
        // Numbers of a version or an id.
        (MemberType::Text, Value::Number(number)) => Some(number.to_string().into()),
        (MemberType::Words, Value::Array(items)) => {
            texts(items).map(|items| items.join(" ").into())
        }
        (MemberType::List | MemberType::Texts, Value::Array(items)) => {
            texts(items).map(|_| value.clone())
        }
        (MemberType::List, Value::String(text)) => {
            Some(text.split_whitespace().map(Value::from).collect())
        }
        (MemberType::Texts, Value::String(text)) => Some(Value::from(vec![text.clone()])),
        (MemberType::Flag, Value::String(text)) => match text.as_str() {
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            _ => None,
        },
        (MemberType::Number, Value::String(text)) => text.parse::<i64>().ok().map(Value::from),
        (MemberType::Object, Value::String(text)) => {
            serde_json::from_str(text).ok().filter(Value::is_object)
        }
        _ => None,
    }
}

fn texts(items: &[Value]) -> Option<Vec<&str>> {
    items.iter().map(Value::as_str).collect()
}
