//! Sign-in of a user in a browser: the authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 8252, RFC 9207,
//! RFC 9700). Code, verifier and `state` are held in memory for as long as the flow lasts and are written nowhere.

mod asking;
mod device;
mod listener;
pub(crate) mod pasted;
mod plan;
mod pushed;
mod redirect;
pub(crate) mod scopes;
mod signed;
mod waiting;

use std::{io, time::Duration};

use keywright_oauth::{
    authorize::{
        AuthorizationRequest, CodeGrant, PendingAuthorization,
        signed_answer::{MODE, RESPONSE_MODE},
    },
    token::DEVICE_CODE,
};
use keywright_providers::WishedGrant;
use keywright_vault::{Owner, TokenRow};
use tokio::sync::mpsc;
use url::Url;
use uuid::Uuid;

use self::{
    listener::Listener,
    pasted::PasteProblem,
    plan::Plan,
    redirect::Way,
    waiting::{Answered, Waiting},
};
use super::{REFRESH_TOKEN, fetch::TokenFetch, id_token::AskedIdToken};
use crate::{
    Awaited, CoreError, SignInError,
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
    /// The resource is left out from now on: the server refused it in the browser, and sent nobody back.
    pub without_resource: bool,
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
    /// What was pasted is not the answer; another line is waited for.
    PasteRefused {
        /// Why not.
        why: PasteProblem,
    },
    /// The server refused these resources, or the user says so; the user is asked without them.
    WithoutResource {
        /// As they were sent.
        resources: Vec<String>,
    },
    /// The answer is there; its code is exchanged for a token.
    Answered,
}

impl Tokens<'_> {
    /// A token of a user: the cached one where it lasts, else by refresh token, else the user signs in.
    pub async fn sign_in(
        self,
        wish: &TokenWish,
        mut control: SignInControl<'_>,
    ) -> Result<TokenView, CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        let without = TokenWish {
            resources: Vec::new(),
            ..wish.clone()
        };
        let wish = if control.without_resource {
            let resources = self.leave_out_resources(&row)?;
            if !resources.is_empty() {
                (control.on_step)(SignInStep::WithoutResource { resources });
            }
            &without
        } else {
            wish
        };
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
        let is_on_device = question.grant == DEVICE_CODE;
        let token = match Box::pin(self.ask(wish, &mut control, is_on_device)).await {
            Ok(token) => token,
            Err(error) if Box::pin(self.wants_openid(wish, &error)).await? => {
                let asked = Box::pin(self.ask(wish, &mut control, is_on_device)).await;
                if asked.is_err() {
                    self.forget_openid(row.configuration_id)?;
                }
                asked?
            }
            Err(error) => {
                let resources = self.without_refused_resources(wish, &error)?;
                if resources.is_empty() {
                    return Err(error);
                }
                (control.on_step)(SignInStep::WithoutResource { resources });
                Box::pin(self.ask(wish, &mut control, is_on_device)).await?
            }
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

    async fn ask(
        self,
        wish: &TokenWish,
        control: &mut SignInControl<'_>,
        is_on_device: bool,
    ) -> Result<TokenRow, CoreError> {
        if is_on_device {
            self.ask_on_device(wish, control).await
        } else {
            Box::pin(self.ask_user(wish, control)).await
        }
    }

    async fn ask_user(
        self,
        wish: &TokenWish,
        control: &mut SignInControl<'_>,
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
            // Nothing answers at this port; the browser shows the address anyway.
            Way::Loopback(redirect) => (None, redirect.text),
            Way::Paste(redirect_uri) => (None, redirect_uri),
        };
        if listener.is_none() && control.pasted.is_none() {
            return Err(refused(SignInError::NotLoopback { redirect_uri }));
        }
        let awaited = if !plan.question.resources.is_empty() {
            Awaited::BrowserForResource
        } else if plan.redirect_uris.contains(&redirect_uri) {
            Awaited::Browser
        } else {
            Awaited::BrowserAtOtherPort
        };
        let asking = self.asking(&plan)?;
        let signed = self.signed_answers(&plan, &asking).await?;
        let mut extra = plan.extra.clone();
        if signed.is_some() {
            extra.push((RESPONSE_MODE.to_owned(), MODE.to_owned()));
        }
        let mut pending = PendingAuthorization::begin(AuthorizationRequest {
            endpoint: plan.endpoint.clone(),
            client_id: plan.row.client_id.clone(),
            redirect_uri,
            scopes: plan.scopes.clone(),
            extra,
        })
        .map_err(|_not_absolute| refused(SignInError::NoRedirect))?;
        self.sign_request(&plan, &asking, &mut pending)?;
        self.push(&plan, asking, &mut pending).await?;
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
            signed,
            listener,
            on_step,
            time: control.time,
            awaited,
        };
        let Answered { code, last_page } = waiting.answer(self.app, &mut control.pasted).await?;
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
            id_token: nonce.map(|nonce| AskedIdToken { nonce: Some(nonce) }),
            may_drop_resources: wish.resources.is_empty(),
            ..TokenFetch::by_client(now.question)
        };
        self.fetch(&now.row, fetch).await
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
