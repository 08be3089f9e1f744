//! Tokens, and what is asked about them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keywright_tests::ScriptedServer;
use serde_json::json;

use super::{answering, called, client, configured, registered, server, token, token_of};

#[test]
fn a_success_without_a_token_has_the_words_of_the_server() {
    let said = json!({ "status": "error", "msg": "The application is disabled", "data": null });
    let error = token_of(&said).error();
    assert_eq!(error["provider"]["description"], said["msg"], "{error}");
    let in_place = json!({ "access_token": "error: invalid client_secret", "token_type": "" });
    let error = token_of(&in_place).error();
    assert_eq!(error["code"], "provider_refused", "{error}");
    assert_eq!(error["provider"]["description"], "invalid client_secret");
}

#[test]
fn a_client_that_is_refused_in_another_word_is_explained() {
    for (status, code) in [
        (200, "incorrect_client_credentials"),
        (200, "bad_client_secret"),
        (401, "INVALID_CLIENT"),
    ] {
        let body = json!({ "ok": false, "error": code });
        let server = answering("/token", ScriptedServer::json(status, &body));
        let error = registered(&server).run(&["token", "get", "orders"]).error();
        assert!(error["cause"]["kind"].is_string(), "{error}");
        assert_ne!(error["cause"]["kind"], "in_between", "{error}");
        assert_eq!(error["provider"]["error"], code, "{error}");
    }
}

#[test]
fn a_token_is_read_under_other_names() {
    for (answer, lasts) in [
        (
            json!({ "accessToken": "t0ken-of-c1", "expiresIn": 300, "tokenType": "Bearer" }),
            true,
        ),
        (json!({ "token": "t0ken-of-c1", "expires_in": "300" }), true),
        (
            json!({ "access_token": "Bearer t0ken-of-c1\n", "expires_at": "2099-01-01T00:00:00Z" }),
            true,
        ),
        (
            json!({ "access_token": "t0ken-of-c1", "expires": "300" }),
            true,
        ),
        (
            json!({ "access_token": "t0ken-of-c1", "expires": "2099-01-01T00:00:00Z" }),
            true,
        ),
        (
            json!({ "access_token": "t0ken-of-c1", "expires_in": "1h" }),
            true,
        ),
        (
            json!({ "access_token": "t0ken-of-c1", "expires_on": "1" }),
            false,
        ),
    ] {
        let token = token_of(&answer).json();
        assert_eq!(token["access_token"], "t0ken-of-c1", "{answer}");
        assert_eq!(token["token_type"], "Bearer", "{answer}");
        let left = token["expires_in"].as_i64();
        assert_eq!(left.map(|left| left > 200), Some(lasts), "{token}");
    }
}

#[test]
fn scopes_with_commas_between_them_are_granted() {
    let mut made = client();
    made["scope"] = "repo,gist".into();
    let mut answer = token();
    answer["scope"] = "repo,gist".into();
    let server = server(move |_, request| match request.path() {
        "/register" => Some(ScriptedServer::json(201, &made)),
        "/token" => {
            let asked = request.field("scope");
            (asked.as_deref() == Some("repo gist")).then(|| ScriptedServer::json(200, &answer))
        }
        _ => None,
    });
    let cli = configured(&server);
    let scopes = ["--scope", "repo", "--scope", "gist"];
    let made = cli.register("orders", "Work", &scopes).json();
    assert_eq!(made["warnings"], json!([]), "{made}");
    let token = cli.run(&["token", "get", "orders"]).json();
    assert_eq!(token["scope"], "repo gist", "{token}");
}

#[test]
fn a_token_of_the_type_dpop_is_asked_for_again_with_a_proof() {
    let mut answer = token();
    answer["token_type"] = "DPoP".into();
    let server = answering("/token", ScriptedServer::json(200, &answer));
    let cli = registered(&server);
    cli.run(&["token", "get", "orders"]).json();
    let seen = called(&cli, &server);
    assert_eq!(
        seen,
        json!({ "authorization": "DPoP t0ken-of-c1", "proof": true })
    );
}

#[test]
fn a_token_that_is_none_is_called_so() {
    let mut answer = token();
    answer["token_type"] = "N_A".into();
    let server = answering("/token", ScriptedServer::json(200, &answer));
    let cli = registered(&server);
    let url = format!("{}/api", server.issuer);
    let error = cli.run(&["call", "GET", &url, "--app", "orders"]).error();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("not an access token"), "{error}");
}

#[test]
fn userinfo_is_asked_for_by_the_other_method() {
    let server = server(|_, request| {
        let user = json!({ "sub": "u1", "email": "u@example.com" });
        (request.path() == "/userinfo").then(|| match request.method.as_str() {
            "POST" => ScriptedServer::json(200, &user),
            _ => ScriptedServer::reply(405, &[("Allow", "POST")], b""),
        })
    });
    let cli = registered(&server);
    cli.run(&["token", "get", "orders"]).json();
    let user = cli.run(&["token", "userinfo", "orders"]).json();
    assert!(user.to_string().contains("u@example.com"), "{user}");
}

#[test]
fn an_error_of_userinfo_with_status_200_is_a_refusal() {
    let said = json!({ "error": "invalid_token", "error_description": "The token has ended" });
    let server = answering("/userinfo", ScriptedServer::json(200, &said));
    let cli = registered(&server);
    cli.run(&["token", "get", "orders"]).json();
    let error = cli.run(&["token", "userinfo", "orders"]).error();
    assert_eq!(error["provider"]["description"], said["error_description"]);
}

#[test]
fn a_scope_that_the_answer_leaves_out_is_the_requested_one() {
    let server = answering("/token", ScriptedServer::json(200, &token()));
    let cli = registered(&server);
    let get = ["token", "get", "orders", "--scope", "a"];
    let shown = cli.run_text(&get, "C.UTF-8");
    assert!(
        shown.out.contains("scope         a (as requested)\n"),
        "{shown:?}"
    );
    let all = cli.run(&["token", "list"]).json();
    assert_eq!(all["items"][0]["scope_is_asked"], true, "{all}");
}

#[test]
fn encrypted_userinfo_is_called_so() {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#);
    let body = format!("{header}.a.b.c.d");
    let kind = [("Content-Type", "application/jwt")];
    let server = answering(
        "/userinfo",
        ScriptedServer::reply(200, &kind, body.as_bytes()),
    );
    let cli = registered(&server);
    cli.run(&["token", "get", "orders"]).json();
    let error = cli.run(&["token", "userinfo", "orders"]).error();
    assert_eq!(error["code"], "userinfo_encrypted", "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("RSA-OAEP, A128GCM"), "{message}");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("userinfo_encrypted_response_alg"), "{hint}");
}

#[test]
fn an_introspection_within_an_envelope_is_read() {
    let answer = json!({ "status": "ok", "data": { "active": false } });
    let server = answering("/introspection", ScriptedServer::json(200, &answer));
    let cli = registered(&server);
    cli.run(&["token", "get", "orders"]).json();
    let seen = cli.run(&["token", "introspect", "orders"]).json();
    assert_eq!(seen["active"], false, "{seen}");
}

#[test]
fn a_token_endpoint_that_moved_for_good_is_named_with_its_setting() {
    let moved = ScriptedServer::reply(308, &[("Location", "/token/")], b"");
    let server = answering("/token", moved);
    let error = registered(&server).run(&["token", "get", "orders"]).error();
    assert_eq!(error["code"], "redirect", "{error}");
    assert!(
        error["hint"].as_str().unwrap().contains("token_endpoint"),
        "{error}"
    );
}
