//! Client secrets that expire soon, each reported once per threshold: 30, 7 and 1 days before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    CoreError,
    applications::{Applications, DAY_SECS, types::ExpiryNotice},
};

/// Days before the end, the nearest first.
pub(crate) const THRESHOLDS: [u32; 3] = [1, 7, 30];
/// What was reported, in the vault: it names applications.
const REPORTED: &str = "applications/expiry_notices";
/// More at once are reported the next time.
const MOST: u64 = 500;

/// The last report of one client secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Reported {
    /// When that secret ends; a rotated one ends later and is reported again.
    at: i64,
    /// The threshold that was passed.
    days: u32,
}

impl Applications<'_> {
    /// Client secrets that passed a threshold since the last question, the first end first. They are recorded as
    /// reported before they are returned, so that none is reported twice.
    pub fn take_expiry_notices(self) -> Result<Vec<ExpiryNotice>, CoreError> {
        let (vault, now) = (self.app.vault()?, self.app.now());
        let before: BTreeMap<String, Reported> = vault
            .kv(REPORTED)?
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default();
        let until = now.saturating_add(i64::from(THRESHOLDS[2]) * DAY_SECS + 1);
        let mut reported = BTreeMap::new();
        let mut notices = Vec::new();
        for row in vault.client_secret_ends(now.saturating_add(1), until, MOST)? {
            let id = row.application_id.to_string();
            let Some(days) = threshold(row.at.saturating_sub(now)) else {
                continue;
            };
            let known = before
                .get(&id)
                .is_some_and(|told| told.at == row.at && told.days <= days);
            if !known {
                notices.push(ExpiryNotice {
                    application_id: id.clone(),
                    application: row.application,
                    at: row.at,
                    days,
                });
            }
            reported.insert(id, Reported { at: row.at, days });
        }
        if reported != before {
            vault.put_kv(REPORTED, &serde_json::to_value(&reported)?)?;
        }
        Ok(notices)
    }
}

/// The nearest threshold that a remaining time is within.
fn threshold(left_secs: i64) -> Option<u32> {
    THRESHOLDS
        .into_iter()
        .find(|days| left_secs <= i64::from(*days) * DAY_SECS)
}

#[cfg(test)]
mod tests {
    use super::{DAY_SECS, threshold};

    #[test]
    fn a_remaining_time_is_within_its_nearest_threshold() {
        for (left, days) in [
            (60, Some(1)),
            (DAY_SECS, Some(1)),
            (DAY_SECS + 1, Some(7)),
            (7 * DAY_SECS, Some(7)),
            (8 * DAY_SECS, Some(30)),
            (30 * DAY_SECS + 1, None),
        ] {
            assert_eq!(threshold(left), days, "{left}");
        }
    }
}
