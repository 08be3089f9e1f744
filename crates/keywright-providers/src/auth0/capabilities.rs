//! The sheet: what Auth0 does by the Management API, and what open registration leaves of it.

use keywright_oauth::server_metadata::JWKS_URI;

use super::messages::reason;
use super::{Auth0, clients::has_secret};
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Registration, Verdict,
    rfc7591::capabilities::{endpoint, told_of_users},
};

const NO_SECRET: Reason = Reason::new(reason::NO_SECRET);
const OPEN_ALONE: Reason = Reason::new(reason::OPEN_NO_CLIENT_CREDENTIALS);

impl Auth0 {
    pub(crate) fn capabilities(&self) -> CapabilitySheet {
        let has_api = self.settings.audience.is_some();
        let yes = |reason| (Verdict::Yes, reason);
        let (register, alone) = match (self.settings.is_open, has_api) {
            (true, _) => (
                (Verdict::Partly, Reason::new(reason::REGISTER_OPEN)),
                (Verdict::No, OPEN_ALONE),
            ),
            (false, true) => (
                yes(Reason::new(reason::REGISTER_WITH_GRANT)),
                yes(Reason::new(reason::CLIENT_CREDENTIALS)),
            ),
            (false, false) => (
                yes(Reason::new(reason::REGISTER_CLIENT_ALONE)),
                (
                    Verdict::Partly,
                    Reason::new(reason::CLIENT_CREDENTIALS_NO_API),
                ),
            ),
        };
        let keys = endpoint(&self.config, JWKS_URI);
        let lines = [
            (Capability::Register, register),
            (Capability::Read, yes(Reason::new(reason::READ))),
            (Capability::Update, yes(Reason::new(reason::UPDATE))),
            (Capability::Rotate, yes(Reason::new(reason::ROTATE))),
            (
                Capability::RotateOverlap,
                (Verdict::Partly, Reason::new(reason::SHORT_OVERLAP)),
            ),
            (Capability::Delete, yes(Reason::new(reason::DELETE))),
            (Capability::List, yes(Reason::new(reason::LIST))),
            (Capability::ClientCredentials, alone),
            (
                Capability::RefreshToken,
                (Verdict::Partly, Reason::new(reason::REFRESH)),
            ),
            (
                Capability::Introspection,
                (Verdict::No, Reason::new(reason::NO_INTROSPECTION)),
            ),
            (
                Capability::Revocation,
                (Verdict::Partly, Reason::new(reason::REVOCATION)),
            ),
            (Capability::SigningKeys, keys),
        ];
        let line = |(capability, (verdict, reason))| CapabilityLine {
            capability,
            verdict,
            reason,
        };
        CapabilitySheet {
            lines: lines
                .into_iter()
                .map(line)
                .chain(told_of_users(&self.config))
                .collect(),
        }
    }

    /// A client may differ from what new ones get: one that proves itself by a key has no secret, and a
    /// tenant in permissive mode lets open registration have client credentials.
    pub(crate) fn can(&self, capability: Capability, at: &Registration) -> Result<(), Reason> {
        match capability {
            Capability::Rotate if !has_secret(&at.granted) => Err(NO_SECRET),
            Capability::ClientCredentials => match at.granted.grant_types() {
                Some(grants) if grants.iter().any(|grant| grant == "client_credentials") => Ok(()),
                None if !self.settings.is_open => Ok(()),
                None => Err(OPEN_ALONE),
                Some(_) => Err(Reason::new(reason::GRANT_NOT_GIVEN)),
            },
            _ => self.capabilities().allows(capability),
        }
    }
}
