//! What an adapter must know of an application: its row with its secrets.

use std::collections::BTreeSet;

use keywright_oauth::{
    client_key::ClientKey,
    client_metadata::ClientMetadata,
    secret::{ClientSecret, RegistrationAccessToken},
};
use keywright_providers::{
    ProviderKind, Registration, named_by, proves_without_secret,
    settings::{self, ADAPTED, key},
};
use keywright_vault::{
    ApplicationRow, ConfigurationRow, Owner, SECRET_CLIENT, SECRET_CLIENT_KEYS, SECRET_DPOP_KEY,
    SECRET_REGISTRATION_TOKEN, Vault, VaultError,
};
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, Thing,
    app::{
        client_keys::{KeyRing, KeyState, StoredKey},
        conversions::id,
    },
    error::input_problem::InputProblem,
};

/// Metadata as the vault keeps it.
pub(crate) fn metadata(value: &serde_json::Value) -> ClientMetadata {
    value
        .as_object()
        .cloned()
        .map(ClientMetadata::from_answer)
        .unwrap_or_default()
}

/// The row with its secrets.
pub(crate) fn registration(vault: &Vault, row: &ApplicationRow) -> Result<Registration, CoreError> {
    let owner = Owner::Application(row.id);
    let secret = vault.secret(owner, SECRET_CLIENT)?;
    let token = vault.secret(owner, SECRET_REGISTRATION_TOKEN)?;
    let uri = row.registration_client_uri.as_deref();
    let uri = uri.and_then(|text| Url::parse(text).ok());
    Ok(Registration {
        other_clients: other_clients(
            vault,
            row.configuration_id,
            Some(row.id),
            &row.client_id,
            uri.as_ref(),
        )?,
        client_id: row.client_id.clone(),
        client_secret: secret.map(ClientSecret::from),
        client_key: match client_key(vault, owner)? {
            None => unproven_key(vault, row)?,
            current => current,
        },
        dpop_key: dpop_key(vault, row.id)?,
        registration_client_uri: uri,
        registration_access_token: token.map(RegistrationAccessToken::from),
        handles: row.handles.clone(),
        granted: usable(row),
        asked_scopes: Some(metadata(&row.requested).scopes().unwrap_or_default()),
    })
}

/// The key that an application proves itself with.
pub(crate) fn client_key(vault: &Vault, owner: Owner) -> Result<Option<ClientKey>, CoreError> {
    Ok(KeyRing::of(vault, owner)?.current()?)
}

/// The first key of an application that was made and not proven yet, where the provider wants a key and no other one
/// signs: the change that published it was interrupted.
pub(crate) fn unproven_key(
    vault: &Vault,
    row: &ApplicationRow,
) -> Result<Option<ClientKey>, CoreError> {
    if !proves_without_secret(&usable(row)) {
        return Ok(None);
    }
    let ring = KeyRing::of(vault, Owner::Application(row.id))?;
    if ring.in_state(KeyState::Current).is_some() {
        return Ok(None);
    }
    let pending = ring.in_state(KeyState::Pending);
    Ok(pending.map(StoredKey::key).transpose()?)
}

impl Keywright {
    /// A token proved the key of a change that was interrupted: it signs from now on.
    pub(crate) fn take_up_key(&self, row: &ApplicationRow) -> Result<(), CoreError> {
        let vault = self.vault()?;
        let Some(key) = unproven_key(&vault, row)? else {
            return Ok(());
        };
        let owner = Owner::Application(row.id);
        let mut ring = KeyRing::of(&vault, owner)?;
        ring.make_current(key.kid());
        Ok(vault.put_secret(owner, SECRET_CLIENT_KEYS, &ring.to_text()?, self.now())?)
    }
}

/// The key that the tokens of an application are bound to.
pub(crate) fn dpop_key(vault: &Vault, application: Uuid) -> Result<Option<ClientKey>, CoreError> {
    match vault.secret(Owner::Application(application), SECRET_DPOP_KEY)? {
        Some(text) => Ok(KeyRing::read(&text)?.current()?),
        None => Ok(None),
    }
}

/// The other clients of a server that a management address may name, whichever configuration they belong to. An
/// address that names its own client is not looked into further.
pub(crate) fn other_clients(
    vault: &Vault,
    configuration: Uuid,
    application: Option<Uuid>,
    client_id: &str,
    uri: Option<&Url>,
) -> Result<Vec<String>, VaultError> {
    let names = uri.map(named_by).unwrap_or_default();
    if names.is_empty() || names.iter().any(|name| name == client_id) {
        return Ok(Vec::new());
    }
    let all = vault.configurations()?;
    let own = all.iter().find(|row| row.id == configuration);
    let host = uri.and_then(Url::host);
    let is_of_server = |row: &&ConfigurationRow| {
        let issuer = Url::parse(&row.issuer).ok();
        row.id == configuration
            || own.is_some_and(|own| own.issuer == row.issuer)
            || issuer.is_some_and(|issuer| issuer.host() == host)
    };
    let of_server: Vec<Uuid> = all.iter().filter(is_of_server).map(|row| row.id).collect();
    vault.clients_among(&of_server, application, &names)
}

/// The metadata of an application, as it is used and sent back. What a server answered in
/// another type, or left out, comes from what was granted and asked for before.
fn usable(row: &ApplicationRow) -> ClientMetadata {
    let answered = metadata(row.current.as_ref().unwrap_or(&row.granted));
    let kind = ProviderKind::of(&row.provider);
    if kind.is_some_and(ProviderKind::answers_with_metadata) {
        answered.completed(&[&metadata(&row.granted), &metadata(&row.requested)])
    } else {
        answered
    }
}

impl Keywright {
    /// An application by id or by exact name. An id is never taken for a name: an application that is named like the id
    /// of another one would get what is meant for that one.
    pub(crate) fn application_row(&self, wanted: &str) -> Result<ApplicationRow, CoreError> {
        let vault = self.vault()?;
        let id = id(Thing::Application, wanted).ok();
        match id.map(|id| vault.application(id)) {
            None | Some(Err(VaultError::NotFound { .. })) => {}
            Some(found) => return Ok(found?),
        }
        if let Some(row) = vault.application_by_name(wanted)? {
            return Ok(row);
        }
        Err(CoreError::NotFound {
            what: Thing::Application,
            name: wanted.to_owned(),
            nearest: match id {
                Some(_) => None,
                None => vault.nearest_name(wanted)?,
            },
        })
    }

    /// The resources that tokens of an application are for (RFC 8707 §2), sorted: those given now, else
    /// those that it remembers, else those of its configuration; without those that its server refused.
    pub(crate) fn resources(
        &self,
        row: &ApplicationRow,
        given: &[String],
    ) -> Result<Vec<String>, CoreError> {
        let vault = self.vault()?;
        let mut resources = checked_resources(given)?;
        if !resources.is_empty() {
            return Ok(resources);
        }
        let configuration = vault.configuration(row.configuration_id)?;
        if let Some(kept) = vault.kv(&resources_key(row.id))? {
            resources = serde_json::from_value(kept)?;
        }
        if resources.is_empty() {
            resources = configured_resources(&configuration);
        }
        let refused = refused_resources(&configuration);
        resources.retain(|resource| !refused.contains(resource));
        Ok(resources)
    }

    /// The audience that an application remembers.
    pub(crate) fn audience(&self, application: Uuid) -> Result<Option<String>, CoreError> {
        let kept = self.vault()?.kv(&audience_key(application))?;
        Ok(kept.and_then(|value| value.as_str().map(str::to_owned)))
    }

    /// The authorization details that an application remembers, as compact JSON.
    pub(crate) fn details(&self, application: Uuid) -> Result<Option<String>, CoreError> {
        let kept = self.vault()?.kv(&details_key(application))?;
        Ok(kept
            .filter(|value| !value.is_null())
            .map(|value| value.to_string()))
    }

    /// Uses of an application move it up in the list.
    pub(crate) fn mark_used(&self, vault: &Vault, application: Uuid) -> Result<(), CoreError> {
        Ok(vault.touch_used(application, self.now())?)
    }
}

/// The resources of a configuration, sorted.
pub(crate) fn configured_resources(row: &ConfigurationRow) -> Vec<String> {
    let text = row.settings.get(key::RESOURCE).map(String::as_str);
    sorted([text.unwrap_or_default()])
}

/// The resources that the server of a configuration refused at a sign-in.
fn refused_resources(row: &ConfigurationRow) -> Vec<String> {
    let text = row.settings.get(&format!("{ADAPTED}{}", key::RESOURCE));
    sorted([text.map_or("", String::as_str)])
}

fn sorted<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let words = texts.into_iter().flat_map(str::split_whitespace);
    words
        .map(str::to_owned)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Resources as typed, sorted. Each is an absolute URI without a fragment (RFC 8707
/// §2).
pub(crate) fn checked_resources(given: &[String]) -> Result<Vec<String>, CoreError> {
    let resources = sorted(given.iter().map(String::as_str));
    match resources.iter().find(|text| !settings::is_resource(text)) {
        Some(wrong) => Err(CoreError::Input {
            what: InputProblem::Resource,
            detail: wrong.clone(),
        }),
        None => Ok(resources),
    }
}

/// Key of the remembered resources: ours alone, never part of the metadata.
pub(crate) fn resources_key(application: Uuid) -> String {
    format!("application/{application}/resources")
}

/// Key of the remembered authorization details (RFC 9396): ours alone, never part of the metadata.
pub(crate) fn details_key(application: Uuid) -> String {
    format!("application/{application}/authorization_details")
}

/// Key of the address that an application was connected to.
pub(crate) fn connected_key(application: &str) -> String {
    format!("application/{application}/connected")
}

/// Key of the remembered audience: ours alone, never part of the metadata.
pub(crate) fn audience_key(application: Uuid) -> String {
    format!("application/{application}/audience")
}

/// An empty value takes a handle away.
pub(crate) fn write_handles(
    row: &mut ApplicationRow,
    handles: &keywright_oauth::register::Handles,
) {
    for (name, value) in handles {
        if value.is_empty() {
            row.handles.remove(name);
        } else {
            row.handles.insert(name.clone(), value.clone());
        }
    }
}
