//! What real servers sent is understood: each recorded answer is given again by a local server and
//! read by the code that the program uses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use std::{fs, path::PathBuf};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{Body, HttpClient, HttpPolicy, Purpose, Recorder, Request},
    jwks,
    manage::{self, Management},
    register::{self, RegistrationError},
    secret::RegistrationAccessToken,
    server_metadata::ServerMetadata,
    time::Clock,
    token::{self, ClientAuth, Grant, TokenRequest},
};
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

/// The recordings of servers without a vendor's own dialect; none where this machine has none.
fn recordings() -> Option<Vec<(String, Value)>> {
    let folder = std::env::var_os("KEYWRIGHT_RECORDINGS")
        .map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings"),
            PathBuf::from,
        )
        .join("generic");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no recordings in {}", folder.display());
        return None;
    };
    let mut all: Vec<(String, Value)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (
                name,
                serde_json::from_slice(&fs::read(&path).unwrap()).unwrap(),
            )
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Some(all)
}

async fn server(recording: &Value) -> MockServer {
    let server = MockServer::start().await;
    // A status that was not recorded stands for the usual one.
    let status = recording["response"]["status"]
        .as_u64()
        .map_or(200, |status| u16::try_from(status).unwrap());
    let body = &recording["response"]["body"];
    let template = ResponseTemplate::new(status);
    let template = if body.is_string() {
        template.set_body_string(body.as_str().unwrap())
    } else {
        template.set_body_json(body)
    };
    Mock::given(any())
        .respond_with(template)
        .mount(&server)
        .await;
    server
}

fn client() -> HttpClient {
    HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none()).unwrap()
}

fn is_refused(error: &RegistrationError, recording: &Value) -> bool {
    let RegistrationError::Refused { words, .. } = error else {
        return false;
    };
    let body = &recording["response"]["body"];
    // An empty text says nothing.
    let said = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
    words.error.as_deref() == said("error")
        && words.description.as_deref() == said("error_description")
}

async fn understood(recording: &Value) -> Result<(), String> {
    let server = server(recording).await;
    let url = Url::parse(&server.uri()).unwrap();
    let (http, flow) = (client(), Uuid::now_v7());
    let operation = recording["operation"].as_str().unwrap();
    let body = &recording["response"]["body"];
    let at = Management {
        uri: url.clone(),
        token: RegistrationAccessToken::new("the-token"),
        client_id: "known".into(),
    };
    let failure = |error: &dyn std::fmt::Display| Err(error.to_string());
    let same_id = |got: &str| {
        let wanted = body["client_id"].as_str().unwrap_or("known");
        if got == wanted {
            Ok(())
        } else {
            Err(format!("client_id {got}, not {wanted}"))
        }
    };
    match operation {
        "create-client" => {
            match register::register(&http, &url, &ClientMetadata::default(), None, flow).await {
                Ok(made) => same_id(&made.client_id),
                Err(error) => failure(&error),
            }
        }
        "read-client" => match manage::read(&http, &at, flow).await {
            Ok(read) => same_id(&read.client_id),
            Err(error) => failure(&error),
        },
        "update-client" if body.is_null() => Ok(()),
        "update-client" => {
            match manage::update(&http, &at, &ClientMetadata::default(), None, flow).await {
                Ok(read) => same_id(&read.client_id),
                Err(error) => failure(&error),
            }
        }
        "discovery" => {
            let read = ServerMetadata::read(body.as_object().unwrap().clone(), url);
            read.filter(|metadata| metadata.token_endpoint.is_some())
                .map(|_| ())
                .ok_or_else(|| "no token endpoint".into())
        }
        "jwks" => match jwks::fetch(&http, &url, flow).await {
            Ok((keys, ..)) if !keys.keys.is_empty() => Ok(()),
            Ok((keys, ..)) => Err(format!("none of {} keys is usable", keys.total)),
            Err(error) => failure(&error),
        },
        "token-authorization-code" => {
            let request = TokenRequest {
                endpoint: url,
                client_id: "c".into(),
                client_secret: None,
                client_auth: ClientAuth::None,
                grant: Grant::ClientCredentials,
                scopes: Vec::new(),
                extra: Vec::new(),
                flow,
            };
            match token::request_token(&http, &request).await {
                Ok(answer)
                    if Some(answer.access_token.expose()) == body["access_token"].as_str() =>
                {
                    Ok(())
                }
                Ok(_) => Err("another token".into()),
                Err(error) => failure(&error),
            }
        }
        error if error.starts_with("error") => match recording["request"]["method"]
            .as_str()
            .unwrap()
        {
            "POST" => match register::register(&http, &url, &ClientMetadata::default(), None, flow)
                .await
            {
                Err(error) if is_refused(&error, recording) => Ok(()),
                other => Err(format!("{other:?}")),
            },
            _ => match manage::read(&http, &at, flow).await {
                Err(error) if is_refused(&error, recording) => Ok(()),
                other => Err(format!("{other:?}")),
            },
        },
        other => Err(format!("nobody reads {other}")),
    }
}

#[tokio::test]
async fn what_real_servers_sent_is_understood() {
    let Some(all) = recordings() else { return };
    let mut missed = Vec::new();
    for (name, recording) in &all {
        if let Err(why) = understood(recording).await {
            missed.push(format!("{name}: {why}"));
        }
    }
    eprintln!(
        "{} recordings, {} understood",
        all.len(),
        all.len() - missed.len()
    );
    assert!(missed.is_empty(), "{missed:#?}");
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
