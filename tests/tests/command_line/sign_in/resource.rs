//! Servers that refuse `resource` at a sign-in (RFC 8707).

use keywright_tests::{Cli, SignIn};
use serde_json::json;

use super::provider::{CODE, FREE, Provider, visit};

const RESOURCE: &str = "https://mcp.example/mcp";
const WITH: [&str; 4] = ["--auth-method", "none", "--resource", RESOURCE];

/// The refusal of Microsoft Entra ID.
const ENTRA: [(&str, &str); 2] = [
    ("error", "invalid_request"),
    (
        "error_description",
        "AADSTS901002: The 'resource' request parameter is not supported.",
    ),
];

fn has_resource(form: &[(String, String)]) -> bool {
    form.iter().any(|(name, _)| name == "resource")
}

#[test]
fn a_refused_resource_is_left_out_of_the_next_attempt() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &WITH);
    let mut waiting = SignIn::start(&cli, "login", &[]);
    assert_eq!(waiting.parameter("resource"), RESOURCE);
    let iss = ("iss", provider.issuer());
    let iss = (iss.0, iss.1.as_str());
    visit(&waiting.answer(&[&ENTRA[..], &[iss]].concat()));
    waiting.next_address();
    assert!(
        !waiting
            .address
            .query_pairs()
            .any(|(name, _)| name == "resource"),
        "{}",
        waiting.address
    );
    visit(&waiting.answer(&[("code", CODE), iss]));
    let output = waiting.finish();
    assert!(output.err.contains("without it"), "{output:?}");
    let token = output.json();
    assert!(
        !provider
            .token_requests()
            .iter()
            .any(|form| has_resource(form))
    );
    // It is remembered, and the token is found again.
    let shown = cli.run(&["config", "show", "Work"]).json();
    assert_eq!(shown["settings"]["adapted.resource"], RESOURCE);
    let again = cli.run(&["token", "get", "login"]).json();
    assert_eq!(
        (&again["id"], &again["from_cache"]),
        (&token["id"], &json!(true))
    );
    // One that is named for this token is sent anyway.
    let given = ["--resource", RESOURCE, "--timeout", "2s"];
    let asked = SignIn::start(&cli, "login", &given);
    assert_eq!(asked.parameter("resource"), RESOURCE);
    assert_eq!(asked.finish().code, 1);
    let forgotten = cli.run(&["config", "edit", "Work", "--forget-adapted"]);
    assert_eq!(forgotten.json()["adapted"], json!([]));
}

#[test]
fn a_resource_that_was_given_is_not_left_out() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &WITH);
    let waiting = SignIn::start(&cli, "login", &["--resource", RESOURCE]);
    let issuer = provider.issuer();
    visit(&waiting.answer(&[&ENTRA[..], &[("iss", &issuer)]].concat()));
    let output = waiting.finish();
    assert_eq!(output.code, 5, "{output:?}");
    assert_eq!(output.error()["provider"]["error"], "invalid_request");
}

#[test]
fn another_refusal_of_a_sign_in_is_not_tried_again() {
    let provider = Provider::start();
    let cli: Cli = provider.client(FREE, &WITH);
    let waiting = SignIn::start(&cli, "login", &[]);
    let issuer = provider.issuer();
    let denied = [
        ("error", "access_denied"),
        (
            "error_description",
            "The resource owner denied the request.",
        ),
        ("iss", &*issuer),
    ];
    visit(&waiting.answer(&denied));
    assert_eq!(waiting.finish().code, 5);
    let shown = cli.run(&["config", "show", "Work"]).json();
    assert_eq!(shown["settings"].get("adapted.resource"), None);
}

#[test]
fn a_resource_is_left_out_as_the_user_says() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &WITH);
    let waiting = SignIn::start(&cli, "login", &["--timeout", "1s"]);
    assert_eq!(waiting.parameter("resource"), RESOURCE);
    // The server shows its refusal in the browser, and nobody comes back.
    let late = waiting.finish().error();
    let hint = late["hint"].as_str().unwrap();
    assert!(hint.contains("AADSTS9010010"), "{hint}");
    let named = "keywright token get login --without-resource";
    assert!(hint.contains(named), "{hint}");
    let waiting = SignIn::start(&cli, "login", &["--without-resource"]);
    assert!(!waiting.address.as_str().contains("resource="));
    let issuer = provider.issuer();
    visit(&waiting.answer(&[("code", CODE), ("iss", &issuer)]));
    let token = waiting.finish().json();
    assert!(
        !provider
            .token_requests()
            .iter()
            .any(|form| has_resource(form))
    );
    // It is remembered as a refusal of the server is.
    let shown = cli.run(&["config", "show", "Work"]).json();
    assert_eq!(shown["settings"]["adapted.resource"], RESOURCE);
    let again = cli.run(&["token", "get", "login"]).json();
    assert_eq!(again["id"], token["id"]);
}

#[test]
fn a_sign_in_without_a_resource_has_the_usual_hint() {
    let provider = Provider::start();
    let cli = provider.client(FREE, &["--auth-method", "none"]);
    let waiting = SignIn::start(&cli, "login", &["--timeout", "1s"]);
    let hint = waiting.finish().error()["hint"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(!hint.contains("resource"), "{hint}");
}
