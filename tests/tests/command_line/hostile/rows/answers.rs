//! Challenges (T54), pauses (T55), raised rights (T27) and odd secrets (T28).

use serde_json::json;

use crate::hostile::{
    good,
    row::{Class, Place, Row},
    server::Reply,
};

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for challenge in [
        "Basic realm=\"x\"",
        "NTLM",
        "NTLM TlRMTVNTUAACAAAA",
        "Negotiate",
        "Negotiate oYG2",
        "Digest realm=\"x\", nonce=\"n\"",
        "Bearer error=\"invalid_token\"",
        "Kerberos",
    ] {
        let header = format!("WWW-Authenticate: {challenge}");
        for place in [
            Place::Discovery,
            Place::Registration,
            Place::Management,
            Place::Token,
            Place::Introspection,
        ] {
            rows.push(Row::new(
                "T54",
                place,
                format!("401 {challenge}"),
                Reply::with("401 Unauthorized", &[&header], b"{}"),
                &[Class::Refused],
            ));
        }
        let proxy = format!("Proxy-Authenticate: {challenge}");
        rows.push(Row::new(
            "T54",
            Place::Token,
            format!("407 {challenge}"),
            Reply::with("407 Proxy Authentication Required", &[&proxy], b"{}"),
            &[Class::Refused],
        ));
    }
    for pause in [
        "315360000",
        "99999999999999999999",
        "-1",
        "0x10",
        "1.5",
        "soon",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sun, 99 Foo 2026 99:99:99 GMT",
        "",
        "3600, 7200",
        "\u{661}\u{662}",
    ] {
        let header = format!("Retry-After: {pause}");
        for (place, status) in [
            (Place::Token, "429 Too Many Requests"),
            (Place::Registration, "429 Too Many Requests"),
            (Place::Discovery, "503 Service Unavailable"),
            (Place::Management, "503 Service Unavailable"),
        ] {
            rows.push(Row::new(
                "T55",
                place,
                format!("Retry-After: {pause:?}"),
                Reply::with(status, &[&header], b"{}"),
                &[Class::Refused],
            ));
        }
    }
    for (input, member, value) in [
        (
            "more scopes",
            "scope",
            json!("openid admin write:everything"),
        ),
        (
            "more grants",
            "grant_types",
            json!([
                "client_credentials",
                "password",
                "implicit",
                "authorization_code"
            ]),
        ),
        (
            "other redirect addresses",
            "redirect_uris",
            json!(["http://ELSEWHERE/take", "javascript:alert(1)"]),
        ),
        (
            "no authentication",
            "token_endpoint_auth_method",
            json!("none"),
        ),
    ] {
        let mut answer: serde_json::Value =
            serde_json::from_str(&good::body(Place::Registration)).unwrap();
        answer[member] = value;
        rows.push(Row::new(
            "T27",
            Place::Registration,
            input,
            Reply::json(&answer.to_string()),
            &[Class::Taken],
        ));
    }
    for (input, secret) in [
        ("a line end", "s3cret\nof two lines".to_owned()),
        ("NUL", "s3cret\u{0}with NUL".to_owned()),
        ("a colon", "s3cret:with:colons".to_owned()),
        (
            "letters beyond ASCII",
            "s3cret-\u{79d8}\u{5bc6}-\u{1f511}".to_owned(),
        ),
        ("blanks around it", "  s3cret with blanks  ".to_owned()),
        ("percent signs", "s3cret%41%zz+plus&amp=1".to_owned()),
        ("a quote and a backslash", "s3cret\"\\'".to_owned()),
        ("an escape of the terminal", "s3cret\u{1b}[31m".to_owned()),
        ("60 KB", "s".repeat(60_000)),
        ("one letter", "s".to_owned()),
    ] {
        let mut answer: serde_json::Value =
            serde_json::from_str(&good::body(Place::Registration)).unwrap();
        answer["client_secret"] = json!(secret);
        rows.push(Row::new(
            "T28",
            Place::Registration,
            format!("a secret with {input}"),
            Reply::json(&answer.to_string()),
            &[Class::Taken],
        ));
    }
    // A server that repeats what it was sent must not carry it into a message.
    for (place, sent) in [
        (Place::Registration, good::INITIAL_TOKEN),
        (Place::Management, good::REGISTRATION_TOKEN),
        (Place::Token, good::CLIENT_SECRET),
        (Place::Introspection, good::CLIENT_SECRET),
    ] {
        for (input, said) in [
            ("the secret", format!("no {sent} here")),
            ("the secret, late", format!("{}{sent}", "no ".repeat(193))),
            ("the secret in a list", format!("[\"{sent}\"]")),
        ] {
            let answer = json!({"error": sent, "error_description": said}).to_string();
            rows.push(Row::new(
                "T30",
                place,
                format!("a refusal that repeats {input}"),
                Reply::with("400 Bad Request", &[], answer.as_bytes()),
                &[Class::Refused],
            ));
        }
    }
    rows
}
