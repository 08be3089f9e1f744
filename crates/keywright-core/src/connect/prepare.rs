//! Make or find again what gets tokens for an address: the configuration of its issuer and an application there.

use keywright_oauth::{client_document, server_metadata::ServerMetadata};
use keywright_vault::{ApplicationRow, ConfigurationRow};

use super::{Connect, FoundServer, sheet::place_of, types::IdentityKind};
use crate::{
    CoreError,
    app::registration_record::metadata,
    applications::types::AdoptInput,
    error::{connect::ConnectError, input_problem::InputProblem},
    registration::{
        defaults::{Chosen, Filled, SECRET_METHODS, grants, redirects, registered_method},
        types::Draft,
    },
    tokens::types::TokenWish,
};

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
        self.remember(&row, found.issuer(), &place, &found.address)?;
        Ok(TokenWish {
            application_id: row.id.to_string(),
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
        let grants = grants(&found.sheet.grant, Some(&found.metadata));
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
            // The token request that follows says why a proof failed.
            self.app.registration().adopt(input).await?.application.id
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
            let row = self.app.configurations().row(&draft.configuration_id)?;
            let filled = Filled {
                draft,
                chosen: Chosen::ALL,
                because: None,
            };
            let registrar = self.app.registration();
            match registrar.register_filled(&row, filled, None).await {
                Ok(registered) => registered.application.id,
                Err(error) if found.is_assumed && has_no_endpoint(&error) => {
                    return Err(self.not_there(found, &row));
                }
                Err(error) => return Err(error),
            }
        };
        self.app.application_row(&id)
    }

    /// Nothing described the server, and it does not register at the usual address: it is none, and a configuration
    /// that was added for it is taken back.
    fn not_there(self, found: &FoundServer, row: &ConfigurationRow) -> CoreError {
        if found.sheet.configuration.is_none()
            && let Err(error) = self.app.configurations().remove(&row.id.to_string())
        {
            tracing::warn!(%error, "the configuration could not be removed");
        }
        CoreError::Connect {
            address: found.input.address.trim().to_owned(),
            source: Box::new(ConnectError::NoServer),
        }
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
                what: InputProblem::DocumentAddress,
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
                what: InputProblem::DocumentRefused,
                detail: wrong.message.clone(),
            }),
            None => Ok(document.and_then(|document| document.redirect_uris())),
        }
    }

    /// The configuration of the issuer, with the metadata that the user saw and the hosts that the user agreed to.
    fn configuration(self, found: &FoundServer) -> Result<String, CoreError> {
        let configurations = self.app.configurations();
        let known = self.configuration_of(found.issuer())?;
        let row = configurations.with_metadata(
            known,
            &found.metadata,
            &found.sheet.hosts,
            found.input.ca_pem.as_deref(),
        )?;
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

/// The address of a registration is not there.
fn has_no_endpoint(error: &CoreError) -> bool {
    let CoreError::Provider { source, .. } = error else {
        return false;
    };
    let words = source.words();
    words.is_some_and(|words| matches!(words.status, 404 | 405 | 410))
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
    fn a_client_that_was_given_authenticates_as_the_server_lists() {
        let given = |has_secret, methods| given_method(has_secret, &server(&methods));
        let all = json!(["client_secret_post", "client_secret_basic", "none"]);
        assert_eq!(
            given(true, all.clone()).as_deref(),
            Some("client_secret_basic")
        );
        assert_eq!(given(false, all).as_deref(), Some("none"));
    }
}
