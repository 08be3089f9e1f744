//! Which token is wanted, and whether it comes from the cache, from a refresh or from the client itself.

use keywright_oauth::{
    exchange::{JWT_BEARER, SAML_BEARER},
    grant_name::standard_name,
    secret::RefreshToken,
    token::{DEVICE_CODE, TokenError},
};
use keywright_providers::{ProviderError, TokenWish as ProviderWish, WishedGrant};
use keywright_vault::{ApplicationRow, Owner, TokenQuestion, TokenRow};
use serde_json::Value;
use uuid::Uuid;

use super::{
    CLIENT_GRANT, CODE_GRANT, REFRESH_GRANT, REFRESH_TOKEN, fetch::TokenFetch,
    given::needs_something_given, is_usable,
};
use crate::{
    CoreError, ProviderLabel, SecretKind, SignInError,
    app::registration_record::{details_key, registration},
    error::{input_problem::InputProblem, spelling},
    tokens::{Tokens, types::TokenWish},
};

/// A cached token must outlive the call that uses it by this many seconds.
const MARGIN_SECS: i64 = 30;

/// Which token is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) grant: String,
    /// As typed; none for those of the registration.
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) audience: Option<String>,
    /// Sorted.
    pub(crate) resources: Vec<String>,
    /// Compact JSON.
    pub(crate) details: Option<String>,
}

impl Question {
    /// The scopes as the cache knows them: their order means nothing (RFC 6749 §3.3).
    pub(crate) fn scope(&self) -> Option<String> {
        self.scopes.clone().map(sorted)
    }

    /// The token comes from a user, who is not asked again while a refresh token does.
    pub(crate) fn is_of_user(&self) -> bool {
        is_of_user(&self.grant)
    }

    /// What one request at a time is made for. A refresh token is good for one use, whatever it is used for.
    fn turn(&self) -> String {
        if self.grant == REFRESH_GRANT || self.is_of_user() {
            return REFRESH_GRANT.to_owned();
        }
        let (audience, resources, details) = (&self.audience, &self.resources, &self.details);
        format!(
            "{:?}\n{audience:?}\n{resources:?}\n{details:?}",
            self.scope()
        )
    }

    /// The request that this token came from.
    fn of(token: &TokenRow) -> Self {
        Self {
            grant: token.grant.clone(),
            scopes: token.scope_asked.as_deref().map(words),
            audience: token.audience.clone(),
            resources: token.resources.clone(),
            details: token.authorization_details.clone(),
        }
    }

    fn made(&self, token: &TokenRow) -> bool {
        token.grant == self.grant
            && token.scope_asked == self.scope()
            && token.audience == self.audience
            && token.resources == self.resources
            && token.authorization_details == self.details
    }
}

/// Grants that need a user.
pub(super) fn is_of_user(grant: &str) -> bool {
    grant == CODE_GRANT || grant == DEVICE_CODE
}

/// Authorization details as they are sent: an array of objects, each with a `type` (RFC 9396 §2).
fn details(wished: &Value) -> Result<String, CoreError> {
    let is_typed = |one: &Value| one["type"].as_str().is_some_and(|name| !name.is_empty());
    let all = wished.as_array().filter(|all| !all.is_empty());
    if all.is_none_or(|all| !all.iter().all(is_typed)) {
        return Err(CoreError::Input {
            what: InputProblem::AuthorizationDetails,
            detail: String::new(),
        });
    }
    Ok(wished.to_string())
}

/// Scopes as the cache knows them.
pub(super) fn sorted(mut scopes: Vec<String>) -> String {
    scopes.sort();
    scopes.dedup();
    scopes.join(" ")
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

impl Tokens<'_> {
    /// A token row for a call or for `token get`, and whether it came from the cache. Nobody is asked to sign in.
    pub(crate) async fn token_for(
        self,
        row: &ApplicationRow,
        wish: &TokenWish,
    ) -> Result<(TokenRow, bool), CoreError> {
        let question = self.question_of(row, wish)?;
        if !wish.refresh
            && let Some(token) = self.cached_token(row, &question)?
        {
            return Ok((token, true));
        }
        let begun = self.app.0.clock.now_ms();
        let _turn = self
            .app
            .0
            .task_locks
            .lock(format!("{}\n{}", row.id, question.turn()))
            .await;
        let refreshes = question.grant == REFRESH_GRANT || question.is_of_user();
        let lock = if refreshes {
            self.lock_refresh().await?
        } else {
            None
        };
        // Whoever waited is served by the fetch that ended meanwhile.
        if let Some(token) = self
            .cached_token(row, &question)?
            .filter(|token| !wish.refresh || token.issued_at * 1000 > begun)
        {
            return Ok((token, true));
        }
        if needs_something_given(&question.grant) {
            return Err(CoreError::Input {
                what: InputProblem::AssertionNeeded,
                detail: row.name.clone(),
            });
        }
        if !refreshes {
            let fetch = TokenFetch::by_client(question);
            return Ok((self.fetch(row, fetch).await?, false));
        }
        let (used, token) = self.refresh_token_for(row, &question)?;
        let fetch = TokenFetch {
            grant: WishedGrant::RefreshToken(token),
            used: Some(used),
            lock,
            ..TokenFetch::by_client(question)
        };
        Ok((self.fetch(row, fetch).await?, false))
    }

    /// The token that a wish means.
    pub(crate) fn question_of(
        self,
        row: &ApplicationRow,
        wish: &TokenWish,
    ) -> Result<Question, CoreError> {
        let grant = match &wish.grant {
            Some(grant) => standard_name(grant).to_owned(),
            None => self.usual_grant(row)?,
        };
        let known = [CLIENT_GRANT, REFRESH_GRANT, CODE_GRANT, DEVICE_CODE];
        if !known.contains(&&*grant) && !needs_something_given(&grant) {
            return Err(CoreError::unknown_name(
                InputProblem::GrantUnknown,
                &grant,
                spelling::TOKEN_GRANTS,
            ));
        }
        // A refresh goes on with the request of the user whose refresh token it is.
        if grant == REFRESH_GRANT
            && wish.scope.is_none()
            && let Some((id, _)) = self.app.vault()?.newest_refresh_token(row.id)?
        {
            let token = self.app.vault()?.token(id)?;
            if is_of_user(&token.grant) {
                return Ok(Question::of(&token));
            }
        }
        let audience = match &wish.audience {
            Some(audience) => Some(audience.clone()),
            None => self.app.audience(row.id)?,
        };
        Ok(Question {
            grant,
            scopes: wish.scope.as_deref().map(words),
            audience,
            resources: self.app.resources(row, &wish.resources)?,
            details: match &wish.authorization_details {
                Some(wished) => Some(details(wished)?),
                None if wish.without_details => None,
                None => self.app.details(row.id)?,
            },
        })
    }

    /// The authorization details that an application remembers for its token requests.
    ///
    /// # Errors
    ///
    /// An application that is not found.
    pub fn remembered_details(self, wanted: &str) -> Result<Option<Value>, CoreError> {
        let row = self.app.application_row(wanted)?;
        let kept = self.app.details(row.id)?;
        Ok(kept.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// Remembers the authorization details of a wish for later token requests of its application, or forgets those that
    /// it remembers where the wish has none.
    ///
    /// # Errors
    ///
    /// Those that are not an array of objects, each with a `type`.
    pub fn remember_details(self, wish: &TokenWish) -> Result<(), CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        let wished = wish.authorization_details.as_ref();
        wished.map(details).transpose()?;
        let kept = wished.cloned().unwrap_or(Value::Null);
        Ok(self.app.vault()?.put_kv(&details_key(row.id), &kept)?)
    }

    /// Client credentials, unless the client is registered for users alone.
    pub(crate) fn usual_grant(self, row: &ApplicationRow) -> Result<String, CoreError> {
        let granted = registration(&*self.app.vault()?, row)?.granted;
        let has = |grant: &str| granted.has_grant(grant);
        let grant = if has(CODE_GRANT) && !has(CLIENT_GRANT) {
            CODE_GRANT
        } else if has(DEVICE_CODE) && !has(CLIENT_GRANT) {
            DEVICE_CODE
        } else if has(JWT_BEARER) && !has(CLIENT_GRANT) {
            JWT_BEARER
        } else if has(SAML_BEARER) && !has(CLIENT_GRANT) {
            SAML_BEARER
        } else {
            CLIENT_GRANT
        };
        Ok(grant.to_owned())
    }

    /// The kept token of this request, while it lasts.
    pub(crate) fn cached_token(
        self,
        row: &ApplicationRow,
        question: &Question,
    ) -> Result<Option<TokenRow>, CoreError> {
        let now = self.app.now();
        let found = self.app.vault()?.latest_token(
            row.id,
            TokenQuestion {
                grant: &question.grant,
                scope: question.scope().as_deref(),
                audience: question.audience.as_deref(),
                resources: &question.resources,
                authorization_details: question.details.as_deref(),
            },
            now,
        )?;
        // A secret that was rotated meanwhile says nothing about tokens; a deleted client does.
        let found = found.filter(|token| {
            is_usable(token) && token.expires_at.is_some_and(|end| end > now + MARGIN_SECS)
        });
        Ok(match found {
            Some(token) if self.has_other_scope(row, question, &token)? => None,
            found => found,
        })
    }

    /// The scope of the registration has changed since this token was asked for without one.
    fn has_other_scope(
        self,
        row: &ApplicationRow,
        question: &Question,
        token: &TokenRow,
    ) -> Result<bool, CoreError> {
        let (None, Some(sent)) = (&question.scopes, &token.scope_sent) else {
            return Ok(false);
        };
        let (_, provider) = self.app.configurations().provider_of(row)?;
        let at = registration(&*self.app.vault()?, row)?;
        let wish = ProviderWish {
            grant: WishedGrant::ClientCredentials,
            scopes: None,
            audience: question.audience.clone(),
            resources: question.resources.clone(),
            authorization_details: question.details.clone(),
        };
        // A request that cannot be made says nothing about the token that is there.
        let request = provider.token_request(&at, wish, Uuid::nil()).ok();
        Ok(request.is_some_and(|request| sorted(request.scopes) != *sent))
    }

    /// The refresh token to use, and the token that it came with. One of a user is used for the request that the user
    /// agreed to, and for no other.
    pub(crate) fn refresh_token_for(
        self,
        row: &ApplicationRow,
        question: &Question,
    ) -> Result<(Uuid, RefreshToken), CoreError> {
        let vault = self.app.vault()?;
        if !question.is_of_user() {
            let newest = vault.newest_refresh_token(row.id)?;
            let (token, secret) = newest.ok_or_else(|| CoreError::NoSecret {
                what: SecretKind::RefreshToken,
                application: Some(row.name.clone()),
            })?;
            return Ok((token, RefreshToken::from(&secret)));
        }
        for token in vault.tokens(row.id)? {
            if question.made(&token)
                && let Some(secret) = vault.secret(Owner::Token(token.id), REFRESH_TOKEN)?
            {
                return Ok((token.id, RefreshToken::from(&secret)));
            }
        }
        let configuration = vault.configuration(row.configuration_id)?;
        Err(CoreError::SignIn {
            who: ProviderLabel::of(&configuration).about(&row.name),
            source: SignInError::Needed,
        })
    }
}

impl CoreError {
    /// A user must sign in: no refresh token is kept, or the server does not accept it any more.
    pub(crate) fn needs_sign_in(&self) -> bool {
        match self {
            Self::SignIn {
                source: SignInError::Needed,
                ..
            } => true,
            Self::Provider {
                source: ProviderError::Token(TokenError::Refused { words, .. }),
                ..
            } => words.oauth_code() == Some("invalid_grant"),
            _ => false,
        }
    }
}
