//! Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document): a client whose ID is the
//! address of its metadata.
//!
//! The Sandbox fetches them from this computer alone: anything else would let a link reach other
//! machines through it (section 6.5 of the draft).

use std::error::Error as _;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Map, Value, json};
use url::{Host, Url};

use super::answer::Refusal;
use super::metadata::{AuthMethod, Metadata};
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::store::Client;

/// Longest document in bytes (section 6.6 of the draft).
const LONGEST: usize = 5 * 1024;
/// Members that nobody may publish (section 4.1 of the draft).
const SECRETS: [&str; 2] = ["client_secret", "client_secret_expires_at"];

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
enum DocumentError {
    #[error("its address does not answer to the end")]
    Unanswered(#[from] reqwest::Error),
    #[error("its address answers {0} and not 200")]
    Status(u16),
    #[error("its content type is not JSON")]
    ContentType,
    #[error("it is longer than 5 KB")]
    Long,
    #[error("it is not a JSON object")]
    NotAnObject(#[from] serde_json::Error),
    #[error("its client_id is not its address")]
    OtherId,
    #[error("it holds a secret")]
    Secret,
    #[error("its metadata is refused: {0:?}")]
    Metadata(Refusal),
    #[error("its client would need a secret")]
    NeedsSecret,
}

/// Reads the document of a client whose ID is an address, and keeps the client as the document says. One
/// whose document cannot be used any more is forgotten.
pub(crate) async fn refresh(shared: &Shared, personality: Personality, id: &str) {
    let Some(address) = address(personality, id) else {
        return;
    };
    let read = read(shared, &address)
        .await
        .and_then(|document| client(shared, personality, id, document));
    match read {
        Ok(client) => shared.state().insert(client),
        Err(error) => {
            let source = error.source().map(ToString::to_string);
            tracing::warn!(%error, source, "a client ID metadata document cannot be used");
            shared.state().remove(personality, id);
        }
    }
    shared.touch();
}

/// The address of a document, if the ID is one: on loopback, with a path, without a user or a fragment
/// (section 3 of the draft, but for `https`).
fn address(personality: Personality, id: &str) -> Option<Url> {
    let url = Url::parse(id).ok().filter(|url| url.scheme() == "http")?;
    let is_here = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name == "localhost",
    };
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let takes_documents = personality == Personality::Rfc7591;
    (takes_documents && is_here && is_plain && url.path() != "/" && url.as_str() == id)
        .then_some(url)
}

async fn read(shared: &Shared, address: &Url) -> Result<Map<String, Value>, DocumentError> {
    let mut response = shared
        .http
        .get(address.clone())
        .header(ACCEPT, "application/json")
        .send()
        .await?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(DocumentError::Status(response.status().as_u16()));
    }
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind != "application/json" && !kind.ends_with("+json") {
        return Err(DocumentError::ContentType);
    }
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        body.extend_from_slice(&part);
        if body.len() > LONGEST {
            return Err(DocumentError::Long);
        }
    }
    Ok(serde_json::from_slice(&body)?)
}

fn client(
    shared: &Shared,
    personality: Personality,
    id: &str,
    mut document: Map<String, Value>,
) -> Result<Client, DocumentError> {
    if document.get("client_id").and_then(Value::as_str) != Some(id) {
        return Err(DocumentError::OtherId);
    }
    if SECRETS.iter().any(|name| document.contains_key(*name)) {
        return Err(DocumentError::Secret);
    }
    for (name, usual) in [
        ("grant_types", json!(["authorization_code"])),
        ("token_endpoint_auth_method", json!("none")),
    ] {
        document.entry(name).or_insert(usual);
    }
    let metadata = Metadata::grant(&document, shared.faults(personality).grant_less)
        .map_err(DocumentError::Metadata)?;
    if metadata.token_endpoint_auth_method != AuthMethod::None {
        return Err(DocumentError::NeedsSecret);
    }
    Ok(Client::new(
        personality,
        id.to_owned(),
        metadata,
        shared.now(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_document_on_this_computer_is_fetched() {
        for (id, is_fetched) in [
            ("http://127.0.0.1:8000/client.json", true),
            ("http://localhost:8000/client", true),
            ("http://[::1]/client", true),
            ("http://127.0.0.1:8000/", false),
            ("http://127.0.0.1:8000", false),
            ("http://10.0.0.1/client", false),
            ("http://169.254.169.254/latest", false),
            ("https://app.example/client", false),
            ("http://127.0.0.1.evil.example/client", false),
            ("http://a@127.0.0.1/client", false),
            ("http://127.0.0.1/a/../client", false),
            ("http://127.0.0.1/client#a", false),
            ("file:///etc/passwd", false),
            ("orders", false),
        ] {
            let found = address(Personality::Rfc7591, id);
            assert_eq!(found.is_some(), is_fetched, "{id}");
        }
    }
}
