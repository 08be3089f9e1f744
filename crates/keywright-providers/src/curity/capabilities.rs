//! The sheet, from metadata and settings.

use super::{Curity, admission::OpenedBy};
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Verdict,
    rfc7591::capabilities::told_by_metadata,
};

impl Curity {
    pub(super) fn sheet(&self) -> CapabilitySheet {
        let line = |capability, (verdict, reason)| CapabilityLine {
            capability,
            verdict,
            reason,
        };
        let partly = |key| (Verdict::Partly, Reason::new(key));
        let overlap = match self.overlap_secs() {
            Some(_) => (Verdict::Partly, Reason::new("curity_old_secret_stays")),
            None => (Verdict::No, Reason::new("curity_old_secret_ends")),
        };
        CapabilitySheet {
            lines: [
                line(Capability::Register, self.registers()),
                line(Capability::Read, partly("curity_read_rotates")),
                line(Capability::Update, partly("curity_update_rotates")),
                line(Capability::Rotate, partly("curity_rotated_by_read")),
                line(Capability::RotateOverlap, overlap),
                line(Capability::Delete, partly("curity_delete_by_token")),
                line(Capability::List, (Verdict::No, Reason::NO_LIST)),
            ]
            .into_iter()
            .chain(told_by_metadata(self.config.metadata.as_ref()))
            .collect(),
        }
    }

    fn registers(&self) -> (Verdict, Reason) {
        let yes = |key| (Verdict::Yes, Reason::new(key));
        let no = |key| (Verdict::No, Reason::new(key));
        if self.config.registration_endpoint().ok().flatten().is_none() {
            return match &self.config.metadata {
                None => (Verdict::Unknown, Reason::NOT_DISCOVERED),
                Some(_) => (Verdict::No, Reason::ENDPOINT_MISSING),
            };
        }
        if self.is_templatized() && self.config.setting(Self::SOFTWARE_ID).is_none() {
            return no("curity_template_missing");
        }
        match self.opened_by() {
            OpenedBy::AdminClient if self.config.admin_client().is_none() => {
                no("curity_admin_client_missing")
            }
            OpenedBy::InitialAccessToken if self.config.initial_access_token().is_none() => {
                no("curity_initial_token_missing")
            }
            OpenedBy::InitialAccessToken => {
                (Verdict::Partly, Reason::new("curity_one_registration"))
            }
            _ if self.is_templatized() => yes("curity_from_template"),
            OpenedBy::AdminClient => yes("curity_fresh_token"),
            OpenedBy::Nothing => yes("curity_open"),
        }
    }
}
