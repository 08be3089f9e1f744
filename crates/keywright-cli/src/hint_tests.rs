//! Every command that a message names can be typed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeSet, fs, path::Path};

use clap::Parser as _;

use keywright_core::{Lang, MessageKey, translate};

use crate::{args::Cli, text::Key};

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

#[test]
fn messages_of_the_command_line_are_there_and_used() {
    let keys: Vec<MessageKey> = Key::ALL.iter().copied().map(MessageKey::from).collect();
    let is_ours = |key: &&str| key.starts_with("cli.");
    let used: BTreeSet<&str> = keys
        .iter()
        .map(MessageKey::as_str)
        .filter(is_ours)
        .collect();
    let file = lines();
    let defined: BTreeSet<&str> = file
        .iter()
        .filter_map(|(_, line)| Some(line.split_once(':')?.0))
        .filter(is_ours)
        .collect();
    assert_eq!(used, defined);
    for key in keys {
        for lang in [Lang::En, Lang::Ja] {
            assert_ne!(translate(lang, key.clone(), &[]), key.as_str());
        }
    }
}
