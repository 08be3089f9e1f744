//! Whether a client that a provider refused to manage still exists there. A refusal alone never proves
//! that it is gone (RFC 7592 section 2 answers 401 for a registration access token that was replaced, too):
//! where a client secret is at hand, a token request confirms or contradicts it.

use keywright_oauth::token::TokenError;
use keywright_providers::{DeletionEvidence, Provider, ProviderError, Registration, TokenWish};
use keywright_vault::{ApplicationRow, ConfigurationRow, Owner, SECRET_CLIENT, SECRET_OFFERED};
use uuid::Uuid;

use crate::{
    CoreError, Operation, ProviderLabel, Standing,
    app::{FlowSubject, registration_record::registration},
    registration::Registrar,
    tokens::{other_secrets::offered, propagation_retry::TokenAttempt, secret_overlap::previous},
};

/// Refusals of what a client asked for, which a server gives only to a client that it knows.
pub(super) const KNOWN_CLIENT: &[&str] = &[
    "unauthorized_client",
    "invalid_scope",
    "invalid_target",
    "invalid_grant",
];

/// A client whose management was refused.
pub(crate) struct Refused {
    pub(crate) configuration: ConfigurationRow,
    /// With each secret that may be the current one.
    pub(crate) clients: Vec<Registration>,
    pub(crate) application: Option<Uuid>,
    pub(crate) secret_expires_at: Option<i64>,
}

/// What one token request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// A token.
    Token,
    /// A refusal that only a known client gets.
    Known,
    Refused,
    Unclear,
}

impl Registrar<'_> {
    /// The client of an application, for a refusal of its management.
    pub(crate) fn refused_client(self, row: &ApplicationRow) -> Result<Refused, CoreError> {
        let vault = self.app.vault()?;
        let mut clients = vec![registration(&vault, row)?];
        clients.extend(previous(&vault, row)?);
        Ok(Refused {
            configuration: vault.configuration(row.configuration_id)?,
            clients,
            application: Some(row.id),
            secret_expires_at: row.client_secret_expires_at,
        })
    }

    /// What is known about the client after this refusal; none where the refusal is about something else.
    pub(crate) async fn standing(
        self,
        provider: &Provider,
        refused: &Refused,
        source: &ProviderError,
    ) -> Option<Standing> {
        let evidence = provider.deletion_evidence(source);
        if evidence == DeletionEvidence::None {
            return None;
        }
        let is_expired = refused
            .secret_expires_at
            .is_some_and(|end| end > 0 && end <= self.app.now());
        let mut answers = Vec::new();
        for client in refused
            .clients
            .iter()
            .filter(|at| at.client_secret.is_some())
        {
            let answer = self.try_secret(refused, client).await;
            if matches!(answer, Answer::Token | Answer::Known) {
                return Some(Standing::Lives);
            }
            answers.push(answer);
        }
        // An expired secret is refused whether or not its client exists.
        let has_secret = !answers.is_empty() && !is_expired;
        let is_gone = if has_secret {
            answers.iter().all(|answer| *answer == Answer::Refused)
        } else {
            evidence == DeletionEvidence::Stated
        };
        Some(if is_gone {
            Standing::Gone
        } else {
            Standing::Unproven
        })
    }

    /// This secret gets a token.
    pub(crate) async fn gets_token(self, client: &Refused, at: &Registration) -> bool {
        self.try_secret(client, at).await == Answer::Token
    }

    /// Gets a token with a secret that an update brought along. One that gets none stays next to the one in
    /// use, and the next refusal tries it again.
    pub(crate) async fn prove_offered(self, application: &str) -> Result<(), CoreError> {
        let row = self.app.application_row(application)?;
        let vault = self.app.vault()?;
        let Some(at) = offered(&vault, &row)? else {
            return Ok(());
        };
        let client = self.refused_client(&row)?;
        if self.gets_token(&client, &at).await {
            let owner = Owner::Application(row.id);
            let changes = [
                (
                    SECRET_CLIENT.to_owned(),
                    vault.secret(owner, SECRET_OFFERED)?,
                ),
                (SECRET_OFFERED.to_owned(), None),
            ];
            vault.change_application(row.id, &changes, |_| {})?;
        }
        Ok(())
    }

    /// Asks for a token. The token itself is not kept.
    async fn try_secret(self, refused: &Refused, at: &Registration) -> Answer {
        match self.ask_for_token(refused, at).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::info!(
                    code = error.code().as_str(),
                    "whether the client lives was not found out"
                );
                Answer::Unclear
            }
        }
    }

    async fn ask_for_token(
        self,
        refused: &Refused,
        at: &Registration,
    ) -> Result<Answer, CoreError> {
        let (configuration, provider) = self
            .app
            .configurations()
            .discovered(refused.configuration.clone())
            .await?;
        let who = ProviderLabel::of(&configuration);
        let mut wish = TokenWish::default();
        if let Some(application) = refused.application {
            let row = self.app.vault()?.application(application)?;
            wish.audience = self.app.audience(application)?;
            wish.resources = self.app.resources(&row, &[])?;
        }
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: refused.application,
        });
        let config = self.app.configurations().provider_config(&configuration)?;
        let http = self.app.configurations().http(&config, &who.name)?;
        let asking = TokenAttempt {
            provider: &provider,
            config: &config,
            http: &http,
            at: at.clone(),
            before: None,
            wish,
            flow: flow.id,
        };
        match asking.without_waiting().await {
            Ok(_) => Ok(Answer::Token),
            Err(ProviderError::Token(error)) => Ok(told_by(&provider, at, &error, self.app.now())),
            Err(source) => Err(CoreError::Provider {
                who,
                doing: Operation::Token,
                source,
            }),
        }
    }
}

/// Only an OAuth error counts: a 401 without one may be a proxy's.
fn told_by(provider: &Provider, at: &Registration, error: &TokenError, now: i64) -> Answer {
    let TokenError::Refused { words, .. } = error else {
        return Answer::Unclear;
    };
    let Some(code) = words.error.as_deref() else {
        return Answer::Unclear;
    };
    if provider.refuses_client(error) || provider.may_not_have_propagated(error, at, now) {
        return Answer::Refused;
    }
    if KNOWN_CLIENT.contains(&code) {
        Answer::Known
    } else {
        Answer::Unclear
    }
}
