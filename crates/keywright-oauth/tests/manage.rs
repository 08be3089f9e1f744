//! Management of a registration (RFC 7592), where servers leave the standard.
#![allow(clippy::unwrap_used, reason = "tests")]

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, HttpPolicy, Recorder},
    manage::{self, Management, ManagementCredential},
    register::{self, RegistrationError},
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
        credential: ManagementCredential::Registration(RegistrationAccessToken::new("the-token")),
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

/// A server that answers everything with 200 and this document.
async fn answering(body: serde_json::Value) -> (MockServer, Management) {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    let at = Management {
        uri: Url::parse(&server.uri()).unwrap(),
        credential: ManagementCredential::Registration(RegistrationAccessToken::new("the-token")),
        client_id: "c1".into(),
    };
    (server, at)
}

#[tokio::test]
async fn f15_an_error_with_a_status_of_success_is_a_refusal() {
    let (_server, at) = answering(json!({"error": "access_denied"})).await;
    let (http, flow) = (client(), Uuid::now_v7());
    let asked = ClientMetadata::default();
    for error in [
        manage::read(&http, &at, flow).await.map(|_| ()),
        manage::update(&http, &at, &asked, None, flow)
            .await
            .map(|_| ()),
        manage::delete(&http, &at, flow).await.map(|_| ()),
    ] {
        let error = error.unwrap_err();
        assert!(
            matches!(&error, RegistrationError::Refused { words, .. }
                if words.error.as_deref() == Some("access_denied")),
            "{error:?}"
        );
        assert!(!error.is_unknown_client());
    }
    let (_server, at) = answering(json!({"error": null, "deleted": true})).await;
    manage::delete(&http, &at, flow).await.unwrap();
}

#[tokio::test]
async fn f16_a_client_in_an_envelope_is_not_lost() {
    let body = json!({"message": {"client_id": "c1", "client_secret": "s3cret"}});
    let (_server, at) = answering(body).await;
    let (http, asked) = (client(), ClientMetadata::default());
    let made = register::register(&http, &at.uri, &asked, None, Uuid::now_v7());
    let made = made.await.unwrap();
    assert_eq!(made.client_id, "c1");
    assert_eq!(made.client_secret.unwrap().expose(), "s3cret");
}

#[tokio::test]
async fn f16_an_answer_that_says_nothing_of_a_client_is_refused() {
    for body in [
        json!({}),
        json!({"access_token": "t"}),
        json!({"status": "ok"}),
    ] {
        let (server, at) = answering(body.clone()).await;
        let (http, flow) = (client(), Uuid::now_v7());
        let read = manage::read(&http, &at, flow).await.unwrap_err();
        assert!(
            matches!(read, RegistrationError::SaysNothing { .. }),
            "{body}: {read:?}"
        );
        assert!(!read.answer_lost());
        // An update is read back before it is given up as unknown.
        let asked = ClientMetadata::default();
        let update = manage::update(&http, &at, &asked, None, flow).await;
        assert!(update.unwrap_err().outcome_unknown(), "{body}");
        let methods = server.received_requests().await.unwrap();
        let methods: Vec<_> = methods.iter().map(|one| one.method.as_str()).collect();
        assert_eq!(methods, ["GET", "PUT", "GET"]);
    }
}

#[tokio::test]
async fn a_relative_management_address_is_resolved_at_its_origin() {
    for (text, path) in [
        ("/register/c1", Some("/register/c1")),
        ("register/c1", Some("/oauth/register/c1")),
        ("./c1", Some("/oauth/c1")),
        ("?client_id=c1", Some("/oauth/register")),
        ("//elsewhere.example/c1", None),
        ("\\\\elsewhere.example/c1", None),
        ("id.example/register/c1", None),
        ("localhost:8080/c1", None),
        ("string", None),
        ("javascript:alert(1)", None),
        ("http://user@elsewhere.example/c1", None),
    ] {
        let answer = json!({"client_id": "c1", "registration_client_uri": text});
        let (server, _) = answering(answer).await;
        let endpoint = Url::parse(&format!("{}/oauth/register", server.uri())).unwrap();
        let asked = ClientMetadata::default();
        let made = register::register(&client(), &endpoint, &asked, None, Uuid::now_v7())
            .await
            .unwrap();
        let uri = made.registration_client_uri;
        assert_eq!(uri.as_ref().map(Url::path), path, "{text}");
        assert!(uri.is_none_or(|uri| uri.origin() == endpoint.origin()));
        let unusable = made.handles.contains_key(register::UNUSABLE_ADDRESS);
        assert_eq!(unusable, path.is_none(), "{text}");
    }
}
