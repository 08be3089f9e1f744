//! The list of applications and the detail of one.

mod actions;
mod ends;
pub(crate) mod expiry_notices;
mod labels;
pub(crate) mod metadata_diff;
mod token_warnings;
pub(crate) mod types;

use keywright_oauth::http::redact;
use keywright_vault::{
    self as vault, ApplicationRow, ConfigurationRow, RowKind, SessionQuery, VaultError,
};
use serde_json::{Value, json};
use url::Url;

use crate::{
    CoreError, Keywright, Thing,
    app::{
        audit_action::AuditAction, conversions::id, registration_record::metadata, runtime::small,
    },
    applications::types::{
        ApplicationCounts, ApplicationPage, ApplicationQuery, ApplicationSort, ApplicationSummary,
        ApplicationView, DifferenceKind, RegistrationView,
    },
    configurations::input::checked_name,
    i18n::key::Key,
    tokens::{other_secrets, secret_overlap},
};

/// Thirty days: what ends sooner is said.
const SOON_SECS: i64 = 30 * DAY_SECS;
const DAY_SECS: i64 = 86_400;
/// A longer note is cut.
const NOTE_CHARS: usize = 4_000;

/// The applications of the vault.
#[derive(Clone, Copy, Debug)]
pub struct Applications<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// The applications of the vault.
    pub fn applications(&self) -> Applications<'_> {
        Applications { app: self }
    }
}

impl Applications<'_> {
    /// A window on the list. The vault searches.
    pub fn list(self, query: &ApplicationQuery) -> Result<ApplicationPage, CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        let page = vault.applications(&vault::ApplicationQuery {
            text: query.text.clone(),
            configuration_id: query
                .configuration_id
                .as_deref()
                .map(|text| id(Thing::Configuration, text))
                .transpose()?,
            health: query.health.map(Into::into),
            expiring_before: query.expiring.then_some(now + SOON_SECS),
            label: query.label.clone(),
            unused_since: query
                .unused_days
                .map(|days| now - i64::from(days) * DAY_SECS),
            token_live: query.token_live,
            now,
            sort: match query.sort {
                ApplicationSort::RecentlyUsed => vault::ApplicationSort::RecentlyUsed,
                ApplicationSort::Name => vault::ApplicationSort::Name,
                ApplicationSort::Created => vault::ApplicationSort::Created,
                ApplicationSort::Expiry => vault::ApplicationSort::Expiry,
            },
            offset: u64::from(query.offset),
            limit: u64::from(query.limit),
        })?;
        let counts = vault.application_counts(now)?;
        let nearest = if page.total == 0 && !query.text.trim().is_empty() {
            vault.nearest_name(query.text.trim())?
        } else {
            None
        };
        Ok(ApplicationPage {
            items: page.items.into_iter().map(summary).collect(),
            total: small(page.total),
            counts: ApplicationCounts {
                all: small(counts.all),
                rejected: small(counts.rejected),
                expiring: small(counts.expiring),
            },
            nearest,
        })
    }

    /// Reads the text that a search looks through, so that the first key does not wait for it.
    pub(crate) fn prepare_search(self) {
        // Locked meanwhile, or not readable: the search itself says so.
        if let Err(error) = self
            .app
            .vault()
            .and_then(|vault| Ok(vault.prepare_search()?))
        {
            tracing::debug!(%error, "the search was not prepared");
        }
    }

    /// One application, by id or by exact name.
    pub fn get(self, wanted: &str) -> Result<ApplicationView, CoreError> {
        let row = self.app.application_row(wanted)?;
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        self.view(row, &configuration)
    }

    /// Renames an application here; the provider keeps its `client_name`.
    pub fn rename(self, wanted: &str, name: &str) -> Result<ApplicationView, CoreError> {
        let row = self.app.application_row(wanted)?;
        let name = checked_name(name)?;
        if self
            .app
            .vault()?
            .application_by_name(&name)?
            .is_some_and(|other| other.id != row.id)
        {
            return Err(VaultError::NameTaken {
                kind: RowKind::Application,
                name,
            }
            .into());
        }
        self.app.vault()?.rename(row.id, &name, self.app.now())?;
        self.app.audit(
            AuditAction::ApplicationRenamed,
            &row.id.to_string(),
            json!({ "name": name }),
        )?;
        self.get(&row.id.to_string())
    }

    /// Fetch tokens again before they end, while the window is open.
    pub fn set_auto_refresh(self, wanted: &str, on: bool) -> Result<ApplicationView, CoreError> {
        let row = self.app.application_row(wanted)?;
        let now = self.app.now();
        self.app.vault()?.change_application(row.id, &[], |row| {
            row.auto_refresh = on;
            row.updated_at = now;
        })?;
        self.get(&row.id.to_string())
    }

    /// Those whose names come nearest to a text, the best first; those used last where there is no text.
    pub fn find(self, text: &str, limit: u32) -> Result<Vec<ApplicationSummary>, CoreError> {
        if text.trim().is_empty() {
            let recent = ApplicationQuery {
                limit,
                ..ApplicationQuery::default()
            };
            return Ok(self.list(&recent)?.items);
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let found = self
            .app
            .vault()?
            .applications_like(text, limit, self.app.now())?;
        Ok(found.into_iter().map(summary).collect())
    }

    /// Pins an application before the others in every order, or ends that.
    pub fn set_pinned(self, wanted: &str, pinned: bool) -> Result<(), CoreError> {
        let row = self.app.application_row(wanted)?;
        Ok(self.app.vault()?.set_pinned(row.id, pinned)?)
    }

    /// Replaces the note on an application.
    pub fn set_note(self, wanted: &str, text: &str) -> Result<ApplicationView, CoreError> {
        let row = self.app.application_row(wanted)?;
        let text: String = text.trim().chars().take(NOTE_CHARS).collect();
        self.app.vault()?.set_note(row.id, &text)?;
        self.get(&row.id.to_string())
    }

    fn view(
        self,
        row: ApplicationRow,
        configuration: &ConfigurationRow,
    ) -> Result<ApplicationView, CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        let config = self.app.configurations().provider_config(configuration)?;
        let effective = metadata(row.current.as_ref().unwrap_or(&row.granted));
        // A server may repeat a secret among the metadata, under a name of its own.
        let shown = |value: &Value| redact::json(value, &[]);
        let (requested, granted) = (shown(&row.requested), shown(&row.granted));
        let current = row.current.as_ref().map(shown);
        let lines = metadata_diff::compare(&requested, &granted, current.as_ref());
        let differs: Vec<_> = lines
            .iter()
            .filter(|line| line.kind != DifferenceKind::Same)
            .collect();
        let no_token = self.no_token_warnings(configuration, &effective)?;
        let notes = differs
            .iter()
            .filter(|line| line.lost)
            .map(|line| self.difference_note(line))
            .chain(no_token.into_iter().map(|warning| warning.message))
            .collect();
        let differences = small(differs.len());
        let live_tokens = vault.live_tokens(row.id, now)?;
        let sessions = SessionQuery {
            application_id: Some(row.id),
            live: Some(true),
            now,
            ..SessionQuery::default()
        };
        let rotating = secret_overlap::previous(&vault, &row)?.is_some()
            || other_secrets::offered(&vault, &row)?.is_some();
        Ok(ApplicationView {
            rotating,
            actions: self.actions(&row, configuration)?,
            config: configuration.name.clone(),
            configuration_id: configuration.id.to_string(),
            issuer: configuration.issuer.clone(),
            token_endpoint: config
                .token_endpoint()
                .ok()
                .flatten()
                .map(|url| url.to_string()),
            token_endpoint_auth_method: effective.token_endpoint_auth_method(),
            grant_types: effective.grant_types().unwrap_or_default(),
            scopes: effective.scopes().unwrap_or_default(),
            resources: self.app.resources(&row, &[])?,
            id: row.id.to_string(),
            name: row.name,
            provider: row.provider,
            client_id: row.client_id,
            has_secret: row.has_secret,
            health: row.health.into(),
            health_checked_at: row.health_checked_at,
            client_secret_issued_at: row.client_id_issued_at,
            client_secret_expires_at: row.client_secret_expires_at,
            due_for_deletion_at: row.expires_by_ttl_at,
            registration: RegistrationView {
                uri: row.registration_client_uri.map(shown_address),
                has_access_token: row.has_registration_token,
                access_token_replaced_at: row.registration_token_replaced_at,
            },
            requested,
            granted,
            current,
            current_read_at: row.current_read_at,
            metadata: lines,
            differences,
            notes,
            labels: row.labels,
            note: vault.note(row.id)?,
            auto_refresh_stopped: (row.auto_refresh
                && row.health == keywright_vault::Health::Rejected)
                .then(|| self.app.translate(Key::RefreshStopped, &[])),
            auto_refresh: row.auto_refresh,
            live_tokens: small(live_tokens),
            live_sessions: small(vault.sessions(&sessions)?.total),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn summary(row: vault::ApplicationSummary) -> ApplicationSummary {
    ApplicationSummary {
        id: row.id.to_string(),
        name: row.name,
        config: row.configuration_name,
        configuration_id: row.configuration_id.to_string(),
        provider: row.provider,
        client_id: row.client_id,
        health: row.health.into(),
        client_secret_expires_at: row.client_secret_expires_at,
        due_for_deletion_at: row.expires_by_ttl_at,
        labels: row.labels,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        token_expires_at: row.token_expires_at,
        pinned: row.pinned,
    }
}

/// An address without the secrets in it.
fn shown_address(address: String) -> String {
    Url::parse(&address).map_or(address, |url| redact::url(&url, &[]))
}
