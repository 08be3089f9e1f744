//! Tokens for an assertion or a token of somebody else, and clients by their metadata document.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keywright_tests::{Cli, Received, ScriptedServer, SignIn};
use serde_json::{Value, json};

use super::{answered, api::Api};
use crate::sign_in::provider::Provider;

const GIVEN: &str = "g1ven-t0ken-of-somebody-else-77c1";

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A vault with the public client `app` at this issuer.
fn client(provider: &Provider) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &provider.issuer(), &[]);
    let adopt = ["app", "adopt", "app", "--config", "Work"];
    let known = [
        "--client-id",
        "c-7",
        "--auth-method",
        "none",
        "--grant",
        JWT_BEARER,
    ];
    cli.run(&[&adopt[..], &known].concat()).json();
    cli
}

fn field(form: &[(String, String)], name: &str) -> Option<String> {
    let found = form.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

#[test]
fn a_token_is_exchanged_for_another() {
    let provider = Provider::start();
    let cli = client(&provider);
    let get = ["token", "get", "app", "--grant", "token-exchange"];
    let more = [
        "--subject-token",
        "env:GIVEN",
        "--subject-token-type",
        "id_token",
    ];
    let more = [&more[..], &["--requested-token-type", "id-jag"]].concat();
    let more = [
        &more[..],
        &["--audience", "https://id.example", "--resource", "urn:a"],
    ]
    .concat();
    let exchange = [&get[..], &more].concat();
    cli.run_env(&exchange, "GIVEN", GIVEN).json();
    let form = &provider.token_requests()[0];
    for (name, value) in [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", GIVEN),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:id_token",
        ),
        (
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:id-jag",
        ),
        ("audience", "https://id.example"),
        ("resource", "urn:a"),
        ("client_id", "c-7"),
    ] {
        assert_eq!(field(form, name).as_deref(), Some(value), "{form:?}");
    }
    // Always a new one: the last may be that of another subject.
    cli.run_env(&exchange, "GIVEN", GIVEN).json();
    assert_eq!(provider.token_requests().len(), 2);
}

#[test]
fn an_assertion_is_exchanged_for_a_token() {
    let provider = Provider::start();
    let cli = client(&provider);
    let get = ["token", "get", "app", "--grant", "jwt-bearer"];
    let none = cli.run(&get);
    assert_eq!(none.code, 2, "{none:?}");
    assert_eq!(none.error()["code"], "assertion_needed");
    let given = [&get[..], &["--assertion", "env:GIVEN"]].concat();
    cli.run_env(&given, "GIVEN", GIVEN).json();
    let form = &provider.token_requests()[0];
    assert_eq!(field(form, "assertion").as_deref(), Some(GIVEN), "{form:?}");
    // What came of it is used until it expires.
    assert_eq!(cli.run(&get).json()["from_cache"], true);
    // The newest token of an application is an assertion as well.
    let adopt = ["app", "adopt", "second", "--config", "Work"];
    let known = ["--client-id", "c-8", "--auth-method", "none"];
    cli.run(&[&adopt[..], &known].concat()).json();
    let pair = [
        "token",
        "get",
        "second",
        "--grant",
        "jwt-bearer",
        "--assertion-app",
        "app",
    ];
    cli.run(&pair).json();
    let form = &provider.token_requests()[1];
    let value = field(form, "assertion");
    assert_eq!(value.as_deref(), Some("acc3ss-t0ken-of-the-sign-in"));
}

#[test]
fn a_saml_assertion_is_exchanged_for_a_token() {
    let provider = Provider::start();
    let cli = client(&provider);
    let xml = "<saml:Assertion ID=\"a\">s4ml-assertion ~é?></saml:Assertion>";
    let file = cli.folder().join("assertion.xml");
    std::fs::write(&file, format!("{xml}\n")).unwrap();
    let source = format!("file:{}", file.display());
    let get = ["token", "get", "app", "--grant", "saml2-bearer"];
    cli.run(&[&get[..], &["--assertion", &source]].concat())
        .json();
    let form = &provider.token_requests()[0];
    let grant = "urn:ietf:params:oauth:grant-type:saml2-bearer";
    assert_eq!(
        field(form, "grant_type").as_deref(),
        Some(grant),
        "{form:?}"
    );
    let sent = field(form, "assertion").unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(&sent).unwrap(), xml.as_bytes());
    let all = cli.run(&["activity", "list"]).json();
    for one in all["items"].as_array().unwrap() {
        let shown = cli.run(&["activity", "show", one["id"].as_str().unwrap()]);
        assert!(
            !shown.out.contains(&sent) && !shown.out.contains("s4ml"),
            "{}",
            shown.out
        );
    }
}

#[test]
fn t28_what_is_exchanged_is_in_no_record() {
    let provider = Provider::start();
    let cli = client(&provider);
    let jwt = [
        "token",
        "get",
        "app",
        "--grant",
        "jwt-bearer",
        "--assertion",
        "env:GIVEN",
    ];
    cli.run_env(&jwt, "GIVEN", GIVEN).json();
    let exchange = ["token", "get", "app", "--grant", "token-exchange"];
    let tokens = ["--subject-token", "env:GIVEN", "--actor-token", "env:GIVEN"];
    cli.run_env(&[&exchange[..], &tokens].concat(), "GIVEN", GIVEN)
        .json();
    *provider.token.lock().unwrap() =
        json!({ "error": "invalid_grant", "error_description": GIVEN });
    let refused = cli.run_env(&jwt, "GIVEN", GIVEN);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(!refused.err.contains(GIVEN), "{refused:?}");
    let list = cli.run(&["activity", "list"]);
    assert!(!list.out.contains(GIVEN), "{list:?}");
    let exchanges = list.json()["items"].as_array().unwrap().clone();
    assert!(exchanges.len() >= 3);
    for one in exchanges {
        let shown = cli.run(&["activity", "show", one["id"].as_str().unwrap()]);
        assert!(!shown.out.contains(GIVEN), "{shown:?}");
    }
    // Typed as an argument, it is refused and not repeated.
    let typed = cli.run(&[
        "token",
        "get",
        "app",
        "--grant",
        "jwt-bearer",
        "--assertion",
        GIVEN,
    ]);
    assert_eq!(typed.error()["code"], "secret_argument");
    assert!(!typed.err.contains(GIVEN), "{typed:?}");
}

#[test]
fn a_token_that_names_no_access_token_is_not_sent_to_an_api() {
    let provider = Provider::start();
    *provider.token.lock().unwrap() = json!({
        "access_token": "id-jag-t0ken", "token_type": "N_A", "expires_in": 300,
        "issued_token_type": "urn:ietf:params:oauth:token-type:id-jag",
    });
    let api = Api::start(&provider.issuer());
    let cli = client(&provider);
    let get = [
        "token",
        "get",
        "app",
        "--grant",
        "jwt-bearer",
        "--assertion",
        "env:GIVEN",
    ];
    cli.run_env(&get, "GIVEN", GIVEN).json();
    let refused = cli.run(&["call", &api.at("/orders"), "--app", "app"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(api.credentials(), [""; 0]);
}

/// A server of the document that `cimd write` prints.
fn published(change: impl Fn(&mut Value) + Send + Sync + 'static) -> ScriptedServer {
    let cli = Cli::new();
    ScriptedServer::start(move |origin, request: &Received| {
        let address = format!("{origin}/client.json");
        let write = ["cimd", "write", &address, "--name", "Tester"];
        let redirect = ["--redirect-uri", "http://127.0.0.1/published"];
        let mut document = cli.run(&[&write[..], &redirect].concat()).json();
        change(&mut document);
        match request.path() {
            "/client.json" => ScriptedServer::json(200, &document),
            _ => ScriptedServer::reply(302, &[("Location", "/client.json")], b""),
        }
    })
}

#[test]
fn a_written_document_passes_its_own_check() {
    let server = published(|_| {});
    let cli = Cli::new();
    let address = format!("{}/client.json", server.issuer);
    let report = cli.run(&["cimd", "check", &address]).json();
    assert_eq!(report["ok"], true, "{report}");
    assert_eq!(report["checks"].as_array().unwrap().len(), 9);
    // No server follows a redirect to it, and neither does this.
    let moved = format!("{}/moved.json", server.issuer);
    let output = cli.run(&["cimd", "check", &moved]);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(
        output.out.contains("does not answer with status 200"),
        "{output:?}"
    );
    let wrong = cli.run(&["cimd", "write", "https://app.example/", "--name", "x"]);
    assert_eq!(wrong.error()["code"], "document_address");
}

#[test]
fn connect_uses_a_document_where_the_server_accepts_them() {
    let provider = Provider::with(|metadata| {
        metadata["client_id_metadata_document_supported"] = true.into();
        metadata["token_endpoint_auth_methods_supported"] = json!(["none"]);
    });
    let api = Api::start(&provider.issuer());
    let server = published(|_| {});
    let document = format!("{}/client.json", server.issuer);
    let cli = Cli::with_vault();
    let address = api.at("/orders");
    let connect = ["connect", &address, "--yes", "--client-document", &document];
    let waiting = SignIn::of(&mut cli.command(&connect));
    assert_eq!(waiting.parameter("client_id"), document);
    assert!(waiting.parameter("redirect_uri").ends_with("/published"));
    answered(waiting, &provider).json();
    let form = &provider.token_requests()[0];
    assert_eq!(field(form, "client_id"), Some(document));

    // One that the server would refuse is not tried.
    let bad = published(|document| document["client_id"] = "https://evil.example/c".into());
    let bad = format!("{}/client.json", bad.issuer);
    let cli = Cli::with_vault();
    let refused = cli.run(&["connect", &address, "--yes", "--client-document", &bad]);
    assert_eq!(refused.error()["code"], "document_refused");
    // Nor is any where the server accepts none.
    let provider = Provider::start();
    let api = Api::start(&provider.issuer());
    let address = api.at("/orders");
    let refused = cli.run(&["connect", &address, "--yes", "--client-document", &bad]);
    assert_eq!(refused.error()["code"], "connect_document_not_accepted");
}

/// Two clients that were registered elsewhere take turns at one address.
#[test]
fn each_given_client_is_found_again() {
    let server = ScriptedServer::start(|issuer, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            ScriptedServer::json(200, &ScriptedServer::metadata(issuer))
        }
        "/token" => ScriptedServer::json(
            200,
            &json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 300 }),
        ),
        _ => ScriptedServer::json(404, &json!({})),
    });
    let cli = Cli::with_vault();
    let connect = |client: &str, name: &str| {
        let words = ["connect", &server.issuer, "--client-id", client, "--name"];
        let rest = [name, "--client-secret", "env:GIVEN", "--yes", "--grant"];
        let words = [&words[..], &rest, &["client_credentials"]].concat();
        cli.run_env(&words, "GIVEN", GIVEN).json()["application"].take()
    };
    for (client, name) in [
        ("c-1", "one"),
        ("c-2", "two"),
        ("c-1", "one"),
        ("c-2", "two"),
    ] {
        assert_eq!(connect(client, name), name);
    }
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 2);
}
