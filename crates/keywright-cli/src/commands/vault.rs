//! init, unlock, lock, status.

use keywright_core::{
    Clock, Keywright, Lang, translate,
    view::{InitVault, VaultState, VaultStatus},
};

use serde_json::json;

use crate::{
    agent,
    args::{Cli, KeyringUse, SourceArg},
    failure::Failure,
    output,
    source::{Source, length_of_time},
    text::Key,
    unlock::{self, PASSPHRASE_FILE},
};

pub(crate) async fn init(
    cli: &Cli,
    keywright: &Keywright,
    keyring: KeyringUse,
    passphrase: Option<&SourceArg>,
) -> Result<u8, Failure> {
    let status = keywright.status()?;
    let keyring = keyring == KeyringUse::Auto && status.keyring_available;
    let source = match passphrase {
        Some(source) => Some(Source::parse(source, "--passphrase")?),
        None if std::env::var_os(PASSPHRASE_FILE).is_some() => Some(unlock::passphrase_source()),
        // Someone at a keyboard is asked; a script without both gets the error that says so.
        None if !keyring && !cli.no_input => Some(Source::Prompt),
        None => None,
    };
    let passphrase = source
        .map(|source| {
            source.read(
                cli,
                &translate(keywright.lang(), Key::PromptNewPassphrase, &[]),
            )
        })
        .transpose()?;
    keywright
        .init(InitVault {
            keyring,
            passphrase: passphrase.map(|text| text.expose().to_owned()),
        })
        .await?;
    print(cli, keywright).await?;
    keywright.lock();
    Ok(0)
}

/// The longest that an agent holds a key.
const MOST_SECS: i64 = 24 * 60 * 60;

pub(crate) async fn unlock(
    cli: &Cli,
    keywright: &Keywright,
    hold: Option<&str>,
) -> Result<u8, Failure> {
    let seconds = hold.map(held_for).transpose()?;
    if let Some(seconds) = seconds {
        // Whoever has only the agent's key cannot make it last for ever.
        unlock::by_slot(cli, keywright).await?;
        agent::start(keywright, seconds).await?;
    } else {
        unlock::open(cli, keywright).await?;
    }
    print(cli, keywright).await?;
    keywright.lock();
    Ok(0)
}

fn held_for(text: &str) -> Result<u32, Failure> {
    let seconds = length_of_time("--for", text)?;
    u32::try_from(seconds)
        .ok()
        .filter(|_| seconds <= MOST_SECS)
        .ok_or_else(|| Failure::Usage {
            key: Key::UsageHold,
            detail: String::new(),
        })
}

/// Ends the agent. A command opens the vault for itself and locks it at its end.
pub(crate) async fn lock(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    keywright.lock();
    agent::end(keywright).await?;
    print(cli, keywright).await?;
    Ok(0)
}

/// Opens the vault only where that needs no question.
pub(crate) async fn status(cli: &Cli, keywright: &Keywright) -> Result<u8, Failure> {
    let ways = keywright.key_slots().unlock_methods()?;
    let silent = match ways {
        Some((_, ways)) => {
            ways.keyring
                || std::env::var_os(PASSPHRASE_FILE).is_some()
                || matches!(agent::state(keywright).await, Ok(Some(_)))
        }
        None => false,
    };
    if silent && let Err(failure) = unlock::open(cli, keywright).await {
        tracing::debug!(%failure, "the vault stays locked");
    }
    print(cli, keywright).await?;
    keywright.lock();
    Ok(0)
}

/// The vault's state with the agent's, which is reported also where it cannot be used.
async fn print(cli: &Cli, keywright: &Keywright) -> Result<(), Failure> {
    let status = keywright.status()?;
    let agent = match agent::state(keywright).await {
        Ok(agent) => agent,
        Err(error) => {
            output::status(
                cli.quiet,
                &Failure::from(error).view(keywright.lang()).message,
            );
            None
        }
    };
    for notice in &status.notices {
        output::status(cli.quiet || cli.json, &notice.text);
    }
    let mut document = json!(status);
    document["agent"] = json!(agent);
    output::data(cli.json, &document, || {
        lines(keywright.lang(), &status, agent)
    })
}

fn lines(lang: Lang, status: &VaultStatus, agent: Option<agent::State>) -> Vec<String> {
    let state = match status.state {
        VaultState::Missing if status.notices.is_empty() => Key::StatusMissing,
        VaultState::Missing => Key::StatusHeaderless,
        VaultState::Locked => Key::StatusLocked,
        VaultState::Unlocked => Key::StatusOpens,
    };
    let state = translate(lang, state, &[]);
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
        "unlock methods  {}",
        if slots.is_empty() {
            "none".to_owned()
        } else {
            slots.join(", ")
        }
    ));
    if let Some(agent) = agent {
        let left = agent.until - Clock::system().now();
        let minutes = left.max(0).div_euclid(60).to_string();
        let text = translate(lang, Key::StatusAgent, &[("minutes", &minutes)]);
        lines.push(format!("agent           {text}"));
    }
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
    if let Some(due) = status.due_for_deletion.filter(|due| *due > 0) {
        let text = translate(lang, Key::StatusDue, &[("count", &due.to_string())]);
        lines.push(format!("due             {text}"));
    }
    lines
}
