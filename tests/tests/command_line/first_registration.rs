//! The first registration with the fewest options: what is asked for is what the server has.

use keywright_tests::{Browser, Cli, PickyServer, SignIn, real};
use serde_json::{Value, json};

fn at(issuer: &str) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", issuer, &[]);
    cli
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the answer of a server that answers"
)]
fn accepted(body: &Value) -> Option<(u16, Value)> {
    let mut answer = body.clone();
    answer["client_id"] = json!("c1");
    if body["token_endpoint_auth_method"] != "none" {
        answer["client_secret"] = json!("s3cret-of-c1");
    }
    Some((201, answer))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the answer of a server that answers"
)]
fn refused(text: &str) -> Option<(u16, Value)> {
    let error = json!({ "error": "invalid_client_metadata", "error_description": text });
    Some((400, error))
}

/// Signs in by the first command after a registration without a grant.
fn signs_in(server: &real::Server) -> Cli {
    let cli = at(&server.text("issuer"));
    let made = cli.run(&["app", "register", "orders", "--config", "Work"]);
    assert_eq!(made.code, 0, "{made:?}");
    let made = made.json();
    let note = made["note"].as_str().unwrap();
    assert!(note.contains("Registered for sign-in"), "{note}");
    let grants = made["granted"]["grant_types"].as_array().unwrap();
    assert!(grants.contains(&json!("authorization_code")), "{made}");
    let waiting = SignIn::start(&cli, "orders", &[]);
    assert!(
        waiting
            .parameter("redirect_uri")
            .starts_with("http://127.0.0.1:")
    );
    let page = Browser::new().open(&waiting.address);
    assert_eq!(page.status, 200, "{page:?}");
    let token = waiting.finish().json();
    assert!(token["id"].is_string(), "{token}");
    cli
}

#[test]
fn a_server_with_sign_ins_alone_gets_a_client_for_them() {
    signs_in(&real::Server::mcp());
    let server = real::Server::mcp_python();
    let cli = signs_in(&server);
    cli.run(&["token", "revoke", "orders"]).json();
    // Its revocation wants identifier and secret in the form, whatever the method.
    for method in ["client_secret_basic", "none"] {
        let given = ["--auth-method", method];
        cli.run(&[&["app", "register", method, "--config", "Work"][..], &given].concat())
            .json();
        let waiting = SignIn::start(&cli, method, &[]);
        Browser::new().open(&waiting.address);
        waiting.finish().json();
        let revoked = cli.run(&["token", "revoke", method]);
        assert_eq!(revoked.code, 0, "{method}: {revoked:?} {}", server.log());
    }
}

#[test]
fn client_credentials_that_are_refused_become_a_sign_in() {
    let server = PickyServer::start(json!({}), |body| {
        let asked = body["grant_types"].as_array().unwrap();
        if asked.contains(&json!("client_credentials")) {
            return refused("Unsupported grant type: client_credentials");
        }
        accepted(body)
    });
    let cli = at(&server.issuer);
    let plain = ["app", "register", "orders", "--config", "Work"];
    let made = cli.run(&plain).json();
    assert!(made["note"].as_str().unwrap().contains("refused"), "{made}");
    let sent = server.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(
        sent[1]["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(sent[1]["application_type"], "native");
    let redirect = sent[1]["redirect_uris"][0].as_str().unwrap();
    assert!(redirect.starts_with("http://127.0.0.1:"), "{redirect}");
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    // The next one is for users at once, and the configuration says so.
    let more = cli.run(&["app", "register", "more", "--config", "Work"]);
    assert!(more.json()["note"].as_str().unwrap().contains("before"));
    assert_eq!(server.sent().len(), 3);
    let shown = cli.run(&["config", "show", "Work"]).json();
    assert_eq!(
        shown["settings"]["adapted.grant_types"],
        "authorization_code"
    );
    // What the user asked for is sent as it is.
    let given = ["--grant", "client_credentials"];
    let error = cli.run(
        &[
            &["app", "register", "given", "--config", "Work"][..],
            &given,
        ]
        .concat(),
    );
    assert_eq!(error.code, 5, "{error:?}");
    assert_eq!(server.sent().len(), 4);
}

#[test]
fn a_server_that_lists_client_credentials_gets_a_client_for_them() {
    let listed = json!({ "grant_types_supported": ["authorization_code", "client_credentials"] });
    for metadata in [listed, json!({})] {
        let server = PickyServer::start(metadata, accepted);
        let cli = at(&server.issuer);
        let made = cli
            .run(&["app", "register", "orders", "--config", "Work"])
            .json();
        assert_eq!(made["note"], json!(null));
        assert_eq!(
            server.sent()[0]["grant_types"],
            json!(["client_credentials"])
        );
    }
}

#[test]
fn members_of_ours_that_a_validator_refuses_are_left_out() {
    let listed = json!({
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "scopes_supported": ["read", "offline_access"],
    });
    // One finding at a time, as many validators have it.
    let server = PickyServer::start(listed, |body| {
        for member in ["application_type", "response_types"] {
            if body.get(member).is_some() {
                return refused(&format!("Unrecognized key(s) in object: '{member}'"));
            }
        }
        if body["scope"]
            .as_str()
            .is_some_and(|scope| scope.contains("offline_access"))
        {
            return refused("Scope offline_access is not allowed");
        }
        accepted(body)
    });
    let cli = at(&server.issuer);
    let scope = ["--scope", "read"];
    let made = cli.run(
        &[
            &["app", "register", "orders", "--config", "Work"][..],
            &scope,
        ]
        .concat(),
    );
    assert_eq!(made.code, 0, "{made:?}");
    let made = made.json();
    let sent = server.sent();
    let last = sent.last().unwrap();
    // Nothing of what was asked for is missing.
    assert_eq!(last["scope"], "read");
    assert_eq!(
        last["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert!(last.get("application_type").is_none());
    assert_eq!(made["adapted"]["attempts"].as_array().unwrap().len(), 3);
    // It is remembered.
    cli.run(&[&["app", "register", "more", "--config", "Work"][..], &scope].concat())
        .json();
    assert_eq!(server.sent().len(), sent.len() + 1);
}

#[test]
fn scopes_that_are_refused_are_explained_by_those_that_are_listed() {
    let listed = json!({ "scopes_supported": ["read", "write"] });
    let server = PickyServer::start(listed, |body| match body["scope"].as_str() {
        Some(scope) if scope.contains("admin") => refused("Requested scopes are not valid: admin"),
        _ => accepted(body),
    });
    let cli = at(&server.issuer);
    let scopes = ["--scope", "read", "--scope", "admin"];
    let plain = ["app", "register", "orders", "--config", "Work"];
    let error = cli.run(&[&plain[..], &scopes].concat()).error();
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("read, write"), "{hint}");
    // What the user asked for was sent once, and the named command works.
    assert_eq!(server.sent().len(), 1);
    let command = hint.split('`').nth(1).unwrap();
    assert_eq!(
        command,
        "keywright app register orders --config Work --scope read"
    );
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    cli.run(&words).json();
}

#[test]
fn members_that_were_sent_are_not_called_added() {
    let server = PickyServer::start(json!({}), accepted);
    let cli = at(&server.issuer);
    let made = cli
        .run(&["app", "register", "orders", "--config", "Work"])
        .json();
    let sent = &server.sent()[0];
    for member in [
        "response_types",
        "redirect_uris",
        "token_endpoint_auth_method",
    ] {
        assert_eq!(made["requested"][member], sent[member], "{made}");
    }
}

/// oidc-provider with `clientAuthMethods: ['private_key_jwt']`.
#[test]
fn a_key_is_made_where_the_server_lists_assertions_alone() {
    let members = json!({
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    });
    let server = PickyServer::start(members, |body| {
        match body["token_endpoint_auth_method"].as_str() {
            Some("private_key_jwt") => accepted(body),
            _ => refused("token_endpoint_auth_method must be 'private_key_jwt'"),
        }
    });
    for grant in [&[][..], &["--grant", "client_credentials"]] {
        let cli = at(&server.issuer);
        let words = [&["app", "register", "orders", "--config", "Work"], grant].concat();
        let made = cli.run(&words).json();
        assert_eq!(
            made["granted"]["grant_types"],
            json!(["client_credentials"])
        );
        let keys = cli.run(&["key", "list", "orders"]).json();
        assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1), "{keys}");
    }
    assert_eq!(server.sent().len(), 2, "at the first request");
}
