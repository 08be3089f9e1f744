//! A registration whose request a server refuses for what Keywright chose, not the user: the next one is sent without
//! it or with what the server names. A refused registration created nothing (RFC 7591 §3.2.2).

use keywright_oauth::{refusal::RefusedMembers, register::RegistrationError, words::ErrorResponse};
use keywright_providers::ProviderError;

use super::Connect;
use crate::{
    CoreError,
    registration::types::{Draft, Registered},
    tokens::{CLIENT_GRANT, REFRESH_GRANT},
};

/// Requests of one registration, the first one included.
const MOST: usize = 4;
/// Methods that need nothing but what the registration answers, the one that needs least first (RFC 8252 §8.4).
const METHODS: [&str; 3] = ["none", "client_secret_post", "client_secret_basic"];

impl Connect<'_> {
    /// Registers, and again in another way where the refusal names what Keywright chose. What the first refusal says
    /// is reported where all are refused.
    pub(super) async fn register(self, draft: Draft) -> Result<Registered, CoreError> {
        let registration = self.app.registration();
        let mut tried = vec![draft.clone()];
        let first = match registration.register(draft).await {
            Ok(registered) => return Ok(registered),
            Err(error) => error,
        };
        let mut next = after(&tried, &first);
        while let Some(draft) = next.filter(|_| tried.len() < MOST) {
            tried.push(draft.clone());
            match registration.register(draft).await {
                Ok(registered) => return Ok(registered),
                // A client may be there.
                Err(error) if refusal(&error).is_none() => return Err(error),
                Err(error) => next = after(&tried, &error),
            }
        }
        Err(first)
    }
}

/// The draft to send after the last of these was refused; none where nothing is left that may have been meant.
fn after(tried: &[Draft], error: &CoreError) -> Option<Draft> {
    let (words, about) = refusal(error)?;
    let last = tried.last()?;
    let said = words.description.as_deref().unwrap_or_default();
    // Keycloak refuses a scope by its policies with 403; every other 403 is about who may register.
    if words.status == 403 && !about.scope {
        return None;
    }
    let mut ways = Vec::new();
    if about.auth_method {
        ways.extend(methods(last, said).map(|method| Draft {
            token_endpoint_auth_method: Some(method.to_owned()),
            ..last.clone()
        }));
    }
    if about.grants {
        let mut next = last.clone();
        match next.grant_types.iter().position(|one| one == REFRESH_GRANT) {
            Some(at) => drop(next.grant_types.remove(at)),
            None => next.grant_types.push(REFRESH_GRANT.to_owned()),
        }
        ways.push(next);
    }
    if about.scope || says_nothing(words) {
        // The sign-in asks for them all the same.
        ways.push(Draft {
            scopes: Vec::new(),
            ..last.clone()
        });
    }
    if about.redirect_uris {
        // RFC 8252 §8.3 advises against the name, and some servers know no other.
        let named = last.redirect_uris.iter();
        let named = named.map(|uri| uri.replacen("//127.0.0.1", "//localhost", 1));
        ways.push(Draft {
            redirect_uris: named.collect(),
            ..last.clone()
        });
    }
    ways.into_iter().find(|way| !tried.contains(way))
}

/// The methods that the refusal names, but for the one that was sent.
fn methods(sent: &Draft, said: &str) -> impl Iterator<Item = &'static str> {
    let sent_method = sent.token_endpoint_auth_method.as_deref();
    let sent_method = sent_method.unwrap_or("client_secret_basic").to_owned();
    let is_of_client = sent.grant_types.iter().any(|grant| grant == CLIENT_GRANT);
    let words: Vec<String> = said
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .map(str::to_ascii_lowercase)
        .collect();
    METHODS.into_iter().filter(move |method| {
        *method != sent_method
            && !(is_of_client && *method == "none")
            && words.iter().any(|word| word == method)
    })
}

fn refusal(error: &CoreError) -> Option<(&ErrorResponse, RefusedMembers)> {
    match error {
        CoreError::Provider {
            source: ProviderError::Registration(RegistrationError::Refused { words, about, .. }),
            ..
        } if matches!(words.status, 400 | 403 | 422) => Some((words, *about)),
        _ => None,
    }
}

/// An error code of RFC 7591 §3.2.2 alone.
fn says_nothing(words: &ErrorResponse) -> bool {
    words.description.is_none() && words.error.as_deref() == Some("invalid_client_metadata")
}
