#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use proptest::prelude::*;
use serde_json::json;

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn times_come_as_seconds_milliseconds_text_or_dates() {
    for value in [
        json!(1_700_000_000),
        json!("1700000000"),
        json!(1_700_000_000_000_i64),
        json!("2023-11-14T22:13:20Z"),
        json!(1_700_000_000.0),
        json!("2023-11-14T22:13:20.000+0000"),
        json!("2023-11-15T00:13:20+0200"),
        json!("2023-11-14T22:13:20"),
        json!("2023-11-14 22:13:20"),
        json!("2023-11-14 22:13:20.5"),
        json!("Tue, 14 Nov 2023 22:13:20 GMT"),
        json!("2023-11-14 22:13:20 UTC"),
        json!("2023-11-14 22:13:20 +0000 UTC"),
    ] {
        assert_eq!(
            time(&map(&json!({"t": value})), "t"),
            Some(1_700_000_000),
            "{value}"
        );
    }
    assert_eq!(
        time(&map(&json!({"t": "2023-11-14T22:13Z"})), "t"),
        Some(1_699_999_980)
    );
    // The end of the year 9999.
    assert_eq!(
        time(&map(&json!({"t": 253_402_300_799_i64})), "t"),
        Some(253_402_300_799)
    );
    assert_eq!(time(&map(&json!({"t": 0})), "t"), Some(0));
    assert_eq!(time(&map(&json!({"t": null})), "t"), None);
    assert_eq!(time(&map(&json!({"t": ""})), "t"), None);
    for text in ["soon", "2023-11-14", "é", "2023-11-14T25:13:20", "22:13:20"] {
        assert_eq!(time(&map(&json!({"t": text})), "t"), None, "{text}");
    }
}

#[test]
fn t18_only_a_bare_web_address_is_an_address() {
    let read = |text: &str| address(&map(&json!({ "u": text })), "u");
    for other in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "smb://host/share",
        "\\\\host\\share",
        "https://",
        "https://user@id.example/",
        "https://user:pass@id.example/",
        "https://id.example@evil.example/",
        "/relative",
        "$(id)",
        "",
    ] {
        assert_eq!(read(other), None, "{other}");
    }
    assert_eq!(
        read("https://id.example/$(id);'").unwrap().host_str(),
        Some("id.example")
    );
}

#[test]
fn t13_odd_documents_are_read_or_refused() {
    let read = |body: &[u8]| object(body).ok();
    assert_eq!(read(b"\xef\xbb\xbf{\"a\":1}").unwrap().len(), 1);
    assert_eq!(read(br#"{"a":1,"a":2}"#).unwrap()["a"], 2);
    for wrong in [
        &b"\xef\xbb\xbf\xef\xbb\xbf{}"[..],
        b"\xff\xfe{\0}\0",
        br#"{"a":"\ud800"}"#,
        br#"{"a":1}{"b":2}"#,
        br#"{"a":1} x"#,
        b"{\"a\":\"\xff\"}",
        b"{\"a\":NaN}",
        b"{'a':1}",
        b"{\"a\":1,}",
        b"",
    ] {
        assert!(read(wrong).is_none(), "{}", String::from_utf8_lossy(wrong));
    }
    let digits = format!("{{\"a\":{}}}", "9".repeat(1000));
    assert!(read(digits.as_bytes()).is_none());
    for depth in [128, 10_000] {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(deep.as_bytes()).is_none(), "{depth}");
    }
}

#[test]
fn an_error_is_one_that_says_something() {
    let is = |value: Value| is_error(&map(&json!({ "error": value })));
    for error in [
        json!("invalid_token"),
        json!({ "code": 1 }),
        json!(["x"]),
        json!(true),
    ] {
        assert!(is(error.clone()), "{error}");
    }
    for none in [
        json!(null),
        json!(""),
        json!(false),
        json!([]),
        json!({}),
        json!(0),
    ] {
        assert!(!is(none.clone()), "{none}");
    }
    let is = |answer: Value| is_error(&map(&answer));
    for error in [
        json!({ "success": false }),
        json!({ "ok": false, "message": "no" }),
        json!({ "status": "error", "msg": "no" }),
        json!({ "errcode": 40013, "errmsg": "no" }),
        json!({ "statusCode": 400, "body": "{}" }),
        json!({ "status": "401" }),
    ] {
        assert!(is(error.clone()), "{error}");
    }
    for none in [
        json!({ "success": true }),
        json!({ "status": "ok" }),
        json!({ "errcode": 0 }),
        json!({ "statusCode": 201, "body": "{}" }),
        json!({ "statusCode": 502 }),
    ] {
        assert!(!is(none.clone()), "{none}");
    }
}

#[test]
fn an_envelope_is_opened_where_one_object_has_the_member() {
    let held = |value: Value| super::text(&holding(map(&value), "id"), "id");
    assert_eq!(
        held(json!({ "id": "a", "data": { "id": "b" } })).as_deref(),
        Some("a")
    );
    assert_eq!(
        held(json!({ "ok": true, "data": { "id": "b" } })).as_deref(),
        Some("b")
    );
    assert_eq!(
        held(json!({ "data": { "client": { "id": "c" } }, "meta": { "took": 3 } })).as_deref(),
        Some("c")
    );
    let two = json!({ "data": { "a": { "id": "c" }, "b": { "id": "d" } } });
    assert_eq!(held(two), None);
    let deeper = json!({ "a": { "b": { "c": { "id": "d" } } } });
    assert_eq!(held(deeper), None);
    assert_eq!(
        held(json!({ "x": { "id": "a" }, "y": { "id": "b" } })),
        None
    );
    assert_eq!(held(json!({ "data": [{ "id": "b" }] })), None);
    assert_eq!(
        held(json!({ "action": "CREATED", "responseContent": "{\"id\":\"b\"}" })).as_deref(),
        Some("b")
    );
}

#[test]
fn an_object_after_notices_of_php_is_read() {
    let notice = "<br />\n<b>Deprecated</b>: {closure}() in <b>/a.php</b> on line <b>3</b><br />\n";
    let answer = format!("{notice}{{\"id\":\"b\"}}\n");
    assert_eq!(object(answer.as_bytes()).unwrap()["id"], "b");
    for other in [
        "<html><body></body></html>\n{\"id\":\"b\"}",
        "<br />{\"id\":\"b\"} <br />",
        "<br />[{\"id\":\"b\"}]",
        "notice {\"id\":\"b\"}",
        "<br />",
    ] {
        assert!(object(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn a_member_in_another_spelling_gets_the_name_of_the_standard() {
    let mut answer = map(&json!({ "clientId": "a", "Client-Secret": "b", "other": 1 }));
    with_standard_names(&mut answer, &["client_id", "client_secret", "scope"]);
    assert_eq!(
        Value::Object(answer),
        json!({ "client_id": "a", "client_secret": "b", "other": 1 })
    );
    let mut both = map(&json!({ "client_id": "a", "clientId": "b" }));
    with_standard_names(&mut both, &["client_id"]);
    assert_eq!(both["client_id"], "a");
}

#[test]
fn scopes_are_parted_at_commas_where_they_are_plain_names() {
    let read = |value: Value| scopes(&map(&json!({ "scope": value })), "scope").unwrap();
    assert_eq!(read(json!("repo,gist")), ["repo", "gist"]);
    assert_eq!(read(json!("a, b,c d")), ["a", "b", "c", "d"]);
    assert_eq!(
        read(json!(["repo,user:email", "x"])),
        ["repo", "user:email", "x"]
    );
    assert_eq!(read(json!("a b")), ["a", "b"]);
    let of_fhir = "patient/Observation.rs?code=1,2";
    assert_eq!(read(json!(of_fhir)), [of_fhir]);
}

#[test]
fn an_object_may_be_written_as_a_text() {
    let written = Value::from(json!({ "id": "b" }).to_string()).to_string();
    assert_eq!(object(written.as_bytes()).unwrap()["id"], "b");
    assert!(object(br#""a sentence""#).is_err());
}

#[test]
fn a_flag_comes_as_bool_number_or_text() {
    for (value, wanted) in [
        (json!(true), Some(true)),
        (json!("True"), Some(true)),
        (json!(1), Some(true)),
        (json!("1"), Some(true)),
        (json!("yes"), Some(true)),
        (json!(false), Some(false)),
        (json!("false"), Some(false)),
        (json!(0), Some(false)),
        (json!("no"), Some(false)),
        (json!("active"), None),
        (json!(2), None),
        (json!(null), None),
        (json!(""), None),
        (json!([true]), None),
    ] {
        assert_eq!(flag(&map(&json!({"f": value})), "f"), wanted, "{value}");
    }
    assert_eq!(flag(&map(&json!({})), "f"), None);
}

#[test]
fn the_ends_of_time_are_no_overflow() {
    for (number, wanted) in [
        (i64::MIN, i64::MIN / 1000),
        (i64::MAX, i64::MAX / 1000),
        (-1, -1),
    ] {
        assert_eq!(time(&map(&json!({"t": number})), "t"), Some(wanted));
    }
}

#[test]
fn lists_come_as_arrays_or_text() {
    assert_eq!(
        list(&map(&json!({"l": ["a", "", 3, "b"]})), "l").unwrap(),
        ["a", "b"]
    );
    assert_eq!(list(&map(&json!({"l": "a b"})), "l").unwrap(), ["a", "b"]);
    assert_eq!(
        list(&map(&json!({"l": []})), "l").unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(list(&map(&json!({"l": {}})), "l"), None);
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(text in ".*", number in any::<f64>()) {
        let m = map(&json!({"x": text, "n": number}));
        for name in ["x", "n"] {
            let _ = (time(&m, name), integer(&m, name), seconds(&m, name), list(&m, name), super::text(&m, name));
        }
    }
}

#[test]
fn a_span_is_a_number_or_a_duration() {
    let of = |value: Value| {
        let map = Map::from_iter([("expires_in".to_owned(), value)]);
        seconds(&map, "expires_in")
    };
    for (value, wanted) in [
        (json!(3600), 3600),
        (json!("3600"), 3600),
        (json!("PT1H"), 3600),
        (json!(" pt1h30m "), 5400),
        (json!("PT3600S"), 3600),
        (json!("PT0.5S"), 0),
        (json!("P1DT2H3M4S"), 93_784),
        (json!("P2W"), 1_209_600),
        (json!("1h"), 3600),
        (json!("1h30m"), 5400),
        (json!("90s"), 90),
    ] {
        assert_eq!(of(value.clone()), Some(wanted), "{value}");
    }
    for value in [
        "P",
        "PT",
        "P1DT",
        "P1Y",
        "P1M",
        "PT1",
        "PT1X",
        "PT1S1H",
        "PT1H1H",
        "PT-1H",
        "-PT1H",
        "PT1.5H",
        "PT99999999999999999999H",
        "1H",
        "",
        " ",
        "1.5h",
        "30m1h",
        "h",
        "1y",
        "-1h",
        "1h x",
    ] {
        assert_eq!(of(json!(value)), None, "{value}");
    }
}
