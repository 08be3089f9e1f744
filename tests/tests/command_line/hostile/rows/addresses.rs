//! Metadata that speaks for another issuer or points to other places (T01, T02, T03, T06, T18, T29).

use crate::hostile::{
    good,
    row::{Class, Place, Row},
    server::Reply,
};

/// Where metadata must not lead: private networks, other hosts, other protocols.
const AWAY: [(&str, &str, &str); 40] = [
    ("T02", "another port", "http://ELSEWHERE/take"),
    ("T02", "another host", "https://login.example.net/take"),
    (
        "T02",
        "a host that begins alike",
        "https://127.0.0.1.evil.example/take",
    ),
    ("T02", "a name of this machine", "http://localhost:9/take"),
    ("T02", "a name below localhost", "http://a.localhost:9/take"),
    (
        "T02",
        "the same host, as a user",
        "http://127.0.0.1@ELSEWHERE/take",
    ),
    (
        "T02",
        "a backslash before the host",
        "http:\\\\\\\\ELSEWHERE\\\\take",
    ),
    ("T02", "no slashes", "http:ELSEWHERE/take"),
    ("T02", "three slashes", "http:///ELSEWHERE/take"),
    ("T02", "capitals", "HTTP://ELSEWHERE/take"),
    ("T02", "blanks around", "  http://ELSEWHERE/take  "),
    ("T02", "a tab within", "ht\\ttp://ELSEWHERE/take"),
    ("T03", "IPv6 loopback", "http://[::1]:9/take"),
    ("T03", "mapped loopback", "https://[::ffff:127.0.0.1]/take"),
    (
        "T03",
        "an instance's metadata",
        "https://169.254.169.254/latest/meta-data",
    ),
    ("T03", "link-local in hexadecimal", "https://0xa9fea9fe/"),
    ("T03", "link-local as one number", "https://2852039166/"),
    ("T03", "10.0.0.0/8", "https://10.0.0.1/take"),
    ("T03", "10.1 for short", "https://10.1/take"),
    ("T03", "172.16.0.0/12", "https://172.20.1.1/take"),
    ("T03", "192.168.0.0/16", "https://192.168.1.1/take"),
    ("T03", "carrier-grade NAT", "https://100.64.0.1/take"),
    ("T03", "no address", "https://0.0.0.0/take"),
    ("T03", "broadcast", "https://255.255.255.255/take"),
    ("T03", "multicast", "https://224.0.0.251/take"),
    ("T03", "unique local IPv6", "https://[fd00::1]/take"),
    ("T03", "link-local IPv6", "https://[fe80::1]/take"),
    (
        "T03",
        "NAT64 of a private address",
        "https://[64:ff9b::a00:1]/take",
    ),
    (
        "T03",
        "6to4 of a private address",
        "https://[2002:a00:1::1]/take",
    ),
    ("T06", "plain http elsewhere", "http://id.example.net/take"),
    ("T18", "javascript:", "javascript:fetch('http://ELSEWHERE')"),
    ("T18", "file:", "file:///etc/passwd"),
    ("T18", "data:", "data:application/json,{}"),
    ("T18", "smb:", "smb://ELSEWHERE/share"),
    ("T18", "a UNC path", "\\\\\\\\ELSEWHERE\\\\share"),
    ("T18", "a command", "$(curl ELSEWHERE)"),
    (
        "T18",
        "a command in an address",
        "https://id.example.net/;$(id)`id`'\\\"&calc.exe",
    ),
    ("T18", "ftp:", "ftp://ELSEWHERE/take"),
    ("T18", "ws:", "ws://ELSEWHERE/take"),
    ("T18", "a custom scheme", "keywright://register?now=1"),
];

/// Issuers that are nearly right.
const ISSUERS: [(&str, &str); 25] = [
    ("two slashes more", "ISSUER//"),
    ("a dot segment", "ISSUER/."),
    ("another path", "ISSUER/t1"),
    ("another port", "http://127.0.0.1:1"),
    ("no port", "http://127.0.0.1"),
    ("another host", "https://id.example.com"),
    ("https for http", "https://127.0.0.1"),
    ("capitals", "HTTP://127.0.0.1"),
    ("localhost for its address", "http://localhost"),
    ("a query", "ISSUER?x=1"),
    ("an empty query", "ISSUER?"),
    ("a fragment", "ISSUER#x"),
    ("an empty fragment", "ISSUER#"),
    ("a blank before", " ISSUER"),
    ("a blank after", "ISSUER "),
    ("a line end after", "ISSUER\\n"),
    ("a zero-width space", "ISSUER\\u200b"),
    ("a soft hyphen", "ISSUER\\u00ad"),
    ("a right-to-left mark", "\\u200fISSUER"),
    ("NUL after", "ISSUER\\u0000"),
    ("a user", "http://user@127.0.0.1"),
    ("percent-encoding", "http://%31%32%37.0.0.1"),
    ("full-width digits", "http://\\uff11\\uff12\\uff17.0.0.1"),
    ("a tenant in braces", "ISSUER/{tenantid}"),
    ("words", "trust me"),
];

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (input, issuer) in ISSUERS {
        let document =
            good::body(Place::Discovery).replacen("\"ISSUER\"", &format!("\"{issuer}\""), 1);
        rows.push(Row::new(
            "T01",
            Place::Discovery,
            input,
            Reply::json(&document),
            &[Class::Security],
        ));
    }
    // Both spellings have the same well-known address: the document's is used.
    rows.push(Row::new(
        "T01",
        Place::Discovery,
        "a slash more",
        Reply::json(&good::body(Place::Discovery).replacen("\"ISSUER\"", "\"ISSUER/\"", 1)),
        &[Class::Taken],
    ));
    for (input, document) in [
        (
            "no issuer",
            r#"{"registration_endpoint":"ISSUER/register"}"#,
        ),
        (
            "an issuer that is null",
            r#"{"issuer":null,"registration_endpoint":"ISSUER/register"}"#,
        ),
        (
            "an issuer that is empty",
            r#"{"issuer":"","registration_endpoint":"ISSUER/register"}"#,
        ),
        (
            "an issuer that is a list",
            r#"{"issuer":["ISSUER"],"registration_endpoint":"ISSUER/register"}"#,
        ),
        (
            "an issuer that is an object",
            r#"{"issuer":{"a":"ISSUER"},"registration_endpoint":"ISSUER/register"}"#,
        ),
        (
            "an issuer that is true",
            r#"{"issuer":true,"registration_endpoint":"ISSUER/register"}"#,
        ),
    ] {
        rows.push(Row::new(
            "T01",
            Place::Discovery,
            input,
            Reply::json(document),
            &[Class::Refused],
        ));
    }
    for (threat, input, address) in AWAY {
        // Not an address for the web at all: as if the server named none.
        let none = matches!(threat, "T18") && !address.starts_with("https:");
        let user = address.contains('@');
        let refused = if none || user {
            Class::Refused
        } else {
            Class::Security
        };
        rows.push(Row::new(
            threat,
            Place::Discovery,
            format!("registration_endpoint: {input}"),
            naming("registration_endpoint", address),
            &[refused],
        ));
        let managed = good::body(Place::Registration).replace("ISSUER/manage/c1", address);
        rows.push(Row::new(
            threat,
            Place::Pinned,
            format!("registration_client_uri: {input}"),
            Reply::json(&managed),
            &[refused],
        ));
        // The logo and the pages of a client are never fetched; the answer is kept as it is.
        let logo = good::body(Place::Registration).replacen('{', &format!("{{\"logo_uri\":\"{address}\",\"policy_uri\":\"{address}\",\"jwks_uri\":\"{address}\","), 1);
        rows.push(Row::new(
            threat,
            Place::Registration,
            format!("logo_uri: {input}"),
            Reply::json(&logo),
            &[Class::Taken],
        ));
    }
    let no = Class::Refused;
    for (input, address, expect) in [
        ("another client's id", "ISSUER/manage?client_id=c2", no),
        ("two ids", "ISSUER/manage?client_id=c1&client_id=c2", no),
        // It is at the origin of the registration endpoint, and nowhere else.
        ("a relative address", "/manage/c1", Class::Taken),
        ("a relative address elsewhere", "//ELSEWHERE/manage/c1", no),
        ("another client's id, relative", "/manage?client_id=c2", no),
        ("an empty address", "", no),
    ] {
        let managed = good::body(Place::Registration).replace("ISSUER/manage/c1", address);
        rows.push(Row::new(
            "T29",
            Place::Pinned,
            format!("registration_client_uri: {input}"),
            Reply::json(&managed),
            &[expect],
        ));
    }
    for (input, answer, expect) in [
        (
            "about another client",
            r#"{"client_id":"c2"}"#.to_owned(),
            Class::Security,
        ),
        (
            "about C1",
            r#"{"client_id":"C1"}"#.to_owned(),
            Class::Security,
        ),
        (
            "about a client with a blank",
            r#"{"client_id":"c1 "}"#.to_owned(),
            Class::Security,
        ),
        (
            "about client 1",
            r#"{"client_id":1}"#.to_owned(),
            Class::Security,
        ),
        (
            "with another management address",
            r#"{"client_id":"c1","registration_client_uri":"http://ELSEWHERE/take"}"#.to_owned(),
            Class::Taken,
        ),
        (
            "with a new token and another address",
            format!(
                r#"{{"client_id":"c1","registration_client_uri":"http://ELSEWHERE/take","registration_access_token":"{}"}}"#,
                good::REGISTRATION_TOKEN
            ),
            Class::Taken,
        ),
    ] {
        rows.push(Row::new(
            "T29",
            Place::Management,
            format!("an answer {input}"),
            Reply::json(&answer),
            &[expect],
        ));
    }
    rows
}

fn naming(member: &str, address: &str) -> Reply {
    let document = good::body(Place::Discovery);
    let own = format!("\"{member}\":\"ISSUER/register\"");
    Reply::json(&document.replace(&own, &format!("\"{member}\":\"{address}\"")))
}
