//! What of an answer replaces what the vault holds. A secret that we asked for is believed. One that a
//! read or an update brings along may be anything, so that it is kept next to the secret in use until a
//! token request proves it.

use keywright_vault::{
    ApplicationRow, Owner, SECRET_CLIENT, SECRET_OFFERED, SECRET_REGISTRATION_TOKEN, SecretChange,
    Vault, VaultError,
};

use crate::{app::registration_record::write_handles, registration::journal::RemoteState};

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
        match value {
            Some(new)
                if name == SECRET_CLIENT
                    && held.as_ref().is_some_and(|held| held.is_same(&new)) =>
            {
                kept.push((SECRET_OFFERED.to_owned(), None));
            }
            Some(new) if name == SECRET_CLIENT && held.is_some() && !issues => {
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
    remote: &RemoteState,
    secrets: &[SecretChange],
    now: i64,
    granted: bool,
) {
    // An identifier alone says nothing of the metadata: what is known of it stays.
    if !remote.granted.members().is_empty() {
        let metadata = remote.granted.to_value();
        if granted {
            row.granted = metadata.clone();
        }
        row.current = Some(metadata);
        row.current_read_at = Some(now);
    }
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
