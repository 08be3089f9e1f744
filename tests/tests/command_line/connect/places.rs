//! Servers whose metadata is not where they say, and servers that say less than others.

use keywright_tests::{Cli, Output, Received, ScriptedServer, SignIn};
use serde_json::{Value, json};

use crate::sign_in::provider::visit;

/// An MCP server at `/mcp` that is its own authorization server. `first` may answer in the place of the usual answer.
fn server(
    first: impl Fn(&str, &Received) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> ScriptedServer {
    ScriptedServer::start(move |origin, request| {
        if let Some(answer) = first(origin, request) {
            return answer;
        }
        let metadata = || {
            let mut metadata = ScriptedServer::metadata(origin);
            metadata["authorization_endpoint"] = format!("{origin}/authorize").into();
            metadata["grant_types_supported"] = json!(["authorization_code"]);
            metadata["token_endpoint_auth_methods_supported"] = json!(["none"]);
            metadata["code_challenge_methods_supported"] = json!(["S256"]);
            metadata
        };
        match (request.method.as_str(), request.path()) {
            ("GET", "/.well-known/oauth-authorization-server") => {
                ScriptedServer::json(200, &metadata())
            }
            ("POST", "/mcp") => ScriptedServer::json(401, &json!({})),
            ("POST", "/register") => {
                let mut client = request.json();
                client["client_id"] = "c1".into();
                ScriptedServer::json(201, &client)
            }
            ("POST", "/token") => {
                let token = json!({ "access_token": "t0ken", "token_type": "Bearer" });
                ScriptedServer::json(200, &token)
            }
            _ => ScriptedServer::json(404, &json!({})),
        }
    })
}

/// The document of the resource at `path`.
fn document(origin: &str, path: &str) -> Value {
    json!({ "resource": format!("{origin}{path}"), "authorization_servers": [origin] })
}

/// 401 with this challenge.
fn challenged(challenge: &str) -> Vec<u8> {
    ScriptedServer::reply(401, &[("WWW-Authenticate", challenge)], b"")
}

/// Connects to `/mcp` and signs in.
fn connected(server: &ScriptedServer) -> Output {
    let cli = Cli::with_vault();
    let address = format!("{}/mcp", server.issuer);
    let waiting = SignIn::of(&mut cli.command(&["connect", &address, "--yes"]));
    let answer = waiting.answer(&[("code", "c0de")]);
    assert_eq!(visit(&answer).0, 200);
    let output = waiting.finish();
    assert_eq!(output.json()["application"], "127.0.0.1", "{output:?}");
    output
}

const PLACE: &str = "/.well-known/oauth-protected-resource";
const PATH_PLACE: &str = "/.well-known/oauth-protected-resource/mcp";

#[test]
fn a_named_place_that_is_wrong_is_passed_over() {
    // Gone; that of another application of the host; relative; in quotes that are none.
    for (named, other) in [
        ("\"{origin}/gone\"", None),
        (
            "\"{origin}/.well-known/oauth-protected-resource\"",
            Some("/blog"),
        ),
        ("\"/.well-known/oauth-protected-resource/mcp\"", None),
        ("'{origin}/.well-known/oauth-protected-resource/mcp'", None),
    ] {
        connected(&server(move |origin, request| match request.path() {
            "/mcp" => {
                let place = named.replace("{origin}", origin);
                Some(challenged(&format!("Bearer resource_metadata={place}")))
            }
            PLACE => other.map(|path| ScriptedServer::json(200, &document(origin, path))),
            PATH_PLACE => Some(ScriptedServer::json(200, &document(origin, "/mcp"))),
            _ => None,
        }));
    }
}

#[test]
fn a_resource_without_an_issuer_is_its_own() {
    // A document without authorization servers; a document that is gone; no challenge at all.
    connected(&server(|origin, request| {
        let alone = json!({ "resource": format!("{origin}/mcp") });
        (request.path() == PATH_PLACE).then(|| ScriptedServer::json(200, &alone))
    }));
    connected(&server(|origin, request| {
        let challenge = format!("Bearer resource_metadata=\"{origin}/gone\"");
        (request.path() == "/mcp").then(|| challenged(&challenge))
    }));
    connected(&server(|_, _| None));
    // A page for people at the address of a server for programs.
    connected(&server(|_, request| {
        let page = b"<!doctype html><title>Orders</title>";
        let is_look = request.method == "GET" && request.path() == "/mcp";
        is_look.then(|| ScriptedServer::reply(200, &[("Content-Type", "text/html")], page))
    }));
}

#[test]
fn an_issuer_without_metadata_is_passed_over() {
    connected(&server(|origin, request| {
        let issuers = json!([format!("{origin}/dead"), "http://127.0.0.1:9", origin]);
        let mut document = document(origin, "/mcp");
        document["authorization_servers"] = issuers;
        (request.path() == PATH_PLACE).then(|| ScriptedServer::json(200, &document))
    }));
}

#[test]
fn a_redirect_to_a_final_slash_alone_is_followed() {
    let moved = |to: &'static str| {
        server(move |origin, request| match request.path() {
            "/mcp" => Some(ScriptedServer::reply(307, &[("Location", to)], b"")),
            "/mcp/" => {
                let place = format!("{origin}{PATH_PLACE}/");
                Some(challenged(&format!("Bearer resource_metadata=\"{place}\"")))
            }
            "/.well-known/oauth-protected-resource/mcp/" => {
                Some(ScriptedServer::json(200, &document(origin, "/mcp/")))
            }
            _ => None,
        })
    };
    connected(&moved("/mcp/"));
    let elsewhere = moved("https://evil.example/mcp/");
    let address = format!("{}/mcp", elsewhere.issuer);
    let error = Cli::with_vault()
        .run(&["connect", &address, "--yes"])
        .error();
    assert_eq!(error["code"], "connect_no_server");
}

#[test]
fn t02_metadata_of_another_resource_at_every_place_is_refused() {
    let other = server(|origin, request| match request.path() {
        "/mcp" => Some(challenged(&format!(
            "Bearer resource_metadata=\"{origin}{PLACE}\""
        ))),
        PLACE | PATH_PLACE => Some(ScriptedServer::json(200, &document(origin, "/blog"))),
        _ => None,
    });
    let address = format!("{}/mcp", other.issuer);
    let refused = Cli::with_vault().run(&["connect", &address, "--yes"]);
    assert_eq!(refused.code, 8, "{refused:?}");
    assert_eq!(refused.error()["code"], "resource_mismatch");
}

#[test]
fn a_probe_of_an_api_names_the_way_to_its_token() {
    // The challenge alone, the document alone, and both.
    for (challenges, describes) in [(true, false), (false, true), (true, true)] {
        let server = ScriptedServer::start(move |origin, request| match request.path() {
            "/mcp" if challenges => challenged("Bearer"),
            "/.well-known/oauth-protected-resource/mcp" if describes => {
                ScriptedServer::json(200, &document(origin, "/mcp"))
            }
            _ => ScriptedServer::json(404, &json!({})),
        });
        let cli = Cli::new();
        let address = format!("{}/mcp", server.issuer);
        let refused = cli.run(&["probe", &address]).error();
        assert_eq!(refused["code"], "connect_not_an_issuer", "{refused}");
        let hint = refused["hint"].as_str().unwrap();
        assert!(
            hint.contains(&format!("keywright connect {address}")),
            "{hint}"
        );
    }
}

#[test]
fn a_probe_of_an_issuer_that_is_an_api_names_both() {
    let server = ScriptedServer::start(|origin, request| match request.path() {
        "/.well-known/oauth-protected-resource" => ScriptedServer::json(200, &document(origin, "")),
        "/.well-known/oauth-authorization-server" => {
            ScriptedServer::json(200, &ScriptedServer::metadata(origin))
        }
        _ => ScriptedServer::json(404, &json!({})),
    });
    let cli = Cli::new();
    let found = cli.run(&["probe", &server.issuer]).json();
    assert_eq!(found["is_resource"], true, "{found}");
}

#[test]
fn a_probe_of_anything_else_says_what_it_found() {
    let server = ScriptedServer::start(|_, _| ScriptedServer::json(404, &json!({})));
    let refused = Cli::new().run(&["probe", &server.issuer]).error();
    assert_ne!(refused["code"], "connect_not_an_issuer", "{refused}");
}
