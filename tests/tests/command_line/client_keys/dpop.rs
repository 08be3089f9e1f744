//! Tokens that are bound to a key (RFC 9449).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keywright_tests::{Cli, OidcProvider, ScriptedServer};
use serde_json::json;

use super::{fresh, register};

/// An API that wants its nonce: once where `keeps` is set, and with each request a new one otherwise.
fn api(keeps: bool) -> (ScriptedServer, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let server = ScriptedServer::start(move |_, request| {
        let number = seen.fetch_add(1, Ordering::SeqCst);
        let token = request.header("authorization").unwrap_or_default();
        let is_proved = token.starts_with("DPoP ") && request.header("dpop").is_some();
        if is_proved && keeps && number > 0 {
            return ScriptedServer::json(200, &json!({ "orders": [] }));
        }
        let nonce = if keeps {
            "n".to_owned()
        } else {
            format!("n-{number}")
        };
        let headers = [
            ("WWW-Authenticate", "DPoP error=\"use_dpop_nonce\""),
            ("DPoP-Nonce", nonce.as_str()),
        ];
        ScriptedServer::reply(401, &headers, b"")
    });
    (server, count)
}

#[test]
fn a_bound_token_is_used_with_a_proof_at_oidc_provider() {
    let server = OidcProvider::with_nonces();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let made = register(&cli, "orders", &["--dpop"]).json();
    assert_eq!(made["granted"]["dpop_bound_access_tokens"], true);
    // The token endpoint wants its nonce, and an assertion is good for one request.
    let token = fresh(&cli, "orders");
    assert_eq!(token["token_type"], "DPoP");
    // A client with a secret, too.
    cli.register("basic", "Work", &["--dpop"]).json();
    assert_eq!(fresh(&cli, "basic")["token_type"], "DPoP");

    // A proof names the call that it is for: as long as none is known, a copy is refused.
    let copied = copied(&cli);
    assert_eq!((copied.status.code(), copied.stdout.len()), (Some(5), 0));
    assert!(String::from_utf8_lossy(&copied.stderr).contains("rejected if sent as a bearer token"));

    let (there, count) = api(true);
    let called = cli.run(&["call", &there.issuer, "--app", "orders"]).json();
    assert_eq!(
        (&called["status"], count.load(Ordering::SeqCst)),
        (&json!(200), 2)
    );

    let activity = cli.run(&["activity", "export"]).out;
    assert!(
        !activity.contains("dpop+jwt") && !activity.contains("eyJ0eXAi"),
        "{activity}"
    );
}

/// The token as a command for curl.
fn copied(cli: &Cli) -> std::process::Output {
    std::process::Command::new(keywright_tests::program("keywright"))
        .args(["token", "get", "orders", "--format", "curl"])
        .env("KEYWRIGHT_HOME", cli.home())
        .env("KEYWRIGHT_PASSPHRASE_FILE", cli.folder().join("passphrase"))
        .env("KEYWRIGHT_KEYRING", "off")
        .env("KEYWRIGHT_TEST_FAST_KDF", "1")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap()
}

#[test]
fn a_copied_command_has_a_proof_for_one_call() {
    let server = OidcProvider::with_nonces();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "orders", &["--dpop"]).json();
    let (there, _) = api(true);
    let orders = format!("{}/orders?page=2", there.issuer);
    cli.run(&["call", &orders, "--app", "orders"]).json();

    let copied = copied(&cli);
    let said = String::from_utf8_lossy(&copied.stderr);
    assert!(
        said.contains("rejected if sent as a bearer token") && said.contains("60 seconds"),
        "{said}"
    );
    // The shell writes what curl would read.
    let command = String::from_utf8(copied.stdout).unwrap();
    let (headers, curl) = command.split_once(" | ").unwrap();
    assert_eq!(curl.trim(), format!("curl -H @- '{orders}'"));
    let written = std::process::Command::new("sh")
        .args(["-c", headers])
        .output()
        .unwrap();
    let written = String::from_utf8(written.stdout).unwrap();
    let (token, proof) = written.trim().split_once('\n').unwrap();
    let token = token.strip_prefix("Authorization: DPoP ").unwrap();
    let proof = proof.strip_prefix("DPoP: ").unwrap();
    let claims = URL_SAFE_NO_PAD
        .decode(proof.split('.').nth(1).unwrap())
        .unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["htm"], "GET");
    assert_eq!(claims["htu"], format!("{}/orders", there.issuer));
    assert_eq!(claims["ath"].as_str().unwrap().len(), 43);
    assert!(token.len() > 20, "{token}");
}

#[test]
fn a_server_with_a_new_nonce_each_time_is_asked_twice() {
    let server = OidcProvider::with_nonces();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "orders", &["--dpop"]).json();
    fresh(&cli, "orders");
    let (there, count) = api(false);
    let called = cli.run(&["call", &there.issuer, "--app", "orders"]);
    assert!(
        called.out.contains("401") || called.err.contains("401"),
        "{called:?}"
    );
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
