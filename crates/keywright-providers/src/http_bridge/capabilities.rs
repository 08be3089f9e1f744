//! The sheet: Kong's contract for bridges, the three switches, and the identity provider's metadata.

use super::HttpBridge;
use super::messages::reason;
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Verdict,
    rfc7591::capabilities::told_by_metadata,
};

const CREATES: Reason = Reason::new(reason::CREATES);
const DELETES: Reason = Reason::new(reason::DELETES);
/// The protocol has no request that reads a client.
pub(crate) const NO_READ: Reason = Reason::new(reason::NO_READ);
/// The protocol has no request that lists clients.
pub(crate) const NO_LIST: Reason = Reason::new(reason::NO_LIST);
const BY_EVENT: Reason = Reason::new(reason::BY_EVENT);
const EVENTS_OFF: Reason = Reason::new(reason::EVENTS_OFF);
const NEW_SECRET: Reason = Reason::new(reason::NEW_SECRET);
const REFRESH_OFF: Reason = Reason::new(reason::REFRESH_OFF);
const OLD_ENDS: Reason = Reason::new(reason::OLD_ENDS);
const SEVERAL: Reason = Reason::new(reason::SEVERAL);
/// No address can name this client.
pub(super) const NO_PATH: Reason = Reason::new(reason::NO_PATH);

impl HttpBridge {
    pub(crate) fn capabilities(&self) -> CapabilitySheet {
        let settings = &self.settings;
        let update = if settings.has_event_hooks {
            (Verdict::Partly, BY_EVENT)
        } else {
            (Verdict::No, EVENTS_OFF)
        };
        let (rotate, overlap) = if !settings.refreshes_secrets {
            ((Verdict::No, REFRESH_OFF), (Verdict::No, REFRESH_OFF))
        } else if settings.keeps_several_credentials {
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
                .chain(told_by_metadata(&self.config))
                .collect(),
        }
    }
}
