//! The words of Keywright in the user's language. Each topic has its file under `messages/`.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use specta::Type;

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
pub(crate) fn try_translate(lang: Lang, key: &str, blanks: &[(&str, &str)]) -> Option<String> {
    let sentence = crate::_rust_i18n_try_translate(lang.tag(), key)?;
    let names: Vec<&str> = blanks.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = blanks
        .iter()
        .map(|(_, value)| (*value).to_owned())
        .collect();
    let filled = rust_i18n::replace_patterns(&sentence, &names, &values);
    (!filled.is_empty()).then_some(filled)
}

/// The sentence of a key with its blanks filled, or none where a blank that it has would stay empty.
pub(crate) fn translate_filled(lang: Lang, key: &str, blanks: &[(&str, &str)]) -> Option<String> {
    let sentence = crate::_rust_i18n_try_translate(lang.tag(), key)?;
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
    whole.then(|| translate(lang, key, blanks))
}

/// The sentence of a key with its blanks filled; the key itself where the sentence is missing,
/// which a test makes sure never happens.
pub fn translate(lang: Lang, key: &str, blanks: &[(&str, &str)]) -> String {
    try_translate(lang, key, blanks).unwrap_or_else(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::{collections::BTreeSet, fs, path::Path};

    use keywright_providers::ProviderKind;
    use regex::Regex;

    use super::*;
    use crate::{
        FailureCode, InputProblem,
        app::audit_action::AuditAction,
        error::cause::{CauseKind, FactKey, FactSource, WayAction},
        view::RegisterWarningCode,
    };

    fn sources(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else {
                into.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }

    /// The sources of the adapters, by file name.
    fn adapters() -> Vec<(String, String)> {
        fn walk(folder: &Path, into: &mut Vec<(String, String)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, into);
                } else {
                    let name = path.file_name().unwrap().to_string_lossy().into_owned();
                    into.push((name, fs::read_to_string(&path).unwrap()));
                }
            }
        }
        let mut all = Vec::new();
        walk(Path::new("../keywright-providers/src"), &mut all);
        all
    }

    /// Keys of the sentences about a refusal and a new client.
    fn of_causes() -> Vec<String> {
        let causes = CauseKind::ALL
            .iter()
            .map(|one| format!("cause.{}", one.as_str()));
        let ways = WayAction::ALL.iter().flat_map(|one| {
            let key = one.as_str();
            [format!("way.{key}.title"), format!("way.{key}.text")]
        });
        let facts = FactKey::ALL
            .iter()
            .map(|one| format!("fact.{}", one.as_str()));
        let sources = FactSource::ALL
            .iter()
            .map(|one| format!("source.{}", one.as_str()));
        let notes = RegisterWarningCode::ALL
            .iter()
            .map(|one| format!("register.note.{}", one.as_str()));
        causes
            .chain(ways)
            .chain(facts)
            .chain(sources)
            .chain(notes)
            .collect()
    }

    /// Keys that the sources name, whole or made from a stable code.
    fn keys() -> BTreeSet<String> {
        let mut core = String::new();
        sources(Path::new("src"), &mut core);
        let mut providers = String::new();
        sources(Path::new("../keywright-providers/src"), &mut providers);
        let mut all = BTreeSet::new();
        let whole = Regex::new(r#""((?:error|hint|secret|action|token|signature|claim|call|plan|shortfall|difference|register|sheet|doctor|audit_check)\.[a-z0-9_]+(?:\.[a-z]+)?)""#).unwrap();
        all.extend(whole.captures_iter(&core).map(|found| found[1].to_owned()));
        let arms = Regex::new(r#"=> "([a-z_]+)""#).unwrap();
        // Those two have a sentence of their surface.
        all.extend(
            FailureCode::ALL
                .iter()
                .filter(|code| {
                    !matches!(code, FailureCode::NotConfirmed | FailureCode::WindowFailed)
                })
                .map(|code| format!("error.{}.message", code.as_str())),
        );
        all.extend(
            InputProblem::ALL
                .iter()
                .map(|problem| format!("error.{}.message", problem.as_str())),
        );
        all.extend(of_causes());
        all.extend(
            AuditAction::ALL
                .iter()
                .map(|action| format!("audit.{}", action.as_str())),
        );
        let capability = fs::read_to_string("../keywright-providers/src/capability.rs").unwrap();
        all.extend(
            arms.captures_iter(&capability)
                .map(|found| format!("capability.{}", &found[1])),
        );
        // Keys that the adapters make, each kind in its own folder.
        for (pattern, prefix) in [
            (r#"(?:Reason|Self)::new\(\s*"([a-z0-9_]+)"(?:,\s*)?\)"#, ""),
            (r#"Finding::told\(\s*"([a-z0-9_]+)""#, "finding"),
            (r#"Shortfall::Told\(\s*"([a-z0-9_]+)""#, "shortfall"),
            (r#"=> Some\("([a-z0-9_]+)"\)"#, "advice"),
        ] {
            let found = Regex::new(pattern).unwrap();
            for (file, text) in adapters() {
                let prefix = match (prefix, file.as_str()) {
                    ("", "verify.rs") => "step",
                    ("", _) => "reason",
                    ("advice", "advice.rs") => "advice",
                    ("advice", _) => continue,
                    (other, _) => other,
                };
                all.extend(
                    found
                        .captures_iter(&text)
                        .map(|found| format!("{prefix}.{}", &found[1])),
                );
            }
        }
        let step = Regex::new(r#"StepName::new\(\s*"([a-z0-9_]+)""#).unwrap();
        all.extend(
            step.captures_iter(&providers)
                .map(|found| format!("step.{}", &found[1])),
        );
        let setting = Regex::new(r#"pub const [A-Z_]+: &str = "([a-z_]+)""#).unwrap();
        all.extend(
            setting
                .captures_iter(&providers)
                .map(|found| format!("setting.{}.label", &found[1])),
        );
        all.extend(ProviderKind::ALL.iter().flat_map(|kind| {
            [
                format!("kind.{}.name", kind.as_str()),
                format!("kind.{}.line", kind.as_str()),
            ]
        }));
        let wire_codes = fs::read_to_string("../keywright-oauth/src/http/error.rs").unwrap();
        all.extend(
            arms.captures_iter(&wire_codes)
                .map(|found| format!("finding.failure_{}", &found[1])),
        );
        all
    }

    #[test]
    fn every_sentence_is_there_in_both_languages() {
        let keys = keys();
        assert!(keys.len() > 100, "only {} keys were found", keys.len());
        let blank = Regex::new(r"%\{[a-z_]+\}").unwrap();
        for key in keys {
            for lang in [Lang::En, Lang::Ja] {
                assert!(
                    crate::_rust_i18n_try_translate(lang.tag(), &key).is_some(),
                    "{key} has no {} sentence",
                    lang.tag()
                );
            }
            let (en, ja) = (
                translate(Lang::En, &key, &[]),
                translate(Lang::Ja, &key, &[]),
            );
            let blanks = |text: &str| -> BTreeSet<String> {
                blank
                    .find_iter(text)
                    .map(|found| found.as_str().to_owned())
                    .collect()
            };
            assert_eq!(
                blanks(&en),
                blanks(&ja),
                "{key} fills other blanks in Japanese"
            );
        }
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
        const TERMINAL: [&str; 5] = [
            "usage",
            "no_input",
            "reference",
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
                    let said =
                        try_translate(lang, &own, &[]).unwrap_or_else(|| translate(lang, key, &[]));
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
                    let said = try_translate(lang, &format!("{key}_window"), &[])
                        .unwrap_or_else(|| translate(lang, key, &[]));
                    assert!(!typed.is_match(&said), "{file}: {key}: {said}");
                }
            }
        }
    }

    #[test]
    fn a_sentence_with_an_empty_blank_is_not_said() {
        let key = "error.not_found.hint";
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
