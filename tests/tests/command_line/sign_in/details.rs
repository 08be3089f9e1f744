//! Authorization details (RFC 9396) at oidc-provider: for the client itself and after a sign-in.

use keywright_tests::{Cli, OidcProvider, SignIn};
use serde_json::{Value, json};

use super::{provider::FREE, real::signed_in, register};

fn file(cli: &Cli, name: &str, details: &Value) -> String {
    let path = cli.folder().join(name);
    std::fs::write(&path, details.to_string()).unwrap();
    path.to_string_lossy().into_owned()
}

/// The types that a client may ask for are part of its registration (RFC 9396 §10).
fn types(cli: &Cli) -> String {
    file(
        cli,
        "types.json",
        &json!({ "authorization_details_types": ["payment"] }),
    )
}

/// The client `pay`, which gets tokens for payments.
fn paying() -> (OidcProvider, Cli) {
    let server = OidcProvider::with_authorization_details();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let types = types(&cli);
    let make = [
        "app",
        "register",
        "pay",
        "--config",
        "Work",
        "--grant",
        "client_credentials",
    ];
    cli.run(&[&make[..], &["--metadata", &types]].concat())
        .json();
    (server, cli)
}

#[test]
fn details_are_kept_with_an_application() {
    let (_server, cli) = paying();
    let details = json!([{ "type": "payment", "amount": 40 }]);
    let asked = file(&cli, "details.json", &details);
    let get = |more: &[&str]| cli.run(&[&["token", "get", "pay"], more].concat());
    let keep = ["--authorization-details", &asked, "--keep-details"];
    get(&keep).json();
    let shown = cli.run(&["app", "show", "pay"]).json();
    assert_eq!(shown["authorization_details"], details, "{shown}");
    // Later requests mean the same token.
    assert_eq!(get(&[]).json()["from_cache"], true);
    let plain = get(&["--without-details"]).json();
    assert_eq!(plain["from_cache"], false, "{plain}");
    // What is refused is not kept.
    let loan = file(&cli, "loan.json", &json!([{ "type": "loan" }]));
    let refused = get(&["--authorization-details", &loan, "--keep-details"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(get(&[]).json()["from_cache"], true);
    get(&["--without-details", "--keep-details"]).json();
    let shown = cli.run(&["app", "show", "pay"]).json();
    assert_eq!(shown["authorization_details"], json!(null), "{shown}");
    assert_eq!(get(&["--keep-details"]).code, 2);
}

#[test]
fn a_client_gets_a_token_for_what_it_asks_for_in_detail() {
    let (_server, cli) = paying();
    let details = json!([{ "type": "payment", "amount": 40, "to": "a & b" }]);
    let asked = file(&cli, "details.json", &details);
    let get = |more: &[&str]| cli.run(&[&["token", "get", "pay"], more].concat());
    let first = get(&["--authorization-details", &asked]).json();
    assert_eq!(first["from_cache"], false, "{first}");
    let shown = cli.run(&["token", "show", "pay"]).json();
    assert_eq!(shown["authorization_details"], details, "{shown}");
    // It is used again for the same question, and for no other.
    assert_eq!(
        get(&["--authorization-details", &asked]).json()["from_cache"],
        true
    );
    assert_eq!(get(&[]).json()["from_cache"], false);
    let less = json!([{ "type": "payment", "amount": 4 }]);
    let less = file(&cli, "less.json", &less);
    assert_eq!(
        get(&["--authorization-details", &less]).json()["from_cache"],
        false
    );
    // The server's own words, and a next step.
    for (wanted, said) in [
        (
            json!([{ "type": "payment", "amount": 400 }]),
            "amount is over 100",
        ),
        (
            json!([{ "type": "loan" }]),
            "unsupported authorization details type",
        ),
    ] {
        let wanted = file(&cli, "refused.json", &wanted);
        let refused = get(&["--authorization-details", &wanted]);
        assert_eq!(refused.code, 5, "{refused:?}");
        let error = refused.error();
        assert_eq!(
            error["provider"]["error"], "invalid_authorization_details",
            "{error}"
        );
        assert!(
            error["provider"]["description"]
                .as_str()
                .unwrap()
                .contains(said),
            "{error}"
        );
        assert!(error["hint"].as_str().unwrap().contains("type"), "{error}");
    }
}

#[test]
fn details_that_are_no_array_of_types_are_not_sent() {
    let (_server, cli) = paying();
    for wrong in [
        "{",
        "{}",
        "[]",
        "[1]",
        r#"[{"type":""}]"#,
        r#"[{"type":"a"},{}]"#,
    ] {
        let path = cli.folder().join("wrong.json");
        std::fs::write(&path, wrong).unwrap();
        let path = path.to_string_lossy();
        let refused = cli.run(&["token", "get", "pay", "--authorization-details", &path]);
        assert_eq!(refused.code, 2, "{wrong}: {refused:?}");
        assert_eq!(refused.error()["code"], "authorization_details", "{wrong}");
    }
}

#[test]
fn a_user_agrees_to_what_is_asked_for_in_detail() {
    let server = OidcProvider::with_authorization_details();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let types = types(&cli);
    let more = ["--scope", "openid", "--metadata", &types];
    register(&cli, "login", FREE, &more).json();
    let details = json!([{ "type": "payment", "amount": 40 }]);
    let asked = file(&cli, "details.json", &details);
    let waiting = SignIn::start(&cli, "login", &["--authorization-details", &asked]);
    let sent: Value = serde_json::from_str(&waiting.parameter("authorization_details")).unwrap();
    assert_eq!(sent, details);
    let got = signed_in(waiting, &[("login", "tester"), ("password", "x")]);
    assert_eq!(got["from_cache"], false, "{got}");
    let shown = cli.run(&["token", "show", "login"]).json();
    assert_eq!(shown["authorization_details"], details, "{shown}");
}
