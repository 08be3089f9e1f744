//! Stop, restore, reset and the word of a change.

use keywright_sandbox::{Sandbox, SandboxError, SandboxFaults, SandboxOptions};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, cookies, text};

#[tokio::test]
async fn a_restarted_sandbox_goes_on_where_it_stopped() {
    let first = Bench::new().await;
    let asked = json!({ "grant_types": ["client_credentials", "refresh_token"] });
    let client = first.registered(&asked).await;
    let token = first.token(&client).await;
    let cookie = cookies(&first.with_basic(&client).await);
    let (issuer, api) = (first.issuer.clone(), first.api.clone());
    // As a file would keep it.
    let saved: Value = serde_json::from_str(&first.sandbox.snapshot().to_string()).unwrap();
    first.sandbox.stop().await;

    let second = Bench::with(|o| o.restore = Some(saved)).await;
    assert_eq!((&second.issuer, &second.api), (&issuer, &api));
    assert_eq!(second.with_cookies(&cookie).await.status(), 200);
    let access = text(&token, "access_token");
    assert_eq!(second.with_bearer(access).await.status(), 200);
    let read = second.manage(Method::GET, &client).send().await.unwrap();
    assert_eq!(read.status(), 200);
    let body = format!(
        "grant_type=refresh_token&refresh_token={}",
        text(&token, "refresh_token")
    );
    let refreshed = second.form("token", &client, &body).await;
    assert_eq!(refreshed.status(), 200);
}

#[tokio::test]
async fn without_the_saved_state_a_session_means_nothing() {
    let first = Bench::new().await;
    let client = first.client().await;
    let cookie = cookies(&first.with_basic(&client).await);
    let second = Bench::new().await;
    assert_eq!(second.with_cookies(&cookie).await.status(), 401);
}

#[tokio::test]
async fn f24_a_port_of_the_run_before_that_is_taken_gives_way_and_the_clients_are_kept() {
    let first = Bench::new().await;
    let client = first.client().await;
    let saved = first.sandbox.snapshot();
    // The first still runs: both of its ports are taken.
    let second = Bench::with(|o| o.restore = Some(saved)).await;
    assert_ne!(second.issuer, first.issuer);
    assert_ne!(second.api, first.api);
    assert_eq!(second.with_basic(&client).await.status(), 200);
}

#[tokio::test]
async fn f24_a_taken_port_is_named() {
    let first = Bench::new().await;
    let port = first.sandbox.info().gateway;
    let port: u16 = port.rsplit(':').next().unwrap().parse().unwrap();
    let options = SandboxOptions {
        gateway_port: port,
        ..SandboxOptions::default()
    };
    match Sandbox::start(options).await {
        Err(SandboxError::PortTaken { port: taken }) => assert_eq!(taken, port),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two listen on {port}"),
    }
}

#[tokio::test]
async fn a_damaged_state_is_refused() {
    let bench = Bench::new().await;
    let mut key = bench.sandbox.snapshot();
    key["idp_port"] = json!(0);
    key["gateway_port"] = json!(0);
    key["signing_key"] = json!("AAAA");
    for (saved, text) in [
        (
            json!({ "state": 1 }),
            "could not read the saved state of the Sandbox",
        ),
        (key, "the saved signing key of the Sandbox cannot be used"),
    ] {
        let options = SandboxOptions {
            restore: Some(saved),
            ..SandboxOptions::default()
        };
        let error = Sandbox::start(options).await.err().unwrap();
        assert_eq!(error.to_string(), text);
    }
}

#[tokio::test]
async fn a_state_of_an_older_version_has_one_signing_key() {
    let bench = Bench::new().await;
    let mut saved = bench.sandbox.snapshot();
    saved["idp_port"] = json!(0);
    saved["gateway_port"] = json!(0);
    saved.as_object_mut().unwrap().remove("next_signing_key");
    let options = SandboxOptions {
        restore: Some(saved.clone()),
        ..SandboxOptions::default()
    };
    let again = Sandbox::start(options).await.unwrap().snapshot();
    assert_eq!(again["signing_key"], saved["signing_key"]);
    assert!(again["next_signing_key"].is_string());
}

#[tokio::test]
async fn a_reset_forgets_clients_tokens_sessions_and_orders() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let token = bench.token(&client).await;
    let cookie = cookies(&bench.with_basic(&client).await);
    bench.sandbox.reset();
    assert_eq!(bench.sandbox.client_count(), 0);
    assert_eq!(bench.with_cookies(&cookie).await.status(), 401);
    let access = text(&token, "access_token");
    assert_eq!(bench.with_bearer(access).await.status(), 401);
    let read = bench.manage(Method::GET, &client).send().await.unwrap();
    assert_eq!(read.status(), 401);
}

#[tokio::test]
async fn those_who_watch_hear_of_each_change() {
    let bench = Bench::new().await;
    let mut changes = bench.sandbox.on_change();
    assert!(!changes.has_changed().unwrap());
    bench.client().await;
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    bench.faults(SandboxFaults {
        latency_ms: 1,
        ..SandboxFaults::default()
    });
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    let jwks = bench.http.get(format!("{}/jwks", bench.issuer)).send();
    assert_eq!(jwks.await.unwrap().status(), 200);
    assert!(!changes.has_changed().unwrap());
}

#[tokio::test]
async fn a_stopped_sandbox_answers_no_more() {
    let bench = Bench::new().await;
    let url = format!("{}/jwks", bench.issuer);
    assert_eq!(bench.http.get(&url).send().await.unwrap().status(), 200);
    bench.sandbox.stop().await;
    let error = bench.http.get(&url).send().await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}
