//! What the lock files of npm may hold: packages of the registry, whole, under licences that are known, and none that
//! runs a script when it is installed.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{Failure, setup};

fn folders() -> impl Iterator<Item = &'static str> {
    ["ui"].into_iter().chain(setup::NPM_SERVERS.iter().copied())
}

/// The licences in use, of those that `deny.toml` allows; the Blue Oak licence is that of tools for development alone.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "ISC",
    "MIT",
    "MPL-2.0",
];

/// Packages under MIT whose licence is only in a file, or in a form that the lock file does not repeat.
const MIT_BY_FILE: &[&str] = &[
    "@inlang/plugin-message-format",
    "passport-http",
    "passport-http-bearer",
    "passport-strategy",
    "pause",
    "sqlite-wasm-kysely",
    "svelte-toolbelt",
];

/// Checks every lock file and what goes with it.
pub(crate) fn check() -> Result<(), Failure> {
    for folder in folders() {
        let folder = crate::root().join(folder);
        let lock = read(&folder.join("package-lock.json"))?;
        let lock = serde_json::from_str(&lock).map_err(|source| Failure::NotJson {
            program: "package-lock.json",
            source,
        })?;
        let mut problems = problems(&lock);
        if !read(&folder.join(".npmrc"))?.contains("ignore-scripts=true") {
            problems.push(".npmrc lets packages run install scripts".to_owned());
        }
        if !problems.is_empty() {
            let folder = folder.display();
            return Err(Failure::Checks(format!(
                "{folder}: {}",
                problems.join("; ")
            )));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|source| Failure::File {
        path: path.to_path_buf(),
        source,
    })
}

/// What is wrong with the packages of a lock file.
fn problems(lock: &Value) -> Vec<String> {
    let Some(packages) = lock["packages"].as_object() else {
        return vec!["it lists no packages".to_owned()];
    };
    packages
        .iter()
        .filter_map(|(place, package)| {
            let (_, name) = place.rsplit_once("node_modules/")?;
            Some(format!("{name} {}", problem(name, package)?))
        })
        .collect()
}

fn problem(name: &str, package: &Value) -> Option<String> {
    if package["hasInstallScript"] == true {
        return Some("has an install script".to_owned());
    }
    // An address is left out for the registry; what has one comes from elsewhere.
    if let Some(address) = package["resolved"].as_str() {
        return Some(format!("comes from {address}"));
    }
    if !package["integrity"].is_string() {
        return Some("has no checksum".to_owned());
    }
    match package["license"].as_str() {
        Some(licence) if is_allowed(licence) => None,
        Some(licence) => Some(format!("is under {licence}")),
        None if MIT_BY_FILE.contains(&name) => None,
        None => Some("names no licence".to_owned()),
    }
}

/// An SPDX expression that holds with allowed licences alone. One with parentheses inside is refused: none has them.
fn is_allowed(licence: &str) -> bool {
    let bare = licence
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(licence);
    !bare.contains(['(', ')'])
        && bare
            .split(" OR ")
            .any(|choice| choice.split(" AND ").all(|one| LICENCES.contains(&one)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(package: &Value) -> Vec<String> {
        problems(
            &json!({"packages": {"": {"name": "ours"}, "node_modules/a/node_modules/b": package}}),
        )
    }

    #[test]
    fn t52_a_package_of_the_registry_under_a_known_licence_passes() {
        for licence in ["MIT", "(MIT OR GPL-3.0-only)", "MIT AND ISC"] {
            let package = json!({"version": "1.0.0", "integrity": "sha512-x", "license": licence});
            assert!(said(&package).is_empty(), "{licence}");
        }
    }

    #[test]
    fn t52_a_script_a_foreign_source_a_missing_checksum_and_a_new_licence_each_fail() {
        for (change, words) in [
            (json!({"hasInstallScript": true}), "b has an install script"),
            (
                json!({"resolved": "git+ssh://git@code.example/b.git#1f2e"}),
                "b comes from git+ssh:",
            ),
            (
                json!({"resolved": "https://files.example/b.tgz"}),
                "b comes from https:",
            ),
            (json!({"integrity": null}), "b has no checksum"),
            (
                json!({"license": "GPL-3.0-only"}),
                "b is under GPL-3.0-only",
            ),
            (
                json!({"license": "(MIT OR ISC) AND GPL-3.0-only"}),
                "b is under (MIT",
            ),
            (
                json!({"license": "MIT AND AGPL-3.0-only"}),
                "b is under MIT AND",
            ),
            (json!({"license": null}), "b names no licence"),
        ] {
            let mut package =
                json!({"version": "1.0.0", "integrity": "sha512-x", "license": "MIT"});
            for (name, value) in change.as_object().into_iter().flatten() {
                package[name] = value.clone();
            }
            let said = said(&package);
            assert!(said.len() == 1 && said[0].starts_with(words), "{said:?}");
        }
        assert_eq!(problems(&json!({})), ["it lists no packages"]);
    }

    #[test]
    fn t52_the_lock_files_of_the_project_pass() {
        assert!(check().is_ok());
    }
}
