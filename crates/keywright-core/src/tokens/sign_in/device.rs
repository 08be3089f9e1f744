//! Sign-in on another device (RFC 8628): the user enters a code there, and the token is asked for again and again.

use std::time::Duration;

use keywright_oauth::{authorize::OPENID, device, token::TokenError};
use keywright_providers::{ProviderError, WishedGrant};
use keywright_vault::TokenRow;
use tokio::time::Instant;

use super::{SignInControl, SignInStep, asking::Audiences, plan::Plan};
use crate::{
    Awaited, CoreError, SignInError,
    tokens::{Tokens, fetch::TokenFetch, id_token::AskedIdToken, types::TokenWish},
};

/// What `slow_down` adds to the pause (RFC 8628 §3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);
/// Longest pause after failures of the network.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What to do after a token request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Wait,
    WaitLonger,
    BackOff,
    Stop,
}

impl Tokens<'_> {
    /// Shows a code and asks for the token until the user has entered it, or it has expired.
    pub(super) async fn ask_on_device(
        self,
        wish: &TokenWish,
        control: &SignInControl<'_>,
    ) -> Result<TokenRow, CoreError> {
        let plan = self.sign_in_plan(wish).await?;
        let code = self.device_code(&plan).await?;
        let lifetime = Duration::from_secs(u64::try_from(code.expires_in).unwrap_or_default());
        let end = Instant::now() + lifetime.min(control.time);
        (control.on_step)(SignInStep::Code {
            user_code: code.user_code,
            verification_uri: code.verification_uri,
            verification_uri_complete: code.verification_uri_complete,
            expires_in: lifetime.as_secs(),
        });
        let mut pause = Duration::from_secs(code.interval);
        let mut times = 0;
        let asks_id_token = plan.scopes.iter().any(|scope| scope == OPENID);
        loop {
            if Instant::now() + pause > end {
                // The code may still be good when the user's own limit is over.
                let source = if control.time < lifetime {
                    SignInError::TimedOut {
                        seconds: control.time.as_secs(),
                        ignored: 0,
                        at: Awaited::Device,
                    }
                } else {
                    SignInError::CodeExpired
                };
                return Err(CoreError::SignIn {
                    who: plan.who,
                    source,
                });
            }
            tokio::time::sleep(pause).await;
            let fetch = TokenFetch {
                grant: WishedGrant::DeviceCode(code.device_code.clone()),
                id_token: asks_id_token.then_some(AskedIdToken { nonce: None }),
                may_drop_resources: wish.resources.is_empty(),
                ..TokenFetch::by_client(plan.question.clone())
            };
            let error = match self.fetch(&plan.row, fetch).await {
                Ok(token) => return Ok(token),
                Err(error) => error,
            };
            let next = next(&error);
            match next {
                Next::Wait => {}
                Next::WaitLonger => pause += SLOW_DOWN,
                Next::BackOff => pause = (pause * 2).min(LONGEST_PAUSE.max(pause)),
                Next::Stop => return Err(error),
            }
            times += 1;
            (control.on_step)(SignInStep::Asked {
                times,
                pause: pause.as_secs(),
                slower: next == Next::WaitLonger,
            });
        }
    }

    async fn device_code(self, plan: &Plan) -> Result<device::DeviceAuthorization, CoreError> {
        let mut asking = self.asking(plan)?;
        let mut audiences = Audiences::of(&mut asking, &plan.endpoint);
        let code = loop {
            match device::authorize(&asking.http, &plan.endpoint, &asking.request).await {
                Ok(code) => break code,
                Err(error) if audiences.next(&mut asking, &error) => {}
                Err(error) => return Err(plan.failed(error.into())),
            }
        };
        self.keep_client_auth(plan.row.configuration_id, audiences.adapted)?;
        Ok(code)
    }
}

/// RFC 8628 §3.5.
fn next(error: &CoreError) -> Next {
    let CoreError::Provider {
        source: ProviderError::Token(error),
        ..
    } = error
    else {
        return Next::Stop;
    };
    match error {
        TokenError::Refused { words, .. } => match words.oauth_code() {
            Some("authorization_pending") => Next::Wait,
            Some("slow_down") => Next::WaitLonger,
            // Not about the code: a limit, or a gateway whose server does not answer.
            _ if matches!(words.status, 429 | 502..=504) => Next::BackOff,
            _ => Next::Stop,
        },
        TokenError::Http(error) if !error.is_security() => Next::BackOff,
        _ => Next::Stop,
    }
}
