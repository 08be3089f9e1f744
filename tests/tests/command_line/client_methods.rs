//! Servers that do not read the way to authenticate that they registered.

use keywright_tests::{Cli, Received, ScriptedServer};
use serde_json::{Value, json};

/// A server that registers `method` and gives a token where `reads` knows the client, with the refusal of the others.
fn server(
    method: &'static str,
    refusal: (u16, Value),
    reads: fn(&Received) -> bool,
) -> ScriptedServer {
    ScriptedServer::start(move |origin, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            let mut metadata = ScriptedServer::metadata(origin);
            metadata["token_endpoint_auth_methods_supported"] =
                json!(["client_secret_post", "client_secret_basic"]);
            ScriptedServer::json(200, &metadata)
        }
        "/register" => {
            let mut client = request.json();
            client["client_id"] = "c1".into();
            client["client_secret"] = "s3cret".into();
            client["token_endpoint_auth_method"] = method.into();
            ScriptedServer::json(201, &client)
        }
        "/token" if reads(request) => {
            let token = json!({ "access_token": "t0ken", "token_type": "Bearer" });
            ScriptedServer::json(200, &token)
        }
        "/token" => ScriptedServer::json(refusal.0, &refusal.1),
        _ => ScriptedServer::json(404, &json!({})),
    })
}

fn registered(server: &ScriptedServer) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli.register("orders", "Work", &[]).json();
    cli
}

/// Token requests that were sent.
fn asked(cli: &Cli) -> usize {
    let sent = cli.run(&["activity", "list"]).json();
    let all = sent["items"].as_array().unwrap().iter();
    all.filter(|one| one["path"] == "/token").count()
}

fn with_basic(request: &Received) -> bool {
    request.header("authorization") == Some("Basic YzE6czNjcmV0")
}

fn with_post(request: &Received) -> bool {
    request.field("client_secret").as_deref() == Some("s3cret")
}

#[test]
fn a_method_that_is_not_read_is_replaced_by_the_other() {
    let invalid = || json!({ "error": "invalid_client" });
    let post: fn(&Received) -> bool = with_post;
    let basic: fn(&Received) -> bool = with_basic;
    for (method, reads, kept) in [
        ("client_secret_basic", post, "client_secret_post"),
        ("client_secret_post", basic, "client_secret_basic"),
    ] {
        let server = server(method, (401, invalid()), reads);
        let cli = registered(&server);
        cli.run(&["token", "get", "orders"]).json();
        assert_eq!(asked(&cli), 2);
        // What worked is kept, and asked with at once.
        cli.run(&["token", "get", "orders", "--refresh"]).json();
        assert_eq!(asked(&cli), 3);
        let shown = cli.run(&["config", "show", "Work"]).json();
        assert_eq!(shown["adapted"][0]["key"], method, "{shown}");
        assert_eq!(shown["adapted"][0]["value"], kept);
    }
}

#[test]
fn a_server_that_looks_for_the_id_in_the_form_gets_it() {
    let refusal = json!({ "error": "invalid_client", "error_description": "Missing client_id" });
    let server = server("client_secret_basic", (401, refusal), |request| {
        with_basic(request) && request.field("client_id").as_deref() == Some("c1")
    });
    let cli = registered(&server);
    cli.run(&["token", "get", "orders"]).json();
    cli.run(&["token", "get", "orders", "--refresh"]).json();
    assert_eq!(asked(&cli), 3);
}

#[test]
fn a_secret_that_worked_is_not_sent_in_another_way() {
    let refusal = json!({ "error": "invalid_client" });
    let server = server("client_secret_basic", (401, refusal), |request| {
        // The first request alone.
        static FIRST: std::sync::Once = std::sync::Once::new();
        let first = !FIRST.is_completed();
        FIRST.call_once(|| {});
        first && with_basic(request)
    });
    let cli = registered(&server);
    cli.run(&["token", "get", "orders"]).json();
    let refused = cli.run(&["token", "get", "orders", "--refresh"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(asked(&cli), 2, "a wrong secret counts against its client");
}
