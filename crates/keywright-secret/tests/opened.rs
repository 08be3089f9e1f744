//! The places that open a secret are those of `opened.txt`, and no more.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Where programs come from; test tools and the Sandbox hold nobody's secrets.
const SOURCES: [&str; 6] = [
    "crates/keywright-oauth/src",
    "crates/keywright-providers/src",
    "crates/keywright-vault/src",
    "crates/keywright-core/src",
    "crates/keywright-cli/src",
    "src-tauri/src",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs")
            && name != "tests"
            && name != "testing"
            && !name.ends_with("_tests")
        {
            found.push(path);
        }
    }
}

/// How often a secret is opened in a source, its tests left out.
fn openings(source: &str) -> usize {
    let program = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    program
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| line.matches(".expose()").count() + line.matches("::expose)").count())
        .sum()
}

fn listed() -> BTreeMap<String, usize> {
    let list = fs::read_to_string(root().join("crates/keywright-secret/opened.txt")).unwrap();
    list.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (count, path) = line.trim().split_once(' ').unwrap();
            (path.to_owned(), count.parse().unwrap())
        })
        .collect()
}

#[test]
fn a_secret_is_opened_where_the_list_says_so() {
    let root = root();
    let mut all = Vec::new();
    for source in SOURCES {
        files(&root.join(source), &mut all);
    }
    let found: BTreeMap<String, usize> = all
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy();
            (
                name.replace('\\', "/"),
                openings(&fs::read_to_string(path).unwrap()),
            )
        })
        .filter(|(_, count)| *count > 0)
        .collect();
    // A new place is looked at before its number is written down.
    assert_eq!(found, listed());
}

#[test]
fn openings_are_counted_outside_of_tests() {
    let source = "// a.expose()\nlet a = b.expose();\nc.map(Secret::expose);\n#[cfg(test)]\nmod tests {\n d.expose();\n}";
    assert_eq!(openings(source), 2);
}
