//! Ctrl C while an address is connected to: the command names what is at the provider, and the next one finds it.

use std::{net::TcpListener, process::Command};

use keywright_tests::{Cli, SignIn};
use serde_json::json;

use super::{Api, Provider};

fn interrupt(pid: u32) {
    let sent = Command::new("kill")
        .args(["-INT", &pid.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn an_interrupted_sign_in_names_the_application() {
    let provider = Provider::start();
    let api = Api::start(&provider.issuer());
    let cli = Cli::with_vault();
    let address = api.at("/orders");
    let waiting = SignIn::of(&mut cli.command(&["connect", &address, "--yes"]));
    interrupt(waiting.pid());
    let output = waiting.finish();
    assert_eq!(output.code, 130, "{output:?}");
    for said in [
        "“127.0.0.1” is registered and in the vault",
        "`keywright token get 127.0.0.1`",
        "`keywright app delete 127.0.0.1`",
    ] {
        assert!(output.err.contains(said), "{said}: {}", output.err);
    }
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 1);
    // The next attempt goes on with the same client.
    let waiting = SignIn::of(&mut cli.command(&["connect", &address, "--yes"]));
    interrupt(waiting.pid());
    let again = waiting.finish();
    assert!(!again.err.contains("is registered"), "{}", again.err);
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 1);
}

#[test]
fn an_interrupted_registration_is_pending() {
    // Accepts the request and never answers.
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let there = format!("http://{}/register", silent.local_addr().unwrap());
    let provider = Provider::with(|metadata| metadata["registration_endpoint"] = json!(there));
    let api = Api::start(&provider.issuer());
    let cli = Cli::with_vault();
    let running = cli
        .command(&["connect", &api.at("/orders"), "--yes"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let held = silent.accept().unwrap();
    interrupt(running.id());
    let output = running.wait_with_output().unwrap();
    drop(held);
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`keywright app pending`"), "{said}");
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 1);
}
