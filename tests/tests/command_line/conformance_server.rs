//! The conformance suite of the Model Context Protocol drives the Sandbox as an authorization server.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
};

use keywright_tests::{Browser, Cli, SandboxProcess};

use crate::conformance::suite_command;

/// Scenarios for authorization servers in this version of the suite.
const SCENARIOS: [&str; 2] = [
    "authorization-server-metadata-endpoint",
    "authorization-code-grant",
];

/// Runs all scenarios and allows what they ask the user for. What the suite prints, and whether it passed.
fn run(arguments: &[&str]) -> (bool, String) {
    let mut process = suite_command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the suite runs");
    let mut lines = BufReader::new(process.stdout.take().expect("its output"));
    let mut said = String::new();
    loop {
        let before = said.len();
        if lines.read_line(&mut said).expect("a line") == 0 {
            break;
        }
        let line = said[before..].trim();
        if line.starts_with("http") && line.contains("response_type=code") {
            let address = line.parse().expect("an address");
            Browser::new().allow_at_sandbox(&address, "alice");
        }
    }
    let mut errors = process.stderr.take().expect("its errors");
    errors.read_to_string(&mut said).expect("its errors");
    (process.wait().expect("its end").success(), said)
}

#[test]
fn conformance_of_the_sandbox_as_authorization_server() {
    let listed = suite_command(&["list", "--authorization"])
        .output()
        .expect("the suite runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let names: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "))
        .filter_map(|rest| rest.split(' ').next())
        .collect();
    assert_eq!(names, SCENARIOS, "{listed}");

    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    let port = crate::sign_in::free_port();
    let callback = format!("http://127.0.0.1:{port}/callback");
    // Where a server lists `none`, the suite sends no secret, so that the client is a public one.
    let public = ["--grant", "authorization_code", "--auth-method", "none"];
    let redirect = ["--redirect-uri", callback.as_str()];
    let made = cli.register("suite", "Sandbox", &[&public[..], &redirect].concat());
    let client_id = made.json()["client_id"].as_str().unwrap().to_owned();
    let (issuer, api, port) = (sandbox.issuer(), sandbox.api(), port.to_string());
    let mut arguments = vec!["authorization", "--url", &issuer, "--port", &port];
    arguments.extend(["--client-id", &client_id, "--resource", &api]);
    let (passed, said) = run(&arguments);
    eprintln!("\nMCP conformance suite, scenarios for authorization servers");
    let mut failed = 0;
    for name in SCENARIOS {
        // The line of the summary. A scenario that is left out has no check that passed.
        let is_good = said.lines().any(|line| {
            let counts = line.split_once(&format!("{name}: "));
            counts.is_some_and(|(_, counts)| {
                counts.ends_with(" passed, 0 failed") && !counts.starts_with("0 ")
            })
        });
        eprintln!("{name:<44} {}", if is_good { "passed" } else { "FAILED" });
        failed += usize::from(!is_good);
    }
    let all = SCENARIOS.len();
    eprintln!("{} of {all} pass\n", all - failed);
    assert!(passed && failed == 0, "{said}");
}
