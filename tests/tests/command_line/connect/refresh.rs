//! Refreshes at servers that do not know `resource` there.

use std::sync::{Arc, Mutex};

use keywright_tests::{Cli, ScriptedServer, SignIn};
use serde_json::json;

use crate::sign_in::provider::visit;

#[test]
fn a_refresh_that_refuses_the_resource_goes_without_it() {
    let forms = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&forms);
    let server = ScriptedServer::start(move |origin, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            let mut metadata = ScriptedServer::metadata(origin);
            metadata["authorization_endpoint"] = format!("{origin}/authorize").into();
            metadata["grant_types_supported"] = json!(null);
            metadata["token_endpoint_auth_methods_supported"] = json!(["none"]);
            metadata["code_challenge_methods_supported"] = json!(["S256"]);
            ScriptedServer::json(200, &metadata)
        }
        "/.well-known/oauth-protected-resource/mcp" => {
            let resource = format!("{origin}/mcp");
            let document = json!({ "resource": resource, "authorization_servers": [origin] });
            ScriptedServer::json(200, &document)
        }
        "/register" => {
            let mut client = request.json();
            client["client_id"] = "c1".into();
            ScriptedServer::json(201, &client)
        }
        "/token" => {
            let field = |name: &str| request.field(name);
            let (grant, resource) = (field("grant_type"), field("resource"));
            kept.lock().unwrap().push(resource.clone());
            if grant.as_deref() == Some("refresh_token") && resource.is_some() {
                let error = json!({ "error": "invalid_request",
                    "error_description": "unknown parameter resource" });
                return ScriptedServer::json(400, &error);
            }
            let token = json!({ "access_token": "t0ken", "refresh_token": "r3fresh",
                "token_type": "Bearer", "expires_in": 300 });
            ScriptedServer::json(200, &token)
        }
        "/mcp" => ScriptedServer::json(401, &json!({})),
        _ => ScriptedServer::json(404, &json!({})),
    });
    let cli = Cli::with_vault();
    let address = format!("{}/mcp", server.issuer);
    let waiting = SignIn::of(&mut cli.command(&["connect", &address, "--yes"]));
    let answer = waiting.answer(&[("code", "c0de")]);
    assert_eq!(visit(&answer).0, 200);
    waiting.finish().json();
    let again = cli.run(&["token", "get", "127.0.0.1", "--refresh"]);
    assert_eq!(again.code, 0, "{again:?}");
    let resource = Some(address.clone());
    assert_eq!(*forms.lock().unwrap(), [resource.clone(), resource, None]);
}
