//! Tokens for something that the user gives: an assertion (RFC 7523 §2.1, RFC 7522 §2.1), or a token of somebody else that is
//! exchanged (RFC 8693). The two after one another are an identity assertion grant
//! (draft-ietf-oauth-identity-assertion-authz-grant). What is given is sent to the token endpoint and kept nowhere.

use keywright_oauth::{
    exchange::{JWT_BEARER, SAML_BEARER, TOKEN_EXCHANGE, TokenExchange, token_type_uri},
    grant_name::standard_name,
    secret::Assertion,
};
use keywright_providers::WishedGrant;
use keywright_vault::SecretText;

use super::{Tokens, fetch::TokenFetch};
use crate::{
    CoreError, SecretKind,
    tokens::types::{TokenView, TokenWish},
};

/// What a token is asked for with.
#[derive(Debug, Clone)]
pub enum GivenGrant {
    /// RFC 7523 §2.1, or RFC 7522 §2.1 where the wish or the registration names that grant: XML then, or that in base64.
    Assertion {
        /// `assertion`.
        assertion: SecretText,
    },
    /// RFC 8693 §2.1. Types are URIs, or the last part of one, such as `id_token`.
    TokenExchange {
        /// `subject_token`.
        subject_token: SecretText,
        /// `subject_token_type`.
        subject_token_type: String,
        /// `actor_token` and its type.
        actor: Option<(SecretText, String)>,
        /// `requested_token_type`.
        requested_token_type: Option<String>,
    },
}

impl GivenGrant {
    /// What is asked for where `named` is the grant of the wish or of the registration.
    fn wished(self, named: &str) -> (&'static str, WishedGrant) {
        let secret = |text: SecretText| Assertion::from(&text);
        match self {
            Self::Assertion { assertion } if standard_name(named) == SAML_BEARER => {
                (SAML_BEARER, WishedGrant::SamlBearer(secret(assertion)))
            }
            Self::Assertion { assertion } => {
                (JWT_BEARER, WishedGrant::JwtBearer(secret(assertion)))
            }
            Self::TokenExchange {
                subject_token,
                subject_token_type,
                actor,
                requested_token_type,
            } => {
                let exchange = TokenExchange {
                    subject_token: secret(subject_token),
                    subject_token_type: token_type_uri(&subject_token_type),
                    actor: actor.map(|(token, name)| (secret(token), token_type_uri(&name))),
                    requested_token_type: requested_token_type.map(|name| token_type_uri(&name)),
                };
                (
                    TOKEN_EXCHANGE,
                    WishedGrant::TokenExchange(Box::new(exchange)),
                )
            }
        }
    }
}

impl Tokens<'_> {
    /// A token for what is given: always a new one, because one that was got before may be that of another subject.
    /// A refusal is not tried again in another way.
    pub async fn get_given(
        self,
        wish: &TokenWish,
        given: GivenGrant,
    ) -> Result<TokenView, CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        let named = match &wish.grant {
            Some(grant) => grant.clone(),
            None => self.usual_grant(&row)?,
        };
        let (grant, wished) = given.wished(&named);
        let wish = TokenWish {
            grant: Some(grant.to_owned()),
            ..wish.clone()
        };
        let fetch = TokenFetch {
            grant: wished,
            ..TokenFetch::by_client(self.question_of(&row, &wish)?)
        };
        let token = self.fetch(&row, fetch).await?;
        let mut view = self.view(&token)?;
        view.from_cache = false;
        Ok(view)
    }

    /// The value of the newest token of an application, to be given for another one: the first half of an identity
    /// assertion grant.
    pub fn given_by(self, application: &str) -> Result<SecretText, CoreError> {
        let row = self.app.application_row(application)?;
        let missing = || CoreError::NoSecret {
            what: SecretKind::AccessToken,
            application: Some(row.name.clone()),
        };
        let newest = self.app.vault()?.current_token(row.id, self.app.now())?;
        self.secret(&newest.ok_or_else(missing)?)
    }
}

/// Grants of which each token is asked for with something that is given then.
pub(crate) fn needs_something_given(grant: &str) -> bool {
    [JWT_BEARER, SAML_BEARER, TOKEN_EXCHANGE].contains(&grant)
}
