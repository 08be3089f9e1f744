//! Situations from public reports about other clients: answers in other forms, and refusals whose next step is not the
//! usual one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keywright_tests::{Cli, Received, ScriptedServer, files_with};
use serde_json::{Value, json};

/// The usual answers, where `own` has none.
fn server(
    own: impl Fn(&str, &Received) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> ScriptedServer {
    ScriptedServer::issuer(
        ScriptedServer::with_token_endpoints,
        move |origin, request| {
            own(origin, request).or_else(|| {
                let token = json!({
                    "access_token": "t0ken-of-c1", "token_type": "Bearer", "expires_in": 300,
                });
                let is_asked = request.method == "POST" && request.path() == "/token";
                is_asked.then(|| ScriptedServer::json(200, &token))
            })
        },
    )
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

fn hint(error: &Value) -> &str {
    error["hint"].as_str().unwrap()
}

/// Answers the registration so.
fn refusing(status: u16, body: Value) -> Value {
    let server = server(move |_, request| {
        (request.path() == "/register").then(|| ScriptedServer::json(status, &body))
    });
    configured(&server).register("orders", "Work", &[]).error()
}

#[test]
fn a_token_that_comes_as_a_form_is_kept() {
    let server = server(|_, request| {
        let headers = [(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )];
        let body = b"access_token=t0ken-in-a-form&scope=a%20b&token_type=bearer&expires_in=300";
        (request.path() == "/token").then(|| ScriptedServer::reply(200, &headers, body))
    });
    let cli = registered(&server);
    let token = cli
        .run(&["token", "get", "orders", "--format", "raw"])
        .json();
    assert_eq!(token["access_token"], "t0ken-in-a-form");
    assert_eq!(token["scope"], "a b");
    assert_eq!(
        files_with(cli.folder(), &["t0ken-in-a-form".to_owned()]),
        []
    );
    let shown = cli.run(&["activity", "export", "--har", "/dev/stdout"]);
    assert!(!shown.out.contains("t0ken-in-a-form"), "{shown:?}");
}

#[test]
fn an_answer_within_a_jwt_is_read() {
    let server = server(|_, request| {
        let (kind, claims) = match request.path() {
            "/introspection" => (
                "application/token-introspection+jwt",
                json!({ "aud": "c1", "token_introspection": { "active": true, "scope": "a" } }),
            ),
            "/userinfo" => (
                "application/jwt",
                json!({ "sub": "u1", "email": "u@example.com" }),
            ),
            _ => return None,
        };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let jwt = format!(
            "{}.{}.c2ln",
            part(&json!({ "alg": "RS256" })),
            part(&claims)
        );
        let headers = [("Content-Type", kind)];
        Some(ScriptedServer::reply(200, &headers, jwt.as_bytes()))
    });
    let cli = registered(&server);
    cli.run(&["token", "get", "orders"]).json();
    let seen = cli.run(&["token", "introspect", "orders"]).json();
    assert_eq!(seen["active"], true, "{seen}");
    let user = cli.run(&["token", "userinfo", "orders"]).json();
    assert!(user.to_string().contains("u@example.com"), "{user}");
}

#[test]
fn a_registration_that_waits_for_approval_says_so() {
    let error = refusing(
        202,
        json!({ "message": "An administrator must approve this client." }),
    );
    assert_eq!(error["code"], "outcome_unknown", "{error}");
    let said = error["provider"]["description"].as_str();
    assert_eq!(said, Some("An administrator must approve this client."));
}

/// Authlete's service answers for the server in front of it, which may pass the whole of it on.
#[test]
fn a_registration_within_a_text_keeps_its_secret() {
    for is_wrapped in [true, false] {
        let server = server(move |origin, request| {
            let is_asked = request.method == "POST" && request.path() == "/register";
            is_asked.then(|| {
                let text = ScriptedServer::client(origin, &request.json()).to_string();
                let answer = if is_wrapped {
                    json!({ "action": "CREATED", "responseContent": text })
                } else {
                    Value::from(text)
                };
                ScriptedServer::json(201, &answer)
            })
        });
        let cli = registered(&server);
        let token = cli.run(&["token", "get", "orders"]).json();
        assert_eq!(token["from_cache"], false, "{token}");
        let shown = cli.run(&["activity", "export", "--har", "/dev/stdout"]);
        assert!(!shown.out.contains("s3cret-of-c1"), "{shown:?}");
        assert_eq!(files_with(cli.folder(), &["s3cret-of-c1".to_owned()]), []);
    }
}

#[test]
fn a_refused_registration_has_a_next_step() {
    let conflict =
        json!({ "code": "APP-60001", "message": "Conflict", "description": "The name is taken" });
    let error = refusing(409, conflict);
    assert!(hint(&error).contains("another name"), "{error}");
    let said = error["provider"]["description"].as_str().unwrap();
    assert!(said.contains("The name is taken"), "{error}");
    let signed =
        json!({ "error": "invalid_request", "error_description": "application/jwt expected" });
    assert!(hint(&refusing(415, signed)).contains("keywright app adopt"));
    // Keycloak says it of a host, without a token that could lack a scope.
    let policy = "Policy 'Trusted Hosts' rejected request to client-registration service.";
    let policy = json!({ "error": "insufficient_scope", "error_description": policy });
    let error = refusing(403, policy);
    assert!(hint(&error).contains("policy"), "{error}");
}

#[test]
fn a_registration_endpoint_that_moved_is_named() {
    let server = server(|origin, request| {
        let to = format!("{origin}/register/");
        let headers = [("Location", to.as_str())];
        (request.path() == "/register").then(|| ScriptedServer::reply(307, &headers, b""))
    });
    let cli = configured(&server);
    let error = cli.register("orders", "Work", &[]).error();
    assert_eq!(error["code"], "outcome_unknown", "{error}");
    let set = format!("--set registration_endpoint={}/register/", server.issuer);
    assert!(hint(&error).contains(&set), "{error}");
}

#[test]
fn a_deletion_that_the_server_does_not_have_leads_on() {
    let server = server(|_, request| {
        let body = json!({ "error": "method_not_allowed" });
        (request.method == "DELETE").then(|| ScriptedServer::json(405, &body))
    });
    let error = registered(&server)
        .run(&["app", "delete", "orders", "--yes"])
        .error();
    assert!(
        hint(&error).contains("keywright app forget orders"),
        "{error}"
    );
}

#[test]
fn an_internal_management_address_has_a_way_out() {
    let server = server(|origin, request| {
        let mut made = ScriptedServer::client(origin, &request.json());
        made["registration_client_uri"] = "http://id.internal.example:8080/register/c1".into();
        (request.path() == "/register").then(|| ScriptedServer::json(201, &made))
    });
    let error = registered(&server)
        .run(&["app", "refresh", "orders"])
        .error();
    assert_eq!(error["code"], "plain_http", "{error}");
    assert!(hint(&error).contains("--registration-uri"), "{error}");
}

#[test]
fn an_update_leaves_out_what_the_server_added_and_refuses() {
    let server = server(|origin, request| {
        let mut whole = ScriptedServer::client(
            origin,
            &json!({ "client_name": "orders", "grant_types": ["client_credentials"] }),
        );
        whole["created_at"] = "2026-01-01".into();
        let sent = request.json();
        match request.method.as_str() {
            "GET" if request.path() == "/register/c1" => Some(ScriptedServer::json(200, &whole)),
            "PUT" if sent.get("created_at").is_some() => {
                let said = json!({ "error": "invalid_client_metadata", "error_description": "created_at is read-only" });
                Some(ScriptedServer::json(400, &said))
            }
            "PUT" => Some(ScriptedServer::json(200, &sent)),
            _ => None,
        }
    });
    let cli = registered(&server);
    let update = ["app", "update", "orders", "--metadata", "-"];
    let changed = cli
        .run_stdin(&update, r#"{"client_uri":"https://a.example"}"#)
        .json();
    assert_eq!(
        changed["current"]["client_uri"], "https://a.example",
        "{changed}"
    );
    assert_eq!(changed["current"]["client_name"], "orders");
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[test]
fn a_client_that_another_application_has_is_reported() {
    let server = server(|_, _| None);
    let cli = registered(&server);
    let second = cli.register("more", "Work", &[]).json();
    let codes: Vec<&Value> = second["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"])
        .collect();
    assert!(codes.contains(&&json!("shared_client")), "{second}");
}

#[test]
fn a_token_that_is_over_at_once_has_no_seconds_left() {
    let server = server(|_, request| {
        let token = json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 0 });
        (request.path() == "/token").then(|| ScriptedServer::json(200, &token))
    });
    let cli = registered(&server);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let token = cli.run(&["token", "get", "orders"]).json();
    assert_eq!(token["expires_in"], 0, "{token}");
}

const SIGN_IN: &[u8] = b"<html><title>Sign in</title><form><input type=password></form></html>";

#[test]
fn f15_a_read_answered_with_a_page_leaves_nothing_behind() {
    let server = server(|_, request| {
        let read = request.method == "GET" && request.path() == "/register/c1";
        read.then(|| ScriptedServer::reply(200, &[("Content-Type", "text/html")], SIGN_IN))
    });
    let cli = registered(&server);
    let read = cli.run(&["app", "refresh", "orders"]);
    assert_eq!(read.code, 5, "{read:?}");
    assert!(
        read.error()["message"]
            .as_str()
            .unwrap()
            .contains("Sign in"),
        "{read:?}"
    );
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[test]
fn a_revocation_answered_with_a_page_revokes_nothing() {
    let own = |_: &str, request: &Received| {
        let token = json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 300 });
        match request.path() {
            "/token" => Some(ScriptedServer::json(200, &token)),
            "/revoke" => Some(ScriptedServer::reply(
                200,
                &[("Content-Type", "text/html")],
                SIGN_IN,
            )),
            _ => None,
        }
    };
    let complete = |origin: &str, metadata: &mut Value| {
        metadata["revocation_endpoint"] = format!("{origin}/revoke").into();
    };
    let cli = registered(&ScriptedServer::issuer(complete, own));
    cli.run(&["token", "get", "orders"]).json();
    let revoked = cli.run(&["token", "revoke", "orders"]);
    assert_eq!(revoked.code, 5, "{revoked:?}");
    let token = cli.run(&["token", "show", "orders"]).json();
    assert_eq!(token["revoked_at"], json!(null), "{token}");
}

/// The scope of a registration is a part of the question (RFC 6749 §4.4.2), also where it is not typed.
#[test]
fn a_token_of_the_scope_before_an_update_is_not_served() {
    let server = server(
        |origin, request| match (request.method.as_str(), request.path()) {
            ("GET", "/register/c1") => {
                let client = json!({ "client_name": "orders", "scope": "a" });
                Some(ScriptedServer::json(
                    200,
                    &ScriptedServer::client(origin, &client),
                ))
            }
            ("PUT", "/register/c1") => Some(ScriptedServer::json(
                200,
                &ScriptedServer::client(origin, &request.json()),
            )),
            ("POST", "/token") => {
                let scope = request.field("scope").unwrap_or_default();
                let token = json!({ "access_token": "t0ken", "token_type": "Bearer",
                "expires_in": 300, "scope": scope });
                Some(ScriptedServer::json(200, &token))
            }
            _ => None,
        },
    );
    let cli = configured(&server);
    cli.register("orders", "Work", &["--scope", "a"]).json();
    let get = ["token", "get", "orders"];
    assert_eq!(cli.run(&get).json()["scope"], "a");
    assert_eq!(cli.run(&get).json()["from_cache"], true);
    let update = ["app", "update", "orders", "--metadata", "-"];
    cli.run_stdin(&update, r#"{"scope":"a b"}"#).json();
    let wider = cli.run(&get).json();
    assert_eq!(
        (&wider["scope"], &wider["from_cache"]),
        (&json!("a b"), &json!(false))
    );
    assert_eq!(cli.run(&get).json()["from_cache"], true);
}

#[test]
fn a_scope_that_the_token_lacks_is_reported() {
    let server = server(|_, request| {
        let token = json!({ "access_token": "t0ken", "token_type": "Bearer", "scope": "a" });
        (request.path() == "/token").then(|| ScriptedServer::json(200, &token))
    });
    let cli = configured(&server);
    cli.register("orders", "Work", &["--scope", "a", "--scope", "b"])
        .json();
    let got = cli.run(&["token", "get", "orders"]);
    assert!(got.err.contains("lacks a requested scope: b"), "{got:?}");
    let token = cli.run(&["token", "show", "orders"]).json();
    assert_eq!(token["not_granted"], json!(["b"]), "{token}");
}

#[test]
fn f12_a_registration_after_an_interrupted_one_reports_it() {
    let server = server(|_, _| None);
    let cli = configured(&server);
    let register = [
        "app",
        "register",
        "orders",
        "--config",
        "Work",
        "--grant",
        "client_credentials",
    ];
    let killed = cli.run_env(&register, "KEYWRIGHT_FAULT_POINT", "after_sending");
    assert_eq!(killed.code, -1, "the process was ended: {killed:?}");
    let made = cli.run(&register).json();
    let warnings = made["warnings"].as_array().unwrap();
    let told = warnings
        .iter()
        .find(|one| one["code"] == "interrupted_before");
    let told = told.unwrap_or_else(|| panic!("{made}"))["message"]
        .as_str()
        .unwrap();
    assert!(told.contains("keywright app pending"), "{told}");
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 1);
}

#[test]
fn f09_two_registrations_of_one_name_make_one_client() {
    let server = server(|origin, request| {
        (request.path() == "/register").then(|| {
            std::thread::sleep(std::time::Duration::from_secs(3));
            ScriptedServer::json(201, &ScriptedServer::client(origin, &request.json()))
        })
    });
    let cli = configured(&server);
    let register = [
        "app",
        "register",
        "orders",
        "--config",
        "Work",
        "--grant",
        "client_credentials",
    ];
    let mut first = cli.command(&register).spawn().unwrap();
    while cli.run(&["app", "pending"]).json()["total"] == 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(cli.run(&register).error()["code"], "name_taken");
    assert!(first.wait().unwrap().success());
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 1);
}

#[test]
fn f20_a_new_secret_that_is_not_known_yet_rejects_no_client() {
    let server = server(
        |origin, request| match (request.method.as_str(), request.path()) {
            ("GET" | "PUT", "/register/c1") => {
                let mut client =
                    ScriptedServer::client(origin, &json!({ "client_name": "orders" }));
                if request.method == "PUT" {
                    client["client_secret"] = "s3cret-2".into();
                }
                Some(ScriptedServer::json(200, &client))
            }
            ("POST", "/token") => Some(ScriptedServer::json(
                401,
                &json!({ "error": "invalid_client" }),
            )),
            _ => None,
        },
    );
    let cli = registered(&server);
    cli.run(&["app", "refresh", "orders"]).json();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    cli.run(&["app", "rotate", "orders"]).json();
    let refused = cli.run(&["token", "get", "orders"]).error();
    assert_eq!(refused["cause"]["kind"], "propagation", "{refused}");
    let shown = cli.run(&["app", "show", "orders"]).json();
    assert_ne!(shown["health"], "rejected", "{shown}");
}

#[test]
fn a_client_that_is_not_there_is_not_told_to_change_its_grant() {
    let said = "AADSTS700016: Application with identifier 'c1' was not found in the directory 'x'.";
    let server = server(move |_, request| {
        let answer = json!({ "error": "unauthorized_client", "error_description": said });
        (request.path() == "/token").then(|| ScriptedServer::json(400, &answer))
    });
    let refused = registered(&server).run(&["token", "get", "orders"]).error();
    assert_eq!(refused["cause"]["kind"], "propagation", "{refused}");
    assert!(!hint(&refused).contains("grant_types"), "{refused}");
}

/// `expires_in` counts from the answer (RFC 6749 §5.1), whatever the clock of the server says.
#[test]
fn a_token_of_a_server_whose_clock_is_behind_lasts() {
    let server = server(|_, request| {
        let claims = json!({ "iat": 1_700_000_000, "exp": 1_700_000_600 });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!(
            "{}.{}.c2ln",
            part(&json!({ "alg": "ES256" })),
            part(&claims)
        );
        let answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 600 });
        (request.path() == "/token").then(|| ScriptedServer::json(200, &answer))
    });
    let cli = registered(&server);
    let token = cli.run(&["token", "get", "orders"]).json();
    assert!(token["expires_in"].as_i64().unwrap() > 500, "{token}");
    let again = cli.run(&["token", "get", "orders"]).json();
    assert_eq!(again["from_cache"], true, "{again}");
}

#[test]
fn an_update_leaves_out_a_secret_that_the_server_refuses() {
    let server = server(|origin, request| {
        if request.method != "PUT" {
            return None;
        }
        if request.body.contains("client_secret\"") {
            let answer = json!({ "error": "invalid_request",
                "error_description": "client_secret must not be included" });
            return Some(ScriptedServer::json(400, &answer));
        }
        let mut client = ScriptedServer::client(origin, &request.json());
        client["client_secret"] = json!(null);
        Some(ScriptedServer::json(200, &client))
    });
    let cli = registered(&server);
    let update = ["app", "update", "orders", "--metadata", "-"];
    cli.run_stdin(&update, r#"{"client_name":"two"}"#).json();
    let shown = cli.run(&["app", "show", "orders", "--reveal"]).json();
    assert_eq!(shown["client_secret"], "s3cret-of-c1", "{shown}");
}
