//! What a message says of input that cannot be used: in the user's terms and language, and before the user is asked.

use keywright_tests::{Cli, ScriptedServer};

use super::*;

/// Words of parsers, which say nothing to a user.
const OF_PARSERS: [&str; 6] = [
    "relative URL",
    "without a base",
    "at line",
    "expected value",
    "EOF while",
    "invalid type",
];

/// A server whose clients cannot be managed.
fn server() -> ScriptedServer {
    ScriptedServer::start(|issuer, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            ScriptedServer::json(200, &ScriptedServer::metadata(issuer))
        }
        _ => ScriptedServer::json(201, &json!({ "client_id": "c-1", "client_secret": "s" })),
    })
}

#[test]
fn an_address_or_json_is_refused_in_the_language_of_the_user() {
    let server = server();
    let cli = Cli::with_vault();
    cli.config("Any", &server.issuer, &[]);
    let client = ["--client-id", "c", "--auth-method", "none"];
    let adopt = [&["app", "adopt", "x", "--config", "Any"][..], &client].concat();
    cli.run(&adopt).json();
    let managed = ["--registration-uri", "id.example/manage"];
    let typed = [
        (&["call", "api.example.com/x", "--app", "x"][..], ""),
        (&[&adopt[..], &managed].concat(), ""),
        (&["app", "update", "x", "--metadata", "-"], "{\"a\": 1,}"),
        (&["app", "update", "x", "--metadata", "-"], "[1]"),
        (&["mcp", "call", "https://a.invalid", "t", "[1]"], ""),
    ];
    for (arguments, input) in typed {
        for lang in ["en", "ja"] {
            let refused = cli.run_stdin(&[&["--lang", lang][..], arguments].concat(), input);
            let message = refused.error()["message"].as_str().unwrap().to_owned();
            for words in OF_PARSERS {
                assert!(!message.contains(words), "{arguments:?}: {message}");
            }
            let is_japanese = message
                .chars()
                .any(|letter| ('ぁ'..='ん').contains(&letter));
            assert_eq!(is_japanese, lang == "ja", "{arguments:?}: {message}");
        }
    }
    let call = cli
        .run(&["call", "api.example.com/x", "--app", "x"])
        .error();
    let wanted =
        "“api.example.com/x” is not a web address. It does not begin with https:// or http://.";
    assert_eq!(call["message"], wanted);
}

#[test]
fn nothing_is_asked_about_what_is_not_there() {
    let server = server();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli.register("orders", "Work", &[]).json();
    let nil = "00000000-0000-7000-8000-000000000000";
    let slots = cli.run(&["vault", "slots"]).json();
    let slot = slots["items"][0]["id"].as_str().unwrap();
    for (arguments, code) in [
        (&["key", "remove", "orders", "kid-1"][..], "not_found"),
        (&["key", "remove", "nobody", "kid-1"], "not_found"),
        (&["app", "discard", "nobody"], "not_found"),
        (&["app", "discard", nil], "not_found"),
        (&["app", "delete", "nobody"], "not_found"),
        (&["app", "delete", "orders"], "not_capable"),
        (&["app", "forget", "nobody"], "not_found"),
        (&["config", "remove", "nobody"], "not_found"),
        (&["config", "remove", "Work"], "configuration_in_use"),
        (
            &["config", "confirm", "Work", "other.example"],
            "host_unknown",
        ),
        (&["vault", "remove-slot", nil], "not_found"),
        (&["vault", "remove-slot", slot], "last_slot"),
    ] {
        // Without an answer to give, a question would be `no_input`.
        let refused = cli.run(arguments).error();
        assert_eq!(refused["code"], code, "{arguments:?}: {refused}");
    }
}
