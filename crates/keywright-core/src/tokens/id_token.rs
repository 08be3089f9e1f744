//! The ID token that came with an access token (OpenID Connect Core §3.1.3.7). One that does not hold takes the access
//! token with it: both may be of another sign-in.

use keywright_oauth::{
    id_token::{self, ExpectedIdToken, IdTokenProblem},
    jwks::Jwks,
    jwt::{Inspection, Signature},
    lenient,
    secret::ClientSecret,
    token::TokenResponse,
};
use keywright_vault::{ApplicationRow, Owner, SECRET_CLIENT, TokenRow};
use serde_json::Value;

use crate::{
    CoreError, ProviderLabel, SignInError, app::registration_record::metadata, tokens::Tokens,
};

/// An ID token was asked for: a user signed in, with `openid`.
pub(crate) struct AskedIdToken {
    /// `nonce` of the authorization request; a device authorization request has none (RFC 8628 §3.1).
    pub(crate) nonce: Option<String>,
}

/// What is known of an ID token before a request for keys.
pub(crate) struct Identity {
    /// What it says.
    pub(crate) inspection: Value,
    /// Its signature is to be checked with keys that must be fetched.
    pub(crate) needs_keys: bool,
    nonce: Option<String>,
}

impl Tokens<'_> {
    /// Checks the ID token of an answer with the keys that are kept. Nothing is asked for with a refresh, and an ID token
    /// that comes with it is not kept: nobody signed in.
    pub(crate) fn first_identity(
        self,
        row: &ApplicationRow,
        answer: &TokenResponse,
        asked: Option<AskedIdToken>,
    ) -> Result<Option<Identity>, CoreError> {
        let Some(AskedIdToken { nonce }) = asked.filter(|_| answer.id_token.is_some()) else {
            return Ok(None);
        };
        let uri = self.app.configurations().key_set_uri(row)?;
        let kept = match &uri {
            Some(uri) => self
                .app
                .configurations()
                .kept_keys(row.configuration_id, uri)?,
            None => None,
        };
        let claims = self.checked_identity(row, answer, nonce.as_deref(), None)?;
        let keys = kept.as_ref().map(|kept| &kept.keys);
        let with_keys = self.checked_identity(row, answer, nonce.as_deref(), keys);
        let seen = with_keys
            .ok()
            .filter(|seen| seen.signature == Signature::Verified);
        let needs_keys = seen.is_none() && claims.signature.depends_on_keys() && uri.is_some();
        Ok(Some(Identity {
            inspection: serde_json::to_value(seen.unwrap_or(claims))?,
            needs_keys,
            nonce,
        }))
    }

    /// Checks the signature with the issuer's keys as they are now. The token goes where it does not hold.
    pub(crate) async fn check_identity(
        self,
        row: &ApplicationRow,
        token: TokenRow,
        answer: &TokenResponse,
        identity: Identity,
    ) -> Result<TokenRow, CoreError> {
        let Some(uri) = self.app.configurations().key_set_uri(row)? else {
            return Ok(token);
        };
        let keys = self.app.configurations().fetch_keys(row, &uri).await?;
        match self.checked_identity(row, answer, identity.nonce.as_deref(), keys.as_ref()) {
            Ok(seen) => {
                let seen = serde_json::to_value(seen)?;
                let vault = self.app.vault()?;
                Ok(vault.update_token(token.id, |row| row.id_token = Some(seen))?)
            }
            Err(error) => {
                self.app.vault()?.remove_token(token.id)?;
                Err(error)
            }
        }
    }

    /// The secret that the issuer may sign with; none where the client was registered for a key of the issuer.
    fn signing_secret(self, row: &ApplicationRow) -> Result<Option<ClientSecret>, CoreError> {
        let granted = metadata(&row.granted);
        let named = lenient::text(granted.members(), "id_token_signed_response_alg");
        if named.is_some_and(|name| !name.starts_with("HS")) {
            return Ok(None);
        }
        let secret = self
            .app
            .vault()?
            .secret(Owner::Application(row.id), SECRET_CLIENT)?;
        Ok(secret.map(ClientSecret::from))
    }

    fn checked_identity(
        self,
        row: &ApplicationRow,
        answer: &TokenResponse,
        nonce: Option<&str>,
        keys: Option<&Jwks>,
    ) -> Result<Inspection, CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        let refused = |problem| CoreError::SignIn {
            who: ProviderLabel::of(&configuration).about(&row.name),
            source: SignInError::IdToken(problem),
        };
        let Some(token) = &answer.id_token else {
            return Err(refused(IdTokenProblem::NotJwt));
        };
        let config = self.app.configurations().provider_config(&configuration)?;
        let asked = config.expected_issuer().issuer;
        let named = id_token::issuer(token).filter(|named| config.is_token_issuer(&asked, named));
        let secret = self.signing_secret(row)?;
        let expected = ExpectedIdToken {
            issuer: named.as_deref().unwrap_or(&asked),
            client_id: &row.client_id,
            nonce,
            client_secret: secret.as_ref(),
            access_token: &answer.access_token,
            now: self.app.now(),
        };
        id_token::check(token, keys, &expected).map_err(refused)
    }
}
