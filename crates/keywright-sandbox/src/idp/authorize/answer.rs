//! What the authorization endpoint answers: a redirect to the client, or a page for the user.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::request::Asked;
use crate::idp::dials;
use crate::personality::Personality;
use crate::state::Shared;

/// What a page tells a user who cannot be sent back to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// No client has this ID.
    UnknownClient,
    /// The redirect URI is missing or not the client's.
    RedirectUri,
    /// A parameter came twice, or the body cannot be read.
    Unreadable,
    /// No pushed request of this client has this name, or it expired or was used.
    PushedRequest,
    /// The page was open for too long, or is not of this Sandbox.
    PageOver,
    /// No demo user was chosen, or neither Allow nor Deny.
    Incomplete,
    /// The Sandbox itself failed.
    Failed,
}

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Told to the user alone.
    Page(StatusCode, Problem),
    /// Told to the client at its redirect URI (RFC 6749 section 4.1.2.1).
    Redirect(Box<ErrorRedirect>),
}

/// A refusal and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorRedirect {
    pub(crate) url: Url,
    pub(crate) code: &'static str,
    pub(crate) why: &'static str,
}

impl Stop {
    pub(crate) fn page(status: StatusCode, problem: Problem) -> Self {
        Self::Page(status, problem)
    }

    /// A refusal for the client at a redirect URI that is its own.
    pub(crate) fn redirect(
        shared: &Shared,
        personality: Personality,
        redirect_uri: &str,
        state: Option<&str>,
        code: &'static str,
        why: &'static str,
    ) -> Self {
        let answer = [("error", code), ("error_description", why)];
        match target(shared, personality, redirect_uri, state, &answer) {
            Some(url) => Self::Redirect(Box::new(ErrorRedirect { url, code, why })),
            None => Self::Page(StatusCode::BAD_REQUEST, Problem::RedirectUri),
        }
    }

    /// The same for a request that was read.
    pub(crate) fn of(
        shared: &Shared,
        asked: &Asked,
        code: &'static str,
        why: &'static str,
    ) -> Self {
        let state = asked.state.as_deref();
        Self::redirect(
            shared,
            asked.personality,
            &asked.redirect_uri,
            state,
            code,
            why,
        )
    }
}

impl From<getrandom::Error> for Stop {
    fn from(error: getrandom::Error) -> Self {
        tracing::error!(%error, "no randomness");
        Self::Page(StatusCode::INTERNAL_SERVER_ERROR, Problem::Failed)
    }
}

/// The redirect URI with an answer: `state` as it came, and `iss` (RFC 9207).
pub(super) fn target(
    shared: &Shared,
    personality: Personality,
    redirect_uri: &str,
    state: Option<&str>,
    answer: &[(&str, &str)],
) -> Option<Url> {
    let faults = shared.faults(personality);
    let mut url = Url::parse(redirect_uri).ok()?;
    let mut pairs = url.query_pairs_mut();
    pairs.extend_pairs(answer);
    if let Some(state) = state {
        pairs.append_pair("state", &dials::state(&faults, state));
    }
    if personality.provider_behavior().names_issuer_in_answers() {
        let issuer = personality.issuer(shared);
        pairs.append_pair("iss", &dials::response_issuer(&faults, issuer));
    }
    drop(pairs);
    Some(url)
}

/// Sends the browser on. 303, so that the form of the page is not sent along (RFC 9700 section 4.12).
pub(crate) fn see_other(url: &Url) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(url.as_str()) {
        headers.insert(header::LOCATION, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The address has the code in it.
    let policy = HeaderValue::from_static("no-referrer");
    headers.insert(header::REFERRER_POLICY, policy);
    response
}
