//! Reveal and copy: a secret leaves the core on request, each time with a line in the audit log. The other exits are
//! `handing` (the environment of a command), `transfer` (an export with secrets) and `keys` (the database key for the
//! agent).

use http::Method;
use keywright_oauth::{
    dpop,
    http::Purpose,
    secret::{AccessToken, REDACTED},
};
use keywright_providers::TokenWish;
use keywright_vault::{
    ApplicationRow, ExchangeQuery, Owner, SECRET_CLIENT, SECRET_REGISTRATION_TOKEN, SecretText,
    TokenRow,
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, SecretKind,
    app::{audit_action::AuditAction, registration_record::registration},
    disclosure::{
        Disclosure,
        copy_client::TokenCommand,
        copy_forms::{Target, formed},
        types::{CopyForm, SecretRef},
    },
    i18n::key::Family,
    tokens::require_bearer,
};

/// So many of the last calls are looked through.
const LAST_CALLS: u64 = 20;

/// A secret, or a reference to it, as text for another program.
pub struct Copied {
    /// The text.
    pub text: SecretText,
    /// It holds the value, not a reference.
    pub holds_value: bool,
    /// The address that a command calls; none where it is an example, or no command.
    pub address: Option<String>,
    /// Seconds for which the text is good, because it holds an assertion (RFC 7523 §3) or a proof (RFC 9449) that was
    /// made for it; none where it holds neither.
    pub lives_secs: Option<u32>,
}

/// A secret on its way out.
struct ReadSecret {
    value: SecretText,
    what: SecretKind,
    /// What it is good for.
    target: Target,
    /// The application, where there is one.
    application: Option<ApplicationRow>,
}

impl Disclosure<'_> {
    /// The value, to be shown. Written to the audit log before it is given.
    pub fn reveal(self, secret: &SecretRef) -> Result<SecretText, CoreError> {
        let taken = self.read_secret(secret)?;
        self.audit_disclosure(AuditAction::SecretRevealed, &taken, "raw")?;
        Ok(taken.value)
    }

    /// The text for the clipboard or the terminal.
    pub fn copy(self, secret: &SecretRef, form: CopyForm) -> Result<Copied, CoreError> {
        if let SecretRef::AccessToken { token_id } = secret
            && is_bearer_form(form)
        {
            let token = self.app.tokens().row(token_id)?;
            let application = self.app.vault()?.application(token.application_id)?;
            // A command can carry a proof for the call that it makes; a header alone cannot.
            let has_proof = matches!(form, CopyForm::Curl | CopyForm::CurlWithValue)
                && self.bound(&token)?.is_some();
            if !has_proof {
                require_bearer(&token, &application.name)?;
            }
        }
        let taken = self.read_secret(secret)?;
        let name = taken.application.as_ref().map(|row| row.name.as_str());
        let (text, holds_value) = formed(&taken.value, name, &taken.target, form);
        self.audit_disclosure(AuditAction::SecretCopied, &taken, form_name(form))?;
        Ok(Copied {
            text,
            holds_value,
            lives_secs: taken.target.lives_secs(form),
            address: taken.target.address().map(str::to_owned),
        })
    }

    fn audit_disclosure(
        self,
        action: AuditAction,
        taken: &ReadSecret,
        form: &str,
    ) -> Result<(), CoreError> {
        let subject = taken
            .application
            .as_ref()
            .map(|row| row.id.to_string())
            .unwrap_or_default();
        let name = taken
            .application
            .as_ref()
            .map(|row| row.name.clone())
            .unwrap_or_default();
        let what = self
            .app
            .translate(Family::Secret.key(taken.what.as_str()), &[]);
        self.app.audit(
            action,
            &subject,
            json!({ "name": format!("{what}, {name}"), "secret": taken.what.as_str(), "form": form }),
        )
    }

    fn read_secret(self, secret: &SecretRef) -> Result<ReadSecret, CoreError> {
        let vault = self.app.vault()?;
        let of_application =
            |wanted: &str, name: &str, kind: SecretKind| -> Result<ReadSecret, CoreError> {
                let row = self.app.application_row(wanted)?;
                let value = vault
                    .secret(Owner::Application(row.id), name)?
                    .ok_or_else(|| CoreError::NoSecret {
                        what: kind,
                        application: Some(row.name.clone()),
                    })?;
                let target = if name == SECRET_CLIENT {
                    Target::Client(self.token_request_of(&row)?)
                } else {
                    Target::Registration(row.registration_client_uri.clone())
                };
                Ok(ReadSecret {
                    value,
                    what: kind,
                    target,
                    application: Some(row),
                })
            };
        match secret {
            SecretRef::ClientSecret { application_id } => {
                of_application(application_id, SECRET_CLIENT, SecretKind::ClientSecret)
            }
            SecretRef::RegistrationAccessToken { application_id } => of_application(
                application_id,
                SECRET_REGISTRATION_TOKEN,
                SecretKind::RegistrationAccessToken,
            ),
            SecretRef::AccessToken { token_id } => {
                let token = self.app.tokens().row(token_id)?;
                let application = vault.application(token.application_id)?;
                let target = match self.bound(&token)? {
                    Some(bound) => bound,
                    None => Target::Api {
                        url: self.last_called(token.application_id)?,
                    },
                };
                Ok(ReadSecret {
                    value: self.app.tokens().secret(&token)?,
                    what: SecretKind::AccessToken,
                    target,
                    application: Some(application),
                })
            }
            SecretRef::Cookie { session_id, name } => {
                let session = self.app.sessions().row(session_id)?;
                let application = vault.application(session.application_id)?;
                Ok(ReadSecret {
                    value: self.app.sessions().cookie_value(session_id, name)?,
                    what: SecretKind::Cookie,
                    target: Target::Session {
                        cookie: name.clone(),
                        origin: session.origin,
                    },
                    application: Some(application),
                })
            }
            SecretRef::ConfigurationSecret {
                configuration_id,
                key,
            } => {
                let row = self.app.configurations().row(configuration_id)?;
                let value = vault.secret(Owner::Configuration(row.id), key)?.ok_or(
                    CoreError::NoSecret {
                        what: SecretKind::InitialAccessToken,
                        application: None,
                    },
                )?;
                Ok(ReadSecret {
                    value,
                    what: SecretKind::InitialAccessToken,
                    target: Target::Initial,
                    application: None,
                })
            }
        }
    }
}

impl Disclosure<'_> {
    /// What a token that is bound to a key is good for, with a proof for the call that was made last. None for a bearer
    /// token, and where the key or the address of a call is not here: a proof names what it is for.
    fn bound(self, token: &TokenRow) -> Result<Option<Target>, CoreError> {
        let tokens = self.app.tokens();
        let called = self.last_called(token.application_id)?;
        let (Some(key), Some(url)) = (tokens.key_of_token(token)?, called) else {
            return Ok(None);
        };
        let Ok(address) = Url::parse(&url) else {
            return Ok(None);
        };
        let value = AccessToken::from(tokens.secret(token)?);
        let now = self.app.now();
        let proof = dpop::proof(&key, &Method::GET, &address, None, Some(&value), now)?;
        let proof = SecretText::from(&proof);
        Ok(Some(Target::Bound { url, proof }))
    }

    /// The address that the application called last; none where it called nothing, or a part of the address was
    /// hidden when the call was recorded.
    fn last_called(self, application: Uuid) -> Result<Option<String>, CoreError> {
        let vault = self.app.vault()?;
        let called = vault.exchanges(&ExchangeQuery {
            text: Purpose::ApiCall.as_str().to_owned(),
            application_id: Some(application),
            limit: LAST_CALLS,
            ..ExchangeQuery::default()
        })?;
        let mut called = called
            .items
            .iter()
            .filter(|one| one.purpose == Purpose::ApiCall.as_str() && one.method == "GET");
        let Some(last) = called.next() else {
            return Ok(None);
        };
        let url = vault.exchange(last.id)?.url;
        Ok((!url.contains(REDACTED)).then_some(url))
    }

    /// The token request of an application, with a fresh assertion where its client sends one; none where its endpoint
    /// is not known.
    fn token_request_of(
        self,
        row: &ApplicationRow,
    ) -> Result<Option<Box<TokenCommand>>, CoreError> {
        let (_, provider) = self.app.configurations().provider_of(row)?;
        let wish = TokenWish {
            audience: self.app.audience(row.id)?,
            resources: self.app.resources(row, &[])?,
            ..TokenWish::default()
        };
        let at = registration(&*self.app.vault()?, row)?;
        Ok(provider
            .token_request(&at, wish, Uuid::nil())
            .ok()
            .and_then(|request| TokenCommand::of(request, self.app.now()))
            .map(Box::new))
    }
}

/// The form says to send a token as a bearer token.
fn is_bearer_form(form: CopyForm) -> bool {
    match form {
        CopyForm::Header
        | CopyForm::HeaderReference
        | CopyForm::Curl
        | CopyForm::CurlWithValue
        | CopyForm::Httpie
        | CopyForm::HttpieWithValue => true,
        CopyForm::Raw | CopyForm::Env | CopyForm::EnvWithValue => false,
    }
}

fn form_name(form: CopyForm) -> &'static str {
    match form {
        CopyForm::Raw => "raw",
        CopyForm::Header => "header",
        CopyForm::HeaderReference => "header_reference",
        CopyForm::Httpie => "httpie",
        CopyForm::HttpieWithValue => "httpie_with_value",
        CopyForm::Curl => "curl",
        CopyForm::Env => "env",
        CopyForm::CurlWithValue => "curl_with_value",
        CopyForm::EnvWithValue => "env_with_value",
    }
}
