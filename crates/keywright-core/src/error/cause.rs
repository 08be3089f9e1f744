//! The most likely cause of a refusal, as data and in words.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{
    Actor,
    codes::codes,
    error::types::{CauseView, FactView, WayView},
    i18n::{
        Lang,
        key::{Family, Key},
        moment, translate, translate_filled,
    },
};

/// The most likely cause, as data; its words are in `messages/causes.yml`.
#[derive(Debug, Clone)]
pub struct Cause {
    pub(crate) kind: CauseKind,
    /// The time that the sentence names.
    pub(crate) at: Option<i64>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) ways: Vec<Way>,
    pub(crate) live_tokens: usize,
    pub(crate) blanks: Vec<(&'static str, String)>,
}

codes! {
    /// The causes that can be told apart.
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum CauseKind {
        /// It worked; then its secret was replaced, or the client deleted, outside of Keywright.
        Replaced = "replaced",
        /// The provider does not know the registration any more.
        Forgotten = "forgotten",
        /// The secret has ended.
        Expired = "expired",
        /// No secret came with the client.
        NoSecret = "no_secret",
        /// The client was registered without authentication.
        Public = "public",
        /// The server reads Basic in the other of the two encodings.
        Encoding = "encoding",
        /// The server wants another method of authentication.
        Method = "method",
        /// The client is too new to be known everywhere.
        Propagation = "propagation",
        /// It never worked, and nothing says why.
        NeverWorked = "never_worked",
        /// A proxy, a gateway or a sign-in page answered.
        InBetween = "in_between",
        /// A signed assertion was refused.
        Assertion = "assertion",
        /// The clocks differ by more than an assertion allows.
        Clock = "clock",
        /// The certificate of the client was refused.
        Certificate = "certificate",
        /// The certificate of the client has expired.
        CertificateExpired = "certificate_expired",
        /// An operation on this client was interrupted, and its result is unknown or not stored.
        Unfinished = "unfinished",
    }
}

codes! {
    /// Ways out of a refusal.
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum WayAction {
        /// The current secret is entered here.
        EnterSecret = "enter_secret",
        /// The registration is read.
        Read = "read",
        /// The provider makes a new secret.
        Rotate = "rotate",
        /// The same client is registered again.
        RegisterAgain = "register_again",
        /// The same resource is connected again.
        ConnectAgain = "connect_again",
        /// The same request is sent later.
        Wait = "wait",
        /// The other encoding of Basic.
        Encoding = "encoding",
        /// Another method of authentication.
        Method = "method",
        /// The recorded exchange shows who answered.
        Exchange = "exchange",
        /// The network is checked.
        Network = "network",
        /// The address of the endpoint is checked.
        Endpoint = "endpoint",
        /// The clock of this computer is set.
        Clock = "clock",
        /// The keys of the client are compared.
        Key = "key",
        /// The other audience of assertions.
        Audience = "audience",
        /// The certificates of the client are compared.
        Certificate = "certificate",
        /// A new certificate is made.
        CertificateRotate = "certificate_rotate",
        /// A new certificate is imported.
        CertificateImport = "certificate_import",
        /// The interrupted operation is finished.
        Resume = "resume",
    }
}

codes! {
    /// What can be known: the key of its sentence.
    pub(crate) enum FactKey {
        NotOauth = "not_oauth",
        NoSecret = "no_secret",
        Public = "public",
        ClockOff = "clock_off",
        KeyHeld = "key_held",
        Audience = "audience",
        OauthAnswer = "oauth_answer",
        CertificateHeld = "certificate_held",
        CertificateEnded = "certificate_ended",
        CertificateEnds = "certificate_ends",
        Worked = "worked",
        NeverWorked = "never_worked",
        RegistrationExists = "registration_exists",
        RegistrationRefused = "registration_refused",
        New = "new",
        EncodingsDiffer = "encodings_differ",
        EncodingsAlike = "encodings_alike",
        MethodUnlisted = "method_unlisted",
        MethodsOffered = "methods_offered",
        NeverExpires = "never_expires",
        ExpiresLater = "expires_later",
        Expired = "expired",
        ExpiryUnsaid = "expiry_unsaid",
        Unfinished = "unfinished",
    }
}

codes! {
    /// Where a fact is known from: the key of its name.
    pub(crate) enum FactSource {
        Exchange = "exchange",
        Vault = "vault",
        Kept = "kept",
        Token = "token",
        Read = "read",
        Metadata = "metadata",
        Registration = "registration",
    }
}

/// One thing that is known, by the key of its sentence.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) key: FactKey,
    pub(crate) source: FactSource,
    pub(crate) at: Option<i64>,
    pub(crate) supports: bool,
}

/// One way out.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) action: WayAction,
    pub(crate) command: Option<String>,
}

impl Cause {
    pub(crate) fn view(&self, lang: Lang) -> CauseView {
        let when = self.at.map(|at| moment(lang, at)).unwrap_or_default();
        let mut blanks: Vec<(&str, &str)> = self
            .blanks
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        blanks.push(("when", &when));
        let sentence = Family::Cause.key(self.kind.as_str());
        let plain = sentence.plain();
        CauseView {
            kind: self.kind,
            sentence: translate_filled(lang, &sentence, &blanks)
                .unwrap_or_else(|| translate(lang, plain, &blanks)),
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
            remains: (self.live_tokens > 0).then(|| translate(lang, Key::CauseRemains, &blanks)),
        }
    }

    /// The cause and the ways out in running text.
    pub(crate) fn hint(view: &CauseView, lang: Lang, surface: Actor) -> String {
        let mut hint = view.sentence.clone();
        for way in &view.ways {
            let text = match (surface, &way.command) {
                (Actor::Cli, Some(command)) => translate(
                    lang,
                    Key::WayTyped,
                    &[("title", &way.title), ("command", command)],
                ),
                _ => translate(lang, Key::WayChosen, &[("title", &way.title)]),
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
            text: translate(lang, Family::Fact.key(self.key.as_str()), blanks),
            source: translate(lang, Family::Source.key(self.source.as_str()), blanks),
            at: self.at,
        }
    }
}

impl Way {
    fn view(&self, lang: Lang, blanks: &[(&str, &str)]) -> WayView {
        let key = self.action.as_str();
        WayView {
            action: self.action,
            title: translate(lang, Family::WayTitle.key(key), blanks),
            text: translate(lang, Family::WayText.key(key), blanks),
            command: self.command.clone(),
        }
    }
}
