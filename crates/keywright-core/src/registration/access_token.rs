//! The registration access token (RFC 7592 section 3). An answer may replace it at any time. The one before is kept
//! until the new one opened the registration: a server that answered with a new token may not honour it.

use keywright_oauth::{register::RegistrationError, secret::RegistrationAccessToken};
use keywright_providers::{ProviderError, Registration};
use keywright_vault::{
    ApplicationRow, Owner, SECRET_PREVIOUS_REGISTRATION_TOKEN, SECRET_REGISTRATION_TOKEN,
    SecretChange, Vault, VaultError,
};

use crate::CoreError;

/// The server refused the registration access token itself; nothing was changed.
pub(crate) fn is_refused(source: &ProviderError, at: &Registration) -> bool {
    at.registration_access_token.is_some()
        && matches!(
            source,
            ProviderError::Registration(RegistrationError::Refused { words, .. })
                if words.status == 401
        )
}

/// The application with the token before the one in use, where it is kept.
pub(crate) fn with_previous(
    vault: &Vault,
    row: &ApplicationRow,
    at: &Registration,
) -> Result<Option<Registration>, VaultError> {
    let owner = Owner::Application(row.id);
    let token = vault.secret(owner, SECRET_PREVIOUS_REGISTRATION_TOKEN)?;
    Ok(token.map(|token| Registration {
        registration_access_token: Some(RegistrationAccessToken::from(&token)),
        ..at.clone()
    }))
}

/// The token before opened the registration: it is the one in use again.
pub(crate) fn use_previous(vault: &Vault, row: &ApplicationRow) -> Result<(), CoreError> {
    let owner = Owner::Application(row.id);
    let token = vault.secret(owner, SECRET_PREVIOUS_REGISTRATION_TOKEN)?;
    let changes = [(SECRET_REGISTRATION_TOKEN.to_owned(), token)];
    Ok(vault.change_application(row.id, &changes, |_| {})?)
}

/// What becomes of the tokens after an answer to a request that the one in use opened: a new one is kept next to it,
/// and without a new one it is proven.
pub(crate) fn kept(
    vault: &Vault,
    row: &ApplicationRow,
    answered: &[SecretChange],
) -> Result<SecretChange, VaultError> {
    let owner = Owner::Application(row.id);
    let used = vault.secret(owner, SECRET_REGISTRATION_TOKEN)?;
    let replaced = used.filter(|used| {
        answered.iter().any(|(name, value)| {
            let new = value.as_ref().filter(|_| name == SECRET_REGISTRATION_TOKEN);
            new.is_some_and(|new| !new.is_same(used))
        })
    });
    Ok((SECRET_PREVIOUS_REGISTRATION_TOKEN.to_owned(), replaced))
}
