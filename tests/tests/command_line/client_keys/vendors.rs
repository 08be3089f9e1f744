//! The vendors: a key from registration to its removal, at the Sandbox, which checks each signature.

use keywright_tests::{Cli, SandboxProcess};
use serde_json::{Value, json};

use super::{fresh, kid, states};

/// A vendor, the algorithm of a key that is made for it, and whether the key has a certificate.
const VENDORS: [(&str, &str, bool); 4] = [
    ("auth0", "PS256", false),
    ("okta", "ES256", false),
    ("curity", "ES256", false),
    ("entra", "PS256", true),
];

/// Registers a client with a key that is made here.
fn register(cli: &Cli, there: &Value, name: &str, config: &str) -> Value {
    let mut more = vec!["--auth-method", "private_key_jwt"];
    for (option, member) in [("--scope", "scope"), ("--audience", "audience")] {
        if let Some(value) = there[member].as_str().filter(|value| !value.is_empty()) {
            more.extend([option, value]);
        }
    }
    cli.register(name, config, &more).json()
}

fn at<'a>(sandbox: &'a SandboxProcess, cli: &Cli, vendor: &str) -> &'a Value {
    let there = sandbox.named(vendor);
    cli.config_of(there, vendor);
    cli.run(&["config", "verify", vendor]).json();
    there
}

#[test]
fn a_key_is_used_rotated_and_removed_at_each_vendor() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let mut table = Vec::new();
    for (vendor, algorithm, certified) in VENDORS {
        let there = at(&sandbox, &cli, vendor);
        let made = register(&cli, there, vendor, vendor);
        let method = &made["granted"]["token_endpoint_auth_method"];
        assert_eq!(method, "private_key_jwt", "{vendor}: {made}");
        assert!(!made.to_string().contains("\"d\":"), "public keys alone");
        fresh(&cli, vendor);
        let keys = cli.run(&["key", "list", vendor]).json();
        assert_eq!(states(&keys), [format!("current {algorithm}")], "{vendor}");
        assert_eq!(keys["keys"][0]["certificate"].is_object(), certified);
        let first = kid(&keys, "current");

        let rotated = cli.run(&["key", "rotate", vendor]).json();
        let after = [format!("current {algorithm}"), format!("old {algorithm}")];
        assert_eq!(states(&rotated), after, "{vendor}");
        fresh(&cli, vendor);
        let removed = cli.run(&["key", "remove", vendor, &first, "--yes"]);
        assert_eq!(states(&removed.json()), after[..1], "{vendor}");
        fresh(&cli, vendor);
        let read = cli.run(&["app", "refresh", vendor]).json();
        let kids = read["current"]["jwks"]["keys"].as_array().unwrap();
        assert_eq!(kids.len(), 1, "{vendor}: {read}");
        assert_eq!(kids[0]["kid"], kid(&rotated, "current"), "{vendor}");
        let called = cli.run(&[
            "call",
            "GET",
            there["api_url"].as_str().unwrap(),
            "--app",
            vendor,
            "--auth",
            "bearer",
            "--fail",
        ]);
        assert_eq!(called.json()["status"], 200, "{vendor}");
        cli.run(&["app", "delete", vendor, "--yes"]).json();
        table.push(format!(
            "{vendor:<8} {algorithm} registered, rotated, removed"
        ));
    }
    eprintln!("{}", table.join("\n"));
    assert_eq!(table.len(), VENDORS.len());
}

#[test]
fn a_client_with_a_secret_changes_to_a_key_at_each_vendor() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    for (vendor, algorithm, _) in VENDORS {
        let there = at(&sandbox, &cli, vendor);
        assert_eq!(cli.register_at(there, vendor, vendor).code, 0);
        let made = cli.run(&["key", "make", vendor]).json();
        assert_eq!(states(&made), [format!("current {algorithm}")], "{vendor}");
        assert_eq!(made["token_endpoint_auth_method"], "private_key_jwt");
        fresh(&cli, vendor);
    }
}

#[test]
fn a_key_of_another_kind_is_refused_before_it_is_sent() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    for vendor in ["auth0", "entra"] {
        at(&sandbox, &cli, vendor);
        let asked = ["--auth-method", "private_key_jwt", "--signing-alg", "ES256"];
        let refused = cli.register(vendor, vendor, &asked);
        let code = &refused.error()["code"];
        assert_eq!(
            (refused.code, code),
            (2, &json!("key_signature")),
            "{refused:?}"
        );
        assert!(refused.err.contains("PS256"), "{refused:?}");
    }
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[test]
fn a_third_key_at_auth0_waits_for_the_removal_of_the_first() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = at(&sandbox, &cli, "auth0");
    register(&cli, there, "orders", "auth0");
    let first = kid(&cli.run(&["key", "list", "orders"]).json(), "current");
    cli.run(&["key", "rotate", "orders"]).json();
    let refused = cli.run(&["key", "rotate", "orders"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert!(refused.err.contains("two keys"), "{refused:?}");
    fresh(&cli, "orders");
    cli.run(&["key", "remove", "orders", &first, "--yes"])
        .json();
    let rotated = cli.run(&["key", "rotate", "orders"]).json();
    assert_eq!(states(&rotated), ["current PS256", "old PS256"]);
    fresh(&cli, "orders");
}

#[test]
fn a_client_with_a_key_introspects_and_revokes_at_okta() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = at(&sandbox, &cli, "okta");
    register(&cli, there, "orders", "okta");
    fresh(&cli, "orders");
    let seen = cli.run(&["token", "introspect", "orders"]).json();
    assert_eq!(seen["active"], true, "{seen}");
    cli.run(&["token", "revoke", "orders"]).json();
}

#[test]
fn the_key_of_a_vendor_is_in_no_file_or_activity() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    for vendor in ["auth0", "entra"] {
        let there = at(&sandbox, &cli, vendor);
        register(&cli, there, vendor, vendor);
        fresh(&cli, vendor);
        cli.run(&["key", "rotate", vendor]).json();
    }
    let shown = cli.run(&["activity", "list"]).out;
    assert!(!shown.contains("client_assertion=ey"), "{shown}");
    for private in ["PRIVATE KEY", "\"d\":", "pkcs8"] {
        assert!(!shown.contains(private), "{private} in Activity");
        let found = keywright_tests::files_with(&cli.home(), &[private.to_owned()]);
        assert!(found.is_empty(), "{private}: {found:?}");
    }
}
