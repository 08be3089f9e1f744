//! The words of Keywright in the user's language. Each topic has its file under `messages/`.

use crate::view::Lang;

impl Lang {
    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The language that a locale name such as `ja_JP.UTF-8` means.
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("ja") {
            Self::Ja
        } else {
            Self::En
        }
    }
}

/// The sentence of a key with its blanks filled, or none where there is no such sentence.
pub(crate) fn try_say(lang: Lang, key: &str, blanks: &[(&str, &str)]) -> Option<String> {
    let sentence = crate::_rust_i18n_try_translate(lang.tag(), key)?;
    let names: Vec<&str> = blanks.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = blanks
        .iter()
        .map(|(_, value)| (*value).to_owned())
        .collect();
    let filled = rust_i18n::replace_patterns(&sentence, &names, &values);
    (!filled.is_empty()).then_some(filled)
}

/// The sentence of a key with its blanks filled; the key itself where the sentence is missing,
/// which a test makes sure never happens.
pub fn say(lang: Lang, key: &str, blanks: &[(&str, &str)]) -> String {
    try_say(lang, key, blanks).unwrap_or_else(|| key.to_owned())
}
