//! Requests to Microsoft Graph: with an admin token, again after a refused one, and again while what
//! was just made has not arrived everywhere yet.

use std::time::Duration;

use http::Method;
use keywright_oauth::{
    http::{Auth, Purpose},
    lenient,
    register::RegistrationError,
    secret::AccessToken,
    token::{ClientAuth, Grant, TokenError, TokenRequest},
};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::{Entra, keys::handle, tenant_endpoints::TenantEndpoints};
use crate::{
    ProviderError, Registration,
    api::{self, Answer, Call},
};

/// What was made this many seconds ago must have arrived everywhere. Microsoft promises no time;
/// people saw up to 18 s for secrets.
pub(super) const FRESH_SECS: i64 = 120;
/// The first pause before a request is sent again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// What Graph answers where there is no such object.
pub(super) const NOT_FOUND: &[&str] = &[REQUEST_NOT_FOUND, "ResourceNotFound"];
pub(super) const REQUEST_NOT_FOUND: &str = "Request_ResourceNotFound";
/// A request that was refused for its rate, with no word about how long to wait, is sent this often.
const TRIES: u32 = 4;

/// Where a request goes.
#[derive(Debug, Clone)]
enum Place {
    /// Below `/v1.0/`.
    Path(String),
    /// As an answer named it: the next page of a list. The host is held against those of the
    /// configuration when a token goes there.
    Named(Url),
}

/// A request to Graph.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    method: Method,
    place: Place,
    query: Option<String>,
    purpose: Purpose,
    body: Option<Value>,
}

impl Ask {
    pub(super) fn new(method: Method, path: impl Into<String>, purpose: Purpose) -> Self {
        Self {
            method,
            place: Place::Path(path.into()),
            query: None,
            purpose,
            body: None,
        }
    }

    pub(super) fn at(url: Url, purpose: Purpose) -> Self {
        Self {
            query: url.query().map(str::to_owned),
            place: Place::Named(url),
            ..Self::get("", purpose)
        }
    }

    pub(super) fn get(path: impl Into<String>, purpose: Purpose) -> Self {
        Self::new(Method::GET, path, purpose)
    }

    pub(super) fn post(path: impl Into<String>, purpose: Purpose, body: Value) -> Self {
        let mut ask = Self::new(Method::POST, path, purpose);
        ask.body = Some(body);
        ask
    }

    pub(super) fn patch(
        path: impl Into<String>,
        purpose: Purpose,
        body: Map<String, Value>,
    ) -> Self {
        let mut ask = Self::new(Method::PATCH, path, purpose);
        ask.body = Some(Value::Object(body));
        ask
    }

    pub(super) fn query(mut self, query: impl Into<String>) -> Self {
        self.query = Some(query.into());
        self
    }
}

/// `appId eq '…'` as a query: the only way from a `client_id` to its application.
pub(super) fn by_app_id(client_id: &str) -> String {
    format!("$filter=appId%20eq%20'{}'", quoted(client_id))
}

/// A text between quotation marks of a `$filter`, in which one mark is written as two.
pub(super) fn quoted(text: &str) -> String {
    form_urlencoded::byte_serialize(text.replace('\'', "''").as_bytes()).collect()
}

/// The objects of a list.
pub(super) fn listed(answer: &Answer) -> Vec<Map<String, Value>> {
    match answer.members.get("value") {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).cloned().collect(),
        _ => Vec::new(),
    }
}

impl Entra {
    /// The request for a token of the admin client, for Graph.
    pub(super) fn admin_request(&self, flow: Uuid) -> Result<TokenRequest, ProviderError> {
        let endpoints = TenantEndpoints::of(&self.config)?;
        let (client_id, client_secret) = self.config.required_admin_client()?;
        Ok(TokenRequest {
            endpoint: endpoints.token_endpoint(),
            client_id,
            client_secret: Some(client_secret),
            client_auth: ClientAuth::Post,
            assertion: keywright_oauth::assertion::AssertionParams::default(),
            certificate: None,
            dpop: None,
            grant: Grant::ClientCredentials,
            scopes: vec![endpoints.graph_scope],
            extra: Vec::new(),
            flow,
        })
    }

    pub(super) async fn admin_token(&self, flow: Uuid) -> Result<AccessToken, ProviderError> {
        let request = self.admin_request(flow)?;
        self.admin
            .get(&self.http, &request)
            .await
            .map_err(|source| ProviderError::Admin { source })
    }

    /// Sends a request. A refused admin token is renewed once; it may have been revoked.
    pub(super) async fn graph(&self, ask: Ask, flow: Uuid) -> Result<Answer, ProviderError> {
        let mut url = match &ask.place {
            Place::Path(path) => TenantEndpoints::of(&self.config)?.graph(path),
            Place::Named(url) => url.clone(),
        };
        url.set_query(ask.query.as_deref());
        let (mut renewed, mut refused, mut pause) = (false, 0, FIRST_PAUSE);
        loop {
            let token = self.admin_token(flow).await?;
            let call = Call {
                method: ask.method.clone(),
                url: url.clone(),
                purpose: ask.purpose,
                auth: Auth::Bearer(token),
                body: ask.body.clone(),
            };
            match api::call(&self.http, call, flow).await {
                Err(error) if !renewed && status(&error) == Some(401) => {
                    renewed = true;
                    self.admin.forget().await;
                }
                Err(error) if refused + 1 < TRIES && is_silent_429(&error) => {
                    refused += 1;
                    tokio::time::sleep(pause).await;
                    pause = longer(pause);
                }
                Err(error) => {
                    // A permission that is given later is in the next token, not in this one.
                    if status(&error) == Some(403) {
                        self.admin.forget().await;
                    }
                    return Err(admin_refusal(error));
                }
                Ok(answer) => return Ok(answer),
            }
        }
    }

    /// Sends a request about something that was made at `since` (Unix seconds), and sends it again
    /// while Graph does not know of it yet.
    pub(super) async fn graph_fresh(
        &self,
        ask: Ask,
        since: Option<i64>,
        flow: Uuid,
    ) -> Result<Answer, ProviderError> {
        self.graph_until_known(ask, since, is_lag, flow).await
    }

    /// The same, with what tells of the lag at this request.
    pub(super) async fn graph_until_known(
        &self,
        ask: Ask,
        since: Option<i64>,
        lags: fn(&RegistrationError) -> bool,
        flow: Uuid,
    ) -> Result<Answer, ProviderError> {
        let age = since.map_or(FRESH_SECS, |since| {
            self.http.clock().now().saturating_sub(since).max(0)
        });
        let mut left =
            Duration::from_secs(u64::try_from(FRESH_SECS.saturating_sub(age)).unwrap_or_default());
        let mut pause = FIRST_PAUSE;
        loop {
            match self.graph(ask.clone(), flow).await {
                Err(ProviderError::Registration(error)) if lags(&error) && !left.is_zero() => {
                    let pause_now = pause.min(left);
                    tokio::time::sleep(pause_now).await;
                    left -= pause_now;
                    pause = longer(pause);
                }
                answer => return answer,
            }
        }
    }

    /// The object id: known, or looked up by the `client_id`.
    pub(super) async fn object_id(
        &self,
        at: &Registration,
        flow: Uuid,
    ) -> Result<String, ProviderError> {
        if let Some(known) = at.handle(handle::OBJECT_ID) {
            return Ok(known.to_owned());
        }
        let (application, answer) = self.find(&at.client_id, flow).await?;
        let id = lenient::text(&application, "id");
        Ok(id.ok_or(RegistrationError::NoClientId {
            words: None,
            status: answer.status,
            exchange: answer.exchange,
        })?)
    }
}

/// A 401 is about the admin token (another cloud, a proxy, a revoked admin client). It says nothing about
/// the application that the request was about.
fn admin_refusal(error: RegistrationError) -> ProviderError {
    match error {
        RegistrationError::Refused {
            words,
            retry_after,
            exchange,
            ..
        } if words.status == 401 => ProviderError::Admin {
            source: TokenError::Refused {
                words,
                retry_after,
                exchange,
            },
        },
        other => other.into(),
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST_PAUSE)
}

fn status(error: &RegistrationError) -> Option<u16> {
    match error {
        RegistrationError::Refused { words, .. } => Some(words.status),
        _ => None,
    }
}

/// Graph usually says how long to wait, and sometimes does not.
fn is_silent_429(error: &RegistrationError) -> bool {
    matches!(error, RegistrationError::Refused { words, retry_after: None, .. } if words.status == 429)
}

/// What was made a moment ago is not known everywhere yet. Both codes also mean that it is not there
/// at all: only its age tells.
pub(super) fn is_lag(error: &RegistrationError) -> bool {
    let RegistrationError::Refused { words, .. } = error else {
        return false;
    };
    let code = words.error.as_deref();
    match words.status {
        404 => code == Some(REQUEST_NOT_FOUND),
        400 => {
            const NO_APPLICATION: &str = "NoBackingApplicationObject";
            code == Some(NO_APPLICATION) || words.details.iter().any(|code| code == NO_APPLICATION)
        }
        _ => false,
    }
}

/// The server that makes service principals does not know the new application yet. It also takes it for
/// one of another tenant, for which the permission would be missing.
pub(super) fn is_lag_of_application(error: &RegistrationError) -> bool {
    is_lag(error)
        || matches!(error, RegistrationError::Refused { words, .. }
            if words.status == 403 && words.error.as_deref() == Some("Authorization_RequestDenied"))
}
