//! Starting the Sandbox, and the configurations that lead to its personalities.

use std::collections::BTreeMap;

use keywright_core::{ProviderKind, SandboxPersonality, SandboxVerify, view::ConfigurationView};
use keywright_sandbox::{Personality, Registration, Sandbox, SandboxOptions, SessionLimits};

use super::failed;
use crate::app_state::{AppState, CommandResult};

/// After an unlock: a vault that used the Sandbox finds it again, with its clients and sessions; so does
/// one that was locked while it ran.
pub(crate) async fn bring_back(app_state: &AppState) {
    let back = async {
        let used = used(app_state)?;
        if app_state.take_sandbox_rests() || !used.is_empty() {
            start(app_state).await?;
        }
        for personality in used {
            connect(app_state, personality, SandboxVerify::IfChanged).await?;
        }
        Ok::<(), keywright_core::view::ErrorView>(())
    };
    if let Err(error) = back.await {
        tracing::warn!(error = %error.message, "the Sandbox was not brought back");
    }
}

/// The personalities that a configuration of this vault leads to.
pub(super) fn used(app_state: &AppState) -> CommandResult<Vec<Personality>> {
    let kinds = app_state.to_ipc(app_state.keywright.sandbox().used())?;
    let personalities = Personality::ALL.into_iter();
    Ok(personalities
        .filter(|one| kinds.iter().any(|kind| kind.as_str() == one.name()))
        .collect())
}

pub(super) async fn start(app_state: &AppState) -> CommandResult<()> {
    let mut running = app_state.sandbox.lock().await;
    if running.is_some() {
        return Ok(());
    }
    let wanted = app_state.options();
    let restore = if app_state.keywright.is_unlocked() {
        app_state.to_ipc(app_state.keywright.sandbox().kept())?
    } else {
        None
    };
    let options = SandboxOptions {
        registration: if wanted.needs_initial_access_token {
            Registration::InitialAccessToken
        } else {
            Registration::Open
        },
        session: SessionLimits {
            idle_secs: wanted.limits.idle_secs,
            rolling_secs: wanted.limits.rolling_secs,
            absolute_secs: wanted.limits.absolute_secs,
        },
        restore,
        ..SandboxOptions::default()
    };
    let started = Sandbox::start(options).await;
    *running = Some(started.map_err(|error| failed(app_state, &error))?);
    Ok(())
}

pub(super) async fn connect(
    app_state: &AppState,
    personality: Personality,
    verify: SandboxVerify,
) -> CommandResult<ConfigurationView> {
    let info = match app_state.sandbox.lock().await.as_ref() {
        Some(sandbox) => sandbox.info(),
        None => return Err(failed(app_state, &"it does not run")),
    };
    let mut all = info.personalities.into_iter();
    let Some(found) = all.find(|one| one.name == personality.name()) else {
        return Err(failed(app_state, &"it does not answer as this provider"));
    };
    let Some(kind) = ProviderKind::of(&found.provider) else {
        return Err(failed(
            app_state,
            &"this version does not know this provider",
        ));
    };
    let mut settings = found.set;
    settings.extend(limits(app_state));
    let personality = SandboxPersonality {
        kind,
        issuer: found.issuer,
        settings,
        secrets: found.secrets,
    };
    let link = app_state.keywright.sandbox();
    let connected = app_state.to_ipc(link.connect(personality, verify).await)?;
    app_state.keep_sandbox().await;
    Ok(connected)
}

/// The session limits of the gateway, as settings.
fn limits(app_state: &AppState) -> BTreeMap<String, String> {
    let limits = app_state.options().limits;
    [
        ("session_idle_secs", limits.idle_secs),
        ("session_rolling_secs", limits.rolling_secs),
        ("session_absolute_secs", limits.absolute_secs),
    ]
    .map(|(key, secs)| (key.to_owned(), secs.to_string()))
    .into()
}
