//! Sign-in on another device (RFC 8628).

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use keywright_tests::{Browser, Cli, OidcProvider, ScriptedServer, SignIn};
use serde_json::{Value, json};

use super::{provider::Provider, tokens};
use crate::hostile::tokens::{Minted, Signer};

const REGISTER: [&str; 9] = [
    "app",
    "register",
    "login",
    "--config",
    "Work",
    "--grant",
    "device_code",
    "--auth-method",
    "none",
];

#[test]
fn sign_in_on_another_device_at_oidc_provider() {
    let server = OidcProvider::with_login();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let scopes = ["--scope", "orders:read", "--grant", "refresh_token"];
    cli.run(&[&REGISTER[..], &scopes].concat()).json();
    let waiting = SignIn::start_device(&cli, "login", &[]);
    let fill = [("login", "tester"), ("password", "x")];
    let page = Browser::new().sign_in(&waiting.address, &fill);
    assert_eq!(page.status, 200, "{page:?}");
    let token = waiting.finish().json();
    assert_eq!(token["scope"], "orders:read offline_access");
    let again = cli.run(&["token", "get", "login"]).json();
    assert_eq!(again["from_cache"], true);
    let next = cli.run(&["token", "get", "login", "--refresh"]).json();
    assert_ne!(next["id"], token["id"]);
}

fn device_code(expires_in: u32) -> Value {
    json!({
        "device_code": "d3vice-c0de-of-the-sign-in", "user_code": "WDJB-MJHT", "interval": 1,
        "verification_uri": "https://id.example/device", "expires_in": expires_in,
    })
}

/// A provider with a device endpoint, and a client registered for it.
fn client(expires_in: u32) -> (Provider, Cli) {
    let provider = Provider::with(|metadata| {
        let issuer = metadata["issuer"].as_str().unwrap().to_owned();
        metadata["device_authorization_endpoint"] = format!("{issuer}/device").into();
        metadata["grant_types_supported"] = json!(["urn:ietf:params:oauth:grant-type:device_code"]);
    });
    provider.device(&device_code(expires_in));
    let cli = Cli::with_vault();
    cli.config("Work", &provider.issuer(), &[]);
    cli.run(&REGISTER).json();
    (provider, cli)
}

#[test]
fn the_pause_grows_when_the_server_asks_for_it() {
    let (provider, cli) = client(300);
    *provider.token.lock().unwrap() = json!({ "error": "authorization_pending" });
    let get = ["token", "get", "login"];
    let mut child = cli.command(&get).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(3500));
    assert!(provider.token_requests().len() >= 2);
    *provider.token.lock().unwrap() = json!({ "error": "slow_down" });
    std::thread::sleep(Duration::from_millis(1500));
    let before = provider.token_requests().len();
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(
        provider.token_requests().len(),
        before,
        "5 s more are kept to"
    );
    *provider.token.lock().unwrap() = json!({ "access_token": "a", "expires_in": 300 });
    assert!(child.wait().unwrap().success());
}

/// Signs in with `openid`; the ID token has no `nonce`, as the device authorization request has none.
fn with_id_token(change: impl Fn(Minted) -> Minted) -> (Cli, keywright_tests::Output) {
    let (provider, cli) = client(300);
    *provider.token.lock().unwrap() = tokens::answer(&provider.issuer(), "", |minted| {
        change(minted.claim("nonce", json!(null)))
    });
    let output = cli.run(&["token", "get", "login", "--scope", "openid"]);
    (cli, output)
}

#[test]
fn the_id_token_of_another_device_is_shown() {
    let (cli, output) = with_id_token(|minted| minted);
    output.json();
    let shown = cli.run(&["token", "show", "login"]).json();
    let identity = &shown["id_token"];
    assert_eq!(identity["signature"], "verified", "{shown}");
    assert_eq!(identity["claims_json"]["sub"], "tester", "{identity}");
}

#[test]
fn t24_a_wrong_id_token_ends_a_sign_in_on_a_device() {
    type Change = fn(Minted) -> Minted;
    let changes: [(&str, Change); 7] = [
        ("aud", |minted| minted.claim("aud", "another")),
        ("azp", |minted| minted.claim("azp", "another")),
        ("at_hash", |minted| minted.claim("at_hash", "bm90IGl0")),
        ("iss", |minted| minted.claim("iss", "https://evil.example")),
        ("exp", |minted| minted.claim("exp", 1)),
        ("signature", |minted| minted.signer(Signer::Shared("key"))),
        ("signature", |minted| {
            minted.header("alg", "none").signer(Signer::Nobody(""))
        }),
    ];
    for (claim, change) in changes {
        let (cli, output) = with_id_token(change);
        assert_eq!(output.code, 8, "{claim}: {output:?}");
        let error = output.error();
        assert_eq!(error["code"], "sign_in_id_token", "{claim}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(claim), "{claim}: {message}");
        let kept = cli.run(&["token", "list"]).json();
        assert_eq!(kept["total"], 0, "{claim}: {kept}");
    }
}

#[test]
fn a_limit_or_a_gateway_does_not_end_the_wait() {
    for (status, body) in [
        (429, r#"{"error":"rate_limited"}"#),
        (503, "<html>try later</html>"),
        (502, ""),
    ] {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let server = ScriptedServer::start(move |issuer, request| match request.path() {
            "/register" => {
                let mut client = request.json();
                client["client_id"] = "c1".into();
                client["client_secret"] = "s3cret-of-c1".into();
                ScriptedServer::json(201, &client)
            }
            "/device" => ScriptedServer::json(200, &device_code(300)),
            "/token" if count.fetch_add(1, Ordering::SeqCst) == 0 => {
                ScriptedServer::reply(status, &[], body.as_bytes())
            }
            "/token" => {
                let token =
                    json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 300 });
                ScriptedServer::json(200, &token)
            }
            _ => {
                let mut metadata = ScriptedServer::metadata(issuer);
                metadata["device_authorization_endpoint"] = format!("{issuer}/device").into();
                metadata["grant_types_supported"] =
                    json!(["urn:ietf:params:oauth:grant-type:device_code"]);
                ScriptedServer::json(200, &metadata)
            }
        });
        let cli = Cli::with_vault();
        cli.config("Work", &server.issuer, &[]);
        // The only grant of this server is what a client is registered for.
        cli.run(&["app", "register", "login", "--config", "Work"])
            .json();
        let token = cli.run(&["token", "get", "login"]);
        assert_eq!(token.code, 0, "{status}: {token:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 2, "{status}");
    }
}

#[test]
fn a_code_that_is_refused_or_expires_ends_the_sign_in() {
    let (provider, cli) = client(300);
    *provider.token.lock().unwrap() = json!({ "error": "access_denied" });
    let refused = cli.run(&["token", "get", "login"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(refused.error()["provider"]["error"], "access_denied");
    let (provider, cli) = client(2);
    *provider.token.lock().unwrap() = json!({ "error": "authorization_pending" });
    let late = cli.run(&["token", "get", "login"]);
    assert_eq!(late.code, 1, "{late:?}");
    assert_eq!(late.error()["code"], "sign_in_code_expired");
    assert!(late.err.contains("WDJB-MJHT") && late.err.contains("https://id.example/device"));
    // The user's own limit is over, and the code is still good.
    let (provider, cli) = client(300);
    *provider.token.lock().unwrap() = json!({ "error": "authorization_pending" });
    let late = cli.run(&["token", "get", "login", "--timeout", "2s"]);
    let late = late.error();
    assert_eq!(late["code"], "sign_in_timed_out");
    assert!(
        !late["hint"].as_str().unwrap().contains("redirect"),
        "{late}"
    );
    // Neither code is in Activity.
    let har = cli.folder().join("activity.har");
    cli.run(&["activity", "export", "--har", har.to_str().unwrap()])
        .json();
    let exported = std::fs::read_to_string(&har).unwrap();
    for secret in ["d3vice-c0de-of-the-sign-in", "WDJB-MJHT"] {
        assert!(!exported.contains(secret), "{secret}");
    }
}
