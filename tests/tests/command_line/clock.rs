//! A clock that jumps, on the real program: a day back, a year on, and another time zone.

use std::{process::Command, time::Instant};

use keywright_tests::{Cli, SandboxProcess};
use serde_json::Value;

/// The command with its clock moved.
fn at(cli: &Cli, when: &str, arguments: &[&str]) -> Value {
    let command = cli.command(arguments);
    let mut moved = Command::new("faketime");
    moved.args(["-f", when]).arg(command.get_program());
    moved.args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            moved.env(name, value);
        }
    }
    let output = moved
        .output()
        .expect("faketime is installed by `cargo xtask test`");
    assert!(output.status.success(), "{when} {arguments:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn vault() -> (Cli, SandboxProcess) {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("kept", "Sandbox", &[]).json();
    (cli, sandbox)
}

fn from_cache(token: &Value) -> bool {
    token["from_cache"].as_bool().unwrap()
}

#[test]
fn f10_a_token_of_the_other_side_of_a_jump_is_not_used() {
    let (cli, _sandbox) = vault();
    assert!(!from_cache(&cli.run(&["token", "get", "kept"]).json()));
    assert!(from_cache(&cli.run(&["token", "get", "kept"]).json()));
    for when in ["-1d", "+365d"] {
        let token = at(&cli, when, &["token", "get", "kept"]);
        assert!(!from_cache(&token), "{when}: {token}");
    }
    // Back again, the one from a year on neither serves nor stands before the one of now.
    assert!(from_cache(&cli.run(&["token", "get", "kept"]).json()));
}

#[test]
fn f10_the_main_job_goes_on_over_jumps_and_loses_nothing() {
    let (cli, sandbox) = vault();
    for (number, when) in ["-1d", "+365d", "-1h", "+1d", "+0"].into_iter().enumerate() {
        let name = format!("app-{number}");
        let begun = Instant::now();
        at(
            &cli,
            when,
            &[
                "app",
                "register",
                &name,
                "--config",
                "Sandbox",
                "--grant",
                "client_credentials",
            ],
        );
        at(&cli, when, &["app", "rotate", &name]);
        at(&cli, when, &["token", "get", &name]);
        let call = [
            "call",
            "GET",
            &sandbox.api(),
            "--app",
            &name,
            "--auth",
            "client-credentials",
        ];
        assert_eq!(at(&cli, when, &call)["status"], 200, "{when}");
        assert!(
            begun.elapsed().as_secs() < 30,
            "{when}: a time-out went by the moved clock"
        );
    }
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 6);
    let history = cli.run(&["activity", "list", "--limit", "200"]).json();
    // 26 were made; each of the five under the clock of a year on took two that seemed too old.
    assert!(
        history["total"].as_u64().unwrap() >= 16,
        "a jump took the history: {}",
        history["total"]
    );
}

#[test]
fn f10_another_time_zone_changes_nothing() {
    let (cli, _sandbox) = vault();
    cli.run(&["token", "get", "kept"]).json();
    for zone in ["Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati"] {
        let token = cli.run_env(&["token", "get", "kept"], "TZ", zone).json();
        assert!(from_cache(&token), "{zone}: {token}");
    }
}
