//! Every command that a message names can be typed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use clap::Parser as _;

use crate::args::Cli;

/// All lines of the message files of the core, with their place.
fn lines() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keywright-core/messages");
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for (number, line) in text.lines().enumerate() {
            all.push((format!("{file}:{}", number + 1), line.to_owned()));
        }
    }
    all
}

/// A command as a shell would take it apart, its blanks filled with a word.
fn typed(command: &str) -> Vec<String> {
    let mut filled = String::new();
    let mut rest = command;
    while let Some((before, after)) = rest.split_once("%{") {
        let (name, after) = after.split_once('}').unwrap();
        filled.push_str(before);
        filled.push_str(if name == "what" {
            "token_endpoint"
        } else {
            "word"
        });
        rest = after;
    }
    filled.push_str(rest);
    filled
        .split_whitespace()
        .map(|word| word.trim_matches(['\'', '"', '\\']).to_owned())
        .collect()
}

#[test]
fn every_command_in_a_message_can_be_typed() {
    let (mut found, mut wrong) = (0, Vec::new());
    for (place, line) in lines() {
        for command in line.split('`').skip(1).step_by(2) {
            if !command.starts_with("keywright ") || command.ends_with("--help") {
                continue;
            }
            found += 1;
            let words = typed(command);
            // A group without its command stands for all of them.
            if let Err(error) = Cli::try_parse_from(&words) {
                wrong.push(format!("{place}: `{command}`: {error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found > 60, "only {found} commands were found");
}

#[test]
fn words_of_the_window_name_no_command() {
    let mut key = String::new();
    for (place, line) in lines() {
        if !line.starts_with(' ') {
            key = line.split(':').next().unwrap_or_default().to_owned();
        }
        if key.ends_with("_window") {
            assert!(
                !line.contains("keywright ") && !line.contains(" --"),
                "{place}: {line}"
            );
        }
    }
}

/// All Rust sources of the command line.
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

/// The names between `%{` and `}`.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split("%{")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn messages_of_the_command_line_are_used_in_both_languages() {
    let prefix = concat!("cli", ".");
    let mut code = String::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut code,
    );
    let used: BTreeSet<&str> = code
        .split('"')
        .filter(|text| text.starts_with(prefix) && !text.contains(char::is_whitespace))
        .collect();
    let file = lines();
    let defined: BTreeMap<&str, &str> = file
        .iter()
        .filter(|(_, line)| line.starts_with(prefix))
        .filter_map(|(_, line)| line.split_once(": { en: "))
        .collect();
    assert_eq!(used, defined.keys().copied().collect());
    for (key, text) in defined {
        let (en, ja) = text.split_once(", ja: ").unwrap();
        assert_eq!(placeholders(en), placeholders(ja), "{key}");
    }
}
