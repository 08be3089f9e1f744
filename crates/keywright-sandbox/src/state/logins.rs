//! What users allowed: codes to redeem, and the sign-ins that tokens of users come from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::idp::Asked;
use crate::personality::Personality;

/// What one user allowed one client, once. The tokens that come from it name it and end with it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SignIn {
    pub(crate) personality: Personality,
    pub(crate) client_id: String,
    /// Name of the demo user.
    pub(crate) user: String,
    pub(crate) scope: Vec<String>,
    pub(crate) auth_time: i64,
    /// For the ID token (OpenID Connect Core section 3.1.2.1).
    pub(crate) nonce: Option<String>,
    /// The API that its tokens are for, where the provider has several.
    #[serde(default)]
    pub(crate) audience: Option<String>,
}

/// An authorization code (RFC 6749 section 4.1.2).
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    /// Key of the [`SignIn`].
    pub(crate) sign_in: String,
    /// The redirect URI of the request; none where the request left it to the only registered one.
    pub(crate) redirect_uri: Option<String>,
    /// `code_challenge` (RFC 7636 section 4.2).
    pub(crate) challenge: String,
    /// How the challenge was made: `S256`, or `plain` where a dial says so.
    pub(crate) challenge_method: String,
    /// Thumbprint of the key that has to be proved (RFC 9449 section 10).
    #[serde(default)]
    pub(crate) jkt: Option<String>,
    pub(crate) expires_at: i64,
    /// It was redeemed: who redeems it again is a thief, or was robbed.
    pub(crate) is_spent: bool,
}

/// What became of a device's request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeviceState {
    /// The user has not answered yet.
    Pending,
    Denied,
    /// Key of the [`SignIn`].
    Allowed(String),
}

/// A request of a device (RFC 8628 section 3.2). Its key is the device code.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DeviceRequest {
    pub(crate) personality: Personality,
    pub(crate) client_id: String,
    /// What the user enters, without the hyphen.
    pub(crate) user_code: String,
    pub(crate) scope: Vec<String>,
    /// The API that the token will be for, where the provider has several.
    #[serde(default)]
    pub(crate) audience: Option<String>,
    pub(crate) expires_at: i64,
    /// Seconds between two token requests, more after each that came too early.
    pub(crate) interval: i64,
    pub(crate) polled_at: Option<i64>,
    pub(crate) state: DeviceState,
}

/// Codes and sign-ins of all personalities.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Logins {
    sign_ins: BTreeMap<String, SignIn>,
    codes: BTreeMap<String, Code>,
    devices: BTreeMap<String, DeviceRequest>,
    /// Authorization requests that were pushed (RFC 9126), with the time at which they expire.
    pushed: BTreeMap<String, (Asked, i64)>,
    /// `jti` of proofs of possession that were used, with the time until which they are refused.
    #[serde(skip)]
    proofs: BTreeMap<String, i64>,
}

impl Logins {
    /// The sign-in with this key, unless it was ended.
    pub(crate) fn sign_in(&self, key: &str) -> Option<&SignIn> {
        self.sign_ins.get(key)
    }

    /// The user allowed this client all of this before (`prompt=none`).
    pub(crate) fn is_allowed(&self, asked: &Asked, user: &str) -> bool {
        self.sign_ins.values().any(|one| {
            (one.personality, one.client_id.as_str(), one.user.as_str())
                == (asked.personality, asked.client_id.as_str(), user)
                && asked.scope.iter().all(|name| one.scope.contains(name))
        })
    }

    /// Keeps a sign-in.
    pub(crate) fn begin(&mut self, key: String, sign_in: SignIn) {
        self.sign_ins.insert(key, sign_in);
    }

    /// Ends a sign-in, and its tokens with it.
    pub(crate) fn end(&mut self, key: &str) {
        self.sign_ins.remove(key);
    }

    /// Keeps a code. Those that expired an hour ago are forgotten: until then a second use is noticed.
    pub(crate) fn keep_code(&mut self, text: String, code: Code, now: i64) {
        self.codes
            .retain(|_, old| old.expires_at.saturating_add(3600) > now);
        self.codes.insert(text, code);
    }

    /// The code with this text.
    pub(crate) fn code(&self, text: &str) -> Option<&Code> {
        self.codes.get(text)
    }

    /// Marks a code as redeemed.
    pub(crate) fn spend_code(&mut self, text: &str) {
        if let Some(code) = self.codes.get_mut(text) {
            code.is_spent = true;
        }
    }

    /// Keeps a request of a device. Those that expired an hour ago are forgotten.
    pub(crate) fn keep_device(&mut self, code: String, request: DeviceRequest, now: i64) {
        self.devices
            .retain(|_, old| old.expires_at.saturating_add(3600) > now);
        self.devices.insert(code, request);
    }

    /// The request with this device code.
    pub(crate) fn device_mut(&mut self, code: &str) -> Option<&mut DeviceRequest> {
        self.devices.get_mut(code)
    }

    /// Ends the request with this device code.
    pub(crate) fn end_device(&mut self, code: &str) {
        self.devices.remove(code);
    }

    /// The request that a user means by a code, as long as it waits for an answer.
    pub(crate) fn waiting_device(
        &mut self,
        personality: Personality,
        user_code: &str,
        now: i64,
    ) -> Option<&mut DeviceRequest> {
        self.devices.values_mut().find(|one| {
            one.personality == personality
                && one.user_code == user_code
                && one.expires_at > now
                && one.state == DeviceState::Pending
        })
    }

    /// Keeps a pushed request until it expires.
    pub(crate) fn push(&mut self, uri: String, asked: Asked, expires_at: i64, now: i64) {
        self.pushed.retain(|_, (_, expires_at)| *expires_at > now);
        self.pushed.insert(uri, (asked, expires_at));
    }

    /// Takes a pushed request, which can be used once.
    pub(crate) fn take_pushed(&mut self, uri: &str, now: i64) -> Option<Asked> {
        let (asked, expires_at) = self.pushed.remove(uri)?;
        (expires_at > now).then_some(asked)
    }

    /// Notes a proof of possession; false when it was used before.
    pub(crate) fn note_proof(&mut self, jti: String, until: i64, now: i64) -> bool {
        self.proofs.retain(|_, until| *until > now);
        self.proofs.insert(jti, until).is_none()
    }

    /// Forgets what a client was allowed, for it is gone.
    pub(crate) fn forget_client(&mut self, personality: Personality, client_id: &str) {
        self.sign_ins
            .retain(|_, one| one.personality != personality || one.client_id != client_id);
        self.devices
            .retain(|_, one| one.personality != personality || one.client_id != client_id);
    }
}
