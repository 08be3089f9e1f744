//! How a token goes with a request: alone, with a proof of its key, or over a connection with its certificate.

use keywright_oauth::{
    client_key::ClientKey,
    http::{Auth, Request},
    mutual_tls,
    secret::AccessToken,
};
use keywright_vault::{Owner, TokenRow, Vault};

use crate::{
    CoreError,
    app::{
        client_keys::KeyRing,
        registration_record::{client_key, metadata},
    },
    tokens::{Tokens, require_bearer},
};

/// A token with what it is bound to.
#[derive(Clone)]
pub(crate) struct PresentedToken {
    auth: Auth,
    /// The key that possession is proved of (RFC 9449).
    pub(crate) dpop: Option<ClientKey>,
    /// The key whose certificate it is bound to (RFC 8705 §3).
    certificate: Option<ClientKey>,
}

impl PresentedToken {
    /// Puts the token on a request.
    pub(crate) fn on(self, request: &mut Request) {
        request.auth = self.auth;
        request.dpop = self.dpop;
        request.certificate = self.certificate;
    }
}

impl Tokens<'_> {
    /// How a token goes with a request.
    ///
    /// # Errors
    ///
    /// [`CoreError::NotBearer`] for a token that is bound to a key that is not here.
    pub(crate) fn presented(
        self,
        token: &TokenRow,
        application: &str,
    ) -> Result<PresentedToken, CoreError> {
        let dpop = self.key_of_token(token)?;
        if dpop.is_none() {
            require_bearer(token, application)?;
        }
        let value = AccessToken::from(self.secret(token)?);
        let certificate = certificate_of(&*self.app.vault()?, token, &value)?;
        let auth = if dpop.is_some() {
            Auth::Dpop(value)
        } else {
            Auth::Bearer(value)
        };
        Ok(PresentedToken {
            auth,
            dpop,
            certificate,
        })
    }
}

/// The key whose certificate a token is bound to: the one that the token names, or that of the client where the server
/// binds all of its tokens and the token itself says nothing.
fn certificate_of(
    vault: &Vault,
    token: &TokenRow,
    value: &AccessToken,
) -> Result<Option<ClientKey>, CoreError> {
    if let Some(thumbprint) = mutual_tls::bound_to(value) {
        let ring = KeyRing::of(vault, Owner::Application(token.application_id))?;
        return Ok(ring.certified_as(&thumbprint)?);
    }
    let row = vault.application(token.application_id)?;
    let known = metadata(row.current.as_ref().unwrap_or(&row.granted));
    if mutual_tls::binds_tokens_of(&known) {
        client_key(vault, Owner::Application(row.id))
    } else {
        Ok(None)
    }
}
