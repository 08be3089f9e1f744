//! Starting the Sandbox, and the configurations that lead to its personalities.

use std::collections::BTreeMap;

use keywright_core::{
    ProviderKind,
    view::{ConfigurationInput, ConfigurationView},
};
use keywright_sandbox::{Personality, Registration, Sandbox, SandboxOptions, SessionLimits};

use super::failed;
use crate::app_state::{AppState, CommandResult};

/// When a configuration that leads to the Sandbox is verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verify {
    /// Each time.
    Again,
    /// Only where its address changed or it never was.
    Changed,
}

/// After an unlock: a vault that used the Sandbox finds it again, with its clients and sessions; so does
/// one that was locked while it ran.
pub(crate) async fn bring_back(app_state: &AppState) {
    let back = async {
        let used = used(app_state)?;
        if app_state.take_sandbox_rests() || !used.is_empty() {
            start(app_state).await?;
        }
        for personality in used {
            connect(app_state, personality, Verify::Changed).await?;
        }
        Ok::<(), keywright_core::view::ErrorView>(())
    };
    if let Err(error) = back.await {
        tracing::warn!(error = %error.message, "the Sandbox was not brought back");
    }
}

/// The personalities that a configuration of this vault leads to.
pub(super) fn used(app_state: &AppState) -> CommandResult<Vec<Personality>> {
    let mut used = Vec::new();
    for personality in Personality::ALL {
        let kind = kind_of(app_state, personality)?;
        if app_state
            .to_ipc(app_state.keywright.sandbox().configuration(kind))?
            .is_some()
        {
            used.push(personality);
        }
    }
    Ok(used)
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
    verify: Verify,
) -> CommandResult<ConfigurationView> {
    let info = match app_state.sandbox.lock().await.as_ref() {
        Some(sandbox) => sandbox.info(),
        None => return Err(failed(app_state, &"it does not run")),
    };
    let to_ipc = info
        .personalities
        .into_iter()
        .find(|one| one.name == personality.name());
    let Some(to_ipc) = to_ipc else {
        return Err(failed(app_state, &"it does not answer as this provider"));
    };
    let kind = kind_of(app_state, personality)?;
    let known = app_state.to_ipc(app_state.keywright.sandbox().configuration(kind))?;
    let before = known
        .as_deref()
        .map(|id| app_state.to_ipc(app_state.keywright.configurations().get(id)))
        .transpose()?;
    let unchanged = before
        .as_ref()
        .is_some_and(|one| one.issuer == to_ipc.issuer && one.report.is_some());
    let mut settings = to_ipc.set;
    settings.extend(limits(app_state));
    let mut secrets = to_ipc.secrets;
    forget_others(app_state, kind, &mut secrets)?;
    let saved = app_state.to_ipc(app_state.keywright.configurations().save(
        ConfigurationInput {
            id: known,
            name: before.map_or_else(|| app_state.keywright.sandbox().name(kind), |one| one.name),
            provider: to_ipc.provider,
            issuer: to_ipc.issuer,
            settings,
            secrets,
        },
    ))?;
    app_state.to_ipc(app_state.keywright.sandbox().mark(kind, &saved.id))?;
    if verify == Verify::Again || !unchanged {
        app_state.to_ipc(
            app_state
                .keywright
                .configurations()
                .verify(&saved.id, |_| {})
                .await,
        )?;
    }
    app_state.keep_sandbox().await;
    app_state.to_ipc(app_state.keywright.configurations().get(&saved.id))
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

/// Secrets of the kind that the Sandbox does not name are taken out of the configuration: registration
/// that became open again needs no token.
fn forget_others(
    app_state: &AppState,
    kind: ProviderKind,
    secrets: &mut BTreeMap<String, String>,
) -> CommandResult<()> {
    let fields = app_state.to_ipc(app_state.keywright.configurations().form(kind.as_str()))?;
    for field in fields.into_iter().filter(|field| field.kind == "secret") {
        secrets.entry(field.key).or_default();
    }
    Ok(())
}

fn kind_of(app_state: &AppState, personality: Personality) -> CommandResult<ProviderKind> {
    ProviderKind::of(personality.name())
        .ok_or_else(|| failed(app_state, &"this version does not know this provider"))
}
