//! Opens the vault for a command: by the agent where one runs, by the keyring where there is a slot, else by the
//! passphrase.

use keywright_core::{
    Actor, CoreError, Keywright, UnlockMethods, VaultError, translate, view::UnlockInput,
};

use crate::{agent, args::Cli, failure::Failure, output, source::Source, text::Key};

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
    if by_agent(cli, keywright).await? {
        return Ok(());
    }
    by_slot(cli, keywright).await
}

/// Opens the vault with what its slots ask for, also where an agent has its key.
pub(crate) async fn by_slot(cli: &Cli, keywright: &Keywright) -> Result<(), Failure> {
    let Some((
        _,
        UnlockMethods {
            keyring,
            passphrase: true,
        },
    )) = keywright.key_slots().unlock_methods()?
    else {
        // Without a vault this fails with the error that says how to make one.
        keywright.unlock(UnlockInput { passphrase: None }).await?;
        return Ok(());
    };
    if keyring && !matches!(passphrase_source(), Source::File(_)) {
        match keywright.unlock(UnlockInput { passphrase: None }).await {
            Ok(_) => return Ok(()),
            Err(error @ CoreError::Vault(_)) if cli.no_input => return Err(error.into()),
            // The keyring does not open it, and says why; the passphrase still does.
            Err(error @ CoreError::Vault(_)) => {
                output::status(cli.quiet, &error.view(keywright.lang(), Actor::Cli).message);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let passphrase = passphrase_source()
        .read(
            cli,
            &translate(keywright.lang(), Key::PromptPassphrase, &[]),
        )
        .map_err(|failure| match failure {
            // Without an answer the vault stays locked, which is what a script must be told.
            Failure::NoInput { .. } | Failure::NoTerminal { .. } => {
                Failure::Core(CoreError::Locked)
            }
            other => other,
        })?;
    keywright
        .unlock(UnlockInput {
            passphrase: Some(passphrase.expose().to_owned()),
        })
        .await?;
    Ok(())
}

/// Opens the vault with the key of the agent; says whether it did. An agent that cannot be trusted is said and not
/// used; one whose key is of the past is ended.
async fn by_agent(cli: &Cli, keywright: &Keywright) -> Result<bool, Failure> {
    let key = match agent::key(keywright).await {
        Ok(Some(key)) => key,
        Ok(None) => return Ok(false),
        Err(error) => {
            output::status(
                cli.quiet,
                &Failure::from(error).view(keywright.lang()).message,
            );
            return Ok(false);
        }
    };
    match keywright.unlock_with_key(key).await {
        Ok(()) => Ok(true),
        Err(CoreError::Vault(VaultError::DatabaseKeyRejected)) => {
            agent::end(keywright).await?;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
