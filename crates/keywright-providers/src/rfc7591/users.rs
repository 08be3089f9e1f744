//! What a client for users needs and the user left open: the response type, the type of an application whose redirects
//! all end on this computer, and the scope that a refresh token depends on. Vendors' own APIs have rules of their own.

use keywright_oauth::{
    authorize::OFFLINE_ACCESS, client_metadata::ClientMetadata, http::is_loopback,
    token::DEVICE_CODE,
};
use url::Url;

use super::form::{MemberForm, remembered};
use crate::{ProviderConfig, ProviderKind};

/// `application_type` of a client on the computer of its user.
pub(super) const NATIVE: &str = "native";
const CODE: &str = "authorization_code";

/// The authorization code grant is asked for, at a server that registers by RFC 7591 alone.
pub(super) fn has_code(config: &ProviderConfig, wanted: &ClientMetadata) -> bool {
    config.kind == ProviderKind::Rfc7591 && wanted.has_grant(CODE)
}

fn is_for_users(config: &ProviderConfig, wanted: &ClientMetadata) -> bool {
    config.kind == ProviderKind::Rfc7591
        && (wanted.has_grant(CODE) || wanted.has_grant(DEVICE_CODE))
}

/// Servers allow plain http to native applications alone (OpenID Connect Dynamic Client Registration §2).
pub(super) fn application_type(config: &ProviderConfig, wanted: &ClientMetadata) -> MemberForm {
    let ends_here = |text: &String| {
        Url::parse(text).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
    };
    let redirects = wanted.redirect_uris().unwrap_or_default();
    let is_native = is_for_users(config, wanted)
        && !redirects.is_empty()
        && redirects.iter().all(ends_here)
        && !wanted.members().contains_key("application_type");
    if !is_native {
        return MemberForm::AsGiven;
    }
    remembered(config, "application_type").unwrap_or(MemberForm::Listed)
}

/// A client that may ask for its scopes alone could never ask for this one (OpenID Connect Core §11).
pub(super) fn offline_access(config: &ProviderConfig, wanted: &ClientMetadata) -> MemberForm {
    let metadata = config.metadata.as_ref();
    let listed = metadata.and_then(|one| one.scopes_supported.as_ref());
    let has_it = |all: &[String]| all.iter().any(|one| one == OFFLINE_ACCESS);
    let scopes = wanted.scopes().unwrap_or_default();
    let is_missing = is_for_users(config, wanted)
        && wanted.has_grant("refresh_token")
        && listed.is_some_and(|all| has_it(all))
        && !scopes.is_empty()
        && !has_it(&scopes);
    if !is_missing {
        return MemberForm::AsGiven;
    }
    remembered(config, "offline_access").unwrap_or(MemberForm::Listed)
}

pub(super) fn add_offline_access(body: &mut ClientMetadata) {
    let mut scopes = body.scopes().unwrap_or_default();
    scopes.push(OFFLINE_ACCESS.to_owned());
    body.set("scope", scopes.join(" "));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_oauth::server_metadata::ServerMetadata;
    use serde_json::{Map, Value, json};

    use super::super::plan::{USUAL, prepared};
    use super::*;

    #[test]
    fn a_client_for_users_is_completed_where_the_user_left_it_open() {
        let native = |redirects: Value, kind: ProviderKind| {
            let wanted =
                json!({ "grant_types": ["authorization_code"], "redirect_uris": redirects });
            let got = completed(&wanted, kind, &[]);
            got.get("application_type").cloned()
        };
        let rfc = ProviderKind::Rfc7591;
        let here = json!([
            "http://127.0.0.1/cb",
            "http://[::1]:9/cb",
            "http://localhost/cb"
        ]);
        assert_eq!(native(here.clone(), rfc), Some(json!("native")));
        assert_eq!(native(here, ProviderKind::Okta), None);
        for other in [
            json!([]),
            json!(["http://127.0.0.1/cb", "https://a.example/cb"]),
        ] {
            assert_eq!(native(other, rfc), None);
        }
        let typed = json!({
            "grant_types": ["authorization_code"], "redirect_uris": ["http://127.0.0.1/cb"],
            "application_type": "web",
        });
        assert_eq!(completed(&typed, rfc, &[])["application_type"], "web");
    }

    #[test]
    fn the_response_type_of_a_code_is_named() {
        let types =
            |wanted: Value, kind| completed(&wanted, kind, &[]).get("response_types").cloned();
        let rfc = ProviderKind::Rfc7591;
        let code = json!({ "grant_types": ["authorization_code"] });
        assert_eq!(types(code.clone(), rfc), Some(json!(["code"])));
        assert_eq!(types(code, ProviderKind::Okta), None);
        assert_eq!(
            types(json!({ "grant_types": ["client_credentials"] }), rfc),
            Some(json!([]))
        );
        let given =
            json!({ "grant_types": ["authorization_code"], "response_types": ["code id_token"] });
        assert_eq!(types(given, rfc), Some(json!(["code id_token"])));
    }

    #[test]
    fn the_scope_of_a_refresh_token_is_asked_for_where_it_is_listed() {
        let scope = |grants: &[&str], scope: &str, listed: &[&str]| {
            let wanted = json!({ "grant_types": grants, "scope": scope });
            completed(&wanted, ProviderKind::Rfc7591, listed)["scope"].clone()
        };
        let both = ["authorization_code", "refresh_token"];
        assert_eq!(
            scope(&both, "a", &["a", OFFLINE_ACCESS]),
            "a offline_access"
        );
        assert_eq!(
            scope(&both, OFFLINE_ACCESS, &[OFFLINE_ACCESS]),
            OFFLINE_ACCESS
        );
        assert_eq!(scope(&both, "a", &["a"]), "a");
        assert_eq!(scope(&both[..1], "a", &[OFFLINE_ACCESS]), "a");
        assert_eq!(scope(&both[1..], "a", &[OFFLINE_ACCESS]), "a");
    }

    fn completed(wanted: &Value, kind: ProviderKind, listed: &[&str]) -> Map<String, Value> {
        let document = json!({ "issuer": "https://id.example", "scopes_supported": listed });
        let source = "https://id.example".parse().unwrap();
        let config = ProviderConfig {
            kind,
            issuer: "https://id.example".into(),
            settings: std::collections::BTreeMap::new(),
            secrets: std::collections::BTreeMap::new(),
            metadata: ServerMetadata::read(document.as_object().unwrap().clone(), source),
        };
        let wanted = ClientMetadata::from_answer(wanted.as_object().unwrap().clone());
        prepared(&config, &wanted, USUAL).members().clone()
    }
}
