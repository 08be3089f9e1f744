//! Metadata of a protected resource (RFC 9728): which authorization servers issue tokens for it.

use http::Method;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    error_response::ErrorResponse,
    http::{HttpClient, HttpError, Purpose, Request, Response, redact},
    lenient,
};

/// Well-known part of the address of the document (RFC 9728 §3).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// What a protected resource says of itself (RFC 9728 §2).
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectedResource {
    /// `resource`, exactly as answered: the value to send as `resource` (RFC 8707).
    pub resource: String,
    /// `authorization_servers`, in the order of the document.
    pub authorization_servers: Vec<String>,
    /// `scopes_supported`, where the resource names them.
    pub scopes_supported: Option<Vec<String>>,
    /// `resource_name`, to show.
    pub name: Option<String>,
    /// `dpop_bound_access_tokens_required`: it takes only tokens that are bound to a key (RFC 9449).
    pub dpop_required: bool,
    /// Where the document came from.
    pub source: Url,
}

/// Why the metadata of a resource cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// `resource_metadata` of the challenge is not a web address.
    #[error("{text} is not the address of a document")]
    NotAddress {
        /// As sent.
        text: String,
    },
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The place answered with a refusal.
    #[error("{url} answered {}", words.status)]
    Status {
        /// The place.
        url: Url,
        /// The server's words.
        words: Box<ErrorResponse>,
    },
    /// The answer is not metadata of a resource.
    #[error("{url} answered with something that is not metadata of a resource")]
    NotMetadata {
        /// The place.
        url: Url,
    },
    /// The document is that of another resource (RFC 9728 §3.3).
    #[error("{url} describes {named}, not {asked}")]
    Mismatch {
        /// The place.
        url: Url,
        /// The resource asked for.
        asked: String,
        /// The resource named.
        named: String,
    },
}

impl ProtectedResource {
    /// Reads a document. None when it names no resource.
    pub fn read(document: &Map<String, Value>, source: Url) -> Option<Self> {
        Some(Self {
            resource: lenient::text(document, "resource")?,
            authorization_servers: lenient::list(document, "authorization_servers")
                .unwrap_or_default(),
            scopes_supported: lenient::list(document, "scopes_supported"),
            name: lenient::text(document, "resource_name"),
            dpop_required: lenient::flag(document, "dpop_bound_access_tokens_required")
                == Some(true),
            source,
        })
    }
}

/// The resource whose document is at a typed well-known address; none where the address is another one.
pub fn resource_of_document(typed: &Url) -> Option<Url> {
    let path = typed.path().strip_prefix(WELL_KNOWN)?;
    if !(path.is_empty() || path.starts_with('/')) {
        return None;
    }
    let mut resource = typed.clone();
    resource.set_path(path);
    resource.set_fragment(None);
    Some(resource)
}

/// Every address that may hold the document of a resource: with its path, then at the root (RFC 9728 §3.1).
pub fn places(resource: &Url) -> Vec<Url> {
    let path = resource.path().trim_end_matches('/');
    let mut inserted = resource.clone();
    inserted.set_path(&format!("{WELL_KNOWN}{path}"));
    inserted.set_fragment(None);
    let mut root = resource.clone();
    root.set_path(WELL_KNOWN);
    root.set_query(None);
    root.set_fragment(None);
    let mut all = vec![inserted];
    if !all.contains(&root) {
        all.push(root);
    }
    all
}

/// The document of a resource: that which the challenge names (RFC 9728 §5.1), else the first of the well-known
/// places that has one: a place may be named that is gone, or that another application of the host describes itself
/// at. A relative address is read from that of the resource. None where nothing is named and no place has one.
///
/// # Errors
///
/// What is wrong at the named place where no other place has the document, with [`ResourceError::Mismatch`] for the
/// document of another resource before everything else; failures of the network.
pub async fn discover(
    http: &HttpClient,
    asked: &Url,
    named: Option<&str>,
    flow: Uuid,
) -> Result<Option<ProtectedResource>, ResourceError> {
    let mut failure = None;
    if let Some(text) = named {
        let place = asked.join(text).ok().filter(is_web).ok_or_else(|| {
            let text = text.chars().take(200).collect();
            ResourceError::NotAddress { text }
        })?;
        match document_at(http, asked, place, flow).await {
            Ok(found) => return Ok(Some(found)),
            Err(error) => failure = Some(error),
        }
    }
    for place in places(asked) {
        match document_at(http, asked, place, flow).await {
            Ok(found) => return Ok(Some(found)),
            // Nobody said that there is a document: a page or a login in its place says nothing.
            Err(
                ResourceError::Status { .. }
                | ResourceError::NotMetadata { .. }
                | ResourceError::Http(HttpError::Redirect { .. }),
            ) => {}
            Err(error @ ResourceError::Mismatch { .. }) => {
                let said = failure.take().filter(is_mismatch);
                failure = Some(said.unwrap_or(error));
            }
            Err(error) => return Err(failure.unwrap_or(error)),
        }
    }
    failure.map_or(Ok(None), Err)
}

fn is_mismatch(error: &ResourceError) -> bool {
    matches!(error, ResourceError::Mismatch { .. })
}

/// The document at one place, if it is that of the resource.
pub async fn document_at(
    http: &HttpClient,
    asked: &Url,
    place: Url,
    flow: Uuid,
) -> Result<ProtectedResource, ResourceError> {
    let request = Request::new(Method::GET, place.clone(), Purpose::Discovery, flow);
    let response = http.send(request).await?;
    let found = document(&place, &response)?;
    if covers(&found.resource, asked) {
        return Ok(found);
    }
    Err(ResourceError::Mismatch {
        url: place,
        asked: asked.to_string(),
        named: found.resource,
    })
}

fn document(place: &Url, response: &Response) -> Result<ProtectedResource, ResourceError> {
    if !response.is_success() {
        return Err(ResourceError::Status {
            url: place.clone(),
            words: Box::new(ErrorResponse::of(response)),
        });
    }
    let object = lenient::object(&response.body).ok();
    let read = object.and_then(|object| ProtectedResource::read(&object, place.clone()));
    read.ok_or_else(|| ResourceError::NotMetadata { url: place.clone() })
}

impl ProtectedResource {
    /// Without the query of its identifier where that holds a secret, such as the key of the API: the issuer gets the
    /// identifier with each token request. RFC 8707 §2: it should have no query.
    #[must_use]
    pub fn without_secret_query(mut self) -> Self {
        if let Ok(mut url) = Url::parse(&self.resource)
            && let Some(query) = url.query()
            && !redact::url(&url, &[]).ends_with(query)
        {
            url.set_query(None);
            self.resource = url.into();
        }
        self
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none()
}

/// A token for this resource may be sent to this address: the same origin, and the path of the resource or one below
/// it. RFC 9728 §3.3 asks for the same text; one document at the root serves a whole server.
pub fn covers(resource: &str, address: &Url) -> bool {
    let Ok(resource) = Url::parse(resource) else {
        return false;
    };
    if !is_web(&resource)
        || resource.origin() != address.origin()
        || resource.fragment().is_some()
        || (resource.query().is_some() && resource.query() != address.query())
    {
        return false;
    }
    let above = resource.path().trim_end_matches('/');
    address
        .path()
        .strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn t02_an_issuer_gets_no_key_of_the_api() {
        for (named, kept) in [
            (
                "https://a.example/mcp?api_key=K~eyS3cret",
                "https://a.example/mcp",
            ),
            (
                "https://a.example/mcp?v=1&token=abc",
                "https://a.example/mcp",
            ),
            ("https://a.example/mcp?v=1", "https://a.example/mcp?v=1"),
            ("https://a.example", "https://a.example"),
            ("urn:api", "urn:api"),
        ] {
            let document = serde_json::json!({ "resource": named });
            let place = url("https://a.example");
            let found = ProtectedResource::read(document.as_object().unwrap(), place).unwrap();
            assert_eq!(found.without_secret_query().resource, kept);
        }
    }

    #[test]
    fn the_document_is_asked_for_by_path_first() {
        let all =
            |text: &str| -> Vec<String> { places(&url(text)).iter().map(Url::to_string).collect() };
        let root = "https://a.example/.well-known/oauth-protected-resource";
        assert_eq!(
            all("https://a.example/mcp/?v=1#top"),
            [&format!("{root}/mcp?v=1"), root]
        );
        assert_eq!(all("https://a.example/"), [root]);
        let of = |text: &str| resource_of_document(&url(text)).map(|url| url.to_string());
        assert_eq!(
            of(&format!("{root}/mcp")).as_deref(),
            Some("https://a.example/mcp")
        );
        assert_eq!(of(root).as_deref(), Some("https://a.example/"));
        assert_eq!(of("https://a.example/mcp"), None);
        assert_eq!(of(&format!("{root}.evil/mcp")), None);
    }

    #[test]
    fn t02_a_resource_covers_its_own_addresses_alone() {
        let address = url("https://a.example/mcp/v1?x=1");
        for fine in [
            "https://a.example/mcp/v1",
            "https://a.example/mcp/",
            "https://a.example",
            "https://A.example:443/mcp",
            "https://a.example/mcp/v1?x=1",
        ] {
            assert!(covers(fine, &address), "{fine}");
        }
        for other in [
            "https://evil.example/mcp/v1",
            "https://a.example.evil.example",
            "https://a.example:8443/mcp",
            "http://a.example/mcp",
            "https://a.example/mc",
            "https://a.example/mcp/v1/tools",
            "https://a.example/mcp/v1?x=2",
            "https://a.example/mcp#x",
            "https://u:p@a.example/mcp",
            "urn:orders",
            "",
        ] {
            assert!(!covers(other, &address), "{other}");
        }
    }
}
