//! The authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core
//! section 3.1.2.1): what is asked for, or why it is refused, and where the refusal goes.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use super::answer::{Problem, Stop};
use super::redirect_uri;
use crate::faults::SandboxFaults;
use crate::idp::dials;
use crate::idp::form::Form;
use crate::idp::metadata::Grant;
use crate::idp::user_rules::{UserScope, plain_scope};
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::store::Client;

/// How long a page of consent can be answered, in seconds.
const ANSWER_SECS: i64 = 600;

/// What a client asks a user for. It travels sealed in the page, so that nothing of it can be changed
/// there and nothing is kept of pages that nobody answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) personality: Personality,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    /// The request named it, so that the token request has to (RFC 6749 section 4.1.3).
    pub(crate) redirect_uri_is_named: bool,
    pub(crate) state: Option<String>,
    pub(crate) scope: Vec<String>,
    #[serde(default)]
    pub(crate) audience: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) challenge_method: String,
    /// `dpop_jkt` (RFC 9449 section 10).
    pub(crate) jkt: Option<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) max_age: Option<i64>,
    pub(crate) login_hint: Option<String>,
    pub(crate) ui_locales: Option<String>,
    pub(crate) expires_at: i64,
    pub(crate) epoch: u64,
}

impl Asked {
    /// What the parameters ask for.
    pub(crate) fn read(
        shared: &Shared,
        personality: Personality,
        form: &Form,
    ) -> Result<Self, Stop> {
        let faults = shared.faults(personality);
        let (client, redirect_uri) = client_and_target(shared, personality, form)?;
        // From here on a refusal goes to the client (RFC 6749 section 4.1.2.1).
        let refused = |code: &'static str, why: &'static str| {
            let state = form.get("state");
            Stop::redirect(shared, personality, &redirect_uri, state, code, why)
        };
        for (name, code) in [
            ("request", "request_not_supported"),
            ("registration", "registration_not_supported"),
        ] {
            if form.get(name).is_some() {
                return Err(refused(code, "The parameter is not supported"));
            }
        }
        match form.get("response_type") {
            Some("code") => {}
            Some(_) => {
                let why = "response_type must be code";
                return Err(refused("unsupported_response_type", why));
            }
            None => return Err(refused("invalid_request", "response_type is missing")),
        }
        if form
            .get("response_mode")
            .is_some_and(|mode| mode != "query")
        {
            return Err(refused("invalid_request", "response_mode must be query"));
        }
        if !client
            .metadata
            .grant_types
            .contains(&Grant::AuthorizationCode)
        {
            let why = "The client is not registered for authorization_code";
            return Err(refused("unauthorized_client", why));
        }
        let (challenge, challenge_method) =
            challenge(personality, form, &faults).map_err(|why| refused("invalid_request", why))?;
        let behavior = personality.provider_behavior();
        let UserScope { scope, audience } = behavior
            .user_scope(shared, &client, form)
            .unwrap_or_else(|| plain_scope(shared, personality, &client, form))
            .map_err(|(code, why)| refused(code, why))?;
        let text = |name: &str| form.get(name).map(str::to_owned);
        Ok(Self {
            personality,
            client_id: client.id,
            redirect_uri_is_named: form.get("redirect_uri").is_some(),
            redirect_uri,
            state: text("state"),
            scope,
            audience,
            nonce: text("nonce"),
            challenge,
            challenge_method,
            jkt: text("dpop_jkt"),
            prompt: text("prompt"),
            max_age: form.get("max_age").and_then(|secs| secs.parse().ok()),
            login_hint: text("login_hint"),
            ui_locales: text("ui_locales"),
            expires_at: shared.now().saturating_add(ANSWER_SECS),
            epoch: shared.state().epoch,
        })
    }

    /// A request that was pushed before (RFC 9126 section 4).
    pub(crate) fn pushed(
        shared: &Shared,
        personality: Personality,
        uri: &str,
        form: &Form,
    ) -> Result<Self, Stop> {
        let now = shared.now();
        let pushed = shared.state().logins.take_pushed(uri, now);
        let mut asked = pushed
            .filter(|asked| asked.personality == personality)
            .filter(|asked| form.get("client_id") == Some(asked.client_id.as_str()))
            .ok_or(Stop::page(StatusCode::BAD_REQUEST, Problem::PushedRequest))?;
        asked.expires_at = now.saturating_add(ANSWER_SECS);
        Ok(asked)
    }

    /// What a page brought back, if it still holds: the client may have changed meanwhile.
    pub(crate) fn opened(
        shared: &Shared,
        personality: Personality,
        sealed: &str,
    ) -> Result<(Self, Client), Stop> {
        let asked = shared
            .cookie_key
            .open(sealed)
            .and_then(|plain| serde_json::from_slice::<Self>(&plain).ok())
            .filter(|asked| asked.personality == personality)
            .filter(|asked| asked.expires_at > shared.now() && asked.epoch == shared.state().epoch)
            .ok_or(Stop::page(StatusCode::BAD_REQUEST, Problem::PageOver))?;
        let client = known(shared, personality, &asked.client_id)?;
        if !redirect_uri::is_registered(&client, &asked.redirect_uri) {
            return Err(Stop::page(StatusCode::BAD_REQUEST, Problem::RedirectUri));
        }
        Ok((asked, client))
    }

    /// For the page.
    pub(crate) fn sealed(&self, shared: &Shared) -> Option<String> {
        shared.cookie_key.seal(&serde_json::to_vec(self).ok()?)
    }

    /// `prompt` has this value (OpenID Connect Core section 3.1.2.1).
    pub(crate) fn prompts(&self, wanted: &str) -> bool {
        let mut values = self.prompt.iter().flat_map(|prompt| prompt.split(' '));
        values.any(|value| value == wanted)
    }
}

/// The client and where its answer goes. What is wrong here is shown to the user alone: sending a
/// browser to an unregistered address would be an open redirector (RFC 9700 section 4.11).
fn client_and_target(
    shared: &Shared,
    personality: Personality,
    form: &Form,
) -> Result<(Client, String), Stop> {
    let bad = |problem| Stop::page(StatusCode::BAD_REQUEST, problem);
    let id = form.get("client_id").ok_or(bad(Problem::UnknownClient))?;
    let client = known(shared, personality, id)?;
    let target = match (form.get("redirect_uri"), &*client.metadata.redirect_uris) {
        (Some(named), _) => named.to_owned(),
        (None, [only]) => only.clone(),
        (None, _) => return Err(bad(Problem::RedirectUri)),
    };
    if !redirect_uri::is_registered(&client, &target) || Url::parse(&target).is_err() {
        return Err(bad(Problem::RedirectUri));
    }
    Ok((client, target))
}

fn known(shared: &Shared, personality: Personality, id: &str) -> Result<Client, Stop> {
    let is_forgotten = shared.faults(personality).forget_clients;
    let state = shared.state();
    state
        .client(personality, id)
        .filter(|_| !is_forgotten)
        .cloned()
        .ok_or(Stop::page(StatusCode::BAD_REQUEST, Problem::UnknownClient))
}

/// `code_challenge` and its method. Every client has to send one (RFC 9700 section 2.1.1), and with
/// S256, unless the dial says that the server knows `plain` alone.
fn challenge(
    personality: Personality,
    form: &Form,
    faults: &SandboxFaults,
) -> Result<(String, String), &'static str> {
    let challenge = form
        .get("code_challenge")
        .ok_or("code_challenge is missing")?;
    // RFC 7636 section 4.2: 43 characters of base64url with S256, and no fewer with plain.
    let is_text = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    if !(43..=128).contains(&challenge.len()) || !challenge.bytes().all(is_text) {
        return Err("code_challenge has not the form of RFC 7636");
    }
    let method = form.get("code_challenge_method").unwrap_or("plain");
    let is_plain_taken = personality.provider_behavior().takes_plain_challenges();
    if method != dials::challenge_method(faults) && !(method == "plain" && is_plain_taken) {
        return Err(if method == "plain" {
            "code_challenge_method must be S256"
        } else {
            "The code_challenge_method is not supported"
        });
    }
    Ok((challenge.to_owned(), method.to_owned()))
}
