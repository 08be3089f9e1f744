//! The rules of `deny.toml`, tried on small projects that break one each.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// A project of one crate with one dependency.
struct Project(TempDir);

impl Project {
    /// `dependency` is a line of `[dependencies]`.
    fn new(dependency: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        krate(folder.path(), "ours", "publish = false", dependency);
        Self(folder)
    }

    /// With a second crate of that name and with that line in its `[package]`.
    fn with_crate(name: &str, line: &str) -> Self {
        let project = Self::new(&format!(r#"{name} = {{ path = "second" }}"#));
        krate(&project.0.path().join("second"), name, line, "");
        project
    }

    /// The check passes, or what it says.
    fn check(&self, what: &str) -> Result<(), String> {
        let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deny.toml");
        let said = Command::new("cargo")
            .current_dir(self.0.path())
            .env_remove("CARGO_TARGET_DIR")
            .args(["deny", "--color", "never", "--config"])
            .arg(rules)
            .args(["check", what])
            .output()
            .unwrap();
        passed(&said)
    }
}

fn passed(said: &Output) -> Result<(), String> {
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    if said.status.success() {
        Ok(())
    } else {
        Err(words)
    }
}

fn krate(folder: &Path, name: &str, line: &str, dependency: &str) {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.2.0\"\nedition = \"2024\"\n{line}\n\n[dependencies]\n{dependency}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
}

fn git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@id.example"])
        .args(arguments)
        .output()
        .unwrap();
    passed(&done).unwrap();
}

#[test]
fn t52_a_crate_under_a_known_licence_passes() {
    let project = Project::with_crate("fine", r#"license = "MIT""#);
    for what in ["licenses", "sources", "bans"] {
        project.check(what).unwrap();
    }
}

#[test]
fn t52_a_crate_under_a_new_licence_fails() {
    let said = Project::with_crate("copyleft", r#"license = "AGPL-3.0-only""#).check("licenses");
    assert!(said.unwrap_err().contains("AGPL-3.0"));
    let said = Project::with_crate("silent", "").check("licenses");
    assert!(said.unwrap_err().contains("silent"));
}

#[test]
fn t52_a_crate_from_a_git_repository_fails() {
    let repository = tempfile::tempdir().unwrap();
    krate(repository.path(), "fetched", r#"license = "MIT""#, "");
    git(repository.path(), &["init", "--quiet"]);
    git(repository.path(), &["add", "."]);
    git(
        repository.path(),
        &["commit", "--quiet", "--message", "all"],
    );
    let from = repository.path().display();
    let project = Project::new(&format!(r#"fetched = {{ git = "file://{from}" }}"#));
    let said = project.check("sources").unwrap_err();
    assert!(said.contains("source-not-allowed"), "{said}");
}

#[test]
fn t52_a_crate_that_is_not_wanted_fails() {
    for name in ["native-tls", "ring"] {
        let said = Project::with_crate(name, r#"license = "MIT""#).check("bans");
        assert!(said.unwrap_err().contains("banned"), "{name}");
    }
}

#[test]
fn t52_a_second_version_of_a_crate_fails_unless_its_reason_is_written_down() {
    let project =
        Project::new("twice = { path = \"one\" }\nagain = { package = \"twice\", path = \"two\" }");
    krate(
        &project.0.path().join("one"),
        "twice",
        r#"license = "MIT""#,
        "",
    );
    krate(
        &project.0.path().join("two"),
        "twice",
        r#"license = "MIT""#,
        "",
    );
    let manifest = project.0.path().join("two/Cargo.toml");
    let other = fs::read_to_string(&manifest)
        .unwrap()
        .replace("0.2.0", "0.3.0");
    fs::write(&manifest, other).unwrap();
    let said = project.check("bans").unwrap_err();
    assert!(said.contains("duplicate"), "{said}");
}
