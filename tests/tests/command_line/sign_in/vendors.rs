//! Users sign in to the vendors of the Sandbox, with a public client and with one that has a secret.

use keywright_tests::{Browser, Cli, SandboxProcess, SignIn};
use serde_json::Value;

use super::free_port;

/// A vendor, what its users are asked for, and what the token then has.
const VENDORS: [(&str, &[&str], &str); 4] = [
    ("auth0", &["openid", "orders:read"], "orders:read"),
    ("okta", &["openid", "orders:read"], "orders:read"),
    ("curity", &["openid", "orders:read"], "orders:read"),
    (
        "entra",
        &["api://c0ffee5e-7a31-4d8c-8b0f-2f6d3f5b9e10/.default"],
        "offline_access",
    ),
];

/// Registers a client with a redirect to this computer.
fn register(cli: &Cli, there: &Value, name: &str, config: &str, more: &[&str]) -> Value {
    let redirect = format!("http://127.0.0.1:{}/callback", free_port());
    let mut asked = vec!["app", "register", name, "--config", config];
    asked.extend(["--grant", "authorization_code", "--grant", "refresh_token"]);
    asked.extend(["--redirect-uri", &redirect]);
    if let Some(audience) = there["audience"].as_str() {
        asked.extend(["--audience", audience]);
    }
    asked.extend(more);
    let made = cli.run(&asked);
    assert_eq!(made.code, 0, "{made:?}");
    made.json()
}

#[test]
fn a_user_signs_in_with_each_kind_of_client_at_each_vendor() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let mut table = Vec::new();
    for (vendor, scopes, has) in VENDORS {
        let there = sandbox.named(vendor);
        cli.config_of(there, vendor);
        cli.run(&["config", "verify", vendor]).json();
        // Curity registers no client without a proof.
        let methods = ["client_secret_post", "none"];
        let of_vendor = if vendor == "curity" { 1 } else { 2 };
        for method in &methods[..of_vendor] {
            let name = format!("{vendor}-{method}");
            let mut more = vec!["--auth-method", *method];
            for scope in scopes {
                more.extend(["--scope", scope]);
            }
            let made = register(&cli, there, &name, vendor, &more);
            let granted = &made["granted"]["token_endpoint_auth_method"];
            assert_eq!(granted, *method, "{made}");

            let waiting = SignIn::start(&cli, &name, &["--grant", "authorization_code"]);
            assert_eq!(waiting.parameter("code_challenge_method"), "S256");
            let page = Browser::new().allow_at_sandbox(&waiting.address, "bob");
            assert!(
                page.text.contains("You can close this tab"),
                "{name}: {page:?}"
            );
            let done = waiting.finish();
            assert_eq!(done.code, 0, "{name}: {done:?}");
            let scope = done.json()["scope"].to_string();
            assert!(scope.contains(has), "{name}: {scope}");
            let shown = cli.run(&["token", "show", &name]).json();
            assert_eq!(
                shown["id_token"]["signature"], "verified",
                "{name}: {shown}"
            );
            let api = there["api_url"].as_str().unwrap();
            let called = cli.run(&["call", "GET", api, "--app", &name, "--auth", "bearer"]);
            assert_eq!(called.json()["status"], 200, "{name}: {called:?}");
            // Twice: whether the refresh token stays or is replaced.
            for _ in 0..2 {
                let fresh = cli.run(&["token", "get", &name, "--refresh"]);
                assert_eq!(fresh.code, 0, "{name}: {fresh:?}");
                assert_eq!(fresh.json()["from_cache"], false, "{name}");
            }
            cli.run(&["app", "delete", &name, "--yes"]).json();
            table.push(format!("{name:<26} signed in, called, refreshed twice"));
        }
    }
    eprintln!("{}", table.join("\n"));
    assert_eq!(table.len(), 7);
}

#[test]
fn userinfo_is_asked_where_the_metadata_names_it() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    for (vendor, scopes, _) in &VENDORS[..1] {
        let there = sandbox.named(vendor);
        cli.config_of(there, vendor);
        cli.run(&["config", "verify", vendor]).json();
        let mut more = vec!["--auth-method", "none"];
        for scope in *scopes {
            more.extend(["--scope", scope]);
        }
        register(&cli, there, vendor, vendor, &more);
        let waiting = SignIn::start(&cli, vendor, &["--grant", "authorization_code"]);
        Browser::new().allow_at_sandbox(&waiting.address, "carol");
        waiting.finish().json();
        let user = cli.run(&["token", "userinfo", vendor]).json();
        assert_eq!(
            user["claims_json"]["sub"], "demo-user-3",
            "{vendor}: {user}"
        );
    }
}
