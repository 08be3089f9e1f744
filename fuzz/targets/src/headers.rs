//! What is kept of the headers of an answer: `Set-Cookie`, `Location`, `Link`, `WWW-Authenticate` and the rest.

use http::{HeaderMap, HeaderName, HeaderValue};
use keywright_oauth::{http::redact, secret::REDACTED};

use crate::secrets;

/// The first line is a secret that we sent, each other a header. The secret is in none of what is kept, and neither
/// is the value of a cookie.
pub fn run(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let Some(Ok(secret)) = lines.next().map(std::str::from_utf8) else {
        return;
    };
    let mut map = HeaderMap::new();
    for line in lines {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            continue;
        };
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.trim_ascii()),
            HeaderValue::from_bytes(value.trim_ascii()),
        ) {
            map.append(name, value);
        }
    }
    let kept = redact::headers(&map, &[secret.to_owned()]);
    assert_eq!(kept.len(), map.len());
    for (name, value) in &kept {
        match name.as_str() {
            "set-cookie" => {
                let pair = value.split(';').next().unwrap_or_default();
                assert!(pair.ends_with(&format!("={REDACTED}")), "{value}");
            }
            "authorization" | "proxy-authorization" | "x-api-key" => {
                assert!(value.ends_with(REDACTED), "{value}");
                continue;
            }
            // What is no pair is hidden whole, and names of cookies are no secret.
            "cookie" => continue,
            _ => {}
        }
        secrets::assert_absent(value, secret);
    }
}
