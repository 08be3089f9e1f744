//! What the servers share, and the part of it that outlives a restart.

pub(crate) mod admin;
pub(crate) mod keys;
pub(crate) mod logins;
pub(crate) mod store;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use crate::faults::SandboxFaults;
use crate::faults::counters::Dials;
use crate::options::{Registration, SandboxOptions, SessionLimits};
use crate::personality::Personality;
use crate::state::admin::Admins;
use crate::state::keys::{CookieKey, SigningKey, SigningKeys};
use crate::state::store::State;

/// A snapshot: all a later run needs to go on where this one stopped. Holds secrets.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) idp_port: u16,
    pub(crate) gateway_port: u16,
    pub(crate) signing_key: String,
    /// None in a snapshot of an older version.
    #[serde(default)]
    pub(crate) next_signing_key: Option<String>,
    pub(crate) cookie_key: String,
    pub(crate) admins: Admins,
    pub(crate) state: State,
}

/// What the handlers of both servers work with.
pub(crate) struct Shared {
    pub(crate) options: SandboxOptions,
    pub(crate) idp_port: u16,
    pub(crate) gateway_port: u16,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) cookie_key: CookieKey,
    pub(crate) admins: Admins,
    /// Marks the gateway's own requests to the identity provider, which the dials that break
    /// answers leave alone: one request of the user meets them once.
    pub(crate) internal_token: String,
    pub(crate) http: reqwest::Client,
    pub(crate) state: Mutex<State>,
    pub(crate) dials: Dials,
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

    pub(crate) fn faults(&self, personality: Personality) -> SandboxFaults {
        self.dials.of(personality).faults()
    }

    pub(crate) fn set_faults(&self, personality: Personality, mut faults: SandboxFaults) {
        let own = personality.vendor_dials();
        let is_own = |key: &String, _: &mut u32| own.iter().any(|dial| dial.key == key);
        faults.vendor.retain(is_own);
        self.dials.of(personality).set(faults);
        self.touch();
    }

    /// The key that a personality signs its tokens with.
    pub(crate) fn signing_key(&self, personality: Personality) -> &SigningKey {
        let is_rolled_over = self.faults(personality).keys_rolled_over;
        self.signing_keys.signing(is_rolled_over)
    }

    /// The keys that a personality publishes (RFC 7517 section 5).
    pub(crate) fn jwks(&self, personality: Personality) -> Value {
        let is_rolled_over = self.faults(personality).keys_rolled_over;
        self.signing_keys.jwks(is_rolled_over)
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

    pub(crate) fn saved(&self) -> Saved {
        let (signing_key, next_signing_key) = self.signing_keys.to_texts();
        Saved {
            idp_port: self.idp_port,
            gateway_port: self.gateway_port,
            signing_key,
            next_signing_key: Some(next_signing_key),
            cookie_key: self.cookie_key.to_text(),
            admins: self.admins.clone(),
            state: self.state().clone(),
        }
    }
}
