//! The sheet, from metadata and settings.

use keywright_oauth::server_metadata::REGISTRATION_ENDPOINT;

use super::messages::reason;
use super::{Curity, settings::OpenedBy};
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Verdict,
    rfc7591::capabilities::{endpoint, told_by_metadata},
};

impl Curity {
    pub(crate) fn capabilities(&self) -> CapabilitySheet {
        let line = |capability, (verdict, reason)| CapabilityLine {
            capability,
            verdict,
            reason,
        };
        let partly = |reason| (Verdict::Partly, reason);
        let overlap = match self.overlap_secs() {
            Some(_) => (Verdict::Partly, Reason::new(reason::OLD_SECRET_STAYS)),
            None => (Verdict::No, Reason::new(reason::OLD_SECRET_ENDS)),
        };
        CapabilitySheet {
            lines: [
                line(Capability::Register, self.registers()),
                line(Capability::Read, partly(Reason::new(reason::READ_ROTATES))),
                line(
                    Capability::Update,
                    partly(Reason::new(reason::UPDATE_ROTATES)),
                ),
                line(
                    Capability::Rotate,
                    partly(Reason::new(reason::ROTATED_BY_READ)),
                ),
                line(Capability::RotateOverlap, overlap),
                line(
                    Capability::Delete,
                    partly(Reason::new(reason::DELETE_BY_TOKEN)),
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
        if self.settings.is_templatized && self.settings.software_id.is_none() {
            return no(Reason::new(reason::TEMPLATE_MISSING));
        }
        match self.settings.opened_by {
            OpenedBy::AdminClient if self.config.admin_client().is_none() => {
                no(Reason::new(reason::ADMIN_CLIENT_MISSING))
            }
            OpenedBy::InitialAccessToken if self.config.initial_access_token().is_none() => {
                no(Reason::new(reason::INITIAL_TOKEN_MISSING))
            }
            OpenedBy::InitialAccessToken => {
                (Verdict::Partly, Reason::new(reason::ONE_REGISTRATION))
            }
            _ if self.settings.is_templatized => yes(Reason::new(reason::FROM_TEMPLATE)),
            OpenedBy::AdminClient => yes(Reason::new(reason::FRESH_TOKEN)),
            OpenedBy::Nothing => yes(Reason::new(reason::OPEN)),
        }
    }
}
