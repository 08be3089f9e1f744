//! Redirects (T05, T06): never followed, wherever they lead. The answer to a creation has an unknown outcome; one to
//! anything else is a refusal. Both name where the redirect leads.

use crate::hostile::{
    row::{Class, Place, Row},
    server::Reply,
};

const PLACES: [Place; 6] = [
    Place::Discovery,
    Place::Registration,
    Place::Management,
    Place::Token,
    Place::Introspection,
    Place::Jwks,
];
const STATUSES: [&str; 6] = [
    "300 Multiple Choices",
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for place in PLACES {
        let expect = match place {
            Place::Jwks => Class::Unchecked,
            // A server may create something and then send the browser to it.
            Place::Registration => Class::Unknown,
            _ => Class::Security,
        };
        for status in STATUSES {
            for (input, to) in [
                ("the same host", "ISSUER/elsewhere"),
                ("another host", "http://ELSEWHERE/take"),
            ] {
                let location = format!("Location: {to}");
                let input = format!("{} to {input}", &status[..3]);
                rows.push(Row::new(
                    "T05",
                    place,
                    input,
                    Reply::with(status, &[&location], b"{}"),
                    &[expect],
                ));
            }
        }
        for (input, to) in [
            ("a path", "/token"),
            ("no scheme", "//ELSEWHERE/take"),
            ("javascript:", "javascript:alert(1)"),
            ("file:", "file:///etc/passwd"),
            ("data:", "data:application/json,{}"),
            ("nothing", ""),
            ("nowhere", "http://"),
            ("with a user", "http://user:pass@ELSEWHERE/take"),
            ("8 KB away", ""),
        ] {
            let to = if input == "8 KB away" {
                format!("http://ELSEWHERE/{}", "a".repeat(8000))
            } else {
                to.to_owned()
            };
            let location = format!("Location: {to}");
            rows.push(Row::new(
                "T05",
                place,
                format!("307 to {input}"),
                Reply::with("307 Temporary Redirect", &[&location], b"{}"),
                &[expect],
            ));
        }
        rows.push(Row::new(
            "T05",
            place,
            "307 to two places",
            Reply::with(
                "307 Temporary Redirect",
                &[
                    "Location: http://ELSEWHERE/a",
                    "Location: http://ELSEWHERE/b",
                ],
                b"{}",
            ),
            &[expect],
        ));
        rows.push(Row::new(
            "T05",
            place,
            "307 without a place",
            Reply::with("307 Temporary Redirect", &[], b"{}"),
            &[expect],
        ));
    }
    // A call of an API shows the redirect and goes nowhere.
    for status in STATUSES {
        rows.push(Row::new(
            "T05",
            Place::Api,
            format!("{} to another host", &status[..3]),
            Reply::with(status, &["Location: http://ELSEWHERE/take"], b""),
            &[Class::Taken],
        ));
    }
    // What looks like a redirect and is none.
    for (input, header) in [
        ("Refresh", "Refresh: 0; url=http://ELSEWHERE/take"),
        (
            "Content-Location",
            "Content-Location: http://ELSEWHERE/take",
        ),
        ("Link", "Link: <http://ELSEWHERE/take>; rel=preconnect"),
        ("Alt-Svc", "Alt-Svc: h2=\"ELSEWHERE\"; ma=3600"),
        ("Location beside 201", "Location: http://ELSEWHERE/take"),
    ] {
        let body = crate::hostile::good::body(Place::Registration);
        let status = if input.starts_with("Location") {
            "201 Created"
        } else {
            "200 OK"
        };
        rows.push(Row::new(
            "T05",
            Place::Registration,
            input,
            Reply::with(status, &[header], body.as_bytes()),
            &[Class::Taken],
        ));
    }
    rows
}
