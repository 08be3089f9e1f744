//! `kill -9` between any two steps of a registration: the next start shows it, and finishes it or
//! cleans it up. No client is left that the vault does not know.

use keywright_tests::{Cli, OidcProvider, SandboxProcess};
use serde_json::Value;

/// A vault, a server, and a registration that ends at `point`.
fn killed_at(point: &str) -> (Cli, SandboxProcess) {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    let arguments = [
        "app",
        "register",
        "cut",
        "--config",
        "Sandbox",
        "--grant",
        "client_credentials",
    ];
    let killed = cli.run_env(&arguments, "KEYWRIGHT_FAULT_POINT", point);
    assert_eq!(killed.code, -1, "the process was ended: {killed:?}");
    (cli, sandbox)
}

fn only_pending(cli: &Cli) -> Value {
    let all = cli.run(&["app", "pending"]).json();
    assert_eq!(all["total"], 1, "{all}");
    all["items"][0].clone()
}

#[test]
fn f01_killed_before_anything_was_sent() {
    let (cli, _sandbox) = killed_at("after_intent");
    assert_eq!(only_pending(&cli)["state"], "intent");
    cli.run(&["app", "discard", "cut", "--yes"]).json();
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    // The name is free again.
    cli.register("cut", "Sandbox", &[]).json();
}

#[test]
fn f01_killed_when_it_was_about_to_be_sent() {
    let (cli, _sandbox) = killed_at("after_sending");
    let left = only_pending(&cli);
    assert_eq!(
        (left["state"].as_str(), left["can_resume"].as_bool()),
        (Some("sent"), Some(false))
    );
    assert_eq!(cli.run(&["app", "resume", "cut"]).code, 2);
    cli.run(&["app", "discard", "cut", "--yes"]).json();
}

#[test]
fn f01_killed_between_the_answer_and_its_first_write() {
    let (cli, _sandbox) = killed_at("before_answer_kept");
    let left = only_pending(&cli);
    assert_eq!(left["state"], "sent");
    assert!(
        left["message"].as_str().unwrap().contains("may exist"),
        "the user is told to look: {left}"
    );
}

#[test]
fn f01_killed_after_the_answer_was_kept_it_is_finished() {
    for point in ["after_answer_kept", "before_finish"] {
        let (cli, sandbox) = killed_at(point);
        let left = only_pending(&cli);
        assert_eq!(
            (left["state"].as_str(), left["can_resume"].as_bool()),
            (Some("answered"), Some(true)),
            "{point}"
        );
        let client = left["client_id"].as_str().unwrap().to_owned();
        let made = cli.run(&["app", "resume", "cut"]).json();
        assert_eq!(made["client_id"], client.as_str());
        assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
        // Its secret was not lost.
        cli.run(&["token", "get", "cut"]).json();
        assert_eq!(
            cli.run(&[
                "call",
                &sandbox.api(),
                "--app",
                "cut",
                "--auth",
                "client-credentials"
            ])
            .json()["status"],
            200
        );
    }
}

#[test]
fn f01_killed_after_the_answer_was_kept_it_is_cleaned_up() {
    let (cli, _sandbox) = killed_at("after_answer_kept");
    let left = only_pending(&cli);
    assert_eq!(left["discard_deletes_remote"], true);
    cli.run(&["app", "discard", "cut", "--yes"]).json();
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    let deletion = cli.run(&["activity", "list"]).json();
    let deleted = deletion["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["method"] == "DELETE")
        .unwrap()
        .clone();
    assert_eq!(
        deleted["status"], 204,
        "the client is gone at the provider too"
    );
}

#[test]
fn f01_killed_after_the_end_nothing_is_pending() {
    let (cli, _sandbox) = killed_at("after_finish");
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    cli.run(&["token", "get", "cut"]).json();
}

#[test]
fn f01_killed_within_an_update_the_new_registration_token_is_not_lost() {
    let server = OidcProvider::open();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli.register("cut", "Work", &[]).json();
    std::fs::write(
        cli.folder().join("change.json"),
        r#"{"client_name":"changed"}"#,
    )
    .unwrap();
    let file = cli.folder().join("change.json").display().to_string();
    let killed = cli.run_env(
        &["app", "update", "cut", "--metadata", &file],
        "KEYWRIGHT_FAULT_POINT",
        // The first answer is that of the read before the update.
        "after_answer_kept:2",
    );
    assert_eq!(killed.code, -1, "{killed:?}");
    let left = only_pending(&cli);
    assert_eq!(
        (left["operation"].as_str(), left["state"].as_str()),
        (Some("update"), Some("answered"))
    );
    let id = left["id"].as_str().unwrap().to_owned();
    cli.run(&["app", "resume", &id]).json();
    // The server replaced the registration token in the answer that was cut off: reading needs the new one.
    let read = cli.run(&["app", "refresh", "cut"]).json();
    assert_eq!(read["current"]["client_name"], "changed");
}
