//! The cause in words.

use time::{OffsetDateTime, macros::format_description};

use super::{Cause, Fact, Way};
use crate::{
    Actor,
    i18n::{say, say_filled},
    view::{CauseView, FactView, Lang, WayView},
};

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
            say_filled(lang, key, &blanks)
                .unwrap_or_else(|| say(lang, &format!("{key}_plain"), &blanks))
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
            remains: (self.live_tokens > 0).then(|| say(lang, "cause.remains", &blanks)),
        }
    }

    /// The cause and the ways out in running text.
    pub(crate) fn hint(view: &CauseView, lang: Lang, surface: Actor) -> String {
        let mut hint = view.sentence.clone();
        for way in &view.ways {
            let text = match (surface, &way.command) {
                (Actor::Cli, Some(command)) => say(
                    lang,
                    "way.typed",
                    &[("title", &way.title), ("command", command)],
                ),
                _ => say(lang, "way.chosen", &[("title", &way.title)]),
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
            text: say(lang, &format!("fact.{}", self.key), blanks),
            source: say(lang, &format!("source.{}", self.source), blanks),
            at: self.at,
        }
    }
}

impl Way {
    fn view(&self, lang: Lang, blanks: &[(&str, &str)]) -> WayView {
        WayView {
            action: self.action.to_owned(),
            title: say(lang, &format!("way.{}.title", self.action), blanks),
            text: say(lang, &format!("way.{}.text", self.action), blanks),
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
