//! Keys of messages. Only a key that is declared here, or made from one of the codes of a family, finds a message: a
//! misspelled one does not compile, an unused one is dead code, and a test over all of them finds a message that is
//! missing or that nothing uses.

use std::borrow::Cow;

pub(crate) use super::keys::Key;

/// The key of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageKey(Cow<'static, str>);

impl MessageKey {
    /// A key that [`messages!`](crate::messages) declares.
    #[doc(hidden)]
    pub const fn declared(key: &'static str) -> Self {
        Self(Cow::Borrowed(key))
    }

    /// The key in the message files.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The sentence of the window, where it has one of its own.
    pub(crate) fn window(&self) -> Self {
        self.with("_window")
    }

    /// The sentence that names nothing, for when nothing is known.
    pub(crate) fn plain(&self) -> Self {
        self.with("_plain")
    }

    /// What to do about a finding.
    pub(crate) fn fix(&self) -> Self {
        self.with("_fix")
    }

    fn with(&self, ending: &str) -> Self {
        Self(Cow::Owned(format!("{}{ending}", self.0)))
    }
}

/// Declares the messages that a crate names, each with its key.
#[macro_export]
macro_rules! messages {
    (
        $(#[$about:meta])*
        $visible:vis enum $name:ident {
            $($one:ident = $key:literal,)+
        }
    ) => {
        $(#[$about])*
        #[allow(clippy::enum_variant_names, reason = "they are the names of the keys")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visible enum $name {
            $(#[doc = concat!("`", $key, "`")] $one,)+
        }

        impl $name {
            /// All. For the tests alone: a list in the program would hide a message that nothing uses.
            #[cfg(test)]
            $visible const ALL: &'static [Self] = &[$(Self::$one,)+];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$one => $key,)+
                }
            }
        }

        impl From<$name> for $crate::MessageKey {
            fn from(key: $name) -> Self {
                Self::declared(key.as_str())
            }
        }
    };
}

macro_rules! families {
    ($($one:ident = $before:literal, $after:literal;)+) => {
        /// Messages of which there is one for each of several codes.
        #[allow(missing_docs, reason = "the documentation of each is its form")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Family {
            $(#[doc = concat!("`", $before, "CODE", $after, "`")] $one,)+
        }

        impl Family {
            /// All families.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$one,)+];

            fn around(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$one => ($before, $after),)+
                }
            }
        }
    };
}

families! {
    Actor = "actor.", "";
    Adapted = "adapted.", "";
    Advice = "advice.", "";
    Audit = "audit.", "";
    Because = "because.", "";
    Cannot = "cannot.", "";
    Capability = "capability.", "";
    Cause = "cause.", "";
    ChangeOperation = "operation.", "";
    Choice = "choice.", "";
    Cookie = "cookie.", "";
    DocumentRuleBroken = "connect.document_", "_no";
    DocumentRuleKept = "connect.document_", "_yes";
    Doctor = "doctor.", "";
    Doing = "doing.", "";
    ErrorHint = "error.", ".hint";
    ErrorMessage = "error.", ".message";
    ExpiryNotice = "notice.expires_", "";
    Fact = "fact.", "";
    FileHint = "hint.file_", "";
    FileKind = "file_kind.", "";
    FileWanted = "file_wanted.", "";
    Finding = "finding.", "";
    Fix = "fix.", "";
    Hint = "hint.", "";
    HintIo = "hint.io_", "";
    HintNameTaken = "hint.name_taken_", "";
    HintNoEndpoint = "hint.no_endpoint_", "";
    HintNoSecret = "hint.no_secret_", "";
    HintNotCapable = "hint.not_capable_", "";
    HintNotFound = "hint.not_found_", "";
    Io = "io.", "";
    KindLine = "kind.", ".line";
    KindName = "kind.", ".name";
    Offer = "offer.", "";
    Pending = "pending.", "";
    Plan = "plan.", "";
    PresetBlank = "preset.blank.", "";
    PresetNote = "preset.", ".note";
    Reason = "reason.", "";
    RegisterAsk = "register.ask.", "";
    RegisterNote = "register.note.", "";
    Secret = "secret.", "";
    SettingHint = "setting.", ".hint";
    SettingLabel = "setting.", ".label";
    Shortfall = "shortfall.", "";
    Source = "source.", "";
    Step = "step.", "";
    StoryAsk = "story.ask.", "";
    Thing = "thing.", "";
    WayText = "way.", ".text";
    WayTitle = "way.", ".title";
}

impl Family {
    /// The message of a code.
    pub fn key(self, code: impl AsRef<str>) -> MessageKey {
        let (before, after) = self.around();
        MessageKey(Cow::Owned(format!("{before}{}{after}", code.as_ref())))
    }
}

#[cfg(test)]
impl MessageKey {
    /// The key of that text, which need not be declared.
    pub(crate) fn of_text(key: &str) -> Self {
        Self(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
