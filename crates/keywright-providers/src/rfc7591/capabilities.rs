//! The sheet, from metadata and settings.

use keywright_oauth::{
    device::DEVICE_AUTHORIZATION_ENDPOINT,
    server_metadata::{
        AUTHORIZATION_ENDPOINT, INTROSPECTION_ENDPOINT, JWKS_URI, REGISTRATION_ENDPOINT,
        REVOCATION_ENDPOINT, ServerMetadata,
    },
    token::DEVICE_CODE,
    userinfo::{END_SESSION_ENDPOINT, USERINFO_ENDPOINT},
};

use super::{Rfc7591, clients::is_by_administrator};
use crate::{
    Capability, CapabilityLine, CapabilitySheet, OtherGrants, ProviderConfig, Reason, Verdict,
    grants::lists_client_credentials,
};

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
            (Some(_), Some(_)) => (Verdict::Yes, Reason::WITH_INITIAL_TOKEN),
            (Some(_), None) => (Verdict::Yes, Reason::MAY_NEED_INITIAL_TOKEN),
            (None, _) if metadata.is_none() => (Verdict::Unknown, Reason::NOT_DISCOVERED),
            (None, _) => endpoint(config, REGISTRATION_ENDPOINT),
        };
        let by_administrator = match config.initial_access_token() {
            _ if !is_by_administrator(config) => None,
            Some(_) => Some((Verdict::Yes, Reason::BY_ADMINISTRATOR)),
            None => Some((Verdict::Partly, Reason::ADMINISTRATOR_NOT_SET)),
        };
        let manage = match register.0 {
            Verdict::Yes => by_administrator.unwrap_or((Verdict::Partly, Reason::PER_REGISTRATION)),
            _ => register.clone(),
        };
        let rotate = match register.0 {
            Verdict::Yes => (Verdict::Partly, Reason::ON_UPDATE_ONLY),
            _ => register.clone(),
        };
        CapabilitySheet {
            lines: [
                line(Capability::Register, register),
                line(Capability::Read, manage.clone()),
                line(Capability::Update, manage.clone()),
                line(Capability::Rotate, rotate),
                line(Capability::RotateOverlap, (Verdict::No, Reason::ONE_SECRET)),
                line(Capability::Delete, manage),
                line(Capability::List, (Verdict::No, Reason::NO_LIST)),
            ]
            .into_iter()
            .chain(told_by_metadata(config))
            .collect(),
        }
    }
}

/// What the metadata says of a grant.
pub(crate) fn grant(metadata: Option<&ServerMetadata>, name: &str) -> (Verdict, Reason) {
    let Some(metadata) = metadata else {
        return (Verdict::Unknown, Reason::NOT_DISCOVERED);
    };
    match &metadata.grant_types_supported {
        None => (Verdict::Unknown, Reason::GRANTS_UNLISTED),
        Some(grants) if grants.is_empty() => (Verdict::Unknown, Reason::GRANTS_UNLISTED),
        Some(_) if name == "client_credentials" && lists_client_credentials(metadata) => {
            (Verdict::Yes, Reason::GRANT_LISTED)
        }
        Some(_) if metadata.lists_grant(name) == Some(true) => (Verdict::Yes, Reason::GRANT_LISTED),
        Some(_) => (Verdict::No, Reason::GRANT_NOT_LISTED),
    }
}

/// What it means that the metadata or the configuration names an endpoint, that the metadata has something else in its
/// place, or that neither has it.
pub(crate) fn endpoint(config: &ProviderConfig, name: &'static str) -> (Verdict, Reason) {
    if config.endpoint(name).is_ok_and(|url| url.is_some()) {
        return (Verdict::Yes, Reason::ENDPOINT_NAMED);
    }
    let Some(metadata) = &config.metadata else {
        return (Verdict::Unknown, Reason::NOT_DISCOVERED);
    };
    let reason = metadata
        .unreadable_endpoint(name)
        .map_or(Reason::ENDPOINT_MISSING, |text| {
            Reason::endpoint_unreadable(name, &text)
        });
    (Verdict::No, reason)
}

/// What metadata and typed endpoints say of tokens: grants, introspection, revocation, key set.
pub(crate) fn told_by_metadata(config: &ProviderConfig) -> Vec<CapabilityLine> {
    let metadata = config.metadata.as_ref();
    let line = |capability, (verdict, reason)| CapabilityLine {
        capability,
        verdict,
        reason,
    };
    let [code, device, userinfo, sign_out] = told_of_users(config);
    vec![
        line(
            Capability::ClientCredentials,
            match OtherGrants::of(metadata) {
                Some(other) if other.login_only => (Verdict::No, Reason::LOGIN_ONLY),
                _ => grant(metadata, "client_credentials"),
            },
        ),
        code,
        device,
        line(Capability::RefreshToken, grant(metadata, "refresh_token")),
        line(
            Capability::Introspection,
            endpoint(config, INTROSPECTION_ENDPOINT),
        ),
        line(
            Capability::Revocation,
            endpoint(config, REVOCATION_ENDPOINT),
        ),
        line(Capability::SigningKeys, endpoint(config, JWKS_URI)),
        userinfo,
        sign_out,
    ]
}

/// What metadata and typed endpoints say of users: sign-in in a browser or on another device, userinfo, sign-out.
pub(crate) fn told_of_users(config: &ProviderConfig) -> [CapabilityLine; 4] {
    let metadata = config.metadata.as_ref();
    let line = |capability, (verdict, reason)| CapabilityLine {
        capability,
        verdict,
        reason,
    };
    let named = |name: &'static str| {
        let present = config.endpoint(name).is_ok_and(|url| url.is_some());
        match (metadata, present) {
            (_, true) => (Verdict::Yes, Reason::ENDPOINT_NAMED),
            (None, false) => (Verdict::Unknown, Reason::NOT_DISCOVERED),
            (Some(_), false) => (Verdict::No, Reason::ENDPOINT_MISSING),
        }
    };
    let code = match (
        named(AUTHORIZATION_ENDPOINT),
        grant(metadata, "authorization_code"),
    ) {
        ((Verdict::Yes, _), unlisted @ (Verdict::No, _)) => unlisted,
        ((Verdict::Yes, _), _) if metadata.is_some_and(|one| !one.lists_s256()) => {
            (Verdict::Partly, Reason::WITHOUT_S256)
        }
        (endpoint, _) => endpoint,
    };
    let device = match (
        named(DEVICE_AUTHORIZATION_ENDPOINT),
        grant(metadata, DEVICE_CODE),
    ) {
        ((Verdict::Yes, _), (Verdict::No, _)) => (Verdict::Partly, Reason::NAMED_NOT_LISTED),
        (endpoint, _) => endpoint,
    };
    [
        line(Capability::AuthorizationCode, code),
        line(Capability::DeviceAuthorization, device),
        line(Capability::Userinfo, named(USERINFO_ENDPOINT)),
        line(Capability::SignOut, named(END_SESSION_ENDPOINT)),
    ]
}
