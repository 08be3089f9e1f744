//! Nothing that we say advises a command with a secret among its arguments, which every user of the machine can read.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::Path};

use clap::CommandFactory as _;

use crate::args::Cli;

/// Parts of a line that put a secret, or what prints one, among the arguments of a command.
const WRONG: [&str; 10] = [
    "$(keywright",
    "bearer $",
    "basic $",
    "-h \"authorization",
    "-h 'authorization",
    "--header \"authorization",
    "--header 'authorization",
    "-h \"cookie",
    "-h 'cookie",
    "curl -u",
];

fn is_wrong(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    WRONG.iter().any(|part| line.contains(part))
}

fn texts(folder: &Path, endings: &[&str], into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().into_owned());
        if path.is_dir() {
            texts(&path, endings, into);
        } else if ending.is_some_and(|ending| endings.contains(&ending.as_str())) {
            into.push((
                path.display().to_string(),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

fn help(command: &mut clap::Command, into: &mut Vec<(String, String)>) {
    into.push((
        format!("help of {}", command.get_name()),
        command.render_long_help().to_string(),
    ));
    command
        .get_subcommands_mut()
        .for_each(|one| help(one, into));
}

#[test]
fn t37_no_advice_puts_a_secret_among_arguments() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages = tempfile::tempdir().unwrap();
    crate::commands::generate::man(pages.path()).unwrap();
    let mut all = Vec::new();
    help(&mut Cli::command(), &mut all);
    let commands = all.len();
    assert!(
        commands > 50,
        "the help of only {commands} commands was found"
    );
    texts(pages.path(), &["1"], &mut all);
    texts(&root.join("docs"), &["md"], &mut all);
    texts(&root.join("ui/messages"), &["json"], &mut all);
    texts(
        &root.join("crates/keywright-core/messages"),
        &["yml"],
        &mut all,
    );
    for file in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        all.push((
            file.to_owned(),
            fs::read_to_string(root.join(file)).unwrap(),
        ));
    }
    let wrong: Vec<String> = all
        .iter()
        .flat_map(|(place, text)| text.lines().map(move |line| format!("{place}: {line}")))
        .filter(|line| is_wrong(line))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_search_knows_bad_advice_from_good() {
    for bad in [
        r#"curl -H "$(keywright token get orders --format header)" https://api.example.com/"#,
        r#"curl -H "Authorization: Bearer $TOKEN" https://api.example.com/"#,
        "curl -H 'Authorization: Bearer eyJ' https://api.example.com/",
        "curl -u id:secret https://id.example.com/token",
    ] {
        assert!(is_wrong(bad), "{bad}");
    }
    for good in [
        "keywright token get orders --format header | curl -H @- https://api.example.com/",
        "keywright call GET https://api.example.com/orders --app orders -H 'X-Api-Key: env:API_KEY'",
    ] {
        assert!(!is_wrong(good), "{good}");
    }
}
