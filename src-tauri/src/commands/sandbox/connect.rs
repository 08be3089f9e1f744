//! Starting the Sandbox, and the configurations that lead to its personalities.

use std::collections::BTreeMap;

use keywright_core::{
    ProviderKind,
    view::{ConfigurationInput, ConfigurationView},
};
use keywright_sandbox::{Personality, Registration, Sandbox, SandboxOptions, SessionLimits};

use super::failed;
use crate::desk::{Answer, Desk};

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
pub(crate) async fn bring_back(desk: &Desk) {
    let back = async {
        let used = used(desk)?;
        if desk.take_sandbox_rests() || !used.is_empty() {
            start(desk).await?;
        }
        for personality in used {
            connect(desk, personality, Verify::Changed).await?;
        }
        Ok::<(), keywright_core::view::ErrorView>(())
    };
    if let Err(error) = back.await {
        tracing::warn!(error = %error.message, "the Sandbox was not brought back");
    }
}

/// The personalities that a configuration of this vault leads to.
pub(super) fn used(desk: &Desk) -> Answer<Vec<Personality>> {
    let mut used = Vec::new();
    for personality in Personality::ALL {
        let kind = kind_of(desk, personality)?;
        if desk
            .told(desk.keywright.sandbox().configuration(kind))?
            .is_some()
        {
            used.push(personality);
        }
    }
    Ok(used)
}

pub(super) async fn start(desk: &Desk) -> Answer<()> {
    let mut running = desk.sandbox.lock().await;
    if running.is_some() {
        return Ok(());
    }
    let wanted = desk.options();
    let restore = if desk.keywright.is_unlocked() {
        desk.told(desk.keywright.sandbox().kept())?
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
    *running = Some(started.map_err(|error| failed(desk, &error))?);
    Ok(())
}

pub(super) async fn connect(
    desk: &Desk,
    personality: Personality,
    verify: Verify,
) -> Answer<ConfigurationView> {
    let info = match desk.sandbox.lock().await.as_ref() {
        Some(sandbox) => sandbox.info(),
        None => return Err(failed(desk, &"it does not run")),
    };
    let told = info
        .personalities
        .into_iter()
        .find(|one| one.name == personality.name());
    let Some(told) = told else {
        return Err(failed(desk, &"it does not answer as this provider"));
    };
    let kind = kind_of(desk, personality)?;
    let known = desk.told(desk.keywright.sandbox().configuration(kind))?;
    let before = known
        .as_deref()
        .map(|id| desk.told(desk.keywright.configurations().get(id)))
        .transpose()?;
    let unchanged = before
        .as_ref()
        .is_some_and(|one| one.issuer == told.issuer && one.report.is_some());
    let mut settings = told.set;
    settings.extend(limits(desk));
    let mut secrets = told.secrets;
    forget_others(desk, kind, &mut secrets)?;
    let saved = desk.told(desk.keywright.configurations().save(ConfigurationInput {
        id: known,
        name: before.map_or_else(|| desk.keywright.sandbox().name(kind), |one| one.name),
        provider: told.provider,
        issuer: told.issuer,
        settings,
        secrets,
    }))?;
    desk.told(desk.keywright.sandbox().mark(kind, &saved.id))?;
    if verify == Verify::Again || !unchanged {
        desk.told(
            desk.keywright
                .configurations()
                .verify(&saved.id, |_| {})
                .await,
        )?;
    }
    desk.keep_sandbox().await;
    desk.told(desk.keywright.configurations().get(&saved.id))
}

/// The session limits of the gateway, as settings.
fn limits(desk: &Desk) -> BTreeMap<String, String> {
    let limits = desk.options().limits;
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
    desk: &Desk,
    kind: ProviderKind,
    secrets: &mut BTreeMap<String, String>,
) -> Answer<()> {
    let fields = desk.told(desk.keywright.configurations().form(kind.as_str()))?;
    for field in fields.into_iter().filter(|field| field.kind == "secret") {
        secrets.entry(field.key).or_default();
    }
    Ok(())
}

fn kind_of(desk: &Desk, personality: Personality) -> Answer<ProviderKind> {
    ProviderKind::of(personality.name())
        .ok_or_else(|| failed(desk, &"this version does not know this provider"))
}
