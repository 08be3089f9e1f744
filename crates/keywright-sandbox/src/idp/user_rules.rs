//! How a provider signs users in, where it differs from the plain one.

use super::form::Form;
use super::token::asked_of_user;
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::store::Client;

/// What a user is asked to allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserScope {
    pub(crate) scope: Vec<String>,
    /// The API that the token is for, where it is not always the same.
    pub(crate) audience: Option<String>,
}

/// A refusal that goes to the redirect URI of the client: `error` and `error_description`.
pub(crate) type Refused = (&'static str, &'static str);

/// What becomes of a refresh token when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshRule {
    /// None is given.
    Never,
    /// It ends, and another one takes its place (RFC 9700 section 4.14.2).
    Rotates,
    /// It goes on, and no other one is given.
    Stays,
    /// It goes on next to a new one.
    Adds,
}

/// How a provider lets users enter the code of a device (RFC 8628).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeviceRules {
    /// Last segment of the address at which a code is entered.
    pub(crate) page: &'static str,
    /// Lifetime of the codes in seconds.
    pub(crate) lifetime_secs: i64,
    /// A code is shown in two halves.
    pub(crate) is_split: bool,
    /// The answer has `verification_uri_complete`.
    pub(crate) names_complete: bool,
    /// A device learns once that its code has expired; afterwards the code is unknown.
    pub(crate) expires_once: bool,
}

impl DeviceRules {
    /// Those of the plain provider.
    pub(crate) const PLAIN: Self = Self {
        page: "device",
        lifetime_secs: 600,
        is_split: true,
        names_complete: true,
        expires_once: false,
    };
}

/// Scopes and resources of the plain provider.
pub(super) fn plain_scope(
    shared: &Shared,
    personality: Personality,
    client: &Client,
    form: &Form,
) -> Result<UserScope, Refused> {
    let scope = asked_of_user(client, form.get("scope"))
        .map_err(|_only_invalid_scope| ("invalid_scope", "The scope is not known"))?;
    let is_api = |resource: &String| *resource == personality.api_url(shared);
    if !form.resources().iter().all(is_api) {
        return Err(("invalid_target", "resource is not the example API"));
    }
    Ok(UserScope {
        scope,
        audience: None,
    })
}

/// The words of `scope`, each once.
pub(crate) fn words(form: &Form) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in form.get("scope").unwrap_or_default().split(' ') {
        if !word.is_empty() && !words.iter().any(|one| one == word) {
            words.push(word.to_owned());
        }
    }
    words
}
