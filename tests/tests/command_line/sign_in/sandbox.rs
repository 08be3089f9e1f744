//! Sign-ins at the Sandbox: its users, its page, its refusals.

use keywright_tests::{Browser, Cli, SandboxProcess, SignIn};
use serde_json::json;

use super::register;

const FREE: &str = "http://127.0.0.1/callback";

/// A vault with a public login client named `login`.
fn login_client(sandbox: &SandboxProcess, more: &[&str]) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &sandbox.issuer(), &[]);
    register(&cli, "login", FREE, more).json();
    cli
}

#[test]
fn a_login_client_at_the_sandbox_from_sign_in_to_sign_out() {
    let sandbox = SandboxProcess::start(&[]);
    let more = ["--grant", "refresh_token", "--auth-method", "none"];
    let scopes = ["--scope", "openid", "--scope", "orders:read"];
    let cli = login_client(&sandbox, &[&more[..], &scopes].concat());

    let get = ["--grant", "authorization_code"];
    let waiting = SignIn::start(&cli, "login", &get);
    assert_eq!(waiting.parameter("code_challenge_method"), "S256");
    let page = Browser::new().allow_at_sandbox(&waiting.address, "alice");
    assert!(page.text.contains("You can close this tab"), "{page:?}");
    let token = waiting.finish().json();
    assert_eq!(token["scope"], "openid orders:read");
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["id_token"]["signature"], "verified", "{shown}");
    assert_eq!(shown["id_token"]["claims_json"]["sub"], "demo-user-1");
    let user = cli.run(&["token", "userinfo", "login"]).json();
    assert_eq!(user["claims_json"], json!({ "sub": "demo-user-1" }));

    let api = sandbox.api();
    let call = ["call", "GET", &api, "--app", "login", "--auth", "bearer"];
    let answer = cli.run(&call).json();
    assert_eq!(answer["status"], 200, "{answer}");
    assert!(answer.to_string().contains("demo-user-1"), "{answer}");

    let refreshed = cli.run(&["token", "get", "login", "--refresh"]).json();
    assert_eq!(refreshed["from_cache"], false);
    assert_ne!(refreshed["id"], token["id"]);
    let out = cli.run(&["token", "sign-out", "login", "--no-browser"]);
    let address = out.json()["address"].as_str().unwrap().to_owned();
    let page = Browser::new().open(&address.parse().unwrap());
    assert!(page.text.contains("Signed out"), "{page:?}");
    cli.run(&["app", "delete", "login", "--yes"]).json();
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
}

#[test]
fn a_denial_at_the_sandbox_is_reported() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = login_client(&sandbox, &["--scope", "openid"]);
    let waiting = SignIn::start(&cli, "login", &[]);
    let deny = [("decision", "deny")];
    Browser::new().sign_in(&waiting.address, &deny);
    let error = waiting.finish().error();
    assert_eq!(error["provider"]["error"], "access_denied", "{error}");
}

#[test]
fn a_device_signs_in_at_the_sandbox() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Work", &sandbox.issuer(), &[]);
    let register = ["app", "register", "tv", "--config", "Work"];
    let device = ["--grant", "device_code", "--auth-method", "none"];
    cli.run(&[&register[..], &device].concat()).json();
    let waiting = SignIn::start_device(&cli, "tv", &[]);
    let page = Browser::new().allow_at_sandbox(&waiting.address, "carol");
    assert!(page.text.contains("may go on"), "{page:?}");
    waiting.finish().json();
    let call = ["call", &sandbox.api(), "--app", "tv"];
    let answer = cli.run(&call).json();
    assert_eq!(answer["body"]["user"], "demo-user-3", "{answer}");
}

#[test]
fn a_bound_token_of_a_user_is_called_with_its_proof() {
    let sandbox = SandboxProcess::start(&[]);
    let more = [
        "--grant",
        "refresh_token",
        "--auth-method",
        "none",
        "--dpop",
    ];
    let cli = login_client(&sandbox, &more);
    let waiting = SignIn::start(&cli, "login", &[]);
    Browser::new().allow_at_sandbox(&waiting.address, "alice");
    assert_eq!(waiting.finish().json()["token_type"], "DPoP");
    let call = ["call", &sandbox.api(), "--app", "login"];
    let answer = cli.run(&call).json();
    assert_eq!(answer["status"], 200, "{answer}");
    assert_eq!(answer["body"]["authenticated_by"], "dpop");
    let refreshed = cli.run(&["token", "get", "login", "--refresh"]).json();
    assert_eq!(refreshed["token_type"], "DPoP");
    let user = cli.run(&["token", "userinfo", "login"]).json();
    assert_eq!(user["claims_json"]["sub"], "demo-user-1", "{user}");
}

#[test]
fn a_token_of_a_user_is_exchanged_at_the_sandbox() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = login_client(&sandbox, &["--auth-method", "none"]);
    let waiting = SignIn::start(&cli, "login", &[]);
    Browser::new().allow_at_sandbox(&waiting.address, "bob");
    waiting.finish().json();
    let register = ["app", "register", "service", "--config", "Work"];
    let grant = ["--grant", "urn:ietf:params:oauth:grant-type:token-exchange"];
    cli.run(&[&register[..], &grant].concat()).json();
    let get = ["token", "get", "service", "--grant", "token-exchange"];
    let subject = ["--subject-app", "login", "--scope", "orders:read"];
    let token = cli.run(&[&get[..], &subject].concat()).json();
    assert_eq!(token["scope"], "orders:read", "{token}");
    let shown = cli.run(&["token", "show", "service"]).json();
    assert!(shown.to_string().contains("demo-user-2"), "{shown}");
}
