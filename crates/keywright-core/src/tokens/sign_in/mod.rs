//! Sign-in of a user in a browser: the authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 8252, RFC 9207,
//! RFC 9700). Code, verifier and `state` are held in memory for as long as the flow lasts and are written nowhere.

mod asking;
mod device;
mod listener;
mod pushed;
mod redirect;
mod waiting;

use std::{io, time::Duration};

use keywright_oauth::{
    authorize::{
        AuthorizationRequest, CodeGrant, ExpectedIssuer, OFFLINE_ACCESS, PendingAuthorization,
    },
    server_metadata::ServerMetadata,
    token::{ClientAuth, DEVICE_CODE},
};
use keywright_providers::{ProviderConfig, TokenWish as ProviderWish, WishedGrant};
use keywright_vault::{ApplicationRow, Owner, TokenRow};
use tokio::sync::mpsc;
use url::Url;
use uuid::Uuid;

use self::{
    listener::Listener,
    redirect::Way,
    waiting::{Answered, Waiting},
};
use super::{CODE_GRANT, REFRESH_GRANT, REFRESH_TOKEN, fetch::TokenFetch, request::Question};
use crate::{
    CoreError, Operation, ProviderLabel, SignInError,
    app::registration_record::{metadata, registration},
    tokens::{
        Tokens,
        types::{TokenView, TokenWish},
    },
};

/// How long a user may take.
pub const SIGN_IN_TIME: Duration = Duration::from_mins(5);

/// What a sign-in reports and receives while it runs. Dropping its future cancels it.
pub struct SignInControl<'a> {
    /// Told each step.
    pub on_step: &'a (dyn Fn(SignInStep) + Send + Sync),
    /// Addresses that the user copies from the browser; none where nobody can.
    pub pasted: Option<mpsc::Receiver<String>>,
    /// No listener is started although the redirect URI is on this computer.
    pub paste_only: bool,
    /// How long the user may take.
    pub time: Duration,
    /// A public client signs in at a server that does not list S256.
    pub accept_unlisted_pkce: bool,
    /// The user is asked although a kept token or a refresh token would do, for example to sign in as another user.
    pub again: bool,
}

/// A step of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInStep {
    /// This address is to be opened in a browser.
    Open {
        /// The address. It has `state` and no other secret.
        url: Url,
        /// Where the browser ends.
        redirect_uri: String,
        /// Keywright listens there; else the user copies the address that the browser ends at.
        listens: bool,
    },
    /// This code is to be entered on another device (RFC 8628 §3.3).
    Code {
        /// The code.
        user_code: String,
        /// Where it is entered.
        verification_uri: Url,
        /// The same with the code in it.
        verification_uri_complete: Option<Url>,
        /// Seconds until it expires.
        expires_in: u64,
    },
    /// The server was asked for the token of a code, and the user has not entered it yet.
    Asked {
        /// Requests so far.
        times: u32,
        /// Seconds until the next one.
        pause: u64,
        /// The server asked for a longer pause this time (RFC 8628 §3.5).
        slower: bool,
    },
    /// An answer to another sign-in was ignored, and this one goes on.
    Ignored,
    /// The answer is there; its code is exchanged for a token.
    Answered,
}

/// What the vault and the server say of a sign-in, before the user is asked and again after the answer.
struct Plan {
    row: ApplicationRow,
    question: Question,
    who: ProviderLabel,
    endpoint: Url,
    token_endpoint: Url,
    from: ExpectedIssuer,
    scopes: Vec<String>,
    extra: Vec<(String, String)>,
    redirect_uris: Vec<String>,
    /// The client has no secret, and the server does not list S256.
    rests_on_unlisted_pkce: bool,
}

impl Tokens<'_> {
    /// A token of a user: the cached one where it lasts, else by refresh token, else the user signs in.
    pub async fn sign_in(
        self,
        wish: &TokenWish,
        control: SignInControl<'_>,
    ) -> Result<TokenView, CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        let question = self.question_of(&row, wish)?;
        let kept = if control.again && question.is_of_user() {
            None
        } else {
            Some(self.token_for(&row, wish).await)
        };
        let dead = match kept {
            None => None,
            Some(Ok((token, from_cache))) => {
                let mut view = self.view(&token)?;
                view.from_cache = from_cache;
                return Ok(view);
            }
            Some(Err(error)) if question.is_of_user() && error.needs_sign_in() => {
                let dead = self.refresh_token_for(&row, &question).ok();
                dead.map(|(token, _)| token)
            }
            Some(Err(error)) => return Err(error),
        };
        let token = if question.grant == DEVICE_CODE {
            self.ask_on_device(wish, &control).await?
        } else {
            Box::pin(self.ask_user(wish, control)).await?
        };
        if let Some(dead) = dead {
            self.forget_refresh_token(dead)?;
        }
        let mut view = self.view(&token)?;
        view.from_cache = false;
        Ok(view)
    }

    /// The wish is for a token of a user.
    pub fn is_sign_in(self, wish: &TokenWish) -> Result<bool, CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        Ok(self.question_of(&row, wish)?.is_of_user())
    }

    async fn ask_user(
        self,
        wish: &TokenWish,
        control: SignInControl<'_>,
    ) -> Result<TokenRow, CoreError> {
        let plan = self.sign_in_plan(wish).await?;
        let refused = |source| CoreError::SignIn {
            who: plan.who.clone(),
            source,
        };
        if plan.rests_on_unlisted_pkce && !control.accept_unlisted_pkce {
            return Err(refused(SignInError::PkceUnlisted));
        }
        let way = Way::of(&plan.redirect_uris).ok_or_else(|| refused(SignInError::NoRedirect))?;
        let (listener, redirect_uri) = match way {
            Way::Loopback(redirect) if !control.paste_only => {
                let started = Listener::start(&redirect, self.app.lang()).await;
                let listener = started.map_err(|source| match (source.kind(), redirect.port) {
                    (io::ErrorKind::AddrInUse, Some(port)) => {
                        refused(SignInError::PortTaken { port })
                    }
                    _ => refused(SignInError::Listener { source }),
                })?;
                let redirect_uri = listener.redirect_uri.clone();
                (Some(listener), redirect_uri)
            }
            // Nothing answers at this port; the browser shows the address all the same.
            Way::Loopback(redirect) => (None, redirect.text),
            Way::Paste(redirect_uri) => (None, redirect_uri),
        };
        if listener.is_none() && control.pasted.is_none() {
            return Err(refused(SignInError::NotLoopback { redirect_uri }));
        }
        let mut pending = PendingAuthorization::begin(AuthorizationRequest {
            endpoint: plan.endpoint.clone(),
            client_id: plan.row.client_id.clone(),
            redirect_uri,
            scopes: plan.scopes.clone(),
            extra: plan.extra.clone(),
        })
        .map_err(|_not_absolute| refused(SignInError::NoRedirect))?;
        self.push(&plan, &mut pending).await?;
        let nonce = pending.nonce.clone();
        let on_step = control.on_step;
        on_step(SignInStep::Open {
            url: pending.url.clone(),
            redirect_uri: pending.redirect_uri.clone(),
            listens: listener.is_some(),
        });
        let waiting = Waiting {
            pending,
            who: &plan.who,
            from: &plan.from,
            listener,
            on_step,
            time: control.time,
        };
        let Answered { code, last_page } = waiting.answer(self.app, control.pasted).await?;
        let token = match code.map_err(SignInError::from) {
            Ok(code) => {
                on_step(SignInStep::Answered);
                self.exchange_code(wish, &plan, code, nonce).await
            }
            Err(source) => Err(refused(source)),
        };
        if let Some(last_page) = last_page {
            // What was shown in the browser says nothing about the token.
            let _ = last_page.await;
        }
        token
    }

    /// Exchanges a code. Nothing of the vault was held while the user was waited for, so that it could be locked and
    /// changed: all is looked up again.
    async fn exchange_code(
        self,
        wish: &TokenWish,
        plan: &Plan,
        code: CodeGrant,
        nonce: Option<String>,
    ) -> Result<TokenRow, CoreError> {
        let now = self.sign_in_plan(wish).await?;
        if (&now.from, &now.token_endpoint, &now.row.client_id)
            != (&plan.from, &plan.token_endpoint, &plan.row.client_id)
        {
            return Err(CoreError::SignIn {
                who: now.who,
                source: SignInError::Changed,
            });
        }
        let fetch = TokenFetch {
            grant: WishedGrant::AuthorizationCode(code),
            nonce,
            ..TokenFetch::by_client(now.question)
        };
        self.fetch(&now.row, fetch).await
    }

    async fn sign_in_plan(self, wish: &TokenWish) -> Result<Plan, CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        let mut question = self.question_of(&row, wish)?;
        if question.grant == REFRESH_GRANT {
            CODE_GRANT.clone_into(&mut question.grant);
        }
        let vault = self.app.vault()?;
        let (configuration, provider) = self
            .app
            .configurations()
            .discovered(vault.configuration(row.configuration_id)?)
            .await?;
        let at = registration(&vault, &row)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let who = ProviderLabel::of(&configuration).about(&row.name);
        let wish = ProviderWish {
            grant: WishedGrant::User,
            scopes: question.scopes.clone(),
            audience: question.audience.clone(),
            resources: question.resources.clone(),
        };
        let failed = |source| CoreError::Provider {
            who: who.clone(),
            doing: Operation::Token,
            source,
        };
        let endpoint = if question.grant == DEVICE_CODE {
            config.device_authorization_endpoint()
        } else {
            config.authorization_endpoint()
        };
        let endpoint = endpoint.map_err(failed)?;
        let request = provider
            .token_request(&at, wish, Uuid::nil())
            .map_err(failed)?;
        // An answer without any does not take away those that were asked for (RFC 7591 §3.2.1).
        let answered = at.granted.redirect_uris().filter(|all| !all.is_empty());
        let redirect_uris = answered
            .or_else(|| metadata(&row.requested).redirect_uris())
            .unwrap_or_default();
        let lists_s256 = config
            .metadata
            .as_ref()
            .is_none_or(ServerMetadata::lists_s256);
        let allowed = at.granted.scopes().filter(|all| !all.is_empty());
        let may_refresh = at
            .granted
            .grant_types()
            .is_some_and(|grants| grants.iter().any(|grant| grant == REFRESH_GRANT));
        Ok(Plan {
            scopes: if question.scopes.is_some() {
                request.scopes
            } else {
                with_offline_access(request.scopes, &config, may_refresh, allowed.as_deref())
            },
            rests_on_unlisted_pkce: request.client_auth == ClientAuth::None && !lists_s256,
            from: config.expected_issuer(),
            token_endpoint: request.endpoint,
            extra: request.extra,
            row,
            question,
            who,
            endpoint,
            redirect_uris,
        })
    }

    /// Forgets a refresh token that its server does not accept any more.
    fn forget_refresh_token(self, token: Uuid) -> Result<(), CoreError> {
        let vault = self.app.vault()?;
        let gone = vault.secret(Owner::Token(token), REFRESH_TOKEN)?.is_none();
        if !gone {
            let row = vault.token(token)?;
            vault.save_token(&row, &[(REFRESH_TOKEN.to_owned(), None)])?;
        }
        Ok(())
    }
}

/// The usual scopes, with `offline_access` where the server lists it and the client may refresh and ask for it. A
/// server that lists scopes without it is not asked for it.
fn with_offline_access(
    mut scopes: Vec<String>,
    config: &ProviderConfig,
    may_refresh: bool,
    allowed: Option<&[String]>,
) -> Vec<String> {
    let listed = config
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.scopes_supported.as_ref());
    let has = |all: &[String]| all.iter().any(|scope| scope == OFFLINE_ACCESS);
    let may_ask = allowed.is_none_or(has);
    match listed {
        Some(listed) if has(listed) && (has(&scopes) || !may_refresh || !may_ask) => {}
        Some(listed) if has(listed) => scopes.push(OFFLINE_ACCESS.to_owned()),
        Some(_) => scopes.retain(|scope| scope != OFFLINE_ACCESS),
        None => {}
    }
    scopes
}
