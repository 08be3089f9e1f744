//! The sheet, from metadata and settings.

use super::Rfc7591;
use crate::{Capability, CapabilityLine, CapabilitySheet, Reason, Verdict};

impl Rfc7591 {
    pub(crate) fn capabilities(&self) -> CapabilitySheet {
        let config = &self.config;
        let line = |capability, (verdict, reason)| CapabilityLine {
            capability,
            verdict,
            reason,
        };
        let metadata = config.metadata.as_ref();
        let register = match (
            config.registration_endpoint().ok().flatten(),
            config.initial_access_token(),
        ) {
            (Some(_), Some(_)) => (Verdict::Yes, Reason::WithInitialToken),
            (Some(_), None) => (Verdict::Yes, Reason::MayNeedInitialToken),
            (None, _) if metadata.is_none() => (Verdict::Unknown, Reason::NotDiscovered),
            (None, _) => (Verdict::No, Reason::EndpointMissing),
        };
        let manage = match register.0 {
            Verdict::Yes => (Verdict::Partly, Reason::PerRegistration),
            _ => register,
        };
        let rotate = match register.0 {
            Verdict::Yes => (Verdict::Partly, Reason::OnUpdateOnly),
            _ => register,
        };
        let grant = |name: &str| match metadata {
            None => (Verdict::Unknown, Reason::NotDiscovered),
            Some(metadata) => match &metadata.grant_types_supported {
                None => (Verdict::Unknown, Reason::GrantsUnlisted),
                Some(grants) if grants.iter().any(|grant| grant == name) => {
                    (Verdict::Yes, Reason::GrantListed)
                }
                Some(_) => (Verdict::No, Reason::GrantNotListed),
            },
        };
        let endpoint = |named: Option<bool>| match named {
            None => (Verdict::Unknown, Reason::NotDiscovered),
            Some(true) => (Verdict::Yes, Reason::EndpointNamed),
            Some(false) => (Verdict::No, Reason::EndpointMissing),
        };
        CapabilitySheet {
            lines: vec![
                line(Capability::Register, register),
                line(Capability::Read, manage),
                line(Capability::Update, manage),
                line(Capability::Rotate, rotate),
                line(Capability::RotateOverlap, (Verdict::No, Reason::OneSecret)),
                line(Capability::Delete, manage),
                line(Capability::ClientCredentials, grant("client_credentials")),
                line(Capability::RefreshToken, grant("refresh_token")),
                line(
                    Capability::Introspection,
                    endpoint(metadata.map(|m| m.introspection_endpoint.is_some())),
                ),
                line(
                    Capability::Revocation,
                    endpoint(metadata.map(|m| m.revocation_endpoint.is_some())),
                ),
                line(
                    Capability::SigningKeys,
                    endpoint(metadata.map(|m| m.jwks_uri.is_some())),
                ),
            ],
        }
    }
}
