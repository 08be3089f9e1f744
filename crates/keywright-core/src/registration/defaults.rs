//! What a draft leaves open: the grants that the server has, and with them the redirect URI and the method. A server
//! that only has sign-ins would refuse a client for client credentials, or make one that gets no token.

use std::net::TcpListener;

use keywright_oauth::{
    client_metadata::ClientMetadata, grant_name::is_same_grant, server_metadata::ServerMetadata,
    token::DEVICE_CODE,
};
use keywright_providers::ProviderConfig;
use keywright_vault::ConfigurationRow;

use crate::{
    CoreError,
    i18n::key::Key,
    registration::{Registrar, types::Draft},
    tokens::{CLIENT_GRANT, CODE_GRANT, REFRESH_GRANT},
};

/// Methods that send a secret, the usual one first.
pub(crate) const SECRET_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];
/// Methods that sign an assertion (OpenID Connect Core §9).
const SIGNED_METHODS: [&str; 2] = ["private_key_jwt", "client_secret_jwt"];
/// The member that the configuration remembers where client credentials were refused.
pub(crate) const GRANTS_MEMBER: &str = "grant_types";

/// What of a draft was chosen here: a refusal of it is followed by another choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Chosen {
    /// Client credentials, because nothing else was known: a sign-in may do.
    pub(crate) client_grant: bool,
    /// The grant of a refresh.
    pub(crate) refresh_grant: bool,
    /// `token_endpoint_auth_method`.
    pub(crate) method: bool,
    /// `scope`.
    pub(crate) scopes: bool,
    /// `redirect_uris`.
    pub(crate) redirects: bool,
}

impl Chosen {
    /// Everything but the grant.
    pub(crate) const ALL: Self = Self {
        client_grant: false,
        refresh_grant: true,
        method: true,
        scopes: true,
        redirects: true,
    };
}

/// A draft without gaps.
pub(crate) struct Filled {
    pub(crate) draft: Draft,
    pub(crate) chosen: Chosen,
    /// Why the client is for users although nobody said so.
    pub(crate) because: Option<Key>,
}

impl Registrar<'_> {
    /// The draft with what it leaves open. A server that lists client credentials, or nothing, is asked for them.
    pub(crate) fn filled(
        self,
        row: &ConfigurationRow,
        mut draft: Draft,
    ) -> Result<Filled, CoreError> {
        let config = self.app.configurations().provider_config(row)?;
        let (metadata, _) = self.metadata_of(&draft);
        let mut chosen = Chosen::default();
        if metadata.members().contains_key("grant_types") {
            let needs_redirect =
                metadata.has_grant(CODE_GRANT) && !metadata.members().contains_key("redirect_uris");
            let is_own = !metadata.has_grant(CODE_GRANT) && !metadata.has_grant(DEVICE_CODE);
            chosen.method = if is_own {
                signs_alone(&mut draft, &metadata, &config)
            } else {
                is_device(&mut draft, &metadata, &config)
            };
            let because = if needs_redirect && config.kind.is_standard() {
                draft.redirect_uris = redirects(CODE_GRANT);
                chosen.redirects = true;
                Some(Key::RegisterForUsersRedirect)
            } else {
                None
            };
            return Ok(Filled {
                draft,
                chosen,
                because,
            });
        }
        let Some((grant, because)) = grant_of_users(&config) else {
            draft.grant_types = vec![CLIENT_GRANT.to_owned()];
            chosen.method = signs_alone(&mut draft, &metadata, &config);
            chosen.client_grant = config.kind.is_standard();
            return Ok(Filled {
                draft,
                chosen,
                because: None,
            });
        };
        let (draft, chosen) = self.for_users(draft, &config, grant);
        Ok(Filled {
            draft,
            chosen,
            because: Some(because),
        })
    }

    /// The draft of a client for users, where it leaves open what such a client needs.
    pub(crate) fn for_users(
        self,
        mut draft: Draft,
        config: &ProviderConfig,
        grant: &str,
    ) -> (Draft, Chosen) {
        let (metadata, _) = self.metadata_of(&draft);
        let has = |member: &str| metadata.members().contains_key(member);
        let mut chosen = Chosen {
            refresh_grant: true,
            ..Chosen::default()
        };
        draft.grant_types = grants(grant, config.metadata.as_ref());
        if !has("redirect_uris") && grant == CODE_GRANT {
            draft.redirect_uris = redirects(grant);
            chosen.redirects = true;
        }
        let has_key = has("jwks") || has("jwks_uri") || draft.signing_alg.is_some();
        if !has("token_endpoint_auth_method") && !has_key {
            draft.token_endpoint_auth_method = config
                .metadata
                .as_ref()
                .and_then(|server| registered_method(grant, server));
            chosen.method = draft.token_endpoint_auth_method.is_some();
        }
        (draft, chosen)
    }
}

/// Chooses the assertion for a client whose method nobody named, at a server that lists no method but those.
fn signs_alone(draft: &mut Draft, metadata: &ClientMetadata, config: &ProviderConfig) -> bool {
    let named = ["token_endpoint_auth_method", "jwks", "jwks_uri"];
    let is_named = named
        .iter()
        .any(|name| metadata.members().contains_key(*name));
    if is_named || draft.signing_alg.is_some() || !config.kind.is_standard() {
        return false;
    }
    let server = config.metadata.as_ref();
    let method = server.and_then(|server| registered_method(CLIENT_GRANT, server));
    let signed = method.filter(|method| SIGNED_METHODS.contains(&method.as_str()));
    draft.token_endpoint_auth_method = signed;
    draft.token_endpoint_auth_method.is_some()
}

/// Chooses no authentication for a client of devices alone whose method nobody named, where the server allows that: a
/// device keeps no secret (RFC 8628 §5.6), and some servers take its codes from such clients only.
fn is_device(draft: &mut Draft, metadata: &ClientMetadata, config: &ProviderConfig) -> bool {
    let named = ["token_endpoint_auth_method", "jwks", "jwks_uri"];
    let is_named = named
        .iter()
        .any(|name| metadata.members().contains_key(*name));
    let has_other = metadata.has_grant(CODE_GRANT) || metadata.has_grant(CLIENT_GRANT);
    if is_named || has_other || draft.signing_alg.is_some() || !config.kind.is_standard() {
        return false;
    }
    let server = config.metadata.as_ref();
    let method = server.and_then(|server| registered_method(DEVICE_CODE, server));
    draft.token_endpoint_auth_method = method.filter(|method| method == "none");
    draft.token_endpoint_auth_method.is_some()
}

/// The grant by which users sign in at a server without client credentials, and how that is known. None where the
/// server lists client credentials, or lists nothing that a client can be registered for.
fn grant_of_users(config: &ProviderConfig) -> Option<(&'static str, Key)> {
    if !config.kind.is_standard() {
        return None;
    }
    if let Some(other) = config.other_grants() {
        let listed = |grant: &&str| other.grants.iter().any(|one| is_same_grant(one, grant));
        let grant = [CODE_GRANT, DEVICE_CODE].into_iter().find(listed)?;
        return Some((grant, Key::RegisterForUsersNotListed));
    }
    let learned = config.learned(GRANTS_MEMBER)?;
    (learned == CODE_GRANT).then_some((CODE_GRANT, Key::RegisterForUsersRemembered))
}

/// The grant, and that of its refresh where the server has it or names no grants.
pub(crate) fn grants(grant: &str, server: Option<&ServerMetadata>) -> Vec<String> {
    let mut grants = vec![grant.to_owned()];
    let listed = server.and_then(|server| server.grant_types_supported.as_ref());
    let refreshes = listed.is_none_or(|all| all.iter().any(|one| one == REFRESH_GRANT));
    if (grant == CODE_GRANT || grant == DEVICE_CODE) && refreshes {
        grants.push(REFRESH_GRANT.to_owned());
    }
    grants
}

/// A redirect URI of this computer at a port that is free now: not every server lets a client choose another port at
/// each sign-in (RFC 8252 §7.3).
pub(crate) fn redirects(grant: &str) -> Vec<String> {
    if grant != CODE_GRANT {
        return Vec::new();
    }
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    let uri = free.map_or_else(
        |_no_port| "http://127.0.0.1/callback".to_owned(),
        |address| format!("http://127.0.0.1:{}/callback", address.port()),
    );
    vec![uri]
}

/// How a registered client authenticates: not at all where a user signs in and the server allows it (RFC 8252 §8.4),
/// else with a secret in the way that the server lists first (RFC 8414 §2: Basic where it lists none), else with an
/// assertion where it lists nothing simpler.
pub(crate) fn registered_method(grant: &str, server: &ServerMetadata) -> Option<String> {
    let listed = server.token_endpoint_auth_methods_supported.as_deref();
    let listed = listed.unwrap_or_default().iter();
    if grant != CLIENT_GRANT && listed.clone().any(|one| one == "none") {
        return Some("none".to_owned());
    }
    let simple = listed
        .clone()
        .find(|one| SECRET_METHODS.contains(&one.as_str()));
    let mut signed = listed.filter(|one| SIGNED_METHODS.contains(&one.as_str()));
    simple.or_else(|| signed.next()).cloned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::{Value, json};

    use keywright_providers::ProviderKind;

    use super::*;

    fn server(members: &Value) -> ServerMetadata {
        let mut document = json!({ "issuer": "https://id.example" });
        let members = members.as_object().unwrap().clone();
        document.as_object_mut().unwrap().extend(members);
        let source = "https://id.example".parse().unwrap();
        ServerMetadata::read(document.as_object().unwrap().clone(), source).unwrap()
    }

    fn config(grants: &Value, settings: &[(&str, &str)], kind: ProviderKind) -> ProviderConfig {
        ProviderConfig {
            kind,
            issuer: "https://id.example".into(),
            settings: settings
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            secrets: std::collections::BTreeMap::new(),
            metadata: Some(server(&json!({ "grant_types_supported": grants }))),
        }
    }

    #[test]
    fn the_grants_of_the_server_are_the_default() {
        let of = |grants, settings: &[(&str, &str)], kind| {
            grant_of_users(&config(&grants, settings, kind)).map(|(grant, _)| grant)
        };
        let rfc = ProviderKind::Rfc7591;
        let learned = [("adapted.grant_types", CODE_GRANT)];
        assert_eq!(of(json!([CODE_GRANT]), &[], rfc), Some(CODE_GRANT));
        assert_eq!(of(json!([DEVICE_CODE]), &[], rfc), Some(DEVICE_CODE));
        assert_eq!(of(json!([CODE_GRANT, CLIENT_GRANT]), &[], rfc), None);
        assert_eq!(of(json!(["password"]), &[], rfc), None);
        assert_eq!(of(json!(null), &[], rfc), None);
        assert_eq!(of(json!(null), &learned, rfc), Some(CODE_GRANT));
        assert_eq!(of(json!([CODE_GRANT]), &[], ProviderKind::Okta), None);
    }

    #[test]
    fn a_client_of_devices_alone_has_no_secret_where_the_server_allows_that() {
        let of = |grants: &[&str], methods: Value, named: Option<&str>| {
            let mut config = config(&json!(null), &[], ProviderKind::Rfc7591);
            let members = json!({ "token_endpoint_auth_methods_supported": methods });
            config.metadata = Some(server(&members));
            let mut metadata = ClientMetadata::default();
            metadata.set("grant_types", grants.to_vec());
            if let Some(method) = named {
                metadata.set("token_endpoint_auth_method", method);
            }
            let mut draft = Draft::default();
            let chosen = is_device(&mut draft, &metadata, &config);
            assert_eq!(chosen, draft.token_endpoint_auth_method.is_some());
            draft.token_endpoint_auth_method
        };
        let all = || json!(["client_secret_basic", "none"]);
        let device = [DEVICE_CODE, REFRESH_GRANT];
        assert_eq!(of(&device, all(), None).as_deref(), Some("none"));
        assert_eq!(of(&device, json!(["client_secret_basic"]), None), None);
        assert_eq!(of(&device, all(), Some("client_secret_post")), None);
        assert_eq!(of(&[DEVICE_CODE, CODE_GRANT], all(), None), None);
        assert_eq!(of(&[DEVICE_CODE, CLIENT_GRANT], all(), None), None);
    }

    #[test]
    fn a_client_authenticates_as_the_server_lists() {
        let of = |grant, methods| {
            let members = json!({ "token_endpoint_auth_methods_supported": methods });
            registered_method(grant, &server(&members))
        };
        let all = json!(["client_secret_post", "client_secret_basic", "none"]);
        assert_eq!(of(CODE_GRANT, all.clone()).as_deref(), Some("none"));
        assert_eq!(
            of(CLIENT_GRANT, all).as_deref(),
            Some("client_secret_post"),
            "in the order of the server"
        );
        let post = json!(["client_secret_post"]);
        assert_eq!(of(CODE_GRANT, post).as_deref(), Some("client_secret_post"));
        assert_eq!(of(CODE_GRANT, json!(null)), None);
        let signed = json!(["tls_client_auth", "private_key_jwt"]);
        assert_eq!(of(CODE_GRANT, signed).as_deref(), Some("private_key_jwt"));
    }
}
