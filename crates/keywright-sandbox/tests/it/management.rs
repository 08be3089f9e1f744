//! Read, update and delete of a registered client (RFC 7592).

use keywright_sandbox::SandboxFaults;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, refusal, text};

#[tokio::test]
async fn reading_gives_what_was_registered() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let response = bench.manage(Method::GET, &client).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let read: Value = response.json().await.unwrap();
    assert_eq!(read, client);
}

#[tokio::test]
async fn a_wrong_registration_token_is_refused() {
    let bench = Bench::new().await;
    let mut client = bench.client().await;
    let other = bench.client().await;
    for token in ["wrong", text(&other, "registration_access_token")] {
        client["registration_access_token"] = json!(token);
        let response = bench.manage(Method::GET, &client).send().await.unwrap();
        assert_eq!(refusal(response).await, (401, "invalid_token".to_owned()));
    }
}

#[tokio::test]
async fn an_update_replaces_all_metadata_and_keeps_a_named_secret() {
    let bench = Bench::new().await;
    let client = bench
        .registered(&json!({ "client_name": "Old", "client_uri": "https://a.example" }))
        .await;
    let body = json!({ "client_id": client["client_id"],
        "client_secret": client["client_secret"], "client_name": "New", "scope": "profile" });
    let request = bench.manage(Method::PUT, &client).json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let updated: Value = response.json().await.unwrap();
    assert_eq!(updated["client_name"], "New");
    assert_eq!(updated["scope"], "profile");
    assert_eq!(updated.get("client_uri"), None);
    assert_eq!(updated["client_secret"], client["client_secret"]);
}

#[tokio::test]
async fn an_update_without_the_secret_brings_a_new_one() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let body = json!({ "client_id": client["client_id"] });
    let request = bench.manage(Method::PUT, &client).json(&body);
    let updated: Value = request.send().await.unwrap().json().await.unwrap();
    assert_ne!(updated["client_secret"], client["client_secret"]);
    bench.token(&updated).await;
    let old = bench
        .form("token", &client, "grant_type=client_credentials")
        .await;
    assert_eq!(refusal(old).await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn the_option_replaces_even_a_named_secret() {
    let bench = Bench::with(|o| o.replace_secret_on_update = true).await;
    let client = bench.client().await;
    let body = json!({ "client_id": client["client_id"],
        "client_secret": client["client_secret"] });
    let request = bench.manage(Method::PUT, &client).json(&body);
    let updated: Value = request.send().await.unwrap().json().await.unwrap();
    assert_ne!(updated["client_secret"], client["client_secret"]);
}

#[tokio::test]
async fn an_update_that_names_another_client_or_secret_changes_nothing() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let id = &client["client_id"];
    for body in [
        json!({ "client_name": "New" }),
        json!({ "client_id": "other", "client_name": "New" }),
        json!({ "client_id": id, "client_secret": "mine", "client_name": "New" }),
        json!({ "client_id": id, "registration_client_uri": "https://a.example" }),
    ] {
        let request = bench.manage(Method::PUT, &client).json(&body);
        let response = request.send().await.unwrap();
        let expected = (400, "invalid_client_metadata".to_owned());
        assert_eq!(refusal(response).await, expected, "{body}");
    }
    let request = bench.manage(Method::GET, &client).send().await.unwrap();
    assert_eq!(request.json::<Value>().await.unwrap(), client);
}

#[tokio::test]
async fn a_deleted_client_is_gone_with_its_tokens() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let token = bench.token(&client).await;
    let response = bench.manage(Method::DELETE, &client).send().await.unwrap();
    assert_eq!(response.status(), 204);
    for method in [Method::GET, Method::DELETE] {
        let again = bench.manage(method, &client).send().await.unwrap();
        assert_eq!(refusal(again).await, (401, "invalid_token".to_owned()));
    }
    let response = bench.with_bearer(text(&token, "access_token")).await;
    assert_eq!(response.status(), 401);
    assert_eq!(bench.with_basic(&client).await.status(), 401);
}

#[tokio::test]
async fn a_rotated_registration_token_ends_the_old_one() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    bench.faults(SandboxFaults {
        rotate_registration_token: true,
        ..SandboxFaults::default()
    });
    let response = bench.manage(Method::GET, &client).send().await.unwrap();
    let read: Value = response.json().await.unwrap();
    let old = bench.manage(Method::GET, &client).send().await.unwrap();
    assert_eq!(old.status(), 401);

    let body = json!({ "client_id": client["client_id"] });
    let request = bench.manage(Method::PUT, &read).json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let updated: Value = response.json().await.unwrap();
    let old = bench.manage(Method::GET, &read).send().await.unwrap();
    assert_eq!(old.status(), 401);
    let new = bench.manage(Method::GET, &updated).send().await.unwrap();
    assert_eq!(new.status(), 200);
}
