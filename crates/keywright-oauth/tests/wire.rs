//! What the one HTTP client never does, whoever asks it.
#![allow(clippy::unwrap_used, reason = "tests")]

use keywright_oauth::{
    http::{Body, HttpClient, HttpPolicy, Purpose, Recorder, Request},
    time::Clock,
};
use url::Url;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

fn client() -> HttpClient {
    HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none()).unwrap()
}

#[tokio::test]
async fn f07_more_than_the_limit_is_not_read() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_string("x".repeat(2 * 1024 * 1024)))
        .mount(&server)
        .await;
    let request = Request::new(
        http::Method::GET,
        Url::parse(&server.uri()).unwrap(),
        Purpose::Discovery,
        Uuid::now_v7(),
    );
    let error = client().send(request).await.unwrap_err();
    assert_eq!(error.code(), "body_too_large");
}

#[tokio::test]
async fn t05_a_redirect_is_never_followed_with_a_credential() {
    let elsewhere = MockServer::start().await;
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(307).insert_header("location", elsewhere.uri());
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let request = Request::new(
        http::Method::POST,
        Url::parse(&server.uri()).unwrap(),
        Purpose::Token,
        Uuid::now_v7(),
    )
    .body(Body::Form(vec![("client_secret".into(), "s3cr3t".into())]));
    let error = client().send(request).await.unwrap_err();
    assert_eq!(error.code(), "redirect");
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}
