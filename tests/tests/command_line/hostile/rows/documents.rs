//! JSON that is deep, doubled, cut, or no JSON (T13).

use crate::hostile::{
    good,
    row::{Class, Place, Row, taken, unreadable},
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

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for place in PLACES {
        let body = good::body(place);
        let (no, yes) = (unreadable(place), taken(place));
        for (input, document) in broken(&body) {
            rows.push(Row::new("T13", place, input, reply(&document), &[no]));
        }
        // Another server answered than the one that manages clients: nothing of a read is lost (F15).
        let page = match place {
            Place::Management => Class::Refused,
            _ => no,
        };
        for (input, document) in pages() {
            rows.push(Row::new("T13", place, input, reply(document), &[page]));
        }
        for (input, document) in odd(&body) {
            rows.push(Row::new("T13", place, input, reply(&document), &[yes]));
        }
        // An object that says nothing: a read that is answered so must not replace what is known.
        for (input, document) in [("{}", "{}"), ("an unknown member", r#"{"x":1}"#)] {
            let expect = match place {
                Place::Introspection => Class::Taken,
                Place::Management => Class::Refused,
                _ => no,
            };
            rows.push(Row::new(
                "T13",
                place,
                input,
                reply(document.as_bytes()),
                &[expect],
            ));
        }
    }
    rows
}

fn reply(document: &[u8]) -> Reply {
    Reply::with("200 OK", &["Content-Type: application/json"], document)
}

/// `body` with a member put before its own.
fn with(body: &str, member: &str) -> Vec<u8> {
    format!("{{{member},{}", &body[1..]).into_bytes()
}

fn broken(body: &str) -> Vec<(&'static str, Vec<u8>)> {
    let deep = |open: &str, close: &str, depth: usize| {
        with(
            body,
            &format!("\"x\":{}{}", open.repeat(depth), close.repeat(depth)),
        )
    };
    let wide: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("nothing", Vec::new()),
        ("blanks", b" \n\t ".to_vec()),
        ("null", b"null".to_vec()),
        ("true", b"true".to_vec()),
        ("a number", b"42".to_vec()),
        ("a text", b"\"access_token\"".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a list around it", format!("[{body}]").into_bytes()),
        ("cut off", body.as_bytes()[..body.len() - 2].to_vec()),
        ("cut in a text", body.as_bytes()[..body.len() / 2].to_vec()),
        ("trailing bytes", format!("{body} trailing").into_bytes()),
        ("a second document", format!("{body}{body}").into_bytes()),
        ("10,000 lists deep", deep("[", "]", 10_000)),
        (
            "10,000 objects deep",
            with(
                body,
                &format!("\"x\":{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
            ),
        ),
        (
            "100,000 lists deep, never closed",
            format!("{{\"x\":{}", "[".repeat(100_000)).into_bytes(),
        ),
        ("128 deep", deep("[", "]", 128)),
        (
            "a number of 1,000 digits",
            with(body, &format!("\"x\":{}", "9".repeat(1000))),
        ),
        ("an exponent of 999999", with(body, "\"x\":1e999999")),
        ("NaN", with(body, "\"x\":NaN")),
        ("Infinity", with(body, "\"x\":-Infinity")),
        ("a leading zero", with(body, "\"x\":01")),
        ("a plus sign", with(body, "\"x\":+1")),
        (
            "single quotes",
            b"{'client_id':'c1','access_token':'a','issuer':'ISSUER','keys':[]}".to_vec(),
        ),
        ("a comment", with(body, "/* no */\"x\":1")),
        (
            "a trailing comma",
            format!("{},}}", &body[..body.len() - 1]).into_bytes(),
        ),
        ("a name without quotes", with(body, "x:1")),
        ("a lone high surrogate", with(body, r#""x":"\ud800""#)),
        ("a lone low surrogate", with(body, r#""x":"\udc00""#)),
        (
            "surrogates the wrong way round",
            with(body, r#""x":"\udc00\ud800""#),
        ),
        ("a raw control character", with(body, "\"x\":\"a\u{1}b\"")),
        ("a raw line end in a text", with(body, "\"x\":\"a\nb\"")),
        ("an unknown escape", with(body, r#""x":"\q""#)),
        ("UTF-16", wide.clone()),
        ("UTF-16 with its mark", [vec![0xff, 0xfe], wide].concat()),
        (
            "Latin-1",
            [
                b"{\"x\":\"caf\xe9\",".to_vec(),
                body.as_bytes()[1..].to_vec(),
            ]
            .concat(),
        ),
        (
            "overlong UTF-8",
            [
                b"{\"x\":\"\xc0\xaf\",".to_vec(),
                body.as_bytes()[1..].to_vec(),
            ]
            .concat(),
        ),
        ("NUL after it", format!("{body}\0").into_bytes()),
        (
            "two marks",
            [
                b"\xef\xbb\xbf\xef\xbb\xbf".to_vec(),
                body.as_bytes().to_vec(),
            ]
            .concat(),
        ),
        ("a guard before it", format!(")]}}',\n{body}").into_bytes()),
        (
            "a callback around it",
            format!("callback({body});").into_bytes(),
        ),
        (
            "a form",
            b"access_token=abc&client_id=c1&issuer=ISSUER".to_vec(),
        ),
        (
            "XML",
            b"<?xml version=\"1.0\"?><client_id>c1</client_id>".to_vec(),
        ),
        (
            "XML that swells",
            b"<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><x>&b;</x>"
                .to_vec(),
        ),
        (
            "a page with an endless title",
            format!("<html><title>{}", "x".repeat(60_000)).into_bytes(),
        ),
        ("YAML", b"client_id: c1\naccess_token: a\n".to_vec()),
        ("60 KB of quotes", vec![b'"'; 60_000]),
        (
            "60 KB of backslashes",
            [b"{\"x\":\"".to_vec(), vec![b'\\'; 60_000]].concat(),
        ),
    ]
}

/// Web pages with a title.
fn pages() -> [(&'static str, &'static [u8]); 2] {
    [
        ("a sign-in page", b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action=\"//ELSEWHERE/\"><input name=password></form></body></html>"),
        ("a page with a title of script", b"<html><title><script>fetch('//ELSEWHERE')</script></title></html>"),
    ]
}

fn odd(body: &str) -> Vec<(&'static str, Vec<u8>)> {
    let members: String = (0..3_000).map(|n| format!("\"m{n}\":{n},")).collect();
    vec![
        (
            "a byte order mark",
            [b"\xef\xbb\xbf".to_vec(), body.as_bytes().to_vec()].concat(),
        ),
        ("blanks around it", format!("\r\n\t {body} \n").into_bytes()),
        (
            "the last of two members",
            with(
                body,
                r#""client_id":"other","access_token":"other","issuer":"https://other.example","active":false,"keys":[]"#,
            ),
        ),
        (
            "3,000 members",
            format!("{{{members}{}", &body[1..]).into_bytes(),
        ),
        (
            "a name of 60 KB",
            with(body, &format!("\"{}\":1", "n".repeat(60_000))),
        ),
        (
            "a text of 60 KB",
            with(body, &format!("\"x\":\"{}\"", "v".repeat(60_000))),
        ),
        (
            "a list of 10,000",
            with(body, &format!("\"x\":[{}0]", "0,".repeat(10_000))),
        ),
        (
            "__proto__ and constructor",
            with(
                body,
                r#""__proto__":{"admin":true},"constructor":{"prototype":{}}"#,
            ),
        ),
        ("an empty name", with(body, r#""":1"#)),
        ("an escaped NUL", with(body, r#""x":"a\u0000b""#)),
        ("escaped names", with(body, r#""\u0078":1"#)),
        ("a pair of surrogates", with(body, r#""x":"\ud83d\ude00""#)),
        (
            "120 deep",
            with(
                body,
                &format!("\"x\":{}{}", "[".repeat(120), "]".repeat(120)),
            ),
        ),
        ("minus zero", with(body, "\"x\":-0.0")),
        (
            "the largest numbers",
            with(
                body,
                "\"x\":[18446744073709551615,-9223372036854775808,1.7976931348623157e308]",
            ),
        ),
        (
            "members that are null",
            with(body, r#""scope":null,"jwks":null,"error":null"#),
        ),
        (
            "members that are empty",
            with(body, r#""scope":"","error":"","client_name":"""#),
        ),
        (
            "members of the wrong kind",
            with(
                body,
                r#""scope":{"a":1},"client_name":[1],"logo_uri":5,"contacts":"x""#,
            ),
        ),
    ]
}
