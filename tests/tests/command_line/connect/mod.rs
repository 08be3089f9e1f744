//! From any address to a token.

mod api;
mod given;
mod hostile;
mod interrupted;
mod mcp;
mod places;
mod refresh;
mod refused_forms;
mod sandbox;

use keywright_tests::{Cli, ScriptedServer, SignIn};
use serde_json::json;

use self::api::{Api, challenged};
use crate::sign_in::provider::{CODE, Provider, visit};

/// Answers the sign-in that a command waits for.
fn answered(waiting: SignIn, provider: &Provider) -> keywright_tests::Output {
    let issuer = provider.issuer();
    let address = waiting.answer(&[("code", CODE), ("iss", &issuer)]);
    let (status, page) = visit(&address);
    assert_eq!(status, 200, "{page}");
    waiting.finish()
}

#[test]
fn connect_leads_from_an_api_to_a_token() {
    let provider = Provider::start();
    let api = Api::start(&provider.issuer());
    let cli = Cli::with_vault();
    let address = api.at("/orders");

    let sheet = cli.run(&["connect", &address, "--dry-run"]).json();
    assert_eq!(sheet["issuer"], provider.issuer());
    assert_eq!(sheet["resource"], api.at(""));
    assert_eq!(sheet["scopes"], json!(["orders:read"]));
    assert_eq!(sheet["scopes_from"], "resource");
    let accepted = |kind: &str| {
        let all = sheet["identities"].as_array().unwrap();
        let found = all.iter().find(|one| one["kind"] == kind).unwrap();
        found["accepted"].clone()
    };
    assert_eq!(accepted("dynamic"), true);
    assert_eq!(accepted("metadata_document"), false);
    let list = cli.run(&["config", "list"]).json();
    assert_eq!(list["items"], json!([]), "a look saves nothing");
    // Nobody is asked who cannot answer.
    let unasked = cli.run(&["connect", &address]);
    assert_eq!(unasked.code, 2, "{unasked:?}");
    assert_eq!(cli.run(&["config", "list"]).json()["items"], json!([]));

    let connect = ["connect", &address, "--yes"];
    let waiting = SignIn::of(&mut cli.command(&connect));
    assert_eq!(waiting.parameter("resource"), api.at(""));
    assert_eq!(waiting.parameter("scope"), "orders:read");
    assert_eq!(waiting.parameter("code_challenge_method"), "S256");
    let made = answered(waiting, &provider).json();
    assert_eq!(made["application"], "127.0.0.1");
    let sent = &provider.token_requests()[0];
    assert!(sent.contains(&("resource".into(), api.at(""))), "{sent:?}");
    let call = ["call", &address, "--app", "127.0.0.1"];
    assert_eq!(cli.run(&call).json()["body"]["orders"], json!([1]));

    // The second time, everything is there.
    let again = cli.run(&connect).json();
    assert_eq!(again["from_cache"], true);
    assert_eq!(again["application_id"], made["application_id"]);
    assert_eq!(provider.token_requests().len(), 1);
}

#[test]
fn connect_registers_again_where_the_client_is_gone() {
    let provider = Provider::start();
    let api = Api::start(&provider.issuer());
    let cli = Cli::with_vault();
    let address = api.at("/orders");
    let connect = ["connect", &address, "--yes"];
    let made = answered(SignIn::of(&mut cli.command(&connect)), &provider).json();
    // The server lost its data.
    *provider.token.lock().unwrap() = json!({ "error": "invalid_client" });
    let waiting = SignIn::start(&cli, "127.0.0.1", &["--refresh"]);
    let issuer = provider.issuer();
    visit(&waiting.answer(&[("code", CODE), ("iss", &issuer)]));
    let hint = waiting.finish().error()["hint"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        hint.contains(&format!("keywright connect {address}")),
        "{hint}"
    );
    *provider.token.lock().unwrap() = json!({ "access_token": "n3w", "token_type": "Bearer" });
    let again = answered(SignIn::of(&mut cli.command(&connect)), &provider).json();
    assert_ne!(again["application_id"], made["application_id"]);
    assert_eq!(again["application"], "127.0.0.1 2");
}

#[test]
fn connect_takes_an_issuer_or_a_document() {
    let provider = Provider::start();
    let api = Api::start(&provider.issuer());
    let cli = Cli::with_vault();
    let of = |address: &str| cli.run(&["connect", address, "--dry-run"]).json();
    let issuer = of(&provider.issuer());
    assert_eq!(issuer["resource"], json!(null));
    assert_eq!(issuer["issuer"], provider.issuer());
    let well_known = format!("{}/.well-known/openid-configuration", provider.issuer());
    assert_eq!(of(&well_known)["issuer"], provider.issuer());
    let document = of(&api.at("/.well-known/oauth-protected-resource"));
    assert_eq!(document["issuer"], provider.issuer());
    assert_eq!(document["resource"], api.at(""));
}

#[test]
fn call_offers_the_wider_scope_once() {
    let provider = Provider::start();
    let api = Api::with(&provider.issuer(), |origin, request| {
        let is_call = request.path() == "/orders" && request.header("authorization").is_some();
        is_call.then(|| {
            challenged(
                origin,
                403,
                ", error=\"insufficient_scope\", scope=\"orders:write\"",
            )
        })
    });
    let cli = Cli::with_vault();
    let address = api.at("/orders");
    let waiting = SignIn::of(&mut cli.command(&["connect", &address, "--yes"]));
    answered(waiting, &provider).json();
    let call = ["call", &address, "--app", "127.0.0.1"];
    // Without a yes, the answer is shown with what to do.
    let refused = cli.run(&call);
    assert_eq!(refused.json()["wider_scope"], "orders:read orders:write");
    assert!(refused.err.contains("--yes"), "{refused:?}");
    let wider = [&call[..], &["--yes"]].concat();
    let waiting = SignIn::of(&mut cli.command(&wider));
    assert_eq!(waiting.parameter("scope"), "orders:read orders:write");
    *provider.token.lock().unwrap() = json!({
        "access_token": "w1der-t0ken", "token_type": "Bearer", "expires_in": 300,
    });
    let answer = answered(waiting, &provider).json();
    assert_eq!(
        answer["status"], 403,
        "it asks for the same again, and is not asked again"
    );
    let sent = api.credentials();
    assert_eq!(sent.last().unwrap(), "Bearer w1der-t0ken");
    // That token is kept: nobody signs in again.
    assert_eq!(cli.run(&wider).json()["status"], 403);
    assert_eq!(provider.token_requests().len(), 2);
}

#[test]
fn an_address_that_needs_no_token_says_so() {
    let open = ScriptedServer::start(|_, request| {
        let status = if request.path() == "/orders" {
            200
        } else {
            404
        };
        ScriptedServer::json(status, &json!({}))
    });
    let cli = Cli::with_vault();
    let address = format!("{}/orders", open.issuer);
    let error = cli.run(&["connect", &address, "--yes"]).error();
    assert_eq!(error["code"], "connect_open");
    let nothing = format!("{}/nothing", open.issuer);
    let error = cli.run(&["connect", &nothing, "--yes"]).error();
    assert_eq!(error["code"], "connect_no_server");
}
