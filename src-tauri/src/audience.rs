//! What crosses between the pages and the core in presenter mode: names as pseudonyms on the way to a page, as
//! themselves on the way back. Every command passes here, and every event with names, so that no page has to know of
//! the mode.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tauri::{
    AppHandle, Manager as _,
    http::HeaderValue,
    ipc::{CallbackFn, Invoke, InvokeBody, InvokeError, InvokeResponse, InvokeResponseBody},
    webview::InvokeRequest,
};
use tauri_specta::Event;
use uuid::Uuid;

use crate::{app_state::AppState, exact_numbers};

/// Header of a command whose arguments have the real names. Its value is of this process alone, so that no page can
/// send it and read the answer.
const PASSED: &str = "keywright-passed";

/// The commands, behind presenter mode.
pub(crate) fn before(
    commands: impl Fn(Invoke) -> bool + Send + Sync + 'static,
) -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    let passed = Uuid::now_v7().to_string();
    move |invoke| {
        let header = invoke.message.headers().get(PASSED);
        if header.is_some_and(|value| value.as_bytes() == passed.as_bytes()) {
            return commands(invoke);
        }
        pass(invoke, &passed);
        true
    }
}

/// Runs a command with the real names, and answers with what may be shown.
fn pass(invoke: Invoke, passed: &str) {
    let Invoke {
        message, resolver, ..
    } = invoke;
    let webview = message.webview();
    let app = webview.app_handle().clone();
    let (Ok(url), Ok(mark)) = (webview.url(), HeaderValue::from_str(passed)) else {
        return resolver.reject("the page has no address");
    };
    let mut headers = message.headers().clone();
    headers.insert(PASSED, mark);
    let body = match message.payload() {
        InvokeBody::Json(arguments) => {
            let mut arguments = real(&app, arguments.clone());
            exact_numbers::unmarked(&mut arguments);
            InvokeBody::Json(arguments)
        }
        raw @ InvokeBody::Raw(_) => raw.clone(),
    };
    let request = InvokeRequest {
        cmd: message.command().to_owned(),
        // The answer goes to the resolver of the page.
        callback: CallbackFn(0),
        error: CallbackFn(0),
        url,
        body,
        headers,
        invoke_key: app.invoke_key().to_owned(),
    };
    webview.on_message(
        request,
        Box::new(move |_, _, response, _, _| {
            resolver.respond(match response {
                InvokeResponse::Ok(body) => answer(&app, body),
                InvokeResponse::Err(InvokeError(error)) => Err(InvokeError(shown(&app, error))),
            });
        }),
    );
}

fn answer(app: &AppHandle, body: InvokeResponseBody) -> Result<InvokeResponseBody, InvokeError> {
    match body {
        InvokeResponseBody::Json(text) if has_audience(app) => {
            let value = serde_json::from_str(&text).map_err(InvokeError::from_error)?;
            let text = shown(app, value).to_string();
            Ok(InvokeResponseBody::Json(exact_numbers::marked(text)))
        }
        InvokeResponseBody::Json(text) => Ok(InvokeResponseBody::Json(exact_numbers::marked(text))),
        body @ InvokeResponseBody::Raw(_) => Ok(body),
    }
}

/// Sends the pages an event, as they may see it.
pub(crate) fn emit<E>(app: &AppHandle, event: E)
where
    E: Event + Clone + Serialize + DeserializeOwned,
{
    let event =
        serde_json::to_value(event).and_then(|event| serde_json::from_value(shown(app, event)));
    let sent = event
        .map_err(tauri::Error::from)
        .and_then(|event: E| event.emit(app));
    if let Err(error) = sent {
        tracing::warn!(%error, "the pages were not told of a step");
    }
}

fn has_audience(app: &AppHandle) -> bool {
    let app_state = app.state::<AppState>();
    app_state.keywright.disclosure().has_audience()
}

fn shown(app: &AppHandle, value: Value) -> Value {
    disclosure(app, |it| it.for_audience(value))
}

fn real(app: &AppHandle, value: Value) -> Value {
    disclosure(app, |it| it.with_real_names(value))
}

fn disclosure<T>(app: &AppHandle, act: impl FnOnce(keywright_core::Disclosure<'_>) -> T) -> T {
    act(app.state::<AppState>().keywright.disclosure())
}
