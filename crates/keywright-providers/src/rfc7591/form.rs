//! The form of a registration request: RFC 7591 §2 leaves open what a client without redirects sends as
//! `redirect_uris` and `response_types`, and servers differ. A form that a server refused is changed; what
//! it accepted is remembered under [`ADAPTED`].

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata, refusal::RefusedMembers, register::RegistrationError,
    server_metadata::ServerMetadata,
};
use serde_json::json;

use super::{
    grant_names::{self, GrantNames},
    plan::offered_method,
    users,
};
use crate::{
    ProviderConfig, ProviderError,
    settings::{ADAPTED, key},
};

/// Requests of one registration, the first one included: validators that stop at the first finding name one member
/// after another.
const MOST: usize = 5;
/// Stands in where a server insists on an address that nobody will use. An address rather than a name,
/// because servers refuse `localhost` (RFC 8252 §8.3), and https, because servers refuse http.
const PLACEHOLDER: &str = "https://127.0.0.1/unused";
/// Value of the setting that leaves the form to what the server accepts.
pub(crate) const AUTOMATIC: &str = "automatic";

/// How a member is sent that the user gave no value for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberForm {
    /// As the user gave it.
    AsGiven,
    /// An empty list.
    Empty,
    /// Not sent.
    Absent,
    /// An address at which nothing listens.
    Placeholder,
    /// The value that the metadata or the other members call for.
    Listed,
    /// `client_secret_post`, which a refusal named.
    Post,
    /// `client_secret_basic`, which a refusal named.
    Basic,
}

impl MemberForm {
    /// Stable name, as in the setting `redirect_uris`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsGiven => "as_given",
            Self::Empty => "empty",
            Self::Absent => "absent",
            Self::Placeholder => "dummy",
            Self::Listed => "listed",
            Self::Post => "client_secret_post",
            Self::Basic => "client_secret_basic",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "empty" => Self::Empty,
            "absent" => Self::Absent,
            "dummy" => Self::Placeholder,
            "client_secret_post" => Self::Post,
            "client_secret_basic" => Self::Basic,
            _ => Self::AsGiven,
        }
    }
}

/// The form of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestForm {
    /// `redirect_uris`.
    pub redirect_uris: MemberForm,
    /// `response_types`.
    pub response_types: MemberForm,
    /// `token_endpoint_auth_method`: as the user or the metadata says, or not sent.
    pub auth_method: MemberForm,
    /// `application_type`: `native` where all redirects end on this computer, or not sent.
    pub application_type: MemberForm,
    /// `offline_access` among the scopes of a client that may refresh, or not.
    pub offline_access: MemberForm,
    /// The names of grants that have several.
    pub grants: GrantNames,
    /// The user chose how `redirect_uris` is sent: this form and no other.
    pub chosen: bool,
}

impl RequestForm {
    /// The form of the next request. `usual` is sent as `redirect_uris` where nothing else is known.
    pub(crate) fn of(config: &ProviderConfig, wanted: &ClientMetadata, usual: MemberForm) -> Self {
        Self {
            redirect_uris: redirect_uris(config, wanted, usual),
            response_types: response_types(config, wanted),
            auth_method: auth_method(config, wanted),
            application_type: users::application_type(config, wanted),
            offline_access: users::offline_access(config, wanted),
            grants: GrantNames::of(config, wanted),
            chosen: chosen(config).is_some(),
        }
    }

    /// Settings that remember this form. A value is empty where the member was sent as usual; what the
    /// user gave is not remembered.
    pub(crate) fn settings(self, usual: MemberForm) -> BTreeMap<String, String> {
        [
            ("redirect_uris", self.redirect_uris, usual),
            ("response_types", self.response_types, MemberForm::Empty),
            (
                "token_endpoint_auth_method",
                self.auth_method,
                MemberForm::Listed,
            ),
            (
                "application_type",
                self.application_type,
                MemberForm::Listed,
            ),
            ("offline_access", self.offline_access, MemberForm::Listed),
        ]
        .into_iter()
        .filter(|(_, form, _)| *form != MemberForm::AsGiven)
        .map(|(member, form, usual)| {
            let is_usual = form == usual || form == MemberForm::Listed;
            let value = if is_usual { "" } else { form.as_str() };
            (format!("{ADAPTED}{member}"), value.to_owned())
        })
        .chain(self.grants.settings())
        .collect()
    }

    /// Writes the members into the body of a request.
    pub(crate) fn apply(self, body: &mut ClientMetadata, metadata: Option<&ServerMetadata>) {
        if self.auth_method == MemberForm::Listed
            && let Some(method) = offered_method(metadata)
        {
            body.set("token_endpoint_auth_method", method);
        }
        if let method @ (MemberForm::Post | MemberForm::Basic) = self.auth_method {
            body.set("token_endpoint_auth_method", method.as_str());
        }
        match self.redirect_uris {
            MemberForm::AsGiven | MemberForm::Listed | MemberForm::Post | MemberForm::Basic => {}
            MemberForm::Empty => body.set("redirect_uris", json!([])),
            MemberForm::Absent => body.remove("redirect_uris"),
            MemberForm::Placeholder => body.set("redirect_uris", json!([PLACEHOLDER])),
        }
        // The default of `response_types` is `code`, which servers refuse without its grant, and which others do not
        // apply with it.
        match self.response_types {
            MemberForm::Empty => body.set("response_types", json!([])),
            MemberForm::Listed => body.set("response_types", json!(["code"])),
            _ => {}
        }
        self.grants.apply(body);
        if self.application_type == MemberForm::Listed {
            body.set("application_type", users::NATIVE);
        }
        if self.offline_access == MemberForm::Listed {
            users::add_offline_access(body);
        }
    }

    /// The form to send after the last of `tried` was refused; none where the refusal is about something
    /// else, where the user chose the form, or after three requests. A refused registration created
    /// nothing (RFC 7591 §3.2.2).
    pub fn after(tried: &[Self], error: &ProviderError) -> Option<Self> {
        let about = refused_members(error)?;
        let last = *tried.last()?;
        if last.chosen || tried.len() >= MOST {
            return None;
        }
        let mut next = last;
        let sends = |form| form == MemberForm::Empty || form == MemberForm::Listed;
        if about.redirect_uris && last.redirect_uris != MemberForm::AsGiven {
            next.redirect_uris = [
                MemberForm::Empty,
                MemberForm::Absent,
                MemberForm::Placeholder,
            ]
            .into_iter()
            .find(|form| tried.iter().all(|one| one.redirect_uris != *form))
            .unwrap_or(last.redirect_uris);
        }
        if about.response_types && sends(last.response_types) {
            next.response_types = MemberForm::Absent;
        }
        if about.scope && sends(last.offline_access) {
            next.offline_access = MemberForm::Absent;
        }
        if (about.application_type || about.unnamed) && sends(last.application_type) {
            next.application_type = MemberForm::Absent;
        }
        // A member that the server does not know, and does not name: the one that fewest know goes first.
        if about.unnamed && next == last && sends(last.response_types) {
            next.response_types = MemberForm::Absent;
        }
        if about.auth_method && last.auth_method != MemberForm::AsGiven {
            let is_new = |form: &MemberForm| tried.iter().all(|one| one.auth_method != *form);
            let left = named_methods(error).into_iter().find(is_new);
            let absent = (last.auth_method == MemberForm::Listed).then_some(MemberForm::Absent);
            next.auth_method = left.or(absent).unwrap_or(last.auth_method);
        }
        if about.grants {
            let tried: Vec<GrantNames> = tried.iter().map(|one| one.grants).collect();
            next.grants = grant_names::after(&tried, said(error)).unwrap_or(last.grants);
        }
        (next != last).then_some(next)
    }
}

/// What a refusal of the request itself is about (400 of RFC 7591 §3.2.2, and 422).
fn refused_members(error: &ProviderError) -> Option<RefusedMembers> {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, about, .. })
            if matches!(words.status, 400 | 422) =>
        {
            Some(*about)
        }
        _ => None,
    }
}

/// The sentence of a refusal.
fn said(error: &ProviderError) -> &str {
    let words = error.words();
    let said = words.and_then(|words| words.description.as_deref());
    said.unwrap_or_default()
}

/// The methods with a secret that a refusal names. What is supported is more often said after what is refused.
fn named_methods(error: &ProviderError) -> Vec<MemberForm> {
    let said = said(error);
    let mut named: Vec<(usize, MemberForm)> = [MemberForm::Post, MemberForm::Basic]
        .into_iter()
        .filter_map(|form| Some((said.rfind(form.as_str())?, form)))
        .collect();
    named.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    named.into_iter().map(|(_, form)| form).collect()
}

/// A grant that needs a redirect is asked for.
fn redirects(wanted: &ClientMetadata) -> bool {
    wanted.grant_types().is_some_and(|grants| {
        grants
            .iter()
            .any(|grant| grant == "authorization_code" || grant == "implicit")
    })
}

/// The rule for `redirect_uris` that the user set.
fn chosen(config: &ProviderConfig) -> Option<&str> {
    config
        .setting(key::REDIRECT_URIS)
        .filter(|rule| *rule != AUTOMATIC)
}

fn redirect_uris(
    config: &ProviderConfig,
    wanted: &ClientMetadata,
    usual: MemberForm,
) -> MemberForm {
    let given = wanted.redirect_uris().is_some_and(|uris| !uris.is_empty());
    if let Some(rule) = chosen(config) {
        return match MemberForm::of(rule) {
            MemberForm::Absent => MemberForm::Absent,
            MemberForm::Empty if redirects(wanted) => MemberForm::AsGiven,
            _ if given => MemberForm::AsGiven,
            form => form,
        };
    }
    if redirects(wanted) || wanted.members().contains_key("redirect_uris") {
        return MemberForm::AsGiven;
    }
    remembered(config, "redirect_uris").unwrap_or(usual)
}

fn response_types(config: &ProviderConfig, wanted: &ClientMetadata) -> MemberForm {
    let named = wanted.members().contains_key("response_types");
    if named || wanted.grant_types().is_none() {
        return MemberForm::AsGiven;
    }
    let usual = match (redirects(wanted), users::has_code(config, wanted)) {
        (_, true) => MemberForm::Listed,
        (true, false) => return MemberForm::AsGiven,
        (false, false) => MemberForm::Empty,
    };
    remembered(config, "response_types").unwrap_or(usual)
}

fn auth_method(config: &ProviderConfig, wanted: &ClientMetadata) -> MemberForm {
    if wanted.token_endpoint_auth_method().is_some() {
        return MemberForm::AsGiven;
    }
    remembered(config, "token_endpoint_auth_method").unwrap_or(MemberForm::Listed)
}

pub(super) fn remembered(config: &ProviderConfig, member: &str) -> Option<MemberForm> {
    config.learned(member).map(MemberForm::of)
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
