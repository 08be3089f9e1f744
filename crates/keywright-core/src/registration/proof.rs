//! Whether a client can prove itself: one token request, and what its answer says of the client.

use keywright_oauth::{
    error_response::BodyForm,
    http::BasicEncoding,
    introspect::ClientAuthentication,
    token::{ClientAuth, TokenError},
};
use keywright_providers::{Provider, ProviderError, Registration, TokenWish};
use keywright_vault::ConfigurationRow;
use uuid::Uuid;

use crate::{
    CoreError, Operation, ProviderLabel,
    registration::{Registrar, existence::KNOWN_CLIENT},
    tokens::{CLIENT_GRANT, propagation_retry::TokenAttempt},
};

impl Registrar<'_> {
    /// Asks for a token, and takes nothing for a proof that is none.
    ///
    /// # Errors
    ///
    /// The answer of the server, also where it says nothing of the client.
    pub(crate) async fn prove(
        self,
        configuration: &ConfigurationRow,
        provider: &Provider,
        at: Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<(), CoreError> {
        let is_for_users = is_for_users(&at);
        match self.proven(configuration, provider, at, wish, flow).await? {
            Proven::Yes => Ok(()),
            // It cannot be proven by the grant of another kind of client.
            Proven::Unclear(error) if is_for_users && is_about_grant(&error) => Ok(()),
            Proven::Unclear(error) => Err(*error),
        }
    }

    /// Asks for a token. A refusal of what was asked for (a scope, a grant) still proves the client: a server tells who asks
    /// before it looks at that (RFC 6749 §5.2).
    pub(super) async fn proven(
        self,
        configuration: &ConfigurationRow,
        provider: &Provider,
        at: Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<Proven, CoreError> {
        let who = ProviderLabel {
            is_encoded_alike: is_encoded_alike(provider, &at),
            ..ProviderLabel::of(configuration)
        };
        let config = self.app.configurations().provider_config(configuration)?;
        let http = self.app.configurations().http(&config, &who.name)?;
        let asking = TokenAttempt {
            provider,
            config: &config,
            http: &http,
            at,
            before: None,
            wish,
            flow,
        };
        let source = match asking.request().await {
            Ok(settled) => {
                let tokens = self.app.tokens();
                tokens.keep_client_auth(configuration.id, settled.adapted)?;
                return Ok(Proven::Yes);
            }
            Err(source) => source,
        };
        let verdict = match &source {
            ProviderError::Token(error) => Said::of(provider, error),
            _ => Said::Refused,
        };
        let error = CoreError::Provider {
            who,
            doing: Operation::Token,
            source,
        };
        match verdict {
            Said::Known => Ok(Proven::Yes),
            Said::Unclear => Ok(Proven::Unclear(error.into())),
            Said::Refused => Err(error),
        }
    }
}

/// The grants are known, and client credentials are not among them.
pub(super) fn is_for_users(at: &Registration) -> bool {
    let grants = at.granted.grant_types().unwrap_or_default();
    !grants.is_empty() && !at.granted.has_grant(CLIENT_GRANT)
}

/// The server does not have client credentials, or not for this client, in the ways that servers say it.
fn is_about_grant(error: &CoreError) -> bool {
    let CoreError::Provider { source, .. } = error else {
        return false;
    };
    let codes = ["unsupported_grant_type", "invalid_request", "access_denied"];
    source.words().is_some_and(|words| {
        matches!(words.status, 400..=403)
            && words.oauth_code().is_some_and(|code| codes.contains(&code))
    })
}

/// Whether a token request proved a client.
pub(super) enum Proven {
    Yes,
    /// The server failed, was busy, or refused the request itself: none of that says anything of the client.
    Unclear(Box<CoreError>),
}

/// What the refusal of a token request says of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Known,
    Unclear,
    Refused,
}

impl Said {
    fn of(provider: &Provider, error: &TokenError) -> Self {
        let TokenError::Refused { words, .. } = error else {
            return Self::Refused;
        };
        if words.status >= 500 {
            return Self::Unclear;
        }
        // A proxy's or a page's refusal is one of the address.
        let speaks = words.form == BodyForm::Document && words.speaks_oauth();
        if !speaks || words.status == 401 {
            return Self::Refused;
        }
        if words.lacks_user() {
            return Self::Known;
        }
        if provider.refuses_client(error) || error.means_invalid_client() {
            return Self::Refused;
        }
        match words.oauth_code() {
            Some(code) if KNOWN_CLIENT.contains(&code) => Self::Known,
            _ => Self::Unclear,
        }
    }
}

/// Both encodings of Basic write the credentials of a client alike, or they are sent in another way.
fn is_encoded_alike(provider: &Provider, at: &Registration) -> bool {
    let is_basic = |client_authentication: &ClientAuthentication| {
        let way = client_authentication.client_auth;
        matches!(way, ClientAuth::Basic(_) | ClientAuth::BasicWithId(_))
    };
    let differs = BasicEncoding::matters_for(&at.client_id, at.client_secret.as_ref());
    !(differs
        && provider
            .client_authentication(at)
            .is_ok_and(|client_authentication| is_basic(&client_authentication)))
}
