//! The Sandbox.

use std::collections::BTreeMap;

use keywright_core::{
    say,
    view::{
        ConfigurationInput, ConfigurationView, DialKind, ErrorView, PersonalityView, SandboxFaults,
        SandboxLimits, SandboxOptionsInput, SandboxStatus, VendorDialView,
    },
};
use keywright_sandbox::{
    Personality, Registration, Sandbox, SandboxError, SandboxOptions, SessionLimits,
};
use tauri::State;

use crate::desk::{Answer, Desk};

/// Name of the configuration that First run makes.
const NAME: &str = "Sandbox";

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
    start(&desk).await?;
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
    let Some(personality) = Personality::named(&personality) else {
        return Err(failed(&desk, &format!("it has no {personality}")));
    };
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
        start(&desk).await?;
        if desk.told(desk.keywright.sandbox_configuration())?.is_some() {
            connect(&desk).await?;
        }
    }
    Ok(status(&desk).await)
}

/// Starts it where needed, and makes or mends the configuration that leads to it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sandbox_connect(desk: State<'_, Desk>) -> Answer<ConfigurationView> {
    start(&desk).await?;
    connect(&desk).await
}

/// After an unlock: a vault that used the Sandbox finds it again, with its clients and sessions.
pub(crate) async fn bring_back(desk: &Desk) {
    let used = desk.keywright.sandbox_configuration();
    if !matches!(used, Ok(Some(_))) {
        return;
    }
    let back = match start(desk).await {
        Ok(()) => connect(desk).await.map(|_| ()),
        Err(error) => Err(error),
    };
    if let Err(error) = back {
        tracing::warn!(error = %error.message, "the Sandbox was not brought back");
    }
}

async fn start(desk: &Desk) -> Answer<()> {
    let mut running = desk.sandbox.lock().await;
    if running.is_some() {
        return Ok(());
    }
    let wanted = desk.options();
    let options = |restore| SandboxOptions {
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
    let kept = if desk.keywright.is_unlocked() {
        desk.told(desk.keywright.kept_sandbox())?
    } else {
        None
    };
    let started = match Sandbox::start(options(kept.clone())).await {
        // Another program took the port meanwhile: the clients are kept, the address is new.
        Err(SandboxError::PortTaken { .. } | SandboxError::Listen { .. }) if kept.is_some() => {
            Sandbox::start(options(kept.map(without_ports))).await
        }
        other => other,
    };
    *running = Some(started.map_err(|error| failed(desk, &error))?);
    Ok(())
}

fn without_ports(mut kept: serde_json::Value) -> serde_json::Value {
    if let Some(map) = kept.as_object_mut() {
        map.remove("idp_port");
        map.remove("gateway_port");
    }
    kept
}

async fn connect(desk: &Desk) -> Answer<ConfigurationView> {
    let info = match desk.sandbox.lock().await.as_ref() {
        Some(sandbox) => sandbox.info(),
        None => return Err(failed(desk, &"it does not run")),
    };
    let Some(personality) = info.personalities.into_iter().next() else {
        return Err(failed(desk, &"it has no personality"));
    };
    let known = desk.told(desk.keywright.sandbox_configuration())?;
    let before = known
        .as_deref()
        .map(|id| desk.told(desk.keywright.configuration(id)))
        .transpose()?;
    let limits = desk.options().limits;
    let mut settings: BTreeMap<String, String> = personality.set;
    settings.insert("session_idle_secs".into(), limits.idle_secs.to_string());
    settings.insert(
        "session_rolling_secs".into(),
        limits.rolling_secs.to_string(),
    );
    settings.insert(
        "session_absolute_secs".into(),
        limits.absolute_secs.to_string(),
    );
    let mut secrets = personality.secrets;
    // Registration that became open again needs no token.
    secrets.entry("initial_access_token".into()).or_default();
    let unchanged = before
        .as_ref()
        .is_some_and(|one| one.issuer == personality.issuer && one.report.is_some());
    let saved = desk.told(desk.keywright.save_configuration(ConfigurationInput {
        id: known,
        name: before.map_or_else(|| NAME.to_owned(), |one| one.name),
        provider: personality.provider,
        issuer: personality.issuer,
        settings,
        secrets,
    }))?;
    desk.told(desk.keywright.mark_sandbox(&saved.id))?;
    if !unchanged {
        desk.told(desk.keywright.verify_configuration(&saved.id, |_| {}).await)?;
    }
    desk.keep_sandbox().await;
    desk.told(desk.keywright.configuration(&saved.id))
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

/// The dials as the Sandbox knows them.
fn to_sandbox(dials: SandboxFaults) -> keywright_sandbox::SandboxFaults {
    keywright_sandbox::SandboxFaults {
        latency_ms: dials.latency_ms,
        too_many_requests_percent: dials.too_many_requests_percent,
        retry_after: dials.retry_after,
        server_errors_percent: dials.server_errors_percent,
        html_errors: dials.html_errors,
        drop_after_receiving_percent: dials.drop_after_receiving_percent,
        truncated_body: dials.truncated_body,
        huge_body: dials.huge_body,
        expired_secrets: dials.expired_secrets,
        rotate_registration_token: dials.rotate_registration_token,
        forget_clients: dials.forget_clients,
        wrong_issuer: dials.wrong_issuer,
        replication_lag_ms: dials.replication_lag_ms,
        grant_less: dials.grant_less,
        rate_limit_per_second: dials.rate_limit_per_second,
        vendor: dials.vendor,
    }
}

/// The dials as the window shows them.
fn from_sandbox(dials: keywright_sandbox::SandboxFaults) -> SandboxFaults {
    SandboxFaults {
        latency_ms: dials.latency_ms,
        too_many_requests_percent: dials.too_many_requests_percent,
        retry_after: dials.retry_after,
        server_errors_percent: dials.server_errors_percent,
        html_errors: dials.html_errors,
        drop_after_receiving_percent: dials.drop_after_receiving_percent,
        truncated_body: dials.truncated_body,
        huge_body: dials.huge_body,
        expired_secrets: dials.expired_secrets,
        rotate_registration_token: dials.rotate_registration_token,
        forget_clients: dials.forget_clients,
        wrong_issuer: dials.wrong_issuer,
        replication_lag_ms: dials.replication_lag_ms,
        grant_less: dials.grant_less,
        rate_limit_per_second: dials.rate_limit_per_second,
        vendor: dials.vendor,
    }
}

fn vendor_dial(dial: &keywright_sandbox::VendorDial) -> VendorDialView {
    VendorDialView {
        key: dial.key.to_owned(),
        kind: match dial.kind {
            keywright_sandbox::DialKind::Switch => DialKind::Switch,
            keywright_sandbox::DialKind::Millis => DialKind::Millis,
        },
    }
}
