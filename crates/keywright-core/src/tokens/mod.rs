//! Tokens: from the cache or from the provider.

pub(crate) mod auto_refresh;
mod inspect;
pub(crate) mod other_secrets;
pub(crate) mod propagation_retry;
mod refused;
pub(crate) mod secret_overlap;
mod signature;
pub(crate) mod types;
mod view;

use std::{fs::File, time::Duration};

use keywright_oauth::{
    introspect, jwt,
    secret::RefreshToken,
    token::{ClientAuth, TokenError, TokenResponse, needs_proof},
};
use keywright_providers::{
    Provider, ProviderError, TokenWish as ProviderWish, client_auth_setting,
};
use keywright_vault::{ApplicationRow, Health, Owner, SecretText, TokenRow, VaultError};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    CoreError, Doing, Keywright, Who,
    app::{FlowSubject, conversions::id, registration_record::registration},
    diagnosis::right_key,
    tokens::{
        propagation_retry::{Asking, Settled},
        secret_overlap::previous,
        types::{TokenView, TokenWish},
    },
};

/// A cached token must outlive the call that uses it by this many seconds.
const MARGIN_SECS: i64 = 30;
/// Name of a token's value in the vault.
pub(crate) const ACCESS_TOKEN: &str = "access_token";
const REFRESH_TOKEN: &str = "refresh_token";
/// `grant_type` of client credentials (RFC 6749 §4.4).
const CLIENT_GRANT: &str = "client_credentials";
/// `grant_type` of a refresh (RFC 6749 §6).
const REFRESH_GRANT: &str = "refresh_token";

/// How often another process is waited for that refreshes a token, and the pause between.
const REFRESH_WAITS: u32 = 300;
const REFRESH_PAUSE: Duration = Duration::from_millis(100);

/// Which token is wanted.
struct Question {
    grant: String,
    /// As typed; none for those of the registration.
    scopes: Option<Vec<String>>,
    audience: Option<String>,
    /// Sorted.
    resources: Vec<String>,
}

impl Question {
    /// The scopes as the cache knows them: their order means nothing (RFC 6749 §3.3).
    fn scope(&self) -> Option<String> {
        let mut scopes = self.scopes.clone()?;
        scopes.sort();
        scopes.dedup();
        Some(scopes.join(" "))
    }

    /// What one request at a time is made for. A refresh token is good for one use, whatever it is used for.
    fn turn(&self) -> String {
        if self.grant == REFRESH_GRANT {
            return REFRESH_GRANT.to_owned();
        }
        let (audience, resources) = (&self.audience, &self.resources);
        format!("{:?}\n{audience:?}\n{resources:?}", self.scope())
    }
}

/// Neither revoked nor refused by an API, nor inactive by the word of its provider (RFC 7662 §2.2).
pub(crate) fn is_usable(token: &TokenRow) -> bool {
    let members = token.introspected.as_ref().and_then(Value::as_object);
    let is_inactive = members.and_then(introspect::active) == Some(false);
    token.revoked_at.is_none() && token.refused_at.is_none() && !is_inactive
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Tokens of applications.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// Tokens of applications.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens { app: self }
    }
}

impl Tokens<'_> {
    /// A token: the cached one where it lasts, else one fetch that serves all who wait.
    pub async fn get(self, wish: &TokenWish) -> Result<TokenView, CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        let (token, from_cache) = self.token_for(&row, wish).await?;
        let mut view = self.view(&token)?;
        view.from_cache = from_cache;
        Ok(view)
    }

    /// The newest token of an application that is neither expired nor revoked nor refused by an API, or the newest.
    pub fn current(self, wanted: &str) -> Result<Option<TokenView>, CoreError> {
        let row = self.app.application_row(wanted)?;
        let current = self.app.vault()?.current_token(row.id, self.app.now())?;
        current.map(|token| self.view(&token)).transpose()
    }

    /// All kept tokens, of one application or of all.
    pub fn list(self, application: Option<&str>) -> Result<Vec<TokenView>, CoreError> {
        let vault = self.app.vault()?;
        let ids: Vec<Uuid> = match application {
            Some(wanted) => vec![self.app.application_row(wanted)?.id],
            None => vault
                .applications(&keywright_vault::ApplicationQuery {
                    limit: u64::from(u32::MAX),
                    ..Default::default()
                })?
                .items
                .iter()
                .map(|row| row.id)
                .collect(),
        };
        let mut all = Vec::new();
        for application in ids {
            for token in vault.tokens(application)? {
                all.push(self.view(&token)?);
            }
        }
        Ok(all)
    }

    /// One token.
    pub fn show(self, wanted: &str) -> Result<TokenView, CoreError> {
        let row = self.row(wanted)?;
        self.view(&row)
    }

    /// A token row for a call or for `token get`, and whether it came from the cache.
    pub(crate) async fn token_for(
        self,
        row: &ApplicationRow,
        wish: &TokenWish,
    ) -> Result<(TokenRow, bool), CoreError> {
        let vault = self.app.vault()?;
        let grant = wish.grant.as_deref().unwrap_or(CLIENT_GRANT).to_owned();
        if grant != CLIENT_GRANT && grant != REFRESH_GRANT {
            return Err(CoreError::Input {
                what: "grant_unknown",
                detail: grant,
            });
        }
        let audience = match &wish.audience {
            Some(audience) => Some(audience.clone()),
            None => self.app.audience(row.id)?,
        };
        let question = Question {
            grant,
            scopes: wish.scope.as_deref().map(words),
            audience,
            resources: self.app.resources(row, &wish.resources)?,
        };
        let cached = || -> Result<Option<TokenRow>, CoreError> {
            let now = self.app.now();
            let found = vault.latest_token(
                row.id,
                &question.grant,
                question.scope().as_deref(),
                question.audience.as_deref(),
                &question.resources,
                now,
            )?;
            // A secret that was rotated meanwhile says nothing about tokens; a deleted client does.
            Ok(found.filter(|token| {
                is_usable(token) && token.expires_at.is_some_and(|end| end > now + MARGIN_SECS)
            }))
        };
        if !wish.refresh
            && let Some(token) = cached()?
        {
            return Ok((token, true));
        }
        let begun = self.app.0.clock.now_ms();
        let _turn = self
            .app
            .0
            .turns
            .wait(format!("{}\n{}", row.id, question.turn()))
            .await;
        let lock = if question.grant == REFRESH_GRANT {
            self.lock_refresh().await?
        } else {
            None
        };
        // Whoever waited is served by the fetch that ended meanwhile.
        if let Some(token) =
            cached()?.filter(|token| !wish.refresh || token.issued_at * 1000 > begun)
        {
            return Ok((token, true));
        }
        Ok((self.fetch(row, question, lock).await?, false))
    }

    async fn fetch(
        self,
        row: &ApplicationRow,
        question: Question,
        lock: Option<File>,
    ) -> Result<TokenRow, CoreError> {
        let vault = self.app.vault()?;
        let configuration = vault.configuration(row.configuration_id)?;
        let (configuration, provider) = self.app.configurations().discovered(configuration).await?;
        let who = Who::of(&configuration).about(&row.name);
        let (used, refresh_token) = if question.grant == REFRESH_GRANT {
            let (used, token) = self.refresh_token(row)?;
            (Some(used), Some(token))
        } else {
            (None, None)
        };
        let wish = ProviderWish {
            refresh_token,
            scopes: question.scopes.clone(),
            audience: question.audience.clone(),
            resources: question.resources.clone(),
        };
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: Some(row.id),
        });
        let config = self.app.configurations().provider_config(&configuration)?;
        let http = self
            .app
            .client(config.http_policy())
            .map_err(|source| CoreError::Api {
                who: who.name.clone(),
                source,
            })?;
        let asking = Asking {
            provider: &provider,
            config: &config,
            http: &http,
            at: registration(&vault, row)?,
            before: previous(&vault, row)?,
            wish,
            flow: flow.id,
        };
        let now = self.app.now();
        let mut outcome = asking.request().await;
        if let Err(ProviderError::Token(error)) = &outcome
            && provider.refuses_client(error)
            && let Some(other) = self.try_other_secrets(row, &asking).await?
        {
            outcome = Ok(other);
        }
        let Settled {
            answer,
            proven,
            adapted,
        } = match outcome {
            Ok(settled) => settled,
            Err(source) => {
                let explained = self.app.explained(row, who, Doing::Token, source);
                if let CoreError::Explained {
                    source: ProviderError::Token(error),
                    ..
                } = &explained
                {
                    self.token_refused(row, &provider, error)?;
                }
                return Err(explained);
            }
        };
        let mut token = new_token(row.id, question, &answer, now);
        let value = answer.access_token.expose();
        let first = self.first_check(row, &token, value)?;
        token.inspection = first.inspection;
        token.is_jwt = token.inspection.is_some();
        let mut secrets = vec![(ACCESS_TOKEN.to_owned(), Some(SecretText::new(value)))];
        if let Some(refresh) = &answer.refresh_token {
            secrets.push((
                REFRESH_TOKEN.to_owned(),
                Some(SecretText::new(refresh.expose())),
            ));
        }
        // Before anything else is asked: the refresh token that it replaces is spent.
        vault.save_issued_token(&token, &secrets, used)?;
        drop(lock);
        self.keep_client_auth(configuration.id, adapted)?;
        if proven && asking.before.is_some() {
            self.retire_previous(row, &provider, &asking.at).await?;
        }
        if first.needs_keys {
            self.check_later(token.id);
        }
        Ok(token)
    }

    /// Waits until no other process refreshes a token: two that use one refresh token lose it (RFC 9700
    /// §4.14.2). Goes on without the lock where another holds it for too long, or none can be held.
    async fn lock_refresh(self) -> Result<Option<File>, CoreError> {
        for _ in 0..REFRESH_WAITS {
            match self.app.home().try_lock_refresh() {
                Ok(Some(lock)) => return Ok(Some(lock)),
                Ok(None) => tokio::time::sleep(REFRESH_PAUSE).await,
                Err(error) if error.is_of_the_disk() => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Remembers the way to authenticate that worked where the usual one did not.
    pub(crate) fn keep_client_auth(
        self,
        configuration: Uuid,
        adapted: Option<ClientAuth>,
    ) -> Result<(), CoreError> {
        if let Some(way) = adapted {
            self.app
                .configurations()
                .remember_adapted(configuration, &[client_auth_setting(way)].into())?;
        }
        Ok(())
    }

    /// `invalid_client` marks an application rejected that was right before: one that never worked may have a
    /// right secret all the same. Nothing registers again by itself.
    fn token_refused(
        self,
        row: &ApplicationRow,
        provider: &Provider,
        error: &TokenError,
    ) -> Result<(), CoreError> {
        if provider.refuses_client(error)
            && let Some(right) = self.app.was_right(row)?
        {
            let vault = self.app.vault()?;
            vault.put_kv(&right_key(row.id), &right.into())?;
            vault.mark_health(row.id, Health::Rejected, self.app.now())?;
        }
        Ok(())
    }

    /// The newest refresh token, and the token that it came with.
    fn refresh_token(self, row: &ApplicationRow) -> Result<(Uuid, RefreshToken), CoreError> {
        let newest = self.app.vault()?.newest_refresh_token(row.id)?;
        let (token, secret) = newest.ok_or_else(|| CoreError::NoSecret {
            what: "refresh_token",
            application: Some(row.name.clone()),
        })?;
        Ok((token, RefreshToken::new(secret.expose())))
    }

    pub(crate) fn row(self, wanted: &str) -> Result<TokenRow, CoreError> {
        let id = id("token", wanted)?;
        match self.app.vault()?.token(id) {
            Err(VaultError::NotFound { .. }) => Err(CoreError::NotFound {
                what: "token",
                name: wanted.to_owned(),
                nearest: None,
            }),
            other => Ok(other?),
        }
    }

    /// The value of a token, for the wire.
    pub(crate) fn secret(self, token: &TokenRow) -> Result<SecretText, CoreError> {
        let vault = self.app.vault()?;
        if let Some(value) = vault.secret(Owner::Token(token.id), ACCESS_TOKEN)? {
            return Ok(value);
        }
        let application = vault.application(token.application_id)?;
        Err(CoreError::NoSecret {
            what: ACCESS_TOKEN,
            application: Some(application.name),
        })
    }

    pub(crate) fn has_refresh_token(self, token: Uuid) -> Result<bool, CoreError> {
        Ok(self
            .app
            .vault()?
            .secret_names(Owner::Token(token))?
            .iter()
            .any(|name| name == REFRESH_TOKEN))
    }
}

/// Refuses a token that no API takes as a bearer token.
pub(crate) fn require_bearer(token: &TokenRow, application: &str) -> Result<(), CoreError> {
    if needs_proof(&token.token_type) {
        return Err(CoreError::NotBearer {
            application: application.to_owned(),
            token_type: token.token_type.clone(),
        });
    }
    Ok(())
}

/// The row of a token that was just answered; what it holds was not looked at yet.
fn new_token(
    application_id: Uuid,
    question: Question,
    answer: &TokenResponse,
    now: i64,
) -> TokenRow {
    let said = answer.expires_in.map(|seconds| now.saturating_add(seconds));
    TokenRow {
        id: Uuid::now_v7(),
        application_id,
        scope_asked: question.scope(),
        grant: question.grant,
        audience: question.audience,
        resources: question.resources,
        token_type: answer.token_type.clone(),
        scope: answer.scope.clone(),
        issued_at: now,
        // RFC 6749 §5.1 leaves `expires_in` out where the end is told otherwise.
        expires_at: said
            .into_iter()
            .chain(jwt::expires_at(&answer.access_token))
            .min(),
        is_jwt: false,
        inspection: None,
        introspected: None,
        introspected_at: None,
        revoked_at: None,
        refused_at: None,
    }
}
