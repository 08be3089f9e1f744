//! The keys by which a client proves itself (`private_key_jwt`): made here or imported, given to the provider as `jwks`
//! (RFC 7591 §2), and rotated with an overlap: the key before stays in the set until the user removes it.

use keywright_oauth::{
    client_key::{ClientKey, KeyAlgorithm},
    client_metadata::ClientMetadata,
    lenient,
};
use keywright_providers::{Capability, ProviderConfig, ProviderError, TokenWish};
use keywright_vault::{ApplicationRow, Health, JournalOperation, Owner, SECRET_CLIENT_KEYS, Vault};
use serde_json::{Value, json};

use crate::{
    CoreError, Operation,
    app::{
        FlowSubject,
        client_keys::{KeyRing, KeyState},
        registration_record::registration,
    },
    registration::{
        Registrar,
        given_keys::algorithm,
        types::{ClientKeyView, ClientKeysView},
    },
};

const METHOD: &str = "token_endpoint_auth_method";
const SIGNING_ALG: &str = "token_endpoint_auth_signing_alg";
const PRIVATE_KEY_JWT: &str = "private_key_jwt";
/// Algorithms that a server takes for assertions (RFC 8414 §2).
const LISTED: &str = "token_endpoint_auth_signing_alg_values_supported";

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

/// Completes the metadata of a client that proves itself by an assertion, and makes the key where one is needed.
pub(crate) fn key_for(
    metadata: &mut ClientMetadata,
    config: &ProviderConfig,
    imported: Option<ClientKey>,
) -> Result<Option<ClientKey>, CoreError> {
    let asked = lenient::text(metadata.members(), SIGNING_ALG);
    let method = metadata.token_endpoint_auth_method();
    if method.as_deref() == Some("client_secret_jwt") && asked.is_none() {
        metadata.set(SIGNING_ALG, "HS256");
    }
    if method.as_deref() != Some(PRIVATE_KEY_JWT) {
        return match imported {
            Some(_) => Err(CoreError::Input {
                what: "key_without_method",
                detail: method.unwrap_or_default(),
            }),
            None => Ok(None),
        };
    }
    let asked = asked.as_deref().map(algorithm).transpose()?;
    let members = metadata.members();
    let key = match imported {
        Some(key) => match asked {
            Some(asked) => key.signing_with(asked)?,
            None => key,
        },
        // The user has the key somewhere else.
        None if members.contains_key("jwks") || members.contains_key("jwks_uri") => {
            return Ok(None);
        }
        None => ClientKey::generate(asked.unwrap_or_else(|| best(config)))?,
    };
    metadata.set(SIGNING_ALG, key.algorithm().as_str());
    if !metadata.members().contains_key("jwks_uri") {
        metadata.set("jwks", json!({ "keys": [key.public_jwk()] }));
    }
    Ok(Some(key))
}

/// The same for a preview, which makes no key.
pub(crate) fn key_planned(
    metadata: &mut ClientMetadata,
    config: &ProviderConfig,
    stands_for: &str,
) {
    let members = metadata.members();
    let is_made = metadata.token_endpoint_auth_method().as_deref() == Some(PRIVATE_KEY_JWT)
        && !["jwks", "jwks_uri"]
            .iter()
            .any(|name| members.contains_key(*name));
    if !is_made {
        return;
    }
    if !members.contains_key(SIGNING_ALG) {
        metadata.set(SIGNING_ALG, best(config).as_str());
    }
    metadata.set("jwks", json!({ "keys": [stands_for] }));
}

/// The algorithm to make a key for: the best that the server lists for assertions.
fn best(config: &ProviderConfig) -> KeyAlgorithm {
    let listed = config
        .metadata
        .as_ref()
        .and_then(|one| lenient::list(&one.document, LISTED))
        .unwrap_or_default();
    KeyAlgorithm::best_of(&listed).unwrap_or(KeyAlgorithm::Es256)
}

impl Registrar<'_> {
    /// The keys of an application, without their private parts.
    pub fn keys(self, wanted: &str) -> Result<ClientKeysView, CoreError> {
        let row = self.app.application_row(wanted)?;
        let vault = self.app.vault()?;
        let ring = KeyRing::of(&vault, Owner::Application(row.id))?;
        let granted = registration(&vault, &row)?.granted;
        let keys = ring.keys.iter().map(|one| {
            let key = one.key()?;
            Ok::<_, CoreError>(ClientKeyView {
                id: key.thumbprint(),
                kid: one.kid.clone(),
                alg: one.algorithm().to_owned(),
                state: one.state,
                created_at: one.created_at,
                public_jwk: Value::Object(key.public_jwk()),
            })
        });
        Ok(ClientKeysView {
            application: row.name,
            token_endpoint_auth_method: granted.token_endpoint_auth_method(),
            jwks_uri: lenient::text(granted.members(), "jwks_uri"),
            keys: keys.collect::<Result<_, CoreError>>()?,
            jwks: ring.jwks()?,
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
                what: "key_exists",
                detail: before.application,
            });
        }
        let key = NewKey::Made(algorithm);
        Box::pin(self.new_key(wanted, key, KeyPublication::Update)).await
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
        let mut ring = KeyRing::of(&vault, owner)?;
        let key = self.next_key(&row, &ring, key, publication)?;
        // A key that no provider was ever told of makes room for this one.
        ring.keys
            .retain(|one| one.state != KeyState::Pending || one.kid == key.kid());
        let is_known = |one: &&crate::app::client_keys::StoredKey| one.kid == key.kid();
        let is_pending = ring.keys.iter().find(is_known).map(|one| one.state);
        if matches!(is_pending, Some(KeyState::Current)) {
            return Err(CoreError::Input {
                what: "key_in_use",
                detail: key.kid().to_owned(),
            });
        }
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
                Box::pin(self.publish(&row, granted, &ring, Some(&key))).await?;
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
                name_method(&mut row.granted, &key);
                if let Some(current) = &mut row.current {
                    name_method(current, &key);
                }
            }
        })?;
        self.app.audit(
            "client_key_replaced",
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
            self.publish(&row, granted, &ring, None).await?;
        }
        self.keep_ring(&vault, &row, &ring)?;
        self.app.audit(
            "client_key_removed",
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
                what: "pending_key",
                name: row.name.clone(),
                nearest: None,
            });
        }
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let algorithm = wanted.or(before).unwrap_or_else(|| best(&config));
        Ok(ClientKey::generate(algorithm)?)
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
            let held = |key: &&Value| ring.keys.iter().any(|one| key["kid"] == one.kid.as_str());
            let foreign: Vec<Value> = others.iter().filter(|key| !held(key)).cloned().collect();
            own.extend(foreign);
        }
        asked.set("jwks", keys);
        if let Some(key) = signs {
            asked.set(METHOD, PRIVATE_KEY_JWT);
            asked.set(SIGNING_ALG, key.algorithm().as_str());
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
        at.granted.set(METHOD, PRIVATE_KEY_JWT);
        at.granted.set(SIGNING_ALG, key.algorithm().as_str());
        at.client_key = Some(key.clone());
        let wish = TokenWish {
            audience: self.app.audience(row.id)?,
            resources: self.app.resources(&row, &[])?,
            ..TokenWish::default()
        };
        self.proven(&configuration, &provider, at, wish, flow.id)
            .await
    }
}

/// The `kid` of a key that may be removed, found by it or by its thumbprint.
fn removable(ring: &KeyRing, key: &str) -> Result<String, CoreError> {
    let found = ring.keys.iter().find(|one| {
        let id = one.key().ok().map(|key| key.thumbprint());
        one.kid == key || id.as_deref() == Some(key)
    });
    let found = found.ok_or_else(|| CoreError::NotFound {
        what: "client_key",
        name: key.to_owned(),
        nearest: None,
    })?;
    if found.state == KeyState::Current {
        return Err(CoreError::Input {
            what: "key_in_use",
            detail: key.to_owned(),
        });
    }
    Ok(found.kid.clone())
}

/// What was proved of a client whose registration Keywright did not change.
fn name_method(metadata: &mut Value, key: &ClientKey) {
    if let Some(members) = metadata.as_object_mut() {
        members.insert(METHOD.to_owned(), PRIVATE_KEY_JWT.into());
        members.insert(SIGNING_ALG.to_owned(), key.algorithm().as_str().into());
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_oauth::server_metadata::ServerMetadata;
    use keywright_providers::ProviderKind;

    use super::*;

    fn config(listed: &[&str]) -> ProviderConfig {
        let document = json!({ "issuer": "https://id.example", LISTED: listed });
        ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: std::collections::BTreeMap::new(),
            secrets: std::collections::BTreeMap::new(),
            metadata: ServerMetadata::read(
                document.as_object().unwrap().clone(),
                "https://id.example".parse().unwrap(),
            ),
        }
    }

    fn metadata(members: &Value) -> ClientMetadata {
        ClientMetadata::from_answer(members.as_object().unwrap().clone())
    }

    #[test]
    fn a_key_is_made_for_what_the_server_lists() {
        for (listed, wanted) in [
            (&[][..], "ES256"),
            (&["PS256", "RS256"], "PS256"),
            (&["RS256", "EdDSA"], "EdDSA"),
            (&["HS256", "RS512"], "ES256"),
        ] {
            let mut asked = metadata(&json!({ METHOD: PRIVATE_KEY_JWT }));
            let key = key_for(&mut asked, &config(listed), None).unwrap().unwrap();
            assert_eq!(asked.members()[SIGNING_ALG], wanted);
            assert_eq!(asked.members()["jwks"]["keys"][0]["kid"], key.kid());
            assert!(asked.members()["jwks"]["keys"][0].get("d").is_none());
        }
    }

    #[test]
    fn no_key_is_made_where_the_user_names_one() {
        for keys in [
            json!({ "jwks_uri": "https://a.example/keys" }),
            json!({ "jwks": {"keys": []} }),
        ] {
            let mut asked = metadata(&keys);
            asked.set(METHOD, PRIVATE_KEY_JWT);
            let before = asked.clone();
            assert!(key_for(&mut asked, &config(&[]), None).unwrap().is_none());
            assert_eq!(asked, before);
        }
    }

    #[test]
    fn an_imported_key_needs_the_method_it_is_for() {
        let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let mut asked = metadata(&json!({ METHOD: "client_secret_basic" }));
        let refused = key_for(&mut asked, &config(&[]), Some(key.clone())).unwrap_err();
        assert_eq!(refused.code(), "key_without_method");
        let mut asked = metadata(&json!({ METHOD: PRIVATE_KEY_JWT, SIGNING_ALG: "RS256" }));
        let refused = key_for(&mut asked, &config(&[]), Some(key)).unwrap_err();
        assert_eq!(refused.code(), "key_algorithm");
    }

    #[test]
    fn a_client_with_a_signing_secret_asks_for_hs256() {
        let mut asked = metadata(&json!({ METHOD: "client_secret_jwt" }));
        assert!(key_for(&mut asked, &config(&[]), None).unwrap().is_none());
        assert_eq!(asked.members()[SIGNING_ALG], "HS256");
    }
}
