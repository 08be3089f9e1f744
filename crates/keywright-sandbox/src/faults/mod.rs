//! The fault dials of one personality. Each is something a real provider has done.

pub(crate) mod counters;
pub(crate) mod rate_limit;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Fault dials. Percentages are 0 to 100; everything over is 100.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a dial of its own, set one by one"
)]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SandboxFaults {
    /// Waits this long before each answer.
    pub latency_ms: u32,
    /// Share of requests answered 429, without being carried out.
    pub too_many_requests_percent: u8,
    /// Send `Retry-After` with them.
    pub retry_after: bool,
    /// Share of requests answered 500 or 503, without being carried out.
    pub server_errors_percent: u8,
    /// Server errors come as an HTML page.
    pub html_errors: bool,
    /// Share of requests whose connection is closed after they were carried out.
    pub drop_after_receiving_percent: u8,
    /// JSON bodies end in the middle.
    pub truncated_body: bool,
    /// Bodies of 10 MiB.
    pub huge_body: bool,
    /// New secrets are already over.
    pub expired_secrets: bool,
    /// Every secret has ended: `invalid_client` at the token endpoint, while registrations stay.
    pub secrets_over: bool,
    /// Each management answer carries a new registration access token.
    pub rotate_registration_token: bool,
    /// Every client is unknown: `invalid_client`.
    pub forget_clients: bool,
    /// The metadata names another issuer.
    pub wrong_issuer: bool,
    /// A new client is unknown to the token endpoint for this long (real time).
    pub replication_lag_ms: u32,
    /// The last scope and grant asked for are not granted; one grant always stays.
    pub grant_less: bool,
    /// Tokens are signed with another key, which is published next to the first one.
    pub keys_rolled_over: bool,
    /// More requests than this in one second of the identity provider are answered 429, without
    /// being carried out; 0 = as many as wished.
    pub rate_limit_per_second: u32,
    /// The dials that only this personality has, by [`VendorDial::key`]; 0 = off. Others are ignored.
    pub vendor: BTreeMap<String, u32>,
}

/// How a dial is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialKind {
    /// Off (0) or on (1).
    Switch,
    /// A time in milliseconds, real time.
    Millis,
}

/// A dial that only one personality has: a habit of that provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VendorDial {
    /// Key in `SandboxFaults::vendor`.
    pub key: &'static str,
    /// How it is turned.
    pub kind: DialKind,
}

impl SandboxFaults {
    /// A dial of this personality alone; 0 when it is off.
    pub(crate) fn vendor(&self, key: &str) -> u32 {
        self.vendor.get(key).copied().unwrap_or(0)
    }

    /// A dial of this personality alone, as a time.
    pub(crate) fn vendor_time(&self, key: &str) -> Duration {
        Duration::from_millis(self.vendor(key).into())
    }

    /// How many dials are on. `retry_after` and `html_errors` only colour other dials and do not
    /// count alone.
    pub fn count_on(&self) -> u32 {
        let vendor = self.vendor.values().map(|value| *value > 0);
        [
            self.latency_ms > 0,
            self.too_many_requests_percent > 0,
            self.server_errors_percent > 0,
            self.drop_after_receiving_percent > 0,
            self.truncated_body,
            self.huge_body,
            self.expired_secrets,
            self.secrets_over,
            self.rotate_registration_token,
            self.forget_clients,
            self.wrong_issuer,
            self.replication_lag_ms > 0,
            self.grant_less,
            self.keys_rolled_over,
            self.rate_limit_per_second > 0,
        ]
        .into_iter()
        .chain(vendor)
        .map(u32::from)
        .sum()
    }
}

/// Counts the requests a dial with a share saw. The hits are spread evenly instead of drawn, so that
/// two runs with the same requests meet the same faults.
#[derive(Debug, Default)]
pub(crate) struct Share(AtomicU32);

impl Share {
    /// True for `percent` of each 100 calls; always for 100 and over, never for 0.
    pub(crate) fn hit(&self, percent: u8) -> bool {
        let percent = u32::from(percent.min(100));
        // Only the place within a hundred counts; an overflow after 2^32 calls shifts it once.
        let place = self.0.fetch_add(1, Ordering::Relaxed) % 100;
        place * percent / 100 != (place + 1) * percent / 100
    }
}

/// The shares of the dials that have one.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    pub(crate) too_many_requests: Share,
    pub(crate) server_errors: Share,
    /// Which of 500 and 503 a server error is.
    pub(crate) unavailable: Share,
    pub(crate) drop_after_receiving: Share,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dials_at_their_ends_are_certain() {
        let [never, always, over] = [Share::default(), Share::default(), Share::default()];
        assert!((0..200).all(|_| !never.hit(0) && always.hit(100) && over.hit(255)));
    }

    #[test]
    fn each_hundred_has_exactly_its_share_spread_evenly() {
        for percent in [1, 7, 50, 99] {
            let share = Share::default();
            let hits = (0..300).filter(|_| share.hit(percent)).count();
            assert_eq!(hits, 3 * usize::from(percent));
        }
        let half = Share::default();
        let first: Vec<bool> = (0..4).map(|_| half.hit(50)).collect();
        assert_eq!(first, [false, true, false, true]);
    }

    #[test]
    fn only_dials_that_do_something_are_counted() {
        let faults = SandboxFaults {
            latency_ms: 5,
            retry_after: true,
            wrong_issuer: true,
            vendor: BTreeMap::from([("on".to_owned(), 1), ("off".to_owned(), 0)]),
            ..SandboxFaults::default()
        };
        assert_eq!(faults.count_on(), 3);
    }
}
