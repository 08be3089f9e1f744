//! The Sandbox.

mod connect;
mod dials;

use keywright_core::{
    say,
    view::{
        ConfigurationView, ErrorView, PersonalityView, SandboxFaults, SandboxLimits,
        SandboxOptionsInput, SandboxStatus,
    },
};
use keywright_sandbox::{Personality, SessionLimits};
use tauri::State;

use crate::desk::{Answer, Desk};

use connect::Verify;
pub(crate) use connect::bring_back;
use dials::{from_sandbox, to_sandbox, vendor_dial};

/// Open registration, and the session limits that Kong has.
pub(crate) fn usual_options() -> SandboxOptionsInput {
    let limits = SessionLimits::default();
    SandboxOptionsInput {
        needs_initial_access_token: false,
        limits: SandboxLimits {
            idle_secs: limits.idle_secs,
            rolling_secs: limits.rolling_secs,
            absolute_secs: limits.absolute_secs,
        },
    }
}

/// The Sandbox now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_status(desk: State<'_, Desk>) -> Answer<SandboxStatus> {
    Ok(status(&desk).await)
}

/// Starts it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_start(desk: State<'_, Desk>) -> Answer<SandboxStatus> {
    connect::start(&desk).await?;
    Ok(status(&desk).await)
}

/// Stops it; what it knows is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_stop(desk: State<'_, Desk>) -> Answer<SandboxStatus> {
    desk.keep_sandbox().await;
    let running = desk.sandbox.lock().await.take();
    if let Some(sandbox) = running {
        sandbox.stop().await;
    }
    Ok(status(&desk).await)
}

/// Forgets all clients and sessions in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_reset(desk: State<'_, Desk>) -> Answer<SandboxStatus> {
    if let Some(sandbox) = desk.sandbox.lock().await.as_ref() {
        sandbox.reset();
    }
    desk.keep_sandbox().await;
    Ok(status(&desk).await)
}

/// Turns the dials of a personality.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_set_faults(
    desk: State<'_, Desk>,
    personality: String,
    faults: SandboxFaults,
) -> Answer<SandboxStatus> {
    let personality = named(&desk, &personality)?;
    if let Some(sandbox) = desk.sandbox.lock().await.as_ref() {
        sandbox.set_faults(personality, to_sandbox(faults));
    }
    Ok(status(&desk).await)
}

/// Sets who may register and how long sessions last.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_set_options(
    desk: State<'_, Desk>,
    options: SandboxOptionsInput,
) -> Answer<SandboxStatus> {
    *desk
        .sandbox_options
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = options;
    let running = desk.sandbox.lock().await.is_some();
    if running {
        sandbox_stop(desk.clone()).await?;
        connect::start(&desk).await?;
        for personality in connect::used(&desk)? {
            connect::connect(&desk, personality, Verify::Changed).await?;
        }
    }
    Ok(status(&desk).await)
}

/// Starts it where needed, makes or mends the configuration that leads to a personality, and
/// verifies it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_connect(
    desk: State<'_, Desk>,
    personality: String,
) -> Answer<ConfigurationView> {
    let personality = named(&desk, &personality)?;
    connect::start(&desk).await?;
    connect::connect(&desk, personality, Verify::Again).await
}

fn named(desk: &Desk, name: &str) -> Answer<Personality> {
    Personality::named(name).ok_or_else(|| failed(desk, &format!("it has no {name}")))
}

fn failed(desk: &Desk, why: &dyn std::fmt::Display) -> ErrorView {
    let lang = desk.keywright.lang();
    let detail = why.to_string();
    ErrorView {
        code: "sandbox".into(),
        message: say(lang, "error.sandbox.message", &[("detail", &detail)]),
        hint: Some(say(lang, "error.sandbox.hint", &[])),
        status: None,
        provider: None,
        exchange: None,
        cause: None,
        field: None,
        instead: None,
        interrupted: false,
    }
}

async fn status(desk: &Desk) -> SandboxStatus {
    let wanted = desk.options();
    let running = desk.sandbox.lock().await;
    let Some(sandbox) = running.as_ref() else {
        return SandboxStatus {
            running: false,
            personalities: Vec::new(),
            needs_initial_access_token: wanted.needs_initial_access_token,
            limits: wanted.limits,
            clients: 0,
        };
    };
    let told = sandbox.info().personalities.into_iter();
    let personalities = told.zip(Personality::ALL).map(|(info, one)| {
        let faults = sandbox.faults(one);
        PersonalityView {
            name: info.name,
            provider: info.provider,
            issuer: info.issuer,
            api_url: info.api_url,
            set: info.set,
            faults_on: faults.count_on(),
            faults: from_sandbox(faults),
            vendor_dials: one.vendor_dials().iter().map(vendor_dial).collect(),
        }
    });
    SandboxStatus {
        running: true,
        personalities: personalities.collect(),
        needs_initial_access_token: wanted.needs_initial_access_token,
        limits: wanted.limits,
        clients: u32::try_from(sandbox.client_count()).unwrap_or(u32::MAX),
    }
}
