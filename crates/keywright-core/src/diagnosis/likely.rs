//! The ranking: the first cause that the facts carry.

use super::{Answer, known::Known};
use crate::error::cause::{Cause, Fact, Kind};

/// A provider may need this many seconds until a new client or secret is known everywhere.
const SPREADING_SECS: i64 = 120;

impl Known {
    pub(super) fn cause(&self, answer: Answer) -> Cause {
        let (kind, at) = self.likely(&answer);
        let mut blanks = vec![
            ("app", self.name.clone()),
            ("who", self.config.clone()),
            ("method", self.method.clone()),
            ("others", self.others.join(", ")),
            ("count", self.live_tokens.to_string()),
            ("seconds", (self.now - self.since).max(0).to_string()),
        ];
        if let Some(assertion) = &self.assertion {
            blanks.push(("audience", assertion.audience.clone()));
            blanks.push(("kid", assertion.kid.clone().unwrap_or_default()));
            blanks.push(("skew", assertion.skew.unwrap_or_default().to_string()));
        }
        let mut exchange = None;
        if let Answer::InBetween {
            named,
            exchange: id,
        } = answer
        {
            blanks.push(("named", named));
            exchange = id;
        }
        Cause {
            kind,
            at,
            facts: self.facts(kind),
            ways: self.ways(kind, exchange),
            live_tokens: self.live_tokens,
            blanks,
        }
    }

    fn likely(&self, answer: &Answer) -> (Kind, Option<i64>) {
        match answer {
            Answer::InBetween { .. } => return (Kind::InBetween, None),
            Answer::Unsent => return (Kind::NoSecret, None),
            Answer::Client => {}
        }
        if let Some(end) = self.expires_at.filter(|end| *end > 0 && *end <= self.now) {
            return (Kind::Expired, Some(end));
        }
        if let Some(assertion) = &self.assertion {
            return match assertion.skew {
                Some(_) => (Kind::Clock, None),
                None if self.is_forgotten() => (Kind::Forgotten, self.read.map(|(at, _)| at)),
                None => (Kind::Assertion, None),
            };
        }
        if !self.has_secret {
            return (Kind::NoSecret, None);
        }
        if self.is_forgotten() {
            return (Kind::Forgotten, self.read.map(|(at, _)| at));
        }
        if let Some(worked) = self.worked_at {
            return (Kind::Replaced, Some(worked));
        }
        if self.encoding.is_some() {
            return (Kind::Encoding, None);
        }
        if self.method_unlisted && !self.others.is_empty() {
            return (Kind::Method, None);
        }
        if self.is_new() {
            return (Kind::Propagation, Some(self.since));
        }
        if !self.others.is_empty() {
            return (Kind::Method, None);
        }
        (Kind::NeverWorked, Some(self.since))
    }

    /// The registration cannot be read any more: RFC 7592 §2.1 answers 401 for a client that is gone, and
    /// servers say 404 and 410, too.
    fn is_forgotten(&self) -> bool {
        self.read
            .is_some_and(|(at, status)| matches!(status, 401 | 404 | 410) && at >= self.since)
    }

    pub(super) fn is_new(&self) -> bool {
        (0..SPREADING_SECS).contains(&(self.now - self.since))
    }

    /// What speaks for the cause, then what rules others out.
    fn facts(&self, kind: Kind) -> Vec<Fact> {
        use Kind::{
            Encoding, Expired, Forgotten, InBetween, Method, NeverWorked, NoSecret, Propagation,
            Replaced,
        };
        let mut facts = Vec::new();
        let mut add = |key, source, at, supports| {
            facts.push(Fact {
                key,
                source,
                at,
                supports,
            });
        };
        if kind == InBetween {
            add("not_oauth", "exchange", None, true);
        }
        if kind == NoSecret {
            add("no_secret", "vault", Some(self.since), true);
            return facts;
        }
        if let Some(assertion) = self.assertion.as_ref().filter(|_| kind != InBetween) {
            if assertion.skew.is_some() {
                add("clock_off", "exchange", None, true);
            }
            if assertion.kid.is_some() {
                add("key_held", "kept", None, kind == Kind::Assertion);
            }
            add("audience", "kept", None, kind == Kind::Assertion);
            add("oauth_answer", "exchange", None, false);
            return facts;
        }
        match self.worked_at {
            Some(worked) => add(
                "worked",
                "token",
                Some(worked),
                matches!(kind, Replaced | Forgotten | Expired | InBetween),
            ),
            None => add(
                "never_worked",
                "vault",
                Some(self.since),
                matches!(kind, Encoding | Method | Propagation | NeverWorked),
            ),
        }
        match self.read {
            Some((at, 200..=299)) => add("registration_exists", "read", Some(at), kind == Replaced),
            Some((at, 401 | 404 | 410)) => {
                add("registration_refused", "read", Some(at), kind == Forgotten);
            }
            _ => {}
        }
        if kind == InBetween {
            return facts;
        }
        if self.is_new() {
            add("new", "vault", Some(self.since), kind == Propagation);
        }
        if self.encoding.is_some() {
            add("encodings_differ", "kept", None, kind == Encoding);
        } else if self.encodings_alike && kind != Expired {
            add("encodings_alike", "kept", None, false);
        }
        if self.method_unlisted {
            add("method_unlisted", "metadata", None, kind == Method);
        } else if !self.others.is_empty() && self.worked_at.is_none() {
            add("methods_offered", "metadata", None, kind == Method);
        }
        match self.expires_at {
            Some(0) => add("never_expires", "registration", None, false),
            Some(end) if end > self.now => add("expires_later", "registration", Some(end), false),
            Some(end) => add("expired", "registration", Some(end), true),
            None => add("expiry_unsaid", "registration", None, false),
        }
        add("oauth_answer", "exchange", None, false);
        facts.sort_by_key(|fact| !fact.supports);
        facts
    }
}
