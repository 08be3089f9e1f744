//! Make or find again what gets tokens for an address: the configuration of its issuer and an application there.

use std::net::TcpListener;

use keywright_oauth::{client_document, server_metadata::ServerMetadata, token::DEVICE_CODE};
use keywright_vault::ApplicationRow;

use super::{Connect, FoundServer, sheet::place_of, types::IdentityKind};
use crate::{
    CoreError,
    app::registration_record::metadata,
    applications::types::AdoptInput,
    registration::types::Draft,
    tokens::{CLIENT_GRANT, CODE_GRANT, REFRESH_GRANT, types::TokenWish},
};

/// Methods that send a secret, the usual one first.
const SECRET_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// Methods that sign an assertion (OpenID Connect Core §9).
const SIGNED_METHODS: [&str; 2] = ["private_key_jwt", "client_secret_jwt"];

impl Connect<'_> {
    /// Makes what is missing and returns the token to ask for. Called after the user agreed to
    /// [`super::types::ConnectSheet::question`].
    ///
    /// # Errors
    ///
    /// Every failure of a registration; the journal says what is left at the provider then.
    pub async fn prepare(self, found: &FoundServer) -> Result<TokenWish, CoreError> {
        let chosen = found.sheet.identities.iter().find(|one| one.chosen);
        let row = match (&found.known, chosen.map(|one| one.kind)) {
            (Some(row), _) => row.clone(),
            (None, kind) => self.new_application(found, kind).await?,
        };
        if found.sheet.dpop {
            // From the first request: a server that ignores the member of the registration gives a bearer token else.
            let configurations = self.app.configurations();
            let configuration = self.app.vault()?.configuration(row.configuration_id)?;
            let config = configurations.provider_config(&configuration)?;
            self.app.tokens().dpop_key(&row, &config)?;
        }
        let place = place_of(found.resource.as_ref(), &found.address);
        let id = row.id.to_string();
        self.remember(&id, found.issuer(), &place, &found.address)?;
        Ok(TokenWish {
            application_id: id,
            // A later `token get` or `call` without a grant means the same token.
            grant: found
                .input
                .grant
                .is_some()
                .then(|| found.sheet.grant.clone()),
            scope: wider(&row, &found.sheet.scopes),
            ..TokenWish::default()
        })
    }

    async fn new_application(
        self,
        found: &FoundServer,
        kind: Option<IdentityKind>,
    ) -> Result<ApplicationRow, CoreError> {
        let configuration = self.configuration(found)?;
        let name = self.free_name(found)?;
        let resources: Vec<String> = found.sheet.resource.iter().cloned().collect();
        let grants = grants(&found.sheet.grant, &found.metadata);
        let mut redirect_uris = redirects(&found.sheet.grant);
        if let (Some(IdentityKind::MetadataDocument), Some(address)) =
            (kind, found.input.document.as_deref())
            && let Some(published) = self.published_redirects(address).await?
        {
            redirect_uris = published;
        }
        let id = if let Some(IdentityKind::PreRegistered | IdentityKind::MetadataDocument) = kind {
            let given = found.input.client.as_ref();
            let client_id = given
                .map(|client| client.client_id.clone())
                .or_else(|| found.input.document.clone())
                .unwrap_or_default();
            let client_secret = given
                .and_then(|client| client.client_secret.as_ref())
                .map(|secret| secret.expose().to_owned());
            let key = given.and_then(|client| client.client_key.as_ref());
            let input = AdoptInput {
                name,
                configuration_id: configuration,
                client_id,
                token_endpoint_auth_method: match key {
                    Some(_) => Some("private_key_jwt".to_owned()),
                    None => given_method(client_secret.is_some(), &found.metadata),
                },
                client_key: key.map(|key| key.expose().to_owned()),
                key_id: None,
                signing_alg: given.and_then(|client| client.signing_alg.clone()),
                client_secret,
                registration_client_uri: None,
                registration_access_token: None,
                scope: (!found.sheet.scopes.is_empty()).then(|| found.sheet.scopes.join(" ")),
                audience: None,
                resources,
                grant_types: grants,
                redirect_uris,
            };
            self.app.registration().adopt(input).await?.id
        } else {
            let draft = Draft {
                configuration_id: configuration,
                name,
                token_endpoint_auth_method: registered_method(&found.sheet.grant, &found.metadata),
                grant_types: grants,
                redirect_uris,
                scopes: found.sheet.scopes.clone(),
                resources,
                dpop_bound: found.sheet.dpop,
                ..Draft::default()
            };
            self.register(draft).await?.application.id
        };
        self.app.application_row(&id)
    }

    /// The redirect URIs of a document, so that the sign-in uses one of them. None where it cannot be read from here:
    /// the server may reach what this computer does not.
    ///
    /// # Errors
    ///
    /// `document_refused` where it can be read and a server would refuse it.
    async fn published_redirects(self, address: &str) -> Result<Option<Vec<String>>, CoreError> {
        if !client_document::is_address(address) {
            return Err(CoreError::Input {
                what: "document_address",
                detail: address.to_owned(),
            });
        }
        let (checks, document) = match self.checked_document(address).await {
            Ok(checked) => checked,
            Err(CoreError::Api { who, source }) => {
                tracing::warn!(%who, error = %source, "the metadata document could not be checked");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        match checks.iter().find(|check| check.passed == Some(false)) {
            Some(wrong) => Err(CoreError::Input {
                what: "document_refused",
                detail: wrong.message.clone(),
            }),
            None => Ok(document.and_then(|document| document.redirect_uris())),
        }
    }

    /// The configuration of the issuer, with the metadata that the user saw and the hosts that the user agreed to.
    fn configuration(self, found: &FoundServer) -> Result<String, CoreError> {
        let configurations = self.app.configurations();
        let known = self.configuration_of(found.issuer())?;
        let row = configurations.with_metadata(known, &found.metadata, &found.sheet.hosts)?;
        Ok(row.id.to_string())
    }

    /// The name that was asked for, else the host of the address, with a number where it is taken.
    fn free_name(self, found: &FoundServer) -> Result<String, CoreError> {
        if let Some(name) = &found.input.name {
            return Ok(name.clone());
        }
        let host = found.address.host_str().unwrap_or("connected");
        let vault = self.app.vault()?;
        let (mut name, mut number) = (host.to_owned(), 1_u32);
        while vault.application_by_name(&name)?.is_some() {
            number = number.saturating_add(1);
            name = format!("{host} {number}");
        }
        Ok(name)
    }
}

/// The scopes to ask for where the application was registered for others: those of both, so that what was granted
/// before is granted again. None where the registration has them all.
fn wider(row: &ApplicationRow, needed: &[String]) -> Option<String> {
    let mut scopes = metadata(&row.requested).scopes().unwrap_or_default();
    let missing: Vec<String> = needed
        .iter()
        .filter(|scope| !scopes.contains(scope))
        .cloned()
        .collect();
    if missing.is_empty() {
        return None;
    }
    scopes.extend(missing);
    Some(scopes.join(" "))
}

/// The grant, and that of its refresh where the server has it or names no grants.
fn grants(grant: &str, server: &ServerMetadata) -> Vec<String> {
    let mut grants = vec![grant.to_owned()];
    let listed = server.grant_types_supported.as_ref();
    let refreshes = listed.is_none_or(|all| all.iter().any(|one| one == REFRESH_GRANT));
    if (grant == CODE_GRANT || grant == DEVICE_CODE) && refreshes {
        grants.push(REFRESH_GRANT.to_owned());
    }
    grants
}

/// A redirect URI of this computer at a port that is free now: not every server lets a client choose another port at
/// each sign-in (RFC 8252 §7.3).
fn redirects(grant: &str) -> Vec<String> {
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
fn registered_method(grant: &str, server: &ServerMetadata) -> Option<String> {
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

/// How a client that was given authenticates: by its secret, with Basic where the server lists it (RFC 7591 §2), or
/// not at all.
fn given_method(has_secret: bool, server: &ServerMetadata) -> Option<String> {
    if !has_secret {
        return Some("none".to_owned());
    }
    let listed = server.token_endpoint_auth_methods_supported.as_ref();
    let has = |method: &&str| listed.is_some_and(|all| all.iter().any(|one| one == method));
    SECRET_METHODS.into_iter().find(has).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn server(methods: &serde_json::Value) -> ServerMetadata {
        let document = json!({
            "issuer": "https://id.example", "token_endpoint_auth_methods_supported": methods,
        });
        let source = "https://id.example".parse().unwrap();
        ServerMetadata::read(document.as_object().unwrap().clone(), source).unwrap()
    }

    #[test]
    fn a_client_authenticates_as_the_server_lists() {
        let of = |grant, methods| registered_method(grant, &server(&methods));
        let all = json!(["client_secret_post", "client_secret_basic", "none"]);
        assert_eq!(of(CODE_GRANT, all.clone()).as_deref(), Some("none"));
        assert_eq!(
            of(CLIENT_GRANT, all.clone()).as_deref(),
            Some("client_secret_post"),
            "in the order of the server"
        );
        let given = |has_secret| given_method(has_secret, &server(&all));
        assert_eq!(given(true).as_deref(), Some("client_secret_basic"));
        assert_eq!(given(false).as_deref(), Some("none"));
        let post = json!(["client_secret_post"]);
        assert_eq!(of(CODE_GRANT, post).as_deref(), Some("client_secret_post"));
        assert_eq!(of(CODE_GRANT, json!(null)), None);
        let signed = json!(["tls_client_auth", "private_key_jwt"]);
        assert_eq!(of(CODE_GRANT, signed).as_deref(), Some("private_key_jwt"));
    }
}
