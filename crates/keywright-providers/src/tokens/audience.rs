//! Whom the assertions of a client are for, and the audiences that are tried after a refusal.

use keywright_oauth::token::{ClientAuth, TokenRequest};
use url::Url;

use crate::{ProviderConfig, ProviderKind, common_settings::AssertionAudience};

/// Learned: the audience of assertions.
const LEARNED_AUDIENCE: &str = "assertion_audience";
/// Learned: the audience of assertions at the other endpoints, which may want another one.
const LEARNED_ENDPOINT_AUDIENCE: &str = "endpoint_audience";

/// Whom assertions are made for: as the user chose, as the server was seen to want it, or as the vendor has it. Okta
/// takes the endpoint alone that is asked, Entra its token endpoint.
pub(super) fn audience_kind(config: &ProviderConfig) -> AssertionAudience {
    let usual = match config.kind {
        ProviderKind::Okta => AssertionAudience::Endpoint,
        ProviderKind::Entra => AssertionAudience::TokenEndpoint,
        _ => AssertionAudience::Issuer,
    };
    let chosen = config.chosen_assertion_audience();
    chosen
        .or_else(|| AssertionAudience::of(config.learned(LEARNED_AUDIENCE)?))
        .unwrap_or(usual)
}

pub(super) fn issuer(config: &ProviderConfig) -> String {
    let named = config.metadata.as_ref().map(|one| one.issuer.clone());
    named.unwrap_or_else(|| config.issuer.clone())
}

/// The other audience for a client whose assertion was refused, and the setting that remembers it: servers take the
/// issuer (RFC 7523bis, FAPI 2.0), the token endpoint (OpenID Connect Core §9), or both. None where the user chose one.
pub fn other_audience(
    config: &ProviderConfig,
    request: &TokenRequest,
) -> Option<(String, (String, String))> {
    if !request.client_auth.is_assertion() || config.chosen_assertion_audience().is_some() {
        return None;
    }
    let (other, kind) = match audience_kind(config) {
        AssertionAudience::Issuer => (
            request.endpoint.to_string(),
            AssertionAudience::TokenEndpoint,
        ),
        _ => (issuer(config), AssertionAudience::Issuer),
    };
    let is_new = other != request.assertion.audience;
    is_new.then(|| (other, kind.remembered_as(LEARNED_AUDIENCE)))
}

/// An audience of assertions, and the setting that remembers it.
pub type RememberedAudience = (String, (String, String));

/// The audiences of assertions for an endpoint other than the token endpoint, the usual one first: Okta takes the
/// endpoint that is asked, RFC 7523 §3 suggests the token endpoint, and RFC 9126 §2 has a server take each of the three.
/// Empty where the client sends no assertion; one alone where the user chose it.
pub fn audiences_at(
    config: &ProviderConfig,
    client_auth: ClientAuth,
    endpoint: &Url,
) -> Vec<RememberedAudience> {
    if !client_auth.is_assertion() {
        return Vec::new();
    }
    let chosen = config.chosen_assertion_audience();
    let usual = chosen
        .or_else(|| AssertionAudience::of(config.learned(LEARNED_ENDPOINT_AUDIENCE)?))
        .unwrap_or_else(|| audience_kind(config));
    let others = [
        AssertionAudience::TokenEndpoint,
        AssertionAudience::Endpoint,
        AssertionAudience::Issuer,
    ];
    let others = others.into_iter().filter(|_| chosen.is_none());
    let mut all: Vec<RememberedAudience> = Vec::new();
    for kind in [usual].into_iter().chain(others) {
        let audience = match kind {
            AssertionAudience::Endpoint => endpoint.to_string(),
            AssertionAudience::TokenEndpoint => match config.token_endpoint() {
                Ok(Some(endpoint)) => endpoint.to_string(),
                _ => continue,
            },
            AssertionAudience::Issuer => issuer(config),
        };
        if all.iter().all(|(known, _)| *known != audience) {
            all.push((audience, kind.remembered_as(LEARNED_ENDPOINT_AUDIENCE)));
        }
    }
    all
}
