//! Dependencies between the folders of the core: each uses only the folders before it in `ORDER`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// From the ground up: a folder or file uses those before it.
const ORDER: &[&str] = &[
    "codes",
    "actor",
    "i18n",
    "shell_words",
    "file_kind",
    "reference",
    "pseudonyms",
    "error",
    "app",
    "vault",
    "configurations",
    "diagnosis",
    "tokens",
    "applications",
    "registration",
    "calls",
    "connect",
    "mcp",
    "disclosure",
    "activity",
    "doctor",
];
/// Handles whose name is not that of their folder.
const HANDLES: [(&str, &str); 4] = [
    ("sessions", "calls"),
    ("sandbox", "configurations"),
    ("key_slots", "vault"),
    ("backups", "vault"),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let inside = |path: PathBuf| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    };
    paths.flat_map(inside).collect()
}

/// The folder behind each name that `lib.rs` re-exports.
fn exports(lib: &str) -> HashMap<String, String> {
    let statement = Regex::new(r"pub use ([a-z_]+)::([^;]*);").unwrap();
    let name = Regex::new(r"\b[A-Z]\w+").unwrap();
    let names = |found: regex::Captures<'_>| -> Vec<(String, String)> {
        let all = name.find_iter(found.get(2).unwrap().as_str());
        all.map(|name| (name.as_str().to_owned(), found[1].to_owned()))
            .collect()
    };
    statement.captures_iter(lib).flat_map(names).collect()
}

/// The folders that a source names: in paths, by what `lib.rs` re-exports, and by their handles.
fn used(text: &str, exports: &HashMap<String, String>) -> Vec<String> {
    let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    let path = Regex::new(r"crate::(?:\{[^;]*\}|\w+)").unwrap();
    let first = Regex::new(r"(?:crate::\{?|\n    |, )(\w+)").unwrap();
    // A name in the braces of a folder is inside it.
    let inside = Regex::new(r"\w::\{[^{}]*\}").unwrap();
    let handle = Regex::new(r"\.\s*(?:app|keywright)\s*\.\s*([a-z_]+)\(\)").unwrap();
    let mut all = Vec::new();
    for found in path.find_iter(code) {
        let (root, names) = found.as_str().split_at("crate::".len());
        let mut names = names.to_owned();
        while inside.is_match(&names) {
            names = inside.replace_all(&names, "_").into_owned();
        }
        for name in first.captures_iter(&format!("{root}{names}")) {
            all.push(
                exports
                    .get(&name[1])
                    .cloned()
                    .unwrap_or_else(|| name[1].to_owned()),
            );
        }
    }
    for found in handle.captures_iter(code) {
        let other = HANDLES.iter().find(|(name, _)| *name == &found[1]);
        all.push(other.map_or(&found[1], |(_, folder)| folder).to_owned());
    }
    all
}

#[test]
fn folders_of_the_core_use_only_those_below_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let exports = exports(&fs::read_to_string(root.join("lib.rs")).unwrap());
    let floor = |name: &str| ORDER.iter().position(|other| *other == name);
    let mut arrows = 0;
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).unwrap().with_extension("");
        let own = inside.iter().next().unwrap().to_str().unwrap();
        // Tests in a file of their own may use what is above, as those within a file may.
        let is_test = inside.to_string_lossy().ends_with("_tests");
        if matches!(own, "lib" | "view") || is_test {
            continue;
        }
        let own_floor = floor(own).unwrap_or_else(|| panic!("{own} has no place in ORDER"));
        for other in used(&fs::read_to_string(&path).unwrap(), &exports) {
            let Some(floor) = floor(&other) else { continue };
            assert!(
                floor <= own_floor,
                "{} uses {other}, which is above it",
                inside.display()
            );
            arrows += usize::from(floor < own_floor);
        }
    }
    assert!(arrows > 200, "only {arrows} arrows were found");
}

#[test]
fn vendors_are_known_to_their_adapters_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // A server of the standards is not a vendor.
    let vendor = Regex::new(r"ProviderKind::(?:Auth0|Okta|Curity|Entra|HttpBridge)\b").unwrap();
    for path in sources(&root) {
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
        let found = vendor.find(code).map(|found| found.as_str());
        assert_eq!(found, None, "{}", path.display());
    }
}
