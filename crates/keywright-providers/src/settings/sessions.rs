//! The settings about sessions of gateways.

use std::collections::BTreeMap;

use super::{filled, key};

/// The session preset of Kong's plugin *OpenID Connect*.
pub(super) const KONG_OPENID_CONNECT: &str = "kong-openid-connect";

/// A limit of a session, and who named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimit {
    /// In seconds; 0 means no limit.
    pub secs: u64,
    /// It comes from the preset, not from a setting of its own.
    pub preset: bool,
}

/// The limits that settings name: idle, rolling, absolute. None = not known.
pub fn session_limits(settings: &BTreeMap<String, String>) -> [Option<SessionLimit>; 3] {
    // The defaults of the plugin (`session_idling_timeout`, `session_rolling_timeout`, `session_absolute_timeout`).
    let preset: [Option<u64>; 3] = match filled(settings, key::SESSION_PRESET) {
        Some(KONG_OPENID_CONNECT) => [Some(900), Some(3600), Some(86_400)],
        _ => [None; 3],
    };
    let keys = [
        key::SESSION_IDLE,
        key::SESSION_ROLLING,
        key::SESSION_ABSOLUTE,
    ];
    std::array::from_fn(|index| {
        let own = filled(settings, keys[index]).and_then(|text| text.parse().ok());
        match (own, preset[index]) {
            (Some(secs), _) => Some(SessionLimit {
                secs,
                preset: false,
            }),
            (None, Some(secs)) => Some(SessionLimit { secs, preset: true }),
            (None, None) => None,
        }
    })
}

/// A setting about the sessions of gateways: Verify does not look at it.
pub fn is_of_sessions(key: &str) -> bool {
    [
        key::SESSION_COOKIES,
        key::SESSION_PRESET,
        key::SESSION_IDLE,
        key::SESSION_ROLLING,
        key::SESSION_ABSOLUTE,
    ]
    .contains(&key)
}

/// The names of the cookies that make a session, where the settings name them.
pub fn session_cookies(settings: &BTreeMap<String, String>) -> Vec<String> {
    filled(settings, key::SESSION_COOKIES)
        .into_iter()
        .flat_map(|text| text.split([',', ' ', ';']))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
