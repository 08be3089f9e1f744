//! The sheet: what Auth0 does by the Management API, and what open registration leaves of it.

use keywright_oauth::server_metadata::JWKS_URI;

use super::{Auth0, clients::has_secret};
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Registration, Verdict,
    rfc7591::capabilities::{endpoint, told_of_users},
};

const NO_SECRET: Reason = Reason::new("auth0_no_secret");
const OPEN_ALONE: Reason = Reason::new("auth0_open_no_client_credentials");

impl Auth0 {
    pub(super) fn sheet(&self) -> CapabilitySheet {
        let has_api = self.config.setting(Self::AUDIENCE).is_some();
        let yes = |reason| (Verdict::Yes, reason);
        let (register, alone) = match (self.is_open(), has_api) {
            (true, _) => (
                (Verdict::Partly, Reason::new("auth0_register_open")),
                (Verdict::No, OPEN_ALONE),
            ),
            (false, true) => (
                yes(Reason::new("auth0_register_with_grant")),
                yes(Reason::new("auth0_client_credentials")),
            ),
            (false, false) => (
                yes(Reason::new("auth0_register_client_alone")),
                (
                    Verdict::Partly,
                    Reason::new("auth0_client_credentials_no_api"),
                ),
            ),
        };
        let keys = endpoint(&self.config, JWKS_URI);
        let lines = [
            (Capability::Register, register),
            (Capability::Read, yes(Reason::new("auth0_read"))),
            (Capability::Update, yes(Reason::new("auth0_update"))),
            (Capability::Rotate, yes(Reason::new("auth0_rotate"))),
            (
                Capability::RotateOverlap,
                (Verdict::Partly, Reason::new("auth0_short_overlap")),
            ),
            (Capability::Delete, yes(Reason::new("auth0_delete"))),
            (Capability::List, yes(Reason::new("auth0_list"))),
            (Capability::ClientCredentials, alone),
            (
                Capability::RefreshToken,
                (Verdict::Partly, Reason::new("auth0_refresh")),
            ),
            (
                Capability::Introspection,
                (Verdict::No, Reason::new("auth0_no_introspection")),
            ),
            (
                Capability::Revocation,
                (Verdict::Partly, Reason::new("auth0_revocation")),
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
    pub(super) fn can_with(&self, capability: Capability, at: &Registration) -> Result<(), Reason> {
        match capability {
            Capability::Rotate if !has_secret(&at.granted) => Err(NO_SECRET),
            Capability::ClientCredentials => match at.granted.grant_types() {
                Some(grants) if grants.iter().any(|grant| grant == "client_credentials") => Ok(()),
                None if !self.is_open() => Ok(()),
                None => Err(OPEN_ALONE),
                Some(_) => Err(Reason::new("auth0_grant_not_given")),
            },
            _ => match self.sheet().line(capability) {
                Some(line) if line.verdict == Verdict::No => Err(line.reason.clone()),
                _ => Ok(()),
            },
        }
    }
}
