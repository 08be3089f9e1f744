//! Redeeming an authorization code (RFC 6749 section 4.1.3) with its verifier (RFC 7636 section 4.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::answer::Refusal;
use super::dials;
use super::form::Form;
use super::issue::Issue;
use crate::state::Shared;
use crate::state::keys::same_secret;
use crate::state::logins::Code;
use crate::state::store::Client;

const NOT_VALID: Refusal = Refusal::InvalidGrant("The code is not valid or has expired");

/// Redeems a code. One that comes again was stolen: all tokens of its sign-in end (RFC 6749 section
/// 4.1.2).
pub(super) fn redeem(
    shared: &Shared,
    client: &Client,
    form: &Form,
    jkt: Option<&str>,
) -> Result<Issue, Refusal> {
    let Some(text) = form.get("code") else {
        return Err(Refusal::InvalidRequest("code is missing"));
    };
    let takes_twice = dials::accepts_reused_code(&shared.faults(client.personality));
    let now = shared.now();
    let mut state = shared.state();
    let code = state.logins.code(text).cloned().ok_or(NOT_VALID)?;
    let owner = (client.personality, client.id.as_str());
    if code.is_spent && !takes_twice {
        let is_own = state
            .logins
            .sign_in(&code.sign_in)
            .is_some_and(|one| (one.personality, one.client_id.as_str()) == owner);
        if is_own {
            state.end_sign_in(&code.sign_in);
        }
        drop(state);
        shared.touch();
        let why = "The code was redeemed before: all tokens of this sign-in are revoked";
        return Err(Refusal::InvalidGrant(why));
    }
    let sign_in = state.logins.sign_in(&code.sign_in).cloned();
    let sign_in = sign_in
        .filter(|one| (one.personality, one.client_id.as_str()) == owner)
        .filter(|_| code.expires_at > now)
        .ok_or(NOT_VALID)?;
    if code.redirect_uri.as_deref() != form.get("redirect_uri") {
        let why = "redirect_uri is not the one of the authorization request";
        return Err(Refusal::InvalidGrant(why));
    }
    let Some(verifier) = form.get("code_verifier") else {
        return Err(Refusal::InvalidRequest("code_verifier is missing"));
    };
    if !fits(&code, verifier) {
        let why = "code_verifier does not belong to the code_challenge";
        return Err(Refusal::InvalidGrant(why));
    }
    if code.jkt.as_deref().is_some_and(|bound| Some(bound) != jkt) {
        return Err(Refusal::InvalidGrant("The code is bound to another key"));
    }
    state.logins.spend_code(text);
    Ok(Issue::of_user(code.sign_in, sign_in))
}

fn fits(code: &Code, verifier: &str) -> bool {
    let made = if code.challenge_method == "plain" {
        verifier.to_owned()
    } else {
        let sha256 = &aws_lc_rs::digest::SHA256;
        let digest = aws_lc_rs::digest::digest(sha256, verifier.as_bytes());
        URL_SAFE_NO_PAD.encode(digest)
    };
    same_secret(&made, &code.challenge)
}
