//! A registration whose request a server refuses for what was chosen here, not by the user: the next one is sent
//! without it or with what the server names. A refused registration created nothing (RFC 7591 §3.2.2).

use std::collections::BTreeMap;

use keywright_oauth::{
    client_key::ClientKey, error_response::ErrorResponse, refusal::RefusedMembers,
    register::RegistrationError,
};
use keywright_providers::{ProviderError, settings::ADAPTED};
use keywright_vault::ConfigurationRow;

use crate::{
    CoreError, ProviderLabel,
    error::provider_label::ScopeAdvice,
    i18n::key::Key,
    registration::{
        Registrar,
        defaults::{Chosen, Filled, GRANTS_MEMBER},
        types::{Draft, Registered},
    },
    shell_words::quoted,
    tokens::{CLIENT_GRANT, CODE_GRANT, REFRESH_GRANT},
};

/// Drafts of one registration, the first one included.
const MOST: usize = 4;
/// Methods that need nothing but what the registration answers, the one that needs least first (RFC 8252 §8.4).
const METHODS: [&str; 3] = ["none", "client_secret_post", "client_secret_basic"];

/// A draft, and what of it was chosen here.
type Choice = (Draft, Chosen);

impl Registrar<'_> {
    /// Registers, and again in another way where the refusal names what was chosen here. What the first refusal says
    /// is reported where all are refused.
    pub(crate) async fn register_filled(
        self,
        row: &ConfigurationRow,
        filled: Filled,
        key: Option<ClientKey>,
    ) -> Result<Registered, CoreError> {
        let Filled {
            draft,
            chosen,
            mut because,
        } = filled;
        let mut tried = vec![(draft.clone(), chosen)];
        let first = match Box::pin(self.register_draft(draft, key.clone())).await {
            Ok(registered) => return Ok(self.noted(row, registered, because)),
            Err(error) => error,
        };
        let mut next = self.after(row, &tried, &first)?;
        while let Some(choice) = next.take().filter(|_| tried.len() < MOST) {
            let is_switched = is_for_users(&choice) && !tried.iter().any(is_for_users);
            if is_switched {
                because = Some(Key::RegisterForUsersRefused);
            }
            tried.push(choice.clone());
            match Box::pin(self.register_draft(choice.0, key.clone())).await {
                Ok(registered) => {
                    if because == Some(Key::RegisterForUsersRefused) {
                        self.remember_for_users(row);
                    }
                    return Ok(self.noted(row, registered, because));
                }
                // A client may be there.
                Err(error) if refusal(&error).is_none() => return Err(error),
                Err(error) => next = self.after(row, &tried, &error)?,
            }
        }
        let given = tried.first().filter(|_| key.is_none());
        Err(match given {
            Some(given) => self.with_scopes(row, given, because, first),
            None => first,
        })
    }

    /// A refusal of scopes that the user gave, with the scopes that the server lists and a registration without the
    /// others.
    fn with_scopes(
        self,
        row: &ConfigurationRow,
        (draft, chosen): &Choice,
        because: Option<Key>,
        error: CoreError,
    ) -> CoreError {
        let is_about_scopes = refusal(&error).is_some_and(|(words, about)| {
            about.scope || words.oauth_code() == Some("invalid_scope")
        });
        let CoreError::Provider { who, doing, source } = error else {
            return error;
        };
        let is_whole = !draft.scopes.is_empty() && draft.metadata_json.is_none();
        let scopes = (is_about_scopes && !chosen.scopes && is_whole).then(|| {
            let config = self.app.configurations().provider_config(row).ok();
            let listed = config
                .and_then(|config| config.metadata?.scopes_supported)
                .unwrap_or_default();
            let asked = draft.scopes.iter().flat_map(|text| text.split_whitespace());
            let (kept, other): (Vec<&str>, Vec<&str>) =
                asked.partition(|scope| listed.iter().any(|one| one == scope));
            // Those that are listed were refused as well: none is known to be accepted.
            let is_known = !other.is_empty();
            let kept = if is_known { kept } else { Vec::new() };
            let is_default = because
                .is_some_and(|because| because != Key::RegisterForUsersRedirect)
                || chosen.client_grant;
            Box::new(ScopeAdvice {
                command: command(&row.name, draft, *chosen, is_default, &kept),
                listed: if is_known {
                    listed.join(", ")
                } else {
                    String::new()
                },
            })
        });
        let who = ProviderLabel { scopes, ..who };
        CoreError::Provider { who, doing, source }
    }

    /// The draft to send after the last of these was refused, which may be one for users.
    fn after(
        self,
        row: &ConfigurationRow,
        tried: &[Choice],
        error: &CoreError,
    ) -> Result<Option<Choice>, CoreError> {
        let (Some((words, about)), Some((last, chosen))) = (refusal(error), tried.last()) else {
            return Ok(None);
        };
        if chosen.client_grant && words.status != 403 && is_of_grant(words, about) {
            let config = self.app.configurations().provider_config(row)?;
            return Ok(Some(self.for_users(last.clone(), &config, CODE_GRANT)));
        }
        Ok(after(tried, error))
    }

    /// The client is in the vault: what cannot be remembered is learned again.
    fn remember_for_users(self, row: &ConfigurationRow) {
        let learned = (format!("{ADAPTED}{GRANTS_MEMBER}"), CODE_GRANT.to_owned());
        let configurations = self.app.configurations();
        if let Err(error) = configurations.remember_adapted(row.id, &BTreeMap::from([learned])) {
            tracing::warn!(%error, "the accepted grants could not be remembered");
        }
    }

    /// The result, with the reason why the client is for users.
    fn noted(
        self,
        row: &ConfigurationRow,
        registered: Registered,
        because: Option<Key>,
    ) -> Registered {
        let config = self.app.configurations().provider_config(row).ok();
        let other = config.and_then(|config| config.other_grants());
        let grants = other.map_or_else(String::new, |other| other.grants.join(", "));
        let note = because.map(|because| {
            let args = [("who", row.name.as_str()), ("grants", grants.as_str())];
            self.app.translate(because, &args)
        });
        Registered { note, ..registered }
    }
}

/// The same registration on the command line, with these scopes.
fn command(
    config: &str,
    draft: &Draft,
    chosen: Chosen,
    is_default: bool,
    scopes: &[&str],
) -> String {
    let mut words = vec![
        format!("keywright app register {}", quoted(draft.name.trim())),
        format!("--config {}", quoted(config)),
    ];
    let mut each = |option: &str, values: &mut dyn Iterator<Item = String>| {
        words.extend(values.map(|value| format!("--{option} {}", quoted(&value))));
    };
    if !is_default {
        each("grant", &mut draft.grant_types.iter().cloned());
    }
    each("scope", &mut scopes.iter().map(|scope| (*scope).to_owned()));
    if !chosen.redirects {
        each("redirect-uri", &mut draft.redirect_uris.iter().cloned());
    }
    if !chosen.method {
        each(
            "auth-method",
            &mut draft.token_endpoint_auth_method.iter().cloned(),
        );
    }
    each("signing-alg", &mut draft.signing_alg.iter().cloned());
    each("jwks-uri", &mut draft.jwks_uri.iter().cloned());
    each("audience", &mut draft.audience.iter().cloned());
    each("resource", &mut draft.resources.iter().cloned());
    each("label", &mut draft.labels.iter().cloned());
    if draft.dpop_bound {
        words.push("--dpop".to_owned());
    }
    if let Some(seconds) = draft.ttl_secs {
        words.push(format!("--ttl {seconds}s"));
    }
    words.join(" ")
}

fn is_for_users((draft, _): &Choice) -> bool {
    draft.grant_types.iter().any(|grant| grant == CODE_GRANT)
}

/// The refusal is about client credentials, or names nothing.
fn is_of_grant(words: &ErrorResponse, about: RefusedMembers) -> bool {
    let codes = ["unsupported_grant_type", "unauthorized_client"];
    about.grants
        || about.unnamed
        || words
            .error
            .as_deref()
            .is_some_and(|code| codes.contains(&code))
}

/// The draft to send after the last of these was refused; none where nothing is left that may have been meant.
fn after(tried: &[Choice], error: &CoreError) -> Option<Choice> {
    let (words, about) = refusal(error)?;
    let (last, chosen) = tried.last()?;
    let said = words.description.as_deref().unwrap_or_default();
    // Keycloak refuses a scope by its policies with 403; every other 403 is about who may register.
    if words.status == 403 && !about.scope {
        return None;
    }
    // Nothing is named: another kind of client was tried, and more would be a guess.
    if about.unnamed && !chosen.scopes && tried.len() > 1 {
        return None;
    }
    let mut ways = Vec::new();
    if about.auth_method && chosen.method {
        ways.extend(methods(last, said).map(|method| Draft {
            token_endpoint_auth_method: Some(method.to_owned()),
            ..last.clone()
        }));
    }
    if about.grants && chosen.refresh_grant {
        let mut next = last.clone();
        match next.grant_types.iter().position(|one| one == REFRESH_GRANT) {
            Some(at) => drop(next.grant_types.remove(at)),
            None => next.grant_types.push(REFRESH_GRANT.to_owned()),
        }
        ways.push(next);
    }
    if chosen.scopes && (about.scope || says_nothing(words)) {
        // The sign-in asks for them anyway.
        ways.push(Draft {
            scopes: Vec::new(),
            ..last.clone()
        });
    }
    if about.redirect_uris && chosen.redirects {
        // RFC 8252 §8.3 advises against the name, and some servers know no other.
        let named = last.redirect_uris.iter();
        let named = named.map(|uri| uri.replacen("//127.0.0.1", "//localhost", 1));
        ways.push(Draft {
            redirect_uris: named.collect(),
            ..last.clone()
        });
    }
    ways.into_iter()
        .find(|way| tried.iter().all(|(one, _)| one != way))
        .map(|way| (way, *chosen))
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

pub(super) fn refusal(error: &CoreError) -> Option<(&ErrorResponse, RefusedMembers)> {
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
    words.description.is_none() && words.oauth_code() == Some("invalid_client_metadata")
}
