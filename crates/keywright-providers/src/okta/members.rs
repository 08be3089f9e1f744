//! Client metadata (RFC 7591 §2) as Okta wants and shows it.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    lenient,
    register::{self, ClientInformation, Handles, RegistrationError},
    secret::ClientSecret,
    token::DEVICE_CODE,
};
use serde_json::{Map, Value, json};
use url::{Host, Url};

use super::owner_tag;
use crate::{Registration, api::Answer};

/// Handle: the mark in `client_uri`.
const MARK_HANDLE: &str = "okta_mark";

/// Grants that need no user. An application with only these is a service.
const SERVICE_GRANTS: &[&str] = &[
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
];

/// Members that Okta wants in each replacement, and that a change may have left out.
const ALWAYS: &[&str] = &[
    "client_name",
    "application_type",
    "grant_types",
    "redirect_uris",
    "token_endpoint_auth_method",
];

/// The body of a registration. What the wish leaves open is filled as a machine's client needs it:
/// Okta's own defaults (`web`, `authorization_code`) demand a redirect.
pub(super) fn body(wanted: &ClientMetadata) -> ClientMetadata {
    let mut body = wanted.clone();
    // Okta keeps no scopes with a client: the access policies of the authorization server grant them.
    body.remove("scope");
    let redirects = body.redirect_uris().is_some_and(|uris| !uris.is_empty());
    if body.grant_types().is_none() && !redirects {
        body.set("grant_types", json!(["client_credentials"]));
    }
    complete(&mut body);
    body
}

/// The body of a replacement: Okta takes no partial one, and refuses what only it may set.
pub(super) fn replacement(at: &Registration, metadata: &ClientMetadata) -> ClientMetadata {
    let mut body = metadata.clone();
    body.remove("scope");
    for name in ALWAYS {
        if let Some(value) = at.granted.members().get(*name)
            && !body.members().contains_key(*name)
        {
            body.set(name, value.clone());
        }
    }
    // The mark is no part of the metadata, and what is left out of a replacement is gone.
    if let Some(owner_tag) = at.handle(MARK_HANDLE)
        && !body.members().contains_key("client_uri")
    {
        body.set("client_uri", owner_tag);
    }
    complete(&mut body);
    body.set("client_id", at.client_id.as_str());
    body
}

fn complete(body: &mut ClientMetadata) {
    let grants = body
        .grant_types()
        .unwrap_or_else(|| vec!["authorization_code".to_owned()]);
    if !body.members().contains_key("application_type") {
        body.set("application_type", application_type(body, &grants));
    }
    if !body.members().contains_key("token_endpoint_auth_method") {
        body.set("token_endpoint_auth_method", "client_secret_basic");
    }
    if !body.members().contains_key("response_types") {
        let has = |grant: &str| grants.iter().any(|granted| granted == grant);
        let mut types = Vec::new();
        if has("authorization_code") {
            types.push("code");
        }
        if has("implicit") {
            types.extend(["token", "id_token"]);
        }
        if types.is_empty() {
            types.push("token");
        }
        body.set("response_types", json!(types));
    }
}

fn application_type(body: &ClientMetadata, grants: &[String]) -> &'static str {
    let user = |grant: &&String| {
        !SERVICE_GRANTS.contains(&grant.as_str()) && grant.as_str() != "refresh_token"
    };
    if !grants.iter().any(|grant| user(&grant)) {
        return "service";
    }
    let public = body.token_endpoint_auth_method().as_deref() == Some("none");
    let at_home = body
        .redirect_uris()
        .unwrap_or_default()
        .iter()
        .any(|uri| opens_an_app(uri));
    // Passwords and codes for other devices are for native applications alone.
    let is_native_grant = |grant: &String| grant == "password" || grant == DEVICE_CODE;
    if grants.iter().any(is_native_grant) || (public && at_home) {
        "native"
    } else if public {
        "browser"
    } else {
        "web"
    }
}

/// A redirect to an app on the user's machine: a scheme of its own, or loopback (RFC 8252 §7).
fn opens_an_app(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    match url.host() {
        _ if !matches!(url.scheme(), "https" | "http") => true,
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Reads a client. `known_id` stands in where the answer about a known client leaves its id out.
pub(super) fn read(
    answer: &Answer,
    known_id: Option<&str>,
) -> Result<ClientInformation, RegistrationError> {
    let mut members = flat(&answer.members);
    let mut handles = Handles::new();
    if let Some(owner_tag) =
        lenient::text(&members, "client_uri").filter(|uri| owner_tag::read(uri).is_some())
    {
        members.remove("client_uri");
        handles.insert(MARK_HANDLE.to_owned(), owner_tag);
    }
    let client_id = lenient::text(&members, "client_id").or_else(|| known_id.map(str::to_owned));
    let client_id = client_id.ok_or(RegistrationError::NoClientId {
        words: None,
        status: answer.status,
        exchange: answer.exchange,
    })?;
    Ok(ClientInformation {
        client_id,
        client_secret: secret(&members),
        client_id_issued_at: lenient::time(&members, "client_id_issued_at"),
        client_secret_expires_at: register::end_of_secret(&members),
        registration_client_uri: None,
        registration_access_token: None,
        metadata: ClientMetadata::from_answer(members),
        handles,
        status: answer.status,
        elapsed_ms: answer.elapsed_ms,
        exchange: answer.exchange,
    })
}

/// `client_secret`, unless Okta shows stars in its place.
pub(super) fn secret(members: &Map<String, Value>) -> Option<ClientSecret> {
    lenient::secret(members, "client_secret").map(ClientSecret::new)
}

/// A client under the names of RFC 7591. The Apps API shows the same client in another shape: its
/// secret and its way of authenticating under `credentials`, the rest under `settings`.
pub(super) fn flat(members: &Map<String, Value>) -> Map<String, Value> {
    let part = |name: &str| members.get(name)?.get("oauthClient")?.as_object();
    let (settings, credentials) = (part("settings"), part("credentials"));
    if settings.is_none() && credentials.is_none() {
        return members.clone();
    }
    let mut flat = settings.cloned().unwrap_or_default();
    for (name, value) in credentials.into_iter().flatten() {
        flat.insert(name.clone(), value.clone());
    }
    let mut take = |from: &str, to: &str| {
        if let Some(value) = lenient::present(members, from)
            && lenient::present(&flat, to).is_none()
        {
            flat.insert(to.to_owned(), value.clone());
        }
    };
    take("id", "client_id");
    take("label", "client_name");
    take("created", "client_id_issued_at");
    flat
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn metadata(value: &Value) -> ClientMetadata {
        ClientMetadata::from_answer(value.as_object().unwrap().clone())
    }

    #[test]
    fn what_is_left_open_becomes_a_service() {
        assert_eq!(
            body(&metadata(
                &json!({"client_name": "a", "scope": "orders:read"})
            ))
            .to_value(),
            json!({
                "client_name": "a", "grant_types": ["client_credentials"], "application_type": "service",
                "token_endpoint_auth_method": "client_secret_basic", "response_types": ["token"],
            })
        );
    }

    #[test]
    fn the_application_type_follows_from_grants_and_redirects() {
        let cases = [
            (
                json!({"grant_types": ["authorization_code"], "redirect_uris": ["https://a/cb"]}),
                "web",
            ),
            (json!({"redirect_uris": ["https://a/cb"]}), "web"),
            (
                json!({"grant_types": ["authorization_code"], "redirect_uris": ["https://a/cb"], "token_endpoint_auth_method": "none"}),
                "browser",
            ),
            (
                json!({"grant_types": ["authorization_code"], "redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none"}),
                "native",
            ),
            (
                json!({"grant_types": ["authorization_code"], "redirect_uris": ["com.example:/cb"], "token_endpoint_auth_method": "none"}),
                "native",
            ),
            (json!({"grant_types": ["password"]}), "native"),
            (
                json!({"grant_types": ["authorization_code", DEVICE_CODE], "redirect_uris": ["https://a/cb"]}),
                "native",
            ),
            (
                json!({"grant_types": ["client_credentials", "refresh_token"]}),
                "service",
            ),
            (
                json!({"grant_types": ["client_credentials", "authorization_code"]}),
                "web",
            ),
            (
                json!({"grant_types": ["client_credentials"], "application_type": "web"}),
                "web",
            ),
        ];
        for (wanted, kind) in cases {
            let sent = body(&metadata(&wanted));
            assert_eq!(sent.members()["application_type"], kind, "{wanted}");
        }
    }

    #[test]
    fn response_types_follow_from_the_grants() {
        let cases = [
            (json!(["client_credentials"]), json!(["token"])),
            (
                json!(["authorization_code", "refresh_token"]),
                json!(["code"]),
            ),
            (
                json!(["authorization_code", "implicit"]),
                json!(["code", "token", "id_token"]),
            ),
        ];
        for (grants, types) in cases {
            let sent = body(&metadata(&json!({"grant_types": grants})));
            assert_eq!(sent.members()["response_types"], types);
        }
    }

    #[test]
    fn a_replacement_holds_all_members_and_none_of_the_forbidden() {
        let at = Registration {
            client_id: "0oa1".into(),
            granted: metadata(&json!({
                "client_name": "old", "application_type": "service", "grant_types": ["client_credentials"],
                "redirect_uris": [], "token_endpoint_auth_method": "client_secret_post",
            })),
            ..Registration::default()
        };
        let sent = replacement(
            &at,
            &metadata(
                &json!({"client_name": "new", "client_id_issued_at": 1, "client_secret_expires_at": 0}),
            ),
        );
        assert_eq!(
            sent.to_value(),
            json!({
                "client_name": "new", "application_type": "service", "grant_types": ["client_credentials"],
                "redirect_uris": [], "token_endpoint_auth_method": "client_secret_post",
                "response_types": ["token"], "client_id": "0oa1",
            })
        );
    }

    #[test]
    fn stars_are_no_secret() {
        let members = |text: &str| json!({"client_secret": text}).as_object().unwrap().clone();
        assert!(secret(&members("************")).is_none());
        assert!(secret(&members("")).is_none());
        assert_eq!(secret(&members("s*cret")).unwrap().expose(), "s*cret");
    }
}
