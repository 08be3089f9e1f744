//! The Sandbox.

mod connect;
mod dials;

use keywright_core::{
    Family, SandboxVerify, translate,
    view::{
        ConfigurationView, ErrorView, FailureCode, PersonalityView, SandboxFaults, SandboxLimits,
        SandboxOptionsInput, SandboxStatus,
    },
};
use keywright_sandbox::{Personality, SessionLimits};
use tauri::State;

use crate::app_state::{AppState, CommandResult};

pub(crate) use connect::bring_back;
use dials::{from_sandbox, to_sandbox, vendor_dial};

/// Open registration, and the session limits that Kong has.
pub(crate) fn default_options() -> SandboxOptionsInput {
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
pub(crate) async fn sandbox_status(app_state: State<'_, AppState>) -> CommandResult<SandboxStatus> {
    Ok(status(&app_state).await)
}

/// Starts it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_start(app_state: State<'_, AppState>) -> CommandResult<SandboxStatus> {
    connect::start(&app_state).await?;
    Ok(status(&app_state).await)
}

/// Stops it; what it knows is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_stop(app_state: State<'_, AppState>) -> CommandResult<SandboxStatus> {
    app_state.keep_sandbox().await;
    let running = app_state.sandbox.lock().await.take();
    if let Some(sandbox) = running {
        sandbox.stop().await;
    }
    Ok(status(&app_state).await)
}

/// Forgets all clients and sessions in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_reset(app_state: State<'_, AppState>) -> CommandResult<SandboxStatus> {
    if let Some(sandbox) = app_state.sandbox.lock().await.as_ref() {
        sandbox.reset();
    }
    app_state.keep_sandbox().await;
    Ok(status(&app_state).await)
}

/// Turns the dials of a personality.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_set_faults(
    app_state: State<'_, AppState>,
    personality: String,
    faults: SandboxFaults,
) -> CommandResult<SandboxStatus> {
    let personality = named(&app_state, &personality)?;
    if let Some(sandbox) = app_state.sandbox.lock().await.as_ref() {
        sandbox.set_faults(personality, to_sandbox(faults));
    }
    Ok(status(&app_state).await)
}

/// Sets who may register and how long sessions last.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_set_options(
    app_state: State<'_, AppState>,
    options: SandboxOptionsInput,
) -> CommandResult<SandboxStatus> {
    *app_state
        .sandbox_options
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = options;
    let running = app_state.sandbox.lock().await.is_some();
    if running {
        sandbox_stop(app_state.clone()).await?;
        connect::start(&app_state).await?;
        for personality in connect::used(&app_state)? {
            connect::connect(&app_state, personality, SandboxVerify::IfChanged).await?;
        }
    }
    Ok(status(&app_state).await)
}

/// Starts it where needed, makes or mends the configuration that leads to a personality, and
/// verifies it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_connect(
    app_state: State<'_, AppState>,
    personality: String,
) -> CommandResult<ConfigurationView> {
    let personality = named(&app_state, &personality)?;
    connect::start(&app_state).await?;
    connect::connect(&app_state, personality, SandboxVerify::Always).await
}

fn named(app_state: &AppState, name: &str) -> CommandResult<Personality> {
    Personality::named(name).ok_or_else(|| failed(app_state, &format!("it has no {name}")))
}

fn failed(app_state: &AppState, why: &dyn std::fmt::Display) -> ErrorView {
    let lang = app_state.keywright.lang();
    let code = FailureCode::Sandbox;
    let detail = why.to_string();
    let hint = translate(lang, Family::ErrorHint.key(code.as_str()), &[]);
    let message = translate(
        lang,
        Family::ErrorMessage.key(code.as_str()),
        &[("detail", &detail)],
    );
    ErrorView::of_surface(code, message, Some(hint))
}

async fn status(app_state: &AppState) -> SandboxStatus {
    let wanted = app_state.options();
    let running = app_state.sandbox.lock().await;
    let Some(sandbox) = running.as_ref() else {
        return SandboxStatus {
            running: false,
            personalities: Vec::new(),
            needs_initial_access_token: wanted.needs_initial_access_token,
            limits: wanted.limits,
            clients: 0,
        };
    };
    let to_ipc = sandbox.info().personalities.into_iter();
    let personalities = to_ipc.zip(Personality::ALL).map(|(info, one)| {
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
