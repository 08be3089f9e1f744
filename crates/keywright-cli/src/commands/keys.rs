//! vault: what opens it, and its key.

use keywright_core::{
    Keywright, translate,
    view::{ProtectionChange, SlotView},
};
use serde_json::json;

use super::confirm;
use crate::{
    agent,
    args::{Cli, VaultCommand},
    failure::Failure,
    output,
    source::Source,
    unlock,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &VaultCommand,
) -> Result<u8, Failure> {
    let lang = keywright.lang();
    let read = |source: &str, option: &str, question: &str| {
        Source::parse(source, option)
            .and_then(|source| source.read(cli, &translate(lang, question, &[])))
    };
    match command {
        VaultCommand::Slots => {}
        VaultCommand::ChangePassphrase { old, new } => {
            let old = if let Some(source) = old {
                read(source, "--old", "cli.prompt_passphrase")?
            } else {
                let question = translate(lang, "cli.prompt_passphrase", &[]);
                unlock::passphrase_source().read(cli, &question)?
            };
            let new = read(new, "--new", "cli.prompt_new_passphrase")?;
            keywright.key_slots().change_passphrase(old, new).await?;
        }
        VaultCommand::AddPassphrase { new } => {
            let new = read(new, "--new", "cli.prompt_new_passphrase")?;
            keywright.key_slots().add_passphrase(new).await?;
        }
        VaultCommand::AddKeyring => change(keywright, ProtectionChange::AddKeyring).await?,
        VaultCommand::RemoveSlot { id, yes } => {
            let question = translate(lang, "cli.ask_remove_slot", &[("name", id)]);
            confirm(cli, *yes, &question)?;
            keywright.key_slots().remove(id).await?;
        }
        VaultCommand::RotateKey { passphrases } => {
            rotate_key(cli, keywright, passphrases).await?;
        }
        VaultCommand::Mend => change(keywright, ProtectionChange::MendPermissions).await?,
        VaultCommand::Accept { yes } => {
            confirm(cli, *yes, &translate(lang, "cli.ask_accept", &[]))?;
            change(keywright, ProtectionChange::AcceptState).await?;
        }
    }
    print(cli, &keywright.key_slots().list()?)?;
    Ok(0)
}

async fn change(keywright: &Keywright, change: ProtectionChange) -> Result<(), Failure> {
    keywright.set_protection(change).await?;
    Ok(())
}

/// Asks for a passphrase where the vault has one and none was named.
async fn rotate_key(cli: &Cli, keywright: &Keywright, sources: &[String]) -> Result<(), Failure> {
    let question = translate(keywright.lang(), "cli.prompt_passphrase", &[]);
    let mut passphrases = Vec::new();
    for source in sources {
        let passphrase = Source::parse(source, "--passphrase")?.read(cli, &question)?;
        passphrases.push(passphrase.expose().to_owned());
    }
    let asks = keywright
        .key_slots()
        .list()?
        .iter()
        .any(|slot| slot.kind == "passphrase");
    if passphrases.is_empty() && asks {
        let passphrase = unlock::passphrase_source().read(cli, &question)?;
        passphrases.push(passphrase.expose().to_owned());
    }
    change(keywright, ProtectionChange::RotateKey { passphrases }).await?;
    // What an agent holds opens nothing any more.
    agent::end(keywright).await?;
    Ok(())
}

fn print(cli: &Cli, slots: &[SlotView]) -> Result<(), Failure> {
    let items: Vec<_> = slots.iter().map(|slot| json!(slot)).collect();
    output::list(cli.json, &items, items.len(), || {
        slots
            .iter()
            .map(|slot| format!("{}  {}", slot.id, slot.kind))
            .collect()
    })
}
