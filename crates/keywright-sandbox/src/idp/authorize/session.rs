//! Who signed in last in this browser: a sealed cookie, until the user signs out.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};

use crate::idp::users::User;
use crate::personality::Personality;
use crate::state::Shared;

/// The gateway's cookie has another name: cookies of one host are shared by all its ports.
const NAME: &str = "sandbox_login";

/// A signed-in user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LoginSession {
    login_epoch: u64,
    login_at: Personality,
    pub(super) user: String,
    pub(super) auth_time: i64,
}

/// The session of a request, if there is one.
pub(super) fn read(
    shared: &Shared,
    personality: Personality,
    headers: &HeaderMap,
) -> Option<LoginSession> {
    let epoch = shared.state().epoch;
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == NAME)
        .filter_map(|cookie| shared.cookie_key.open(cookie.value()))
        .filter_map(|plain| serde_json::from_slice::<LoginSession>(&plain).ok())
        .find(|session| session.login_epoch == epoch && session.login_at == personality)
}

/// The user of a request.
pub(crate) fn user_of(
    shared: &Shared,
    personality: Personality,
    headers: &HeaderMap,
) -> Option<&'static User> {
    User::named(&read(shared, personality, headers)?.user)
}

/// `Set-Cookie` of a sign-in.
pub(super) fn cookie(
    shared: &Shared,
    personality: Personality,
    user: &str,
    auth_time: i64,
) -> Option<HeaderValue> {
    let session = LoginSession {
        login_epoch: shared.state().epoch,
        login_at: personality,
        user: user.to_owned(),
        auth_time,
    };
    let sealed = shared
        .cookie_key
        .seal(&serde_json::to_vec(&session).ok()?)?;
    header(personality, &sealed, false)
}

/// `Set-Cookie` of a sign-out.
pub(crate) fn ended_cookie(personality: Personality) -> Option<HeaderValue> {
    header(personality, "", true)
}

fn header(personality: Personality, value: &str, remove: bool) -> Option<HeaderValue> {
    let mut builder = Cookie::build((NAME, value))
        .path(format!("/{}", personality.name()))
        .same_site(SameSite::Lax)
        .http_only(true);
    if remove {
        builder = builder.max_age(Duration::ZERO);
    }
    HeaderValue::from_str(&builder.build().to_string()).ok()
}
