//! Refresh tokens (RFC 6749 section 6), each of which works once (RFC 9700 section 4.14.2).

use super::answer::Refusal;
use super::form::Form;
use super::issue::Issue;
use super::token::narrowed;
use super::user_rules::RefreshRule;
use crate::state::Shared;
use crate::state::store::Client;

const NOT_VALID: Refusal = Refusal::InvalidGrant("The refresh token is not valid");

/// Spends a refresh token. One of a user that comes again was stolen from one side or the other: all
/// tokens of its sign-in end.
pub(super) fn spend(
    shared: &Shared,
    client: &Client,
    form: &Form,
    jkt: Option<&str>,
) -> Result<Issue, Refusal> {
    let Some(token) = form.get("refresh_token") else {
        return Err(Refusal::InvalidRequest("refresh_token is missing"));
    };
    let mut state = shared.state();
    let refresh = state.refresh_tokens.get(token).cloned().ok_or(NOT_VALID)?;
    if (refresh.personality, &refresh.client_id) != (client.personality, &client.id) {
        return Err(NOT_VALID);
    }
    if refresh
        .jkt
        .as_deref()
        .is_some_and(|bound| Some(bound) != jkt)
    {
        return Err(Refusal::InvalidGrant(
            "The refresh token is bound to another key",
        ));
    }
    let Some(key) = refresh.sign_in else {
        // The scope that was granted first stays granted (RFC 6749 section 6).
        let scope = narrowed(&refresh.scope, form.get("scope"))?;
        state.refresh_tokens.remove(token);
        return Ok(Issue::of_client(scope));
    };
    if refresh.is_spent {
        state.end_sign_in(&key);
        drop(state);
        shared.touch();
        let why = "The refresh token was used before: all tokens of this sign-in are revoked";
        return Err(Refusal::InvalidGrant(why));
    }
    let sign_in = state.logins.sign_in(&key).cloned().ok_or(NOT_VALID)?;
    let scope = narrowed(&refresh.scope, form.get("scope"))?;
    let behavior = client.personality.provider_behavior();
    if behavior.refresh_rule(client, &refresh.scope) == RefreshRule::Rotates
        && let Some(spent) = state.refresh_tokens.get_mut(token)
    {
        spent.is_spent = true;
    }
    Ok(Issue {
        scope,
        is_refreshed: true,
        ..Issue::of_user(key, sign_in)
    })
}
