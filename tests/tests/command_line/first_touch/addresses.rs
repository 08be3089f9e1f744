//! Addresses that lead elsewhere, and servers behind certificates of their own.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use keywright_tests::{Authority, Cli, OidcProvider, ScriptedServer};
use serde_json::json;

use super::{configured, hint, server};

/// Answers anything else than a request in plain http at once, as servers for it do.
fn plain_server() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    port
}

/// Doorkeeper names https endpoints on a server for http, unless it runs for development.
#[test]
fn an_https_address_without_tls_has_no_bad_certificate() {
    let port = plain_server();
    let server = server(move |origin, request| {
        let is_metadata = request.path() == "/.well-known/oauth-authorization-server";
        is_metadata.then(|| {
            let mut metadata = ScriptedServer::metadata(origin);
            let there = format!("https://127.0.0.1:{port}/token");
            metadata["token_endpoint"] = there.into();
            ScriptedServer::json(200, &metadata)
        })
    });
    let cli = configured(&server.issuer);
    cli.register("orders", "Work", &[]).json();
    // Another port of this computer may belong to anyone's program.
    cli.run(&["config", "confirm", "Work", "--yes"]).json();
    let error = cli.run(&["token", "get", "orders"]).error();
    assert_eq!(error["code"], "tls", "{error}");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("does not answer with TLS"),
        "{error}"
    );
    let seen = cli.run(&["config", "verify", "Work"]).out;
    assert!(seen.contains("does not answer with TLS"), "{seen}");
    assert!(!seen.contains("certificate authority"), "{seen}");
}

/// Node.js closes the connection, rustls and OpenSSL send an alert, nginx and servers in Go answer in plain http.
#[test]
fn plain_http_at_a_tls_port_is_hinted() {
    let nginx = "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\
                 <body><center><h1>400 Bad Request</h1></center></body></html>";
    let go = "Client sent an HTTP request to an HTTPS server.\n";
    let page = [("Content-Type", "text/html")];
    let text = [("Content-Type", "text/plain")];
    for (answer, code) in [
        (Vec::new(), "connection_lost"),
        (b"\x15\x03\x03\x00\x02\x02\x46".to_vec(), "not_http"),
        (
            ScriptedServer::reply(400, &page, nginx.as_bytes()),
            "discovery_status",
        ),
        (
            ScriptedServer::reply(400, &text, go.as_bytes()),
            "discovery_status",
        ),
    ] {
        let server = ScriptedServer::start(move |_, _| answer.clone());
        let cli = configured(&server.issuer);
        let error = cli.register("orders", "Work", &[]).error();
        assert_eq!(error["code"], code, "{error}");
        let said = hint(&error);
        assert!(said.contains("TLS") && said.contains("https"), "{error}");
        let verified = cli.run(&["config", "verify", "Work", "--json"]).out;
        assert!(
            verified.contains("address with https"),
            "{code}: {verified}"
        );
        let ja = ["config", "verify", "Work", "--lang", "ja"];
        let verified = cli.run(&ja).out;
        assert!(
            verified.contains("アドレスをhttps://で"),
            "{code}: {verified}"
        );
    }
}

/// A server that answered has shown that it speaks http.
#[test]
fn an_answer_that_is_cut_off_is_not_about_tls() {
    let server = ScriptedServer::start(|_, _| {
        b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"issuer\"".to_vec()
    });
    let error = configured(&server.issuer)
        .register("orders", "Work", &[])
        .error();
    assert_eq!(error["code"], "connection_lost", "{error}");
    assert!(!hint(&error).contains("TLS"), "{error}");
    let server = super::server(|_, request| (request.path() == "/register").then(Vec::new));
    let error = configured(&server.issuer)
        .register("orders", "Work", &[])
        .error();
    assert_eq!(error["code"], "outcome_unknown", "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("outcome is unknown"), "{error}");
    assert!(hint(&error).contains("keywright app discard"), "{error}");
}

#[test]
fn a_server_below_a_private_authority_is_connected_to() {
    let authority = Authority::new();
    let server = OidcProvider::with_mutual_tls(&authority);
    let cli = Cli::with_vault();
    let file = cli.folder().join("authority.pem");
    std::fs::write(&file, &authority.certificate).unwrap();
    let file = file.to_string_lossy();
    let connect = ["connect", &server.issuer, "--grant", "client_credentials"];
    let error = cli.run(&[&connect[..], &["--dry-run"]].concat()).error();
    assert!(hint(&error).contains("--ca-file PATH"), "{error}");
    cli.run(&[&connect[..], &["--yes", "--ca-file", &file]].concat())
        .json();
    let configurations = cli.run(&["config", "list"]).json();
    let name = configurations["items"][0]["name"].as_str().unwrap();
    let shown = cli.run(&["config", "show", name]).json();
    assert!(shown.to_string().contains("BEGIN CERTIFICATE"), "{shown}");
    // The configuration knows it from now on.
    cli.run(&[&connect[..], &["--dry-run"]].concat()).json();
}

#[test]
fn an_address_that_moved_to_another_scheme_is_named() {
    let server = server(|_, request| {
        let to = format!("https://api.example{}", request.target);
        let headers = [("Location", to.as_str())];
        Some(ScriptedServer::reply(301, &headers, b""))
    });
    let address = format!("{}/orders", server.issuer);
    let error = Cli::with_vault()
        .run(&["connect", &address, "--dry-run"])
        .error();
    assert_eq!(error["code"], "connect_moved", "{error}");
    assert!(
        hint(&error).contains("keywright connect https://api.example/orders"),
        "{error}"
    );
}

/// fastapi-mcp publishes the metadata of the issuer that it leads to, and challenges for nothing.
#[test]
fn a_server_that_names_another_issuer_leads_there() {
    let server = server(|origin, request| match request.path() {
        "/mcp" => Some(ScriptedServer::json(
            401,
            &json!({ "detail": "Unauthorized" }),
        )),
        "/.well-known/oauth-authorization-server" => {
            let mut metadata = ScriptedServer::metadata("https://id.example");
            metadata["registration_endpoint"] = format!("{origin}/register").into();
            Some(ScriptedServer::json(200, &metadata))
        }
        _ => None,
    });
    let address = format!("{}/mcp", server.issuer);
    let error = Cli::with_vault()
        .run(&["connect", &address, "--dry-run"])
        .error();
    assert_eq!(error["code"], "issuer_mismatch", "{error}");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("https://id.example"),
        "{error}"
    );
}

/// Apache httpd with `mod_auth_openidc` challenges for tokens and names nobody who issues them.
fn gateway() -> ScriptedServer {
    ScriptedServer::start(|_, request| match request.path() {
        "/orders" => ScriptedServer::reply(401, &[("www-authenticate", "Bearer")], b""),
        _ => ScriptedServer::reply(404, &[("content-type", "text/html")], b"<h1>Not Found</h1>"),
    })
}

#[test]
fn an_api_is_connected_to_through_the_issuer_that_the_user_names() {
    let (issuer, api) = (server(|_, _| None), gateway());
    let address = format!("{}/orders", api.issuer);
    let words = ["connect", &address, "--issuer", &issuer.issuer, "--dry-run"];
    let sheet = Cli::with_vault().run(&words).json();
    assert_eq!(sheet["issuer"], issuer.issuer, "{sheet}");
    assert_eq!(sheet["hosts"], json!([]), "{sheet}");
}

#[test]
fn usual_endpoints_that_are_not_there_leave_no_configuration() {
    let api = gateway();
    let address = format!("{}/orders", api.issuer);
    let cli = Cli::with_vault();
    let error = cli.run(&["connect", &address, "--yes"]).error();
    assert_eq!(error["code"], "connect_no_server", "{error}");
    let named = format!("keywright connect {address} --issuer URL");
    assert!(hint(&error).contains(&named), "{error}");
    let left = cli.run(&["config", "list"]).json();
    assert_eq!(left["total"], 0, "{left}");
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}
