//! Sign-in of a user: in the browser of the system, or on another device.

use std::time::Duration;

use keywright_core::{
    DEVICE_CODE, PasteProblem, SIGN_IN_TIME, SignInControl, SignInStep,
    view::{GrantsView, TokenView, TokenWish},
};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Manager as _, State};

use crate::{
    app_state::{AppState, CommandResult},
    audience, browser,
    events::SignInStepEvent,
    qr::{self, QrView},
    sign_ins::Begun,
};

/// Longest time to enter a code on another device; most codes last less.
const DEVICE_TIME: Duration = Duration::from_hours(1);

/// How a sign-in is begun.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
pub(crate) struct SignInOptions {
    /// The user is asked although a refresh token would do.
    again: bool,
    /// A public client signs in at a server that does not list S256.
    accept_unlisted_pkce: bool,
    /// No listener: the user pastes the answer.
    paste_only: bool,
    /// The resource is left out, now and later.
    without_resource: bool,
}

/// A step of a sign-in, for the pages.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum SignInStepView {
    /// A user is to sign in in the browser.
    Open {
        /// The address. It has `state` and no secret.
        address: String,
        /// Where the browser ends.
        redirect_uri: String,
        /// Keywright listens there.
        listens: bool,
        /// A browser was started.
        opened: bool,
        /// Seconds that the user has.
        seconds: u32,
    },
    /// A user is to enter a code on another device.
    Code {
        /// The code.
        user_code: String,
        /// Where it is entered.
        address: String,
        /// The same with the code in it.
        address_complete: Option<String>,
        /// The address with the code, to scan.
        qr: Option<QrView>,
        /// Seconds that the user has.
        seconds: u32,
    },
    /// The server was asked whether the code was entered.
    Asked {
        /// Requests so far.
        times: u32,
        /// Seconds until the next one.
        pause: u32,
        /// The server asked for a longer pause.
        slower: bool,
    },
    /// What was pasted is not the answer.
    PasteRefused {
        /// Why not.
        why: PasteProblem,
    },
    /// An answer to another sign-in was ignored.
    Ignored,
    /// The answer is there.
    Answered,
}

/// The grants of an application.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_grants(
    app_state: State<'_, AppState>,
    application_id: String,
) -> CommandResult<GrantsView> {
    app_state.to_ipc(app_state.keywright.tokens().grants(&application_id))
}

/// Lets a user sign in, and waits for it. No token where it was cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(
    app: AppHandle,
    app_state: State<'_, AppState>,
    wish: TokenWish,
    options: SignInOptions,
) -> CommandResult<Option<TokenView>> {
    let application = wish.application_id.clone();
    let begun = app_state.sign_ins.begin(&application);
    let on_device = wish.grant.as_deref() == Some(DEVICE_CODE);
    let cancel = begun.cancel();
    let on_step = |step| tell(&app, &application, step);
    let control = SignInControl {
        on_step: &on_step,
        pasted: Some(begun.pasted),
        paste_only: options.paste_only,
        time: if on_device { DEVICE_TIME } else { SIGN_IN_TIME },
        accept_unlisted_pkce: options.accept_unlisted_pkce,
        again: options.again,
        without_resource: options.without_resource,
    };
    let outcome = tokio::select! {
        outcome = app_state.keywright.tokens().sign_in(&wish, control) => outcome.map(Some),
        () = Begun::cancelled(cancel.clone()) => Ok(None),
    };
    app_state.sign_ins.end(&application, &cancel);
    app_state.to_ipc(outcome)
}

/// Ends a sign-in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_cancel(
    app_state: State<'_, AppState>,
    application_id: String,
) -> CommandResult<()> {
    app_state.sign_ins.cancel(&application_id);
    Ok(())
}

/// The address that the user copied from the browser.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_paste(
    app_state: State<'_, AppState>,
    application_id: String,
    address: String,
) -> CommandResult<()> {
    app_state.sign_ins.paste(&application_id, address);
    Ok(())
}

/// Opens the address of a sign-in in the browser; says whether one was started.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_open(
    app_state: State<'_, AppState>,
    application_id: String,
) -> CommandResult<bool> {
    let Some(address) = app_state.sign_ins.address(&application_id) else {
        return Ok(false);
    };
    let opened = tauri::async_runtime::spawn_blocking(move || browser::open(&address));
    Ok(opened.await.unwrap_or_default())
}

/// Opens the sign-out page of the provider in the browser; says whether one was started.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out(app_state: State<'_, AppState>, id: String) -> CommandResult<bool> {
    let address = app_state.to_ipc(app_state.keywright.tokens().sign_out_address(&id))?;
    let opened = tauri::async_runtime::spawn_blocking(move || browser::open(&address));
    Ok(opened.await.unwrap_or_default())
}

fn tell(app: &AppHandle, application: &str, step: SignInStep) {
    let app_state = app.state::<AppState>();
    if let SignInStep::Open { url, .. } = &step {
        app_state.sign_ins.opens(application, url.clone());
    }
    let seconds = |time: u64| u32::try_from(time).unwrap_or(u32::MAX);
    let step = match step {
        SignInStep::Open {
            url,
            redirect_uri,
            listens,
        } => SignInStepView::Open {
            opened: tokio::task::block_in_place(|| browser::open(&url)),
            address: url.into(),
            redirect_uri,
            listens,
            seconds: seconds(SIGN_IN_TIME.as_secs()),
        },
        SignInStep::Code {
            user_code,
            verification_uri,
            verification_uri_complete,
            expires_in,
        } => {
            let complete = verification_uri_complete.as_ref();
            let address = complete.unwrap_or(&verification_uri).clone();
            app_state.sign_ins.opens(application, address);
            SignInStepView::Code {
                user_code,
                qr: complete.and_then(|address| qr::of(address.as_str())),
                address: verification_uri.into(),
                address_complete: verification_uri_complete.map(Into::into),
                seconds: seconds(expires_in.min(DEVICE_TIME.as_secs())),
            }
        }
        SignInStep::Asked {
            times,
            pause,
            slower,
        } => SignInStepView::Asked {
            times,
            pause: seconds(pause),
            slower,
        },
        // The address or the code of the next request follows.
        SignInStep::WithoutResource { .. } => return,
        SignInStep::PasteRefused { why } => SignInStepView::PasteRefused { why },
        SignInStep::Ignored => SignInStepView::Ignored,
        SignInStep::Answered => SignInStepView::Answered,
    };
    let application_id = application.to_owned();
    audience::emit(
        app,
        SignInStepEvent {
            application_id,
            step,
        },
    );
}
