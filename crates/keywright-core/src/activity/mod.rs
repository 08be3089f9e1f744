//! Activity: every exchange, redacted before it was kept.

mod export;
mod page;
mod sequence;
mod stories;
pub(crate) mod types;

use keywright_oauth::http::redact;
use keywright_vault::{self as vault, ExchangeRow, VaultError};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, Thing,
    activity::types::{
        ActivityPage, ActivityQuery, ExchangeSummary, ExchangeView, Peer, PresentedCertificateView,
    },
    app::{conversions::id, runtime::small},
    calls::types::HeaderView,
    i18n::key::Family,
    i18n::try_translate,
};

/// A half of an exchange as the vault keeps it.
#[derive(Deserialize)]
struct Half {
    headers: Vec<(String, String)>,
    body: Option<String>,
    #[serde(default)]
    certificate: Option<PresentedCertificateView>,
}

/// Activity: the exchanges that were recorded.
#[derive(Clone, Copy, Debug)]
pub struct ActivityLog<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// Activity: the exchanges that were recorded.
    pub fn activity(&self) -> ActivityLog<'_> {
        ActivityLog { app: self }
    }
}

impl ActivityLog<'_> {
    /// A window on the exchanges, newest first.
    pub fn list(self, query: &ActivityQuery) -> Result<ActivityPage, CoreError> {
        let vault = self.app.vault()?;
        let page = vault.exchanges(&vault::ExchangeQuery {
            text: query.text.clone(),
            errors_only: query.errors_only,
            application_id: query
                .application_id
                .as_deref()
                .map(|text| id(Thing::Application, text))
                .transpose()?,
            configuration_id: query
                .configuration_id
                .as_deref()
                .map(|text| id(Thing::Configuration, text))
                .transpose()?,
            flow: None,
            offset: u64::from(query.offset),
            limit: u64::from(query.limit),
        })?;
        Ok(ActivityPage {
            items: page
                .items
                .into_iter()
                .map(|row| self.exchange_summary(row))
                .collect::<Result<_, _>>()?,
            total: small(page.total),
        })
    }

    /// One exchange, whole.
    pub fn exchange(self, wanted: &str) -> Result<ExchangeView, CoreError> {
        let id = id(Thing::Exchange, wanted)?;
        match self.app.vault()?.exchange(id) {
            Err(VaultError::NotFound { .. }) => Err(CoreError::NotFound {
                what: Thing::Exchange,
                name: wanted.to_owned(),
                nearest: None,
            }),
            other => self.exchange_view(other?),
        }
    }

    /// All exchanges of one user action, in order.
    pub fn flow(self, wanted: &str) -> Result<Vec<ExchangeView>, CoreError> {
        let vault = self.app.vault()?;
        let query = vault::ExchangeQuery {
            flow: Some(id(Thing::Exchange, wanted)?),
            limit: 100,
            ..Default::default()
        };
        let mut all = Vec::new();
        for row in vault.exchanges(&query)?.items {
            all.push(self.exchange_view(vault.exchange(row.id)?)?);
        }
        // Newest first until here, also of those that began in the same millisecond.
        all.reverse();
        all.sort_by(|a, b| a.summary.started_at_ms.total_cmp(&b.summary.started_at_ms));
        Ok(all)
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 fit a double until the year 287396"
    )]
    fn exchange_summary(self, row: vault::ExchangeSummary) -> Result<ExchangeSummary, CoreError> {
        Ok(ExchangeSummary {
            application: row
                .application_id
                .map(|id| self.application_name(id))
                .transpose()?
                .flatten(),
            id: row.id.to_string(),
            flow: row.flow.to_string(),
            purpose: row.purpose,
            method: row.method,
            host: row.host,
            path: row.path,
            status: row.status,
            error: row.error,
            elapsed_ms: row.elapsed_ms,
            started_at_ms: row.started_at_ms as f64,
        })
    }

    /// The name of an application; none when it is forgotten or deleted since.
    fn application_name(self, id: Uuid) -> Result<Option<String>, CoreError> {
        match self.app.vault()?.application(id) {
            Ok(row) => Ok(Some(row.name)),
            Err(VaultError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn exchange_view(self, row: ExchangeRow) -> Result<ExchangeView, CoreError> {
        let vault = self.app.vault()?;
        let configuration = match row.configuration_id.map(|id| vault.configuration(id)) {
            Some(Ok(row)) => Some(row),
            Some(Err(VaultError::NotFound { .. })) | None => None,
            Some(Err(error)) => return Err(error.into()),
        };
        let half = |half: Half, status: Option<u16>| {
            let headers = half
                .headers
                .into_iter()
                .map(|(name, value)| HeaderView::shown(name, value))
                .collect();
            let headers: Vec<HeaderView> = headers;
            let body = half.body.as_deref().map(|body| readable(body, status));
            (headers, body)
        };
        let mut request: Half = serde_json::from_value(row.request.clone())?;
        let certificate = request.certificate.take();
        let (request_headers, request_body) = half(request, None);
        let response = serde_json::from_value(row.response.clone())?;
        let (response_headers, response_body) = half(response, row.status);
        let who = row.host.clone();
        let error_message = row.error.as_ref().and_then(|code| {
            let blanks = [
                ("who", who.as_str()),
                ("what", who.as_str()),
                ("detail", ""),
                ("doing", ""),
                ("status", ""),
            ];
            try_translate(self.app.lang(), Family::ErrorMessage.key(code), &blanks)
        });
        Ok(ExchangeView {
            provider: configuration.as_ref().map(|row| row.provider.clone()),
            config: configuration.map(|row| row.name),
            peer: if row.purpose == "api_call" {
                Peer::Api
            } else {
                Peer::Provider
            },
            url: row.url.clone(),
            request_headers,
            request_body,
            certificate,
            response_headers,
            response_body,
            error_message,
            summary: self.exchange_summary(vault::ExchangeSummary {
                id: row.id,
                flow: row.flow,
                purpose: row.purpose,
                application_id: row.application_id,
                configuration_id: row.configuration_id,
                actor: row.actor,
                started_at_ms: row.started_at_ms,
                elapsed_ms: row.elapsed_ms,
                method: row.method,
                host: row.host,
                path: row.path,
                status: row.status,
                error: row.error,
            })?,
        })
    }
}

/// JSON is laid out to be read; anything else stays as it is. What was redacted stays so. `status` is that of an answer.
fn readable(body: &str, status: Option<u16>) -> String {
    let laid_out = serde_json::from_str::<Value>(body)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&redact::answer(status, &value)).ok());
    laid_out.unwrap_or_else(|| body.to_owned())
}
