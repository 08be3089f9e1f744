//! The window has no developer tools: no dependency may turn them on, however deep it is.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::Path, process::Command};

/// What draws the window, from our program down to the web view.
const CRATES: [&str; 3] = ["tauri", "tauri-runtime-wry", "wry"];

/// Each of the crates that the package is built with, and its features, for every system.
fn features(folder: &Path, package: &str) -> Vec<(String, Vec<String>)> {
    let listed = Command::new("cargo")
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .args(["tree", "--offline", "--package", package])
        .args(["--edges", "normal", "--target", "all", "--prefix", "none"])
        .args(["--format", "{p}|{f}|"])
        .output()
        .unwrap();
    assert!(listed.status.success(), "{listed:?}");
    String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| {
            let mut columns = line.split('|');
            let name = columns.next()?.split(' ').next()?.to_owned();
            let features = columns.next()?.split(',').map(str::to_owned).collect();
            CRATES.contains(&name.as_str()).then_some((name, features))
        })
        .collect()
}

fn with_tools(features: &[(String, Vec<String>)]) -> Vec<&str> {
    features
        .iter()
        .filter(|(_, features)| features.iter().any(|one| one == "devtools"))
        .map(|(name, _)| name.as_str())
        .collect()
}

#[test]
fn t35_no_dependency_turns_the_developer_tools_on() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = features(&root, "keywright-app");
    for name in CRATES {
        assert!(
            found.iter().any(|(found, _)| found == name),
            "{name} is not a dependency: {found:?}"
        );
    }
    assert_eq!(with_tools(&found), Vec::<&str>::new());
}

#[test]
fn t35_a_dependency_that_turns_the_developer_tools_on_is_found() {
    let folder = tempfile::tempdir().unwrap();
    for (name, manifest) in [
        (
            "ours",
            "[dependencies]\nplugin = { path = \"../plugin\" }\ntauri = { path = \"../tauri\" }",
        ),
        (
            "plugin",
            "[dependencies]\ntauri = { path = \"../tauri\", features = [\"devtools\"] }",
        ),
        ("tauri", "[features]\ndevtools = []"),
    ] {
        let source = folder.path().join(name).join("src");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("lib.rs"), "").unwrap();
        let head =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        fs::write(folder.path().join(name).join("Cargo.toml"), head + manifest).unwrap();
    }
    let found = features(&folder.path().join("ours"), "ours");
    assert!(!with_tools(&found).is_empty(), "{found:?}");
}
