//! The bridge over HTTP: what its contract and Kong's own bridge do.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::super::bench::{Bench, body, text};
use super::{DATES_AS_TEXT, KEEPS_OLD_SECRETS, SELF, UPSTREAM_DOWN};
use crate::faults::SandboxFaults;

fn application() -> Value {
    let id = "426ac0a7-aeb6-4043-a404-c4bfe24f2705";
    json!({
        "redirect_uris": [], "client_name": "orders", "grant_types": ["bearer"],
        "scopes": ["orders:read"], "token_endpoint_auth_method": "client_secret_post",
        "application_description": "", "portal_id": id, "organization_id": id,
        "developer_id": id, "auth_strategy_id": id, "dcr_provider_id": id,
    })
}

async fn ask(bench: &Bench, method: Method, path: &str, sent: Option<Value>) -> Response {
    let url = format!("{}/dcr/{path}", SELF.base(bench.shared()));
    let mut request = bench.http.request(method, url);
    request = request.header("x-api-key", bench.admin(SELF).secret);
    if let Some(sent) = sent {
        request = request.json(&sent);
    }
    request.send().await.unwrap()
}

async fn created(bench: &Bench) -> Value {
    let answer = ask(bench, Method::POST, "", Some(application())).await;
    assert_eq!(answer.status(), 201);
    body(answer).await
}

fn turn(bench: &Bench, dial: &str) {
    let faults = SandboxFaults {
        vendor: BTreeMap::from([(dial.to_owned(), 1)]),
        ..SandboxFaults::default()
    };
    bench.sandbox.set_faults(SELF, faults);
}

#[tokio::test]
async fn a_body_is_checked_before_the_key() {
    let bench = Bench::new().await;
    let url = format!("{}/dcr/", SELF.base(bench.shared()));
    let mut wrong = application();
    wrong.as_object_mut().unwrap().remove("redirect_uris");
    let answer = bench.http.post(&url).json(&wrong).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let told = body(answer).await;
    assert_eq!(
        told["error_description"][0]["params"]["missingProperty"],
        "redirect_uris"
    );
    let answer = bench.http.post(&url).json(&application()).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(body(answer).await["error"], "Wrong API-Key");
}

#[tokio::test]
async fn ids_must_be_uuids_and_grants_must_be_of_the_one_known() {
    let bench = Bench::new().await;
    let mut wrong = application();
    wrong["portal_id"] = json!("portal");
    let answer = ask(&bench, Method::POST, "", Some(wrong)).await;
    let told = body(answer).await;
    assert_eq!(told["error_description"][0]["instancePath"], "/portal_id");
    let mut other = application();
    other["grant_types"] = json!(["authorization_code"]);
    let answer = ask(&bench, Method::POST, "", Some(other)).await;
    assert_eq!(answer.status(), 400);
    assert_eq!(body(answer).await["error"], "AxiosError");
}

#[tokio::test]
async fn dates_come_as_numbers_or_as_texts() {
    let bench = Bench::new().await;
    let first = created(&bench).await;
    assert!(first["client_id_issued_at"].is_i64());
    assert_eq!(first["client_secret_expires_at"], 0);
    turn(&bench, DATES_AS_TEXT);
    let second = created(&bench).await;
    assert_eq!(text(&second, "client_id_issued_at"), "2027-01-15T08:00:00Z");
    // No text says "never".
    assert!(second["client_secret_expires_at"].is_null());
}

#[tokio::test]
async fn a_new_secret_ends_the_old_one_unless_the_bridge_keeps_several() {
    let bench = Bench::new().await;
    for keeps in [false, true] {
        if keeps {
            turn(&bench, KEEPS_OLD_SECRETS);
        }
        let client = created(&bench).await;
        let id = text(&client, "client_id");
        let path = format!("{id}/new-secret");
        let answer = ask(&bench, Method::POST, &path, None).await;
        assert_eq!(answer.status(), 200);
        let rotated = body(answer).await;
        assert_ne!(rotated["client_secret"], client["client_secret"]);
        let state = bench.shared().state();
        let secrets = &state.client(SELF, id).unwrap().secrets;
        assert_eq!(secrets.len(), if keeps { 2 } else { 1 });
    }
}

#[tokio::test]
async fn what_is_not_there_upstream_is_a_400_with_a_404_in_its_text() {
    let bench = Bench::new().await;
    let client = created(&bench).await;
    let id = text(&client, "client_id").to_owned();
    let gone = ask(&bench, Method::DELETE, &id, None).await;
    assert_eq!(gone.status(), 204);
    for (method, path) in [
        (Method::DELETE, id.clone()),
        (Method::POST, format!("{id}/new-secret")),
    ] {
        let answer = ask(&bench, method, &path, None).await;
        assert_eq!(answer.status(), 400);
        let told = body(answer).await;
        let said = text(&told, "error_description");
        assert_eq!(said, "Request failed with status code 404");
    }
    turn(&bench, UPSTREAM_DOWN);
    let answer = ask(&bench, Method::POST, "", Some(application())).await;
    let told = body(answer).await;
    assert_eq!(
        text(&told, "error_description"),
        "Request failed with status code 503"
    );
}

#[tokio::test]
async fn an_event_changes_name_and_addresses_and_needs_its_members() {
    let bench = Bench::new().await;
    let client = created(&bench).await;
    let id = text(&client, "client_id");
    let path = format!("{id}/event-hook");
    let mut event = application();
    for name in [
        "event_type",
        "client_id",
        "application_id",
        "application_name",
    ] {
        event[name] = json!(name);
    }
    event["event_type"] = json!("update_application");
    event["application_name"] = json!("orders 2");
    event["redirect_uris"] = json!("https://orders.example/back");
    let answer = ask(&bench, Method::POST, &path, Some(event.clone())).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().is_empty());
    {
        let state = bench.shared().state();
        let metadata = &state.client(SELF, id).unwrap().metadata;
        assert_eq!(metadata.texts["client_name"], "orders 2");
        assert_eq!(metadata.redirect_uris, ["https://orders.example/back"]);
    }
    event["event_type"] = json!("add_registration");
    let answer = ask(&bench, Method::POST, &path, Some(event.clone())).await;
    let told = body(answer).await;
    assert_eq!(
        told["error_description"][0]["params"]["missingProperty"],
        "api_product_version_id"
    );
    event["event_type"] = json!("something");
    let answer = ask(&bench, Method::POST, &path, Some(event)).await;
    assert_eq!(
        body(answer).await["error_description"][0]["keyword"],
        "enum"
    );
}
