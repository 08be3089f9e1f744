//! Clients at the provider that this vault does not hold, and applications that the provider does not
//! know. Changes nothing on either side.

use std::collections::HashSet;

use keywright_providers::{Context, Listed, OwnerTag};
use keywright_vault::ApplicationQuery;
use uuid::Uuid;

use crate::{
    CoreError, Operation, ProviderLabel,
    app::{FlowSubject, runtime::small},
    configurations::{
        Configurations,
        types::{MissingView, OrphanMaker, OrphanView, OrphansReport},
        verify::no_checkpoint,
    },
};

impl Configurations<'_> {
    /// Holds the list of the provider against the vault.
    pub async fn orphans(self, configuration: &str) -> Result<OrphansReport, CoreError> {
        let vault = self.app.vault()?;
        let row = self.row(configuration)?;
        let provider = self.provider(&row)?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(row.id),
            application: None,
        });
        let context = Context {
            flow: flow.id,
            owner_tag: OwnerTag::default(),
            keep: &no_checkpoint,
            progress: &|_| {},
        };
        let listed = provider
            .list(context)
            .await
            .map_err(|source| CoreError::Provider {
                who: ProviderLabel::of(&row),
                doing: Operation::List,
                source,
            })?;
        let here = vault
            .applications(&ApplicationQuery {
                configuration_id: Some(row.id),
                limit: u64::from(u32::MAX),
                ..ApplicationQuery::default()
            })?
            .items;
        let known: HashSet<&str> = here.iter().map(|one| one.client_id.as_str()).collect();
        let there: HashSet<&str> = listed.iter().map(|one| one.client_id.as_str()).collect();
        let this_vault = vault.header()?.vault_id;
        Ok(OrphansReport {
            listed: small(listed.len()),
            only_there: listed
                .iter()
                .filter(|one| !known.contains(one.client_id.as_str()))
                .map(|one| orphan(one, this_vault))
                .collect(),
            only_here: here
                .iter()
                .filter(|one| !there.contains(one.client_id.as_str()))
                .map(|one| MissingView {
                    id: one.id.to_string(),
                    name: one.name.clone(),
                    client_id: one.client_id.clone(),
                })
                .collect(),
            config: row.name,
        })
    }
}

fn orphan(one: &Listed, this_vault: Uuid) -> OrphanView {
    let made_by = match one.owner_tag {
        Some(owner_tag) if owner_tag.vault == this_vault => OrphanMaker::ThisVault,
        Some(_) => OrphanMaker::OtherVault,
        None => OrphanMaker::Unmarked,
    };
    OrphanView {
        client_id: one.client_id.clone(),
        name: one.name.clone(),
        created_at: one.created_at,
        made_by,
    }
}
