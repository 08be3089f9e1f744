//! The sheet, from metadata and settings.

use keywright_oauth::server_metadata::REGISTRATION_ENDPOINT;

use super::{Curity, admission::OpenedBy};
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Verdict,
    rfc7591::capabilities::{endpoint, told_by_metadata},
};

impl Curity {
    pub(super) fn sheet(&self) -> CapabilitySheet {
        let line = |capability, (verdict, reason)| CapabilityLine {
            capability,
            verdict,
            reason,
        };
        let partly = |reason| (Verdict::Partly, reason);
        let overlap = match self.overlap_secs() {
            Some(_) => (Verdict::Partly, Reason::new("curity_old_secret_stays")),
            None => (Verdict::No, Reason::new("curity_old_secret_ends")),
        };
        CapabilitySheet {
            lines: [
                line(Capability::Register, self.registers()),
                line(Capability::Read, partly(Reason::new("curity_read_rotates"))),
                line(
                    Capability::Update,
                    partly(Reason::new("curity_update_rotates")),
                ),
                line(
                    Capability::Rotate,
                    partly(Reason::new("curity_rotated_by_read")),
                ),
                line(Capability::RotateOverlap, overlap),
                line(
                    Capability::Delete,
                    partly(Reason::new("curity_delete_by_token")),
                ),
                line(Capability::List, (Verdict::No, Reason::NO_LIST)),
            ]
            .into_iter()
            .chain(told_by_metadata(&self.config))
            .collect(),
        }
    }

    fn registers(&self) -> (Verdict, Reason) {
        let yes = |reason| (Verdict::Yes, reason);
        let no = |reason| (Verdict::No, reason);
        if self.config.registration_endpoint().ok().flatten().is_none() {
            return endpoint(&self.config, REGISTRATION_ENDPOINT);
        }
        if self.is_templatized() && self.config.setting(Self::SOFTWARE_ID).is_none() {
            return no(Reason::new("curity_template_missing"));
        }
        match self.opened_by() {
            OpenedBy::AdminClient if self.config.admin_client().is_none() => {
                no(Reason::new("curity_admin_client_missing"))
            }
            OpenedBy::InitialAccessToken if self.config.initial_access_token().is_none() => {
                no(Reason::new("curity_initial_token_missing"))
            }
            OpenedBy::InitialAccessToken => {
                (Verdict::Partly, Reason::new("curity_one_registration"))
            }
            _ if self.is_templatized() => yes(Reason::new("curity_from_template")),
            OpenedBy::AdminClient => yes(Reason::new("curity_fresh_token")),
            OpenedBy::Nothing => yes(Reason::new("curity_open")),
        }
    }
}
