//! Resources and issuers that lie, change and redirect.

use keywright_tests::{Cli, ScriptedServer, SignIn};
use serde_json::json;

use super::{
    answered,
    api::{Api, document},
};
use crate::sign_in::provider::Provider;

fn refused(cli: &Cli, address: &str, exit: i32, code: &str) {
    let output = cli.run(&["connect", address, "--yes"]);
    assert_eq!(output.code, exit, "{output:?}");
    assert_eq!(output.error()["code"], code);
    let list = cli.run(&["config", "list"]).json();
    assert_eq!(list["items"], json!([]), "nothing is saved");
}

#[test]
fn t01_metadata_of_another_issuer_connects_to_nothing() {
    let provider = Provider::with(|metadata| metadata["issuer"] = "https://evil.example".into());
    let api = Api::start(&provider.issuer());
    refused(&Cli::with_vault(), &api.at("/orders"), 8, "issuer_mismatch");
    assert_eq!(provider.token_requests().len(), 0);
}

#[test]
fn t02_metadata_of_another_resource_connects_to_nothing() {
    let provider = Provider::start();
    let issuer = provider.issuer();
    for other in [
        "https://evil.example/orders",
        "http://127.0.0.1:9",
        "urn:orders",
    ] {
        let named = issuer.clone();
        let api = Api::with(&issuer, move |_, request| {
            let is_document = request.path().contains("oauth-protected-resource");
            let body = document(other, std::slice::from_ref(&named));
            is_document.then(|| ScriptedServer::json(200, &body))
        });
        refused(
            &Cli::with_vault(),
            &api.at("/orders"),
            8,
            "resource_mismatch",
        );
    }
}

#[test]
fn t05_metadata_that_redirects_is_not_followed() {
    let provider = Provider::start();
    let issuer = provider.issuer();
    let api = Api::with(&issuer, |_, request| {
        let is_document = request.path().contains("oauth-protected-resource");
        let to = [("Location", "https://evil.example/")];
        is_document.then(|| ScriptedServer::reply(302, &to, b""))
    });
    refused(&Cli::with_vault(), &api.at("/orders"), 8, "redirect");
    let moved = ScriptedServer::start(|_, _| {
        ScriptedServer::reply(302, &[("Location", "https://evil.example/")], b"")
    });
    let api = Api::start(&moved.issuer);
    refused(&Cli::with_vault(), &api.at("/orders"), 8, "redirect");
}

#[test]
fn t18_a_place_of_metadata_is_a_web_address() {
    for place in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://u:p@a.example/x",
    ] {
        let api = Api::with("https://id.example", move |_, request| {
            let challenge = format!("Bearer resource_metadata=\"{place}\"");
            (request.path() == "/orders")
                .then(|| ScriptedServer::reply(401, &[("WWW-Authenticate", &challenge)], b""))
        });
        let cli = Cli::with_vault();
        refused(&cli, &api.at("/orders"), 8, "resource_metadata_address");
    }
}

#[test]
fn t18_no_client_is_registered_for_a_sign_in_that_cannot_be() {
    for endpoint in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
    ] {
        let provider =
            Provider::with(|metadata| metadata["authorization_endpoint"] = endpoint.into());
        let api = Api::start(&provider.issuer());
        let cli = Cli::with_vault();
        refused(&cli, &api.at("/orders"), 5, "endpoint_unreadable");
    }
}

#[test]
fn t02_two_resources_of_an_issuer_share_no_client() {
    let provider = Provider::start();
    let cli = Cli::with_vault();
    let (mine, other) = (
        Api::start(&provider.issuer()),
        Api::start(&provider.issuer()),
    );
    let mut applications = Vec::new();
    for api in [&mine, &other] {
        let address = api.at("/orders");
        let waiting = SignIn::of(&mut cli.command(&["connect", &address, "--yes"]));
        assert_eq!(waiting.parameter("resource"), api.at(""));
        let made = answered(waiting, &provider).json();
        applications.push(made["application_id"].clone());
    }
    assert_ne!(applications[0], applications[1]);
    assert_eq!(
        other.credentials(),
        [""; 0],
        "no token of the first goes to the second"
    );
}

#[test]
fn t02_a_host_that_only_the_metadata_names_is_shown_in_the_plan() {
    let provider = Provider::with(|metadata| {
        metadata["token_endpoint"] = "https://elsewhere.example/token".into();
    });
    let api = Api::start(&provider.issuer());
    let address = api.at("/orders");
    let plan = Cli::with_vault().run_text(&["connect", &address, "--dry-run"], "C.UTF-8");
    let shown = |line: &str| line.starts_with("hosts ") && line.contains("elsewhere.example");
    assert!(plan.out.lines().any(shown), "{plan:?}");
}

#[test]
fn t02_a_resource_that_changes_its_issuer_leads_to_a_new_client() {
    let (first, second) = (Provider::start(), Provider::start());
    let api = Api::start(&first.issuer());
    let cli = Cli::with_vault();
    let address = api.at("/orders");
    let connect = ["connect", &address, "--yes"];
    let made = answered(SignIn::of(&mut cli.command(&connect)), &first).json();
    *api.issuers.lock().unwrap() = vec![second.issuer()];
    let moved = answered(SignIn::of(&mut cli.command(&connect)), &second).json();
    assert_ne!(made["application_id"], moved["application_id"]);
    // Back again: the client of the first issuer is found, and no other.
    *api.issuers.lock().unwrap() = vec![first.issuer()];
    let back = cli.run(&connect).json();
    assert_eq!(back["application_id"], made["application_id"]);
}
