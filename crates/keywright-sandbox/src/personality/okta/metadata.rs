//! The client metadata that Okta takes and shows: the names of RFC 7591, with kinds of applications
//! and rules of its own.

use serde_json::{Map, Value, json};

use super::SCOPES;
use super::answer::ApiRefusal;
use crate::idp::{AuthMethod, Grant, Metadata};

/// Members that are kept as they came, where they came.
const KEPT: [&str; 11] = [
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "initiate_login_uri",
    "post_logout_redirect_uris",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "jwks",
    "jwks_uri",
    "id_token_encrypted_response_alg",
];

/// All grants that Okta has.
const GRANTS: [&str; 8] = [
    "authorization_code",
    "client_credentials",
    "implicit",
    "password",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
];

/// Those of an application on the web: codes for devices are for native ones alone.
const ON_THE_WEB: [&str; 7] = [
    "authorization_code",
    "client_credentials",
    "implicit",
    "password",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
];

/// Members that a replacement must have (a partial update is none).
const REPLACED: [&str; 6] = [
    "client_id",
    "client_name",
    "application_type",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
];

/// What a client was granted.
pub(super) struct Granted {
    /// As Okta shows it, without ids and secrets.
    pub(super) members: Map<String, Value>,
    /// As the engine needs it.
    pub(super) metadata: Metadata,
}

/// Grants a registration. `less` leaves out the last grant where there are several.
pub(super) fn grant(asked: &Map<String, Value>, less: bool) -> Result<Granted, ApiRefusal> {
    let name = text(asked, "client_name")?
        .ok_or_else(|| refused("`client_name`: The field can't be left blank."))?;
    let kind = text(asked, "application_type")?.unwrap_or("web");
    let method = text(asked, "token_endpoint_auth_method")?.unwrap_or("client_secret_basic");
    let mut grants =
        list(asked, "grant_types")?.unwrap_or_else(|| vec!["authorization_code".to_owned()]);
    let responses = list(asked, "response_types")?.unwrap_or_else(|| vec!["code".to_owned()]);
    let redirects = list(asked, "redirect_uris")?.unwrap_or_default();
    check_kind(kind, &grants)?;
    check_method(kind, method, asked)?;
    let by_redirect = grants
        .iter()
        .any(|grant| grant == "authorization_code" || grant == "implicit");
    if by_redirect && redirects.is_empty() {
        return Err(refused(
            "`redirect_uris`: At least one redirect URI is required for the grant types.",
        ));
    }
    if responses.iter().any(|kind| kind == "code") && !has(&grants, "authorization_code") {
        return Err(refused(
            "`response_types`: 'code' requires the 'authorization_code' grant type.",
        ));
    }
    if less && grants.len() > 1 {
        grants.pop();
    }

    let mut members = Map::new();
    members.insert("client_name".to_owned(), json!(name));
    members.insert("client_uri".to_owned(), Value::Null);
    members.insert("logo_uri".to_owned(), Value::Null);
    members.insert("redirect_uris".to_owned(), json!(redirects));
    members.insert("response_types".to_owned(), json!(responses));
    members.insert("grant_types".to_owned(), json!(grants));
    members.insert("token_endpoint_auth_method".to_owned(), json!(method));
    members.insert("application_type".to_owned(), json!(kind));
    for name in KEPT {
        if let Some(value) = asked.get(name).filter(|value| !value.is_null()) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    let engine = [
        ("client_credentials", Grant::ClientCredentials),
        ("refresh_token", Grant::RefreshToken),
        ("authorization_code", Grant::AuthorizationCode),
        (GRANTS[5], Grant::DeviceCode),
    ];
    Ok(Granted {
        metadata: Metadata {
            dpop_bound_access_tokens: false,
            post_logout_redirect_uris: Vec::new(),
            redirect_uris: redirects,
            grant_types: engine
                .into_iter()
                .filter(|(name, _)| has(&grants, name))
                .map(|(_, grant)| grant)
                .collect(),
            token_endpoint_auth_method: match method {
                "client_secret_post" => AuthMethod::ClientSecretPost,
                "none" => AuthMethod::None,
                "private_key_jwt" => AuthMethod::PrivateKeyJwt,
                _ => AuthMethod::ClientSecretBasic,
            },
            jwks: asked.get("jwks").filter(|set| set.is_object()).cloned(),
            scope: SCOPES.map(str::to_owned).to_vec(),
            texts: Map::new(),
        },
        members,
    })
}

/// Checks that a replacement is a whole one and sets nothing that is Okta's to set.
pub(super) fn check_replacement(id: &str, asked: &Map<String, Value>) -> Result<(), ApiRefusal> {
    if let Some(missing) = REPLACED.iter().find(|name| !asked.contains_key(**name)) {
        return Err(refused(&format!(
            "`{missing}`: The field can't be left blank."
        )));
    }
    let forbidden = ["client_id_issued_at", "client_secret_expires_at"];
    if let Some(named) = forbidden.iter().find(|name| asked.contains_key(**name)) {
        return Err(refused(&format!("`{named}`: The field is read-only.")));
    }
    if asked.get("client_id").and_then(Value::as_str) != Some(id) {
        return Err(refused("`client_id`: The field can't be changed."));
    }
    Ok(())
}

fn check_kind(kind: &str, grants: &[String]) -> Result<(), ApiRefusal> {
    if let Some(unknown) = grants
        .iter()
        .find(|grant| !GRANTS.contains(&grant.as_str()))
    {
        return Err(refused(&format!(
            "`grant_types`: '{unknown}' is not a valid grant type."
        )));
    }
    let (fits, needs): (&[&str], Option<&str>) = match kind {
        "service" => (&["client_credentials", GRANTS[6]], None),
        "browser" => (
            &["authorization_code", "implicit", "refresh_token", GRANTS[6]],
            None,
        ),
        "native" => (&GRANTS, Some("authorization_code")),
        "web" => (&ON_THE_WEB, Some("authorization_code")),
        other => {
            return Err(refused(&format!(
                "`application_type`: '{other}' is not one of 'browser', 'native', 'service', 'web'."
            )));
        }
    };
    if let Some(grant) = grants.iter().find(|grant| !fits.contains(&grant.as_str())) {
        return Err(refused(&format!(
            "`grant_types`: '{grant}' is not allowed for the application type '{kind}'."
        )));
    }
    match needs {
        Some(needed) if !has(grants, needed) => Err(refused(&format!(
            "`grant_types`: '{needed}' is required for the application type '{kind}'."
        ))),
        _ => Ok(()),
    }
}

fn check_method(kind: &str, method: &str, asked: &Map<String, Value>) -> Result<(), ApiRefusal> {
    match method {
        "client_secret_basic" | "client_secret_post" if kind != "browser" => Ok(()),
        "none" if kind != "service" => Ok(()),
        "private_key_jwt" if asked.contains_key("jwks") || asked.contains_key("jwks_uri") => Ok(()),
        "private_key_jwt" => Err(refused("`jwks`: A key is required for 'private_key_jwt'.")),
        _ => Err(refused(&format!(
            "`token_endpoint_auth_method`: '{method}' is not allowed for the application type '{kind}'."
        ))),
    }
}

fn has(grants: &[String], name: &str) -> bool {
    grants.iter().any(|grant| grant == name)
}

fn refused(text: &str) -> ApiRefusal {
    ApiRefusal::Metadata(text.to_owned())
}

/// A text; `null` and a blank one count as not sent.
fn text<'a>(asked: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ApiRefusal> {
    match asked.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(refused(&format!("`{name}`: The field must be a string."))),
    }
}

fn list(asked: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, ApiRefusal> {
    let wrong = || refused(&format!("`{name}`: The field must be an array of strings."));
    match asked.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn each_kind_of_application_has_its_rules() {
        let refusals = [
            (json!({}), "client_name"),
            (json!({"client_name": " "}), "client_name"),
            (json!({"client_name": "a"}), "redirect_uris"),
            (
                json!({"client_name": "a", "application_type": "desktop"}),
                "application_type",
            ),
            (
                json!({"client_name": "a", "application_type": "service", "grant_types": ["client_credentials", "refresh_token"]}),
                "refresh_token",
            ),
            (
                json!({"client_name": "a", "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["code"]}),
                "response_types",
            ),
            (
                json!({"client_name": "a", "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"], "token_endpoint_auth_method": "none"}),
                "token_endpoint_auth_method",
            ),
            (
                json!({"client_name": "a", "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"], "token_endpoint_auth_method": "private_key_jwt"}),
                "jwks",
            ),
            (
                json!({"client_name": "a", "application_type": "web", "grant_types": ["client_credentials"]}),
                "authorization_code",
            ),
            (
                json!({"client_name": "a", "grant_types": ["magic"]}),
                "magic",
            ),
            (
                json!({"client_name": "a", "grant_types": "client_credentials"}),
                "array",
            ),
            (json!({"client_name": 5}), "string"),
        ];
        for (asked, said) in refusals {
            match grant(asked.as_object().unwrap(), false) {
                Err(ApiRefusal::Metadata(text)) => assert!(text.contains(said), "{asked}: {text}"),
                _ => panic!("{asked} was granted"),
            }
        }
    }
}
