//! Codes of the messages that adapters choose. Each adapter declares its own in its `messages.rs`; one that is not
//! declared does not compile, and one that nothing uses is dead code.

use crate::{auth0, curity, entra, http_bridge, okta};

/// The code of a message; the core has the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageCode(&'static str);

impl MessageCode {
    /// A code that [`messages`] declares.
    pub(crate) const fn declared(code: &'static str) -> Self {
        Self(code)
    }

    /// The code in the message files, without its family.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl AsRef<str> for MessageCode {
    fn as_ref(&self) -> &str {
        self.0
    }
}

/// The codes of one family.
pub(crate) type Declared = (&'static str, &'static [&'static str]);

/// Declares codes by family: a module of constants for each, and the list of all.
macro_rules! messages {
    ($($family:ident { $($name:ident = $code:literal,)+ })+) => {
        $(
            pub(crate) mod $family {
                use crate::message_code::MessageCode;

                $(pub(crate) const $name: MessageCode = MessageCode::declared($code);)+
            }
        )+

        /// All codes, from their text: a list of the constants would hide one that nothing uses.
        pub(crate) const ALL: &[$crate::message_code::Declared] =
            &[$((stringify!($family), &[$($code),+])),+];
    };
}
pub(crate) use messages;

/// All codes that adapters can choose, each with its family: `reason`, `finding`, `shortfall`, `advice`, `step`, `plan`,
/// or `refusal`, which is both a finding and an advice. For the test of the messages.
pub fn message_codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        crate::messages::ALL,
        auth0::messages::ALL,
        curity::messages::ALL,
        entra::messages::ALL,
        http_bridge::messages::ALL,
        okta::messages::ALL,
    ]
    .into_iter()
    .flatten()
    .flat_map(|(family, codes)| codes.iter().map(|code| (*family, *code)))
}
