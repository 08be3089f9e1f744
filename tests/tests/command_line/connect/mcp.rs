//! From the address of an MCP server to a called tool, at the SDK's own server and with bad answers.

use keywright_tests::{Browser, Cli, Received, ScriptedServer, SignIn, real};
use serde_json::json;

#[test]
fn an_mcp_tool_is_called_from_the_address_alone() {
    let server = real::Server::mcp();
    let cli = Cli::with_vault();
    let address = server.text("mcp");
    // One command: it finds the issuer, registers, waits for the sign-in and lists the tools.
    let tools = ["mcp", "tools", &address, "--yes"];
    let waiting = SignIn::of(&mut cli.command(&tools));
    assert_eq!(waiting.parameter("resource"), address);
    assert_eq!(waiting.parameter("scope"), "orders:read");
    let page = Browser::new().open(&waiting.address);
    assert_eq!(page.status, 200, "{page:?}");
    let listed = waiting.finish().json();
    assert_eq!(listed["items"][0]["name"], "weather", "{}", server.log());

    let call = ["mcp", "call", &address, "weather"];
    let sunny = [&call[..], &["{\"city\":\"Berlin\"}"]].concat();
    let result = cli.run(&sunny).json();
    assert_eq!(result["content"][0]["text"], "Sunny in Berlin");
    // The tool reports an error: its words are shown, and the exit code says so.
    let failed = cli.run(&call);
    assert_eq!(failed.code, 5, "{failed:?}");
    assert!(failed.out.contains("No city was given"), "{failed:?}");
    let wrong = cli.run(&[&call[..], &["[1]"]].concat());
    assert_eq!(wrong.error()["code"], "mcp_arguments");
    // A token of one resource is good for its own addresses alone.
    let other = cli.run(&["mcp", "tools", &server.text("api")]);
    assert_ne!(other.code, 0, "{other:?}");
}

#[test]
fn the_servers_of_the_python_sdk_are_used_from_the_address_alone() {
    let server = real::Server::mcp_python();
    let cli = Cli::with_vault();
    let address = server.text("mcp");
    let waiting = SignIn::of(&mut cli.command(&["mcp", "tools", &address, "--yes"]));
    assert_eq!(waiting.parameter("resource"), address);
    let page = Browser::new().open(&waiting.address);
    assert_eq!(page.status, 200, "{page:?}");
    let listed = waiting.finish().json();
    assert_eq!(listed["items"][0]["name"], "weather", "{}", server.log());
    let sunny = ["mcp", "call", &address, "weather", "{\"city\":\"Berlin\"}"];
    let result = cli.run(&sunny).json();
    assert_eq!(result["content"][0]["text"], "Sunny in Berlin");

    // The next token is a refreshed one, and nobody signs in again.
    let app = cli.run(&["app", "list"]).json()["items"][0]["name"].clone();
    let refreshed = cli.run(&["token", "get", app.as_str().unwrap(), "--refresh"]);
    assert_eq!(refreshed.json()["scope"], "orders:read");
    assert_eq!(cli.run(&sunny).code, 0);
}

#[test]
fn odd_answers_of_an_mcp_server_are_told() {
    let cli = Cli::with_vault();
    let of = |answer: fn(&Received) -> Vec<u8>| {
        let server = ScriptedServer::start(move |_, request| answer(request));
        let output = cli.run(&["mcp", "tools", &format!("{}/mcp", server.issuer), "--yes"]);
        output.error()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(of(|_| ScriptedServer::json(200, &json!([]))), "mcp_not_mcp");
    assert_eq!(
        of(|_| ScriptedServer::reply(404, &[], b"<html>")),
        "mcp_refused"
    );
    let refused = |request: &Received| {
        let id = request.json()["id"].clone();
        let error = json!({ "code": -32000, "message": "no \u{1b}[31mmore" });
        ScriptedServer::json(200, &json!({ "jsonrpc": "2.0", "id": id, "error": error }))
    };
    assert_eq!(of(refused), "mcp_error");
}
