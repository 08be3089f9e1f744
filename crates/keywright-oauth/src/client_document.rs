//! Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document): a client whose identifier is the
//! address of its own metadata. What a server checks before it believes one is checked here in the same way.

use serde_json::{Map, Value, json};
use url::{Host, Url};

use crate::{http::redact::without_mark, lenient};

/// Longest document that a server reads, in bytes (§6.6 of the draft recommends 5 KB).
pub const LONGEST: usize = 5 * 1024;
/// Methods by a shared secret: a document that everybody can read has none (§4.1 of the draft).
const SHARED_SECRET: [&str; 3] = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
];
/// Members of a JWK that are private (RFC 7518 §6).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// One rule for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentRule {
    /// The address: `https`, a path, no fragment, no user, no dot segments (§3).
    Address,
    /// The answer has status 200, and no redirect leads to it (§6.5).
    Status,
    /// `Content-Type` is JSON (§4).
    ContentType,
    /// At most 5 KB (§6.6).
    Size,
    /// The answer is a JSON object.
    Json,
    /// `client_id` is the address, letter by letter (§4).
    ClientId,
    /// There are redirect URIs, each an absolute URI.
    RedirectUris,
    /// No secret and no method by a shared secret (§4.1).
    NoSecret,
    /// Keys are public, and `jwks_uri` is at the origin of the document.
    Keys,
}

impl DocumentRule {
    /// All, in the order of the check.
    pub const ALL: [Self; 9] = [
        Self::Address,
        Self::Status,
        Self::ContentType,
        Self::Size,
        Self::Json,
        Self::ClientId,
        Self::RedirectUris,
        Self::NoSecret,
        Self::Keys,
    ];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Status => "status",
            Self::ContentType => "content_type",
            Self::Size => "size",
            Self::Json => "json",
            Self::ClientId => "client_id",
            Self::RedirectUris => "redirect_uris",
            Self::NoSecret => "no_secret",
            Self::Keys => "keys",
        }
    }
}

/// What a client says of itself in a new document.
#[derive(Debug, Clone, Default)]
pub struct DocumentDraft {
    /// `client_name`.
    pub name: String,
    /// `redirect_uris`.
    pub redirect_uris: Vec<String>,
    /// `grant_types`.
    pub grant_types: Vec<String>,
    /// `scope`.
    pub scopes: Vec<String>,
    /// `client_uri`.
    pub client_uri: Option<String>,
    /// `logo_uri`.
    pub logo_uri: Option<String>,
}

/// The document of a public client at this address.
pub fn write(address: &str, draft: &DocumentDraft) -> Map<String, Value> {
    let mut document = Map::new();
    let mut set = |name: &str, value: Value| {
        document.insert(name.to_owned(), value);
    };
    set("client_id", json!(address));
    set("client_name", json!(draft.name));
    set("redirect_uris", json!(draft.redirect_uris));
    set("grant_types", json!(draft.grant_types));
    set("response_types", json!(["code"]));
    set("token_endpoint_auth_method", json!("none"));
    if !draft.scopes.is_empty() {
        set("scope", json!(draft.scopes.join(" ")));
    }
    for (name, value) in [
        ("client_uri", &draft.client_uri),
        ("logo_uri", &draft.logo_uri),
    ] {
        if let Some(value) = value {
            set(name, json!(value));
        }
    }
    document
}

/// The address may be a client identifier. On this computer plain http is allowed, for tries.
pub fn is_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let has_scheme = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    // A parser takes dot segments away, and the text is what is compared.
    let has_dots = text.split(['/', '?', '#']).any(|part| {
        matches!(
            part.to_ascii_lowercase().as_str(),
            "." | ".." | "%2e" | "%2e%2e"
        )
    });
    has_scheme
        && url.host().is_some()
        && url.path() != "/"
        && !text.contains('#')
        && url.username().is_empty()
        && url.password().is_none()
        && !has_dots
}

/// An answer to a request for a document.
#[derive(Debug, Clone, Copy)]
pub struct Fetched<'a> {
    /// Status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'a str,
    /// Body.
    pub body: &'a [u8],
}

/// Which rules hold for the answer from this address. Rules that depend on one that does not hold are left out.
pub fn check(address: &str, fetched: Fetched<'_>) -> Vec<(DocumentRule, bool)> {
    let mut all = vec![
        (DocumentRule::Address, is_address(address)),
        (DocumentRule::Status, fetched.status == 200),
        (DocumentRule::ContentType, is_json(fetched.content_type)),
        (DocumentRule::Size, fetched.body.len() <= LONGEST),
    ];
    let document: Option<Map<String, Value>> =
        serde_json::from_slice(without_mark(fetched.body)).ok();
    all.push((DocumentRule::Json, document.is_some()));
    let Some(document) = document else {
        return all;
    };
    let id = document.get("client_id").and_then(Value::as_str);
    all.push((DocumentRule::ClientId, id == Some(address)));
    let redirects = lenient::list(&document, "redirect_uris").unwrap_or_default();
    let are_absolute = redirects.iter().all(|uri| Url::parse(uri).is_ok());
    all.push((
        DocumentRule::RedirectUris,
        !redirects.is_empty() && are_absolute,
    ));
    let method = lenient::text(&document, "token_endpoint_auth_method");
    let is_shared = method.is_some_and(|method| SHARED_SECRET.contains(&method.as_str()));
    let has_secret = ["client_secret", "client_secret_expires_at"]
        .iter()
        .any(|name| document.contains_key(*name));
    all.push((DocumentRule::NoSecret, !is_shared && !has_secret));
    all.push((DocumentRule::Keys, has_good_keys(address, &document)));
    all
}

/// `application/json`, or a type that ends with `+json`.
fn is_json(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default();
    let name = name.trim().to_ascii_lowercase();
    name == "application/json" || (name.starts_with("application/") && name.ends_with("+json"))
}

fn has_good_keys(address: &str, document: &Map<String, Value>) -> bool {
    let keys = document
        .get("jwks")
        .and_then(|set| set.get("keys"))
        .and_then(Value::as_array);
    let is_private = |key: &Value| PRIVATE.iter().any(|name| key.get(*name).is_some());
    let at_origin = |uri: &str| match (Url::parse(uri), Url::parse(address)) {
        (Ok(uri), Ok(address)) => uri.origin() == address.origin(),
        _ => false,
    };
    let uri = document.get("jwks_uri");
    !keys.is_some_and(|keys| keys.iter().any(is_private))
        && uri.is_none_or(|uri| uri.as_str().is_some_and(at_origin))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const ADDRESS: &str = "https://app.example/client.json";

    #[test]
    fn an_address_is_a_client_id_by_its_own_letters() {
        for fine in [
            ADDRESS,
            "https://app.example:8443/a/b",
            "https://app.example/c?v=1",
            "http://127.0.0.1:9/client.json",
        ] {
            assert!(is_address(fine), "{fine}");
        }
        for wrong in [
            "",
            "https://app.example",
            "https://app.example/",
            "http://app.example/c",
            "https://app.example/c#x",
            "https://u:p@app.example/c",
            "https://app.example/a/../c",
            "https://app.example/./c",
            "https://app.example/%2E%2e/c",
            "javascript:alert(1)",
            "file:///c",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }

    fn broken(change: impl Fn(&mut Value)) -> Vec<&'static str> {
        let draft = DocumentDraft {
            name: "Tester".into(),
            redirect_uris: vec!["http://127.0.0.1/callback".into()],
            grant_types: vec!["authorization_code".into()],
            ..DocumentDraft::default()
        };
        let mut document = Value::Object(write(ADDRESS, &draft));
        change(&mut document);
        let body = document.to_string();
        let fetched = Fetched {
            status: 200,
            content_type: "application/json; charset=utf-8",
            body: body.as_bytes(),
        };
        let all = check(ADDRESS, fetched).into_iter();
        all.filter(|(_, holds)| !holds)
            .map(|(rule, _)| rule.as_str())
            .collect()
    }

    #[test]
    fn a_written_document_holds() {
        assert_eq!(broken(|_| {}), [""; 0]);
    }

    #[test]
    fn a_document_is_refused_for_what_is_wrong_with_it() {
        let other = |name: &'static str, value: Value| {
            broken(move |document| document[name] = value.clone())
        };
        for id in [
            "https://app.example/client.json/",
            "https://APP.example/client.json",
            "",
        ] {
            assert_eq!(other("client_id", json!(id)), ["client_id"], "{id}");
        }
        assert_eq!(other("redirect_uris", json!([])), ["redirect_uris"]);
        assert_eq!(other("redirect_uris", json!(["/cb"])), ["redirect_uris"]);
        let method = json!("client_secret_post");
        assert_eq!(other("token_endpoint_auth_method", method), ["no_secret"]);
        assert_eq!(other("client_secret", json!("x")), ["no_secret"]);
        let private = json!({ "keys": [{ "kty": "EC", "d": "x" }] });
        assert_eq!(other("jwks", private), ["keys"]);
        let elsewhere = json!("https://keys.example/jwks");
        assert_eq!(other("jwks_uri", elsewhere), ["keys"]);
        assert_eq!(other("client_name", json!("x".repeat(LONGEST))), ["size"]);
        let page = Fetched {
            status: 404,
            content_type: "text/html",
            body: b"<html>",
        };
        let wrong: Vec<&str> = check("http://app.example/c", page)
            .into_iter()
            .filter(|(_, holds)| !holds)
            .map(|(rule, _)| rule.as_str())
            .collect();
        assert_eq!(wrong, ["address", "status", "content_type", "json"]);
    }
}
