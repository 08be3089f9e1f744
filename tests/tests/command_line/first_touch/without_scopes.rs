//! Sign-ins for which nobody names a scope.

use keywright_tests::{Cli, Received, ScriptedServer, SignIn};
use serde_json::{Value, json};

use super::{super::sign_in::provider::visit, configured, hint, login_client, server};

/// origo protects an MCP server, describes itself as an OpenID provider without scopes, and its ID tokens have no nonce.
#[test]
fn an_api_is_signed_in_to_without_openid() {
    let server = ScriptedServer::start(|origin, request| match request.path() {
        "/mcp" => {
            let place = format!("{origin}/.well-known/oauth-protected-resource");
            let challenge = format!("Bearer resource_metadata=\"{place}\"");
            ScriptedServer::reply(401, &[("www-authenticate", &challenge)], b"")
        }
        "/.well-known/oauth-protected-resource" => {
            let resource = json!({
                "resource": format!("{origin}/mcp"), "authorization_servers": [origin],
            });
            ScriptedServer::json(200, &resource)
        }
        "/.well-known/oauth-authorization-server" => {
            let metadata = json!({
                "issuer": origin,
                "authorization_endpoint": format!("{origin}/authorize"),
                "token_endpoint": format!("{origin}/token"),
                "registration_endpoint": format!("{origin}/register"),
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
            });
            ScriptedServer::json(200, &metadata)
        }
        "/register" => ScriptedServer::json(201, &ScriptedServer::client(origin, &request.json())),
        "/token" => {
            let token =
                json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 300 });
            ScriptedServer::json(200, &token)
        }
        _ => ScriptedServer::json(404, &json!({})),
    });
    let cli = Cli::with_vault();
    let address = format!("{}/mcp", server.issuer);
    let words = [
        "connect",
        &address,
        "--name",
        "mcp",
        "--yes",
        "--no-browser",
    ];
    let waiting = SignIn::of(&mut cli.command(&words));
    let mut sent = waiting.address.query_pairs();
    assert!(
        !sent.any(|(name, _)| name == "scope"),
        "{}",
        waiting.address
    );
    visit(&waiting.answer(&[("code", "c0de")]));
    let said = waiting.finish();
    let steps = said.json()["sheet"]["steps"].to_string();
    assert!(steps.contains("Request no scopes"), "{steps}");
}

/// The sheet says what the sign-in asks for: an OpenID provider that lists `offline_access` is asked for both.
#[test]
fn the_sheet_names_the_scopes_that_nobody_chose() {
    let issuer = server(|_, _| None);
    let names = issuer.issuer.clone();
    let api = ScriptedServer::start(move |origin, request| match request.path() {
        "/orders" => ScriptedServer::reply(401, &[("www-authenticate", "Bearer")], b""),
        "/.well-known/oauth-protected-resource/orders" => {
            let resource = json!({
                "resource": format!("{origin}/orders"), "authorization_servers": [names],
            });
            ScriptedServer::json(200, &resource)
        }
        _ => ScriptedServer::json(404, &json!({})),
    });
    let address = format!("{}/orders", api.issuer);
    let sheet = Cli::with_vault()
        .run(&["connect", &address, "--dry-run"])
        .json();
    let steps = sheet["steps"].to_string();
    assert!(
        steps.contains("user sign-in: openid offline_access"),
        "{steps}"
    );
}

/// A server that takes pushed authorization requests alone, and answers them so.
fn server_with_pushed_requests(
    scopes: Value,
    answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static,
) -> ScriptedServer {
    ScriptedServer::issuer(
        move |origin, metadata| {
            metadata["authorization_endpoint"] = format!("{origin}/authorize").into();
            metadata["pushed_authorization_request_endpoint"] = format!("{origin}/par").into();
            metadata["require_pushed_authorization_requests"] = true.into();
            metadata["scopes_supported"] = scopes.clone();
            metadata["code_challenge_methods_supported"] = json!(["S256"]);
            metadata["grant_types_supported"] = json!(["authorization_code", "refresh_token"]);
        },
        move |_, request| (request.path() == "/par").then(|| answer(request)),
    )
}

/// The PDS of atproto: without the scope `atproto` nothing is granted.
#[test]
fn a_sign_in_that_needs_a_scope_is_not_asked_for_fewer() {
    let server = server_with_pushed_requests(json!(["atproto", "transition:email"]), |_| {
        let said = "The \"atproto\" scope is required";
        let refusal = json!({ "error": "invalid_scope", "error_description": said });
        ScriptedServer::json(400, &refusal)
    });
    let cli = configured(&server.issuer);
    login_client(&cli, &[]);
    let error = cli
        .run(&["token", "get", "login", "--no-browser", "--timeout", "5s"])
        .error();
    assert!(
        hint(&error).contains("keywright token get login --scope SCOPE"),
        "{error}"
    );
}

/// An OpenID provider that takes pushed requests alone refuses there what others refuse in the browser.
#[test]
fn a_pushed_sign_in_without_scopes_asks_for_openid() {
    let server = server_with_pushed_requests(json!(["openid", "orders:read"]), |request| {
        let refusal = json!({ "error": "invalid_scope" });
        let pushed = json!({ "request_uri": "urn:example:r1", "expires_in": 60 });
        match request.field("scope").as_deref() {
            Some("openid") => ScriptedServer::json(201, &pushed),
            _ => ScriptedServer::json(400, &refusal),
        }
    });
    let cli = configured(&server.issuer);
    login_client(&cli, &[]);
    let words = ["token", "get", "login", "--no-browser", "--timeout", "1s"];
    let ended = cli.run(&words);
    assert_eq!(ended.error()["code"], "sign_in_timed_out", "{ended:?}");
    assert!(
        ended.err.contains("request_uri=urn%3Aexample%3Ar1"),
        "{ended:?}"
    );
}
