//! The ranking: the first cause that the facts carry.

use super::{Answer, known::Known};
use crate::error::cause::{Cause, CauseKind as Kind, Fact, FactKey, FactSource};

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
        if let Some(certificate) = &self.certificate {
            blanks.push(("subject", certificate.subject().to_owned()));
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
        if let Some(begun) = self.unfinished_at {
            return (Kind::Unfinished, Some(begun));
        }
        if let Some(assertion) = &self.assertion {
            return match assertion.skew {
                Some(_) => (Kind::Clock, None),
                None if self.is_forgotten() => (Kind::Forgotten, self.read.map(|(at, _)| at)),
                None => (Kind::Assertion, None),
            };
        }
        if let Some(certificate) = &self.certificate {
            let end = certificate.not_after();
            return match () {
                () if end <= self.now => (Kind::CertificateExpired, Some(end)),
                () if self.is_forgotten() => (Kind::Forgotten, self.read.map(|(at, _)| at)),
                () => (Kind::Certificate, None),
            };
        }
        if self.is_public && !self.is_forgotten() {
            return (Kind::Public, None);
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
    #[expect(clippy::too_many_lines, reason = "one call per fact")]
    fn facts(&self, kind: Kind) -> Vec<Fact> {
        use Kind::{
            Encoding, Expired, Forgotten, InBetween, Method, NeverWorked, NoSecret, Propagation,
            Replaced, Unfinished,
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
            add(FactKey::NotOauth, FactSource::Exchange, None, true);
        }
        if kind == NoSecret {
            add(FactKey::NoSecret, FactSource::Vault, Some(self.since), true);
            return facts;
        }
        if kind == Unfinished {
            add(
                FactKey::Unfinished,
                FactSource::Vault,
                self.unfinished_at,
                true,
            );
            add(FactKey::OauthAnswer, FactSource::Exchange, None, false);
            return facts;
        }
        if kind == Kind::Public {
            add(FactKey::Public, FactSource::Registration, None, true);
            add(FactKey::OauthAnswer, FactSource::Exchange, None, false);
            return facts;
        }
        if let Some(assertion) = self.assertion.as_ref().filter(|_| kind != InBetween) {
            if assertion.skew.is_some() {
                add(FactKey::ClockOff, FactSource::Exchange, None, true);
            }
            if assertion.kid.is_some() {
                add(
                    FactKey::KeyHeld,
                    FactSource::Kept,
                    None,
                    kind == Kind::Assertion,
                );
            }
            add(
                FactKey::Audience,
                FactSource::Kept,
                None,
                kind == Kind::Assertion,
            );
            add(FactKey::OauthAnswer, FactSource::Exchange, None, false);
            return facts;
        }
        if let Some(certificate) = self.certificate.as_ref().filter(|_| kind != InBetween) {
            let end = certificate.not_after();
            let (held, ended) = (kind == Kind::Certificate, end <= self.now);
            add(FactKey::CertificateHeld, FactSource::Kept, None, held);
            let key = if ended {
                FactKey::CertificateEnded
            } else {
                FactKey::CertificateEnds
            };
            add(key, FactSource::Kept, Some(end), ended);
            add(FactKey::OauthAnswer, FactSource::Exchange, None, false);
            return facts;
        }
        match self.worked_at {
            Some(worked) => add(
                FactKey::Worked,
                FactSource::Token,
                Some(worked),
                matches!(kind, Replaced | Forgotten | Expired | InBetween),
            ),
            None => add(
                FactKey::NeverWorked,
                FactSource::Vault,
                Some(self.since),
                matches!(kind, Encoding | Method | Propagation | NeverWorked),
            ),
        }
        match self.read {
            Some((at, 200..=299)) => add(
                FactKey::RegistrationExists,
                FactSource::Read,
                Some(at),
                kind == Replaced,
            ),
            Some((at, 401 | 404 | 410)) => {
                add(
                    FactKey::RegistrationRefused,
                    FactSource::Read,
                    Some(at),
                    kind == Forgotten,
                );
            }
            _ => {}
        }
        if kind == InBetween {
            return facts;
        }
        if self.is_new() {
            add(
                FactKey::New,
                FactSource::Vault,
                Some(self.since),
                kind == Propagation,
            );
        }
        if self.encoding.is_some() {
            add(
                FactKey::EncodingsDiffer,
                FactSource::Kept,
                None,
                kind == Encoding,
            );
        } else if self.encodings_alike && kind != Expired {
            add(FactKey::EncodingsAlike, FactSource::Kept, None, false);
        }
        if self.method_unlisted {
            add(
                FactKey::MethodUnlisted,
                FactSource::Metadata,
                None,
                kind == Method,
            );
        } else if !self.others.is_empty() && self.worked_at.is_none() {
            add(
                FactKey::MethodsOffered,
                FactSource::Metadata,
                None,
                kind == Method,
            );
        }
        match self.expires_at {
            Some(0) => add(FactKey::NeverExpires, FactSource::Registration, None, false),
            Some(end) if end > self.now => add(
                FactKey::ExpiresLater,
                FactSource::Registration,
                Some(end),
                false,
            ),
            Some(end) => add(FactKey::Expired, FactSource::Registration, Some(end), true),
            None => add(FactKey::ExpiryUnsaid, FactSource::Registration, None, false),
        }
        add(FactKey::OauthAnswer, FactSource::Exchange, None, false);
        facts.sort_by_key(|fact| !fact.supports);
        facts
    }
}
