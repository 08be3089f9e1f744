//! Discovery at servers that fail at one place and are right at another.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use keywright_oauth::{
    discover::{Discovered, DiscoveryError, discover},
    http::{HttpClient, HttpPolicy, Recorder},
    time::Clock,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

/// What the server does at one path.
#[derive(Clone)]
enum At {
    /// Answers 200 with this JSON; `ISSUER` stands for the server's address.
    Json(&'static str),
    /// Answers 200 with a page of this many bytes.
    Page(usize),
    /// Closes the connection without an answer.
    Reset,
    /// Never answers.
    Silence,
    /// Promises more than it sends, then closes.
    Cut,
}

const WHOLE: &str = r#"{"issuer":"ISSUER","registration_endpoint":"ISSUER/reg","token_endpoint":"ISSUER/token","jwks_uri":"ISSUER/jwks"}"#;
const SLASH: &str = r#"{"issuer":"ISSUER/","registration_endpoint":"ISSUER/reg","token_endpoint":"ISSUER/token","jwks_uri":"ISSUER/jwks"}"#;
const OTHER: &str = r#"{"issuer":"https://other.example","token_endpoint":"ISSUER/token"}"#;
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

struct Server {
    issuer: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server with these places; all others answer 404.
    async fn with(places: &[(&'static str, At)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Self {
            issuer: issuer.clone(),
            asked: Arc::clone(&asked),
        };
        let places = places.to_vec();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (places, issuer, asked) = (places.clone(), issuer.clone(), Arc::clone(&asked));
                tokio::spawn(async move { answer(stream, &places, &issuer, &asked).await });
            }
        });
        server
    }

    async fn discover(&self, typed: &str) -> Result<Discovered, DiscoveryError> {
        let policy = HttpPolicy {
            total_timeout: Duration::from_secs(2),
            ..HttpPolicy::default()
        };
        let http = HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap();
        let typed = typed.replace("ISSUER", &self.issuer);
        discover(&http, &typed, Uuid::now_v7()).await
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    mut stream: TcpStream,
    places: &[(&'static str, At)],
    issuer: &str,
    asked: &Mutex<Vec<String>>,
) {
    let mut head = vec![0; 4096];
    let read = stream.read(&mut head).await.unwrap_or_default();
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(path.clone());
    let at = places.iter().find(|(place, _)| *place == path);
    let (status, body, length) = match at.map(|(_, at)| at.clone()) {
        Some(At::Json(text)) => (200, text.replace("ISSUER", issuer), None),
        Some(At::Page(size)) => (200, "<p>".repeat(size / 3), None),
        Some(At::Cut) => (200, "{\"issuer\"".to_owned(), Some(1000)),
        Some(At::Silence) => return tokio::time::sleep(Duration::from_mins(1)).await,
        Some(At::Reset) => return,
        None => (404, String::new(), None),
    };
    let length = length.unwrap_or(body.len());
    let answer = format!(
        "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}

#[tokio::test]
async fn one_bad_place_does_not_end_discovery() {
    for bad in [
        At::Reset,
        At::Silence,
        At::Cut,
        At::Page(3_000_000),
        At::Page(90),
    ] {
        let server = Server::with(&[(OAUTH, bad), (OPENID, At::Json(WHOLE))]).await;
        let begun = Instant::now();
        let found = server.discover("ISSUER").await.unwrap();
        assert_eq!(found.metadata.issuer, server.issuer);
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test]
async fn t12_silence_everywhere_ends_within_the_time_of_a_request() {
    let path = |before: &str| -> &'static str { Box::leak(before.to_owned().into_boxed_str()) };
    let places = [
        path("/.well-known/oauth-authorization-server/t1"),
        path("/t1/.well-known/openid-configuration"),
        path("/.well-known/openid-configuration/t1"),
        path("/t1/.well-known/oauth-authorization-server"),
    ];
    let server = Server::with(&places.map(|place| (place, At::Silence))).await;
    let begun = Instant::now();
    let error = server.discover("ISSUER/t1").await.unwrap_err();
    assert!(matches!(error, DiscoveryError::Http(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_millis(2500));
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_host_that_refuses_connections_is_asked_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let recorded = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&recorded);
    let counting = Recorder::new(move |_| *counted.lock().unwrap() += 1);
    let http = HttpClient::new(HttpPolicy::default(), Clock::system(), counting).unwrap();
    let error = discover(&http, &issuer, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(error, DiscoveryError::Http(error) if error.code() == "connect"));
    // Three tries of one request, and no other place.
    assert_eq!(*recorded.lock().unwrap(), 3);
}

#[tokio::test]
async fn t01_a_final_slash_is_taken_from_the_document() {
    let server = Server::with(&[(OPENID, At::Json(SLASH))]).await;
    for typed in ["ISSUER", "ISSUER/", &format!("ISSUER{OPENID}")] {
        let found = server.discover(typed).await.unwrap();
        assert_eq!(found.metadata.issuer, format!("{}/", server.issuer));
    }
    let server = Server::with(&[(OAUTH, At::Json(WHOLE))]).await;
    for typed in ["ISSUER/", "ISSUER", &format!("ISSUER{OAUTH}/")] {
        let found = server.discover(typed).await.unwrap();
        assert_eq!(found.metadata.issuer, server.issuer);
    }
}

#[tokio::test]
async fn t01_another_issuer_is_refused_behind_a_pasted_address() {
    let server = Server::with(&[(OPENID, At::Json(OTHER)), (OAUTH, At::Reset)]).await;
    for typed in ["ISSUER", &format!("ISSUER{OPENID}")] {
        let error = server.discover(typed).await.unwrap_err();
        assert!(
            matches!(&error, DiscoveryError::IssuerMismatch { answered, .. } if answered == "https://other.example"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn metadata_of_a_protected_resource_names_its_issuers() {
    let place = "/.well-known/oauth-protected-resource/mcp";
    let document = r#"{"resource":"ISSUER/mcp","authorization_servers":["https://id.example/"]}"#;
    let server = Server::with(&[(place, At::Json(document))]).await;
    let error = server
        .discover(&format!("ISSUER{place}"))
        .await
        .unwrap_err();
    let DiscoveryError::NotMetadata { title, .. } = error else {
        panic!("{error:?}")
    };
    let title = title.unwrap();
    assert_eq!(title, "authorization_servers: https://id.example/");
}

#[tokio::test]
async fn a_pasted_address_is_asked_as_it_is() {
    let place = "/t1/.well-known/openid-configuration?p=b2c";
    let document = r#"{"issuer":"ISSUER/t1/","registration_endpoint":"ISSUER/reg","token_endpoint":"ISSUER/token","jwks_uri":"ISSUER/jwks"}"#;
    let server = Server::with(&[(place, At::Json(document))]).await;
    let found = server.discover(&format!("ISSUER{place}")).await.unwrap();
    assert_eq!(found.metadata.issuer, format!("{}/t1/", server.issuer));
    assert_eq!(server.asked(), [place]);
}

#[tokio::test]
async fn what_one_document_lacks_is_taken_from_the_other() {
    let oauth =
        r#"{"issuer":"ISSUER","registration_endpoint":"ISSUER/reg","token_endpoint":"token"}"#;
    let openid = r#"{"issuer":"ISSUER","token_endpoint":"ISSUER/token","jwks_uri":"ISSUER/jwks"}"#;
    for (first, second) in [(OAUTH, OPENID), (OPENID, OAUTH)] {
        let server = Server::with(&[(first, At::Json(oauth)), (second, At::Json(openid))]).await;
        let metadata = server.discover("ISSUER").await.unwrap().metadata;
        assert_eq!(metadata.endpoints().count(), 3, "{metadata:?}");
        assert!(metadata.source.as_str().ends_with(first));
    }
}

#[tokio::test]
async fn a_document_with_all_that_is_needed_waits_for_no_other() {
    let oauth = r#"{"issuer":"ISSUER","registration_endpoint":"ISSUER/reg","token_endpoint":"ISSUER/token","jwks_uri":"ISSUER/jwks"}"#;
    let server = Server::with(&[(OAUTH, At::Json(oauth)), (OPENID, At::Silence)]).await;
    server.discover("ISSUER").await.unwrap();
    assert_eq!(server.asked(), [OAUTH]);
}
