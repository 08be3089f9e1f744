//! Looks for a secret in what is shown or kept.

use keywright_oauth::secret::REDACTED;
use serde_json::Value;

/// Shorter values are not searched for in text by the redaction: they would blank ordinary words.
const SHORTEST: usize = 6;

/// The secret is in no text of `shown`: in no value and no name where that is JSON, else nowhere.
pub(crate) fn assert_absent(shown: &str, secret: &str) {
    match serde_json::from_str::<Value>(shown) {
        Ok(value) => assert_absent_in(&value, secret),
        Err(_) => assert_no_part(shown, secret),
    }
}

fn assert_absent_in(value: &Value, secret: &str) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| {
            assert_no_part(name, secret);
            assert_absent_in(inner, secret);
        }),
        Value::Array(items) => items.iter().for_each(|item| assert_absent_in(item, secret)),
        Value::String(text) => assert_no_part(text, secret),
        Value::Number(number) => assert_no_part(&number.to_string(), secret),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The secret is nowhere in this text as it stands. The mark that stands in place of a secret may by chance complete
/// one: it counts as a gap.
pub(crate) fn assert_no_part(text: &str, secret: &str) {
    if secret.len() < SHORTEST || REDACTED.contains(secret) {
        return;
    }
    let found = text.split(REDACTED).any(|part| part.contains(secret));
    assert!(!found, "{secret:?} is still in {text:?}");
}
