//! Messages of JSON-RPC in an answer: one JSON document, or a stream of events (Streamable HTTP).

use keywright_oauth::http::Response;
use serde_json::Value;

/// Longest text of an error that is kept, in characters.
const LONGEST: usize = 600;

/// An answer to a request.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    /// `result`.
    Result(Value),
    /// `error`.
    Error {
        /// `code`.
        code: i64,
        /// `message`.
        message: String,
    },
}

/// The answer to the request of this number. Requests and notifications of the server are passed over.
pub(super) fn message_in(response: &Response, number: u64) -> Option<Message> {
    let text = String::from_utf8_lossy(&response.body);
    let content_type = response.header("content-type").unwrap_or_default();
    let is_stream = content_type
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("text/event-stream");
    if !is_stream {
        return answer(&serde_json::from_str(&text).ok()?, number);
    }
    events(&text)
        .iter()
        .filter_map(|data| serde_json::from_str(data).ok())
        .find_map(|value| answer(&value, number))
}

/// The data of each event: lines that begin so, joined (HTML, server-sent events, §9.2.6).
fn events(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut data: Vec<&str> = Vec::new();
    for line in text.split('\n').chain([""]) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(rest) = line.strip_prefix("data:") {
            data.push(rest.strip_prefix(' ').unwrap_or(rest));
        } else if line.is_empty() && !data.is_empty() {
            all.push(data.join("\n"));
            data.clear();
        }
    }
    all
}

fn answer(value: &Value, number: u64) -> Option<Message> {
    let id = value.get("id")?;
    let error = value.get("error");
    // A server that could not read the request answers with `null` (JSON-RPC 2.0 §5).
    if id.as_u64() != Some(number) && !(id.is_null() && error.is_some()) {
        return None;
    }
    if let Some(result) = value.get("result") {
        return Some(Message::Result(result.clone()));
    }
    let error = error?;
    let message = error.get("message").and_then(Value::as_str);
    Some(Message::Error {
        code: error
            .get("code")
            .and_then(Value::as_i64)
            .unwrap_or_default(),
        message: message.unwrap_or_default().chars().take(LONGEST).collect(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    fn read(content_type: &'static str, body: &str) -> Option<Message> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(content_type));
        let body = body.as_bytes().to_vec().into();
        message_in(&Response::new(200, headers, body), 2)
    }

    #[test]
    fn the_answer_to_the_request_is_found_in_json_or_a_stream() {
        let fine = Some(Message::Result(json!({"a": 1})));
        let json = r#"{"jsonrpc":"2.0","id":2,"result":{"a":1}}"#;
        assert_eq!(read("application/json", json), fine);
        let stream = "event: message\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"x\"}\r\n\r\n: comment\r\n\
             data: {\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}\r\n\r\n\
             id: 7\r\ndata: {\"jsonrpc\":\"2.0\",\r\ndata: \"id\":2,\"result\":{\"a\":1}}";
        assert_eq!(read("text/event-stream; charset=utf-8", stream), fine);
        let error = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32020,"message":"no"}}"#;
        let refused = Message::Error {
            code: -32_020,
            message: "no".into(),
        };
        assert_eq!(read("application/json", error), Some(refused));
        for other in ["", "<html>", "[]", r#"{"id":3,"result":{}}"#, r#"{"id":2}"#] {
            assert_eq!(read("application/json", other), None, "{other}");
        }
    }
}
