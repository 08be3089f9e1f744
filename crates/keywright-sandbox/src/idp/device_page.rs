//! Where a user enters the code of a device and allows or denies it (RFC 8628 section 3.3).

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::authorize::Problem;
use super::device_grant::normal;
use super::dials;
use super::form::Form;
use super::pages::{DeviceStep, Language, PageForm, device, problem};
use super::users::User;
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::random_text;
use crate::state::logins::{DeviceState, SignIn};

/// `GET` or `POST …/device`
pub(crate) async fn device_page(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    PageForm {
        form,
        language,
        is_post,
    }: PageForm,
) -> Response {
    let Some(typed) = form.get("user_code") else {
        return device(
            language,
            personality,
            &DeviceStep::Enter { is_unknown: false },
        );
    };
    let code = normal(typed);
    let decision = form.get("decision").filter(|_| is_post);
    if let Some(decision) = decision {
        let wait = dials::consent_wait(&shared.faults(personality));
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        return decided(&shared, personality, &code, decision, &form, language);
    }
    let now = shared.now();
    let mut state = shared.state();
    let waiting = state
        .logins
        .waiting_device(personality, &code, now)
        .cloned();
    let client = waiting
        .as_ref()
        .and_then(|request| state.client(personality, &request.client_id));
    match (client, &waiting) {
        (Some(client), Some(request)) => device(
            language,
            personality,
            &DeviceStep::Decide { client, request },
        ),
        _ => device(
            language,
            personality,
            &DeviceStep::Enter { is_unknown: true },
        ),
    }
}

fn decided(
    shared: &Shared,
    personality: Personality,
    code: &str,
    decision: &str,
    form: &Form,
    language: Language,
) -> Response {
    let now = shared.now();
    let user = form.get("user").and_then(User::named);
    let Ok(key) = random_text() else {
        return problem(language, StatusCode::INTERNAL_SERVER_ERROR, Problem::Failed);
    };
    let incomplete = || problem(language, StatusCode::BAD_REQUEST, Problem::Incomplete);
    let mut state = shared.state();
    let Some(request) = state.logins.waiting_device(personality, code, now) else {
        return device(
            language,
            personality,
            &DeviceStep::Enter { is_unknown: true },
        );
    };
    let is_allowed = match (decision, user) {
        ("allow", Some(user)) => {
            request.state = DeviceState::Allowed(key.clone());
            let sign_in = SignIn {
                personality,
                client_id: request.client_id.clone(),
                user: user.name.to_owned(),
                scope: request.scope.clone(),
                auth_time: now,
                nonce: None,
                audience: request.audience.clone(),
            };
            state.logins.begin(key, sign_in);
            true
        }
        ("deny", _) => {
            request.state = DeviceState::Denied;
            false
        }
        _ => return incomplete(),
    };
    drop(state);
    shared.touch();
    device(language, personality, &DeviceStep::Done { is_allowed })
}
