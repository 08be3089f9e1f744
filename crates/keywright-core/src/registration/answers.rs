//! What of an answer replaces what the vault holds. A secret that we asked for is believed. One that a
//! read or an update brings along may be anything, so that it is kept next to the secret in use until a
//! token request proves it.

use keywright_oauth::secret::ClientSecret;
use keywright_providers::Registration;
use keywright_vault::{
    ApplicationRow, Owner, SECRET_CLIENT, SECRET_OFFERED, SECRET_PREVIOUS,
    SECRET_REGISTRATION_TOKEN, SecretChange, Vault, VaultError,
};

use crate::{
    CoreError,
    app::registration_record::registration,
    registration::{Registrar, journal::Remote},
    tokens::propagation_retry::{Asking, Settled},
};

/// The secrets of an answer to a read or an update, as they are kept. `issues` says that this provider
/// makes a new secret with each such answer.
pub(crate) fn kept_secrets(
    vault: &Vault,
    row: &ApplicationRow,
    answered: Vec<SecretChange>,
    issues: bool,
) -> Result<Vec<SecretChange>, VaultError> {
    let held = vault.secret(Owner::Application(row.id), SECRET_CLIENT)?;
    let mut kept = Vec::new();
    for (name, value) in answered {
        let is_held = held.as_ref().map(keywright_vault::SecretText::expose);
        match value {
            Some(new) if name == SECRET_CLIENT && is_held == Some(new.expose()) => {
                kept.push((SECRET_OFFERED.to_owned(), None));
            }
            Some(new) if name == SECRET_CLIENT && is_held.is_some() && !issues => {
                kept.push((SECRET_OFFERED.to_owned(), Some(new)));
            }
            value => kept.push((name, value)),
        }
    }
    Ok(kept)
}

/// An answer, written into the application as it is now. What the server left out stays as it was.
pub(crate) fn write_answer(
    row: &mut ApplicationRow,
    remote: &Remote,
    secrets: &[SecretChange],
    now: i64,
    granted: bool,
) {
    let metadata = remote.granted.to_value();
    if granted {
        row.granted = metadata.clone();
    }
    row.current = Some(metadata);
    row.current_read_at = Some(now);
    // Pinned at registration: a later answer must not lead the registration access token elsewhere.
    if row.registration_client_uri.is_none() {
        row.registration_client_uri
            .clone_from(&remote.registration_client_uri);
    }
    write_handles(row, &remote.handles);
    if remote.client_secret_expires_at.is_some() {
        row.client_secret_expires_at = remote.client_secret_expires_at;
    }
    if secrets
        .iter()
        .any(|(name, _)| name == SECRET_REGISTRATION_TOKEN)
    {
        row.registration_token_replaced_at = Some(now);
    }
    row.updated_at = now;
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

/// The application with the secret that an answer offered, where there is one.
pub(crate) fn offered(
    vault: &Vault,
    row: &ApplicationRow,
) -> Result<Option<Registration>, CoreError> {
    with_secret(vault, row, SECRET_OFFERED)
}

fn with_secret(
    vault: &Vault,
    row: &ApplicationRow,
    name: &str,
) -> Result<Option<Registration>, CoreError> {
    let Some(secret) = vault.secret(Owner::Application(row.id), name)? else {
        return Ok(None);
    };
    let mut at = registration(vault, row)?;
    at.client_secret = Some(ClientSecret::new(secret.expose()));
    Ok(Some(at))
}

impl Registrar<'_> {
    /// After the secret in use was refused: asks with each secret that is kept next to it. One that gets a
    /// token becomes the secret in use; the refused one takes its place.
    pub(crate) async fn try_other_secrets(
        self,
        row: &ApplicationRow,
        asking: &Asking<'_>,
    ) -> Result<Option<Settled>, CoreError> {
        let vault = self.app.vault()?;
        let open = self.try_open_change(row.id)?;
        for name in [SECRET_CLIENT, SECRET_OFFERED, SECRET_PREVIOUS] {
            let Some(at) = with_secret(&vault, row, name)? else {
                continue;
            };
            let is_same = match (&at.client_secret, &asking.at.client_secret) {
                (Some(other), Some(refused)) => other.is_same(refused),
                _ => false,
            };
            if is_same {
                continue;
            }
            let other = Asking {
                provider: asking.provider,
                config: asking.config,
                http: asking.http,
                at,
                before: None,
                wish: asking.wish.clone(),
                flow: asking.flow,
            };
            let Ok(settled) = other.without_waiting().await else {
                continue;
            };
            // A change that runs knows better which secret is the current one, and so does one that ended
            // since the refused secret was read.
            if name != SECRET_CLIENT && open.is_some() {
                let owner = Owner::Application(row.id);
                let (proven, refused) = (
                    vault.secret(owner, name)?,
                    vault.secret(owner, SECRET_CLIENT)?,
                );
                let changes = [
                    (SECRET_CLIENT.to_owned(), proven),
                    (name.to_owned(), refused),
                ];
                vault.change_application(row.id, &changes, |_| {})?;
            }
            return Ok(Some(Settled {
                proven: false,
                ..settled
            }));
        }
        Ok(None)
    }
}
