//! What people see in the terminal of a registration and of a configuration.

use keywright_tests::{Cli, ScriptedServer};
use serde_json::json;

/// A server that grants one scope and sets a lifetime of its own.
fn server() -> ScriptedServer {
    ScriptedServer::start(
        |issuer, request| match (request.method.as_str(), request.path()) {
            (_, "/.well-known/oauth-authorization-server") => {
                let mut metadata = ScriptedServer::metadata(issuer);
                metadata["scopes_supported"] = json!(["orders:read", "orders:write"]);
                metadata["device_authorization_endpoint"] = format!("{issuer}/device").into();
                ScriptedServer::json(200, &metadata)
            }
            ("POST", "/register") => {
                let mut client = request.json();
                client["client_id"] = "c-1".into();
                client["client_secret"] = "secret-of-c-1".into();
                client["scope"] = "orders:read".into();
                client["default_max_age"] = 600.into();
                ScriptedServer::json(201, &client)
            }
            _ => ScriptedServer::json(401, &json!({ "error": "invalid_client" })),
        },
    )
}

#[test]
fn each_difference_is_printed_after_a_registration() {
    let server = server();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    for (name, locale, lines) in [
        (
            "orders",
            "C.UTF-8",
            [
                "! scope: the response omits orders:write, which was requested.",
                "  default_max_age: the provider set 600.",
            ],
        ),
        (
            "parcels",
            "ja_JP.UTF-8",
            [
                "! scope：要求したorders:writeが応答にありません。",
                "  default_max_age：プロバイダーが600を設定しました。",
            ],
        ),
    ] {
        let words = ["app", "register", name, "--config", "Work"];
        let asked = ["--grant", "client_credentials"];
        let scopes = ["--scope", "orders:read", "--scope", "orders:write"];
        let made = cli.run_text(&[&words[..], &asked, &scopes].concat(), locale);
        assert_eq!(made.code, 0, "{made:?}");
        for line in lines {
            let printed = made.err.lines().filter(|one| *one == line).count();
            assert_eq!(printed, 1, "{line}: {made:?}");
        }
    }
}

#[test]
fn a_configuration_shows_what_its_server_supports() {
    let server = server();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let issuer = &server.issuer;
    let unread = cli.run_text(&["config", "show", "Work"], "C.UTF-8");
    assert!(
        unread.err.contains("keywright config verify Work"),
        "{unread:?}"
    );
    cli.run(&["config", "verify", "Work"]);
    let moved = format!("introspection_endpoint={issuer}/moved");
    cli.run(&["config", "edit", "Work", "--set", &moved]).json();
    let shown = cli.run_text(&["config", "show", "Work"], "C.UTF-8");
    for line in [
        format!("endpoint  registration_endpoint {issuer}/register"),
        format!("endpoint  token_endpoint {issuer}/token"),
        format!("endpoint  device_authorization_endpoint {issuer}/device"),
        format!("endpoint  introspection_endpoint {issuer}/moved"),
        "grants    client_credentials refresh_token".to_owned(),
        "methods   client_secret_basic client_secret_post".to_owned(),
        "scopes    orders:read orders:write".to_owned(),
    ] {
        assert!(
            shown.out.lines().any(|one| one == line),
            "{line}: {shown:?}"
        );
    }
}
