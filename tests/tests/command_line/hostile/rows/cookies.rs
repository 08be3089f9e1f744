//! Cookies that an API may not set (T21). What is kept is asked for again by a call with the session.

use crate::hostile::{
    row::{Class, Place, Row},
    server::Reply,
};

const REFUSED: [(&str, &str); 27] = [
    ("another host", "a=1; Domain=evil.example"),
    ("a public suffix", "a=1; Domain=com"),
    ("a public suffix of two parts", "a=1; Domain=co.uk"),
    ("localhost", "a=1; Domain=localhost"),
    ("another address", "a=1; Domain=127.0.0.2"),
    ("a part of the address", "a=1; Domain=0.0.1"),
    ("an address below it", "a=1; Domain=x.127.0.0.1"),
    ("__Host- without Secure", "__Host-a=1; Path=/"),
    ("__Host- without a path", "__Host-a=1; Secure"),
    ("__Host- with another path", "__Host-a=1; Secure; Path=/x"),
    (
        "__Host- with a domain",
        "__Host-a=1; Secure; Path=/; Domain=127.0.0.1",
    ),
    ("__host- in small letters", "__host-a=1; Path=/"),
    ("__Secure- without Secure", "__Secure-a=1"),
    ("__SECURE- in capitals", "__SECURE-a=1"),
    ("a name before its value that is a prefix", "=__Host-a=1"),
    ("no name", "=1"),
    ("no name and no value", ""),
    ("blanks", "   "),
    ("only attributes", "; Path=/; Secure"),
    ("a value without a name", "alone"),
    ("over at once", "a=1; Max-Age=0"),
    ("over before all time", "a=1; Max-Age=-9223372036854775808"),
    (
        "over long ago",
        "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ),
    ("another path", "a=1; Path=/other"),
    ("a path that only begins alike", "a=1; Path=/ap"),
    ("a path longer than the address", "a=1; Path=/api/deep"),
    ("SameSite=None without Secure", "a=1; SameSite=None"),
];

const KEPT: [(&str, &str); 16] = [
    ("a plain one", "a=1"),
    ("a path of its own", "a=1; Path=/api"),
    ("the path of all", "a=1; Path=/"),
    ("a path that is none", "a=1; Path=api"),
    ("an empty domain", "a=1; Domain="),
    ("its own address as its domain", "a=1; Domain=127.0.0.1"),
    (
        "attributes nobody knows",
        "a=1; X=y; Partitioned; Priority=High",
    ),
    ("doubled attributes", "a=1; Path=/x; Path=/"),
    ("an unreadable date", "a=1; Expires=soon"),
    ("an unreadable age", "a=1; Max-Age=soon"),
    ("an age beyond all time", "a=1; Max-Age=9223372036854775807"),
    ("quotes", "a=\"1\""),
    ("equal signs", "a=b=c=="),
    ("a dot as its domain", "a=1; Domain=."),
    ("a tab in its value", "a=x\ty"),
    ("HttpOnly", "a=1; HttpOnly; SameSite=Strict"),
];

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |input: &str, cookies: &[String], expect: Class| {
        let headers: Vec<String> = cookies
            .iter()
            .map(|cookie| format!("Set-Cookie: {cookie}"))
            .collect();
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        rows.push(Row::new(
            "T21",
            Place::Api,
            input,
            Reply::with("200 OK", &headers, b"{}"),
            &[expect],
        ));
    };
    // No session is kept: there is none to call with.
    for (input, cookie) in REFUSED {
        add(
            &format!("cookie: {input}"),
            &[cookie.to_owned()],
            Class::Nothing,
        );
    }
    for (input, cookie) in KEPT {
        add(
            &format!("cookie: {input}"),
            &[cookie.to_owned()],
            Class::Taken,
        );
    }
    add(
        "cookie: an escape in its value",
        &["a=x\u{1b}[31m".to_owned()],
        Class::Network,
    );
    add(
        "a cookie of 5 KB",
        &[format!("a={}", "v".repeat(5000))],
        Class::Nothing,
    );
    add(
        "a cookie of 4 KB",
        &[format!("a={}", "v".repeat(4000))],
        Class::Taken,
    );
    add(
        "a name of 5 KB",
        &[format!("{}=1", "n".repeat(5000))],
        Class::Nothing,
    );
    add(
        "a path of 2 KB",
        &[format!("a=1; Path=/{}", "p".repeat(2000))],
        Class::Taken,
    );
    let flood: Vec<String> = (0..80).map(|n| format!("c{n}=1")).collect();
    add("80 cookies", &flood, Class::Taken);
    let large: Vec<String> = (0..80)
        .map(|n| format!("c{n}={}", "v".repeat(3000)))
        .collect();
    add("80 cookies of 3 KB", &large, Class::Taken);
    rows
}
