//! Text that wants to be more than text (T14, T15, T16), in names and in refusals.

use serde_json::json;

use crate::hostile::{
    good,
    row::{Class, Place, Row},
    server::Reply,
};

/// Hostile texts, shared with the test of the command line.
pub(crate) fn texts() -> Vec<(&'static str, &'static str, String)> {
    let text = |threat, name, text: &str| (threat, name, text.to_owned());
    vec![
        text(
            "T14",
            "script",
            "<script>fetch('http://ELSEWHERE')</script>",
        ),
        text("T14", "an image that fails", "<img src=x onerror=alert(1)>"),
        text("T14", "an SVG", "<svg/onload=alert(1)>"),
        text(
            "T14",
            "an attribute broken open",
            "\"><iframe src=javascript:alert(1)>",
        ),
        text(
            "T14",
            "a Svelte expression",
            "{@html '<b>x</b>'}{#if true}{alert(1)}{/if}",
        ),
        text(
            "T14",
            "Markdown",
            "[click](javascript:alert(1)) ![x](http://ELSEWHERE/x.png)",
        ),
        text("T14", "entities", "&lt;script&gt;&#x3c;b&#62;"),
        text(
            "T14",
            "blanks to be filled",
            "%{who} %{what} %{detail} {0} ${x} %s %n",
        ),
        text("T15", "colours", "\u{1b}[31mred\u{1b}[0m \u{1b}[8mhidden"),
        text("T15", "a cleared screen", "\u{1b}[2J\u{1b}[H done."),
        text("T15", "a title of the terminal", "\u{1b}]0;owned\u{7}"),
        text(
            "T15",
            "a link (OSC 8)",
            "\u{1b}]8;;http://ELSEWHERE\u{1b}\\click\u{1b}]8;;\u{1b}\\",
        ),
        text(
            "T15",
            "a clipboard write (OSC 52)",
            "\u{1b}]52;c;Y3VybCBldmls\u{7}",
        ),
        text("T15", "8-bit controls", "\u{9b}31m\u{9d}52;c;eA==\u{9c}"),
        text("T15", "bells", "\u{7}\u{7}\u{7}"),
        text("T15", "backspaces", "no\u{8}\u{8}yes"),
        text("T15", "a carriage return", "refused\rgranted"),
        text(
            "T15",
            "line ends",
            "refused\n\nThe registration is done.\nSecret: none",
        ),
        text(
            "T15",
            "other line ends",
            "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f",
        ),
        text("T15", "NUL and delete", "a\u{0}b\u{7f}c"),
        text(
            "T15",
            "a device query",
            "\u{1b}[6n\u{1b}[c\u{1b}P+q544e\u{1b}\\",
        ),
        text("T16", "a right-to-left override", "photo_\u{202e}gnp.exe"),
        text("T16", "isolates never closed", "\u{2066}\u{2067}\u{2068}x"),
        text(
            "T16",
            "zero-width characters",
            "adm\u{200b}in\u{200c}\u{200d}\u{2060}\u{feff}",
        ),
        text(
            "T16",
            "invisible letters",
            "a\u{3164}b\u{ffa0}c\u{115f}d\u{00ad}e",
        ),
        text("T16", "tags", "ok\u{e0001}\u{e0041}\u{e007f}"),
        text("T16", "variation selectors", "x\u{fe0f}\u{e0100}\u{e01ef}"),
        text(
            "T16",
            "look-alikes",
            "\u{0430}dmin \u{0440}\u{0430}y\u{0440}\u{0430}l",
        ),
        (
            "T16",
            "400 combining marks",
            format!("Z{}", "\u{0301}\u{0489}".repeat(200)),
        ),
        ("T16", "20 KB of one letter", "W".repeat(20_000)),
        ("T16", "20 KB of wide letters", "\u{fdfd}".repeat(7_000)),
        text(
            "T16",
            "a character beyond all planes' use",
            "\u{10ffff}\u{fffe}\u{1fffe}",
        ),
    ]
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (threat, input, text) in texts() {
        let refusal =
            json!({"error": text, "error_description": text, "error_uri": text}).to_string();
        for (place, status, expect) in [
            (Place::Discovery, "403 Forbidden", Class::Refused),
            (Place::Registration, "400 Bad Request", Class::Refused),
            (Place::Management, "400 Bad Request", Class::Refused),
            (Place::Token, "400 Bad Request", Class::Refused),
            (Place::Introspection, "400 Bad Request", Class::Refused),
            (Place::Api, "400 Bad Request", Class::Taken),
        ] {
            rows.push(Row::new(
                threat,
                place,
                format!("a refusal with {input}"),
                Reply::with(status, &[], refusal.as_bytes()),
                &[expect],
            ));
        }
        let named = named(&text);
        rows.push(Row::new(
            threat,
            Place::Registration,
            format!("a client with {input}"),
            Reply::json(&named),
            &[Class::Taken],
        ));
        let issuer =
            json!({"issuer": text, "registration_endpoint": "ISSUER/register"}).to_string();
        rows.push(Row::new(
            threat,
            Place::Discovery,
            format!("an issuer with {input}"),
            Reply::json(&issuer),
            &[Class::Security],
        ));
    }
    rows
}

/// A registration answer that says the text wherever it can.
pub(crate) fn named(text: &str) -> String {
    let mut answer: serde_json::Value =
        serde_json::from_str(&good::body(Place::Registration)).unwrap();
    for member in [
        "client_name",
        "scope",
        "client_uri",
        "logo_uri",
        "tos_uri",
        "software_id",
        "x-other",
    ] {
        answer[member] = json!(text);
    }
    for member in ["contacts", "redirect_uris", "grant_types"] {
        answer[member] = json!([text]);
    }
    answer["client_id"] = json!("c1");
    answer.to_string()
}
