//! Token exchange (RFC 8693): a token of a user or a client for another one of the asking client.

use super::access_token::{SIGN_IN, live_token};
use super::answer::Refusal;
use super::form::Form;
use super::issue::{Exchanged, Issue};
use super::metadata::AuthMethod;
use super::token::narrowed;
use crate::state::Shared;
use crate::state::store::Client;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What the subject's token is exchanged for: no more scope, and no longer life.
pub(super) fn exchange(shared: &Shared, client: &Client, form: &Form) -> Result<Issue, Refusal> {
    let personality = client.personality;
    if client.metadata.token_endpoint_auth_method == AuthMethod::None {
        return Err(Refusal::UnauthorizedClient);
    }
    let token = form
        .get("subject_token")
        .ok_or(Refusal::InvalidRequest("subject_token is missing"))?;
    if form.get("subject_token_type") != Some(ACCESS_TOKEN) {
        let why = "subject_token_type must be an access token's";
        return Err(Refusal::InvalidRequest(why));
    }
    if form.get("actor_token").is_some() {
        let why = "actor_token is not supported: the client is the actor";
        return Err(Refusal::InvalidRequest(why));
    }
    if form
        .get("requested_token_type")
        .is_some_and(|wanted| wanted != ACCESS_TOKEN)
    {
        let why = "requested_token_type must be an access token's";
        return Err(Refusal::InvalidRequest(why));
    }
    let api = personality.api_url(shared);
    let mut targets = form.resources().iter().map(String::as_str);
    if targets.any(|one| one != api) || form.get("audience").is_some_and(|one| one != api) {
        let why = "The audience or resource is not the example API";
        return Err(Refusal::Coded("invalid_target", why));
    }
    // RFC 8693 section 2.2.2: a subject token that is not valid is an invalid request.
    let subject = live_token(shared, personality, token)
        .filter(|claims| claims.own.get("cnf").is_none())
        .ok_or(Refusal::InvalidRequest("The subject token is not valid"))?;
    let held: Vec<String> = subject.scope().into_iter().map(str::to_owned).collect();
    let scope = narrowed(&held, form.get("scope"))?;
    Ok(Issue {
        exchanged: Some(Exchanged {
            sign_in: subject.text(SIGN_IN).map(str::to_owned),
            subject: subject.sub,
            expires_at: subject.exp,
        }),
        ..Issue::of_client(scope)
    })
}
