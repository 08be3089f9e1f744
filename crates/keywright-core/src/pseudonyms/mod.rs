//! Pseudonyms: what an audience sees in the place of the names of clients, hosts, tenants, applications and
//! configurations.
//!
//! Names are learned from the values that go to the pages: from members that hold one, and from addresses, client IDs
//! and GUIDs in any text. A learned name is then replaced wherever it occurs, and turned back in what a page sends.

mod finder;
mod patterns;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt::Write as _};

use hmac::{Hmac, Mac as _};
use regex::Captures;
use serde_json::{Map, Value};
use sha2::Sha256;
use url::form_urlencoded::byte_serialize;
use uuid::Uuid;

use finder::Finder;
use patterns::{
    BARE_HOST, CLIENT_ID, CLIENT_NAME, GUID, HOST, PSEUDONYM, Pattern, is_guid, is_loopback,
    replaced,
};

/// Hexadecimal digits of a pseudonym, as few as tell it from all others.
const DIGITS: [usize; 5] = [4, 6, 8, 10, 12];
/// Members whose whole text is a name.
const NAME_MEMBERS: [(&str, Kind); 10] = [
    ("client_id", Kind::Client),
    ("initial_client_id", Kind::Client),
    ("tenant", Kind::Tenant),
    ("subdomain", Kind::Tenant),
    ("application", Kind::Application),
    ("client_name", Kind::Application),
    ("removed_names", Kind::Application),
    ("added_names", Kind::Application),
    ("nearest", Kind::Application),
    ("config", Kind::Configuration),
];
/// Tenants of Entra that are everyone's.
const OPEN_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];
/// Members with sentences: an ordinary word there that is also a name means what has that name.
const PROSE: [&str; 10] = [
    "message",
    "hint",
    "sentence",
    "text",
    "detail",
    "description",
    "fix",
    "reason",
    "verify_problem",
    "remains",
];
/// Members that hold a host without an address around it; cookies write a dot before theirs.
const HOST_MEMBERS: [&str; 4] = ["host", "domain", "hosts", "unconfirmed_hosts"];

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Client,
    Host,
    /// A tenant or an object of a provider.
    Guid,
    Tenant,
    Application,
    Configuration,
}

impl Kind {
    /// The kinds of names that users type: two of them may have the same one.
    const TYPED: [Self; 3] = [Self::Application, Self::Configuration, Self::Tenant];

    /// Goes into the digest.
    fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Host => "host",
            Self::Guid => "guid",
            Self::Tenant => "tenant",
            Self::Application => "app",
            Self::Configuration => "config",
        }
    }

    fn pseudonym(self, digits: &str) -> String {
        match self {
            Self::Client => format!("demo-client-{digits}"),
            // RFC 2606 reserves this name for examples.
            Self::Host => format!("host-{digits}.example"),
            Self::Guid => format!("00000000-0000-4000-8000-{digits:0>12}"),
            Self::Tenant => format!("demo-tenant-{digits}"),
            Self::Application => format!("demo-app-{digits}"),
            Self::Configuration => format!("demo-provider-{digits}"),
        }
    }

    /// Names that are the same in upper and lower case.
    fn ignores_case(self) -> bool {
        matches!(self, Self::Host | Self::Guid)
    }
}

/// The object that has a member, as far as that tells what its `name` is of.
#[derive(Debug, Clone, Copy, Default)]
struct Owner {
    is_application: bool,
    is_configuration: bool,
}

impl Owner {
    fn of(object: &Map<String, Value>) -> Self {
        Self {
            is_application: object.contains_key("client_id"),
            is_configuration: object.contains_key("issuer") && object.contains_key("provider"),
        }
    }
}

/// The pseudonyms of one vault: the same name has the same one in every session.
///
/// Holds the real names, so it is dropped when the vault locks.
#[derive(Debug)]
pub(crate) struct Pseudonyms {
    vault: Option<Uuid>,
    key: Uuid,
    /// Names of clients, hosts and GUIDs, the last two in lower case.
    found: HashMap<String, (Kind, String)>,
    /// Names that users typed.
    typed: HashMap<(Kind, String), String>,
    by_pseudonym: HashMap<String, String>,
    /// Finds the names that cannot be ordinary words.
    distinct: Option<Finder>,
    /// Finds all names, for sentences.
    all: Option<Finder>,
}

impl Pseudonyms {
    /// Pseudonyms that nobody can guess who does not know the id of the vault; of this process alone where there is no
    /// vault yet.
    pub(crate) fn new(vault: Option<Uuid>) -> Self {
        Self {
            vault,
            key: vault.unwrap_or_else(Uuid::now_v7),
            found: HashMap::new(),
            typed: HashMap::new(),
            by_pseudonym: HashMap::new(),
            distinct: None,
            all: None,
        }
    }

    /// The vault that they are of.
    pub(crate) fn vault(&self) -> Option<Uuid> {
        self.vault
    }

    /// Replaces all names in a value that goes to a page.
    pub(crate) fn hide(&mut self, value: &mut Value) {
        each_text(value, None, Owner::default(), &mut |text, member, owner| {
            self.learn(text, member, owner);
        });
        each_text(value, None, Owner::default(), &mut |text, member, owner| {
            *text = self.hidden(text, member, owner);
        });
    }

    /// Puts the real names back into what a page sends.
    pub(crate) fn restore(&self, value: &mut Value) {
        each_text(value, None, Owner::default(), &mut |text, _, _| {
            *text = self.real(text);
        });
    }

    /// The pseudonym of an application.
    pub(crate) fn application(&mut self, name: &str) -> String {
        self.take(Kind::Application, name);
        let key = (Kind::Application, name.to_owned());
        self.typed.get(&key).cloned().unwrap_or_default()
    }

    fn learn(&mut self, text: &str, member: Option<&str>, owner: Owner) {
        if let Some(kind) = kind_of(text, member, owner) {
            self.take(kind, text);
        }
        for found in all(&CLIENT_NAME, text) {
            self.take(Kind::Application, &found[2]);
        }
        for found in all(&CLIENT_ID, text) {
            match (found.get(1), found.get(2)) {
                (Some(id), _) => self.take(Kind::Client, id.as_str()),
                (None, Some(id)) => self.take(Kind::Client, &decoded(id.as_str())),
                (None, None) => {}
            }
        }
        for found in all(&HOST, text).filter(|found| !is_loopback(&found[2])) {
            self.take(Kind::Host, &found[2]);
        }
        if let Some((_, host, _)) = bare_host(text, member) {
            self.take(Kind::Host, host);
        }
        for found in all(&GUID, text) {
            self.take(Kind::Guid, &found[0]);
        }
    }

    fn take(&mut self, kind: Kind, name: &str) {
        if name.is_empty() || self.by_pseudonym.contains_key(name) {
            return;
        }
        let same = if kind.ignores_case() {
            name.to_lowercase()
        } else {
            name.to_owned()
        };
        if Kind::TYPED.contains(&kind) {
            if self.typed.contains_key(&(kind, same.clone())) {
                return;
            }
        } else if let Some((had, _)) = self.found.get(&same) {
            // What turns out to be the ID of a client is shown as one from then on.
            if kind != Kind::Client || *had == Kind::Client {
                return;
            }
        }
        let pseudonym = self.made(kind, &same);
        self.by_pseudonym.insert(pseudonym.clone(), name.to_owned());
        if Kind::TYPED.contains(&kind) {
            self.typed.insert((kind, same), pseudonym);
        } else {
            self.found.insert(same, (kind, pseudonym));
        }
        self.distinct = None;
        self.all = None;
    }

    /// An HMAC of the name. Two names with the same first digits get longer ones.
    fn made(&self, kind: Kind, name: &str) -> String {
        let digits = digest(self.key, kind, name);
        let mut pseudonym = String::new();
        for length in DIGITS {
            pseudonym = kind.pseudonym(digits.get(..length).unwrap_or(&digits));
            if !self.by_pseudonym.contains_key(&pseudonym) {
                break;
            }
        }
        pseudonym
    }

    fn hidden(&mut self, text: &str, member: Option<&str>, owner: Owner) -> String {
        if let Some(kind) = kind_of(text, member, owner)
            && let Some(whole) = self.whole(kind, text)
        {
            return whole.to_owned();
        }
        if let Some((before, host, port)) = bare_host(text, member) {
            let shown = self.of_host(host);
            return format!("{before}{}{port}", shown.unwrap_or(host));
        }
        let text = replaced(&CLIENT_NAME, text, |found: &Captures<'_>| {
            let shown = self.whole(Kind::Application, &found[2]);
            format!("{}{}\"", &found[1], shown.unwrap_or(&found[2]))
        });
        let text = replaced(&HOST, &text, |found: &Captures<'_>| {
            let shown = self.of_host(&found[2]);
            format!("{}{}", &found[1], shown.unwrap_or(&found[2]))
        });
        let is_prose = member.is_some_and(|member| PROSE.contains(&member));
        self.finder(is_prose).replace(&text)
    }

    fn whole(&self, kind: Kind, name: &str) -> Option<&str> {
        if Kind::TYPED.contains(&kind) {
            return self.typed.get(&(kind, name.to_owned())).map(String::as_str);
        }
        self.found.get(name).map(|(_, shown)| shown.as_str())
    }

    fn of_host(&self, host: &str) -> Option<&str> {
        self.whole(Kind::Host, &host.to_lowercase())
    }

    fn finder(&mut self, is_prose: bool) -> &Finder {
        let (found, typed) = (&self.found, &self.typed);
        let make = || {
            let found = found
                .iter()
                .filter(|(name, _)| is_guid(name) || name.contains('.') || is_distinct(name))
                .map(|(name, (kind, shown))| (name.as_str(), shown.as_str(), kind.ignores_case()));
            // The same name of two kinds is shown as that of the first.
            let typed = Kind::TYPED.iter().flat_map(|kind| {
                let of_kind = typed.iter().filter(move |((other, _), _)| other == kind);
                of_kind.map(|((_, name), shown)| (name.as_str(), shown.as_str(), false))
            });
            Finder::new(found.chain(typed.filter(|(name, ..)| is_prose || is_unusual(name))))
        };
        let finder = if is_prose {
            &mut self.all
        } else {
            &mut self.distinct
        };
        finder.get_or_insert_with(make)
    }

    fn real(&self, text: &str) -> String {
        // In a query a name is written as in a form.
        let query = ["http://", "https://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
            .then(|| text.find('?'))
            .flatten();
        replaced(&PSEUDONYM, text, |found: &Captures<'_>| {
            let at = found.get(0).map_or(0, |whole| whole.start());
            match self.by_pseudonym.get(&found[0]) {
                None => found[0].to_owned(),
                Some(name) if !found[0].starts_with("host-") && query.is_some_and(|q| q < at) => {
                    byte_serialize(name.as_bytes()).collect()
                }
                Some(name) => name.clone(),
            }
        })
    }
}

/// The first digits of the digest, in hexadecimal.
fn digest(key: Uuid, kind: Kind, name: &str) -> String {
    let mut digits = String::new();
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.to_string().as_bytes()) {
        mac.update(format!("{}:{name}", kind.as_str()).as_bytes());
        for byte in mac.finalize().into_bytes().iter().take(6) {
            let _ = write!(digits, "{byte:02x}");
        }
    }
    digits
}

/// Each text of a value, with the member that holds it and what has that member.
fn each_text(
    value: &mut Value,
    member: Option<&str>,
    owner: Owner,
    act: &mut dyn FnMut(&mut String, Option<&str>, Owner),
) {
    match value {
        Value::String(text) => act(text, member, owner),
        Value::Array(values) => {
            for value in values {
                each_text(value, member, owner, act);
            }
        }
        Value::Object(object) => {
            let owner = Owner::of(object);
            for (name, value) in object {
                each_text(value, Some(name), owner, act);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a member names, where its whole text is a name.
fn kind_of(text: &str, member: Option<&str>, owner: Owner) -> Option<Kind> {
    let member = member.filter(|_| !text.is_empty())?;
    if member == "name" {
        return if owner.is_application {
            Some(Kind::Application)
        } else {
            owner.is_configuration.then_some(Kind::Configuration)
        };
    }
    let (_, kind) = NAME_MEMBERS.iter().find(|(name, _)| *name == member)?;
    let is_name = match kind {
        // A member with an application names it, or holds its id (RFC 9562 version 7).
        Kind::Application => {
            !Uuid::try_parse(text).is_ok_and(|id| text.len() == 36 && id.get_version_num() == 7)
        }
        Kind::Tenant => !OPEN_TENANTS.contains(&text) && !is_guid(text),
        _ => true,
    };
    is_name.then_some(*kind)
}

/// The parts of a member that is a host and not this computer: dot, host, port.
fn bare_host<'a>(text: &'a str, member: Option<&str>) -> Option<(&'a str, &'a str, &'a str)> {
    member.filter(|member| HOST_MEMBERS.contains(member))?;
    let found = BARE_HOST.as_ref()?.captures(text)?;
    let part = |number| found.get(number).map_or("", |part| part.as_str());
    (!is_loopback(part(2))).then(|| (part(1), part(2), part(3)))
}

fn all<'a>(pattern: &'static Pattern, text: &'a str) -> impl Iterator<Item = Captures<'a>> {
    pattern
        .iter()
        .flat_map(move |pattern| pattern.captures_iter(text))
}

fn decoded(text: &str) -> String {
    // A form has `+` for a space (URL Standard, section 5.1).
    let pair = format!("x={text}");
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

/// An ID that may be looked for inside other text; a short word there means something else.
fn is_distinct(id: &str) -> bool {
    let letters = id.chars().count();
    letters >= 16 || (letters >= 6 && id.chars().any(|letter| letter.is_ascii_digit()))
}

/// A name of the user's own that is not a word of the program.
fn is_unusual(name: &str) -> bool {
    let is_sign = |letter: char| {
        letter.is_ascii_digit() || letter.is_whitespace() || matches!(letter, '_' | '-')
    };
    name.chars().count() >= 6 && name.chars().any(is_sign)
}
