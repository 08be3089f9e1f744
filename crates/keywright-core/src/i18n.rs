//! The words of Keywright in the user's language. Each topic has its file under `messages/`.

pub(crate) mod key;
mod keys;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use specta::Type;

use self::key::MessageKey;

/// Language of window and command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

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

/// A time as a sentence names it, in the time zone of the computer: `29 Nov 2026, 09:14 CET`. `at` is in Unix seconds;
/// a number that is not a time of our calendar stays a number.
pub fn moment(lang: Lang, at: i64) -> String {
    let form = match lang {
        Lang::En => "%-d %b %Y, %H:%M %Z",
        Lang::Ja => "%Y年%-m月%-d日 %H:%M（%Z）",
    };
    Timestamp::from_second(at).map_or_else(
        |_| at.to_string(),
        |time| {
            let local = time.to_zoned_datetime(TimeZone::system());
            local.strftime(form).to_string()
        },
    )
}

/// The sentence of a key with its blanks filled, or none where there is not such a sentence.
pub(crate) fn try_translate(
    lang: Lang,
    key: impl Into<MessageKey>,
    blanks: &[(&str, &str)],
) -> Option<String> {
    let sentence = sentence(lang, &key.into())?;
    let names: Vec<&str> = blanks.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = blanks
        .iter()
        .map(|(_, value)| (*value).to_owned())
        .collect();
    let filled = rust_i18n::replace_patterns(&sentence, &names, &values);
    (!filled.is_empty()).then_some(filled)
}

/// The sentence of a key with its blanks filled, or none where a blank that it has would stay empty.
pub(crate) fn translate_filled(
    lang: Lang,
    key: &MessageKey,
    blanks: &[(&str, &str)],
) -> Option<String> {
    let sentence = sentence(lang, key)?;
    let filled = |name: &str| {
        blanks
            .iter()
            .any(|(known, value)| *known == name && !value.trim().is_empty())
    };
    let whole = sentence
        .split("%{")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .all(|(name, _)| filled(name));
    whole.then(|| translate(lang, key.clone(), blanks))
}

/// The sentence of a key with its blanks filled; the key itself where the sentence is missing, which a test makes sure
/// never happens.
pub fn translate(lang: Lang, key: impl Into<MessageKey>, blanks: &[(&str, &str)]) -> String {
    let key = key.into();
    try_translate(lang, key.clone(), blanks).unwrap_or_else(|| key.as_str().to_owned())
}

fn sentence(lang: Lang, key: &MessageKey) -> Option<std::borrow::Cow<'static, str>> {
    crate::_rust_i18n_try_translate(lang.tag(), key.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::fs;

    use regex::Regex;

    use super::*;

    fn sentence_of(lang: Lang, key: &str) -> Option<String> {
        try_translate(lang, MessageKey::of_text(key), &[])
    }

    /// All message files: those of the core and those of the window.
    fn message_files() -> Vec<(String, String)> {
        let mut all = Vec::new();
        for folder in ["messages", "../../ui/messages/en", "../../ui/messages/ja"] {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let text = fs::read_to_string(&path).unwrap();
                all.push((path.display().to_string(), text));
            }
        }
        assert!(all.len() > 20, "only {} files were found", all.len());
        all
    }

    fn is_kind(file: &str, extension: &str) -> bool {
        std::path::Path::new(file)
            .extension()
            .is_some_and(|found| found == extension)
    }

    #[test]
    fn no_sentence_is_cut_by_an_unquoted_mark() {
        let value = Regex::new(r#"^ *[a-z_.0-9]+: *([^"{ ].*)$"#).unwrap();
        for (file, text) in message_files() {
            if !is_kind(&file, "yml") {
                continue;
            }
            for (number, line) in text.lines().enumerate() {
                if let Some(found) = value.captures(line) {
                    assert!(!found[1].contains(" #"), "{file}:{}: {line}", number + 1);
                }
                // Within braces every value is quoted, or holds nothing that YAML reads.
                for part in line.split('"').step_by(2) {
                    let is_comment = line.trim_start().starts_with('#');
                    assert!(
                        is_comment || !part.contains(" #"),
                        "{file}:{}: {line}",
                        number + 1
                    );
                }
            }
        }
    }

    #[test]
    fn no_sentence_shows_an_escape() {
        for (file, text) in message_files() {
            // In JSON one backslash is a line break, and two show it.
            let escape = if is_kind(&file, "json") {
                r"\\n"
            } else {
                r"\n"
            };
            for (number, line) in text.lines().enumerate() {
                assert!(!line.contains(escape), "{file}:{}: {line}", number + 1);
            }
        }
    }

    #[test]
    fn every_hint_of_the_window_has_one_of_the_terminal() {
        let own = Regex::new(r"(?m)^([a-z0-9_.]+)_window:").unwrap();
        let text = fs::read_to_string("messages/errors.yml").unwrap();
        for found in own.captures_iter(&text) {
            assert!(
                crate::_rust_i18n_try_translate("en", &found[1]).is_some(),
                "{} is missing",
                &found[1]
            );
        }
    }

    #[test]
    fn no_hint_of_the_window_names_an_option() {
        // Only the command line comes to these.
        const TERMINAL: [&str; 6] = [
            "usage",
            "no_input",
            "reference",
            // Of the command line alone.
            "output",
            "preset_blank_unknown",
            // Names the command line as another place.
            "change_busy",
        ];
        let hints = Regex::new(r"(?m)^error\.([a-z_]+)\.hint(?:_plain)?:").unwrap();
        let option = Regex::new(r"(^|[\s`(（])--[a-z]|keywright [a-z]").unwrap();
        let mut seen = 0;
        for (file, text) in message_files() {
            for found in hints.captures_iter(&text) {
                let key = found[0].trim_end_matches(':');
                let own = format!("error.{}.hint_window", &found[1]);
                for lang in [Lang::En, Lang::Ja] {
                    let said = sentence_of(lang, &own).or_else(|| sentence_of(lang, key));
                    let said = said.unwrap();
                    assert!(
                        TERMINAL.contains(&&found[1]) || !option.is_match(&said),
                        "{file}: {key}: {said}"
                    );
                }
                seen += 1;
            }
        }
        assert!(seen > 100, "only {seen} hints were found");
    }

    /// What Verify and the check of the computer advise is shown in the window, too.
    #[test]
    fn advice_of_the_window_names_no_command_or_key() {
        let advice =
            Regex::new(r"(?m)^(fix\.[a-z0-9_.]+|doctor\.[a-z_]+_fix|error\.[a-z_]+\.hint):")
                .unwrap();
        let typed = Regex::new(r"keywright [a-z]|\b(ca_pem|confirmed_hosts|registration_endpoint|token_endpoint)\b|\bPending\b|「未完了」").unwrap();
        // Only the command line comes to these.
        let terminal = [
            "error.usage.hint",
            "error.reference.hint",
            "error.preset_blank_unknown.hint",
        ];
        for (file, text) in message_files() {
            for found in advice.captures_iter(&text) {
                let key = &found[1];
                if key.ends_with("_window") || terminal.contains(&key) {
                    continue;
                }
                for lang in [Lang::En, Lang::Ja] {
                    let own = sentence_of(lang, &format!("{key}_window"));
                    let said = own.or_else(|| sentence_of(lang, key)).unwrap();
                    assert!(!typed.is_match(&said), "{file}: {key}: {said}");
                }
            }
        }
    }

    #[test]
    fn a_sentence_with_an_empty_blank_is_not_said() {
        let key = &key::Family::ErrorHint.key("not_found");
        assert_eq!(translate_filled(Lang::En, key, &[("detail", "")]), None);
        assert_eq!(translate_filled(Lang::En, key, &[]), None);
        assert!(translate_filled(Lang::En, key, &[("detail", "orders")]).is_some());
    }

    /// A server may have written what is filled in.
    #[test]
    fn t16_commands_in_hints_hold_quoted_words_alone() {
        const QUOTED: [&str; 10] = [
            "app",
            "config",
            "asked",
            "command",
            "endpoint",
            "instead",
            "typed_detail",
            "typed_scope",
            "typed_target",
            "typed_what",
        ];
        let blank = Regex::new(r"%\{(\w+)\}").unwrap();
        for file in ["errors", "wire", "connect", "mcp", "faults"] {
            let text = fs::read_to_string(format!("messages/{file}.yml")).unwrap();
            for line in text.lines() {
                let commands = line.split('`').skip(1).step_by(2);
                for command in commands.filter(|command| command.starts_with("keywright")) {
                    for found in blank.captures_iter(command) {
                        assert!(
                            QUOTED.contains(&&found[1]) || command.ends_with("restore %{id}"),
                            "{file}: {command}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn errors_have_a_next_step() {
        let text = fs::read_to_string("messages/errors.yml").unwrap();
        let codes = Regex::new(r"(?m)^error\.([a-z_]+)\.message").unwrap();
        for found in codes.captures_iter(&text) {
            let key = format!("error.{}.hint", &found[1]);
            assert!(
                crate::_rust_i18n_try_translate("en", &key).is_some(),
                "{key} is missing"
            );
        }
    }
}
