#![allow(clippy::unwrap_used, reason = "tests")]

use keywright_oauth::{error_response::ErrorResponse, server_metadata::ServerMetadata};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::{ProviderKind, rfc7591::plan::prepared};

fn config(settings: &[(&str, &str)], document: &Value) -> ProviderConfig {
    let mut whole = json!({ "issuer": "https://id.example" });
    whole
        .as_object_mut()
        .unwrap()
        .extend(document.as_object().unwrap().clone());
    ProviderConfig {
        kind: ProviderKind::Rfc7591,
        issuer: "https://id.example".into(),
        settings: settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        secrets: BTreeMap::new(),
        metadata: ServerMetadata::read(
            whole.as_object().unwrap().clone(),
            "https://id.example".parse().unwrap(),
        ),
    }
}

fn wanted(members: &Value) -> ClientMetadata {
    ClientMetadata::from_answer(members.as_object().unwrap().clone())
}

fn machine() -> ClientMetadata {
    wanted(&json!({ "grant_types": ["client_credentials"] }))
}

fn form(redirect_uris: MemberForm, response_types: MemberForm) -> RequestForm {
    RequestForm {
        redirect_uris,
        response_types,
        ..usual()
    }
}

fn refused(status: u16, body: &str) -> ProviderError {
    RegistrationError::Refused {
        words: ErrorResponse::read(status, body.as_bytes()),
        retry_after: None,
        about: RefusedMembers::read(body.as_bytes()),
        exchange: Uuid::nil(),
    }
    .into()
}

fn usual() -> RequestForm {
    RequestForm {
        redirect_uris: MemberForm::Empty,
        response_types: MemberForm::Empty,
        auth_method: MemberForm::Listed,
        application_type: MemberForm::AsGiven,
        offline_access: MemberForm::AsGiven,
        grants: GrantNames::default(),
        chosen: false,
    }
}

#[test]
fn a_refused_list_is_left_out_then_a_placeholder() {
    let error = refused(400, r#"{"error":"invalid_redirect_uri"}"#);
    let absent = form(MemberForm::Absent, MemberForm::Empty);
    let placeholder = form(MemberForm::Placeholder, MemberForm::Empty);
    assert_eq!(RequestForm::after(&[usual()], &error), Some(absent));
    assert_eq!(
        RequestForm::after(&[usual(), absent], &error),
        Some(placeholder)
    );
    assert_eq!(
        RequestForm::after(&[usual(), absent, placeholder], &error),
        None
    );
}

#[test]
fn a_remembered_form_that_is_refused_goes_back_to_the_usual() {
    let error = refused(422, r#"{"detail":[{"loc":["body","redirect_uris"]}]}"#);
    let placeholder = form(MemberForm::Placeholder, MemberForm::Empty);
    assert_eq!(RequestForm::after(&[placeholder], &error), Some(usual()));
    assert_eq!(
        usual().settings(MemberForm::Empty)["adapted.redirect_uris"],
        ""
    );
}

#[test]
fn refused_response_types_are_left_out() {
    let error = refused(
        400,
        r#"{"error_description":"response_types must not be empty"}"#,
    );
    let next = RequestForm::after(&[usual()], &error).unwrap();
    assert_eq!(next, form(MemberForm::Empty, MemberForm::Absent));
    assert_eq!(RequestForm::after(&[usual(), next], &error), None);
}

#[test]
fn a_refused_method_of_ours_is_left_out() {
    let error = refused(
        400,
        r#"{"error_description":"token_endpoint_auth_method must be none"}"#,
    );
    let next = RequestForm::after(&[usual()], &error).unwrap();
    assert_eq!(next.auth_method, MemberForm::Absent);
    let learned = next.settings(MemberForm::Empty);
    assert_eq!(learned["adapted.token_endpoint_auth_method"], "absent");
    let learned: Vec<(&str, &str)> = learned
        .iter()
        .map(|(key, value)| (&**key, &**value))
        .collect();
    let body = prepared(&config(&learned, &json!({})), &machine(), MemberForm::Empty);
    assert_eq!(body.token_endpoint_auth_method(), None);
}

/// A client for users, whose members of ours a server may refuse.
fn of_users() -> RequestForm {
    let document = json!({ "scopes_supported": ["read", "offline_access"] });
    let wanted = wanted(&json!({
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["http://127.0.0.1:4711/callback"], "scope": "read",
    }));
    RequestForm::of(&config(&[], &document), &wanted, MemberForm::Empty)
}

#[test]
fn each_member_of_ours_that_is_refused_is_left_out() {
    let listed = MemberForm::Listed;
    let absent = MemberForm::Absent;
    let members = |form: RequestForm| {
        (
            form.application_type,
            form.response_types,
            form.offline_access,
        )
    };
    assert_eq!(members(of_users()), (listed, listed, listed));
    for (body, left) in [
        (
            r#"{"detail":[{"loc":["body","application_type"],"msg":"Extra inputs are not permitted"}]}"#,
            (absent, listed, listed),
        ),
        (
            r#"{"error":"invalid_client_metadata"}"#,
            (absent, listed, listed),
        ),
        (
            r#"{"message":"must NOT have additional properties"}"#,
            (absent, listed, listed),
        ),
        (
            r#"{"error_description":"Unrecognized keys: 'application_type', 'response_types'"}"#,
            (absent, absent, listed),
        ),
        (
            r#"{"error_description":"scope offline_access is not allowed"}"#,
            (listed, listed, absent),
        ),
    ] {
        let next = RequestForm::after(&[of_users()], &refused(400, body)).unwrap();
        assert_eq!(members(next), left, "{body}");
        assert_eq!(next.redirect_uris, MemberForm::AsGiven, "{body}");
    }
    let learned = RequestForm {
        application_type: absent,
        ..of_users()
    };
    let learned = learned.settings(MemberForm::Empty);
    assert_eq!(learned["adapted.application_type"], "absent");
    assert_eq!(learned["adapted.response_types"], "");
}

#[test]
fn another_refusal_changes_no_form() {
    for (status, body) in [
        (
            400,
            r#"{"error":"invalid_client_metadata","error_description":"scope x is unknown"}"#,
        ),
        (
            401,
            r#"{"error":"invalid_token","error_description":"redirect_uris"}"#,
        ),
        (429, r#"{"error":"invalid_redirect_uri"}"#),
        (503, r#"{"error":"invalid_redirect_uri"}"#),
        (200, r#"{"error":"invalid_redirect_uri"}"#),
    ] {
        assert_eq!(
            RequestForm::after(&[usual()], &refused(status, body)),
            None,
            "{status} {body}"
        );
    }
}

#[test]
fn a_form_that_the_user_chose_is_the_only_one() {
    let error = refused(400, r#"{"error":"invalid_redirect_uri"}"#);
    let next = |rule, wanted: &Value| {
        let config = config(&[("redirect_uris", rule)], &json!({}));
        let first = RequestForm::of(&config, &self::wanted(wanted), MemberForm::Empty);
        RequestForm::after(&[first], &error)
    };
    let machine = json!({ "grant_types": ["client_credentials"] });
    for rule in ["empty", "absent", "dummy", "as_given"] {
        assert_eq!(next(rule, &machine), None, "{rule}");
    }
    for given in [
        json!({ "grant_types": ["client_credentials"], "redirect_uris": ["https://a.example/cb"] }),
        json!({ "grant_types": ["client_credentials"], "redirect_uris": [] }),
        json!({ "grant_types": ["authorization_code"] }),
    ] {
        assert_eq!(next("automatic", &given), None, "{given}");
    }
    assert!(next("automatic", &machine).is_some());
}

#[test]
fn a_remembered_form_is_sent_first() {
    let config = config(
        &[
            ("adapted.redirect_uris", "dummy"),
            ("adapted.response_types", "absent"),
        ],
        &json!({}),
    );
    let body = prepared(&config, &machine(), MemberForm::Empty).to_value();
    assert_eq!(body["redirect_uris"], json!([PLACEHOLDER]));
    assert_eq!(body.get("response_types"), None);
}

#[test]
fn the_method_asked_for_is_one_that_the_server_offers() {
    let method = |listed: &Value| {
        let document = json!({ "token_endpoint_auth_methods_supported": listed });
        prepared(&config(&[], &document), &machine(), MemberForm::Empty)
            .token_endpoint_auth_method()
    };
    let basic = Some("client_secret_basic");
    assert_eq!(
        method(&json!(["client_secret_post", "client_secret_basic"])).as_deref(),
        basic
    );
    assert_eq!(method(&json!(null)).as_deref(), basic);
    assert_eq!(method(&json!([])).as_deref(), basic);
    assert_eq!(
        method(&json!(["tls_client_auth", "none", "client_secret_post"])).as_deref(),
        Some("client_secret_post")
    );
    assert_eq!(method(&json!(["none"])).as_deref(), Some("none"));
    assert_eq!(method(&json!(["private_key_jwt"])), None);
}

#[test]
fn a_method_that_the_user_chose_is_sent() {
    let document = json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] });
    let chosen = wanted(&json!({ "token_endpoint_auth_method": "none" }));
    let body = prepared(&config(&[], &document), &chosen, MemberForm::Empty);
    assert_eq!(body.token_endpoint_auth_method().as_deref(), Some("none"));
}
