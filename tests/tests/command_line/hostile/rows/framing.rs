//! HTTP that is broken, endless, late or ambiguous (T09, T11, T12, F12).

use std::time::Duration;

use crate::hostile::{
    good,
    row::{Class, Place, Row, lost, taken, unreadable},
    server::Reply,
};

const PLACES: [Place; 7] = [
    Place::Discovery,
    Place::Registration,
    Place::Management,
    Place::Token,
    Place::Introspection,
    Place::Jwks,
    Place::Api,
];

/// What comes of a framing that is broken in this way.
#[derive(Clone, Copy)]
enum Fate {
    /// The connection ends before the answer is whole.
    Lost,
    /// The answer is whole and says nothing.
    Unreadable,
    /// The answer can be read after all, and is.
    Taken,
    /// More bytes than are read.
    Much,
    /// Bytes without end.
    Endless,
    /// A status that is no success.
    Refused,
}

fn fate(place: Place, fate: Fate) -> Vec<Class> {
    match fate {
        // A call of an API reads more: that body is what the user asked for.
        Fate::Much if place == Place::Api => vec![Class::Taken],
        Fate::Lost | Fate::Endless | Fate::Much => vec![lost(place)],
        Fate::Refused if matches!(place, Place::Registration | Place::Management) => {
            vec![Class::Refused]
        }
        Fate::Unreadable | Fate::Refused => vec![unreadable(place)],
        Fate::Taken => vec![taken(place)],
    }
}

/// Head and body as they are.
fn raw(head: &str, body: &str) -> Reply {
    Reply::Bytes(format!("{head}\r\n\r\n{body}").into_bytes())
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for place in PLACES {
        for (threat, input, reply, what) in framings(&good::body(place)) {
            rows.push(Row::new(threat, place, input, reply, &fate(place, what)));
        }
    }
    // The real 30 seconds, all at the same time.
    let second = Duration::from_secs(1);
    for place in [
        Place::Discovery,
        Place::Registration,
        Place::Token,
        Place::Jwks,
    ] {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n".to_vec();
        rows.push(Row::new(
            "T12",
            place,
            "one byte a second, head",
            Reply::Drip(
                b"HTTP/1.1 200 OK\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_vec(),
                second,
            ),
            &[lost(place)],
        ));
        rows.push(Row::new(
            "T12",
            place,
            "a byte now and then, body",
            Reply::Drip(
                [head, vec![b' '; 9000]].concat(),
                Duration::from_millis(200),
            ),
            &[lost(place)],
        ));
        rows.push(Row::new(
            "T12",
            place,
            "silence",
            Reply::Silence,
            &[lost(place)],
        ));
    }
    let hints = b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n".repeat(1024);
    rows.push(Row::new(
        "T12",
        Place::Token,
        "interim answers without end",
        Reply::Flood(Vec::new(), hints),
        &[lost(Place::Token)],
    ));
    rows
}

fn framings(body: &str) -> Vec<(&'static str, &'static str, Reply, Fate)> {
    let ok = "HTTP/1.1 200 OK";
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
    let length = body.replace("ISSUER", "http://127.0.0.1:00000").len();
    let big = 2 * 1024 * 1024;
    let chunked = |chunks: &str| raw(&format!("{json}\r\nTransfer-Encoding: chunked"), chunks);
    let many = |count: usize| {
        (0..count)
            .map(|n| format!("\r\nX-Header-{n}: value"))
            .collect::<String>()
    };
    vec![
        (
            "F12",
            "closed at once",
            Reply::Bytes(Vec::new()),
            Fate::Lost,
        ),
        ("F12", "reset at once", Reply::Reset(Vec::new()), Fate::Lost),
        (
            "F12",
            "reset in the body",
            Reply::Reset(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec()),
            Fate::Lost,
        ),
        (
            "F12",
            "half a status line",
            Reply::Bytes(b"HTTP/1.1 2".to_vec()),
            Fate::Lost,
        ),
        (
            "F12",
            "no end of the head",
            Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n".to_vec()),
            Fate::Lost,
        ),
        (
            "F12",
            "half the body",
            raw(&format!("{json}\r\nContent-Length: 9000"), body),
            Fate::Lost,
        ),
        (
            "F15",
            "bytes that are no HTTP",
            Reply::Bytes(b"\x00\x01\x02\xff\xfe SSH-2.0-OpenSSH\r\n\r\n".to_vec()),
            Fate::Lost,
        ),
        (
            "F15",
            "an HTTP/0.9 page",
            Reply::Bytes(b"<html>hello</html>".to_vec()),
            Fate::Lost,
        ),
        (
            "F15",
            "an HTTP/2 preface",
            Reply::Bytes(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
            Fate::Lost,
        ),
        (
            "F15",
            "an answer of TLS",
            Reply::Bytes(b"\x15\x03\x01\x00\x02\x02\x46".to_vec()),
            Fate::Lost,
        ),
        ("F15", "HTTP/3.0", raw("HTTP/3.0 200 OK", body), Fate::Lost),
        (
            "F15",
            "a status of 99999",
            raw("HTTP/1.1 99999 OK", body),
            Fate::Lost,
        ),
        (
            "F15",
            "a status of 000",
            raw("HTTP/1.1 000 OK", body),
            Fate::Lost,
        ),
        (
            "F15",
            "a negative status",
            raw("HTTP/1.1 -200 OK", body),
            Fate::Lost,
        ),
        (
            "F15",
            "a status of words",
            raw("HTTP/1.1 OK 200", body),
            Fate::Lost,
        ),
        (
            "T09",
            "a negative length",
            raw(&format!("{json}\r\nContent-Length: -1"), body),
            Fate::Lost,
        ),
        (
            "T09",
            "a length of words",
            raw(&format!("{json}\r\nContent-Length: lots"), body),
            Fate::Lost,
        ),
        (
            "T09",
            "a length beyond all numbers",
            raw(
                &format!("{json}\r\nContent-Length: 99999999999999999999999"),
                body,
            ),
            Fate::Lost,
        ),
        (
            "T09",
            "a length of 8 EiB",
            raw(
                &format!("{json}\r\nContent-Length: 9223372036854775807"),
                body,
            ),
            Fate::Lost,
        ),
        (
            "T09",
            "two lengths",
            raw(
                &format!("{json}\r\nContent-Length: 1\r\nContent-Length: 2"),
                body,
            ),
            Fate::Lost,
        ),
        ("T09", "an unknown length", raw(json, body), Fate::Taken),
        (
            "T09",
            "2 MiB",
            Reply::with("200 OK", &[], &vec![b' '; big]),
            Fate::Much,
        ),
        (
            "T09",
            "2 MiB of unknown length",
            Reply::Bytes([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; big]].concat()),
            Fate::Much,
        ),
        (
            "T09",
            "a body without end",
            Reply::Flood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 65536]),
            Fate::Endless,
        ),
        (
            "T09",
            "chunks without end",
            Reply::Flood(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
                format!("ff\r\n{}\r\n", " ".repeat(255))
                    .repeat(64)
                    .into_bytes(),
            ),
            Fate::Endless,
        ),
        (
            "T09",
            "chunks of one byte",
            Reply::Flood(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
                b"1\r\n \r\n".repeat(4096),
            ),
            Fate::Endless,
        ),
        (
            "T09",
            "an error page without end",
            Reply::Flood(b"HTTP/1.1 500 No\r\n\r\n".to_vec(), vec![b'x'; 65536]),
            Fate::Endless,
        ),
        (
            "T09",
            "a chunk size of words",
            chunked("zz\r\n{}\r\n0\r\n\r\n"),
            Fate::Lost,
        ),
        (
            "T09",
            "a chunk size beyond all numbers",
            chunked("fffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
            Fate::Lost,
        ),
        (
            "T09",
            "a negative chunk size",
            chunked("-1\r\n{}\r\n0\r\n\r\n"),
            Fate::Lost,
        ),
        (
            "T09",
            "chunks that stop",
            chunked("2\r\n{}\r\n"),
            Fate::Lost,
        ),
        (
            "T09",
            "a chunk extension without end",
            Reply::Flood(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;".to_vec(),
                vec![b'a'; 65536],
            ),
            Fate::Lost,
        ),
        (
            "T09",
            "length and chunks",
            raw(
                &format!("{json}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"),
                "2\r\n[]\r\n0\r\n\r\n",
            ),
            Fate::Unreadable,
        ),
        (
            "T11",
            "a header without a colon",
            raw(&format!("{ok}\r\nno colon here"), body),
            Fate::Lost,
        ),
        (
            "T11",
            "NUL in a header",
            raw(&format!("{ok}\r\nX: a\0b"), body),
            Fate::Lost,
        ),
        (
            "T11",
            "a space in a header's name",
            raw(&format!("{ok}\r\nX Y: a"), body),
            Fate::Lost,
        ),
        (
            "T11",
            "a header without a name",
            raw(&format!("{ok}\r\n: a"), body),
            Fate::Lost,
        ),
        (
            "T11",
            "a folded header",
            raw(&format!("{ok}\r\nX: a\r\n b"), body),
            Fate::Lost,
        ),
        (
            "T11",
            "10,000 headers",
            raw(&format!("{ok}{}", many(10_000)), body),
            Fate::Lost,
        ),
        (
            "T11",
            "a header of 10 MiB",
            raw(
                &format!("{ok}\r\nX: {}", "a".repeat(10 * 1024 * 1024)),
                body,
            ),
            Fate::Lost,
        ),
        (
            "T11",
            "headers without end",
            Reply::Flood(
                b"HTTP/1.1 200 OK\r\n".to_vec(),
                b"X-Header: value\r\n".repeat(4096),
            ),
            Fate::Lost,
        ),
        (
            "T11",
            "one header without end",
            Reply::Flood(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'a'; 65536]),
            Fate::Lost,
        ),
        (
            "T11",
            "a status line without end",
            Reply::Flood(b"HTTP/1.1 200 ".to_vec(), vec![b'a'; 65536]),
            Fate::Lost,
        ),
        (
            "T11",
            "trailers without end",
            Reply::Flood(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n".to_vec(),
                b"X-Trailer: value\r\n".repeat(4096),
            ),
            Fate::Lost,
        ),
        (
            "T11",
            "Latin-1 in a header",
            Reply::Bytes(
                [
                    b"HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\n\r\n",
                    body.as_bytes(),
                ]
                .concat(),
            ),
            Fate::Taken,
        ),
        (
            "T11",
            "a hundred interim answers",
            raw(
                &format!("{}{json}", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
                body,
            ),
            Fate::Taken,
        ),
        (
            "T11",
            "a change to another protocol",
            raw(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade",
                body,
            ),
            Fate::Refused,
        ),
        (
            "T09",
            "a second answer behind the first",
            raw(
                &format!("{json}\r\nContent-Length: {length}"),
                &format!("{body}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{{}}"),
            ),
            Fate::Taken,
        ),
    ]
}
