//! Answers of token, revocation and introspection endpoints that leave the standard.
#![allow(clippy::unwrap_used, reason = "tests")]

use keywright_oauth::{
    assertion::AssertionParams,
    http::{BasicEncoding, HttpClient, HttpPolicy, Recorder},
    introspect::{ClientAuthentication, introspect},
    revoke::revoke,
    secret::ClientSecret,
    time::Clock,
    token::{ClientAuth, Grant, TokenError, TokenRequest, TokenResponse, request_token},
};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

fn client() -> HttpClient {
    HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none()).unwrap()
}

async fn server(answer: ResponseTemplate) -> (MockServer, Url) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let url = Url::parse(&server.uri()).unwrap();
    (server, url)
}

async fn token(answer: ResponseTemplate) -> Result<TokenResponse, TokenError> {
    let (_server, endpoint) = server(answer).await;
    let request = TokenRequest {
        endpoint,
        client_id: "c1".into(),
        client_secret: Some(ClientSecret::new("s3cret")),
        client_auth: ClientAuth::Basic(BasicEncoding::Rfc6749),
        assertion: AssertionParams::default(),
        certificate: None,
        dpop: None,
        scopes: Vec::new(),
        grant: Grant::ClientCredentials,
        extra: Vec::new(),
        flow: Uuid::now_v7(),
    };
    request_token(&client(), &request).await
}

#[tokio::test]
async fn a_token_in_an_envelope_is_read() {
    let envelope = json!({ "data": { "access_token": "t0ken", "expires_in": 60 } });
    let envelope = ResponseTemplate::new(200).set_body_json(envelope);
    assert_eq!(
        token(envelope).await.unwrap().access_token.expose(),
        "t0ken"
    );
    let page = ResponseTemplate::new(200).set_body_string("<html>access_token=no");
    assert!(token(page).await.is_err());
}

#[tokio::test]
async fn t49_a_token_that_would_add_a_header_is_refused() {
    for written in ["abc\r\nX-Evil: 1", "abc\nd", "a\u{0}b", "a\tb", "a\u{7f}"] {
        let answer = json!({ "access_token": written, "token_type": "Bearer" });
        let answer = ResponseTemplate::new(200).set_body_json(answer);
        assert!(
            matches!(
                token(answer).await,
                Err(TokenError::Incomplete {
                    members: "access_token",
                    ..
                })
            ),
            "{written:?}"
        );
    }
}

#[tokio::test]
async fn f15_an_error_with_200_revokes_nothing() {
    let asked = ClientAuthentication {
        client_id: "c1".into(),
        client_secret: Some(ClientSecret::new("s3cret")),
        client_auth: ClientAuth::Post,
        assertion: AssertionParams::default(),
        certificate: None,
        repeats_in_form: false,
    };
    let of = |body: Value| server(ResponseTemplate::new(200).set_body_json(body));
    let (http, flow) = (client(), Uuid::now_v7());
    let (_server, at) = of(json!({ "error": "unsupported_token_type" })).await;
    let refused = revoke(&http, &at, &asked, "t", flow).await;
    assert!(
        matches!(refused, Err(TokenError::Refused { .. })),
        "{refused:?}"
    );
    let refused = introspect(&http, &at, &asked, "t", flow).await;
    assert!(
        matches!(refused, Err(TokenError::Refused { .. })),
        "{refused:?}"
    );
    let (_server, at) = of(json!({})).await;
    revoke(&http, &at, &asked, "t", flow).await.unwrap();
    let (_server, at) = of(json!({ "active": false, "error": "expired" })).await;
    let said = introspect(&http, &at, &asked, "t", flow).await.unwrap();
    assert_eq!(said.active, Some(false));
}
