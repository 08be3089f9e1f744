//! The metadata document of an authorization server (RFC 8414 §3.2).

use keywright_oauth::server_metadata::ServerMetadata;
use serde_json::{Map, Value};
use url::Url;

/// Only web addresses become endpoints, and what is stored is read back the same.
pub fn run(data: &[u8]) {
    let source = Url::parse("https://id.example/.well-known/oauth-authorization-server").unwrap();
    let Ok(document) = serde_json::from_slice::<Map<String, Value>>(data) else {
        return;
    };
    let Some(metadata) = ServerMetadata::read(document, source) else {
        return;
    };
    assert!(!metadata.issuer.is_empty());
    for (name, url) in metadata.endpoints() {
        assert!(
            matches!(url.scheme(), "https" | "http") && url.host().is_some(),
            "{name} is {url}"
        );
    }
    let stored = serde_json::to_string(&metadata).unwrap();
    let mut again: ServerMetadata = serde_json::from_str(&stored).unwrap();
    // A number with more digits than a float holds may move by its last one; nobody reads it.
    again.document.clone_from(&metadata.document);
    assert_eq!(again, metadata);
}
