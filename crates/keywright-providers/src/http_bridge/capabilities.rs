//! The sheet: Kong's contract for bridges, the three switches, and the identity provider's metadata.

use super::HttpBridge;
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Verdict,
    rfc7591::capabilities::told_by_metadata,
};

const CREATES: Reason = Reason::new("bridge_creates");
const DELETES: Reason = Reason::new("bridge_deletes");
pub(super) const NO_READ: Reason = Reason::new("bridge_no_read");
pub(super) const NO_LIST: Reason = Reason::new("bridge_no_list");
const BY_EVENT: Reason = Reason::new("bridge_by_event");
const EVENTS_OFF: Reason = Reason::new("bridge_events_off");
const NEW_SECRET: Reason = Reason::new("bridge_new_secret");
const REFRESH_OFF: Reason = Reason::new("bridge_refresh_off");
const OLD_ENDS: Reason = Reason::new("bridge_old_ends");
const SEVERAL: Reason = Reason::new("bridge_several");
/// No address can name this client.
pub(super) const NO_PATH: Reason = Reason::new("bridge_no_path");

impl HttpBridge {
    pub(super) fn sheet(&self) -> CapabilitySheet {
        let config = &self.config;
        let update = if config.is_on(HttpBridge::DISABLE_EVENT_HOOKS) {
            (Verdict::No, EVENTS_OFF)
        } else {
            (Verdict::Partly, BY_EVENT)
        };
        let (rotate, overlap) = if config.is_on(HttpBridge::DISABLE_REFRESH_SECRET) {
            ((Verdict::No, REFRESH_OFF), (Verdict::No, REFRESH_OFF))
        } else if config.is_on(HttpBridge::ALLOW_MULTIPLE_CREDENTIALS) {
            ((Verdict::Yes, NEW_SECRET), (Verdict::Partly, SEVERAL))
        } else {
            ((Verdict::Yes, NEW_SECRET), (Verdict::No, OLD_ENDS))
        };
        let lines = [
            (Capability::Register, (Verdict::Yes, CREATES)),
            (Capability::Read, (Verdict::No, NO_READ)),
            (Capability::Update, update),
            (Capability::Rotate, rotate),
            (Capability::RotateOverlap, overlap),
            (Capability::Delete, (Verdict::Yes, DELETES)),
            (Capability::List, (Verdict::No, NO_LIST)),
        ];
        CapabilitySheet {
            lines: lines
                .into_iter()
                .map(|(capability, (verdict, reason))| CapabilityLine {
                    capability,
                    verdict,
                    reason,
                })
                .chain(told_by_metadata(config))
                .collect(),
        }
    }
}
