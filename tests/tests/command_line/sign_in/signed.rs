//! Authorization requests that the client signs (RFC 9101), and answers that the server signs (JARM), at oidc-provider.

use keywright_tests::{Cli, OidcProvider, SignIn};
use serde_json::Value;

use super::{
    provider::{FREE, visit},
    real::signed_in,
    register,
};

const KEY: [&str; 4] = ["--scope", "openid", "--auth-method", "private_key_jwt"];
const FILL: [(&str, &str); 2] = [("login", "tester"), ("password", "x")];

fn names(waiting: &SignIn) -> Vec<String> {
    let all = waiting.address.query_pairs();
    all.map(|(name, _)| name.into_owned()).collect()
}

#[test]
fn a_request_is_signed_where_the_server_requires_it() {
    let server = OidcProvider::with_signed_requests(false);
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let registered = register(&cli, "login", FREE, &KEY).json();
    let granted = &registered["granted"];
    assert_eq!(
        granted["request_object_signing_alg"], granted["token_endpoint_auth_signing_alg"],
        "{registered}"
    );
    let waiting = SignIn::start(&cli, "login", &[]);
    assert_eq!(
        names(&waiting),
        ["client_id", "response_type", "scope", "request"]
    );
    signed_in(waiting, &FILL);
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["id_token"]["signature"], "verified", "{shown}");
    // Without a key the next step is named.
    register(&cli, "secret", FREE, &["--scope", "openid"]).json();
    let refused = cli.run(&["token", "get", "secret"]);
    assert_eq!(refused.error()["code"], "sign_in_no_request_key");
    let hint = refused.error()["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("--auth-method private_key_jwt"), "{hint}");
}

#[test]
fn a_signed_request_is_pushed_where_the_server_requires_both() {
    let server = OidcProvider::with_signed_requests(true);
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "login", FREE, &KEY).json();
    let waiting = SignIn::start_pushed(&cli, "login");
    assert_eq!(names(&waiting), ["client_id", "request_uri"]);
    signed_in(waiting, &FILL);
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["id_token"]["signature"], "verified", "{shown}");
}

/// A client whose answers are signed.
fn signed_answers() -> (OidcProvider, Cli) {
    let server = OidcProvider::with_signed_answers();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let metadata = cli.folder().join("metadata.json");
    std::fs::write(
        &metadata,
        r#"{"authorization_signed_response_alg":"RS256"}"#,
    )
    .unwrap();
    let metadata = metadata.to_string_lossy();
    register(
        &cli,
        "login",
        FREE,
        &["--scope", "openid", "--metadata", &metadata],
    )
    .json();
    (server, cli)
}

#[test]
fn a_signed_answer_is_read_where_the_client_is_registered_for_it() {
    let (_server, cli) = signed_answers();
    let waiting = SignIn::start(&cli, "login", &[]);
    assert_eq!(waiting.parameter("response_mode"), "jwt");
    signed_in(waiting, &FILL);
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["id_token"]["signature"], "verified", "{shown}");
}

#[test]
fn t24_an_unsigned_code_does_not_replace_a_signed_answer() {
    let (server, cli) = signed_answers();
    let waiting = SignIn::start(&cli, "login", &[]);
    // Of another sign-in: it goes on.
    visit(&waiting.answer(&[("code", "evil"), ("state", "another")]));
    visit(&waiting.answer(&[
        ("response", "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6ImEifQ."),
        ("state", "another"),
    ]));
    let (status, page) = visit(&waiting.answer(&[("code", "evil"), ("iss", &server.issuer)]));
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Not signed in"), "{page}");
    let output = waiting.finish();
    assert_eq!(output.code, 8, "{output:?}");
    let error = output.error();
    assert_eq!(error["code"], "sign_in_signed_answer", "{error}");
    assert!(
        error["message"].as_str().unwrap().contains("unsigned"),
        "{error}"
    );
    let sent = cli.run(&["activity", "list", "--limit", "200"]).json();
    let tokens = |one: &&Value| {
        one["path"]
            .as_str()
            .is_some_and(|path| path.ends_with("/token"))
    };
    assert_eq!(
        sent["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(tokens)
            .count(),
        0,
        "{sent}"
    );
}
