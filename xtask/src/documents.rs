//! Checks what the documentation refers to: links lead to files, the walks of `docs/architecture.md` name functions that
//! exist, its table of crates matches the manifests, and the guide uses the labels of the window.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use xshell::{Shell, cmd};

use crate::Failure;

const ARCHITECTURE: &str = "docs/architecture.md";
const CORE: &str = "crates/keywright-core/src";

/// The guide in each language, with the messages of the window.
const GUIDES: &[(&str, &str)] = &[
    ("docs/guide", "ui/messages/en"),
    ("docs/guide/ja", "ui/messages/ja"),
];

/// Checks every Markdown file that git tracks or does not ignore.
pub(crate) fn check(shell: &Shell) -> Result<(), Failure> {
    let list = cmd!(
        shell,
        "git ls-files --cached --others --exclude-standard -z -- *.md"
    )
    .quiet()
    .read()?;
    let root = crate::root();
    let mut problems = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        // Listed and deleted: nothing to check.
        let Ok(text) = fs::read_to_string(root.join(path)) else {
            continue;
        };
        let mut found = broken_links(&root.join(path), &text);
        if path == ARCHITECTURE {
            found.extend(missing_functions(&root.join(path), &text));
            found.extend(missing_core_files(&root.join(CORE), &text));
            found.extend(wrong_dependencies(&text, |name| manifest(&root, name)));
        }
        problems.extend(found.into_iter().map(|found| format!("{path}: {found}")));
    }
    for (guide, messages) in GUIDES {
        let labels = labels(&root.join(messages))?;
        for path in markdown_in(&root.join(guide)) {
            let text = read(&path)?;
            let unknown = bold(&text).filter(|label| !labels.contains(*label));
            problems.extend(
                unknown
                    .map(|label| format!("{}: the window has no label “{label}”", path.display())),
            );
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::Checks(problems.join("\n")))
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect()
}

/// Text of each link and where it leads, outside of code.
fn links(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices("](").filter_map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + 2..]);
        let label = before.rfind('[').map(|start| &before[start + 1..])?;
        let target = after.split_once(')').map(|(target, _)| target)?;
        (!target.contains(['\n', ' '])).then_some((label, target))
    })
}

/// Links to files that do not exist.
fn broken_links(document: &Path, text: &str) -> Vec<String> {
    links(text)
        .filter(|(_, target)| !target.contains("://") && !target.starts_with('#'))
        .filter(|(_, target)| !resolve(document, target).exists())
        .map(|(_, target)| format!("the link to {target} leads nowhere"))
        .collect()
}

fn resolve(document: &Path, target: &str) -> PathBuf {
    let file = target.split('#').next().unwrap_or_default();
    document.parent().unwrap_or(document).join(file)
}

/// Of each `` `function` in [text](file) ``: functions that the file does not define, or use where it is a page.
fn missing_functions(document: &Path, text: &str) -> Vec<String> {
    let named = text.match_indices("` in [").filter_map(|(at, separator)| {
        let name = text[..at].rsplit('`').next()?;
        let (_, target) = links(&text[at + separator.len() - 1..]).next()?;
        Some((name, target))
    });
    let is_missing = |(name, target): &(&str, &str)| {
        let source = fs::read_to_string(resolve(document, target)).unwrap_or_default();
        let wanted = match target.rsplit_once('.') {
            Some((_, "rs")) => vec![format!("fn {name}("), format!("fn {name}<")],
            _ => vec![format!("{name}("), format!("{name}<")],
        };
        !wanted.iter().any(|wanted| source.contains(wanted))
    };
    named
        .filter(is_missing)
        .map(|(name, target)| format!("{target} has no function {name}"))
        .collect()
}

/// Files in the table of the core that do not exist.
fn missing_core_files(core: &Path, text: &str) -> Vec<String> {
    let section = text
        .split("\n## ")
        .find(|section| section.starts_with("The core\n"));
    code(section.unwrap_or_default())
        .filter(|name| matches!(name.rsplit_once(['.', '/']), Some((_, "rs" | ""))))
        .filter(|name| !core.join(name).exists())
        .map(|name| format!("the core has no {name}"))
        .collect()
}

/// Rows `| crate | content | uses |` whose third column differs from the manifest of the crate.
fn wrong_dependencies(text: &str, manifest: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut problems = Vec::new();
    for row in text
        .lines()
        .filter(|line| line.starts_with("| `keywright-"))
    {
        let Some(name) = code(row).next() else {
            continue;
        };
        let uses = row.trim_end_matches(" |").rsplit(" | ").next();
        let written: BTreeSet<String> = code(uses.unwrap_or_default())
            .map(|name| format!("keywright-{name}"))
            .collect();
        let Some(manifest) = manifest(name) else {
            problems.push(format!("there is no crate {name}"));
            continue;
        };
        let real = own_dependencies(&manifest);
        if written != real {
            problems.push(format!("{name} uses {real:?}, not {written:?}"));
        }
    }
    problems
}

/// The crates of this workspace in `[dependencies]`.
fn own_dependencies(manifest: &str) -> BTreeSet<String> {
    let section = manifest.split("\n[dependencies]\n").nth(1);
    let lines = section.unwrap_or_default().lines();
    lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| line.starts_with("keywright-"))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .map(str::to_owned)
        .collect()
}

fn manifest(root: &Path, name: &str) -> Option<String> {
    let folder = if name == "keywright-app" {
        root.join("src-tauri")
    } else {
        root.join("crates").join(name)
    };
    fs::read_to_string(folder.join("Cargo.toml")).ok()
}

/// Inline code, line by line.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Bold text: in the guide, the labels of the window.
fn bold(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split("**").skip(1).step_by(2))
}

/// Every message of the window in one language.
fn labels(folder: &Path) -> Result<BTreeSet<String>, Failure> {
    let mut labels = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let messages: serde_json::Value =
            serde_json::from_str(&read(&entry.path())?).map_err(|source| Failure::NotJson {
                program: "a file of messages",
                source,
            })?;
        let messages = messages.as_object().into_iter().flatten();
        labels.extend(messages.filter_map(|(_, text)| text.as_str().map(str::to_owned)));
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn this_file() -> PathBuf {
        crate::root().join("xtask/src/documents.rs")
    }

    #[test]
    fn broken_link_is_reported() {
        let text = "[a](main.rs) [b](nowhere.rs#x) [c](#here) [d](https://id.example.com/)";
        assert_eq!(
            broken_links(&this_file(), text),
            ["the link to nowhere.rs#x leads nowhere"]
        );
    }

    #[test]
    fn function_that_moved_is_reported() {
        let text = "`resolve` in [this](documents.rs), `run` in [this](documents.rs).";
        assert_eq!(
            missing_functions(&this_file(), text),
            ["documents.rs has no function run"]
        );
    }

    #[test]
    fn core_file_that_moved_is_reported() {
        let text = "# A\n\n## The core\n\n| A | `main.rs`, `gone.rs`, `none/` |\n\n## B\n\n`x.rs`";
        let core = crate::root().join("xtask/src");
        assert_eq!(
            missing_core_files(&core, text),
            ["the core has no gone.rs", "the core has no none/"]
        );
    }

    #[test]
    fn dependency_that_is_not_listed_is_reported() {
        let manifest = "[package]\n\n[dependencies]\nkeywright-oauth.workspace = true\nkeywright-vault = { path = \"x\" }\nserde = \"1\"\n\n[dev-dependencies]\nkeywright-sandbox.workspace = true\n";
        let problems = |row: &str| wrong_dependencies(row, |_| Some(manifest.to_owned()));
        assert_eq!(
            problems("| `keywright-a` | `x` | `oauth`, `vault` |"),
            [""; 0]
        );
        assert_eq!(
            problems("| `keywright-a` | `oauth` | `vault` |"),
            [r#"keywright-a uses {"keywright-oauth", "keywright-vault"}, not {"keywright-vault"}"#]
        );
        assert_eq!(
            wrong_dependencies("| `keywright-a` | | – |", |_| None),
            ["there is no crate keywright-a"]
        );
    }

    #[test]
    fn label_is_a_message_of_the_window() -> Result<(), Failure> {
        let labels = labels(&crate::root().join("ui/messages/en"))?;
        assert!(labels.contains("Settings") && !labels.contains("shell_settings"));
        let found: Vec<_> = bold("Press **Send**,\nthen **Close**.").collect();
        assert_eq!(found, ["Send", "Close"]);
        Ok(())
    }

    #[test]
    fn documents_of_the_project_pass() -> Result<(), Failure> {
        let shell = Shell::new()?;
        shell.change_dir(crate::root());
        check(&shell)
    }
}
