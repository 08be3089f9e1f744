#![allow(clippy::unwrap_used, reason = "tests")]
use std::collections::HashMap;

use super::*;

const ISSUER: &str = "https://id.example/";

fn pending(scopes: &[&str]) -> PendingAuthorization {
    PendingAuthorization::begin(AuthorizationRequest {
        endpoint: "https://id.example/authorize?tenant=1".parse().unwrap(),
        client_id: "c 1".into(),
        redirect_uri: "http://127.0.0.1:4711/callback".into(),
        scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
        extra: vec![
            ("resource".into(), "urn:a".into()),
            ("resource".into(), "urn:b".into()),
        ],
    })
    .unwrap()
}

fn expected(is_required: bool) -> ExpectedIssuer {
    ExpectedIssuer {
        issuer: ISSUER.into(),
        is_required,
    }
}

fn sent(pending: &PendingAuthorization) -> HashMap<String, String> {
    pending.url.query_pairs().into_owned().collect()
}

fn query(pending: &PendingAuthorization, more: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("state", pending.state.secret());
    for (name, value) in more {
        form.append_pair(name, value);
    }
    form.finish()
}

#[test]
fn t25_an_authorization_request_has_a_challenge_by_s256() {
    let pending = pending(&["orders:read"]);
    let sent = sent(&pending);
    assert_eq!(sent["code_challenge_method"], "S256");
    assert_eq!(sent["response_type"], "code");
    assert_eq!(sent["client_id"], "c 1");
    assert_eq!(sent["redirect_uri"], "http://127.0.0.1:4711/callback");
    assert_eq!(sent["scope"], "orders:read");
    assert_eq!(sent["tenant"], "1");
    assert_eq!(sent["code_challenge"].len(), 43);
    assert!(sent["state"].len() >= 22);
    assert!(!sent.contains_key("nonce"));
    assert!(!sent.contains_key("prompt"));
    let resources = pending.url.query_pairs().filter(|(n, _)| n == "resource");
    assert_eq!(resources.count(), 2);
    // Nothing of it is in a debug print.
    let shown = format!("{:?}", (&pending.state, &pending.verifier));
    assert!(!shown.contains(&*sent["state"]), "{shown}");
    let grant = pending_answer();
    assert!(!format!("{grant:?}").contains("c0de"), "{grant:?}");
}

fn pending_answer() -> CodeGrant {
    let pending = pending(&[]);
    let query = query(&pending, &[("code", "c0de"), ("iss", ISSUER)]);
    pending.answered(&query, &expected(true)).unwrap()
}

#[test]
fn openid_asks_with_a_nonce() {
    let sent = sent(&pending(&[OPENID, OFFLINE_ACCESS]));
    assert!(sent["nonce"].len() >= 22);
    assert_ne!(sent["nonce"], sent["state"]);
    assert_eq!(sent["prompt"], "consent");
}

#[test]
fn t24_a_code_is_taken_from_the_answer_to_its_own_request() {
    let grant = pending_answer();
    assert_eq!(grant.code.expose(), "c0de");
    assert_eq!(grant.verifier.expose().len(), 43);
    let other = pending(&[]);
    for query in [
        "code=c0de",
        "code=c0de&state=",
        "code=c0de&state=another",
        &format!("code=c0de&{}&state=x", query(&other, &[])),
    ] {
        assert!(!other.is_mine(query), "{query}");
        let mine = pending(&[]);
        assert_eq!(
            mine.answered(query, &expected(false)).unwrap_err(),
            AnswerError::State,
            "{query}"
        );
    }
}

#[test]
fn t24_another_issuer_is_refused_letter_by_letter() {
    for (named, required, fine) in [
        (Some("https://id.example/"), true, true),
        (Some("https://id.example/"), false, true),
        (Some("https://id.example"), false, false),
        (Some("https://ID.example/"), true, false),
        (Some("https://evil.example/"), false, false),
        (None, false, true),
        (None, true, false),
    ] {
        let pending = pending(&[]);
        let mut more = vec![("code", "c")];
        more.extend(named.map(|named| ("iss", named)));
        let query = query(&pending, &more);
        let outcome = pending.answered(&query, &expected(required));
        assert_eq!(outcome.is_ok(), fine, "{named:?} {required}: {outcome:?}");
        if let Err(error) = outcome {
            let named = named.map(str::to_owned);
            let expected = ISSUER.to_owned();
            assert_eq!(error, AnswerError::Issuer { expected, named });
        }
    }
    // A refusal of another issuer is not passed on either.
    let pending = pending(&[]);
    let query = query(&pending, &[("error", "x"), ("iss", "https://evil.example")]);
    let error = pending.answered(&query, &expected(true)).unwrap_err();
    assert!(matches!(error, AnswerError::Issuer { .. }));
}

#[test]
fn a_refusal_that_leaves_out_the_issuer_is_passed_on() {
    let pending = pending(&[]);
    let query = query(&pending, &[("error", "unauthorized_client")]);
    let error = pending.answered(&query, &expected(true)).unwrap_err();
    assert!(
        matches!(&error, AnswerError::Refused { words }
            if words.error.as_deref() == Some("unauthorized_client")),
        "{error:?}"
    );
}

#[test]
fn a_refusal_keeps_the_words_of_the_server() {
    let pending = pending(&[]);
    let more = [("error", "access_denied"), ("error_description", "No way")];
    let query = query(&pending, &more);
    let AnswerError::Refused { words } = pending.answered(&query, &expected(false)).unwrap_err()
    else {
        unreachable!("refused");
    };
    assert_eq!(words.error.as_deref(), Some("access_denied"));
    assert_eq!(words.description.as_deref(), Some("No way"));
    assert_eq!(words.status, 0);
}

#[test]
fn an_answer_with_two_codes_is_refused() {
    for (more, wanted) in [
        (
            &[("code", "a"), ("code", "b")][..],
            AnswerError::Repeated { name: "code" },
        ),
        (&[], AnswerError::NoCode),
        (&[("code", "")], AnswerError::NoCode),
    ] {
        let pending = pending(&[]);
        let query = query(&pending, more);
        let error = pending.answered(&query, &expected(false)).unwrap_err();
        assert_eq!(error, wanted);
    }
}

#[test]
fn each_request_has_its_own_secrets() {
    let (one, other) = (sent(&pending(&[OPENID])), sent(&pending(&[OPENID])));
    for name in ["state", "code_challenge", "nonce"] {
        assert_ne!(one[name], other[name], "{name}");
    }
}
