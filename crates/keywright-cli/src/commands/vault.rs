//! init, unlock, lock, status.

use keywright_core::{
    Keywright,
    view::{InitVault, VaultState, VaultStatus},
};

use crate::{
    args::{Cli, KeyringUse},
    failure::Failure,
    output,
    source::Source,
    unlock::{self, PASSPHRASE_FILE},
};

pub(crate) async fn init(
    cli: &Cli,
    keywright: &Keywright,
    keyring: KeyringUse,
    passphrase: Option<&str>,
) -> Result<u8, Failure> {
    let status = keywright.status()?;
    let keyring = keyring == KeyringUse::Auto && status.keyring_available;
    let source = match passphrase {
        Some(text) => Some(Source::parse(text, "--passphrase")?),
        None if std::env::var_os(PASSPHRASE_FILE).is_some() => Some(unlock::passphrase_source()),
        // Someone at a keyboard is asked; a script without both gets the error that says so.
        None if !keyring && !cli.no_input => Some(Source::Prompt),
        None => None,
    };
    let passphrase = source
        .map(|source| source.read(cli, "New passphrase"))
        .transpose()?;
    let made = keywright
        .init(InitVault {
            keyring,
            passphrase: passphrase.map(|text| text.expose().to_owned()),
        })
        .await?;
    print(cli, &made)?;
    keywright.lock();
    Ok(0)
}

pub(crate) async fn unlock(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    unlock::open(cli, keywright).await?;
    print(cli, &keywright.status()?)?;
    keywright.lock();
    Ok(0)
}

pub(crate) fn lock(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    keywright.lock();
    print(cli, &keywright.status()?)?;
    Ok(0)
}

/// Opens the vault only where that needs no question.
pub(crate) async fn status(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    let status = keywright.status()?;
    let silent = status.state == VaultState::Locked
        && (status.has_keyring || std::env::var_os(PASSPHRASE_FILE).is_some());
    if silent && let Err(failure) = unlock::open(cli, keywright).await {
        tracing::debug!(%failure, "the vault stays locked");
    }
    print(cli, &keywright.status()?)?;
    keywright.lock();
    Ok(0)
}

fn print(cli: &Cli, status: &VaultStatus) -> Result<(), Failure> {
    output::data(cli.json, status, || {
        let state = match status.state {
            VaultState::Missing => "no vault yet; make one with `keywright init`",
            VaultState::Locked => "locked",
            VaultState::Unlocked => "opens",
        };
        let mut lines = vec![
            format!("vault           {state}"),
            format!("folder          {}", status.home),
        ];
        let slots: Vec<&str> = [
            (status.has_keyring, "keyring"),
            (status.has_passphrase, "passphrase"),
        ]
        .into_iter()
        .filter_map(|(has, name)| has.then_some(name))
        .collect();
        lines.push(format!(
            "opened by       {}",
            if slots.is_empty() {
                "nothing".to_owned()
            } else {
                slots.join(", ")
            }
        ));
        let counts = [
            ("applications", status.applications),
            ("configurations", status.configurations),
            ("live sessions", status.live_sessions),
            ("pending", status.pending),
        ];
        lines.extend(
            counts
                .into_iter()
                .filter_map(|(name, count)| Some(format!("{name:<15} {}", count?))),
        );
        lines
    })
}
