//! Clients for the wire: one a policy, each exchange kept in the vault under what it was about.

use std::sync::{Arc, PoisonError, Weak};

use keywright_oauth::http::{
    Exchange, HttpClient, HttpError, HttpPolicy, Purpose, Recorder, check_proxy,
};
use keywright_vault::ExchangeRow;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    Keywright,
    app::{FlowSubject, Inner},
};

/// Prefix of the purpose of an exchange of Verify, which asks in order to be refused.
pub(crate) const PROBE: &str = "probe_";

impl Keywright {
    /// The client that keeps this policy.
    pub(crate) fn client(&self, mut policy: HttpPolicy) -> Result<HttpClient, HttpError> {
        policy.proxy = policy.proxy.or_else(|| self.usual_proxy());
        let mut clients = self
            .0
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(known, _)| *known == policy) {
            return Ok(client.clone());
        }
        let keeper = Arc::downgrade(&self.0);
        let recorder = Recorder::new(move |exchange| keep(&keeper, exchange));
        let client = HttpClient::new(policy.clone(), self.0.clock.clone(), recorder)?;
        clients.push((policy, client.clone()));
        Ok(client)
    }

    /// The proxy of the preferences.
    pub(crate) fn usual_proxy(&self) -> Option<String> {
        self.preferences()
            .ok()
            .and_then(|preferences| preferences.proxy)
            .filter(|proxy| check_proxy(proxy).is_ok())
    }

    /// Begins a user action: its exchanges are filed under this subject until the flow is dropped.
    pub(crate) fn flow(&self, subject: FlowSubject) -> Flow {
        let id = Uuid::now_v7();
        self.0
            .flows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, subject);
        Flow {
            id,
            inner: Arc::clone(&self.0),
        }
    }

    /// Begins a check of a configuration, whose refusals are no failures.
    pub(crate) fn probe(&self, subject: FlowSubject) -> Flow {
        let flow = self.flow(subject);
        self.0
            .probes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(flow.id);
        flow
    }
}

/// One user action.
pub(crate) struct Flow {
    pub(crate) id: Uuid,
    inner: Arc<Inner>,
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.inner
            .flows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
        self.inner
            .probes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
        let held: Vec<ExchangeRow> = self
            .inner
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extract_if(.., |row| row.flow == self.id)
            .collect();
        for row in held {
            write(&self.inner, &row);
        }
    }
}

fn keep(inner: &Weak<Inner>, exchange: Exchange) {
    let Some(inner) = inner.upgrade() else { return };
    let subject = inner
        .flows
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&exchange.flow)
        .copied();
    let is_probe = inner
        .probes
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .contains(&exchange.flow);
    // The tokens of an answer are saved first: the refresh token that was sent may be spent.
    let is_held = subject.is_some()
        && exchange.purpose == Purpose::Token
        && exchange.status.is_some_and(|status| status < 300);
    let mut row = row(exchange, subject.unwrap_or_default(), inner.actor.as_str());
    if is_probe {
        row.purpose.insert_str(0, PROBE);
    }
    if is_held {
        let mut held = inner.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push(row);
    } else {
        write(&inner, &row);
    }
}

fn write(inner: &Inner, row: &ExchangeRow) {
    let vault = inner.vault.read().unwrap_or_else(PoisonError::into_inner);
    // Locked meanwhile: an exchange is never written anywhere else.
    let Some(vault) = vault.clone() else { return };
    if let Err(error) = vault.add_exchange(row) {
        tracing::warn!(%error, "an exchange was not recorded");
    }
}

fn row(exchange: Exchange, subject: FlowSubject, actor: &str) -> ExchangeRow {
    let url = Url::parse(&exchange.url).ok();
    let host = url.as_ref().map(HttpPolicy::host_of).unwrap_or_default();
    let path = url.as_ref().map_or_else(String::new, |url| {
        url.query().map_or_else(
            || url.path().to_owned(),
            |query| format!("{}?{query}", url.path()),
        )
    });
    let mut request = json!({ "headers": exchange.request_headers, "body": exchange.request_body });
    if let Some(certificate) = &exchange.certificate {
        request["certificate"] = json!(certificate);
    }
    ExchangeRow {
        id: exchange.id,
        flow: exchange.flow,
        purpose: exchange.purpose.as_str().to_owned(),
        application_id: subject.application,
        configuration_id: subject.configuration,
        actor: actor.to_owned(),
        started_at_ms: exchange.started_at_ms,
        elapsed_ms: exchange.elapsed_ms,
        method: exchange.method,
        url: exchange.url,
        host,
        path,
        status: exchange.status,
        error: exchange.error,
        request,
        response: json!({ "headers": exchange.response_headers, "body": exchange.response_body }),
    }
}
