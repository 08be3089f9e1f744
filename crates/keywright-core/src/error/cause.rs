//! The most likely cause of a refusal, as data and in words.

use time::{OffsetDateTime, macros::format_description};

use crate::{
    Actor,
    error::types::{CauseView, FactView, WayView},
    i18n::{Lang, translate, translate_filled},
};

/// The most likely cause, as data; its words are in `messages/causes.yml`.
#[derive(Debug, Clone)]
pub struct Cause {
    pub(crate) kind: Kind,
    /// The time that the sentence names.
    pub(crate) at: Option<i64>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) ways: Vec<Way>,
    pub(crate) live_tokens: usize,
    pub(crate) blanks: Vec<(&'static str, String)>,
}

/// The causes that can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It worked; then its secret was replaced, or the client deleted, outside of Keywright.
    Replaced,
    /// The provider does not know the registration any more.
    Forgotten,
    /// The secret has ended.
    Expired,
    /// No secret came with the client.
    NoSecret,
    /// The server reads Basic in the other of the two encodings.
    Encoding,
    /// The server wants another method of authentication.
    Method,
    /// The client is too new to be known everywhere.
    Propagation,
    /// It never worked, and nothing says why.
    NeverWorked,
    /// A proxy, a gateway or a sign-in page answered.
    InBetween,
    /// A signed assertion was refused.
    Assertion,
    /// The clocks differ by more than an assertion allows.
    Clock,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Forgotten => "forgotten",
            Self::Expired => "expired",
            Self::NoSecret => "no_secret",
            Self::Encoding => "encoding",
            Self::Method => "method",
            Self::Propagation => "propagation",
            Self::NeverWorked => "never_worked",
            Self::InBetween => "in_between",
            Self::Assertion => "assertion",
            Self::Clock => "clock",
        }
    }
}

/// One thing that is known, by the key of its sentence.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) key: &'static str,
    pub(crate) source: &'static str,
    pub(crate) at: Option<i64>,
    pub(crate) supports: bool,
}

/// One way out.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) action: &'static str,
    pub(crate) command: Option<String>,
}

impl Cause {
    pub(crate) fn view(&self, lang: Lang) -> CauseView {
        let when = self.at.map(moment).unwrap_or_default();
        let mut blanks: Vec<(&str, &str)> = self
            .blanks
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        blanks.push(("when", &when));
        let sentence = |key: &str| {
            translate_filled(lang, key, &blanks)
                .unwrap_or_else(|| translate(lang, &format!("{key}_plain"), &blanks))
        };
        let kind = self.kind.as_str();
        CauseView {
            kind: kind.to_owned(),
            sentence: sentence(&format!("cause.{kind}")),
            at: self.at,
            facts: self
                .facts
                .iter()
                .map(|fact| fact.view(lang, &blanks))
                .collect(),
            ways: self
                .ways
                .iter()
                .map(|way| way.view(lang, &blanks))
                .collect(),
            remains: (self.live_tokens > 0).then(|| translate(lang, "cause.remains", &blanks)),
        }
    }

    /// The cause and the ways out in running text.
    pub(crate) fn hint(view: &CauseView, lang: Lang, surface: Actor) -> String {
        let mut hint = view.sentence.clone();
        for way in &view.ways {
            let text = match (surface, &way.command) {
                (Actor::Cli, Some(command)) => translate(
                    lang,
                    "way.typed",
                    &[("title", &way.title), ("command", command)],
                ),
                _ => translate(lang, "way.chosen", &[("title", &way.title)]),
            };
            if lang == Lang::En {
                hint.push(' ');
            }
            hint.push_str(&text);
        }
        hint
    }
}

impl Fact {
    fn view(&self, lang: Lang, blanks: &[(&str, &str)]) -> FactView {
        FactView {
            supports: self.supports,
            text: translate(lang, &format!("fact.{}", self.key), blanks),
            source: translate(lang, &format!("source.{}", self.source), blanks),
            at: self.at,
        }
    }
}

impl Way {
    fn view(&self, lang: Lang, blanks: &[(&str, &str)]) -> WayView {
        WayView {
            action: self.action.to_owned(),
            title: translate(lang, &format!("way.{}.title", self.action), blanks),
            text: translate(lang, &format!("way.{}.text", self.action), blanks),
            command: self.command.clone(),
        }
    }
}

/// A time as a sentence names it: `2026-11-29 09:14 UTC`.
pub fn moment(at: i64) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|time| time.format(form).ok())
        .unwrap_or_else(|| at.to_string())
}
