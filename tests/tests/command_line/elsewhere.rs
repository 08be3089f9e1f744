//! Registrations that somebody else changes: an update and a rotation send the whole of the metadata (RFC 7592
//! section 2.2), and what was changed elsewhere stays.

use keywright_tests::{Cli, OidcProvider, Output, ScriptedServer};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const REDIRECT: &str = "https://app.example/callback";

/// The client as its management address has it.
struct Managed {
    uri: String,
    token: String,
}

impl Managed {
    fn of(cli: &Cli, name: &str) -> Self {
        let shown = cli.run(&["app", "show", name, "--reveal"]).json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            uri: text(&shown["registration"]["uri"]),
            token: text(&shown["registration"]["access_token"]),
        }
    }

    async fn read(&self) -> Value {
        let request = reqwest::Client::new()
            .get(&self.uri)
            .bearer_auth(&self.token);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Another program changes these members.
    async fn change(&self, members: &Value) {
        let mut client = self.read().await;
        for name in [
            "registration_access_token",
            "registration_client_uri",
            "client_secret_expires_at",
            "client_id_issued_at",
        ] {
            client.as_object_mut().unwrap().remove(name);
        }
        for (name, value) in members.as_object().unwrap() {
            client[name] = value.clone();
        }
        let http = reqwest::Client::new();
        let request = http.put(&self.uri).bearer_auth(&self.token).json(&client);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    }
}

fn update(cli: &Cli, changes: &Value) -> Output {
    let update = ["app", "update", "orders", "--metadata", "-"];
    cli.run_stdin(&update, &changes.to_string())
}

/// A vault that adopted a client which another vault registered, knowing no more of it than how it is managed.
fn adopted(server: &OidcProvider, made: &Cli) -> Cli {
    let one = made.run(&["app", "show", "orders", "--reveal"]).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let cli = Cli::with_vault()
        .env("CLIENT_SECRET", &text(&one["client_secret"]))
        .env("MANAGED", &text(&one["registration"]["access_token"]));
    cli.config("Work", &server.issuer, &[]);
    let (id, uri) = (text(&one["client_id"]), text(&one["registration"]["uri"]));
    let known = [
        ["--client-id", &id],
        ["--client-secret", "env:CLIENT_SECRET"],
        ["--registration-uri", &uri],
        ["--registration-token", "env:MANAGED"],
    ];
    let adopt = ["app", "adopt", "orders", "--config", "Work"];
    cli.run(&[&adopt[..], known.as_flattened()].concat()).json();
    cli
}

fn registered(server: &OidcProvider) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let grants = [
        "--grant",
        "authorization_code",
        "--grant",
        "client_credentials",
    ];
    let more = ["--redirect-uri", REDIRECT, "--scope", "openid orders:read"];
    cli.register("orders", "Work", &[&grants[..], &more].concat())
        .json();
    cli
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_an_adopted_client_keeps_what_was_changed_elsewhere() {
    let server = OidcProvider::with_lasting_registration_tokens();
    let made = registered(&server);
    let cli = adopted(&server, &made);
    let managed = Managed::of(&made, "orders");
    managed
        .change(&json!({ "logo_uri": "https://app.example/logo.png" }))
        .await;

    let after = update(&cli, &json!({ "client_name": "Orders of Work" })).json();
    assert_eq!(after["current"]["client_name"], "Orders of Work", "{after}");
    let there = managed.read().await;
    assert_eq!(there["client_name"], "Orders of Work", "{there}");
    assert_eq!(there["logo_uri"], "https://app.example/logo.png", "{there}");
    assert_eq!(there["redirect_uris"], json!([REDIRECT]), "{there}");

    managed
        .change(&json!({ "client_uri": "https://app.example" }))
        .await;
    let rotated = cli.run(&["app", "rotate", "orders"]);
    // This server keeps the secret of an update.
    assert_eq!(rotated.error()["code"], "not_rotated", "{rotated:?}");
    let there = managed.read().await;
    assert_eq!(there["client_uri"], "https://app.example", "{there}");
    assert_eq!(there["client_name"], "Orders of Work", "{there}");
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_a_removed_member_is_removed_and_no_other() {
    let server = OidcProvider::with_lasting_registration_tokens();
    let cli = registered(&server);
    let managed = Managed::of(&cli, "orders");
    let both =
        json!({ "logo_uri": "https://app.example/logo.png", "client_uri": "https://app.example" });
    managed.change(&both).await;
    update(&cli, &json!({ "logo_uri": null })).json();
    let there = managed.read().await;
    assert_eq!(there.get("logo_uri"), None, "{there}");
    assert_eq!(there["client_uri"], "https://app.example", "{there}");
}

/// What a scripted server was asked.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A server whose reads are answered by `read`, and whose updates answer what they were sent. It gives tokens for this
/// secret.
fn scripted(
    secret: &'static str,
    read: impl Fn(&Value) -> Vec<u8> + Send + Sync + 'static,
) -> (ScriptedServer, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let server = ScriptedServer::start(move |issuer, request| {
        let token = request.header("authorization").unwrap_or_default();
        let information = |members: &Value| {
            let mut client = members.clone();
            client["client_id"] = "c-1".into();
            client["registration_client_uri"] = format!("{issuer}/manage/c-1").into();
            client
        };
        let line = format!("{} {}", request.method, request.path());
        if request.path().starts_with("/manage") {
            let line = format!("{line} {token}");
            seen.lock().unwrap().push((line, request.json()));
        }
        match line.as_str() {
            "POST /register" => {
                let mut client = information(&request.json());
                client["client_secret"] = "s3cret-1".into();
                client["registration_access_token"] = "reg-1".into();
                ScriptedServer::json(201, &client)
            }
            "GET /manage/c-1" => {
                let known = json!({ "client_name": "orders", "grant_types": ["client_credentials"],
                    "token_endpoint_auth_method": "client_secret_post" });
                read(&information(&known))
            }
            "PUT /manage/c-1" => {
                let mut client = information(&request.json());
                client["client_secret"] = "s3cret-3".into();
                ScriptedServer::json(200, &client)
            }
            "POST /token" if request.body.contains(secret) => {
                ScriptedServer::json(200, &json!({ "access_token": "t", "token_type": "Bearer" }))
            }
            "POST /token" => ScriptedServer::json(401, &json!({ "error": "invalid_client" })),
            "GET /.well-known/oauth-authorization-server" => {
                ScriptedServer::json(200, &ScriptedServer::metadata(issuer))
            }
            _ => ScriptedServer::json(404, &json!({})),
        }
    });
    (server, asked)
}

fn at(server: &ScriptedServer) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let method = ["--auth-method", "client_secret_post"];
    cli.register("orders", "Work", &method).json();
    cli
}

fn lines(asked: &Asked) -> Vec<String> {
    let asked = asked.lock().unwrap();
    asked.iter().map(|(line, _)| line.clone()).collect()
}

#[test]
fn f18_an_update_uses_the_token_of_the_read_before_it() {
    let (server, asked) = scripted("s3cret-2", |client| {
        let mut client = client.clone();
        client["registration_access_token"] = "reg-2".into();
        client["client_secret"] = "s3cret-2".into();
        client["client_uri"] = "https://app.example".into();
        client["client_secret_expires_at"] = 0.into();
        client["client_id_issued_at"] = 1_790_000_000.into();
        ScriptedServer::json(200, &client)
    });
    let cli = at(&server);
    update(&cli, &json!({ "client_name": "orders 2" })).json();
    let manage = "/manage/c-1 Bearer";
    let wanted = [format!("GET {manage} reg-1"), format!("PUT {manage} reg-2")];
    assert_eq!(lines(&asked), wanted);
    let sent = asked.lock().unwrap()[1].1.clone();
    let mut members: Vec<&String> = sent.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        [
            "client_id",
            "client_name",
            "client_secret",
            "client_uri",
            "grant_types",
            "redirect_uris",
            "response_types",
            "token_endpoint_auth_method"
        ],
        "what RFC 7592 section 2.2 forbids is not sent"
    );
    // The secret of the read got a token, so that it is the current one.
    assert_eq!(sent["client_secret"], "s3cret-2", "{sent}");
    assert_eq!(sent["client_uri"], "https://app.example", "{sent}");
}

#[test]
fn an_update_goes_on_where_no_read_is_offered() {
    for status in [400, 401, 403, 404, 405, 501] {
        let (server, asked) = scripted("s3cret-1", move |_| {
            ScriptedServer::json(status, &json!({ "error": "unsupported" }))
        });
        let cli = at(&server);
        let after = update(&cli, &json!({ "client_name": "orders 2" }));
        assert_eq!(after.code, 0, "{status}: {after:?}");
        let sent = asked.lock().unwrap().last().unwrap().1.clone();
        assert_eq!(sent["client_name"], "orders 2", "{status}");
        assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0, "{status}");
    }
}

#[test]
fn f20_nothing_is_written_after_a_read_that_failed() {
    let gone = json!({ "error": "invalid_client" });
    for (status, body, code) in [
        (404, gone, 5),
        (429, json!({ "error": "slow_down" }), 5),
        (503, json!({ "error": "temporarily_unavailable" }), 5),
    ] {
        let (server, asked) =
            scripted("none of ours", move |_| ScriptedServer::json(status, &body));
        let cli = at(&server);
        for refused in [
            update(&cli, &json!({ "client_name": "orders 2" })),
            cli.run(&["app", "rotate", "orders"]),
        ] {
            assert_eq!(refused.code, code, "{status}: {refused:?}");
        }
        let written = lines(&asked);
        let written = written.iter().filter(|line| line.starts_with("PUT"));
        assert_eq!(written.count(), 0, "{status}");
    }
}

/// A server like Gravitee's, with the media type of patches that it takes: updates by PATCH alone.
fn by_patch_alone(media_type: &'static str) -> (ScriptedServer, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let client = Mutex::new(json!({}));
    let server = ScriptedServer::start(move |issuer, request| {
        let mut client = client.lock().unwrap();
        if request.path() == "/manage/c-1" {
            let line = format!("{} {}", request.method, request.path());
            seen.lock().unwrap().push((line, request.json()));
        }
        match (request.method.as_str(), request.path()) {
            ("POST", "/register") => {
                *client = request.json();
                client["client_id"] = "c-1".into();
                client["client_secret"] = "s3cret-1".into();
                client["template"] = true.into();
                client["registration_client_uri"] = format!("{issuer}/manage/c-1").into();
                client["registration_access_token"] = "reg-1".into();
                ScriptedServer::json(201, &client)
            }
            ("GET", "/manage/c-1") => ScriptedServer::json(200, &client),
            ("PUT", "/manage/c-1") => {
                let allow = [("Allow", "GET, PATCH, DELETE")];
                ScriptedServer::reply(405, &allow, b"")
            }
            ("PATCH", "/manage/c-1") if request.header("content-type") != Some(media_type) => {
                ScriptedServer::reply(415, &[], b"")
            }
            ("PATCH", "/manage/c-1") => {
                for (name, value) in request.json().as_object().unwrap() {
                    match value {
                        Value::Null => drop(client.as_object_mut().unwrap().remove(name)),
                        value => client[name] = value.clone(),
                    }
                }
                ScriptedServer::json(200, &client)
            }
            (_, "/.well-known/oauth-authorization-server") => {
                ScriptedServer::json(200, &ScriptedServer::metadata(issuer))
            }
            _ => ScriptedServer::json(404, &json!({})),
        }
    });
    (server, asked)
}

#[test]
fn a_server_that_takes_patches_alone_gets_the_changes_alone() {
    for media_type in ["application/merge-patch+json", "application/json"] {
        let (server, asked) = by_patch_alone(media_type);
        let cli = at(&server);
        update(&cli, &json!({ "client_uri": "https://app.example" })).json();
        let changes = json!({ "client_name": "orders 2", "client_uri": null });
        let after = update(&cli, &changes).json();
        assert_eq!(after["current"]["client_name"], "orders 2", "{after}");
        assert_eq!(after["current"].get("client_uri"), None, "{after}");
        assert_eq!(after["current"]["template"], true, "{after}");
        let sent = asked.lock().unwrap().last().unwrap().clone();
        assert_eq!(sent, ("PATCH /manage/c-1".to_owned(), changes));
        assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
        let shown = cli.run(&["app", "show", "orders", "--reveal"]).json();
        assert_eq!(shown["client_secret"], "s3cret-1");
        // A patch cannot ask for a new secret: nothing is sent after the refusal.
        let refused = cli.run(&["app", "rotate", "orders"]).error();
        assert_eq!(refused["status"], 405, "{refused}");
        assert!(
            refused["hint"].as_str().unwrap().contains("set-secret"),
            "{refused}"
        );
        assert_eq!(lines(&asked).last().unwrap(), "PUT /manage/c-1");
    }
}
