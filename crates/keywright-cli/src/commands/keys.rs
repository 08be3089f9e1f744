//! vault: what opens it, and its key.

use keywright_core::{
    Keywright, translate,
    view::{SlotMethod, SlotView},
};
use serde_json::json;

use super::confirm;
use crate::{
    agent,
    args::{Cli, SourceArg, VaultCommand},
    failure::Failure,
    output,
    source::Source,
    text::Key,
    unlock,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &VaultCommand,
) -> Result<u8, Failure> {
    let lang = keywright.lang();
    let read = |source: &SourceArg, option: &str, question: Key| {
        Source::parse(source, option)
            .and_then(|source| source.read(cli, &translate(lang, question, &[])))
    };
    match command {
        VaultCommand::Slots => {}
        VaultCommand::ChangePassphrase { old, new } => {
            let old = if let Some(source) = old {
                read(source, "--old", Key::PromptPassphrase)?
            } else {
                let question = translate(lang, Key::PromptPassphrase, &[]);
                unlock::passphrase_source().read(cli, &question)?
            };
            let new = read(new, "--new", Key::PromptNewPassphrase)?;
            keywright.key_slots().change_passphrase(old, new).await?;
        }
        VaultCommand::AddPassphrase { new } => {
            let new = read(new, "--new", Key::PromptNewPassphrase)?;
            keywright.key_slots().add_passphrase(new).await?;
        }
        VaultCommand::AddKeyring => keywright.key_slots().add_keyring().await?,
        VaultCommand::RemoveSlot { id, yes } => {
            keywright.key_slots().check_removal(id)?;
            let question = translate(lang, Key::AskRemoveSlot, &[("name", id)]);
            confirm(cli, *yes, &question)?;
            keywright.key_slots().remove(id).await?;
        }
        VaultCommand::RotateKey { passphrases } => {
            rotate_key(cli, keywright, passphrases).await?;
        }
        VaultCommand::Mend => keywright.key_slots().repair_permissions().await?,
        VaultCommand::Accept { yes } => {
            confirm(cli, *yes, &translate(lang, Key::AskAccept, &[]))?;
            keywright.key_slots().accept_state().await?;
        }
    }
    print(cli, &keywright.key_slots().list()?)?;
    Ok(0)
}

/// Asks for a passphrase where the vault has one and none was named.
async fn rotate_key(
    cli: &Cli,
    keywright: &Keywright,
    sources: &[SourceArg],
) -> Result<(), Failure> {
    let question = translate(keywright.lang(), Key::PromptPassphrase, &[]);
    let mut passphrases = Vec::new();
    for source in sources {
        passphrases.push(Source::parse(source, "--passphrase")?.read(cli, &question)?);
    }
    let asks = keywright
        .key_slots()
        .list()?
        .iter()
        .any(|slot| slot.kind == SlotMethod::Passphrase);
    if passphrases.is_empty() && asks {
        passphrases.push(unlock::passphrase_source().read(cli, &question)?);
    }
    keywright.key_slots().rotate_key(passphrases).await?;
    // What an agent holds opens nothing any more.
    agent::end(keywright).await?;
    Ok(())
}

fn print(cli: &Cli, slots: &[SlotView]) -> Result<(), Failure> {
    let items: Vec<_> = slots.iter().map(|slot| json!(slot)).collect();
    output::list(cli.json, &items, items.len(), || {
        slots
            .iter()
            .map(|slot| format!("{}  {}", slot.id, slot.kind.as_str()))
            .collect()
    })
}
