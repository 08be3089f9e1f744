//! The keys by which a client proves itself (`private_key_jwt`): made here or imported, given to the provider as `jwks`
//! (RFC 7591 §2), and rotated with an overlap: the key before stays in the set until the user removes it.

use keywright_oauth::{
    client_key::{ClientKey, KeyAlgorithm},
    client_metadata::ClientMetadata,
    lenient, mutual_tls,
    register::RegistrationError,
};
use keywright_providers::{Capability, ProviderConfig, ProviderError, ProviderKind, TokenWish};
use keywright_vault::{ApplicationRow, Health, JournalOperation, Owner, SECRET_CLIENT_KEYS, Vault};
use serde_json::{Value, json};

use crate::{
    CoreError, Operation, Thing,
    app::{
        FlowSubject,
        audit_action::AuditAction,
        client_keys::{KeyRing, KeyState},
        registration_record::{metadata, registration},
    },
    error::input_problem::InputProblem,
    registration::{
        Registrar,
        client_certificates::{certified_like, name_subject},
        first_key::{PRIVATE_KEY_JWT, SIGNING_ALG, best, check_signature, signing_choices},
        types::{CertificateView, ClientKeyView, ClientKeysView},
    },
};

const METHOD: &str = "token_endpoint_auth_method";

/// Where the next key of a client comes from.
pub enum NewKey {
    /// Made here; with this algorithm, or with that of the key before.
    Made(Option<KeyAlgorithm>),
    /// Imported.
    Imported(ClientKey),
}

/// How the provider learns of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPublication {
    /// By an update of the registration.
    Update,
    /// The provider knows it already: it was entered there, or it is in the document at `jwks_uri`.
    Done,
}

impl Registrar<'_> {
    /// The keys of an application, without their private parts.
    pub fn keys(self, wanted: &str) -> Result<ClientKeysView, CoreError> {
        let row = self.app.application_row(wanted)?;
        let vault = self.app.vault()?;
        let ring = KeyRing::of(&vault, Owner::Application(row.id))?;
        let granted = registration(&vault, &row)?.granted;
        let configuration = vault.configuration(row.configuration_id)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let keys = ring.keys.iter().map(|one| {
            let key = one.key()?;
            Ok::<_, CoreError>(ClientKeyView {
                id: key.thumbprint(),
                kid: one.kid.clone(),
                alg: one.algorithm().to_owned(),
                state: one.state,
                created_at: one.created_at,
                certificate: key.certificate().map(CertificateView::of),
                public_jwk: Value::Object(key.public_jwk()),
            })
        });
        Ok(ClientKeysView {
            application: row.name,
            token_endpoint_auth_method: granted.token_endpoint_auth_method(),
            jwks_uri: lenient::text(granted.members(), "jwks_uri"),
            keys: keys.collect::<Result<_, CoreError>>()?,
            jwks: ring.jwks()?,
            signing_algs: signing_choices(&config),
        })
    }

    /// Makes the first key of an application.
    ///
    /// # Errors
    ///
    /// `key_exists` where a key signs already: that one is rotated.
    pub async fn first_key(
        self,
        wanted: &str,
        algorithm: Option<KeyAlgorithm>,
    ) -> Result<ClientKeysView, CoreError> {
        let before = self.keys(wanted)?;
        if before.keys.iter().any(|key| key.state == KeyState::Current) {
            return Err(CoreError::Input {
                what: InputProblem::KeyExists,
                detail: before.application,
            });
        }
        let key = NewKey::Made(algorithm);
        Box::pin(self.new_key(wanted, key, KeyPublication::Update)).await
    }

    /// Gives an application that authenticates with a key the next one.
    ///
    /// # Errors
    ///
    /// `rotate_without_key` where the client authenticates with something else: how it authenticates changes only where
    /// that is asked for, by [`Registrar::first_key`] or an import.
    pub async fn rotate_key(
        self,
        wanted: &str,
        algorithm: Option<KeyAlgorithm>,
        publication: KeyPublication,
    ) -> Result<ClientKeysView, CoreError> {
        let before = self.keys(wanted)?;
        let method = before.token_endpoint_auth_method.as_deref();
        let has_key = before.keys.iter().any(|key| key.state != KeyState::Old);
        let signs = method == Some(PRIVATE_KEY_JWT) || method.is_some_and(mutual_tls::is_method);
        if !has_key && !signs {
            return Err(CoreError::Input {
                what: InputProblem::RotateWithoutKey,
                detail: before.application,
            });
        }
        let key = NewKey::Made(algorithm);
        Box::pin(self.new_key(wanted, key, publication)).await
    }

    /// Gives an application a new key to prove itself with. It is kept before it is sent to the provider, proved by a token
    /// request, and then signs; the key before stays in the key set of the client.
    pub async fn new_key(
        self,
        wanted: &str,
        key: NewKey,
        publication: KeyPublication,
    ) -> Result<ClientKeysView, CoreError> {
        let (row, _open) = self
            .open_application(wanted, JournalOperation::Update)
            .await?;
        let vault = self.app.vault()?;
        let owner = Owner::Application(row.id);
        let before = KeyRing::of(&vault, owner)?;
        let mut ring = before.clone();
        let key = self.next_key(&row, &ring, key, publication)?;
        // A key that no provider was ever told of makes room for this one.
        ring.keys
            .retain(|one| one.state != KeyState::Pending || one.kid == key.kid());
        let is_known = |one: &&crate::app::client_keys::StoredKey| one.kid == key.kid();
        let is_pending = ring.keys.iter().find(is_known).map(|one| one.state);
        if matches!(is_pending, Some(KeyState::Current)) {
            return Err(CoreError::Input {
                what: InputProblem::KeyInUse,
                detail: key.kid().to_owned(),
            });
        }
        let granted = registration(&vault, &row)?.granted;
        let config = self.config_of(&row)?;
        check_signature(&key, &config)?;
        let key = certified_like(key, &granted, &config, &row.name, self.app.now())?;
        ring.add(&key, KeyState::Pending, self.app.now())?;
        let row = match publication {
            KeyPublication::Update => Box::pin(self.read_before(row, Capability::Update)).await?,
            KeyPublication::Done => row,
        };
        let granted = registration(&vault, &row)?.granted;
        let by_address = granted.members().contains_key("jwks_uri");
        match publication {
            KeyPublication::Update => {
                // Before the provider: a key that it knows and nobody has would be of no use.
                self.keep_ring(&vault, &row, &ring)?;
                if by_address {
                    return self.keys(&row.id.to_string());
                }
                let published = Box::pin(self.publish(&row, granted, &ring, Some(&key))).await;
                if let Err(error) = published {
                    if is_refusal(&error, config.kind) {
                        // Nobody knows the new key. One that was pending before stays: an earlier try may have reached
                        // the provider.
                        self.keep_ring(&vault, &row, &before)?;
                    }
                    return Err(error);
                }
                Box::pin(self.prove_key(&vault, &row, &key)).await?;
            }
            KeyPublication::Done => Box::pin(self.prove_key(&vault, &row, &key)).await?,
        }
        ring.make_current(key.kid());
        self.keep_ring(&vault, &row, &ring)?;
        let now = self.app.now();
        vault.change_application(row.id, &[], |row| {
            row.health = Health::Live;
            row.health_checked_at = Some(now);
            row.updated_at = now;
            if publication == KeyPublication::Done {
                name_method_in(&mut row.granted, &key);
                if let Some(current) = &mut row.current {
                    name_method_in(current, &key);
                }
            }
        })?;
        self.app.audit(
            AuditAction::ClientKeyReplaced,
            &row.id.to_string(),
            json!({ "name": row.name, "kid": key.kid() }),
        )?;
        self.keys(&row.id.to_string())
    }

    /// Whether [`Registrar::remove_key`] may be asked for: said before the user is asked to confirm it.
    ///
    /// # Errors
    ///
    /// `not_found` for an application or a key that is not there, `key_in_use` for the key that signs.
    pub fn check_key_removal(self, wanted: &str, key: &str) -> Result<(), CoreError> {
        let row = self.app.application_row(wanted)?;
        let ring = KeyRing::of(&*self.app.vault()?, Owner::Application(row.id))?;
        removable(&ring, key).map(|_kid| ())
    }

    /// Removes a key that does not sign any more, at the provider first.
    pub async fn remove_key(self, wanted: &str, key: &str) -> Result<ClientKeysView, CoreError> {
        let (row, _open) = self
            .open_application(wanted, JournalOperation::Update)
            .await?;
        let vault = self.app.vault()?;
        let mut ring = KeyRing::of(&vault, Owner::Application(row.id))?;
        let kid = removable(&ring, key)?;
        ring.keys.retain(|one| one.kid != kid);
        let row = self.read_before(row, Capability::Update).await?;
        let mut granted = registration(&vault, &row)?.granted;
        if drop_key(&mut granted, &kid) {
            Box::pin(self.publish(&row, granted, &ring, None)).await?;
        }
        self.keep_ring(&vault, &row, &ring)?;
        self.app.audit(
            AuditAction::ClientKeyRemoved,
            &row.id.to_string(),
            json!({ "name": row.name, "kid": kid }),
        )?;
        self.keys(&row.id.to_string())
    }

    /// The key that is wanted next. One that was made and that the provider was not told of, or may not have been, is
    /// taken up again.
    fn next_key(
        self,
        row: &ApplicationRow,
        ring: &KeyRing,
        wanted: NewKey,
        publication: KeyPublication,
    ) -> Result<ClientKey, CoreError> {
        let wanted = match wanted {
            NewKey::Imported(key) => return Ok(key),
            NewKey::Made(algorithm) => algorithm,
        };
        let before = ring.current()?.map(|key| key.algorithm());
        if let Some(pending) = ring.in_state(KeyState::Pending) {
            let pending = pending.key()?;
            if wanted.is_none_or(|wanted| wanted == pending.algorithm()) {
                return Ok(pending);
            }
        }
        // A key that is yet to be made cannot be known there.
        if publication == KeyPublication::Done {
            return Err(CoreError::NotFound {
                what: Thing::PendingKey,
                name: row.name.clone(),
                nearest: None,
            });
        }
        let config = self.config_of(row)?;
        let algorithm = wanted.or(before).unwrap_or_else(|| best(&config));
        Ok(ClientKey::generate(algorithm)?)
    }

    fn config_of(self, row: &ApplicationRow) -> Result<ProviderConfig, CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        self.app.configurations().provider_config(&configuration)
    }

    fn keep_ring(
        self,
        vault: &Vault,
        row: &ApplicationRow,
        ring: &KeyRing,
    ) -> Result<(), CoreError> {
        let owner = Owner::Application(row.id);
        Ok(vault.put_secret(owner, SECRET_CLIENT_KEYS, &ring.to_text()?, self.app.now())?)
    }

    /// Writes the key set into the registration. Keys there that the vault does not hold stay.
    async fn publish(
        self,
        row: &ApplicationRow,
        mut asked: ClientMetadata,
        ring: &KeyRing,
        signs: Option<&ClientKey>,
    ) -> Result<(), CoreError> {
        let (who, provider) = self.app.configurations().provider_of(row)?;
        let at = registration(&*self.app.vault()?, row)?;
        if let Err(source @ ProviderError::NotCapable { .. }) =
            provider.can(Capability::Update, &at)
        {
            return Err(CoreError::Provider {
                who,
                doing: Operation::Update,
                source,
            });
        }
        let mut keys = ring.jwks()?;
        let others = asked.members().get("jwks").and_then(|set| set.get("keys"));
        if let (Some(own), Some(others)) = (
            keys["keys"].as_array_mut(),
            others.and_then(Value::as_array),
        ) {
            if signs.is_none() {
                // A removal adds no key that the provider was not told of yet.
                own.retain(|key| others.iter().any(|other| other["kid"] == key["kid"]));
            }
            let held = |key: &&Value| ring.keys.iter().any(|one| key["kid"] == one.kid.as_str());
            let foreign: Vec<Value> = others.iter().filter(|key| !held(key)).cloned().collect();
            own.extend(foreign);
        }
        let method = asked.token_endpoint_auth_method();
        if method.as_deref() == Some(mutual_tls::BY_AUTHORITY) {
            if let Some(key) = signs {
                name_subject(&mut asked, key);
            }
        } else {
            asked.set("jwks", keys);
        }
        if let Some(key) = signs {
            name_method(&mut asked, key);
        }
        self.change(row, JournalOperation::Update, Some(asked))
            .await?;
        Ok(())
    }

    /// Asks for a token with a key that does not sign yet.
    async fn prove_key(
        self,
        vault: &Vault,
        row: &ApplicationRow,
        key: &ClientKey,
    ) -> Result<(), CoreError> {
        let row = vault.application(row.id)?;
        let configuration = vault.configuration(row.configuration_id)?;
        let (configuration, provider) = self.app.configurations().discovered(configuration).await?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: Some(row.id),
        });
        let mut at = registration(vault, &row)?;
        name_method(&mut at.granted, key);
        at.client_key = Some(key.clone());
        let wish = TokenWish {
            audience: self.app.audience(row.id)?,
            resources: self.app.resources(&row, &[])?,
            ..TokenWish::default()
        };
        self.prove(&configuration, &provider, at, wish, flow.id)
            .await
    }
}

/// Whether the provider refused a change of keys and did nothing of it.
fn is_refusal(error: &CoreError, kind: ProviderKind) -> bool {
    let (CoreError::Provider { source, .. } | CoreError::Unmanaged { source, .. }) = error else {
        return false;
    };
    kind.refused_key_change_is_final()
        && matches!(
            source,
            ProviderError::Registration(refusal @ RegistrationError::Refused { words, .. })
                if matches!(words.status, 400..=499)
                    && words.status != 429
                    && !refusal.outcome_unknown()
        )
}

/// The `kid` of a key that may be removed, found by it or by its thumbprint.
fn removable(ring: &KeyRing, key: &str) -> Result<String, CoreError> {
    let found = ring.keys.iter().find(|one| {
        let id = one.key().ok().map(|key| key.thumbprint());
        one.kid == key || id.as_deref() == Some(key)
    });
    let found = found.ok_or_else(|| CoreError::NotFound {
        what: Thing::ClientKey,
        name: key.to_owned(),
        nearest: None,
    })?;
    if found.state == KeyState::Current {
        return Err(CoreError::Input {
            what: InputProblem::KeyInUse,
            detail: key.to_owned(),
        });
    }
    Ok(found.kid.clone())
}

/// How a client with this key authenticates: as before by a certificate, otherwise by assertions.
fn name_method(metadata: &mut ClientMetadata, key: &ClientKey) {
    let method = metadata.token_endpoint_auth_method();
    if !method.as_deref().is_some_and(mutual_tls::is_method) {
        metadata.set(METHOD, PRIVATE_KEY_JWT);
        metadata.set(SIGNING_ALG, key.algorithm().as_str());
    }
}

/// What was proved of a client whose registration Keywright did not change.
fn name_method_in(stored: &mut Value, key: &ClientKey) {
    let mut read = metadata(stored);
    name_method(&mut read, key);
    *stored = read.to_value();
}

/// Takes a key out of `jwks`; false where it is not in there.
fn drop_key(metadata: &mut ClientMetadata, kid: &str) -> bool {
    let Some(mut set) = metadata.members().get("jwks").cloned() else {
        return false;
    };
    let Some(keys) = set["keys"].as_array_mut() else {
        return false;
    };
    let before = keys.len();
    keys.retain(|key| key["kid"] != kid);
    let found = keys.len() != before;
    metadata.set("jwks", set);
    found
}
