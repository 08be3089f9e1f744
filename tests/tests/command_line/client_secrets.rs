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
    // Auth0 lets both secrets live for a moment, and lists none.
    for vendor in ["rfc7591", "auth0"] {
        let there = sandbox.named(vendor);
        let cli = Cli::with_vault();
        cli.config_of(there, vendor);
        cli.register_at(there, "orders", vendor).json();
        for words in [
            &["app", "secrets", "orders"][..],
            &["app", "rotate", "orders", "--keep-old"],
        ] {
            let error = cli.run(words).error();
            assert_eq!(error["code"], "not_capable", "{vendor}: {error}");
        }
    }
}

/// A client of the Sandbox's Entra, and the value of a second secret that a colleague added.
fn with_one_of_a_colleague(sandbox: &SandboxProcess) -> (Cli, String) {
    let there = sandbox.named("entra");
    let [cli, other] = [Cli::with_vault(), Cli::with_vault()];
    for one in [&cli, &other] {
        one.config_of(there, "entra");
    }
    cli.register_at(there, "orders", "entra").json();
    let reveal = |cli: &Cli| {
        let shown = cli.run(&["app", "show", "orders", "--reveal"]).json();
        ["client_id", "client_secret"].map(|name| shown[name].as_str().unwrap().to_owned())
    };
    let [id, secret] = reveal(&cli);
    let file = other.folder().join("secret");
    std::fs::write(&file, secret).unwrap();
    let source = format!("file:{}", file.display());
    let adopt = [
        "app",
        "adopt",
        "orders",
        "--config",
        "entra",
        "--client-id",
        &id,
    ];
    other
        .run(&[&adopt[..], &["--client-secret", &source]].concat())
        .json();
    other.run(&["app", "rotate", "orders", "--keep-old"]).json();
    let [_, value] = reveal(&other);
    (cli, value)
}

#[test]
fn f19_a_secret_that_was_entered_is_known_as_the_one_in_use() {
    let sandbox = SandboxProcess::start(&[]);
    let (cli, value) = with_one_of_a_colleague(&sandbox);
    let file = cli.folder().join("secret");
    std::fs::write(&file, &value).unwrap();
    let source = format!("file:{}", file.display());
    cli.run(&["app", "set-secret", "orders", "--client-secret", &source])
        .json();
    let all = secrets(&cli, "orders");
    let in_use: Vec<&Value> = all.iter().filter(|one| one["current"] == true).collect();
    assert_eq!(in_use.len(), 1, "{all:?}");
    let id = in_use[0]["id"].as_str().unwrap();
    let refused = cli
        .run(&["app", "remove-secret", "orders", id, "--yes"])
        .error();
    assert_eq!(refused["code"], "secret_in_use", "{refused}");
    // A rotation ends the one that was in use.
    cli.run(&["app", "rotate", "orders"]).json();
    cli.run(&["token", "get", "orders", "--refresh"]).json();
    let left = secrets(&cli, "orders");
    assert!(left.iter().all(|one| one["id"] != id), "{left:?}");
}

#[test]
fn f01_a_rotation_that_keeps_the_old_secret_keeps_it_when_it_is_resumed() {
    let sandbox = SandboxProcess::start(&[]);
    for vendor in ["okta", "entra"] {
        let there = sandbox.named(vendor);
        let cli = Cli::with_vault();
        cli.config_of(there, vendor);
        cli.register_at(there, "orders", vendor).json();
        let old = secrets(&cli, "orders")[0]["id"].clone();
        let point = ("KEYWRIGHT_FAULT_POINT", "after_answer_kept:1");
        let rotate = ["app", "rotate", "orders", "--keep-old"];
        let killed = cli.run_env(&rotate, point.0, point.1);
        assert_eq!(killed.code, -1, "{vendor}: {killed:?}");
        cli.run(&["app", "resume", "orders"]).json();
        cli.run(&["token", "get", "orders", "--refresh"]).json();
        let both = secrets(&cli, "orders");
        assert_eq!(both.len(), 2, "{vendor}: {both:?}");
        assert!(
            both.iter().any(|one| one["id"] == old),
            "{vendor}: {both:?}"
        );
        // The wish was for that rotation alone.
        cli.run(&[
            "app",
            "remove-secret",
            "orders",
            old.as_str().unwrap(),
            "--yes",
        ])
        .json();
        cli.run(&["app", "rotate", "orders"]).json();
        cli.run(&["token", "get", "orders", "--refresh"]).json();
        let left = secrets(&cli, "orders");
        assert_eq!(left.len(), 1, "{vendor}: {left:?}");
    }
}
