//! The claims of the user of a token (OpenID Connect Core section 5.3).

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::access_token::{SIGN_IN, live_token};
use super::answer::{Refusal, private};
use super::dpop::{self, bound_to, dpop_token};
use super::registration::bearer;
use super::users::User;
use crate::personality::Personality;
use crate::state::Shared;

/// `GET` or `POST …/userinfo`
pub(crate) async fn userinfo(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let place = dpop::Place {
        personality,
        method: method.as_str(),
        url: format!("{}{}", shared.idp_origin(), uri.path()),
        access_token: dpop_token(&headers),
    };
    let is_proof =
        |why: &Refusal| matches!(why, Refusal::InvalidDpopProof(_) | Refusal::UseDpopNonce(_));
    claims(&shared, &headers, &place).unwrap_or_else(|why| {
        let is_proof = is_proof(&why);
        let mut response = why.into_response();
        // RFC 9449 section 7.1: at a resource a bad proof is answered with 401.
        if is_proof {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            let challenge = HeaderValue::from_static("DPoP");
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    })
}

fn claims(
    shared: &Shared,
    headers: &HeaderMap,
    place: &dpop::Place<'_>,
) -> Result<Response, Refusal> {
    let personality = place.personality;
    let token = place
        .access_token
        .or_else(|| bearer(headers))
        .ok_or(Refusal::InvalidToken)?;
    let claims = live_token(shared, personality, token).ok_or(Refusal::InvalidToken)?;
    let jkt = match place.access_token {
        Some(_) => dpop::proved(shared, headers, place)?,
        None => None,
    };
    // A bound token is shown with its proof, and one that is not bound without.
    if bound_to(&claims) != jkt.as_deref() {
        return Err(Refusal::InvalidToken);
    }
    let scope = claims.scope();
    // A client's own token has no user, and only `openid` opens this endpoint.
    let sign_in = claims.text(SIGN_IN).filter(|_| scope.contains(&"openid"));
    let sign_in = sign_in.ok_or(Refusal::InsufficientScope("openid"))?;
    let user = {
        let state = shared.state();
        let sign_in = state.logins.sign_in(sign_in);
        sign_in.and_then(|sign_in| User::named(&sign_in.user))
    };
    let user = user.ok_or(Refusal::InvalidToken)?;
    Ok(private(StatusCode::OK, Value::Object(user.claims(&scope))))
}
