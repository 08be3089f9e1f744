//! Opens the vault for a command: by the keyring where there is a slot, else by the passphrase.

use keywright_core::{
    CoreError, Keywright,
    view::{UnlockInput, VaultState},
};

use crate::{args::Cli, failure::Failure, source::Source};

/// A file whose first line answers the passphrase question of scripts.
pub(crate) const PASSPHRASE_FILE: &str = "KEYWRIGHT_PASSPHRASE_FILE";

/// Where the passphrase comes from when no option says.
pub(crate) fn passphrase_source() -> Source {
    match std::env::var(PASSPHRASE_FILE) {
        Ok(path) if !path.is_empty() => Source::File(path),
        _ => Source::Prompt,
    }
}

/// Opens the vault.
pub(crate) async fn open(cli: &Cli, keywright: &Keywright) -> Result<(), Failure> {
    let status = keywright.status()?;
    if status.state == VaultState::Missing || !status.has_passphrase {
        // Without a vault this fails with the error that says how to make one.
        keywright.unlock(UnlockInput { passphrase: None }).await?;
        return Ok(());
    }
    if status.has_keyring && !matches!(passphrase_source(), Source::File(_)) {
        match keywright.unlock(UnlockInput { passphrase: None }).await {
            Ok(_) => return Ok(()),
            Err(error @ CoreError::Vault(_)) if cli.no_input => return Err(error.into()),
            // The keyring does not answer: the passphrase still opens the vault.
            Err(CoreError::Vault(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let passphrase =
        passphrase_source()
            .read(cli, "Passphrase")
            .map_err(|failure| match failure {
                // Without an answer the vault stays locked, which is what a script must be told.
                Failure::NoInput { .. } => Failure::Core(CoreError::Locked),
                other => other,
            })?;
    keywright
        .unlock(UnlockInput {
            passphrase: Some(passphrase.expose().to_owned()),
        })
        .await?;
    Ok(())
}
