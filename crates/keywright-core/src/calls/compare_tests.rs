#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::*;
use crate::{calls::types::HeaderView, error::types::ErrorView};

fn call(auth: CallAuth, status: u16, body: &Value) -> CallView {
    CallView {
        auth,
        status,
        headers: vec![],
        body: body.to_string(),
        body_encoding: None,
        is_json: true,
        size: 1,
        elapsed_ms: 20,
        session: None,
        exchange: None,
        sent: "Authorization: Bearer ••••".into(),
        fetched_token: auth == CallAuth::Bearer,
        note: None,
        refused_cookies: vec![],
        login_page: None,
        session_ended: None,
        no_session_cookie: false,
        wider_scope: None,
    }
}

fn lost(auth: CallAuth) -> CompareResult {
    let error = json!({
        "code": "connect", "message": "no connection", "hint": null, "status": null, "provider": null,
        "exchange": null, "cause": null, "field": null, "instead": null, "interrupted": false,
    });
    CompareResult {
        auth,
        answer: None,
        error: Some(serde_json::from_value::<ErrorView>(error).unwrap()),
        seen_as: None,
        requests: 0,
        gateway_requests: 0,
    }
}

const WAYS: [CallAuth; 3] = [
    CallAuth::ClientCredentials,
    CallAuth::Bearer,
    CallAuth::Session,
];

fn all(bodies: [Value; 3]) -> CompareView {
    let answers = WAYS.into_iter().zip(bodies);
    compared(
        answers
            .map(|(auth, body)| answered(call(auth, 200, &body)))
            .collect(),
    )
}

fn order(by: &str, who: &str) -> Value {
    json!({ "orders": [{ "id": 1, "user": "mika" }], "authenticated_by": by, "client_id": who, "request_id": by })
}

#[test]
fn ways_that_differ_only_in_how_have_the_same_identity() {
    let view = all([
        order("secret", "c1"),
        order("bearer", "c1"),
        order("session", "c1"),
    ]);
    assert_eq!(view.verdict, CompareVerdict::SameIdentity);
    assert_eq!((view.accepted, view.identities), (3, 1));
    let paths: Vec<&str> = view.paths.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["authenticated_by"], "a request id does not count");
    assert_eq!(view.paths[0].values[2].as_deref(), Some("\"session\""));
    assert_eq!(view.equal_paths, 3);
    let cost: Vec<(u32, u32)> = view
        .results
        .iter()
        .map(|one| (one.requests, one.gateway_requests))
        .collect();
    assert_eq!(cost, [(1, 1), (2, 0), (1, 0)]);
}

#[test]
fn another_caller_is_another_identity() {
    let view = all([
        order("secret", "c1"),
        order("bearer", "c1"),
        order("session", "anonymous"),
    ]);
    assert_eq!(view.verdict, CompareVerdict::DifferentIdentities);
    assert_eq!(view.identities, 2);
    assert_eq!(view.results[2].seen_as.as_deref(), Some("anonymous"));
    assert_eq!(view.paths[1].kind, PathKind::Who);
}

#[test]
fn a_value_within_the_data_makes_different_data() {
    let other = json!({ "orders": [{ "id": 2, "user": "ken" }], "client_id": "c1" });
    let same = json!({ "orders": [{ "id": 1, "user": "mika" }], "client_id": "c1" });
    let view = all([same.clone(), same, other]);
    assert_eq!(view.verdict, CompareVerdict::DifferentData);
    let kinds: Vec<PathKind> = view.paths.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [PathKind::Data, PathKind::Data], "{:?}", view.paths);
    // Nothing of the answers says who called.
    let view = all([json!({ "n": 1 }), json!({ "n": 1 }), json!({ "n": 1 })]);
    assert_eq!(view.verdict, CompareVerdict::SameData);
}

#[test]
fn no_answer_is_no_comparison() {
    let view = compared(WAYS.into_iter().map(lost).collect());
    assert_eq!(view.verdict, CompareVerdict::NoAnswer);
    assert!(view.paths.is_empty());

    let refused = |auth| answered(call(auth, 401, &json!({ "message": "no" })));
    let view = compared(WAYS.into_iter().map(refused).collect());
    assert_eq!(view.verdict, CompareVerdict::AllRefused);

    let accepted = answered(call(WAYS[0], 200, &order("secret", "c1")));
    let view = compared(vec![accepted, refused(WAYS[1]), lost(WAYS[2])]);
    assert_eq!(view.verdict, CompareVerdict::SomeRefused);
    assert_eq!((view.accepted, view.identities), (1, 1));
}

#[test]
fn bodies_that_are_no_json_are_compared_as_a_whole() {
    let plain = |auth, body: &str, who: &str| {
        let mut answer = call(auth, 200, &Value::Null);
        (answer.body, answer.is_json) = (body.into(), false);
        answer
            .headers
            .push(HeaderView::shown("X-Consumer-Username".into(), who.into()));
        answered(answer)
    };
    let view = compared(WAYS.map(|auth| plain(auth, "<p>", "c1")).into());
    assert_eq!(view.verdict, CompareVerdict::SameIdentity);
    let view = compared(vec![
        plain(WAYS[0], "<p>", "c1"),
        plain(WAYS[1], "<p>", "c1"),
        plain(WAYS[2], "<b>", "c2"),
    ]);
    assert_eq!(view.verdict, CompareVerdict::DifferentData);
    assert_eq!(view.paths[0].path, "");
}
