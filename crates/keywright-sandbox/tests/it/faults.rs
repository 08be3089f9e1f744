//! The fault dials.

use std::time::{Duration, Instant};

use keywright_sandbox::SandboxFaults;
use serde_json::{Value, json};

use crate::bench::{Bench, START, header, refusal, text};

const GRANT: &str = "grant_type=client_credentials";

fn faults() -> SandboxFaults {
    SandboxFaults::default()
}

#[tokio::test]
async fn a_slow_sandbox_waits_before_it_answers() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        latency_ms: 150,
        ..faults()
    });
    let start = Instant::now();
    bench.client().await;
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_dropped_request_was_carried_out() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        drop_after_receiving_percent: 100,
        ..faults()
    });
    let request = bench.http.post(format!("{}/register", bench.issuer));
    let error = request.json(&json!({})).send().await.unwrap_err();
    assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
    assert_eq!(bench.sandbox.client_count(), 1);
    bench.faults(faults());
    bench.client().await;
}

#[tokio::test]
async fn too_many_requests_come_with_or_without_a_time_to_wait() {
    let bench = Bench::new().await;
    for (retry_after, expected) in [(true, "2"), (false, "")] {
        bench.faults(SandboxFaults {
            too_many_requests_percent: 100,
            retry_after,
            ..faults()
        });
        let response = bench.register(&json!({})).await;
        assert_eq!(response.status(), 429);
        assert_eq!(header(&response, "retry-after"), expected);
    }
    assert_eq!(bench.sandbox.client_count(), 0);
}

#[tokio::test]
async fn server_errors_come_as_json_or_as_a_page() {
    let bench = Bench::new().await;
    for (html_errors, kind) in [(false, "application/json"), (true, "text/html")] {
        bench.faults(SandboxFaults {
            server_errors_percent: 100,
            html_errors,
            ..faults()
        });
        let response = bench.register(&json!({})).await;
        assert!([500, 503].contains(&response.status().as_u16()));
        assert!(header(&response, "content-type").starts_with(kind));
    }
}

#[tokio::test]
async fn a_truncated_body_is_no_json_and_a_huge_one_is_ten_mebibytes() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        truncated_body: true,
        ..faults()
    });
    let response = bench.register(&json!({})).await;
    assert_eq!(response.status(), 201);
    assert!(response.json::<Value>().await.is_err());
    bench.faults(SandboxFaults {
        huge_body: true,
        ..faults()
    });
    let response = bench.register(&json!({})).await;
    assert_eq!(response.bytes().await.unwrap().len(), 10 * 1024 * 1024);
}

#[tokio::test]
async fn new_secrets_are_over_when_they_come() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        expired_secrets: true,
        ..faults()
    });
    let client = bench.client().await;
    assert_eq!(client["client_secret_expires_at"], START - 1);
    let response = bench.form("token", &client, GRANT).await;
    assert_eq!(refusal(response).await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn forgotten_clients_come_back_when_the_dial_is_off() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    bench.faults(SandboxFaults {
        forget_clients: true,
        ..faults()
    });
    let response = bench.form("token", &client, GRANT).await;
    assert_eq!(refusal(response).await, (401, "invalid_client".to_owned()));
    assert_eq!(bench.with_basic(&client).await.status(), 401);
    bench.faults(faults());
    bench.token(&client).await;
}

#[tokio::test]
async fn a_new_client_arrives_late_at_the_token_endpoint() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        replication_lag_ms: 400,
        ..faults()
    });
    let client = bench.client().await;
    let response = bench.form("token", &client, GRANT).await;
    assert_eq!(refusal(response).await, (401, "invalid_client".to_owned()));
    tokio::time::sleep(Duration::from_millis(450)).await;
    bench.token(&client).await;
}

#[tokio::test]
async fn the_metadata_can_name_another_issuer() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        wrong_issuer: true,
        ..faults()
    });
    let url = format!("{}/.well-known/openid-configuration", bench.issuer);
    let response = bench.http.get(url).send().await.unwrap();
    let body: Value = response.json().await.unwrap();
    assert_ne!(body["issuer"], bench.issuer);
}

#[tokio::test]
async fn less_is_granted_than_asked_for() {
    let bench = Bench::new().await;
    bench.faults(SandboxFaults {
        grant_less: true,
        ..faults()
    });
    let client = bench
        .registered(&json!({ "scope": "orders:read orders:write",
            "grant_types": ["client_credentials", "refresh_token"] }))
        .await;
    assert_eq!(client["scope"], "orders:read");
    assert_eq!(client["grant_types"], json!(["client_credentials"]));
}

#[tokio::test]
async fn the_gateways_own_request_does_not_meet_the_dials_again() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    bench.faults(SandboxFaults {
        latency_ms: 300,
        ..faults()
    });
    let start = Instant::now();
    let response = bench.with_basic(&client).await;
    assert_eq!(response.status(), 200);
    assert!(start.elapsed() < Duration::from_millis(600));
    assert!(!text(&client, "client_id").is_empty());
}
