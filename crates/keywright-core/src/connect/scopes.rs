//! The scopes that a connection asks for, and who names them.

use keywright_oauth::{
    error_response::Challenge, protected_resource::ProtectedResource,
    server_metadata::ServerMetadata, token::DEVICE_CODE,
};
use keywright_providers::ProviderConfig;

use super::{
    ConnectInput,
    types::{ConnectSheet, ScopeSource},
};
use crate::tokens::{
    CODE_GRANT, REFRESH_GRANT,
    sign_in::scopes::{has_openid, usual},
};

/// The scopes of the user, else of the challenge, else of the resource, else none: a server that names none is not
/// asked for any.
pub(super) fn scopes_of(
    input: &ConnectInput,
    challenge: Option<&Challenge>,
    resource: Option<&ProtectedResource>,
) -> (Vec<String>, ScopeSource) {
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let typed: Vec<String> = input.scopes.iter().flat_map(|text| words(text)).collect();
    if !typed.is_empty() {
        return (typed, ScopeSource::User);
    }
    let challenged = challenge.and_then(|challenge| challenge.scope.as_deref());
    let challenged = challenged.map(words).unwrap_or_default();
    if !challenged.is_empty() {
        return (challenged, ScopeSource::Challenge);
    }
    let listed = resource.and_then(|resource| resource.scopes_supported.clone());
    match listed.filter(|all| !all.is_empty()) {
        Some(listed) => (listed, ScopeSource::Resource),
        None => (Vec::new(), ScopeSource::Nobody),
    }
}

pub(super) fn is_of_user(grant: &str) -> bool {
    grant == CODE_GRANT || grant == DEVICE_CODE
}

/// A user signs in at an OpenID provider, which may grant nothing to a request without `openid`.
pub(super) fn signs_in_with_openid(grant: &str, metadata: &ServerMetadata) -> bool {
    is_of_user(grant) && has_openid(metadata)
}

/// What a sign-in of a new client asks for where nobody names scopes.
pub(super) fn unnamed(sheet: &ConnectSheet, config: &ProviderConfig) -> Vec<String> {
    if !is_of_user(&sheet.grant) || sheet.application.is_some() {
        return Vec::new();
    }
    let server = config.metadata.as_ref();
    let refreshes = server.is_none_or(|one| one.lists_grant(REFRESH_GRANT).unwrap_or(true));
    usual(
        Vec::new(),
        config,
        refreshes,
        None,
        sheet.resource.is_some(),
    )
}
