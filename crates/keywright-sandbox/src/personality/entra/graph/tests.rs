//! Graph without an adapter before it.
#![allow(clippy::unwrap_used, reason = "tests")]

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::faults::SandboxFaults;
use crate::personality::bench::{Bench, body, header, text};
use crate::personality::entra::{GRAPH_LAG, SELF, resource};

async fn admin_token(bench: &Bench) -> String {
    let scope = format!("{}/.default", resource::GRAPH);
    let admin = bench.admin(SELF);
    let answer = body(bench.ask_token(SELF, &admin, &[("scope", &scope)]).await).await;
    text(&answer, "access_token").to_owned()
}

async fn ask(bench: &Bench, method: Method, path: &str, sent: Option<Value>) -> Response {
    let url = format!("{}/v1.0/{path}", resource::graph(bench.shared()));
    let mut request = bench.http.request(method, url);
    request = request.bearer_auth(admin_token(bench).await);
    if let Some(sent) = sent {
        request = request.json(&sent);
    }
    request.send().await.unwrap()
}

async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    (
        status,
        text(&body(response).await["error"], "code").to_owned(),
    )
}

#[tokio::test]
async fn graph_lets_in_the_administrator_with_a_token_for_graph_alone() {
    let bench = Bench::new().await;
    let url = format!("{}/v1.0/applications", resource::graph(bench.shared()));
    let none = bench.http.get(&url).send().await.unwrap();
    assert_eq!(code(none).await, (401, "InvalidAuthenticationToken".into()));
    let client = bench.client(SELF);
    let for_api = bench.token(SELF, &client).await;
    let other = bench.http.get(&url).bearer_auth(for_api).send().await;
    assert_eq!(
        code(other.unwrap()).await,
        (401, "InvalidAuthenticationToken".into())
    );
    let scope = format!("{}/.default", resource::GRAPH);
    let answer = body(bench.ask_token(SELF, &client, &[("scope", &scope)]).await).await;
    let stranger = bench
        .http
        .get(&url)
        .bearer_auth(text(&answer, "access_token"))
        .send()
        .await;
    assert_eq!(
        code(stranger.unwrap()).await,
        (403, "Authorization_RequestDenied".into())
    );
    let admin = ask(&bench, Method::GET, "applications", None).await;
    assert_eq!(admin.status(), 200);
    assert_eq!(header(&admin, "odata-version"), "4.0");
}

#[tokio::test]
async fn what_no_application_can_be_is_refused() {
    let bench = Bench::new().await;
    for (sent, expected) in [
        (json!({}), "Request_BadRequest"),
        (json!({ "displayName": "" }), "Request_BadRequest"),
        (
            json!({ "displayName": "n", "client_name": "n" }),
            "Request_BadRequest",
        ),
        (
            json!({ "displayName": "n", "passwordCredentials": [] }),
            "Request_BadRequest",
        ),
        (
            json!({ "displayName": "n", "signInAudience": "Everybody" }),
            "Request_BadRequest",
        ),
        (
            json!({ "displayName": "n", "web": { "redirectUris": ["no address"] } }),
            "Request_BadRequest",
        ),
        (
            json!({ "displayName": "n", "tags": [1] }),
            "Request_BadRequest",
        ),
        (
            json!({ "displayName": "n", "identifierUris": ["api://orders"] }),
            "HostNameNotOnVerifiedDomain",
        ),
        (json!([]), "BadRequest"),
    ] {
        let refused = ask(&bench, Method::POST, "applications", Some(sent.clone())).await;
        assert_eq!(code(refused).await, (400, expected.to_owned()), "{sent}");
    }
    assert_eq!(bench.sandbox.client_count(), 0);
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let bench = Bench::new().await;
    let sent = json!({ "displayName": "n", "tags": ["t"], "web": { "homePageUrl": "https://a.example", "redirectUris": ["https://a.example/1", "https://a.example/2"] } });
    let made = body(ask(&bench, Method::POST, "applications", Some(sent)).await).await;
    let path = format!("applications/{}", text(&made, "id"));
    let uri = format!("api://{}", text(&made, "appId"));
    let change = json!({ "identifierUris": [uri], "web": { "homePageUrl": null } });
    let changed = ask(&bench, Method::PATCH, &path, Some(change)).await;
    assert_eq!(changed.status(), 204);
    let read = body(ask(&bench, Method::GET, &path, None).await).await;
    assert_eq!(read["identifierUris"], json!([uri]));
    assert_eq!(read["web"]["homePageUrl"], Value::Null);
    assert_eq!(read["tags"], json!(["t"]));
    assert_eq!(made["web"]["redirectUris"][0], "https://a.example/1");
    assert_eq!(
        read["web"]["redirectUris"][0], "https://a.example/2",
        "in another order"
    );
    assert!(text(&made, "createdDateTime").ends_with(".0000000Z"));
    assert_eq!(read["createdDateTime"], "2027-01-15T08:00:00Z");
}

#[tokio::test]
async fn what_was_just_made_is_unknown_for_as_long_as_the_dial_says() {
    let bench = Bench::new().await;
    let mut faults = SandboxFaults::default();
    faults.vendor.insert(GRAPH_LAG.to_owned(), 60_000);
    bench.sandbox.set_faults(SELF, faults);
    let sent = json!({ "displayName": "n" });
    let made = body(ask(&bench, Method::POST, "applications", Some(sent)).await).await;
    let path = format!("applications/{}", text(&made, "id"));
    for (method, path, sent) in [
        (Method::GET, path.clone(), None),
        (Method::PATCH, path.clone(), Some(json!({}))),
        (Method::POST, format!("{path}/addPassword"), Some(json!({}))),
        (Method::DELETE, path.clone(), None),
    ] {
        let refused = ask(&bench, method, &path, sent).await;
        assert_eq!(
            code(refused).await,
            (404, "Request_ResourceNotFound".into()),
            "{path}"
        );
    }
    let principal = json!({ "appId": made["appId"] });
    let refused = ask(
        &bench,
        Method::POST,
        "servicePrincipals",
        Some(principal.clone()),
    )
    .await;
    assert_eq!(refused.status(), 400);
    let refused = body(refused).await;
    assert_eq!(refused["error"]["code"], "Request_BadRequest");
    assert_eq!(
        refused["error"]["details"][0]["code"],
        "NoBackingApplicationObject"
    );
    assert_eq!(
        refused["error"]["innerError"]["date"],
        "2027-01-15T08:00:00"
    );
    bench.sandbox.set_faults(SELF, SandboxFaults::default());
    let made = ask(
        &bench,
        Method::POST,
        "servicePrincipals",
        Some(principal.clone()),
    )
    .await;
    assert_eq!(made.status(), 201);
    let again = ask(&bench, Method::POST, "servicePrincipals", Some(principal)).await;
    assert_eq!(
        code(again).await,
        (409, "Request_MultipleObjectsWithSameKeyValue".into())
    );
}

#[tokio::test]
async fn a_deleted_application_can_be_read_until_it_is_purged() {
    let bench = Bench::new().await;
    let sent = json!({ "displayName": "n" });
    let made = body(ask(&bench, Method::POST, "applications", Some(sent)).await).await;
    let path = format!("applications/{}", text(&made, "id"));
    let deleted = format!("directory/deletedItems/{}", text(&made, "id"));
    assert_eq!(ask(&bench, Method::GET, &deleted, None).await.status(), 404);
    assert_eq!(ask(&bench, Method::DELETE, &path, None).await.status(), 204);
    assert_eq!(ask(&bench, Method::DELETE, &path, None).await.status(), 404);
    assert_eq!(bench.sandbox.client_count(), 0);
    let kept = body(ask(&bench, Method::GET, &deleted, None).await).await;
    assert_eq!(kept["appId"], made["appId"]);
    assert_eq!(
        ask(&bench, Method::DELETE, &deleted, None).await.status(),
        204
    );
    assert_eq!(
        ask(&bench, Method::DELETE, &deleted, None).await.status(),
        404
    );
}
