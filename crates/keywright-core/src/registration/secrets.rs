//! The secrets of a client, where its provider keeps several alive (Microsoft Entra ID, Okta): which there are, and the end of
//! one of them. The one in use ends by a rotation alone.

use keywright_oauth::register::Handles;
use keywright_providers::{Context, ListedSecret, OwnerTag};
use keywright_vault::{ApplicationRow, JournalOperation};
use serde_json::json;

use super::types::{ClientSecretView, ClientSecretsView};
use crate::{
    CoreError, Operation,
    app::{
        FlowSubject,
        audit_action::AuditAction,
        registration_record::{registration, write_handles},
    },
    configurations::verify::no_checkpoint,
    error::input_problem::InputProblem,
    registration::Registrar,
    tokens::secret_overlap::KEEP_PREVIOUS,
};

impl Registrar<'_> {
    /// The secrets of a client as its provider lists them, without their values.
    pub async fn secrets(self, wanted: &str) -> Result<ClientSecretsView, CoreError> {
        let row = self.app.application_row(wanted)?;
        let all = self.listed(&row).await?;
        Ok(view(&row, all))
    }

    /// Ends one secret of a client at its provider, and lists those that are left.
    pub async fn remove_secret(
        self,
        wanted: &str,
        id: &str,
    ) -> Result<ClientSecretsView, CoreError> {
        // Between a rotation and its proof it is not known which secret is in use.
        let (row, _open) = self
            .open_application(wanted, JournalOperation::Rotate)
            .await?;
        let refused = |what| CoreError::Input {
            what,
            detail: id.to_owned(),
        };
        let all = self.listed(&row).await?;
        let named = all.iter().find(|one| one.id == id);
        let named = named.ok_or_else(|| refused(InputProblem::SecretUnknown))?;
        if named.is_current {
            return Err(refused(InputProblem::SecretInUse));
        }
        let (who, provider) = self.app.configurations().provider_of(&row)?;
        let at = registration(&*self.app.vault()?, &row)?;
        if at.client_secret.is_some() && !all.iter().any(|one| one.is_current) {
            return Err(refused(InputProblem::SecretInUseUnclear));
        }
        let flow = self.flow(&row);
        let context = context(flow.id);
        let ended = provider.remove_secret(context, &at, id).await;
        ended.map_err(|source| CoreError::Provider {
            who,
            doing: Operation::Rotate,
            source,
        })?;
        self.app.audit(
            AuditAction::SecretRetired,
            &row.id.to_string(),
            json!({ "name": row.name }),
        )?;
        Ok(view(&row, self.listed(&row).await?))
    }

    /// The provider lets several secrets live.
    pub(super) fn check_several(self, row: &ApplicationRow) -> Result<(), CoreError> {
        let (who, provider) = self.app.configurations().provider_of(row)?;
        let at = registration(&*self.app.vault()?, row)?;
        let can = provider.can_list_secrets(&at);
        can.map_err(|source| CoreError::Provider {
            who: who.about(&row.name),
            doing: Operation::Rotate,
            source,
        })
    }

    /// Writes down whether the secrets before the next one stay when that one is proven. Before anything is sent: whoever
    /// finishes an interrupted rotation finds it.
    pub(super) fn keep_previous(
        self,
        row: ApplicationRow,
        keep: bool,
    ) -> Result<ApplicationRow, CoreError> {
        if keep == row.handles.contains_key(KEEP_PREVIOUS) {
            return Ok(row);
        }
        let mut kept = Handles::new();
        if keep {
            kept.insert(KEEP_PREVIOUS.to_owned(), "true".to_owned());
        } else {
            // What an earlier rotation was asked to keep is not ended by this one.
            let (_, provider) = self.app.configurations().provider_of(&row)?;
            kept = provider.keeping_secrets();
            kept.insert(KEEP_PREVIOUS.to_owned(), String::new());
        }
        let vault = self.app.vault()?;
        vault.change_application(row.id, &[], |row| write_handles(row, &kept))?;
        Ok(vault.application(row.id)?)
    }

    async fn listed(self, row: &ApplicationRow) -> Result<Vec<ListedSecret>, CoreError> {
        let (who, provider) = self.app.configurations().provider_of(row)?;
        let at = registration(&*self.app.vault()?, row)?;
        let flow = self.flow(row);
        let listed = provider.secrets(context(flow.id), &at).await;
        listed.map_err(|source| CoreError::Provider {
            who: who.about(&row.name),
            doing: Operation::List,
            source,
        })
    }

    fn flow(self, row: &ApplicationRow) -> crate::app::http_clients::Flow {
        self.app.flow(FlowSubject {
            configuration: Some(row.configuration_id),
            application: Some(row.id),
        })
    }
}

fn context(flow: uuid::Uuid) -> Context<'static> {
    Context {
        flow,
        owner_tag: OwnerTag::default(),
        keep: &no_checkpoint,
        progress: &|_| {},
    }
}

fn view(row: &ApplicationRow, all: Vec<ListedSecret>) -> ClientSecretsView {
    ClientSecretsView {
        application: row.name.clone(),
        secrets: all
            .into_iter()
            .map(|one| ClientSecretView {
                id: one.id,
                label: one.label,
                created_at: one.created_at,
                expires_at: one.expires_at,
                active: one.is_active,
                current: one.is_current,
            })
            .collect(),
    }
}
