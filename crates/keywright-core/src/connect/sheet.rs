//! What was found, in the user's language: how, which identities the server accepts, what will be done and why.

use std::collections::BTreeMap;

use keywright_oauth::{
    error_response::Challenge,
    grant_name::standard_name,
    http::redact,
    lenient,
    protected_resource::ProtectedResource,
    server_metadata::{AUTHORIZATION_ENDPOINT, ServerMetadata},
    token::DEVICE_CODE,
};
use keywright_providers::{ProviderConfig, ProviderKind};
use keywright_vault::ConfigurationRow;
use url::Url;

use super::{
    Connect, ConnectInput, FoundServer,
    scopes::{is_of_user, scopes_of, signs_in_with_openid, unnamed},
    types::{ConnectSheet, IdentityKind, IdentityView, ScopeSource},
};
use crate::{
    CoreError, Keywright, Operation, ProviderLabel,
    error::connect::ConnectError,
    i18n::key::Key,
    tokens::{CLIENT_GRANT, CODE_GRANT},
};

/// How something was found, sentence by sentence.
pub(super) struct DiscoveryTrail<'a> {
    app: &'a Keywright,
    lines: Vec<String>,
    /// The server publishes no metadata.
    is_usual: bool,
}

impl<'a> DiscoveryTrail<'a> {
    pub(super) fn new(app: &'a Keywright) -> Self {
        Self {
            app,
            lines: Vec::new(),
            is_usual: false,
        }
    }

    fn say(&mut self, key: Key, blanks: &[(&str, &str)]) {
        self.lines.push(self.app.translate(key, blanks));
    }

    pub(super) fn challenge(&mut self, challenge: &Challenge) {
        self.say(Key::ConnectFoundChallenge, &[("scheme", &challenge.scheme)]);
    }

    pub(super) fn resource(&mut self, found: &ProtectedResource) {
        let url = found.source.to_string();
        let issuers = found.authorization_servers.join(", ");
        if issuers.is_empty() {
            return self.say(Key::ConnectFoundResourceAlone, &[("url", &url)]);
        }
        self.say(
            Key::ConnectFoundResource,
            &[("url", &url), ("issuers", &issuers)],
        );
    }

    pub(super) fn no_resource(&mut self) {
        self.say(Key::ConnectFoundNoResource, &[]);
    }

    pub(super) fn at_the_root(&mut self, root: &str) {
        self.say(Key::ConnectFoundRoot, &[("url", root)]);
    }

    pub(super) fn usual_endpoints(&mut self) {
        self.is_usual = true;
        self.say(Key::ConnectFoundUsual, &[]);
    }

    pub(super) fn issuer(&mut self, metadata: &ServerMetadata) {
        if self.is_usual {
            return;
        }
        let url = metadata.source.to_string();
        self.say(
            Key::ConnectFoundIssuer,
            &[("issuer", &metadata.issuer), ("url", &url)],
        );
    }
}

impl Connect<'_> {
    pub(super) fn found(
        self,
        input: ConnectInput,
        address: Url,
        challenge: Option<&Challenge>,
        resource: Option<ProtectedResource>,
        metadata: ServerMetadata,
        trail: DiscoveryTrail<'_>,
    ) -> Result<FoundServer, CoreError> {
        let issuer = metadata.issuer.clone();
        let resource = resource.map(ProtectedResource::without_secret_query);
        let place = place_of(resource.as_ref(), &address);
        let known = match (&input.client, &input.document) {
            (None, None) => self.application_at(&issuer, &place)?,
            (Some(client), _) => self.application_of_client(&issuer, &place, &client.client_id)?,
            (_, Some(document)) => self.application_of_client(&issuer, &place, document)?,
        };
        let configuration = self.configuration_of(&issuer)?;
        let identities = self.identities(&input, &metadata, known.is_some());
        let chosen = identities.iter().find(|one| one.chosen).map(|one| one.kind);
        let failed = |source| CoreError::Connect {
            address: input.address.trim().to_owned(),
            source: Box::new(source),
        };
        if chosen.is_none() {
            let source = if input.document.is_some() {
                ConnectError::DocumentNotAccepted
            } else {
                ConnectError::NoIdentity {
                    takes_documents: metadata.takes_client_documents(),
                }
            };
            return Err(failed(source));
        }
        let grant = match &known {
            Some(row) if input.grant.is_none() => self.app.tokens().usual_grant(row)?,
            _ => grant_of(&input, &metadata),
        };
        let is_api = challenge.is_some() || resource.is_some();
        let (scopes, scopes_from) = match scopes_of(&input, challenge, resource.as_ref()) {
            (_, ScopeSource::Nobody) if !is_api && signs_in_with_openid(&grant, &metadata) => {
                (vec!["openid".to_owned()], ScopeSource::Issuer)
            }
            named => named,
        };
        let config = config_of(configuration.as_ref(), &metadata);
        // Before a client is registered for a sign-in that cannot be.
        let endpoint = match grant.as_str() {
            CODE_GRANT => config.authorization_endpoint().map(Some),
            _ => Ok(None),
        };
        endpoint.map_err(|source| CoreError::Provider {
            who: ProviderLabel {
                name: issuer.clone(),
                kind: Some(config.kind),
                ..ProviderLabel::default()
            },
            doing: Operation::SignIn,
            source,
        })?;
        let hosts = config.unconfirmed_hosts();
        let is_assumed = trail.is_usual;
        let mut sheet = ConnectSheet {
            address: shown(&input.address),
            resource: resource.as_ref().map(|one| one.resource.clone()),
            resource_name: resource.as_ref().and_then(|one| one.name.clone()),
            other_issuers: resource
                .iter()
                .flat_map(|one| &one.authorization_servers)
                .filter(|one| **one != issuer)
                .cloned()
                .collect(),
            issuer,
            found: trail.lines,
            identities,
            grant,
            scopes,
            scopes_from,
            dpop: wants_dpop(challenge, resource.as_ref()),
            hosts,
            configuration: configuration.map(|row| row.name),
            application: known.as_ref().map(|row| row.name.clone()),
            steps: Vec::new(),
            question: String::new(),
        };
        let unnamed = unnamed(&sheet, &config);
        sheet.steps = self.steps(&sheet, chosen, &unnamed);
        sheet.question = self.question(&sheet);
        Ok(FoundServer {
            sheet,
            input,
            address,
            resource,
            metadata,
            known,
            is_api,
            is_assumed,
        })
    }

    pub(super) fn configuration_of(
        self,
        issuer: &str,
    ) -> Result<Option<ConfigurationRow>, CoreError> {
        let all = self.app.vault()?.configurations()?;
        Ok(all.into_iter().find(|row| row.issuer == issuer))
    }

    fn identities(
        self,
        input: &ConnectInput,
        metadata: &ServerMetadata,
        is_known: bool,
    ) -> Vec<IdentityView> {
        let takes_documents = metadata.takes_client_documents();
        let registers = metadata.registration_endpoint.is_some();
        let chosen = if is_known {
            Some(IdentityKind::Known)
        } else if input.client.is_some() {
            Some(IdentityKind::PreRegistered)
        } else if input.document.is_some() {
            takes_documents.then_some(IdentityKind::MetadataDocument)
        } else {
            registers.then_some(IdentityKind::Dynamic)
        };
        let all = [
            (IdentityKind::Known, is_known),
            (IdentityKind::PreRegistered, true),
            (IdentityKind::MetadataDocument, takes_documents),
            (IdentityKind::Dynamic, registers),
        ];
        let views = all.into_iter().filter(|(kind, accepted)| {
            // Only what is there can be said of an application of this vault.
            *kind != IdentityKind::Known || *accepted
        });
        views
            .map(|(kind, accepted)| IdentityView {
                kind,
                accepted,
                chosen: chosen == Some(kind),
                reason: self.app.translate(identity_reason(kind, accepted), &[]),
            })
            .collect()
    }

    fn steps(
        self,
        sheet: &ConnectSheet,
        chosen: Option<IdentityKind>,
        unnamed: &[String],
    ) -> Vec<String> {
        let say = |key: Key, blanks: &[(&str, &str)]| self.app.translate(key, blanks);
        let mut steps = Vec::new();
        let issuer = [("issuer", sheet.issuer.as_str())];
        if sheet.configuration.is_none() {
            steps.push(say(Key::ConnectStepConfiguration, &issuer));
        }
        steps.push(match chosen {
            Some(IdentityKind::Known) => {
                let name = sheet.application.as_deref().unwrap_or_default();
                say(Key::ConnectStepKnown, &[("name", name)])
            }
            Some(IdentityKind::PreRegistered) => say(Key::ConnectStepPreRegistered, &issuer),
            Some(IdentityKind::MetadataDocument) => say(Key::ConnectStepMetadataDocument, &issuer),
            _ => say(Key::ConnectStepDynamic, &issuer),
        });
        let resource = sheet.resource.as_deref().unwrap_or_default();
        steps.push(say(
            if is_of_user(&sheet.grant) {
                Key::ConnectStepSignIn
            } else {
                Key::ConnectStepToken
            },
            &issuer,
        ));
        if !resource.is_empty() {
            steps.push(say(Key::ConnectStepResource, &[("resource", resource)]));
        }
        if sheet.dpop {
            steps.push(say(Key::ConnectStepDpop, &[]));
        }
        let key = match sheet.scopes_from {
            ScopeSource::User => Key::ConnectScopesUser,
            ScopeSource::Challenge => Key::ConnectScopesChallenge,
            ScopeSource::Resource => Key::ConnectScopesResource,
            ScopeSource::Issuer => Key::ConnectScopesIssuer,
            ScopeSource::Nobody if !unnamed.is_empty() => Key::ConnectScopesIssuer,
            ScopeSource::Nobody => Key::ConnectScopesNobody,
        };
        let named = match sheet.scopes_from {
            ScopeSource::Nobody => unnamed,
            _ => &sheet.scopes,
        };
        steps.push(say(key, &[("scopes", &named.join(" "))]));
        steps
    }

    /// The one question. It names every host that is not the user's own word yet.
    fn question(self, sheet: &ConnectSheet) -> String {
        let hosts = sheet.hosts.join(", ");
        let key = if hosts.is_empty() {
            Key::ConnectAsk
        } else {
            Key::ConnectAskHosts
        };
        self.app
            .translate(key, &[("issuer", &sheet.issuer), ("hosts", &hosts)])
    }
}

fn identity_reason(kind: IdentityKind, accepted: bool) -> Key {
    match (kind, accepted) {
        (IdentityKind::Known, true) => Key::ConnectIdentityKnownYes,
        (IdentityKind::Known, false) => Key::ConnectIdentityKnownNo,
        (IdentityKind::PreRegistered, true) => Key::ConnectIdentityPreRegisteredYes,
        (IdentityKind::PreRegistered, false) => Key::ConnectIdentityPreRegisteredNo,
        (IdentityKind::MetadataDocument, true) => Key::ConnectIdentityMetadataDocumentYes,
        (IdentityKind::MetadataDocument, false) => Key::ConnectIdentityMetadataDocumentNo,
        (IdentityKind::Dynamic, true) => Key::ConnectIdentityDynamicYes,
        (IdentityKind::Dynamic, false) => Key::ConnectIdentityDynamicNo,
    }
}

/// What an application is for: the resource, or the address where it does not name one.
pub(super) fn place_of(resource: Option<&ProtectedResource>, address: &Url) -> String {
    resource.map_or_else(|| super::bare(address), |one| one.resource.clone())
}

/// A typed address without the secrets in its query.
fn shown(typed: &str) -> String {
    let typed = typed.trim();
    Url::parse(typed).map_or_else(|_| typed.to_owned(), |url| redact::url(&url, &[]))
}

/// The resource takes only tokens that are bound to a key: it asks for one (RFC 9449 §7.1), or says so (RFC 9728 §2).
fn wants_dpop(challenge: Option<&Challenge>, resource: Option<&ProtectedResource>) -> bool {
    challenge.is_some_and(|one| one.scheme.eq_ignore_ascii_case("dpop"))
        || resource.is_some_and(|one| one.dpop_required)
}

/// The user's choice, else the code flow where the server has it, else a code for another device, else client
/// credentials. A server that names no grants has the code flow (RFC 8414 §2).
fn grant_of(input: &ConnectInput, metadata: &ServerMetadata) -> String {
    if let Some(grant) = &input.grant {
        return standard_name(grant).to_owned();
    }
    let lists = |grant: &str| metadata.lists_grant(grant);
    // One that is named and cannot be opened is reported, not passed over.
    let has_code_flow = lenient::present(&metadata.document, AUTHORIZATION_ENDPOINT).is_some();
    if has_code_flow && lists(CODE_GRANT).unwrap_or(true) {
        CODE_GRANT.to_owned()
    } else if metadata.device_authorization_endpoint().is_some()
        && lists(DEVICE_CODE).unwrap_or(true)
    {
        DEVICE_CODE.to_owned()
    } else {
        CLIENT_GRANT.to_owned()
    }
}

/// The configuration of the issuer as it will be: hosts that only its metadata names get no registration and no secret
/// before the user says so.
fn config_of(known: Option<&ConfigurationRow>, metadata: &ServerMetadata) -> ProviderConfig {
    ProviderConfig {
        kind: known
            .and_then(|row| ProviderKind::of(&row.provider))
            .unwrap_or(ProviderKind::Rfc7591),
        issuer: metadata.issuer.clone(),
        settings: known.map_or_else(BTreeMap::new, |row| row.settings.clone()),
        secrets: BTreeMap::new(),
        metadata: Some(metadata.clone()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn metadata(grants: &serde_json::Value, endpoints: &[&str]) -> ServerMetadata {
        let mut document =
            json!({ "issuer": "https://id.example", "grant_types_supported": grants });
        for name in endpoints {
            document[*name] = json!("https://id.example/x");
        }
        let source = "https://id.example".parse().unwrap();
        ServerMetadata::read(document.as_object().unwrap().clone(), source).unwrap()
    }

    #[test]
    fn the_grant_is_one_that_the_server_has() {
        let both = ["authorization_endpoint", "device_authorization_endpoint"];
        let grant = |grants, endpoints: &[&str]| {
            grant_of(&ConnectInput::default(), &metadata(&grants, endpoints))
        };
        assert_eq!(grant(json!(null), &both), CODE_GRANT);
        assert_eq!(grant(json!([DEVICE_CODE]), &both), DEVICE_CODE);
        assert_eq!(grant(json!(["client_credentials"]), &both), CLIENT_GRANT);
        assert_eq!(grant(json!(null), &[]), CLIENT_GRANT);
        let input = ConnectInput {
            grant: Some("device_code".into()),
            ..ConnectInput::default()
        };
        assert_eq!(
            grant_of(&input, &metadata(&json!(null), &both)),
            DEVICE_CODE
        );
    }

    #[test]
    fn a_user_signs_in_at_an_openid_provider_with_openid() {
        let of = |grant: &str, scopes: serde_json::Value| {
            let document = json!({ "issuer": "https://id.example", "scopes_supported": scopes });
            let source = "https://id.example".parse().unwrap();
            let metadata = ServerMetadata::read(document.as_object().unwrap().clone(), source);
            signs_in_with_openid(grant, &metadata.unwrap())
        };
        assert!(of(CODE_GRANT, json!(["profile", "openid"])));
        assert!(!of(CODE_GRANT, json!(["read"])));
        assert!(!of(CODE_GRANT, json!(null)));
        let document = json!({
            "issuer": "https://id.example",
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let source = "https://id.example".parse().unwrap();
        let openid = ServerMetadata::read(document.as_object().unwrap().clone(), source).unwrap();
        assert!(signs_in_with_openid(CODE_GRANT, &openid));
        assert!(!signs_in_with_openid(CLIENT_GRANT, &openid));
        assert!(!of(CLIENT_GRANT, json!(["openid"])));
    }

    #[test]
    fn the_challenge_names_the_scopes_before_the_resource() {
        let challenge = |scope: &str| Challenge {
            scope: Some(scope.to_owned()),
            ..Challenge::default()
        };
        let document = json!({ "resource": "https://a.example", "scopes_supported": ["c"] });
        let source: Url = "https://a.example".parse().unwrap();
        let resource = ProtectedResource::read(document.as_object().unwrap(), source);
        let of = |typed: &[&str], challenge: Option<&Challenge>, resource| {
            let input = ConnectInput {
                scopes: typed.iter().map(|one| (*one).to_owned()).collect(),
                ..ConnectInput::default()
            };
            let (scopes, from) = scopes_of(&input, challenge, resource);
            (scopes.join(" "), from)
        };
        let both = (Some(&challenge("a b")), resource.as_ref());
        assert_eq!(
            of(&["x y"], both.0, both.1),
            ("x y".into(), ScopeSource::User)
        );
        assert_eq!(
            of(&[], both.0, both.1),
            ("a b".into(), ScopeSource::Challenge)
        );
        assert_eq!(of(&[], None, both.1), ("c".into(), ScopeSource::Resource));
        assert_eq!(of(&[], None, None), (String::new(), ScopeSource::Nobody));
    }
}
