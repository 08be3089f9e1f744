//! Values that are known to be secret, wherever and however they are repeated; and codes of errors, which stay.

use proptest::prelude::*;
use serde_json::json;

use super::super::*;

#[test]
fn t28_a_code_of_a_refusal_stays_and_one_of_a_person_does_not() {
    let kept = |status: u16, value: &str| {
        let body = json!({ "code": value, "message": "no" });
        answer(Some(status), &body)["code"] == value
    };
    for code in [
        "APP-60001",
        "rest_forbidden",
        "AADSTS700016",
        "E0000011",
        "NotFound",
        "VALIDATION.FAILED",
        "900901",
        "oauth.v2.InvalidClientIdentifier",
    ] {
        assert!(kept(400, code), "{code}");
        assert!(!kept(200, code), "{code}");
    }
    for secret in [
        "SplxlOBeZQQYbYS6WxSbIA",
        "SplxlOBeZQQYbYSsWxSbIA",
        "WDJB-MJHT",
        "WDJBMJHT",
        "1234-5678-9012",
        "12345678",
        "a1b2c3d4",
        "xK9f-Qz3L",
    ] {
        assert!(!kept(400, secret), "{secret}");
    }
    let other = json!({ "key": "invalid_key", "session": "abc-1", "auth": "abc-1" });
    assert!(!answer(Some(400), &other).to_string().contains("abc-1"));
}

#[test]
fn t28_a_secret_with_quotes_is_found_as_json_writes_it_whatever_is_around_it() {
    let known = [r#"s3cr"t\"#.to_owned(), r#"qu"oted""#.to_owned()];
    for broken in [
        r#"{"a":"s3cr\"t\\","b":"s3cs3cr"t\t\u005c"}"#,
        r#"{"a":"s3cr\"t\\"#,
        r#"{"a":"qu\"oted\"" and then"#,
    ] {
        let shown = body(broken.as_bytes(), &known);
        assert!(
            !shown.contains("s3cr") && !shown.contains("oted"),
            "{shown}"
        );
    }
}

#[test]
fn the_code_of_an_error_stays_and_the_code_of_a_grant_goes() {
    let graph = json!({"error": {
        "code": "Request_BadRequest", "message": "Request_BadRequest: no such application",
        "details": [{"code": "NoBackingApplicationObject", "target": "appId"}],
        "innerError": {"client_secret": "in-an-error-too"},
    }});
    let shown = body(graph.to_string().as_bytes(), &[]);
    assert_eq!(
        shown,
        graph.to_string().replace("in-an-error-too", REDACTED)
    );
    let grant = json!({"code": "SplxlOBeZQQYbYS6WxSbIA", "error": "none", "seen": ["SplxlOBeZQQYbYS6WxSbIA"]});
    assert!(!body(grant.to_string().as_bytes(), &[]).contains("SplxlOBeZQQYbYS6WxSbIA"));
}

#[test]
fn the_number_of_an_error_in_an_address_stays_elsewhere() {
    let entra = json!({"error": "unauthorized_client", "error_codes": [700_016],
        "error_description": "AADSTS700016: not found",
        "error_uri": "https://login.example/error?code=700016"});
    let shown: Value = serde_json::from_str(&body(entra.to_string().as_bytes(), &[])).unwrap();
    for member in ["error", "error_codes", "error_description"] {
        assert_eq!(shown[member], entra[member], "{shown}");
    }
}

#[test]
fn a_secret_is_hidden_where_it_is_a_name_or_a_number() {
    let shown = body(
        br#"{"client_secret":12345678,"also":[12345678,"no 12345678"],"12345678":true}"#,
        &[],
    );
    assert!(!shown.contains("12345678"), "{shown}");
    let shown = body(
        br#"{"abcdef-secret":1,"client_secret":"abcdef-secret"}"#,
        &[],
    );
    assert!(!shown.contains("abcdef-secret"), "{shown}");
}

proptest! {
    #[test]
    fn no_secret_survives_wherever_the_server_repeats_it(secret in "[A-Za-z0-9_~-]{8,60}", before in "[a-z ]{0,8}", after in "[a-z ]{0,8}") {
        let reply = json!({"client_id": "c1", "client_secret": secret, "note": format!("{before}{secret}{after}"), "deep": [{"x": secret}]});
        let shown = body(reply.to_string().as_bytes(), &[]);
        prop_assert!(!shown.contains(&secret), "{}", shown);
    }

    #[test]
    fn a_known_value_is_found_in_any_text(secret in "[!-~]{6,40}", words in ".{0,40}") {
        let shown = body(format!("{words}{secret}{words}").as_bytes(), std::slice::from_ref(&secret));
        prop_assert!(!shown.contains(&secret) || REDACTED.contains(&secret), "{}", shown);
    }
}

/// Ways in which a server may repeat a value.
pub(crate) fn written(value: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let percent: String = value
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let html = value
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#x27;");
    let json = Value::from(value).to_string().trim_matches('"').to_owned();
    let ascii: String = json
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                c.encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect::<Vec<_>>()
                    .concat()
            }
        })
        .collect();
    let php = json.replace('/', "\\/");
    let for_url = base64::engine::general_purpose::URL_SAFE.encode(value);
    let small = |text: &str| {
        let mut out = text.to_owned();
        for (at, _) in text.match_indices('%') {
            let end = (at + 3).min(out.len());
            let code = out[at..end].to_ascii_lowercase();
            out.replace_range(at..end, &code);
        }
        out
    };
    let lower = [small(&form), small(&percent)];
    let twice: String = form_urlencoded::byte_serialize(form.as_bytes()).collect();
    let basic = STANDARD.encode(format!("client:{value}"));
    let basic_form = STANDARD.encode(format!("client-1:{form}:x"));
    let base = STANDARD.encode(value);
    let digits: String = value
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|four| char::from_digit(u32::from(four), 16))
        .collect();
    // A gateway repeats what it got in base64.
    let event_json = STANDARD.encode(format!(r#"{{"client_secret":"{json}"}}"#));
    let with_tilde = form.replace("%7E", "~");
    let event_form = STANDARD.encode(format!("client_secret={with_tilde}&x=1"));
    let mut all = vec![
        value.to_owned(),
        form,
        percent,
        html,
        json,
        ascii,
        php,
        for_url,
        twice,
        basic,
        basic_form,
        base,
        digits.to_ascii_uppercase(),
        digits,
        event_json,
        event_form,
    ];
    all.extend(lower);
    all
}

#[test]
fn t28_a_known_value_is_found_however_it_is_written() {
    for secret in [
        "abc8Q~x+y/z=1234567",
        "a&b \"c\" %41<d>'e'",
        "pässwörd-ж-😀",
        "s3cr\"t\\n/x",
        "%7Eabc%2525",
        "short6",
    ] {
        for form in written(secret) {
            for around in [
                ("", ""),
                ("x: ", " y"),
                ("<b>", "</b>"),
                ("Body: a=1&client_id=2&z=", "&grant=3"),
            ] {
                let text = format!("{}{form}{}", around.0, around.1);
                let shown = body(text.as_bytes(), &[secret.to_owned()]);
                for other in written(secret) {
                    assert!(
                        !shown.contains(other.trim_end_matches('=')),
                        "{other} of {secret} is in {shown}"
                    );
                }
            }
        }
    }
    let latin: Vec<u8> = "x pässwörd y"
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    assert_eq!(body(&latin, &["pässwörd".to_owned()]), "x [redacted] y");
}

#[test]
fn a_short_number_that_is_no_code_of_an_error_is_searched_for() {
    for said in [
        r#"{"password":"4711042","echo":"you sent 4711042"}"#,
        "password=4711042&echo=you+sent+4711042",
        "password=4711042 was sent: 4711042",
    ] {
        let shown = body(said.as_bytes(), &[]);
        assert!(!shown.contains("4711042"), "{shown}");
    }
}
