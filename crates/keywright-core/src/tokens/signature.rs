//! The signature of a token by its issuer's keys. A token is handed out before a request for the keys: kept keys
//! check it at once, and where they do not verify it, the check follows in a task of its own.

use keywright_oauth::{
    jwks::Jwks,
    jwt::{self, Expected, Inspection},
    lenient,
};
use keywright_vault::{ApplicationRow, TokenRow};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    CoreError,
    tokens::{Tokens, types::TokenView},
};

/// What is known of a token without a request.
pub(crate) struct FirstCheck {
    /// None of an opaque token.
    pub(crate) inspection: Option<Value>,
    /// The keys must be fetched to know more.
    pub(crate) needs_keys: bool,
}

impl Tokens<'_> {
    /// Checks the signature with the issuer's keys as they are now.
    pub async fn verify(self, wanted: &str) -> Result<TokenView, CoreError> {
        let token = self.row(wanted)?;
        let row = self.app.vault()?.application(token.application_id)?;
        let keys = match self.app.configurations().key_set_uri(&row)? {
            Some(uri) => self.app.configurations().fetch_keys(&row, &uri).await?,
            None => None,
        };
        let token = self.keep_inspection(&row, token.id, keys.as_ref())?;
        self.view(&token)
    }

    /// The token after the check of its signature that is under way, if one is.
    pub async fn checked(self, wanted: &str) -> Result<TokenView, CoreError> {
        let id = self.row(wanted)?.id;
        self.app.0.checks.ended(id).await;
        self.show(wanted)
    }

    /// Waits for all checks that are under way.
    pub async fn checks_ended(self) {
        for token in self.app.0.checks.tokens() {
            self.app.0.checks.ended(token).await;
        }
    }

    /// What the kept keys say of a token.
    pub(crate) fn first_check(
        self,
        row: &ApplicationRow,
        token: &TokenRow,
        value: &str,
    ) -> Result<FirstCheck, CoreError> {
        let (inspection, needs_keys) = self.looked_into(row, token, value)?;
        Ok(FirstCheck {
            inspection: inspection.map(serde_json::to_value).transpose()?,
            needs_keys,
        })
    }

    fn looked_into(
        self,
        row: &ApplicationRow,
        token: &TokenRow,
        value: &str,
    ) -> Result<(Option<Inspection>, bool), CoreError> {
        let unchecked = self.look_into(row, token, value, None)?;
        let depends = |seen: &Option<Inspection>| {
            seen.as_ref()
                .is_some_and(|seen| seen.signature.depends_on_keys())
        };
        if !depends(&unchecked) {
            return Ok((unchecked, false));
        }
        let Some(uri) = self.app.configurations().key_set_uri(row)? else {
            return Ok((unchecked, false));
        };
        let Some(kept) = self
            .app
            .configurations()
            .kept_keys(row.configuration_id, &uri)?
        else {
            return Ok((unchecked, true));
        };
        let seen = self.look_into(row, token, value, Some(&kept.keys))?;
        // An issuer may have new keys, also under the identifier of an old one.
        Ok(if !depends(&seen) {
            (seen, false)
        } else if kept.may_ask_again {
            (unchecked, true)
        } else if kept.unanswered {
            (unchecked, false)
        } else {
            (seen, false)
        })
    }

    /// Fetches the keys and checks a token that was handed out.
    pub(crate) fn check_later(self, token: Uuid) {
        let announced = self.app.0.checks.announce(token);
        let keywright = self.app.clone();
        tokio::spawn(async move {
            let _running = keywright.0.checks.run(token, announced);
            if let Err(error) = keywright.tokens().check(token).await {
                tracing::warn!(%error, "a token was not checked");
            }
        });
    }

    /// The value of the token is not held while the server is waited for: the vault may be locked meanwhile.
    async fn check(self, id: Uuid) -> Result<(), CoreError> {
        let token = self.app.vault()?.token(id)?;
        let row = self.app.vault()?.application(token.application_id)?;
        let Some(uri) = self.app.configurations().key_set_uri(&row)? else {
            return Ok(());
        };
        let _turn = self
            .app
            .0
            .task_locks
            .lock(format!("keys\n{}", row.configuration_id))
            .await;
        // Another check may have fetched the keys meanwhile.
        let first = self.first_check(&row, &token, self.secret(&token)?.expose())?;
        if !first.needs_keys {
            self.app
                .vault()?
                .update_token(id, |row| row.inspection = first.inspection)?;
            return Ok(());
        }
        let keys = self.app.configurations().fetch_keys(&row, &uri).await?;
        self.keep_inspection(&row, id, keys.as_ref())?;
        Ok(())
    }

    fn keep_inspection(
        self,
        row: &ApplicationRow,
        id: Uuid,
        keys: Option<&Jwks>,
    ) -> Result<TokenRow, CoreError> {
        let vault = self.app.vault()?;
        let token = vault.token(id)?;
        let value = self.secret(&token)?;
        let seen = self.look_into(row, &token, value.expose(), keys)?;
        let seen = seen.map(serde_json::to_value).transpose()?;
        Ok(vault.update_token(id, |row| row.inspection = seen)?)
    }

    /// Looks into a token; none when it is opaque. Without keys its signature is not checked.
    fn look_into(
        self,
        row: &ApplicationRow,
        token: &TokenRow,
        value: &str,
        keys: Option<&Jwks>,
    ) -> Result<Option<Inspection>, CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let issuer = config
            .metadata
            .as_ref()
            .map_or(configuration.issuer.as_str(), |metadata| {
                metadata.issuer.as_str()
            });
        let audience = token.audience.as_deref();
        let expected = Expected {
            issuer,
            client_id: &row.client_id,
            audience: audience.filter(|_| config.kind.tokens_name_the_audience()),
            now: self.app.now(),
        };
        let seen = jwt::inspect(value, keys, &expected);
        let named = seen
            .as_ref()
            .and_then(|seen| lenient::text(&seen.claims, "iss"))
            .filter(|named| named != issuer && config.is_token_issuer(issuer, named));
        Ok(match named {
            Some(named) => {
                let issuer = named.as_str();
                jwt::inspect(value, keys, &Expected { issuer, ..expected })
            }
            None => seen,
        })
    }
}
