//! Numbers of documents that a page cannot hold: JavaScript keeps integers up to 2^53 alone (RFC 8259 §6). They cross
//! as marked texts, which `ui/src/lib/json.ts` shows as numbers and sends back as it got them.

use serde_json::{Number, Value};

/// In front of the digits; private use, so that no other text begins with it.
const MARK: &str = "\u{e000}number:";
/// The members that hold documents of a provider. Everything else has numbers of ours.
const DOCUMENTS: [&str; 8] = [
    "authorization_details",
    "claims_json",
    "current",
    "granted",
    "introspection",
    "jwks",
    "public_jwk",
    "requested",
];
/// Largest integer that JavaScript holds exactly.
const LARGEST: u64 = 1 << 53;
/// Digits of the shortest integer beyond it.
const LONG: usize = 16;

/// An answer for a page.
pub(crate) fn marked(text: String) -> String {
    // Nearly no answer has one, and a list may be long.
    if !has_long_digits(&text) {
        return text;
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(mut value) => {
            mark_documents(&mut value);
            value.to_string()
        }
        Err(_ours) => text,
    }
}

/// What a page sent, with its numbers.
pub(crate) fn unmarked(value: &mut Value) {
    match value {
        Value::String(text) => {
            let number = text.strip_prefix(MARK).map(str::parse::<Number>);
            if let Some(Ok(number)) = number {
                *value = Value::Number(number);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unmarked),
        Value::Object(members) => members.values_mut().for_each(unmarked),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn has_long_digits(text: &str) -> bool {
    let mut digits = 0;
    text.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= LONG
    })
}

fn mark_documents(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mark_documents),
        Value::Object(members) => {
            for (name, member) in members {
                if DOCUMENTS.contains(&name.as_str()) {
                    mark_numbers(member);
                } else {
                    mark_documents(member);
                }
            }
        }
        _ => {}
    }
}

fn mark_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let size = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            if size.is_some_and(|size| size > LARGEST) {
                *value = Value::String(format!("{MARK}{number}"));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mark_numbers),
        Value::Object(members) => members.values_mut().for_each(mark_numbers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_number_of_a_document_crosses_unchanged() {
        let document = json!({
            "claims_json": { "uid": 12_345_678_901_234_567_890_u64, "n": [-9_007_199_254_740_993_i64, 7] },
            "expires_at": 9_007_199_254_740_993_u64,
        });
        let sent = marked(document.to_string());
        let mut read: Value = serde_json::from_str(&sent).unwrap();
        assert_eq!(
            read["claims_json"]["uid"],
            "\u{e000}number:12345678901234567890"
        );
        assert_eq!(read["claims_json"]["n"][1], 7);
        // A number of ours stays one.
        assert_eq!(read["expires_at"], 9_007_199_254_740_993_u64);
        unmarked(&mut read);
        assert_eq!(read, document);
    }

    #[test]
    fn other_answers_are_not_touched() {
        for text in [
            r#"{"claims_json":{"a":1.0}}"#,
            r#"["1234567890123456"#,
            "null",
        ] {
            assert_eq!(marked(text.to_owned()), text);
        }
        let mut odd = json!(["\u{e000}number:x", "12345678901234567"]);
        unmarked(&mut odd);
        assert_eq!(odd, json!(["\u{e000}number:x", "12345678901234567"]));
    }
}
