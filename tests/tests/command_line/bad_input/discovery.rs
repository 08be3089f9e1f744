//! Issuers that cannot be used, and addresses that lead elsewhere.

use keywright_tests::{Cli, WireServer};
use serde_json::{Value, json};

use super::*;

#[test]
fn f13_an_issuer_that_does_not_resolve() {
    let error = registering_fails("https://nobody.invalid", &[], 6, "dns");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("nobody.invalid")
    );
}

#[test]
fn f13_an_issuer_that_refuses_connections() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    registering_fails(&format!("http://127.0.0.1:{port}"), &[], 6, "connect");
}

#[test]
fn an_issuer_with_a_self_signed_certificate_unless_its_authority_is_given() {
    let (issuer, pem) = tls_server();
    let error = registering_fails(&issuer, &[], 8, "tls");
    assert!(
        error["message"].as_str().unwrap().contains("certificate"),
        "{error}"
    );
    let cli = Cli::with_vault();
    let file = cli.folder().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    cli.config(
        "Own",
        &issuer,
        &["--set", &format!("ca_file={}", file.display())],
    );
    let steps = cli.run(&["config", "verify", "Own"]);
    let report: Value = serde_json::from_str(&steps.out).unwrap();
    assert_eq!(report["steps"][0]["state"], "passed", "{report}");
}

#[test]
fn plain_http_to_another_host_than_loopback() {
    registering_fails("http://id.example.test", &[], 8, "plain_http");
    // Allowed manually, it is tried, and fails for another reason.
    registering_fails(
        "http://id.example.test",
        &["--set", "allow_plain_http=true"],
        6,
        "dns",
    );
}

#[test]
fn f15_an_issuer_that_answers_html() {
    let server = page_server(
        "<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
        "text/html",
    );
    let error = registering_fails(&server, &[], 5, "not_metadata");
    assert!(
        error["message"].as_str().unwrap().contains("Sign in"),
        "{error}"
    );
}

#[test]
fn t03_metadata_of_another_issuer() {
    let body = r#"{"issuer":"https://id.example.com","registration_endpoint":"https://id.example.com/reg"}"#;
    let server = page_server(body, "application/json");
    let error = registering_fails(&server, &[], 8, "issuer_mismatch");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("https://id.example.com"),
        "{error}"
    );
}

#[test]
fn metadata_without_a_registration_endpoint() {
    let server = no_registration();
    let error = registering_fails(&server, &[], 5, "not_capable");
    assert!(
        error["message"].as_str().unwrap().contains("Bad"),
        "{error}"
    );
    let cli = Cli::with_vault();
    cli.config("Bad", &server, &[]);
    let verified = cli.run(&["config", "verify", "Bad"]);
    assert_eq!(verified.code, 5);
    let report: Value = serde_json::from_str(&verified.out).unwrap();
    let step = report["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["name"] == "registration_endpoint")
        .unwrap();
    assert_eq!(step["state"], "failed");
    assert!(step["fix"].as_str().unwrap().len() > 10);
}

#[test]
fn t02_a_secret_for_a_host_that_only_the_metadata_names() {
    let elsewhere = WireServer::start(answering("201 Created", r#"{"client_id":"stolen"}"#));
    let body = json!({"issuer": "ISSUER", "registration_endpoint": format!("{}/register", elsewhere.issuer), "token_endpoint": "ISSUER/token"});
    let issuer = issuer_in(&body.to_string());
    let cli = Cli::with_vault().env("IAT", "an-initial-access-token");
    cli.config(
        "Bad",
        &issuer,
        &["--secret", "initial_access_token=env:IAT"],
    );
    refused(&cli, &cli.register("x", "Bad", &[]), 8, "unconfirmed_host");
    assert_eq!(elsewhere.hits(), 0, "nothing was sent there");
    let host = elsewhere.issuer.trim_start_matches("http://").to_owned();
    cli.run(&[
        "config",
        "edit",
        "Bad",
        "--set",
        &format!("confirmed_hosts={host}"),
    ])
    .json();
    assert_eq!(cli.register("x", "Bad", &[]).json()["client_id"], "stolen");
}

/// A server whose every answer is this body.
fn page_server(body: &str, content_type: &'static str) -> String {
    every_answer(content_type, body)
}

fn no_registration() -> String {
    issuer_in(r#"{"issuer":"ISSUER","token_endpoint":"ISSUER/token"}"#)
}

/// A metadata document in which `ISSUER` stands for the server's own address.
fn issuer_in(document: &str) -> String {
    every_answer("application/json", document)
}

fn every_answer(kind: &'static str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let body = body.replace("ISSUER", &issuer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 8192];
            let _ = stream.read(&mut buffer);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    issuer
}

/// An https server with a certificate of its own; answers metadata.
fn tls_server() -> (String, String) {
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::{TlsAcceptor, rustls};
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let pem = certified.cert.pem();
    let key =
        rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![certified.cert.der().clone()], key)
    .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let issuer = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let body = format!(
        r#"{{"issuer":"{issuer}","registration_endpoint":"{issuer}/register","token_endpoint":"{issuer}/token"}}"#
    );
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut buffer = [0; 8192];
                let _ = stream.read(&mut buffer).await;
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
    });
    (issuer, pem)
}
