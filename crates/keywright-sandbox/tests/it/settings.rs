//! What can be set while the Sandbox runs.

use keywright_sandbox::{Registration, SandboxFaults, SessionLimits};
use serde_json::{Value, json};

use crate::bench::{Bench, cookies};

#[tokio::test]
async fn registration_closes_and_opens_while_it_runs() {
    let bench = Bench::new().await;
    assert!(!bench.sandbox.needs_initial_access_token());
    bench
        .sandbox
        .set_registration(Registration::InitialAccessToken);
    assert!(bench.sandbox.needs_initial_access_token());
    assert_eq!(bench.register(&json!({})).await.status(), 401);
    let token = bench.sandbox.info().personalities[0].secrets["initial_access_token"].clone();
    let request = bench.http.post(format!("{}/register", bench.issuer));
    let response = request.bearer_auth(token).json(&json!({})).send().await;
    assert_eq!(response.unwrap().status(), 201);
    bench.sandbox.set_registration(Registration::Open);
    assert!(bench.sandbox.info().personalities[0].secrets.is_empty());
    assert_eq!(bench.register(&json!({})).await.status(), 201);
}

#[tokio::test]
async fn new_limits_hold_for_sessions_begun_before() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let session = cookies(&bench.with_basic(&client).await);
    bench.advance(100);
    assert_eq!(bench.with_cookies(&session).await.status(), 200);
    let limits = SessionLimits {
        absolute_secs: 50,
        ..SessionLimits::default()
    };
    bench.sandbox.set_limits(limits);
    assert_eq!(bench.sandbox.limits(), limits);
    assert_eq!(bench.with_cookies(&session).await.status(), 401);
}

#[tokio::test]
async fn settings_are_told_to_those_who_watch() {
    let bench = Bench::new().await;
    let mut changes = bench.sandbox.on_change();
    bench.sandbox.set_limits(SessionLimits::default());
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    bench.sandbox.set_registration(Registration::Open);
    assert!(changes.has_changed().unwrap());
}

#[tokio::test]
async fn the_metadata_can_be_read_whatever_the_dials_say() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        too_many_requests_percent: 100,
        server_errors_percent: 100,
        drop_after_receiving_percent: 100,
        truncated_body: true,
        huge_body: true,
        ..SandboxFaults::default()
    });
    let url = format!("{}/.well-known/openid-configuration", bench.issuer);
    let body: Value = bench
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(body["issuer"], bench.issuer);
    assert_eq!(bench.register(&json!({})).await.status(), 429);
}

#[tokio::test]
async fn a_share_of_half_meets_every_second_request() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        too_many_requests_percent: 50,
        ..SandboxFaults::default()
    });
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(bench.register(&json!({})).await.status().as_u16());
    }
    assert_eq!(statuses, [201, 429, 201, 429]);
}
