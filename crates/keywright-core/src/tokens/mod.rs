//! Tokens: from the cache or from the provider.

pub(crate) mod auto_refresh;
mod dpop;
mod fetch;
pub(crate) mod given;
mod grants;
mod id_token;
mod inspect;
pub(crate) mod other_secrets;
pub(crate) mod presented;
pub(crate) mod propagation_retry;
mod refused;
mod request;
mod resource_refused;
pub(crate) mod secret_overlap;
pub(crate) mod sign_in;
mod signature;
pub(crate) mod types;
mod userinfo;
mod view;

use keywright_oauth::{introspect, token::needs_proof};
use keywright_vault::{Owner, SecretText, TokenRow, VaultError};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, SecretKind, Thing,
    app::conversions::id,
    tokens::types::{TokenView, TokenWish},
};

/// Name of a token's value in the vault.
pub(crate) const ACCESS_TOKEN: &str = "access_token";
const REFRESH_TOKEN: &str = "refresh_token";
/// `grant_type` of client credentials (RFC 6749 §4.4).
pub(crate) const CLIENT_GRANT: &str = "client_credentials";
/// `grant_type` of an authorization code (RFC 6749 §4.1.3).
pub(crate) const CODE_GRANT: &str = "authorization_code";
/// `grant_type` of a refresh (RFC 6749 §6).
pub(crate) const REFRESH_GRANT: &str = "refresh_token";

/// Neither revoked nor refused by an API, nor inactive by the word of its provider (RFC 7662 §2.2).
pub(crate) fn is_usable(token: &TokenRow) -> bool {
    let members = token.introspected.as_ref().and_then(Value::as_object);
    let is_inactive = members.and_then(introspect::active) == Some(false);
    token.revoked_at.is_none() && token.refused_at.is_none() && !is_inactive
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

    /// The tokens of an application that can be used, the newest first.
    pub fn live(self, wanted: &str) -> Result<Vec<TokenView>, CoreError> {
        let now = self.app.now();
        let mut live = self.list(Some(wanted))?;
        live.retain(|token| {
            token.revoked_at.is_none()
                && token.refused_at.is_none()
                && token.expires_at.is_none_or(|at| at > now)
        });
        live.sort_by_key(|token| std::cmp::Reverse(token.issued_at));
        Ok(live)
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

    pub(crate) fn row(self, wanted: &str) -> Result<TokenRow, CoreError> {
        let id = id(Thing::Token, wanted)?;
        match self.app.vault()?.token(id) {
            Err(VaultError::NotFound { .. }) => Err(CoreError::NotFound {
                what: Thing::Token,
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
            what: SecretKind::AccessToken,
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
    // RFC 8693 §2.2.1: `N_A` is not an access token.
    if needs_proof(&token.token_type) || token.token_type.eq_ignore_ascii_case("n_a") {
        return Err(CoreError::NotBearer {
            application: application.to_owned(),
            token_type: token.token_type.clone(),
        });
    }
    Ok(())
}
