//! Who may pass the gateway: client credentials, a bearer token or a session, one of them.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::challenge::Challenges;
use super::orders;
use super::session::{self, MadeWith, Session};
use super::upstream::{NoToken, fetch_token};
use crate::idp::{Place, Refusal, SIGN_IN, bound_to, live_token, proved, raw_basic};
use crate::personality::Personality;
use crate::server::middleware::message;
use crate::state::Shared;

/// A caller the gateway let in.
pub(super) struct Admitted {
    /// `client-credentials`, `bearer` or `session`.
    pub(super) authenticated_by: &'static str,
    pub(super) client_id: String,
    /// `sub` of a user's token.
    pub(super) user: Option<String>,
    scope: String,
    cookies: Vec<HeaderValue>,
}

impl Admitted {
    /// Adds the session's cookies, and the headers Kong adds for the API behind it, which here let
    /// the caller see whom the gateway took it for.
    pub(super) fn apply_to(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        for cookie in &self.cookies {
            headers.append(header::SET_COOKIE, cookie.clone());
        }
        for (name, value) in [
            ("x-consumer-id", &self.client_id),
            ("x-credential-identifier", &self.client_id),
            ("x-authenticated-scope", &self.scope),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// Why the gateway lets nobody in.
pub(super) enum Denied {
    /// No credentials, or none that hold. The challenges say what would (RFC 9110 section 11.6.1).
    Unauthorized(Challenges),
    /// The token is not for this (RFC 6750 section 3.1).
    InsufficientScope(Challenges),
    /// More than one kind of credentials, or a header that cannot be read.
    BadRequest,
    /// The gateway itself failed.
    Failed,
}

impl axum::response::IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized(challenges) => {
                challenges.on(message(StatusCode::UNAUTHORIZED, "Unauthorized"))
            }
            Self::InsufficientScope(challenges) => {
                challenges.on(message(StatusCode::FORBIDDEN, "Forbidden"))
            }
            Self::BadRequest => message(StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Failed => message(
                StatusCode::INTERNAL_SERVER_ERROR,
                "An unexpected error occurred",
            ),
        }
    }
}

/// What is to be done at the API.
pub(super) struct Wanted<'a> {
    pub(super) personality: Personality,
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    /// What a token of a user needs for it.
    pub(super) scope: &'static str,
}

/// Lets a request in or not, before its body is read.
impl FromRequestParts<Arc<Shared>> for Admitted {
    type Rejection = Denied;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Self::Rejection> {
        let personality = parts.extensions.get().copied().ok_or(Denied::Failed)?;
        let wanted = Wanted {
            personality,
            method: &parts.method,
            path: parts.uri.path(),
            scope: orders::scope_for(&parts.method),
        };
        let admitted = admitted(shared, &wanted, &parts.headers).await?;
        let mut held = admitted.scope.split(' ');
        // A client on its own may do what it was registered for.
        if admitted.user.is_some() && !held.any(|name| name == wanted.scope) {
            let error = Some("insufficient_scope");
            let challenges = Challenges::of(shared, &wanted, error);
            return Err(Denied::InsufficientScope(challenges));
        }
        Ok(admitted)
    }
}

async fn admitted(
    shared: &Shared,
    wanted: &Wanted<'_>,
    headers: &HeaderMap,
) -> Result<Admitted, Denied> {
    let nobody = || Denied::Unauthorized(Challenges::of(shared, wanted, None));
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let authorization = authorizations.next();
    if authorizations.next().is_some() {
        return Err(Denied::BadRequest);
    }
    let brought = session::read(headers, &shared.cookie_key);
    match (authorization, brought) {
        (Some(_), Some(_)) => Err(Denied::BadRequest),
        (None, None) => Err(nobody()),
        (None, Some(brought)) => {
            let session = brought
                .session
                .filter(|session| session.personality == wanted.personality)
                .ok_or_else(nobody)?;
            resume(shared, session, brought.chunks, nobody)
        }
        (Some(value), None) => {
            let value = value.to_str().or(Err(Denied::BadRequest))?;
            begin(shared, wanted, value, headers).await
        }
    }
}

fn resume(
    shared: &Shared,
    mut session: Session,
    chunks: usize,
    nobody: impl Fn() -> Denied,
) -> Result<Admitted, Denied> {
    let now = shared.now();
    let limits = shared.limits();
    if session.epoch != shared.state().epoch || !session.is_live(&limits, now) {
        return Err(nobody());
    }
    let cookies = if session.note_use(&limits, now) {
        session
            .cookies(&shared.cookie_key, chunks)
            .ok_or(Denied::Failed)?
    } else {
        Vec::new()
    };
    Ok(Admitted {
        authenticated_by: "session",
        client_id: session.client_id,
        user: session.user,
        scope: session.scope,
        cookies,
    })
}

async fn begin(
    shared: &Shared,
    wanted: &Wanted<'_>,
    authorization: &str,
    headers: &HeaderMap,
) -> Result<Admitted, Denied> {
    let personality = wanted.personality;
    let refused = |error| Denied::Unauthorized(Challenges::of(shared, wanted, error));
    let (made_with, authenticated_by, token) = if let Some((id, secret)) = raw_basic(authorization)
    {
        let token = fetch_token(shared, personality, &id, &secret)
            .await
            .map_err(|why| match why {
                NoToken::Refused => refused(None),
                NoToken::Failed => Denied::Failed,
            })?;
        (MadeWith::ClientCredentials, "client-credentials", token)
    } else {
        let (scheme, token) = authorization.split_once(' ').ok_or(Denied::BadRequest)?;
        let token = token.trim().to_owned();
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" => (MadeWith::Bearer, "bearer", token),
            "dpop" if personality.provider_behavior().has_users() => {
                (MadeWith::Bearer, "dpop", token)
            }
            _ => return Err(refused(None)),
        }
    };
    let provider_behavior = personality.provider_behavior();
    let claims = live_token(shared, personality, &token)
        .filter(|claims| provider_behavior.is_for_api(shared, claims))
        .ok_or_else(|| refused(Some("invalid_token")))?;
    let client_id = provider_behavior
        .client_of(&claims)
        .ok_or_else(|| refused(Some("invalid_token")))?
        .to_owned();
    let is_proved = authenticated_by == "dpop";
    if is_proved {
        let place = Place {
            personality,
            method: wanted.method.as_str(),
            url: format!("{}{}", shared.gateway_origin(), wanted.path),
            access_token: Some(&token),
        };
        let jkt = match proved(shared, headers, &place) {
            Ok(jkt) => jkt,
            Err(Refusal::UseDpopNonce(nonce)) => {
                let challenges = Challenges::of_proof("use_dpop_nonce").with_nonce(&nonce);
                return Err(Denied::Unauthorized(challenges));
            }
            Err(_) => {
                let challenges = Challenges::of_proof("invalid_dpop_proof");
                return Err(Denied::Unauthorized(challenges));
            }
        };
        if jkt.is_none() || bound_to(&claims) != jkt.as_deref() {
            let challenges = Challenges::of_proof("invalid_token");
            return Err(Denied::Unauthorized(challenges));
        }
    } else if bound_to(&claims).is_some() {
        // A bound token without its proof may be stolen (RFC 9449 section 7.2).
        let challenges = Challenges::of_proof("invalid_token");
        return Err(Denied::Unauthorized(challenges));
    }
    let scope = claims.scope().join(" ");
    let user = claims.text(SIGN_IN).map(|_| claims.sub.clone());
    let now = shared.now();
    let session = Session {
        epoch: shared.state().epoch,
        personality,
        client_id: client_id.clone(),
        user: user.clone(),
        scope: scope.clone(),
        made_with,
        started_at: now,
        rolled_at: now,
        used_at: now,
        padding: "x".repeat(shared.options.session_padding_bytes),
    };
    // A cookie would stand for the token without its key.
    let cookies = if is_proved {
        Vec::new()
    } else {
        session
            .cookies(&shared.cookie_key, 0)
            .ok_or(Denied::Failed)?
    };
    Ok(Admitted {
        authenticated_by,
        client_id,
        user,
        scope,
        cookies,
    })
}
