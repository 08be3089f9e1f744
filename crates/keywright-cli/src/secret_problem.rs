//! Why a secret cannot be used as it was given. The secret itself is never repeated.

use keywright_core::{Lang, translate};

use crate::text::Key;

/// What is wrong with a secret, or with the place that it comes from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SecretProblem {
    /// Nothing.
    #[error("it is empty")]
    Empty,
    /// A document, or a line with a name in front.
    #[error("it is a document")]
    Document,
    /// Typed twice, and not alike.
    #[error("the passphrases differ")]
    Differs,
    /// A header that is not text.
    #[error("the header is not text")]
    HeaderNotText,
    /// A file, or standard input, that is not text.
    #[error("{place} is not text")]
    NotText {
        /// The file.
        place: String,
    },
    /// An environment variable that does not exist.
    #[error("the environment variable {name} is not set")]
    NotSet {
        /// Its name.
        name: String,
    },
    /// An environment variable that is not text.
    #[error("the environment variable {name} is not text")]
    VariableNotText {
        /// Its name.
        name: String,
    },
}

impl SecretProblem {
    /// The phrase after "Could not read the secret".
    pub(crate) fn phrase(&self, lang: Lang) -> String {
        let (key, detail) = match self {
            Self::Empty => (Key::SecretEmpty, ""),
            Self::Document => (Key::SecretDocument, ""),
            Self::Differs => (Key::SecretDiffers, ""),
            Self::HeaderNotText => (Key::SecretNotText, ""),
            Self::NotText { place } => (Key::SecretFileNotText, place.as_str()),
            Self::NotSet { name } => (Key::SecretNotSet, name.as_str()),
            Self::VariableNotText { name } => (Key::SecretVariableNotText, name.as_str()),
        };
        translate(lang, key, &[("detail", detail)])
    }

    /// What to do next.
    pub(crate) fn hint(&self, lang: Lang) -> String {
        let (key, detail) = match self {
            Self::Empty => (Key::SecretEmptyHint, ""),
            Self::Document => (Key::SecretDocumentHint, ""),
            Self::Differs => (Key::SecretDiffersHint, ""),
            Self::HeaderNotText | Self::NotText { .. } | Self::VariableNotText { .. } => {
                (Key::SecretNotTextHint, "")
            }
            Self::NotSet { name } => (Key::SecretNotSetHint, name.as_str()),
        };
        translate(lang, key, &[("detail", detail)])
    }
}
