//! Device authorization (RFC 8628).

use std::collections::BTreeMap;

use keywright_sandbox::SandboxFaults;
use serde_json::{Value, json};

use super::{Visit, claims};
use crate::bench::{refusal, text};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn visit() -> Visit {
    Visit::with(&json!({ "grant_types": [GRANT, "refresh_token"], "redirect_uris": [] })).await
}

async fn begun(visit: &Visit) -> Value {
    let fields = [("client_id", visit.id()), ("scope", "openid orders:read")];
    let response = visit.post("device_authorization", &fields).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

async fn poll(visit: &Visit, device: &Value) -> reqwest::Response {
    let fields = [
        ("grant_type", GRANT),
        ("client_id", visit.id()),
        ("device_code", text(device, "device_code")),
    ];
    visit.post("token", &fields).await
}

async fn page(visit: &Visit, fields: &[(&str, &str)]) -> (u16, String) {
    let response = visit.post("device", fields).await;
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_device_gets_its_token_once_the_user_allowed() {
    let visit = visit().await;
    let device = begun(&visit).await;
    let pending = refusal(poll(&visit, &device).await).await;
    assert_eq!(pending, (400, "authorization_pending".to_owned()));

    let whole = text(&device, "verification_uri_complete").parse().unwrap();
    let whole = visit.open(&whole, &[]).await.text().await.unwrap();
    assert!(whole.contains("Demo &lt;client&gt;"), "{whole}");
    assert!(whole.contains(text(&device, "user_code")), "{whole}");
    // As somebody types it.
    let code = text(&device, "user_code").replace('-', " ").to_lowercase();
    let allow = [
        ("user_code", code.as_str()),
        ("user", "alice"),
        ("decision", "allow"),
    ];
    let (status, done) = page(&visit, &allow).await;
    assert!(status == 200 && done.contains("may go on"), "{done}");

    visit.bench.advance(5);
    let tokens: Value = poll(&visit, &device).await.json().await.unwrap();
    assert_eq!(claims(text(&tokens, "access_token"))["sub"], "demo-user-1");
    assert_eq!(tokens["scope"], "openid orders:read");
    assert!(tokens["id_token"].is_string() && tokens["refresh_token"].is_string());
    let again = refusal(poll(&visit, &device).await).await;
    assert_eq!(again, (400, "invalid_grant".to_owned()));
    let (status, late) = page(&visit, &allow).await;
    assert!(status == 400 && late.contains("role=\"alert\""), "{late}");
}

#[tokio::test]
async fn a_device_that_asks_too_often_has_to_wait_longer() {
    let visit = visit().await;
    let device = begun(&visit).await;
    for (pause, code) in [
        (0, "authorization_pending"),
        (4, "slow_down"),
        (5, "slow_down"),
        (15, "authorization_pending"),
    ] {
        visit.bench.advance(pause);
        let said = refusal(poll(&visit, &device).await).await;
        assert_eq!(said, (400, code.to_owned()), "after {pause} s");
    }
}

#[tokio::test]
async fn a_device_learns_of_a_denial_or_an_expired_code() {
    let visit = visit().await;
    let device = begun(&visit).await;
    let deny = [
        ("user_code", text(&device, "user_code")),
        ("decision", "deny"),
    ];
    page(&visit, &deny).await;
    let denied = refusal(poll(&visit, &device).await).await;
    assert_eq!(denied, (400, "access_denied".to_owned()));
    let device = begun(&visit).await;
    visit.bench.advance(600);
    let over = refusal(poll(&visit, &device).await).await;
    assert_eq!(over, (400, "expired_token".to_owned()));
    let code = text(&device, "user_code");
    let (status, _) = page(&visit, &[("user_code", code)]).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_device_is_slowed_down_for_ever_by_a_dial() {
    let visit = visit().await;
    visit.bench.faults(SandboxFaults {
        vendor: BTreeMap::from([("slow_down_for_ever".to_owned(), 1)]),
        ..SandboxFaults::default()
    });
    let device = begun(&visit).await;
    for _ in 0..3 {
        let said = refusal(poll(&visit, &device).await).await;
        assert_eq!(said, (400, "slow_down".to_owned()));
        visit.bench.advance(60);
    }
}

#[tokio::test]
async fn an_unknown_code_is_text_and_leads_nowhere() {
    let visit = visit().await;
    let (status, body) = page(&visit, &[("user_code", "<script>")]).await;
    assert!(status == 400 && !body.contains("<script"), "{body}");
}
