//! Several secrets of one client, where the provider lets them live.

use keywright_tests::{Cli, SandboxProcess};
use serde_json::Value;

fn secrets(cli: &Cli, name: &str) -> Vec<Value> {
    let all = cli.run(&["app", "secrets", name]).json();
    all["secrets"].as_array().unwrap().clone()
}

#[test]
fn a_secret_is_added_and_the_others_stay() {
    let sandbox = SandboxProcess::start(&[]);
    for vendor in ["okta", "entra"] {
        let there = sandbox.named(vendor);
        let cli = Cli::with_vault();
        cli.config_of(there, vendor);
        cli.register_at(there, "orders", vendor).json();
        let reveal =
            || cli.run(&["app", "show", "orders", "--reveal"]).json()["client_secret"].take();
        let first = secrets(&cli, "orders");
        assert_eq!(first.len(), 1, "{vendor}: {first:?}");
        assert_eq!(first[0]["current"], true, "{vendor}: {first:?}");
        let (id, value) = (first[0]["id"].as_str().unwrap(), reveal());
        let in_use = cli
            .run(&["app", "remove-secret", "orders", id, "--yes"])
            .error();
        assert_eq!(in_use["code"], "secret_in_use", "{vendor}: {in_use}");

        cli.run(&["app", "rotate", "orders", "--keep-old"]).json();
        // The new one is proven, and nothing ended the one before.
        cli.run(&["token", "get", "orders", "--refresh"]).json();
        assert_ne!(reveal(), value, "{vendor}");
        let both = secrets(&cli, "orders");
        assert_eq!(both.len(), 2, "{vendor}: {both:?}");
        let old = both.iter().find(|one| one["id"] == id).unwrap();
        assert_eq!(old["current"], false, "{vendor}: {both:?}");
        assert_eq!(old["active"], true, "{vendor}: {both:?}");
        let text = value.as_str().unwrap();
        assert!(
            !both.iter().any(|one| one.to_string().contains(text)),
            "{vendor}"
        );

        let unknown = cli
            .run(&["app", "remove-secret", "orders", "x", "--yes"])
            .error();
        assert_eq!(unknown["code"], "secret_unknown", "{vendor}: {unknown}");
        cli.run(&["app", "remove-secret", "orders", id, "--yes"])
            .json();
        let left = secrets(&cli, "orders");
        assert_eq!(left.len(), 1, "{vendor}: {left:?}");
        assert_eq!(left[0]["current"], true, "{vendor}: {left:?}");
        cli.run(&["token", "get", "orders", "--refresh"]).json();
    }
}

#[test]
fn a_provider_of_one_secret_says_so() {
    let sandbox = SandboxProcess::start(&[]);
    let there = sandbox.named("rfc7591");
    let cli = Cli::with_vault();
    cli.config_of(there, "rfc7591");
    cli.register_at(there, "orders", "rfc7591").json();
    for words in [
        &["app", "secrets", "orders"][..],
        &["app", "rotate", "orders", "--keep-old"],
    ] {
        let error = cli.run(words).error();
        assert_eq!(error["code"], "not_capable", "{error}");
    }
}
