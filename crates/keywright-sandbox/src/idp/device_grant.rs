//! Device authorization (RFC 8628): the request of the device, and its questions for the token.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{Refusal, private};
use super::authenticate::authenticate;
use super::form::Form;
use super::issue::Issue;
use super::metadata::Grant;
use super::token::{allowed, asked_of_user};
use super::user_rules::{DeviceRules, UserScope};
use super::{client_document, dials};
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::{random_of, random_text};
use crate::state::logins::{DeviceRequest, DeviceState};
use crate::state::store::Client;

/// Seconds between two questions (RFC 8628 section 3.2), and how many more after one too early
/// (section 3.5).
const INTERVAL_SECS: i64 = 5;
/// Letters that are not mistaken for others and spell no words (RFC 8628 section 6.1).
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
const CODE_LEN: usize = 8;

/// `POST …/device_authorization`
pub(crate) async fn device_authorization(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    if let Some(id) = form.get("client_id") {
        client_document::refresh(&shared, personality, id).await;
    }
    let client = authenticate(&shared, personality, &headers, &form)?;
    let api = personality.api_url(&shared);
    if form.resources().iter().any(|resource| *resource != api) {
        let why = "resource is not the example API";
        return Err(Refusal::Coded("invalid_target", why));
    }
    let asked = UserScope {
        scope: asked_of_user(&client, form.get("scope"))?,
        audience: None,
    };
    Ok(private(
        StatusCode::OK,
        device_codes(&shared, &client, asked)?,
    ))
}

/// The members of the answer to a device's request (RFC 8628 section 3.2).
pub(crate) fn device_codes(
    shared: &Shared,
    client: &Client,
    asked: UserScope,
) -> Result<Value, Refusal> {
    allowed(client, Grant::DeviceCode)?;
    let personality = client.personality;
    let rules = personality.provider_behavior().device_rules();
    let (device_code, user_code) = (random_text()?, random_of(LETTERS, CODE_LEN)?);
    let now = shared.now();
    let shown = shown(&user_code, rules);
    let place = format!("{}/{}", personality.base(shared), rules.page);
    let mut answer = json!({
        "device_code": device_code,
        "user_code": shown,
        "verification_uri": place,
        "expires_in": rules.lifetime_secs,
        "interval": INTERVAL_SECS,
    });
    if rules.names_complete {
        answer["verification_uri_complete"] = json!(format!("{place}?user_code={shown}"));
    }
    let request = DeviceRequest {
        personality,
        scope: asked.scope,
        audience: asked.audience,
        client_id: client.id.clone(),
        user_code,
        expires_at: now.saturating_add(rules.lifetime_secs),
        interval: INTERVAL_SECS,
        polled_at: None,
        state: DeviceState::Pending,
    };
    let mut state = shared.state();
    state.logins.keep_device(device_code, request, now);
    drop(state);
    shared.touch();
    Ok(answer)
}

/// A code as the device shows it.
pub(super) fn shown(user_code: &str, rules: DeviceRules) -> String {
    let (first, second) = user_code.split_at(user_code.len() / 2);
    if rules.is_split {
        format!("{first}-{second}")
    } else {
        user_code.to_owned()
    }
}

/// A code as the device knows it, however the user types it.
pub(super) fn normal(typed: &str) -> String {
    let letters = typed.chars().map(|one| one.to_ascii_uppercase());
    letters
        .filter(|one| u8::try_from(*one).is_ok_and(|byte| LETTERS.contains(&byte)))
        .collect()
}

/// A device asks for its token (RFC 8628 section 3.4).
pub(super) fn poll(shared: &Shared, client: &Client, form: &Form) -> Result<Issue, Refusal> {
    const NOT_VALID: Refusal = Refusal::InvalidGrant("The device code is not valid");
    let slow_down = Err(Refusal::Coded("slow_down", "The device asks too often"));
    let code = form
        .get("device_code")
        .ok_or(Refusal::InvalidRequest("device_code is missing"))?;
    let is_never_answered = dials::always_slows_down(&shared.faults(client.personality));
    let now = shared.now();
    let mut state = shared.state();
    let request = state.logins.device_mut(code).ok_or(NOT_VALID)?;
    if (request.personality, &request.client_id) != (client.personality, &client.id) {
        return Err(NOT_VALID);
    }
    if request.expires_at <= now {
        if client
            .personality
            .provider_behavior()
            .device_rules()
            .expires_once
        {
            state.logins.end_device(code);
        }
        return Err(Refusal::Coded(
            "expired_token",
            "The device code has expired",
        ));
    }
    if is_never_answered {
        return slow_down;
    }
    let before = request.polled_at.replace(now);
    if before.is_some_and(|before| now < before.saturating_add(request.interval)) {
        request.interval = request.interval.saturating_add(INTERVAL_SECS);
        return slow_down;
    }
    let key = match &request.state {
        DeviceState::Pending => {
            let why = "The user has not answered yet";
            return Err(Refusal::Coded("authorization_pending", why));
        }
        DeviceState::Denied => {
            let why = "The user denied the request";
            return Err(Refusal::Coded("access_denied", why));
        }
        DeviceState::Allowed(key) => key.clone(),
    };
    let sign_in = state.logins.sign_in(&key).cloned().ok_or(NOT_VALID)?;
    state.logins.end_device(code);
    Ok(Issue::of_user(key, sign_in))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_typed_in_any_way() {
        assert_eq!(normal(" bcdf ghjk "), "BCDFGHJK");
        assert_eq!(normal("BCDF-GHJK"), "BCDFGHJK");
        assert_eq!(normal("<b>"), "B");
    }
}
