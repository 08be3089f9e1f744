//! What the servers share, and the part of it that outlives a restart.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::faults::{SandboxFaults, Shares};
use crate::gateway::Order;
use crate::idp::Metadata;
use crate::keys::{CookieKey, SigningKey};
use crate::options::{Registration, SandboxOptions, SessionLimits};
use crate::personality::Personality;

/// A registered client.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) id: String,
    /// A public client has none.
    pub(crate) secret: Option<String>,
    /// 0 = never (RFC 7591 section 3.2.1).
    pub(crate) secret_expires_at: i64,
    pub(crate) issued_at: i64,
    pub(crate) registration_token: String,
    pub(crate) metadata: Metadata,
    /// When it was registered in this run; replication lag is counted in real time.
    #[serde(skip)]
    pub(crate) registered: Option<Instant>,
}

impl Client {
    pub(crate) fn secret_is_over(&self, now: i64) -> bool {
        self.secret.is_some() && self.secret_expires_at != 0 && self.secret_expires_at <= now
    }

    /// The token endpoint does not know it yet.
    pub(crate) fn is_on_its_way(&self, lag: Duration) -> bool {
        self.registered.is_some_and(|at| at.elapsed() < lag)
    }
}

/// A refresh token's grant.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) client_id: String,
    pub(crate) scope: Vec<String>,
    pub(crate) issued_at: i64,
}

/// Everything that requests change.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) clients: BTreeMap<String, Client>,
    pub(crate) refresh_tokens: BTreeMap<String, Refresh>,
    /// `jti` of each revoked access token, with its `exp`.
    pub(crate) revoked: BTreeMap<String, i64>,
    pub(crate) orders: Vec<Order>,
    /// Sessions of an earlier epoch are over. A reset begins a new one.
    pub(crate) epoch: u64,
}

impl State {
    pub(crate) fn new(epoch: u64) -> Self {
        Self {
            clients: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            revoked: BTreeMap::new(),
            orders: Order::samples(),
            epoch,
        }
    }
}

/// A snapshot: all a later run needs to go on where this one stopped. Holds secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) idp_port: u16,
    pub(crate) gateway_port: u16,
    pub(crate) signing_key: String,
    pub(crate) cookie_key: String,
    pub(crate) initial_access_token: String,
    pub(crate) state: State,
}

/// What the handlers of both servers work with.
pub(crate) struct Shared {
    pub(crate) options: SandboxOptions,
    pub(crate) idp_port: u16,
    pub(crate) gateway_port: u16,
    pub(crate) signing_key: SigningKey,
    pub(crate) cookie_key: CookieKey,
    pub(crate) initial_access_token: String,
    /// Marks the gateway's own requests to the identity provider, which the dials that break
    /// answers leave alone: one request of the user meets them once.
    pub(crate) internal_token: String,
    pub(crate) http: reqwest::Client,
    pub(crate) state: Mutex<State>,
    pub(crate) faults: Mutex<SandboxFaults>,
    pub(crate) shares: Shares,
    /// Begins as the options say; may change while the Sandbox runs.
    pub(crate) registration: Mutex<Registration>,
    /// Begins as the options say; may change while the Sandbox runs.
    pub(crate) limits: Mutex<SessionLimits>,
    pub(crate) changed: watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn now(&self) -> i64 {
        (self.options.clock)()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> SandboxFaults {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_faults(&self, faults: SandboxFaults) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
        self.touch();
    }

    pub(crate) fn registration(&self) -> Registration {
        *self
            .registration
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_registration(&self, registration: Registration) {
        *self
            .registration
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = registration;
        self.touch();
    }

    pub(crate) fn limits(&self) -> SessionLimits {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_limits(&self, limits: SessionLimits) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
        self.touch();
    }

    /// Tells those who watch that something changed.
    pub(crate) fn touch(&self) {
        self.changed.send_modify(|revision| *revision += 1);
    }

    pub(crate) fn idp_origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.idp_port)
    }

    pub(crate) fn gateway_origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.gateway_port)
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/{}", self.idp_origin(), Personality::Rfc7591.name())
    }

    pub(crate) fn api_url(&self) -> String {
        format!(
            "{}/{}/orders",
            self.gateway_origin(),
            Personality::Rfc7591.name()
        )
    }

    pub(crate) fn saved(&self) -> Saved {
        Saved {
            idp_port: self.idp_port,
            gateway_port: self.gateway_port,
            signing_key: self.signing_key.to_text(),
            cookie_key: self.cookie_key.to_text(),
            initial_access_token: self.initial_access_token.clone(),
            state: self.state().clone(),
        }
    }
}
