#![allow(clippy::unwrap_used, reason = "tests")]
use http::{HeaderMap, HeaderValue, header::WWW_AUTHENTICATE};

use super::*;

fn words(body: &str) -> (Option<String>, Option<String>) {
    let words = ErrorResponse::read(400, body.as_bytes());
    (words.error, words.description)
}

#[test]
fn every_envelope_keeps_its_words() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        words(r#"{"error":"invalid_redirect_uri","error_description":"no http"}"#),
        (some("invalid_redirect_uri"), some("no http"))
    );
    assert_eq!(
        words(r#"{"errorCode":"E0000001","errorSummary":"Api validation failed"}"#),
        (some("E0000001"), some("Api validation failed"))
    );
    assert_eq!(
        words(r#"{"error":{"code":"x","message":"nested"}}"#),
        (some("x"), some("nested"))
    );
    assert_eq!(
        words(
            r#"{"statusCode":403,"error":"Forbidden","message":"m","errorCode":"insufficient_scope"}"#
        ),
        (some("insufficient_scope"), some("m"))
    );
    assert_eq!(
        words(
            r#"{"errorCode":"E0000001","errorSummary":"s","errorCauses":[{"errorSummary":"why"}]}"#
        ),
        (some("E0000001"), some("s why"))
    );
    assert_eq!(
        words(r#"{"error":"a","error_description":[{"message":"must be array"}]}"#),
        (some("a"), some("must be array"))
    );
    assert_eq!(
        words(r#"{"error":"a","error_description":["one.","two."]}"#),
        (some("a"), some("one. two."))
    );
    assert_eq!(
        words(
            r#"{"error":"Bad Request","error_description":[{"keyword":"required","params":{"missingProperty":"redirect_uris"}},{"instancePath":"/portal_id","keyword":"format","message":"must match format"}]}"#
        ),
        (
            some("Bad Request"),
            some("required redirect_uris /portal_id must match format")
        )
    );
    assert_eq!(
        words("<!DOCTYPE html><html><title>502 Bad Gateway</title>"),
        (None, some("502 Bad Gateway"))
    );
    assert_eq!(words("plain"), (None, some("plain")));
    assert_eq!(words(""), (None, None));
}

#[test]
fn numbers_beside_the_words_are_kept() {
    let body = br#"{"error":"invalid_client","error_codes":[7000215,"90002"]}"#;
    assert_eq!(ErrorResponse::read(401, body).codes, [7_000_215, 90_002]);
}

#[test]
fn the_codes_behind_a_general_code_are_kept() {
    let body = br#"{"error":{"code":"Request_BadRequest","message":"m","details":[{"code":"NoBackingApplicationObject"}]}}"#;
    let words = ErrorResponse::read(400, body);
    assert_eq!(words.error.as_deref(), Some("Request_BadRequest"));
    assert_eq!(words.details, ["NoBackingApplicationObject"]);
}

#[test]
fn a_token_inside_the_words_is_removed() {
    let (_, description) = words(
        r#"{"error_description":"bad token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl here"}"#,
    );
    assert_eq!(description.as_deref(), Some("bad token [redacted] here"));
    let (_, description) = words(
        r#"{"message":"eyJhbGci\u0000OiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0\u001bdXJl here"}"#,
    );
    assert_eq!(description.as_deref(), Some("[redacted] here"));
}

#[test]
fn no_more_numbers_and_details_are_kept_than_anyone_reads() {
    let codes = vec![1; 5000];
    let details = vec![serde_json::json!({"code": "a"}); 5000];
    let body = serde_json::json!({"error": "e", "error_codes": codes, "details": details});
    let words = ErrorResponse::read(400, body.to_string().as_bytes());
    assert_eq!((words.codes.len(), words.details.len()), (MOST, MOST));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row a form")]
fn words_are_read_where_they_stand() {
    let some = |text: &str| Some(text.to_owned());
    let none: Option<String> = None;
    let cases = [
        (
            r#"{"detail":{"error":"invalid_client","error_description":"no such client"}}"#,
            some("invalid_client"),
            some("no such client"),
        ),
        (
            r#"{"detail":[{"loc":["body","redirect_uris",0],"msg":"invalid scheme","type":"url"},{"loc":["body","x"],"msg":"field required"}]}"#,
            none.clone(),
            some("redirect_uris.0: invalid scheme x: field required"),
        ),
        (
            r#"{"detail":"Not authenticated"}"#,
            none.clone(),
            some("Not authenticated"),
        ),
        (
            r#"{"error":"invalid_request","detail":{"reason":"scope is missing"}}"#,
            some("invalid_request"),
            some("scope is missing"),
        ),
        (
            r#"{"error":{"code":"BadRequest","message":"Not valid.","details":[{"code":"E7","message":"displayName is too long"}]}}"#,
            some("BadRequest"),
            some("Not valid. displayName is too long"),
        ),
        (
            r#"{"client_name":["This field may not be blank."],"non_field_errors":["Quota used up."]}"#,
            none.clone(),
            some("client_name: This field may not be blank. non_field_errors: Quota used up."),
        ),
        (
            r#"{"errors":["one.",{"code":"E1","detail":"two."}]}"#,
            some("E1"),
            some("one. two."),
        ),
        (
            r#"{"title":"Validation failed","errors":{"name":["is blank","is short"]}}"#,
            none.clone(),
            some("Validation failed name: is blank is short"),
        ),
        (
            r#"{"type":"about:blank","title":"Forbidden","status":400,"detail":"No quota left"}"#,
            none.clone(),
            some("Forbidden: No quota left"),
        ),
        (
            r#"{"errorCode":"E1","errorDescription":"camel"}"#,
            some("E1"),
            some("camel"),
        ),
        (
            r#"{"Error":"E1","Message":"capital"}"#,
            some("E1"),
            some("capital"),
        ),
        (
            "{\"error\":\"{\\n  \\\"error\\\": \\\"invalid_scope\\\",\\n  \\\"error_description\\\": \\\"no\\\"\\n}\"}",
            some("invalid_scope"),
            some("no"),
        ),
        (
            "{\"error\":\"invalid_client_metadata\",\"error_description\":\"[\\n {\\\"code\\\":\\\"invalid_type\\\",\\\"path\\\":[\\\"redirect_uris\\\"],\\\"message\\\":\\\"Required\\\"}\\n]\"}",
            some("invalid_client_metadata"),
            some("redirect_uris: Required"),
        ),
        (
            r#""{\"error\":\"invalid_client\"}""#,
            some("invalid_client"),
            none.clone(),
        ),
        (
            r#"{"fault":{"faultstring":"Invalid key","detail":{"errorcode":"oauth.v2.X"}}}"#,
            some("oauth.v2.X"),
            some("Invalid key"),
        ),
        (
            r#"{"success":false,"data":{"error":"invalid_grant","message":"used"}}"#,
            some("invalid_grant"),
            some("used"),
        ),
        (
            r#"{"code":400,"error":"Bad Request","message":{"error":"invalid_target","error_description":"no"}}"#,
            some("invalid_target"),
            some("no"),
        ),
        (
            r#"[{"error":"invalid_client","message":"in a list"}]"#,
            some("invalid_client"),
            some("in a list"),
        ),
        (
            "error=invalid_client&error_description=as+a+form",
            some("invalid_client"),
            some("as a form"),
        ),
        (
            r#"{"ErrorCode":"invalid_client","Error":"Client is disabled"}"#,
            some("invalid_client"),
            some("Client is disabled"),
        ),
        (
            r#"{"error":"invalid_scope","error_description":{"de":"nein","en":"no"}}"#,
            some("invalid_scope"),
            some("no"),
        ),
        (
            "<ams:fault xmlns:ams=\"u\"><ams:code>900901</ams:code><ams:message>Bad</ams:message>\
             <ams:description>Give another &amp; better one</ams:description></ams:fault>",
            some("900901"),
            some("Bad: Give another & better one"),
        ),
        (
            "<oauth><error>invalid_client</error><error_description>no</error_description></oauth>",
            some("invalid_client"),
            some("no"),
        ),
        ("two\n lines\r\n", none.clone(), some("two lines")),
        (
            "<html><body><h1>Sign in</h1>",
            none.clone(),
            some("Sign in"),
        ),
        (
            r#"{"a":{"a":{"a":{"a":{"a":{"a":{"message":"deep"}}}}}}}"#,
            none.clone(),
            none.clone(),
        ),
        ("[]", none.clone(), none.clone()),
        ("null", none.clone(), some("null")),
    ];
    for (body, error, description) in cases {
        assert_eq!(words(body), (error, description), "{body}");
    }
}

#[test]
fn other_documents_are_not_taken_for_sentences() {
    for body in [
        r#"{"orders":["a","b"],"total":2}"#,
        r#"{"name":"orders-batch","state":"busy"}"#,
        r#"{"items":[]}"#,
    ] {
        assert_eq!(words(body), (None, None), "{body}");
    }
}

#[test]
fn a_body_is_known_by_its_form() {
    for (body, form) in [
        (r#"{"error":"invalid_client"}"#, BodyForm::Document),
        (r#"{"message":"no"}"#, BodyForm::Json),
        ("<html>", BodyForm::Page),
        ("no", BodyForm::Text),
        (" \n", BodyForm::Empty),
    ] {
        assert_eq!(
            ErrorResponse::read(401, body.as_bytes()).form,
            form,
            "{body}"
        );
    }
}

fn answered(status: u16, challenge: &str, body: &str) -> ErrorResponse {
    let mut headers = HeaderMap::new();
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(challenge).unwrap());
    ErrorResponse::of(&Response::new(status, headers, body.to_owned().into()))
}

#[test]
fn a_challenge_speaks_where_the_body_does_not() {
    let challenge = r#"Bearer error="insufficient_scope", error_description="not this one", scope="client.create""#;
    for body in [
        "",
        r#"{"error":"Forbidden","path":"/register"}"#,
        "<html><title>403</title>",
    ] {
        let words = answered(403, challenge, body);
        assert_eq!(words.error.as_deref(), Some("insufficient_scope"), "{body}");
        assert_eq!(words.description.as_deref(), Some("not this one"), "{body}");
        assert_eq!(
            words.challenge.unwrap().scope.as_deref(),
            Some("client.create")
        );
    }
    let own = answered(
        403,
        challenge,
        r#"{"error":"access_denied","error_description":"own"}"#,
    );
    assert_eq!(own.error.as_deref(), Some("access_denied"));
    assert_eq!(own.description.as_deref(), Some("own"));
    let bare = answered(
        401,
        "Bearer error=\"invalid_token\", error_description=\"it ended\"",
        r#"{"error":"invalid_token"}"#,
    );
    assert_eq!(bare.description.as_deref(), Some("it ended"));
    // A header alone is no proof that an OAuth server judged the client.
    assert!(!answered(401, "Basic error=\"invalid_client\"", "").is_oauth_error("invalid_client"));
}

#[test]
fn a_secret_within_a_challenge_is_removed() {
    let mut headers = HeaderMap::new();
    let field = r#"Bearer error="invalid_token", error_description="bad initial-token-one", scope="initial-token-one""#;
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(field));
    let mut response = Response::new(401, headers, Vec::new().into());
    response.sent = vec!["initial-token-one".to_owned().into()];
    let words = ErrorResponse::of(&response);
    assert!(
        !format!("{words:?}").contains("initial-token-one"),
        "{words:?}"
    );
}

#[test]
fn a_document_with_a_hidden_number_is_still_read() {
    let body = r#"{"error":"invalid_client","error_description":"no: s3cret-12","trace":70002220}"#;
    let mut response = Response::new(401, HeaderMap::new(), body.to_owned().into());
    response.sent = vec!["70002220".to_owned().into(), "s3cret-12".to_owned().into()];
    let words = ErrorResponse::of(&response);
    assert!(words.is_oauth_error("invalid_client"), "{words:?}");
    assert_eq!(words.description.as_deref(), Some("no: [redacted]"));
}

#[test]
fn a_description_after_a_short_message_is_read() {
    let wso2 = br#"{"code":"APP-60001","message":"Conflict","description":"Application with the name orders already exists","traceId":"x"}"#;
    let words = ErrorResponse::read(409, wso2);
    assert_eq!(
        words.description.as_deref(),
        Some("Conflict: Application with the name orders already exists")
    );
    let same = br#"{"message":"No such client","description":"No such client"}"#;
    let words = ErrorResponse::read(400, same);
    assert_eq!(words.description.as_deref(), Some("No such client"));
}
