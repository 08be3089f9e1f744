//! The authorization endpoint (RFC 6749 section 3.1) and the page on which a user allows or denies.

mod answer;
pub(super) mod redirect_uri;
mod request;
mod session;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(crate) use self::answer::Problem;
pub(crate) use self::answer::Stop;
use self::answer::target;
pub(crate) use self::request::Asked;
use super::form::Form;
use super::pages::{Language, PageForm, consent, problem};
use super::users::User;
use super::{client_document, dials};
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::random_text;
use crate::state::logins::{Code, SignIn};

pub(super) use answer::see_other;
pub(super) use session::{ended_cookie, user_of};

/// Lifetime of a code in seconds (RFC 6749 section 4.1.2: ten minutes at most).
const CODE_SECS: i64 = 60;

/// `GET` or `POST …/authorize`
pub(crate) async fn authorize(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    headers: HeaderMap,
    PageForm { form, language, .. }: PageForm,
) -> Response {
    if let Some(id) = form.get("client_id") {
        client_document::refresh(&shared, personality, id).await;
    }
    let asked = match form.get("request_uri") {
        Some(uri) => Asked::pushed(&shared, personality, uri, &form),
        None => Asked::read(&shared, personality, &form),
    };
    asked
        .and_then(|asked| page_or_answer(&shared, &asked, &headers))
        .unwrap_or_else(|stop| stopped(stop, language))
}

/// `POST …/consent`: what the user chose on the page.
pub(crate) async fn decide(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    PageForm { form, language, .. }: PageForm,
) -> Response {
    let wait = dials::consent_wait(&shared.faults(personality));
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    decided(&shared, personality, &form).unwrap_or_else(|stop| stopped(stop, language))
}

fn stopped(stop: Stop, language: Language) -> Response {
    match stop {
        Stop::Page(status, why) => problem(language, status, why),
        Stop::Redirect(refusal) => see_other(&refusal.url),
    }
}

/// The page, or with `prompt=none` an answer without one (OpenID Connect Core section 3.1.2.1).
fn page_or_answer(shared: &Shared, asked: &Asked, headers: &HeaderMap) -> Result<Response, Stop> {
    let session = session::read(shared, asked.personality, headers);
    if asked.prompts("none") {
        let refused = |code, why| Stop::of(shared, asked, code, why);
        let is_recent = |since: i64| {
            let age = shared.now().saturating_sub(since);
            asked.max_age.is_none_or(|most| age <= most)
        };
        let session = session
            .filter(|session| is_recent(session.auth_time))
            .ok_or_else(|| refused("login_required", "Nobody is signed in"))?;
        if !shared.state().logins.is_allowed(asked, &session.user) {
            return Err(refused("consent_required", "The user has not allowed this"));
        }
        return answered(shared, asked, &session.user, session.auth_time);
    }
    let failed = Stop::page(StatusCode::INTERNAL_SERVER_ERROR, Problem::Failed);
    let language = Language::of(asked.ui_locales.as_deref(), headers);
    let state = shared.state();
    let unknown = Stop::page(StatusCode::BAD_REQUEST, Problem::UnknownClient);
    let client = state
        .client(asked.personality, &asked.client_id)
        .ok_or(unknown)?;
    let hinted = asked.login_hint.as_deref().map(user_of_hint);
    let chosen = hinted
        .flatten()
        .or_else(|| session.and_then(|session| User::named(&session.user)));
    let sealed = asked.sealed(shared).ok_or(failed)?;
    Ok(consent(language, asked, client, &sealed, chosen))
}

/// A hint is a name or an address.
fn user_of_hint(hint: &str) -> Option<&'static User> {
    User::named(hint.split('@').next().unwrap_or(hint))
}

fn decided(shared: &Shared, personality: Personality, form: &Form) -> Result<Response, Stop> {
    let sealed = form.get("request").unwrap_or_default();
    let (asked, _) = Asked::opened(shared, personality, sealed)?;
    let incomplete = Stop::page(StatusCode::BAD_REQUEST, Problem::Incomplete);
    match form.get("decision") {
        Some("deny") => {
            let why = "The user denied the request";
            Err(Stop::of(shared, &asked, "access_denied", why))
        }
        Some("allow") => {
            let user = form.get("user").and_then(User::named).ok_or(incomplete)?;
            answered(shared, &asked, user.name, shared.now())
        }
        _ => Err(incomplete),
    }
}

/// A code for the client, and a session of the user in this browser.
fn answered(shared: &Shared, asked: &Asked, user: &str, auth_time: i64) -> Result<Response, Stop> {
    let (key, code) = (random_text()?, random_text()?);
    let now = shared.now();
    let sign_in = SignIn {
        personality: asked.personality,
        client_id: asked.client_id.clone(),
        user: user.to_owned(),
        scope: asked.scope.clone(),
        auth_time,
        nonce: asked.nonce.clone(),
        audience: asked.audience.clone(),
    };
    let kept = Code {
        sign_in: key.clone(),
        redirect_uri: asked
            .redirect_uri_is_named
            .then(|| asked.redirect_uri.clone()),
        challenge: asked.challenge.clone(),
        challenge_method: asked.challenge_method.clone(),
        jkt: asked.jkt.clone(),
        expires_at: now.saturating_add(CODE_SECS),
        is_spent: false,
    };
    {
        let mut state = shared.state();
        state.logins.begin(key, sign_in);
        state.logins.keep_code(code.clone(), kept, now);
    }
    shared.touch();
    let answer = [("code", code.as_str())];
    let state = asked.state.as_deref();
    let to = target(
        shared,
        asked.personality,
        &asked.redirect_uri,
        state,
        &answer,
    )
    .ok_or(Stop::page(StatusCode::BAD_REQUEST, Problem::RedirectUri))?;
    let mut response = see_other(&to);
    let cookie = session::cookie(shared, asked.personality, user, auth_time);
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response.into_response())
}
