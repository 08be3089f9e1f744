//! The sheet, from issuer, settings and metadata.

use keywright_oauth::server_metadata::{INTROSPECTION_ENDPOINT, JWKS_URI, REVOCATION_ENDPOINT};

use super::Okta;
use super::messages::reason;
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Verdict,
    rfc7591::capabilities::{endpoint, told_of_users},
};

/// `POST /oauth2/v1/clients`, with the names of RFC 7591.
const CLIENT_API: Reason = Reason::new(reason::CLIENT_API);
/// Neither an API token nor an admin client is set.
const NO_ADMIN: Reason = Reason::new(reason::NO_ADMIN);
/// A replacement holds all members.
const ALL_MEMBERS: Reason = Reason::new(reason::ALL_MEMBERS);
/// A second secret, or a new one where the org has no list of secrets.
const NEW_SECRET: Reason = Reason::new(reason::NEW_SECRET);
/// At most two secrets live at once: add, prove, end the old one.
const TWO_SECRETS: Reason = Reason::new(reason::TWO_SECRETS);
/// The admin client needs another scope for it.
const TWO_SECRETS_SCOPE: Reason = Reason::new(reason::TWO_SECRETS_SCOPE);
/// The setting says to replace the secret, and Okta does not say that the old one lives on.
const REPLACED: Reason = Reason::new(reason::REPLACED);
/// Deactivated first where the org wants it.
const DEACTIVATED_FIRST: Reason = Reason::new(reason::DEACTIVATED_FIRST);
/// All clients of the org; Okta keeps no mark of ours.
const LISTED: Reason = Reason::new(reason::LISTED);
/// A custom authorization server gives them.
const CUSTOM_SERVER: Reason = Reason::new(reason::CUSTOM_SERVER);
/// The org's own authorization server does not, to a client with a secret.
const ORG_SERVER: Reason = Reason::new(reason::ORG_SERVER);
/// Applications with a user get them, services do not.
const NOT_FOR_SERVICES: Reason = Reason::new(reason::NOT_FOR_SERVICES);

impl Okta {
    pub(crate) fn capabilities(&self) -> CapabilitySheet {
        let by_token = self.api_token().is_some();
        let managed = by_token || self.admin_client().is_some();
        let admin = |verdict, reason| {
            if managed {
                (verdict, reason)
            } else {
                (Verdict::No, NO_ADMIN)
            }
        };
        let overlap = if !self.settings.keeps_previous_secret {
            (Verdict::No, REPLACED)
        } else if by_token {
            (Verdict::Yes, TWO_SECRETS)
        } else {
            (Verdict::Partly, TWO_SECRETS_SCOPE)
        };
        let client_credentials = match self.org() {
            Ok(org) if org.server.is_some() => (Verdict::Yes, CUSTOM_SERVER),
            _ => (Verdict::No, ORG_SERVER),
        };
        let config = &self.config;
        let lines = [
            (Capability::Register, admin(Verdict::Yes, CLIENT_API)),
            (Capability::Read, admin(Verdict::Yes, CLIENT_API)),
            (Capability::Update, admin(Verdict::Partly, ALL_MEMBERS)),
            (Capability::Rotate, admin(Verdict::Yes, NEW_SECRET)),
            (Capability::RotateOverlap, admin(overlap.0, overlap.1)),
            (Capability::Delete, admin(Verdict::Yes, DEACTIVATED_FIRST)),
            (Capability::List, admin(Verdict::Yes, LISTED)),
            (Capability::ClientCredentials, client_credentials),
            (
                Capability::RefreshToken,
                (Verdict::Partly, NOT_FOR_SERVICES),
            ),
            (
                Capability::Introspection,
                endpoint(config, INTROSPECTION_ENDPOINT),
            ),
            (
                Capability::Revocation,
                endpoint(config, REVOCATION_ENDPOINT),
            ),
            (Capability::SigningKeys, endpoint(config, JWKS_URI)),
        ];
        CapabilitySheet {
            lines: lines
                .into_iter()
                .map(|(capability, (verdict, reason))| CapabilityLine {
                    capability,
                    verdict,
                    reason,
                })
                .chain(told_of_users(config))
                .collect(),
        }
    }
}
