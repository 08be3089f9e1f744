//! Management of a registration (RFC 7592), where servers leave the standard.
#![allow(clippy::unwrap_used, reason = "tests")]

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, HttpPolicy, Recorder},
    manage::{self, Management},
    secret::RegistrationAccessToken,
    time::Clock,
};
use serde_json::json;
use url::Url;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

async fn server_without_an_answer_to_updates(read: ResponseTemplate) -> (MockServer, Management) {
    let server = MockServer::start().await;
    Mock::given(method("PUT"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(read)
        .mount(&server)
        .await;
    let at = Management {
        uri: Url::parse(&server.uri()).unwrap(),
        token: RegistrationAccessToken::new("the-token"),
        client_id: "c1".into(),
    };
    (server, at)
}

fn client() -> HttpClient {
    HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none()).unwrap()
}

#[tokio::test]
async fn an_update_that_is_answered_with_nothing_is_read_back() {
    let read = ResponseTemplate::new(200).set_body_json(json!({"client_name": "now"}));
    let (_server, at) = server_without_an_answer_to_updates(read).await;
    let asked = ClientMetadata::default();
    let got = manage::update(&client(), &at, &asked, None, Uuid::now_v7()).await;
    assert_eq!(got.unwrap().metadata.client_name().as_deref(), Some("now"));
}

#[tokio::test]
async fn f16_an_update_that_can_not_be_read_back_is_no_refusal() {
    let read = ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_token"}));
    let (_server, at) = server_without_an_answer_to_updates(read).await;
    let asked = ClientMetadata::default();
    let got = manage::update(&client(), &at, &asked, None, Uuid::now_v7()).await;
    assert!(got.unwrap_err().outcome_unknown());
}
