//! `docs/security.md` names the test behind each row of the threats and faults, and each of them is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const THREATS: u32 = 55;
const FAULTS: u32 = 27;
const HEADING: &str = "## The tests, row by row";

/// Tests by row, of all sources below a folder.
fn tests_in(folder: &Path, rows: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                tests_in(&path, rows);
            }
        } else if path.extension().is_some_and(|end| end == "rs") {
            for line in fs::read_to_string(&path).unwrap().lines() {
                let line = line.trim_start().trim_start_matches("async ");
                let name = line
                    .strip_prefix("fn ")
                    .and_then(|rest| rest.split_once('('));
                let Some((name, _)) = name else { continue };
                for row in rows_of(name) {
                    rows.entry(row).or_default().insert(name.to_owned());
                }
            }
        }
    }
}

/// The rows that a name begins with: T22 and T23 of `t22_t23_a_cookie_…`.
fn rows_of(name: &str) -> Vec<String> {
    name.split('_')
        .map_while(|word| {
            let number = word.strip_prefix(['t', 'f'])?;
            let is_row = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
            is_row.then(|| word.to_uppercase())
        })
        .collect()
}

#[test]
fn every_row_names_the_tests_that_hold_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut there = BTreeMap::new();
    for folder in ["crates", "src-tauri/src", "tests", "xtask", "fuzz/targets"] {
        tests_in(&root.join(folder), &mut there);
    }
    let document = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let (_, listed) = document.split_once(HEADING).unwrap();
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut decided = BTreeSet::new();
    for line in listed.lines() {
        let Some((row, held_by)) = line.strip_prefix("- ").and_then(|it| it.split_once(": "))
        else {
            continue;
        };
        for name in held_by.split('`').skip(1).step_by(2) {
            named
                .entry(row.to_owned())
                .or_default()
                .insert(name.to_owned());
        }
        if held_by.contains("decisions/") {
            decided.insert(row.to_owned());
        }
    }
    for (row, names) in &there {
        let none = BTreeSet::new();
        let written = named.get(row).unwrap_or(&none);
        let missing: Vec<_> = names.difference(written).collect();
        let gone: Vec<_> = written.difference(names).collect();
        assert!(
            missing.is_empty() && gone.is_empty(),
            "{row}: not in docs/security.md {missing:?}, not in the sources {gone:?}"
        );
    }
    let all = (1..=THREATS)
        .map(|number| format!("T{number:02}"))
        .chain((1..=FAULTS).map(|number| format!("F{number:02}")));
    for row in all {
        assert!(
            there.contains_key(&row) || decided.contains(&row),
            "{row} has neither a test nor a decision"
        );
    }
    let unknown: Vec<_> = named
        .keys()
        .filter(|row| !there.contains_key(*row))
        .collect();
    assert!(unknown.is_empty(), "no tests for {unknown:?}");
}
