//! Who may pass the gateway: client credentials, a bearer token or a session, one of them.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::session::{self, MadeWith, Session};
use super::upstream::{NoToken, fetch_token};
use crate::idp::{live_token, raw_basic};
use crate::personality::Personality;
use crate::server::middleware::message;
use crate::state::Shared;

/// A caller the gateway let in.
pub(super) struct Admitted {
    /// `client-credentials`, `bearer` or `session`.
    pub(super) authenticated_by: &'static str,
    pub(super) client_id: String,
    scope: String,
    cookies: Vec<HeaderValue>,
}

impl Admitted {
    /// Adds the session's cookies, and the headers Kong adds for the API behind it, which here let
    /// the caller see whom the gateway took it for.
    pub(super) fn dress(&self, mut response: Response) -> Response {
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
    /// No credentials, or none that hold.
    Unauthorized,
    /// More than one kind of credentials, or a header that cannot be read.
    BadRequest,
    /// The gateway itself failed.
    Failed,
}

impl axum::response::IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized => {
                let mut response = message(StatusCode::UNAUTHORIZED, "Unauthorized");
                for challenge in [
                    r#"Bearer realm="keywright-sandbox""#,
                    r#"Basic realm="keywright-sandbox""#,
                ] {
                    let value = HeaderValue::from_static(challenge);
                    let headers = response.headers_mut();
                    headers.append(header::WWW_AUTHENTICATE, value);
                }
                response
            }
            Self::BadRequest => message(StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Failed => message(
                StatusCode::INTERNAL_SERVER_ERROR,
                "An unexpected error occurred",
            ),
        }
    }
}

/// Lets a request in or not.
pub(super) async fn admit(
    shared: &Shared,
    personality: Personality,
    headers: &HeaderMap,
) -> Result<Admitted, Denied> {
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let authorization = authorizations.next();
    if authorizations.next().is_some() {
        return Err(Denied::BadRequest);
    }
    let brought = session::read(headers, &shared.cookie_key);
    match (authorization, brought) {
        (Some(_), Some(_)) => Err(Denied::BadRequest),
        (None, None) => Err(Denied::Unauthorized),
        (None, Some(brought)) => {
            let session = brought
                .session
                .filter(|session| session.personality == personality)
                .ok_or(Denied::Unauthorized)?;
            resume(shared, session, brought.chunks)
        }
        (Some(value), None) => {
            let value = value.to_str().or(Err(Denied::BadRequest))?;
            begin(shared, personality, value).await
        }
    }
}

fn resume(shared: &Shared, mut session: Session, chunks: usize) -> Result<Admitted, Denied> {
    let now = shared.now();
    let limits = shared.limits();
    if session.epoch != shared.state().epoch || !session.is_live(&limits, now) {
        return Err(Denied::Unauthorized);
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
        scope: session.scope,
        cookies,
    })
}

async fn begin(
    shared: &Shared,
    personality: Personality,
    authorization: &str,
) -> Result<Admitted, Denied> {
    let (made_with, authenticated_by, token) = if let Some((id, secret)) = raw_basic(authorization)
    {
        let token = fetch_token(shared, personality, &id, &secret)
            .await
            .map_err(|why| match why {
                NoToken::Refused => Denied::Unauthorized,
                NoToken::Failed => Denied::Failed,
            })?;
        (MadeWith::ClientCredentials, "client-credentials", token)
    } else {
        let (scheme, token) = authorization.split_once(' ').ok_or(Denied::BadRequest)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Denied::Unauthorized);
        }
        (MadeWith::Bearer, "bearer", token.trim().to_owned())
    };
    let provider_behavior = personality.provider_behavior();
    let claims = live_token(shared, personality, &token)
        .filter(|claims| provider_behavior.is_for_api(shared, claims))
        .ok_or(Denied::Unauthorized)?;
    let client_id = provider_behavior
        .client_of(&claims)
        .ok_or(Denied::Unauthorized)?
        .to_owned();
    let scope = claims.scope().join(" ");
    let now = shared.now();
    let session = Session {
        epoch: shared.state().epoch,
        personality,
        client_id: client_id.clone(),
        scope: scope.clone(),
        made_with,
        started_at: now,
        rolled_at: now,
        used_at: now,
        padding: "x".repeat(shared.options.session_padding_bytes),
    };
    let cookies = session
        .cookies(&shared.cookie_key, 0)
        .ok_or(Denied::Failed)?;
    Ok(Admitted {
        authenticated_by,
        client_id,
        scope,
        cookies,
    })
}
