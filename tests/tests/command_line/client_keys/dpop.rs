//! Tokens that are bound to a key (RFC 9449).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

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

    let (there, count) = api(true);
    let called = cli.run(&["call", &there.issuer, "--app", "orders"]).json();
    assert_eq!(
        (&called["status"], count.load(Ordering::SeqCst)),
        (&json!(200), 2)
    );
    // A copy for another program is refused, because it is worthless there.
    let copied = std::process::Command::new(keywright_tests::program("keywright"))
        .args(["token", "get", "orders", "--format", "curl"])
        .env("KEYWRIGHT_HOME", cli.home())
        .env("KEYWRIGHT_PASSPHRASE_FILE", cli.folder().join("passphrase"))
        .env("KEYWRIGHT_KEYRING", "off")
        .env("KEYWRIGHT_TEST_FAST_KDF", "1")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    assert_eq!((copied.status.code(), copied.stdout.len()), (Some(5), 0));
    assert!(String::from_utf8_lossy(&copied.stderr).contains("worthless"));

    let activity = cli.run(&["activity", "export"]).out;
    assert!(
        !activity.contains("dpop+jwt") && !activity.contains("eyJ0eXAi"),
        "{activity}"
    );
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
