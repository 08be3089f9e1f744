//! The words of a refusal, in the envelope of any vendor (RFC 6749 §5.2, RFC 7591 §3.2.2, and others).

use keywright_oauth::{error_response::ErrorResponse, http::redact};

/// No more of a server's text is kept in an error, in characters, than this.
const LONGEST: usize = 600;
/// Nor more codes and details.
const MOST: usize = 16;

/// What is kept of the words is short, has no control characters, and holds no token and no key.
pub fn run(data: &[u8]) {
    let words = ErrorResponse::read(400, data);
    let texts = words.error.iter().chain(&words.description);
    for text in texts.chain(&words.details) {
        assert!(!text.is_empty() && text.chars().count() <= LONGEST);
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        assert_eq!(redact::text(text, &[]), *text, "something is left to hide");
    }
    assert!(words.codes.len() <= MOST && words.details.len() <= MOST);
    let stored = serde_json::to_string(&words).unwrap();
    assert_eq!(
        serde_json::from_str::<ErrorResponse>(&stored).unwrap(),
        words
    );
}
