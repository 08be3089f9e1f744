//! Why a provider most likely refused an application: what the vault, the metadata and the recorded
//! exchanges know, ranked, with the ways out.

mod assertion;
mod known;
mod likely;
mod ways;

use keywright_oauth::{error_response::BodyForm, http::HttpError, token::TokenError};
use keywright_providers::{Capability, ProviderError};
use keywright_vault::ApplicationRow;
use uuid::Uuid;

use crate::{
    Cause, CoreError, Keywright, Operation, ProviderLabel, app::registration_record::registration,
};
pub(crate) use known::right_key;

/// What the answer was, as far as it decides.
enum Answer {
    /// The OAuth server does not accept the client.
    Client,
    /// There was no secret to send, so nothing was sent.
    Unsent,
    /// Something else than the OAuth server answered.
    InBetween {
        /// What it calls itself: a title, a realm, the place that it leads to.
        named: String,
        exchange: Option<Uuid>,
    },
}

impl Keywright {
    /// A failure of a request that carried an application's credentials, with its most likely cause where
    /// one can be told.
    pub(crate) fn explained(
        &self,
        row: &ApplicationRow,
        mut who: ProviderLabel,
        doing: Operation,
        source: ProviderError,
    ) -> CoreError {
        who.is_fixed = self.is_fixed(row).unwrap_or_default();
        let cause = self.cause(row, &source).unwrap_or_else(|error| {
            tracing::warn!(%error, "the cause could not be looked for");
            None
        });
        match cause {
            Some(cause) => CoreError::Explained {
                who,
                doing,
                source,
                cause: Box::new(cause),
            },
            None => CoreError::Provider { who, doing, source },
        }
    }

    /// The provider changes no registration, or not this one.
    fn is_fixed(&self, row: &ApplicationRow) -> Result<bool, CoreError> {
        let (_, provider) = self.configurations().provider_of(row)?;
        let at = registration(&*self.vault()?, row)?;
        Ok(provider.can(Capability::Update, &at).is_err())
    }

    fn cause(
        &self,
        row: &ApplicationRow,
        source: &ProviderError,
    ) -> Result<Option<Cause>, CoreError> {
        let (_, provider) = self.configurations().provider_of(row)?;
        let answer = match source {
            ProviderError::NoSecret { .. } => Answer::Unsent,
            // Nothing about the credentials: the server says what it wants.
            ProviderError::Token(TokenError::Refused { words, .. }) if words.lacks_user() => {
                return Ok(None);
            }
            ProviderError::Token(error)
                if provider.refuses_client(error) || error.means_invalid_client() =>
            {
                Answer::Client
            }
            ProviderError::Token(error) => match in_between(error) {
                Some(answer) => answer,
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let exchange = match source {
            ProviderError::Token(error) => error.exchange(),
            _ => None,
        };
        Ok(Some(self.known(row, &provider, exchange)?.cause(answer)))
    }

    /// The credentials of this application got a token, or its registration was read with them; when last.
    pub(crate) fn was_right(&self, row: &ApplicationRow) -> Result<Option<i64>, CoreError> {
        self.known(row, &self.configurations().provider_of(row)?.1, None)
            .map(|known| known.right_at())
    }
}

/// An answer that is not OAuth's: a redirect, a web page, or a bare 401 where an error document belongs.
fn in_between(error: &TokenError) -> Option<Answer> {
    let answer = |named: &str| Answer::InBetween {
        named: named.to_owned(),
        exchange: error.exchange(),
    };
    match error {
        // A server that moved says so for good; a sign-in page does not.
        TokenError::Http(HttpError::Redirect {
            status: 301 | 308, ..
        }) => None,
        TokenError::Http(HttpError::Redirect { to, .. }) => {
            Some(answer(to.as_deref().unwrap_or_default()))
        }
        TokenError::NoToken { title, .. } => title.as_deref().map(answer),
        TokenError::Refused { words, .. } => {
            let refuses = matches!(words.status, 200..=299 | 401 | 403 | 407 | 511);
            let realm = words
                .challenge
                .as_ref()
                .and_then(|challenge| challenge.realm.as_deref());
            let title = words.description.as_deref();
            let named = match words.form {
                BodyForm::Page => title.or(realm),
                _ => realm.or(title),
            };
            (refuses && words.form != BodyForm::Document && !words.speaks_oauth())
                .then(|| answer(named.unwrap_or_default()))
        }
        TokenError::Http(_) | TokenError::Assertion(_) | TokenError::Incomplete { .. } => None,
    }
}

#[cfg(test)]
mod tests;
