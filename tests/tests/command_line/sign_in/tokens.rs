//! What a provider answers to a code, and what happens meanwhile.

use std::time::Duration;

use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, SignInControl, SignInStep, VaultHome,
    view::{TokenWish, UnlockInput},
};
use keywright_tests::{Cli, SignIn, files_with};
use serde_json::{Value, json};

use super::provider::{CODE, FREE, Provider, visit};
use crate::hostile::tokens::{Minted, Signer};

const PUBLIC: [&str; 4] = ["--auth-method", "none", "--scope", "openid"];

/// A token answer with an ID token of this issuer, for the client and the nonce of the sign-in.
pub(super) fn answer(issuer: &str, nonce: &str, change: impl Fn(Minted) -> Minted) -> Value {
    let good = Minted::good()
        .header("typ", "JWT")
        .claim("client_id", json!(null))
        .claim("aud", "c1")
        .claim("sub", "tester")
        .claim("nonce", nonce);
    let minted = change(good);
    let fill = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace("ISSUER", issuer);
        text.into_bytes()
    };
    let token: Value = serde_json::from_str(&minted.answer(&fill)).unwrap();
    json!({
        "access_token": "acc3ss-t0ken-of-the-sign-in", "token_type": "Bearer", "expires_in": 300,
        "refresh_token": "r3fresh-t0ken-of-the-sign-in", "id_token": token["access_token"],
    })
}

/// Signs in; the provider answers with this ID token.
fn with_id_token(change: impl Fn(Minted) -> Minted) -> (Cli, keywright_tests::Output) {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let waiting = SignIn::start(&cli, "login", &[]);
    let issuer = provider.issuer();
    *provider.token.lock().unwrap() = answer(&issuer, &waiting.parameter("nonce"), change);
    visit(&waiting.answer(&[("code", CODE), ("iss", &issuer)]));
    (cli, waiting.finish())
}

#[test]
fn an_id_token_that_holds_is_shown_with_its_meaning() {
    let (cli, output) = with_id_token(|minted| minted);
    output.json();
    let shown = cli.run(&["token", "show", "login"]).json();
    let identity = &shown["id_token"];
    assert_eq!(identity["signature"], "verified", "{identity}");
    let claims = identity["claims"].as_array().unwrap();
    let note = |name: &str| claims.iter().find(|one| one["name"] == name).unwrap()["note"].clone();
    assert_eq!(note("nonce"), "this sign-in");
    assert_eq!(note("iss"), "the expected issuer");
}

#[test]
fn t24_tokens_with_a_wrong_id_token_are_discarded() {
    type Change = fn(Minted) -> Minted;
    let changes: [(&str, Change); 9] = [
        ("nonce", |minted| minted.claim("nonce", "another")),
        ("nonce", |minted| minted.claim("nonce", json!(null))),
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
fn t24_metadata_that_changes_meanwhile_stops_the_exchange() {
    let (provider, other) = (Provider::start(), Provider::start());
    let cli = provider.client(FREE, &PUBLIC);
    let waiting = SignIn::start(&cli, "login", &[]);
    let elsewhere = format!("token_endpoint={}/token", other.issuer());
    cli.run(&["config", "edit", "Work", "--set", &elsewhere])
        .json();
    visit(&waiting.answer(&[("code", CODE), ("iss", &provider.issuer())]));
    let output = waiting.finish();
    assert_eq!(output.code, 8, "{output:?}");
    assert_eq!(output.error()["code"], "sign_in_changed");
    assert!(provider.token_requests().is_empty() && other.token_requests().is_empty());
}

#[test]
fn a_code_that_the_server_refuses_asks_for_a_new_sign_in() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let waiting = SignIn::start(&cli, "login", &[]);
    *provider.token.lock().unwrap() = json!({ "error": "invalid_grant" });
    visit(&waiting.answer(&[("code", CODE), ("iss", &provider.issuer())]));
    let output = waiting.finish();
    assert_eq!(output.code, 5, "{output:?}");
    let hint = output.error()["hint"].to_string();
    assert!(hint.contains("Sign in again"), "{hint}");
    assert_eq!(provider.token_requests().len(), 1, "a code is sent once");
}

#[test]
fn a_dead_refresh_token_leads_to_a_new_sign_in() {
    let (cli, provider) = {
        let provider = Provider::start();
        let cli = provider.client(FREE, &PUBLIC);
        let waiting = SignIn::start(&cli, "login", &[]);
        let issuer = provider.issuer();
        let nonce = waiting.parameter("nonce");
        *provider.token.lock().unwrap() = answer(&issuer, &nonce, |minted| minted);
        visit(&waiting.answer(&[("code", CODE), ("iss", &issuer)]));
        waiting.finish().json();
        (cli, provider)
    };
    *provider.token.lock().unwrap() = json!({ "error": "invalid_grant" });
    // A call asks nobody, and says what to do.
    let api = format!("{}/jwks", provider.issuer());
    let waiting = SignIn::start(&cli, "login", &["--refresh"]);
    let issuer = provider.issuer();
    let nonce = waiting.parameter("nonce");
    let mut fresh = answer(&issuer, &nonce, |minted| minted);
    fresh.as_object_mut().unwrap().remove("refresh_token");
    *provider.token.lock().unwrap() = fresh;
    visit(&waiting.answer(&[("code", CODE), ("iss", &issuer)]));
    waiting.finish().json();
    let call = cli.run(&["call", &api, "--app", "login", "--auth", "bearer"]);
    assert_eq!(call.json()["status"], 200);
    // The dead one is not tried again.
    let before = provider.token_requests().len();
    let late = cli.run(&["token", "get", "login", "--refresh", "--timeout", "1s"]);
    assert_eq!(late.error()["code"], "sign_in_timed_out");
    assert_eq!(provider.token_requests().len(), before);
}

#[test]
fn a_call_asks_nobody_to_sign_in() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let api = format!("{}/jwks", provider.issuer());
    let call = cli.run(&["call", &api, "--app", "login", "--auth", "bearer"]);
    assert_eq!(call.code, 3, "{call:?}");
    let error = call.error();
    assert_eq!(error["code"], "sign_in_needed");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("keywright token get login --grant authorization_code"));
}

#[test]
fn t40_no_secret_of_a_sign_in_is_kept_or_shown() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC).env("KEYWRIGHT_LOG", "trace");
    let waiting = SignIn::start(&cli, "login", &[]);
    let issuer = provider.issuer();
    let (state, nonce) = (waiting.parameter("state"), waiting.parameter("nonce"));
    *provider.token.lock().unwrap() = answer(&issuer, &nonce, |minted| minted);
    visit(&waiting.answer(&[("code", CODE), ("iss", &issuer)]));
    let output = waiting.finish();
    output.json();
    let form = provider.token_requests().remove(0);
    let verifier = &form
        .iter()
        .find(|(name, _)| name == "code_verifier")
        .unwrap()
        .1;
    for secret in [CODE, verifier] {
        assert!(!output.err.contains(secret), "in the log");
    }
    // The address that the user opens has it, and nothing else.
    assert_eq!(output.err.matches(&*state).count(), 1, "{}", output.err);
    let har = cli.folder().join("activity.har");
    cli.run(&["activity", "export", "--har", har.to_str().unwrap()])
        .json();
    let list = cli.run(&["activity", "list"]).out;
    let exported = std::fs::read_to_string(&har).unwrap();
    for secret in [CODE, verifier, &state, &nonce] {
        assert!(!exported.contains(secret) && !list.contains(secret));
    }
    let secrets = [CODE, verifier, &state].map(str::to_owned);
    assert_eq!(files_with(cli.folder(), &secrets), []);
}

#[test]
fn a_vault_that_is_locked_meanwhile_ends_the_sign_in() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &PUBLIC);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (told, heard) = std::sync::mpsc::channel();
    let keywright = Keywright::new(Options {
        home: VaultHome::new(cli.home()),
        actor: Actor::App,
        clock: Clock::system(),
        lang: Lang::En,
    });
    let task = runtime.spawn({
        let keywright = keywright.clone();
        async move {
            let passphrase = Some("correct horse battery".to_owned());
            keywright.unlock(UnlockInput { passphrase }).await.unwrap();
            let wish = TokenWish {
                application_id: "login".into(),
                ..TokenWish::default()
            };
            let on_step = |step: SignInStep| {
                if let SignInStep::Open { redirect_uri, .. } = step {
                    told.send(redirect_uri).unwrap();
                }
            };
            let control = SignInControl {
                on_step: &on_step,
                pasted: None,
                paste_only: false,
                time: Duration::from_mins(1),
                accept_unlisted_pkce: false,
                without_resource: false,
                again: false,
            };
            keywright.tokens().sign_in(&wish, control).await.map(|_| ())
        }
    });
    let redirect: url::Url = heard.recv().unwrap().parse().unwrap();
    let port = redirect.port().unwrap();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    keywright.lock();
    let outcome = runtime.block_on(task).unwrap();
    assert_eq!(outcome.unwrap_err().code().as_str(), "locked");
    std::thread::sleep(Duration::from_millis(200));
    let after = std::net::TcpStream::connect(("127.0.0.1", port));
    assert!(after.is_err(), "the listener is gone");
    // The vault is closed, although the sign-in was under way.
    assert!(!keywright.is_unlocked());
}
