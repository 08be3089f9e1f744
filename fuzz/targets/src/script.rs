//! An input read as a play: the first line names what is done, the rest are the answers to it, each a status, headers
//! and a body, with a line of `====` between them.

use std::fmt::Write as _;

use serde_json::Value;
use url::Url;

use crate::stage::find;

/// Stands for the first server in the corpora.
const HERE: &[u8] = b"https://id.example";
const BETWEEN: &[u8] = b"\n====\n";
/// Headers that would make the answer another one than what is written: the target `wire` is for those.
const OWN: [&str; 3] = ["content-length", "transfer-encoding", "content-encoding"];

/// What a server sends.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    /// The connection ends with it.
    pub(crate) closes: bool,
    /// Nothing more comes, and the connection stays open.
    pub(crate) hangs: bool,
}

impl Answer {
    /// When the script is at its end.
    pub(crate) fn none() -> Self {
        Self::of(404, "", b"")
    }

    /// The bytes as they are. Those that begin with `~` are the beginning of an answer that never ends.
    pub(crate) fn raw(bytes: &[u8]) -> Self {
        let hanging = bytes.strip_prefix(b"~");
        Self {
            bytes: hanging.unwrap_or(bytes).to_vec(),
            closes: hanging.is_none(),
            hangs: hanging.is_some(),
        }
    }

    pub(crate) fn of(status: u16, headers: &str, body: &[u8]) -> Self {
        let has_body = !matches!(status, 100..=199 | 204 | 304);
        let mut bytes = format!("HTTP/1.1 {status} Fuzz\r\n{headers}").into_bytes();
        if has_body {
            bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        if has_body {
            bytes.extend_from_slice(body);
        }
        Self {
            bytes,
            closes: status < 200,
            hangs: false,
        }
    }
}

/// What is done, and the answers to it.
pub(crate) fn read(data: &[u8], here: &str, elsewhere: &str) -> Option<(u8, Vec<Answer>)> {
    let (first, mut rest) = data.split_at_checked(find(data, b"\n")?)?;
    rest = rest.get(1..)?;
    let mut answers = Vec::new();
    loop {
        let end = find(rest, BETWEEN);
        let block = &rest[..end.unwrap_or(rest.len())];
        answers.push(scripted(block, here, elsewhere));
        match end {
            Some(end) => rest = &rest[end + BETWEEN.len()..],
            None => return Some((*first.first()?, answers)),
        }
    }
}

fn scripted(block: &[u8], here: &str, elsewhere: &str) -> Answer {
    let split = find(block, b"\n\n");
    let head = String::from_utf8_lossy(&block[..split.unwrap_or(block.len())]);
    let body = split.map_or(&[][..], |at| &block[at + 2..]);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse().ok());
    let mut headers = String::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = name.trim().to_ascii_lowercase();
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if is_name && !OWN.contains(&&*name) {
            let value = value.replace("https://id.example", here).replace('\r', "");
            let _ = write!(headers, "{name}:{value}\r\n");
        }
    }
    let status = status
        .filter(|status| (100..=999).contains(status))
        .unwrap_or(200);
    Answer::of(status, &headers, &placed(body, here, elsewhere))
}

/// The body with its addresses on the two servers: whoever runs the fuzzer asks no one else.
fn placed(body: &[u8], here: &str, elsewhere: &str) -> Vec<u8> {
    let mut placed = Vec::new();
    let mut rest = body;
    while let Some(at) = find(rest, HERE) {
        placed.extend_from_slice(&rest[..at]);
        placed.extend_from_slice(here.as_bytes());
        rest = &rest[at + HERE.len()..];
    }
    placed.extend_from_slice(rest);
    let Ok(mut value) = serde_json::from_slice::<Value>(&placed) else {
        return placed;
    };
    if send_elsewhere(&mut value, here, elsewhere) {
        return value.to_string().into_bytes();
    }
    placed
}

/// Moves each address of a third server to the second one; says whether there was one.
fn send_elsewhere(value: &mut Value, here: &str, elsewhere: &str) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |moved, (_, inner)| {
            send_elsewhere(inner, here, elsewhere) | moved
        }),
        Value::Array(items) => items.iter_mut().fold(false, |moved, inner| {
            send_elsewhere(inner, here, elsewhere) | moved
        }),
        Value::String(text) => {
            let Ok(mut url) = Url::parse(text) else {
                return false;
            };
            let is_known = [here, elsewhere]
                .iter()
                .any(|known| url.origin().ascii_serialization() == *known);
            if is_known || !url.has_host() {
                return false;
            }
            let other = Url::parse(elsewhere).unwrap();
            let moved = url.set_scheme("http").is_ok()
                && url.set_host(other.host_str()).is_ok()
                && url.set_port(other.port()).is_ok();
            *text = if moved {
                url.to_string()
            } else {
                elsewhere.to_owned()
            };
            true
        }
        _ => false,
    }
}
