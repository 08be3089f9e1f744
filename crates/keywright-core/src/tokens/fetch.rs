//! One token request, from the wish to the stored token.

use std::{fs::File, time::Duration};

use keywright_oauth::{
    jwt,
    token::{TokenError, TokenResponse},
};
use keywright_providers::{Provider, ProviderError, TokenWish as ProviderWish, WishedGrant};
use keywright_vault::{ApplicationRow, Health, SecretChange, SecretText, TokenRow};
use uuid::Uuid;

use super::{
    ACCESS_TOKEN, REFRESH_TOKEN,
    dpop::{is_dpop_bound, wants_proof},
    id_token::AskedIdToken,
    propagation_retry::{Obtained, TokenAttempt},
    request::Question,
    resource_refused::names_resource,
    secret_overlap::previous,
};
use crate::{
    CoreError, Operation, ProviderLabel,
    app::{FlowSubject, failpoint, registration_record::registration},
    diagnosis::right_key,
    error::cause::CauseKind,
    tokens::{CLIENT_GRANT, Tokens},
};

/// How often another process is waited for that refreshes a token, and the pause between.
const REFRESH_WAITS: u32 = 300;
const REFRESH_PAUSE: Duration = Duration::from_millis(100);

/// What a token is asked for with.
pub(crate) struct TokenFetch {
    /// The token that is wanted.
    pub(crate) question: Question,
    /// What is exchanged for it.
    pub(crate) grant: WishedGrant,
    /// The token whose refresh token is exchanged.
    pub(crate) used: Option<Uuid>,
    /// The ID token that is to come along.
    pub(crate) id_token: Option<AskedIdToken>,
    /// The resources are those that are kept, not given for this token: a server that refuses them is asked without.
    pub(crate) may_drop_resources: bool,
    /// Held until the answer is stored.
    pub(crate) lock: Option<File>,
}

impl TokenFetch {
    /// By the client itself.
    pub(crate) fn by_client(question: Question) -> Self {
        Self {
            question,
            grant: WishedGrant::ClientCredentials,
            used: None,
            id_token: None,
            may_drop_resources: false,
            lock: None,
        }
    }
}

impl Tokens<'_> {
    /// Asks for a token and stores it with what came along.
    pub(crate) async fn fetch(
        self,
        row: &ApplicationRow,
        fetch: TokenFetch,
    ) -> Result<TokenRow, CoreError> {
        let TokenFetch {
            mut question,
            grant,
            used,
            id_token,
            may_drop_resources,
            lock,
        } = fetch;
        let vault = self.app.vault()?;
        let configuration = vault.configuration(row.configuration_id)?;
        let (configuration, provider) = self.app.configurations().discovered(configuration).await?;
        let who = ProviderLabel::of(&configuration).about(&row.name);
        let doing = operation(&grant);
        let wish = ProviderWish {
            grant,
            scopes: question.scopes.clone(),
            audience: question.audience.clone(),
            resources: question.resources.clone(),
            authorization_details: question.details.clone(),
        };
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: Some(row.id),
        });
        let config = self.app.configurations().provider_config(&configuration)?;
        let http = self.app.configurations().http(&config, &who.name)?;
        let mut at = registration(&vault, row)?;
        if at.dpop_key.is_none() && is_dpop_bound(&at.granted) {
            at.dpop_key = Some(self.dpop_key(row, &config)?);
        }
        let mut asking = TokenAttempt {
            provider: &provider,
            config: &config,
            http: &http,
            at,
            before: previous(&vault, row)?,
            wish,
            flow: flow.id,
        };
        // The answer may hold the only refresh token that works from then on.
        vault.reserve_space()?;
        let now = self.app.now();
        let outcome = Box::pin(self.settled(row, &mut asking, may_drop_resources)).await?;
        let Obtained {
            answer,
            proven,
            adapted,
        } = match outcome {
            Ok(settled) => settled,
            Err(source) => {
                let who = ProviderLabel {
                    asks_no_scope: asking.names_no_scope(),
                    ..who
                };
                let explained = self.app.explained(row, who, doing, source);
                if let CoreError::Explained {
                    source: ProviderError::Token(error),
                    cause,
                    ..
                } = &explained
                    // A client without authentication cannot have this grant (RFC 6749 §4.4), and keeps its others.
                    && (cause.kind != CauseKind::Public || question.grant != CLIENT_GRANT)
                {
                    self.token_refused(row, &provider, error)?;
                }
                return Err(explained);
            }
        };
        if may_drop_resources && asking.wish.resources.is_empty() && !question.resources.is_empty()
        {
            self.remember_refused_resources(configuration.id, &question.resources)?;
            question.resources.clear();
        }
        let mut token = new_token(row.id, question, &answer, now);
        token.scope_sent = asking.scope_of_registration();
        let value = answer.access_token.expose();
        let identity = self.first_identity(row, &answer, id_token)?;
        token.id_token = match (&identity, used) {
            (Some(identity), _) => Some(identity.inspection.clone()),
            // A refresh goes on with the same sign-in.
            (None, Some(used)) => vault.token(used)?.id_token,
            (None, None) => None,
        };
        let first = self.first_check(row, &token, value)?;
        token.inspection = first.inspection;
        token.is_jwt = token.inspection.is_some();
        // Before anything else is asked or written: the refresh token that it replaces is spent.
        vault.save_issued_token(&token, &secrets_of(&answer), used)?;
        failpoint::point("after_token");
        self.app.take_up_key(row)?;
        drop(lock);
        if let Some(identity) = identity.filter(|one| one.needs_keys) {
            token = self.check_identity(row, token, &answer, identity).await?;
        }
        self.keep_client_auth(configuration.id, adapted)?;
        if proven && asking.before.is_some() {
            self.retire_previous(row, &provider, &asking.at).await?;
        }
        if first.needs_keys {
            self.check_later(token.id);
        }
        Ok(token)
    }

    /// Asks, and again in each way that the refusal leaves.
    async fn settled(
        self,
        row: &ApplicationRow,
        asking: &mut TokenAttempt<'_>,
        may_drop_resources: bool,
    ) -> Result<Result<Obtained, ProviderError>, CoreError> {
        let mut outcome = Box::pin(asking.request()).await;
        if asking.at.dpop_key.is_none() && outcome.as_ref().is_err_and(wants_proof) {
            // The server binds tokens and did not say so at registration.
            asking.at.dpop_key = Some(self.dpop_key(row, asking.config)?);
            outcome = Box::pin(asking.request()).await;
        }
        if asking.at.dpop_key.is_none() && outcome.as_ref().is_ok_and(is_of_dpop) {
            // Without a proof of ours, the token is bound to no key of ours: no API accepts it.
            asking.at.dpop_key = Some(self.dpop_key(row, asking.config)?);
            if matches!(asking.wish.grant, WishedGrant::ClientCredentials)
                && let Ok(bound) = Box::pin(asking.request()).await
            {
                outcome = Ok(bound);
            }
        }
        if matches!(asking.wish.grant, WishedGrant::RefreshToken(_))
            && !asking.wish.resources.is_empty()
            && outcome.as_ref().is_err_and(refuses_resource)
        {
            // A refresh keeps the resource of its grant (RFC 8707 §2.2), and some servers know no such parameter.
            asking.wish.resources.clear();
            outcome = Box::pin(asking.request()).await;
        }
        if may_drop_resources
            && !asking.wish.resources.is_empty()
            && let Err(ProviderError::Token(TokenError::Refused { words, .. })) = &outcome
            && names_resource(words)
        {
            // The code may be spent: what the server said first is reported then.
            let resources = std::mem::take(&mut asking.wish.resources);
            match Box::pin(asking.request()).await {
                Ok(obtained) => outcome = Ok(obtained),
                Err(error) => {
                    tracing::debug!(%error, "refused without the resource as well");
                    asking.wish.resources = resources;
                }
            }
        }
        if let Err(ProviderError::Token(error)) = &outcome
            && (error.misses_client_id()
                || error.misses_authentication()
                || (error.is_refused_client() && self.app.was_right(row)?.is_none()))
            && let Some(other) = asking.by_another_method(error).await
        {
            outcome = other;
        }
        if let Err(ProviderError::Token(error)) = &outcome
            && asking.provider.refuses_client(error)
            && let Some(other) = self.try_other_secrets(row, asking).await?
        {
            outcome = Ok(other);
        }
        Ok(outcome)
    }

    /// Waits until no other process refreshes a token: two that use one refresh token lose it (RFC 9700
    /// §4.14.2). Goes on without the lock where another holds it for too long, or none can be held.
    pub(crate) async fn lock_refresh(self) -> Result<Option<File>, CoreError> {
        for _ in 0..REFRESH_WAITS {
            match self.app.home().try_lock_refresh() {
                Ok(Some(lock)) => return Ok(Some(lock)),
                Ok(None) => tokio::time::sleep(REFRESH_PAUSE).await,
                Err(error) if error.is_of_the_disk() => {
                    tracing::warn!(%error, "refreshing a token without its lock");
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Remembers the way to authenticate that worked where the usual one did not.
    pub(crate) fn keep_client_auth(
        self,
        configuration: Uuid,
        adapted: Option<(String, String)>,
    ) -> Result<(), CoreError> {
        if let Some(setting) = adapted {
            self.app
                .configurations()
                .remember_adapted(configuration, &[setting].into())?;
        }
        Ok(())
    }

    /// `invalid_client` marks an application rejected that was right before: one that never worked may have a
    /// right secret anyway. Nothing registers again by itself.
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
}

/// What of an answer is kept among the secrets.
fn secrets_of(answer: &TokenResponse) -> Vec<SecretChange> {
    let access = SecretText::from(&answer.access_token);
    let mut secrets = vec![(ACCESS_TOKEN.to_owned(), Some(access))];
    if let Some(refresh) = &answer.refresh_token {
        let refresh = SecretText::from(refresh);
        secrets.push((REFRESH_TOKEN.to_owned(), Some(refresh)));
    }
    secrets
}

/// The row of a token that was just answered; what it holds was not looked at yet.
fn new_token(
    application_id: Uuid,
    question: Question,
    answer: &TokenResponse,
    now: i64,
) -> TokenRow {
    let said = answer.expires_in.map(|seconds| now.saturating_add(seconds));
    let is_fresh = said.is_some_and(|end| end > now);
    // The end of a fresh token cannot have passed: the clock of its server is behind, and `expires_in` needs no clock.
    let by_claims = jwt::expires_at(&answer.access_token).filter(|end| *end > now || !is_fresh);
    TokenRow {
        id: Uuid::now_v7(),
        application_id,
        scope_asked: question.scope(),
        scope_sent: None,
        grant: question.grant,
        audience: question.audience,
        resources: question.resources,
        authorization_details: question.details,
        granted_details: answer.authorization_details.clone(),
        token_type: answer.token_type.clone(),
        scope: answer.scope.clone(),
        issued_at: now,
        // RFC 6749 §5.1 leaves `expires_in` out where the end is known otherwise.
        expires_at: said.into_iter().chain(by_claims).min(),
        is_jwt: false,
        inspection: None,
        introspected: None,
        introspected_at: None,
        revoked_at: None,
        refused_at: None,
        id_token: None,
    }
}

/// The server made a token that is bound to a key (RFC 9449 §5).
fn is_of_dpop(obtained: &Obtained) -> bool {
    obtained
        .answer
        .token_type
        .trim()
        .eq_ignore_ascii_case("dpop")
}

/// The refusal is about `resource`, or names no parameter.
fn refuses_resource(error: &ProviderError) -> bool {
    let ProviderError::Token(TokenError::Refused { words, .. }) = error else {
        return false;
    };
    let said = words.description.as_deref();
    match words.oauth_code() {
        Some("invalid_target") => true,
        Some("invalid_request") => {
            said.is_none_or(|text| text.to_ascii_lowercase().contains("resource"))
        }
        _ => false,
    }
}

fn operation(grant: &WishedGrant) -> Operation {
    match grant {
        WishedGrant::AuthorizationCode(_) | WishedGrant::DeviceCode(_) => Operation::SignIn,
        _ => Operation::Token,
    }
}
