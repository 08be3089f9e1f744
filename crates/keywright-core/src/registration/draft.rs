//! From the form to the metadata that is sent, with every problem found before anything is.

use keywright_oauth::{
    authorize::OFFLINE_ACCESS, client_metadata::ClientMetadata, http::is_loopback,
    token::DEVICE_CODE,
};
use keywright_providers::{ProviderConfig, ProviderKind};
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    configurations::input::checked_name,
    error::parse::object_problem,
    file_kind,
    registration::{
        Registrar,
        types::{Draft, DraftProblem},
    },
};

impl Registrar<'_> {
    /// The metadata of a draft, and the problems to fix. JSON entered by the user overrides the fields.
    pub(crate) fn metadata_of(self, draft: &Draft) -> (ClientMetadata, Vec<DraftProblem>) {
        let mut problems = Vec::new();
        let mut problem = |field: &str, code: &str, detail: &str| {
            problems.push(DraftProblem {
                field: field.to_owned(),
                code: code.to_owned(),
                message: self
                    .app
                    .translate(&format!("error.{code}.message"), &[("detail", detail)]),
            });
        };
        let mut metadata = ClientMetadata::default();
        match checked_name(&draft.name) {
            Ok(name) => metadata.set("client_name", name),
            Err(error) => problem(
                "name",
                error.code(),
                &crate::configurations::input::LONGEST_NAME.to_string(),
            ),
        }
        if !draft.grant_types.is_empty() {
            metadata.set("grant_types", json!(draft.grant_types));
        }
        if let Some(method) = &draft.token_endpoint_auth_method {
            metadata.set("token_endpoint_auth_method", method.as_str());
        }
        for (member, value) in [
            ("token_endpoint_auth_signing_alg", &draft.signing_alg),
            ("jwks_uri", &draft.jwks_uri),
        ] {
            if let Some(value) = value.as_deref().map(str::trim) {
                metadata.set(member, value);
            }
        }
        if draft.dpop_bound {
            metadata.set("dpop_bound_access_tokens", true);
        }
        let redirects: Vec<&str> = draft
            .redirect_uris
            .iter()
            .map(|uri| uri.trim())
            .filter(|uri| !uri.is_empty())
            .collect();
        for uri in &redirects {
            if Url::parse(uri).is_err() {
                problem("redirect_uris", "redirect_uri", uri);
            }
        }
        if !redirects.is_empty() {
            metadata.set("redirect_uris", json!(redirects));
        }
        let scopes: Vec<&str> = draft
            .scopes
            .iter()
            .flat_map(|scope| scope.split_whitespace())
            .collect();
        if !scopes.is_empty() {
            metadata.set("scope", scopes.join(" "));
        }
        if let Some(text) = draft
            .metadata_json
            .as_deref()
            .map(file_kind::trimmed)
            .filter(|text| !text.is_empty())
        {
            if let Some(kind) = file_kind::recognise(text.as_bytes()) {
                let kind = self.app.translate(&format!("file_kind.{kind}"), &[]);
                problem("metadata_json", "foreign_metadata", &kind);
                return (metadata, problems);
            }
            match serde_json::from_str::<Map<String, Value>>(text) {
                Ok(members) => members
                    .into_iter()
                    .for_each(|(name, value)| metadata.set(&name, value)),
                Err(error) => {
                    let detail = object_problem(self.app.lang(), &error);
                    problem("metadata_json", "metadata_json", &detail);
                }
            }
        }
        (metadata, problems)
    }
}

/// Adds what a client for users needs and the user left open: the response type, the type of an application whose redirects all end on
/// this computer, and the scope that a refresh token depends on. Vendors' own APIs have rules of their own.
pub(crate) fn complete_for_users(metadata: &mut ClientMetadata, config: &ProviderConfig) {
    let grants = metadata.grant_types().unwrap_or_default();
    let has = |wanted: &str| grants.iter().any(|grant| grant == wanted);
    let is_for_users = has("authorization_code") || has(DEVICE_CODE);
    if config.kind != ProviderKind::Rfc7591 || !is_for_users {
        return;
    }
    // The default of RFC 7591 §2, which some servers do not apply.
    if has("authorization_code") && !metadata.members().contains_key("response_types") {
        metadata.set("response_types", json!(["code"]));
    }
    // Servers allow plain http to native applications alone (OpenID Connect Dynamic Client Registration §2).
    let ends_here = |text: &String| {
        Url::parse(text).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
    };
    let redirects = metadata.redirect_uris().unwrap_or_default();
    if !redirects.is_empty()
        && redirects.iter().all(ends_here)
        && !metadata.members().contains_key("application_type")
    {
        metadata.set("application_type", "native");
    }
    // A client that may ask for these scopes alone could never ask for it (OpenID Connect Core §11).
    let listed = config
        .metadata
        .as_ref()
        .and_then(|one| one.scopes_supported.clone());
    let is_listed = listed.is_some_and(|all| all.iter().any(|one| one == OFFLINE_ACCESS));
    if has("refresh_token")
        && is_listed
        && let Some(mut scopes) = metadata.scopes().filter(|all| !all.is_empty())
        && !scopes.iter().any(|one| one == OFFLINE_ACCESS)
    {
        scopes.push(OFFLINE_ACCESS.to_owned());
        metadata.set("scope", scopes.join(" "));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_oauth::server_metadata::ServerMetadata;

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
            None
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
        let mut metadata = ClientMetadata::from_answer(wanted.as_object().unwrap().clone());
        complete_for_users(&mut metadata, &config);
        metadata.members().clone()
    }
}
