//! What the one HTTP client never does, whoever asks it.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use keywright_oauth::{
    http::{Body, HttpClient, HttpError, HttpPolicy, Purpose, Recorder, Request},
    time::Clock,
};
use url::Url;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

fn client() -> HttpClient {
    HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none()).unwrap()
}

#[tokio::test]
async fn t09_more_than_the_limit_is_not_read() {
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

#[test]
fn a_text_without_a_certificate_is_not_an_authority() {
    let made = |pem: &str| {
        let policy = HttpPolicy {
            ca_pem: Some(pem.to_owned()),
            ..HttpPolicy::default()
        };
        HttpClient::new(policy, Clock::system(), Recorder::none())
    };
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for given in ["no certificate", key] {
        assert_eq!(made(given).unwrap_err().code(), "no_authority", "{given}");
    }
    assert!(made(" \n").is_ok(), "nothing was given");
}

#[tokio::test]
async fn unusable_authority_is_not_left_out() {
    let pair = rcgen::KeyPair::generate().unwrap();
    let mut wanted = rcgen::CertificateParams::new(vec!["id.example".into()]).unwrap();
    wanted.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let own = wanted.self_signed(&pair).unwrap().pem();
    let policy = HttpPolicy {
        ca_pem: Some(format!(
            "{own}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        )),
        ..HttpPolicy::default()
    };
    let client = HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap();
    let request = Request::new(
        http::Method::GET,
        Url::parse("http://127.0.0.1:9/").unwrap(),
        Purpose::Discovery,
        Uuid::now_v7(),
    );
    let error = client.send(request).await.unwrap_err();
    assert!(matches!(error, HttpError::Trust(_)), "{error}");
    assert_eq!(error.code(), "http_setup");
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

#[tokio::test]
async fn a_request_that_may_have_a_body_tells_its_length() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    for method in ["POST", "PUT", "PATCH", "GET", "DELETE"] {
        let request = Request::new(
            method.parse().unwrap(),
            Url::parse(&server.uri()).unwrap(),
            Purpose::ApiCall,
            Uuid::now_v7(),
        );
        client().send(request).await.unwrap();
    }
    let lengths: Vec<Option<String>> = server
        .received_requests()
        .await
        .unwrap()
        .iter()
        .map(|request| {
            let value = request.headers.get("content-length")?;
            Some(value.to_str().unwrap().to_owned())
        })
        .collect();
    let zero = || Some("0".to_owned());
    assert_eq!(lengths, [zero(), zero(), zero(), None, None]);
}

/// A client of an issuer on the public network.
fn client_of_a_public_issuer() -> HttpClient {
    let policy = HttpPolicy {
        secret_hosts: Some(BTreeSet::from(["id.example".to_owned()])),
        ..HttpPolicy::default()
    };
    HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap()
}

fn keys(url: &str) -> Request {
    Request::new(
        http::Method::GET,
        Url::parse(url).unwrap(),
        Purpose::Jwks,
        Uuid::now_v7(),
    )
}

#[tokio::test]
async fn t03_t04_a_public_issuer_leads_to_no_address_of_this_machine() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let http = client_of_a_public_issuer();
    // The last one is a name that is only found to be this machine when it is resolved; some resolvers do not know it.
    for address in [
        "127.0.0.1",
        "localhost",
        "a.localhost",
        "[::1]",
        "127.1",
        "localhost.",
    ] {
        let refused = http
            .send(keys(&format!("https://{address}:{port}/jwks")))
            .await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(&refused, HttpError::PrivateAddress { .. })
                || (address.ends_with('.') && matches!(&refused, HttpError::Dns { .. })),
            "{address}: {refused:?}"
        );
    }
    let nobody = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(nobody.is_err(), "a connection was made");
}

#[tokio::test]
async fn t04_a_named_private_host_answers_after_a_refusal() {
    let (named, other) = (MockServer::start().await, MockServer::start().await);
    for server in [&named, &other] {
        let fine = ResponseTemplate::new(200).insert_header("connection", "close");
        Mock::given(any()).respond_with(fine).mount(server).await;
    }
    let (port, other_port) = (named.address().port(), other.address().port());
    let policy = HttpPolicy {
        secret_hosts: Some(BTreeSet::from([format!("localhost:{port}")])),
        ..HttpPolicy::default()
    };
    let http = HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap();
    for stranger in ["127.0.0.1", "a.localhost", "127.0.0.2"] {
        let refused = http
            .send(keys(&format!("http://{stranger}:{other_port}/keys")))
            .await;
        assert!(
            matches!(refused, Err(HttpError::PrivateAddress { .. })),
            "{stranger}: {refused:?}"
        );
        // Each on a connection of its own: the one before was closed.
        for url in [
            format!("http://localhost:{port}/keys"),
            format!("http://localhost:{other_port}/keys"),
        ] {
            assert_eq!(http.send(keys(&url)).await.unwrap().status, 200, "{url}");
        }
    }
    assert_eq!(named.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn t12_all_tries_of_a_request_end_together() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(503).set_delay(Duration::from_millis(300));
    Mock::given(any()).respond_with(busy).mount(&server).await;
    let policy = HttpPolicy {
        total_timeout: Duration::from_millis(700),
        ..HttpPolicy::default()
    };
    let http = HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap();
    let begun = Instant::now();
    let answer = http.send(keys(&server.uri())).await;
    assert!(
        begun.elapsed() < Duration::from_millis(1500),
        "{:?}",
        begun.elapsed()
    );
    assert!(answer.is_err() || answer.unwrap().status == 503);
}

#[tokio::test]
async fn t54_a_challenge_is_never_answered() {
    for challenge in [
        "Basic realm=\"x\"",
        "NTLM",
        "Negotiate",
        "Digest realm=\"x\", nonce=\"n\"",
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(401).insert_header("www-authenticate", challenge);
        Mock::given(any()).respond_with(answer).mount(&server).await;
        assert_eq!(
            client().send(keys(&server.uri())).await.unwrap().status,
            401
        );
        let received = server.received_requests().await.unwrap();
        assert_eq!(received.len(), 1, "{challenge}");
        assert!(
            !received[0].headers.contains_key("authorization"),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn t53_a_proxy_that_asks_for_a_password_is_said() {
    let proxy = MockServer::start().await;
    let asks = ResponseTemplate::new(407).insert_header("proxy-authenticate", "Basic realm=\"x\"");
    Mock::given(any()).respond_with(asks).mount(&proxy).await;
    let policy = HttpPolicy {
        allow_plain_http: true,
        proxy: Some(proxy.uri()),
        ..HttpPolicy::default()
    };
    let http = HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap();
    for address in ["http://id.example/keys", "https://id.example/keys"] {
        let error = http.send(keys(address)).await.unwrap_err();
        assert_eq!(error.code(), "proxy_authentication", "{address}: {error:?}");
        assert!(!error.sent(), "{address}");
    }
}

#[tokio::test]
async fn t53_socks_is_spoken_to_a_socks_proxy() {
    use tokio::io::AsyncReadExt as _;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for scheme in ["socks5", "socks5h", "socks"] {
        let policy = HttpPolicy {
            proxy: Some(format!("{scheme}://127.0.0.1:{port}")),
            ..HttpPolicy::default()
        };
        let http = HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap();
        let sending =
            tokio::spawn(async move { http.send(keys("https://127.0.0.2.invalid/")).await });
        // With socks5, the name is resolved here first, and this one never is.
        if scheme != "socks5" {
            let (mut connection, _) = listener.accept().await.unwrap();
            assert_eq!(connection.read_u8().await.unwrap(), 5, "{scheme}");
        }
        sending.abort();
    }
}
