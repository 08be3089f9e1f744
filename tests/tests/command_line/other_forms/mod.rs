//! Answers of real servers that say the same in another form: under other names, in other places, in another character
//! set, with an odd head.

mod input;
mod registrations;
mod tokens;

use keywright_tests::{Cli, Output, Received, ScriptedServer};
use serde_json::{Value, json};

const SECRET: &str = "s3cret-of-c1";

/// The usual answers, where `own` has none. A token is for who knows the secret.
fn server(
    own: impl Fn(&str, &Received) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> ScriptedServer {
    ScriptedServer::issuer(
        ScriptedServer::with_token_endpoints,
        move |origin, request| own(origin, request).or_else(|| usual(request)),
    )
}

fn usual(request: &Received) -> Option<Vec<u8>> {
    Some(match (request.method.as_str(), request.path()) {
        ("POST", "/register") => ScriptedServer::json(201, &client()),
        ("GET", "/register/c1") => ScriptedServer::json(200, &client()),
        ("POST", "/token")
            if request.header("authorization") == Some("Basic YzE6czNjcmV0LW9mLWMx") =>
        {
            ScriptedServer::json(200, &token())
        }
        ("POST", "/token") => ScriptedServer::json(401, &json!({ "error": "invalid_client" })),
        ("GET", "/api") => {
            let seen = json!({
                "authorization": request.header("authorization"),
                "proof": request.header("dpop").is_some(),
            });
            ScriptedServer::json(200, &seen)
        }
        _ => return None,
    })
}

fn client() -> Value {
    json!({
        "client_id": "c1", "client_secret": SECRET, "client_secret_expires_at": 0,
        "grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_basic",
        "registration_access_token": "rat-of-c1",
    })
}

fn token() -> Value {
    json!({ "access_token": "t0ken-of-c1", "token_type": "Bearer", "expires_in": 300 })
}

/// Answers one endpoint so.
fn answering(path: &'static str, answer: Vec<u8>) -> ScriptedServer {
    server(move |_, request| (request.path() == path).then(|| answer.clone()))
}

fn configured(server: &ScriptedServer) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli
}

fn registered(server: &ScriptedServer) -> Cli {
    let cli = configured(server);
    cli.register("orders", "Work", &[]).json();
    cli
}

/// The answer to a token request with this document.
fn token_of(answer: &Value) -> Output {
    let server = answering("/token", ScriptedServer::json(200, answer));
    registered(&server).run(&["token", "get", "orders", "--format", "raw"])
}

/// The error of a registration that is answered so.
fn refused(status: u16, kind: &str, body: &[u8]) -> (Cli, Value) {
    let headers = [("Content-Type", kind)];
    let server = answering("/register", ScriptedServer::reply(status, &headers, body));
    let cli = configured(&server);
    let error = cli.register("orders", "Work", &[]).error();
    (cli, error)
}

/// Calls the API; what it has seen.
fn called(cli: &Cli, server: &ScriptedServer) -> Value {
    let url = format!("{}/api", server.issuer);
    cli.run(&["call", "GET", &url, "--app", "orders"]).json()["body"].take()
}
