//! Tokens of an application: one resource, its secret in the form, and patience with a new secret.

use keywright_oauth::{
    authorize::OFFLINE_ACCESS,
    error_response::ErrorResponse,
    token::{TokenError, TokenRequest},
};
use uuid::Uuid;

use super::{Entra, clients::time_of, graph::FRESH_SECS, keys::handle, scope};
use crate::{ProviderError, Registration, TokenWish, WishedGrant, tokens};

/// The application is not known yet; its secret or its certificate is not known yet; nor is it as a resource.
const SETTLING: &[i64] = &[700_016, 7_000_215, 700_027, 500_011];
/// The tenant does not know the application, or has it disabled.
const GONE: &[i64] = &[700_016, 7_000_112];
/// The end of the address that speaks version 1, which wants `resource` instead of a scope.
const VERSION_1: &str = "/oauth2/token";

impl Entra {
    pub(crate) fn token_request(
        &self,
        at: &Registration,
        mut wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        // Entra knows no audience (AADSTS901002): the resource is part of the scope.
        let resource = std::mem::take(&mut wish.resources).into_iter().next();
        let audience = wish.audience.take().or(resource);
        let wished = wish.scopes.take().filter(|scopes| !scopes.is_empty());
        let is_of_user = matches!(wish.grant, WishedGrant::User);
        let scopes = wished.unwrap_or_else(|| match audience {
            Some(resource) => vec![scope::of_resource(&resource)],
            None if is_of_user => self.user_scopes(at),
            None => self.usual_scopes(at),
        });
        wish.scopes = Some(scopes);
        let mut request = tokens::token_request(&self.config, at, wish, flow)?;
        if request.endpoint.path().ends_with(VERSION_1) {
            let resources = request.scopes.drain(..);
            request.extra = resources
                .take(1)
                .map(|scope| ("resource".to_owned(), scope::resource_of(&scope).to_owned()))
                .collect();
        }
        Ok(request)
    }

    /// What a user is asked for: the resource of the client, and who the user is. A client that is its own resource and
    /// has no App ID URI names itself by its identifier (AADSTS90009).
    fn user_scopes(&self, at: &Registration) -> Vec<String> {
        let mut scopes = self.usual_scopes(at);
        if at.granted.token_endpoint_auth_method().as_deref() == Some("none") {
            let own = scope::filled(&scope::of_resource(scope::OWN), &at.client_id);
            for scope in scopes.iter_mut().filter(|one| **one == own) {
                *scope = scope::of_resource(&at.client_id);
            }
        }
        scopes.insert(0, "openid".to_owned());
        let grants = at.granted.grant_types().unwrap_or_default();
        if grants.iter().any(|grant| grant == "refresh_token") {
            scopes.push(OFFLINE_ACCESS.to_owned());
        }
        scopes
    }

    /// The granted scope, or the configuration's where the client was adopted.
    fn usual_scopes(&self, at: &Registration) -> Vec<String> {
        let granted = tokens::granted_scopes(at);
        if granted.is_empty() {
            vec![scope::filled(
                &scope::configured(&self.settings),
                &at.client_id,
            )]
        } else {
            granted
        }
    }
}

/// A new application or secret takes its time to reach the token endpoint.
pub(super) fn may_not_have_propagated(error: &TokenError, at: &Registration, now: i64) -> bool {
    let TokenError::Refused { words, .. } = error else {
        return false;
    };
    let newest = [handle::SECRET_SINCE, handle::CREATED_AT]
        .into_iter()
        .filter_map(|name| time_of(&at.handles, name))
        .max();
    let is_new = newest.is_some_and(|since| now.saturating_sub(since) <= FRESH_SECS);
    is_new && codes(words).iter().any(|code| SETTLING.contains(code))
}

/// The application is not in the tenant, or is switched off there.
pub(super) fn is_unknown_application(error: &TokenError) -> bool {
    matches!(error, TokenError::Refused { words, .. }
        if codes(words).iter().any(|code| GONE.contains(code)))
}

/// The numbers of a refusal. They have a member of their own; the oldest answers have them in the text
/// alone.
pub(super) fn codes(words: &ErrorResponse) -> Vec<i64> {
    if !words.codes.is_empty() {
        return words.codes.clone();
    }
    words
        .description
        .as_deref()
        .and_then(|text| text.split_once("AADSTS"))
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect())
        .and_then(|digits: String| digits.parse().ok())
        .into_iter()
        .collect()
}
