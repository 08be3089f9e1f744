//! What the token endpoint gives: access tokens in the form of RFC 9068, and what goes with them.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::access_token::{Claims, SIGN_IN, signed, token_answer};
use super::answer::{Refusal, private};
use super::id_token;
use super::metadata::{AuthMethod, Grant};
use super::token::allowed;
use super::user_rules::RefreshRule;
use super::users::User;
use crate::state::Shared;
use crate::state::keys::random_text;
use crate::state::logins::SignIn;
use crate::state::store::{Client, Refresh};

/// Lifetime of an access token in seconds.
const LIFETIME_SECS: i64 = 900;

/// A token that another one is exchanged for (RFC 8693).
pub(super) struct Exchanged {
    pub(super) subject: String,
    /// Key of the sign-in that the other token belongs to.
    pub(super) sign_in: Option<String>,
    /// The new one ends no later.
    pub(super) expires_at: i64,
}

/// What is to be given.
pub(super) struct Issue {
    pub(super) scope: Vec<String>,
    /// The sign-in that the token belongs to, with its key; none of a client's own token.
    pub(super) sign_in: Option<(String, SignIn)>,
    pub(super) exchanged: Option<Exchanged>,
    /// Thumbprint of the key that the token is bound to (RFC 9449).
    pub(super) jkt: Option<String>,
    /// By a refresh token.
    pub(super) is_refreshed: bool,
}

impl Issue {
    /// A token of the client itself.
    pub(super) fn of_client(scope: Vec<String>) -> Self {
        Self {
            scope,
            sign_in: None,
            exchanged: None,
            jkt: None,
            is_refreshed: false,
        }
    }

    /// A token of a user, with all that the user allowed.
    pub(super) fn of_user(key: String, sign_in: SignIn) -> Self {
        let scope = sign_in.scope.clone();
        Self {
            sign_in: Some((key, sign_in)),
            ..Self::of_client(scope)
        }
    }
}

/// Gives it.
pub(super) fn give(shared: &Shared, client: &Client, issue: Issue) -> Result<Response, Refusal> {
    let body = members(shared, client, issue)?;
    shared.touch();
    Ok(private(StatusCode::OK, body))
}

/// The members of the answer (RFC 6749 section 5.1).
pub(super) fn members(shared: &Shared, client: &Client, issue: Issue) -> Result<Value, Refusal> {
    let personality = client.personality;
    let claims = claims(shared, client, &issue)?;
    let access_token = signed(shared, personality, &claims)?;
    let token_type = match issue.jkt {
        Some(_) => "DPoP",
        None => "Bearer",
    };
    let lifetime = claims.exp.saturating_sub(claims.iat);
    let mut body = token_answer(&access_token, token_type, lifetime);
    body["scope"] = json!(issue.scope.join(" "));
    if issue.exchanged.is_some() {
        body["issued_token_type"] = json!("urn:ietf:params:oauth:token-type:access_token");
    } else {
        add_id_token(shared, client, &issue, &access_token, &mut body)?;
        add_refresh_token(shared, client, issue, &mut body)?;
    }
    Ok(body)
}

fn claims(shared: &Shared, client: &Client, issue: &Issue) -> Result<Claims, Refusal> {
    let personality = client.personality;
    if let Some((key, sign_in)) = &issue.sign_in {
        let user = User::named(&sign_in.user).ok_or(Refusal::ServerError)?;
        let behavior = personality.provider_behavior();
        if let Some(claims) = behavior.user_claims(shared, client, sign_in, user, &issue.scope)? {
            return Ok(claims.with(SIGN_IN, key.as_str()));
        }
    }
    let audience = personality.api_url(shared);
    let mut claims = Claims::new(shared, personality, &client.id, audience, LIFETIME_SECS)
        .with("client_id", client.id.as_str())
        .with("scope", issue.scope.join(" "))
        .with_jti("")?;
    if let Some((key, sign_in)) = &issue.sign_in {
        let user = User::named(&sign_in.user).ok_or(Refusal::ServerError)?;
        user.subject.clone_into(&mut claims.sub);
        claims = claims
            .with("auth_time", sign_in.auth_time)
            .with(SIGN_IN, key.as_str());
    }
    if let Some(exchanged) = &issue.exchanged {
        claims.sub.clone_from(&exchanged.subject);
        claims.exp = claims.exp.min(exchanged.expires_at);
        // RFC 8693 section 4.1: who acts for the subject.
        claims = claims.with("act", json!({ "sub": client.id }));
        if let Some(key) = &exchanged.sign_in {
            claims = claims.with(SIGN_IN, key.as_str());
        }
    }
    if let Some(jkt) = &issue.jkt {
        claims = claims.with("cnf", json!({ "jkt": jkt }));
    }
    Ok(claims)
}

fn add_id_token(
    shared: &Shared,
    client: &Client,
    issue: &Issue,
    access_token: &str,
    body: &mut Value,
) -> Result<(), Refusal> {
    if let Some((_, sign_in)) = &issue.sign_in
        && issue.scope.iter().any(|name| name == "openid")
    {
        let token = id_token::signed(shared, client, sign_in, access_token)?;
        body["id_token"] = json!(token);
    }
    Ok(())
}

fn add_refresh_token(
    shared: &Shared,
    client: &Client,
    issue: Issue,
    body: &mut Value,
) -> Result<(), Refusal> {
    let behavior = client.personality.provider_behavior();
    let rule = behavior.refresh_rule(client, &issue.scope);
    let is_kept = rule == RefreshRule::Stays && issue.is_refreshed;
    if rule == RefreshRule::Never || is_kept || allowed(client, Grant::RefreshToken).is_err() {
        return Ok(());
    }
    let token = random_text()?;
    body["refresh_token"] = json!(token);
    // RFC 6749 section 6: a narrower access token does not narrow what the user allowed.
    let (sign_in, scope) = match issue.sign_in {
        Some((key, sign_in)) => (Some(key), sign_in.scope),
        None => (None, issue.scope),
    };
    let is_public = client.metadata.token_endpoint_auth_method == AuthMethod::None;
    let refresh = Refresh {
        personality: client.personality,
        client_id: client.id.clone(),
        scope,
        issued_at: shared.now(),
        sign_in,
        // RFC 9449 section 5: a client with a secret proves itself anyway.
        jkt: issue.jkt.filter(|_| is_public),
        is_spent: false,
    };
    shared.state().refresh_tokens.insert(token, refresh);
    Ok(())
}
