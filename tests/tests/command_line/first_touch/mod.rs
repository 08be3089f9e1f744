//! What a user meets first at servers that nobody here wrote. Each server answers as the real one does that is named with
//! the test.

mod addresses;
mod without_scopes;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use keywright_tests::{Browser, Cli, OidcProvider, Received, ScriptedServer, SignIn};
use serde_json::{Value, json};

use super::sign_in::provider::visit;

/// A server with sign-ins, and with what `own` answers first.
fn server(
    own: impl Fn(&str, &Received) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> ScriptedServer {
    let complete = |origin: &str, metadata: &mut Value| {
        metadata["authorization_endpoint"] = format!("{origin}/authorize").into();
        metadata["scopes_supported"] = json!(["openid", "offline_access", "orders:read"]);
        metadata["code_challenge_methods_supported"] = json!(["S256"]);
        metadata["grant_types_supported"] =
            json!(["authorization_code", "client_credentials", "refresh_token"]);
    };
    ScriptedServer::issuer(complete, move |origin, request| {
        own(origin, request).or_else(|| {
            let known = json!({ "client_name": "orders", "grant_types": ["client_credentials"] });
            let is_read = request.method == "GET" && request.path() == "/register/c1";
            is_read.then(|| ScriptedServer::json(200, &ScriptedServer::client(origin, &known)))
        })
    })
}

fn configured(issuer: &str) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", issuer, &[]);
    cli
}

fn login_client(cli: &Cli, more: &[&str]) -> Value {
    let words = ["app", "register", "login", "--config", "Work"];
    cli.run(&[&words, &["--grant", "authorization_code"][..], more].concat())
        .json()
}

fn hint(error: &Value) -> &str {
    error["hint"].as_str().unwrap()
}

/// oidc-provider grants nothing to a request without a scope.
#[test]
fn a_sign_in_without_scopes_asks_for_openid_where_that_is_refused() {
    let server = OidcProvider::with_login();
    let cli = configured(&server.issuer);
    login_client(&cli, &[]);
    let mut waiting = SignIn::start(&cli, "login", &[]);
    assert!(!waiting.address.query().unwrap().contains("scope="));
    Browser::new().sign_in(&waiting.address, &[("login", "tester"), ("password", "x")]);
    waiting.next_address();
    assert_eq!(waiting.parameter("scope"), "openid");
    Browser::new().sign_in(&waiting.address, &[("login", "tester"), ("password", "x")]);
    let token = waiting.finish().json();
    assert_eq!(token["scope"], "openid", "{token}");
}

/// Better Auth grants a token that is good for nothing to a request for `offline_access` alone.
#[test]
fn offline_access_is_asked_for_together_with_openid() {
    let server = OidcProvider::with_login();
    let cli = configured(&server.issuer);
    let made = login_client(&cli, &["--grant", "refresh_token"]);
    let sent = made["requested"]["redirect_uris"][0].as_str().unwrap();
    assert!(sent.starts_with("http://127.0.0.1:"), "{made}");
    assert!(
        made["note"].as_str().unwrap().contains("redirect URI"),
        "{made}"
    );
    let waiting = SignIn::start(&cli, "login", &[]);
    assert_eq!(waiting.parameter("scope"), "openid offline_access");
    assert_eq!(waiting.parameter("redirect_uri"), sent);
    Browser::new().sign_in(&waiting.address, &[("login", "tester"), ("password", "x")]);
    let token = waiting.finish().json();
    assert_eq!(token["scope"], "openid offline_access", "{token}");
    let user = cli.run(&["token", "userinfo", "login"]).json();
    assert!(user.to_string().contains("tester"), "{user}");
}

/// mcp-oauth-dynamicclient, whose framework wraps the error.
#[test]
fn a_client_for_sign_in_gets_the_redirect_uri_that_it_needs() {
    let server = server(|_, request| {
        let is_missing = request.path() == "/register" && request.json()["redirect_uris"].is_null();
        let error = json!({ "error": "invalid_client_metadata", "error_description": "redirect_uris is required" });
        is_missing.then(|| ScriptedServer::json(400, &json!({ "detail": error })))
    });
    let cli = configured(&server.issuer);
    login_client(&cli, &[]);
    // One that was given stays as it is, and so does the metadata of a file.
    let given = ["--redirect-uri", "https://app.example/callback"];
    let words = [
        "app",
        "register",
        "web",
        "--config",
        "Work",
        "--grant",
        "authorization_code",
    ];
    let made = cli.run(&[&words[..], &given].concat()).json();
    assert_eq!(
        made["requested"]["redirect_uris"],
        json!(["https://app.example/callback"])
    );
    assert!(made["note"].is_null(), "{made}");
}

/// Authlib and authgent-server compare a redirect URI with its port.
#[test]
fn a_sign_in_at_another_port_says_so_when_nobody_comes_back() {
    let server = server(|_, _| None);
    let cli = configured(&server.issuer);
    login_client(&cli, &["--redirect-uri", "http://127.0.0.1/callback"]);
    let get = ["token", "get", "login", "--no-browser", "--timeout", "1s"];
    let late = cli.run(&get);
    let error: Value = serde_json::from_str(late.err.lines().last().unwrap()).unwrap();
    let error = &error["error"];
    assert_eq!(error["code"], "sign_in_timed_out", "{error}");
    assert!(
        hint(error).contains("no port but the registered one"),
        "{error}"
    );
}

/// oidc-provider without its management of registrations, as in the Community Solid Server: reading alone is there.
#[test]
fn an_operation_that_a_server_lacks_is_not_told_as_a_lost_client() {
    let server = server(|_, request| {
        let said = format!(
            "unrecognized route or not allowed method ({} on {})",
            request.method,
            request.path()
        );
        let body = json!({ "error": "invalid_request", "error_description": said });
        let is_change = matches!(request.method.as_str(), "PUT" | "DELETE");
        is_change.then(|| ScriptedServer::json(404, &body))
    });
    let cli = configured(&server.issuer);
    cli.register("orders", "Work", &[]).json();
    let update = ["app", "update", "orders", "--metadata", "-"];
    let error = cli
        .run_stdin(&update, r#"{"client_uri":"https://a.example"}"#)
        .error();
    assert!(hint(&error).contains("provider's console"), "{error}");
    let error = cli.run(&["app", "delete", "orders", "--yes"]).error();
    assert!(
        hint(&error).contains("keywright app forget orders"),
        "{error}"
    );
    let error = cli.run(&["app", "rotate", "orders"]).error();
    assert!(
        hint(&error).contains("keywright app set-secret orders"),
        "{error}"
    );
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

/// django-mcp-oauth, Salesforce and Keycloak.
#[test]
fn a_client_that_has_no_user_to_act_as_is_explained() {
    for (error, said) in [
        ("invalid_client", "Service client has no active bound user."),
        ("invalid_grant", "no client credentials user enabled"),
        (
            "unauthorized_client",
            "Client not enabled to retrieve service account",
        ),
    ] {
        let body = json!({ "error": error, "error_description": said });
        let server = server(move |_, request| {
            (request.path() == "/token").then(|| ScriptedServer::json(400, &body))
        });
        let cli = configured(&server.issuer);
        cli.register("orders", "Work", &[]).json();
        let error = cli.run(&["token", "get", "orders"]).error();
        assert!(hint(&error).contains("requires a user account"), "{error}");
        assert!(error["cause"].is_null(), "{error}");
    }
}

/// A reverse proxy with an authentication of its own passes no `Authorization` on; oidc-provider says what it misses.
#[test]
fn credentials_that_a_proxy_takes_away_are_sent_in_the_form() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let server = server(move |_, request| {
        if request.path() != "/token" {
            return None;
        }
        counted.fetch_add(1, Ordering::SeqCst);
        let token = json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 300 });
        let said = "no client authentication mechanism provided";
        let refusal = json!({ "error": "invalid_request", "error_description": said });
        let is_in_form = request.field("client_secret").as_deref() == Some("s3cret-of-c1");
        Some(if is_in_form {
            ScriptedServer::json(200, &token)
        } else {
            ScriptedServer::json(400, &refusal)
        })
    });
    let cli = configured(&server.issuer);
    cli.register("orders", "Work", &[]).json();
    let token = cli.run(&["token", "get", "orders"]).json();
    assert_eq!(token["from_cache"], false, "{token}");
    cli.run(&["token", "get", "orders", "--refresh"]).json();
    assert_eq!(
        asked.load(Ordering::SeqCst),
        3,
        "the second request is adapted"
    );
}

/// Node Solid Server answers client credentials with 500, whatever the client is for.
#[test]
fn a_client_for_sign_in_is_imported_although_client_credentials_fail() {
    let server = server(|_, request| {
        (request.path() == "/token")
            .then(|| ScriptedServer::reply(500, &[], b"Internal Server Error"))
    });
    let cli = configured(&server.issuer);
    let secret = cli.folder().join("secret");
    std::fs::write(&secret, "s3cret-of-c1").unwrap();
    let secret = format!("file:{}", secret.display());
    let adopt = [
        "app",
        "adopt",
        "web",
        "--config",
        "Work",
        "--client-id",
        "c1",
    ];
    let adopt = [&adopt[..], &["--client-secret", &secret]].concat();
    let unproven = cli.run(&adopt);
    assert_eq!(unproven.json()["health"], "unknown", "{unproven:?}");
    assert!(
        unproven.err.contains("not proven") && unproven.err.contains("500"),
        "{unproven:?}"
    );
    cli.run(&["app", "forget", "web", "--yes"]).json();
    let for_users = [
        "--grant",
        "authorization_code",
        "--redirect-uri",
        "http://127.0.0.1:8250/callback",
    ];
    let made = cli.run(&[&adopt[..], &for_users].concat());
    assert_eq!(made.json()["health"], "unknown", "{made:?}");
    assert!(!made.err.contains("not proven"), "{made:?}");
}

/// Doorkeeper, where the application may not ask for `openid` and has default scopes.
#[test]
fn openid_is_asked_for_from_then_on() {
    let server = server(|_, request| {
        let token = json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 300 });
        (request.path() == "/token").then(|| ScriptedServer::json(200, &token))
    });
    let cli = configured(&server.issuer);
    login_client(&cli, &[]);
    let mut waiting = SignIn::start(&cli, "login", &[]);
    let mut sent = waiting.address.query_pairs();
    assert!(
        !sent.any(|(name, _)| name == "scope"),
        "{}",
        waiting.address
    );
    visit(&waiting.answer(&[("error", "invalid_scope")]));
    waiting.next_address();
    assert_eq!(waiting.parameter("scope"), "openid");
    // Who declines has declined, and nothing was learned of it.
    visit(&waiting.answer(&[("error", "access_denied")]));
    assert_eq!(waiting.finish().error()["code"], "sign_in_refused");
    let adapted = |cli: &Cli| cli.run(&["config", "show", "Work"]).json()["adapted"].take();
    assert_eq!(adapted(&cli), json!([]));
    let mut waiting = SignIn::start(&cli, "login", &[]);
    visit(&waiting.answer(&[("error", "invalid_scope")]));
    waiting.next_address();
    visit(&waiting.answer(&[("code", "c0de")]));
    assert_eq!(waiting.finish().json()["from_cache"], false);
    assert_eq!(adapted(&cli)[0]["key"], "openid");
    let waiting = SignIn::start(&cli, "login", &["--refresh"]);
    assert_eq!(waiting.parameter("scope"), "openid");
    visit(&waiting.answer(&[("code", "c0de")]));
    waiting.finish().json();
}

/// authgent-server has no code for it.
#[test]
fn a_proof_that_is_required_in_words_is_sent() {
    let server = server(|_, request| {
        let proof = request.header("dpop").is_some();
        let token = json!({ "access_token": "t0ken", "token_type": "DPoP", "expires_in": 300 });
        let body =
            json!({ "error": "invalid_request", "error_description": "DPoP proof required" });
        (request.path() == "/token").then(|| {
            if proof {
                ScriptedServer::json(200, &token)
            } else {
                ScriptedServer::json(400, &body)
            }
        })
    });
    let cli = configured(&server.issuer);
    cli.register("orders", "Work", &[]).json();
    let token = cli.run(&["token", "get", "orders"]).json();
    assert_eq!(token["token_type"], "DPoP", "{token}");
}

/// `@jmondi/oauth2-server` and `@node-oauth/oauth2-server` publish no metadata; Express answers with pages.
#[test]
fn a_client_of_a_server_without_metadata_is_adopted() {
    let page = "<!DOCTYPE html><html><head><title>Error</title></head></html>";
    let server = ScriptedServer::start(move |_, request| {
        match (request.method.as_str(), request.path()) {
            ("POST", "/oauth2/token") if request.field("scope").is_none() => {
                ScriptedServer::json(400, &json!({ "error": "invalid_scope" }))
            }
            ("POST", "/oauth2/token") => {
                let token =
                    json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 60 });
                ScriptedServer::json(200, &token)
            }
            _ => ScriptedServer::reply(404, &[("content-type", "text/html")], page.as_bytes()),
        }
    });
    let cli = Cli::with_vault().env("CLIENT_SECRET", "s3cret-of-c1");
    let error = cli.run(&["probe", &server.issuer]).error();
    assert!(hint(&error).contains("--set token_endpoint=URL"), "{error}");
    let endpoint = format!("token_endpoint={}/oauth2/token", server.issuer);
    cli.config("Work", &server.issuer, &["--set", &endpoint]);
    let words = ["app", "adopt", "orders", "--config", "Work"];
    let client = ["--client-id", "c1", "--client-secret", "env:CLIENT_SECRET"];
    cli.run(&[&words[..], &client, &["--scope", "read"]].concat())
        .json();
    cli.run(&["token", "get", "orders"]).json();
    let verified: Value =
        serde_json::from_str(&cli.run(&["config", "verify", "Work"]).out).unwrap();
    assert_eq!(verified["steps"][0]["state"], "warning", "{verified}");
    let error = cli
        .run(&["app", "register", "more", "--config", "Work"])
        .error();
    assert_eq!(error["code"], "not_capable", "{error}");
}
