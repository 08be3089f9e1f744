//! Keys that cannot sign, clocks that differ, and servers that do not know the key.

use keywright_tests::{Cli, OidcProvider, ScriptedServer};
use serde_json::json;

use super::{file, register};

/// A server that registers everything and refuses every token, an hour behind where `date` says so.
fn refusing(date: Option<&'static str>) -> ScriptedServer {
    ScriptedServer::start(move |issuer, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            let mut metadata = ScriptedServer::metadata(issuer);
            metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
            ScriptedServer::json(200, &metadata)
        }
        "/register" => {
            let mut client = request.json();
            client["client_id"] = "c-1".into();
            ScriptedServer::json(201, &client)
        }
        _ => {
            let body =
                json!({ "error": "invalid_client", "error_description": "assertion expired" });
            let mut headers = vec![("Content-Type", "application/json")];
            headers.extend(date.map(|date| ("Date", date)));
            ScriptedServer::reply(401, &headers, body.to_string().as_bytes())
        }
    })
}

#[test]
fn a_key_that_cannot_sign_is_refused_before_anything_is_sent() {
    let server = OidcProvider::open();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let pair = rcgen::KeyPair::generate().unwrap();
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let public = json!({ "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" });
    let cases: [(&str, String, &[&str], &str); 7] = [
        ("public", pair.public_key_pem(), &[], "key_public"),
        ("encrypted", encrypted.to_owned(), &[], "key_encrypted"),
        ("without-d", public.to_string(), &[], "key_no_private_part"),
        ("text", "hello".to_owned(), &[], "key_not_a_key"),
        (
            "wrong-alg",
            pair.serialize_pem(),
            &["--signing-alg", "RS256"],
            "key_algorithm",
        ),
        (
            "no-alg",
            pair.serialize_pem(),
            &["--signing-alg", "HS256"],
            "signing_alg",
        ),
        (
            "oct",
            json!({ "kty": "oct", "k": "AAAA", "d": "AAAA" }).to_string(),
            &[],
            "key_kind",
        ),
    ];
    for (name, text, more, code) in cases {
        let source = file(&cli, name, &text);
        let more = [&["--client-key", &source][..], more].concat();
        let refused = register(&cli, name, &more);
        let error = refused.error();
        assert_eq!((refused.code, &error["code"]), (2, &json!(code)), "{error}");
        assert!(
            error["hint"].as_str().is_some_and(|hint| hint.len() > 10),
            "{error}"
        );
        assert!(
            !refused.err.contains(text.trim()),
            "{name}: the key is repeated"
        );
    }
    let typed = register(&cli, "typed", &["--client-key", &pair.serialize_pem()]);
    assert_eq!(
        (typed.code, typed.err.contains("MIG")),
        (2, false),
        "{typed:?}"
    );
    let source = file(&cli, "good", &pair.serialize_pem());
    let unused = cli.register("unused", "Work", &["--client-key", &source]);
    assert_eq!(unused.error()["code"], "key_without_method");
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[test]
fn a_clock_that_differs_is_named_with_the_next_step() {
    let server = refusing(Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "orders", &[]).json();
    let refused = cli.run(&["token", "get", "orders"]);
    let error = refused.error();
    assert_eq!(
        (refused.code, &error["cause"]["kind"]),
        (5, &json!("clock")),
        "{error}"
    );
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("clock"), "{hint}");
}

#[test]
fn a_refused_assertion_names_its_key_with_the_next_step() {
    let server = refusing(None);
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "orders", &[]).json();
    let error = cli.run(&["token", "get", "orders"]).error();
    assert_eq!(error["cause"]["kind"], "assertion", "{error}");
    let hint = error["hint"].as_str().unwrap();
    for part in [
        "keywright key list orders",
        "assertion_audience=token_endpoint",
    ] {
        assert!(hint.contains(part), "{part}: {hint}");
    }
}
