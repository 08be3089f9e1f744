//! Every command in the documentation can be typed.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Parser as _, error::ErrorKind};

use crate::args::Cli;

/// README, CONTRIBUTING and their like, and all of `docs` except the decisions, which are history.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut documents = Vec::new();
    for folder in ["", "docs", "docs/guide", "docs/guide/ja", "tests/servers"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_history = path.ends_with("CHANGELOG.md");
            if path.extension().is_some_and(|ending| ending == "md") && !is_history {
                documents.push(path);
            }
        }
    }
    documents
}

/// The commands of a document: in inline code, and in blocks of `sh` after pipes, lists and substitutions too. A command
/// may go on in the next line.
fn commands(document: &str) -> Vec<String> {
    let document = document.replace(" \\\n", " ");
    let mut commands = Vec::new();
    let mut block = None;
    for line in document.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            block = block.is_none().then(|| language.to_owned());
        } else if block.as_deref() == Some("sh") {
            commands.extend(
                simple_commands(line)
                    .into_iter()
                    .filter(|words| words.first().is_some_and(|name| name == "keywright"))
                    .map(|words| words.join("\u{1f}")),
            );
        } else if block.is_none() {
            let code = line.split('`').skip(1).step_by(2);
            commands.extend(
                code.filter(|code| code.starts_with("keywright "))
                    .map(|code| code.split_whitespace().collect::<Vec<_>>().join("\u{1f}")),
            );
        }
    }
    commands
}

/// The words of each simple command in a line of shell. A redirection ends a command: its target is not an argument.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let (mut all, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let mut quote = None;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (_, '$') if letters.peek() == Some(&'(') => {
                letters.next();
                let inside: String = letters
                    .by_ref()
                    .take_while(|letter| *letter != ')')
                    .collect();
                all.extend(simple_commands(&inside));
                word.get_or_insert_default().push_str("value");
            }
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '#') if word.is_none() => break,
            (None, '|' | ';' | '&' | '>' | '<') => {
                words.extend(word.take());
                all.push(std::mem::take(&mut words));
            }
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    all.push(words);
    all
}

/// Why a command cannot be typed.
fn refused(command: &str) -> Option<String> {
    let error = Cli::try_parse_from(command.split('\u{1f}')).err()?;
    let is_answer = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    (!is_answer).then(|| format!("`{}`: {error}", command.replace('\u{1f}', " ")))
}

#[test]
fn every_command_in_a_document_can_be_typed() {
    let (mut found, mut wrong) = (0, Vec::new());
    for path in documents() {
        for command in commands(&fs::read_to_string(&path).unwrap()) {
            found += 1;
            wrong.extend(refused(&command).map(|why| format!("{}: {why}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found > 150, "only {found} commands were found");
}

#[test]
fn commands_are_found_in_all_places_of_a_document() {
    let document = "See `keywright status` and `cargo run`.\n```sh\ncurl -H \"$(keywright token get a)\" x   # keywright no\necho '{\"a b\":1}' | keywright app update a --metadata -\nkeywright config export > keywright.json && keywright lock\n```\n```json\nkeywright doctor\n```\n";
    let found: Vec<String> = commands(document)
        .iter()
        .map(|command| command.replace('\u{1f}', " "))
        .collect();
    assert_eq!(
        found,
        [
            "keywright status",
            "keywright token get a",
            "keywright app update a --metadata -",
            "keywright config export",
            "keywright lock",
        ]
    );
}

#[test]
fn command_that_does_not_exist_is_refused() {
    assert_eq!(refused("keywright\u{1f}--help"), None);
    assert!(refused("keywright\u{1f}app\u{1f}none").is_some());
    assert!(refused("keywright\u{1f}lock\u{1f}--gently").is_some());
}
