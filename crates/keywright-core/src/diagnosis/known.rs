//! What is known of an application when its provider refuses it.

use keywright_oauth::{
    client_key::Certificate,
    http::{BasicEncoding, Purpose},
    token::ClientAuth,
};
use keywright_providers::{
    AssertionAudience, Capability, Provider, ProviderConfig, Registration, other_client_auth,
    other_client_methods,
};
use keywright_vault::{
    ApplicationRow, ExchangeQuery, Health, JournalState, Owner, SECRET_CLIENT, Vault,
};
use serde_json::Value;
use uuid::Uuid;

use super::assertion::Assertion;

use crate::{CoreError, Keywright, app::registration_record};

/// Exchanges of the application that are looked through, the newest.
const LOOKED_THROUGH: u64 = 50;

/// Everything that the ranking may use.
pub(super) struct Known {
    pub(super) now: i64,
    pub(super) name: String,
    pub(super) config: String,
    /// When a token last came, with the secret that the vault holds now.
    pub(super) worked_at: Option<i64>,
    /// When the secret, or without one the application, came into the vault.
    pub(super) since: i64,
    /// When the application came into the vault.
    pub(super) created_at: i64,
    pub(super) has_secret: bool,
    /// Keywright registered it without authentication (method `none`), and it has no secret: one that came with it is
    /// sent.
    pub(super) is_public: bool,
    /// `client_secret_expires_at`: 0 = never, none = not said.
    pub(super) expires_at: Option<i64>,
    /// The last read of the registration: when, and its status.
    pub(super) read: Option<(i64, u16)>,
    /// The registration was read before, with what the vault holds.
    pub(super) read_at: Option<i64>,
    /// The method that is used.
    pub(super) method: String,
    /// Methods with a secret that the metadata offers in addition to it.
    pub(super) others: Vec<String>,
    /// The metadata lists methods, and not this one.
    pub(super) method_unlisted: bool,
    /// The encoding in use, where the other one writes this id and secret in another way and can be sent.
    pub(super) encoding: Option<BasicEncoding>,
    /// Both encodings write them alike.
    pub(super) encodings_alike: bool,
    pub(super) can_read: bool,
    pub(super) can_rotate: bool,
    pub(super) live_tokens: usize,
    /// When a change of this client began that was interrupted.
    pub(super) unfinished_at: Option<i64>,
    /// What was asked for at registration.
    pub(super) requested: Value,
    /// The resources that its tokens are for.
    pub(super) resources: Vec<String>,
    /// The address that it was connected to.
    pub(super) connected: Option<String>,
    /// The client proves itself by a signed assertion.
    pub(super) assertion: Option<Assertion>,
    /// The client proves itself by a certificate.
    pub(super) certificate: Option<Certificate>,
    /// Assertions are made for the token endpoint.
    pub(super) is_for_endpoint: bool,
}

impl Known {
    /// When its credentials were last accepted, for a token or for its registration. A registration that was read before
    /// its secret was replaced says nothing of the new secret.
    pub(super) fn right_at(&self) -> Option<i64> {
        let is_first = self.since <= self.created_at;
        let read_at = self.read_at.filter(|read| is_first || *read > self.since);
        self.worked_at.max(read_at)
    }
}

impl Keywright {
    pub(super) fn known(
        &self,
        row: &ApplicationRow,
        provider: &Provider,
        exchange: Option<Uuid>,
    ) -> Result<Known, CoreError> {
        let vault = self.vault()?;
        let now = self.now();
        let configuration = vault.configuration(row.configuration_id)?;
        let config = self.configurations().provider_config(&configuration)?;
        let at = registration_record::registration(&vault, row)?;
        let secret_since = vault.secret_since(Owner::Application(row.id), SECRET_CLIENT)?;
        let since = secret_since.unwrap_or(row.created_at);
        let tokens = vault.tokens(row.id)?;
        let kept: Option<i64> = vault
            .kv(&right_key(row.id))?
            .and_then(|value| value.as_i64());
        let worked_at = tokens
            .iter()
            .map(|token| token.issued_at)
            .chain(kept)
            // An adoption proves the secret with a token that is not kept.
            .chain(
                (row.health == Health::Live && row.current_read_at.is_none())
                    .then_some(row.health_checked_at)
                    .flatten(),
            )
            .filter(|worked| *worked >= since)
            .max();
        let read = vault
            .exchanges(&ExchangeQuery {
                application_id: Some(row.id),
                limit: LOOKED_THROUGH,
                ..ExchangeQuery::default()
            })?
            .items
            .into_iter()
            .find(|exchange| exchange.purpose == Purpose::ReadRegistration.as_str())
            .and_then(|exchange| Some((exchange.started_at_ms / 1000, exchange.status?)));
        let method = method(&config, &at);
        let listed = config
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.token_endpoint_auth_methods_supported.clone())
            .unwrap_or_default();
        let ambiguous = BasicEncoding::matters_for(&at.client_id, at.client_secret.as_ref());
        let encoding = config.basic_encoding();
        // What was tried already, and refused as well.
        let tried = other_client_auth(&config, &at, ClientAuth::Basic(encoding));
        let encoding_tried = tried.contains(&ClientAuth::Basic(encoding.other()));
        let methods =
            worked_at.map_or_else(|| methods_tried(&config, &at, &method), |_| Vec::new());
        let is_tried = |way| tried.contains(&way) || methods.contains(&way);
        let basic = method == "client_secret_basic" && at.client_secret.is_some();
        Ok(Known {
            now,
            name: row.name.clone(),
            config: configuration.name.clone(),
            worked_at,
            since,
            created_at: row.created_at,
            has_secret: at.client_secret.is_some(),
            // An adopted client may have a secret that was not entered.
            is_public: method == "none"
                && at.client_secret.is_none()
                && row.requested.get("client_name").is_some(),
            expires_at: row.client_secret_expires_at,
            read,
            read_at: row.current_read_at,
            others: listed
                .iter()
                .filter(|other| {
                    **other != method
                        && match other.as_str() {
                            "client_secret_basic" => {
                                !methods.contains(&ClientAuth::Basic(encoding))
                            }
                            "client_secret_post" => !is_tried(ClientAuth::Post),
                            _ => false,
                        }
                })
                .cloned()
                .collect(),
            method_unlisted: !listed.is_empty() && !listed.contains(&method),
            // Raw Basic ends the id at its first colon.
            encoding: (basic && ambiguous && !encoding_tried && !at.client_id.contains(':'))
                .then_some(encoding),
            encodings_alike: basic && !ambiguous,
            method,
            can_read: provider.can(Capability::Read, &at).is_ok(),
            can_rotate: provider.can(Capability::Rotate, &at).is_ok(),
            live_tokens: tokens
                .iter()
                .filter(|token| {
                    token.revoked_at.is_none() && token.expires_at.is_some_and(|end| end > now)
                })
                .count(),
            unfinished_at: unfinished(&vault, row.id)?,
            requested: row.requested.clone(),
            resources: self.resources(row, &[])?,
            connected: vault
                .kv(&registration_record::connected_key(&row.id.to_string()))?
                .and_then(|kept| kept.as_str().map(str::to_owned)),
            assertion: Assertion::of(provider, &at, &vault, exchange),
            certificate: certificate(provider, &at),
            is_for_endpoint: config
                .chosen_assertion_audience()
                .is_some_and(|chosen| chosen != AssertionAudience::Issuer),
        })
    }
}

/// When the latest change of an application began that was sent and never finished here: the provider may
/// have replaced the secret or the key.
fn unfinished(vault: &Vault, application: Uuid) -> Result<Option<i64>, CoreError> {
    Ok(vault
        .journal_pending()?
        .into_iter()
        .filter(|entry| entry.application_id == Some(application))
        .filter(|entry| entry.state != JournalState::Intent)
        .map(|entry| entry.created_at)
        .max())
}

/// The certificate that proves the client, where one does.
fn certificate(provider: &Provider, at: &Registration) -> Option<Certificate> {
    let client = provider.client_authentication(at).ok()?;
    let key = client
        .certificate
        .filter(|_| client.client_auth == ClientAuth::Certificate)?;
    key.certificate().cloned()
}

/// Key of the time at which an application was last right, kept when it is found rejected.
pub(crate) fn right_key(application: uuid::Uuid) -> String {
    format!("application/{application}/right_at")
}

/// A client that never worked was tried with the other method as well.
fn methods_tried(config: &ProviderConfig, at: &Registration, method: &str) -> Vec<ClientAuth> {
    let usual = match method {
        "client_secret_post" => ClientAuth::Post,
        _ => ClientAuth::Basic(config.basic_encoding()),
    };
    other_client_methods(config, at, usual, false)
}

/// The method of authentication that is used (RFC 7591 §2).
fn method(config: &ProviderConfig, at: &Registration) -> String {
    config
        .chosen_auth_method()
        .map(str::to_owned)
        .or_else(|| at.granted.token_endpoint_auth_method())
        .unwrap_or_else(|| {
            let default = if at.client_secret.is_some() {
                "client_secret_basic"
            } else {
                "none"
            };
            default.to_owned()
        })
}
