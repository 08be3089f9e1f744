//! Discovery: RFC 8414 §3 (the well-known part inserted before the path) and OpenID Connect
//! Discovery §4 (appended after it), with the exact issuer check of RFC 8414 §3.3.

use std::time::Instant;

use http::Method;
use url::Url;
use uuid::Uuid;

use crate::{
    http::{HttpClient, HttpError, Purpose, Request, Response},
    lenient,
    server_metadata::ServerMetadata,
    words::{self, ProviderWords},
};

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// Why an issuer cannot be discovered.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The text is no web address, or has a query or a fragment (RFC 8414 §2).
    #[error("{issuer} is not an issuer address")]
    InvalidIssuer {
        /// As typed.
        issuer: String,
        /// Why, where the address does not parse.
        source: Option<url::ParseError>,
    },
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Every place answered with a refusal.
    #[error("{url} answered {}", words.status)]
    Status {
        /// The last place asked.
        url: Url,
        /// The server's words.
        words: ProviderWords,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The answer is no metadata document.
    #[error("{url} answered something that is no metadata document")]
    NotMetadata {
        /// The place.
        url: Url,
        /// Title of the web page that came instead.
        title: Option<String>,
        /// Status.
        status: u16,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The document names another issuer: somebody else's metadata.
    #[error("{url} names the issuer {answered}, not {asked}")]
    IssuerMismatch {
        /// The place.
        url: Url,
        /// The issuer asked for.
        asked: String,
        /// The issuer named.
        answered: String,
        /// The recorded exchange.
        exchange: Uuid,
    },
}

/// A discovered server and the exchange that told of it.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// The metadata.
    pub metadata: ServerMetadata,
    /// Time of the answer.
    pub elapsed_ms: u64,
    /// The recorded exchange.
    pub exchange: Uuid,
}

/// The issuer that `typed` means: a well-known address stands for its issuer.
pub fn issuer_of(typed: &str) -> Result<String, DiscoveryError> {
    let typed = typed.trim();
    let invalid = |source| DiscoveryError::InvalidIssuer {
        issuer: typed.to_owned(),
        source,
    };
    let url = Url::parse(typed).map_err(|source| invalid(Some(source)))?;
    let usable = matches!(url.scheme(), "https" | "http")
        && url.host().is_some()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !usable {
        return Err(invalid(None));
    }
    for known in [OAUTH, OPENID] {
        let Some((before, after)) = typed.split_once(known) else {
            continue;
        };
        let issuer = format!("{before}{after}");
        // What follows must be a path: anything else would become a part of the host.
        let is_same_host = Url::parse(&issuer).is_ok_and(|issuer| issuer.origin() == url.origin());
        if is_same_host && (after.is_empty() || after.starts_with('/')) {
            return Ok(issuer);
        }
    }
    Ok(typed.to_owned())
}

fn places(issuer: &str, typed: &str) -> Result<Vec<Url>, DiscoveryError> {
    let parse = |text: &str| {
        Url::parse(text).map_err(|source| DiscoveryError::InvalidIssuer {
            issuer: typed.to_owned(),
            source: Some(source),
        })
    };
    let base = parse(issuer)?;
    let origin = base.origin().ascii_serialization();
    let path = base.path().trim_end_matches('/');
    let mut all = Vec::new();
    if typed.contains("/.well-known/") {
        all.push(parse(typed)?);
    }
    let forms = [
        format!("{origin}{OAUTH}{path}"),
        format!("{origin}{path}{OPENID}"),
        format!("{origin}{OPENID}{path}"),
        format!("{origin}{path}{OAUTH}"),
    ];
    for form in &forms {
        let url = parse(form)?;
        if !all.contains(&url) {
            all.push(url);
        }
    }
    Ok(all)
}

/// Finds the metadata of an issuer, within the time of one request whatever the number of places. A document without a registration endpoint is taken only when
/// no other place knows one: some servers name it in one of their two documents.
pub async fn discover(
    http: &HttpClient,
    typed: &str,
    flow: Uuid,
) -> Result<Discovered, DiscoveryError> {
    let issuer = issuer_of(typed)?;
    let until = Instant::now() + http.policy().total_timeout;
    let mut partial: Option<Discovered> = None;
    let mut failure: Option<DiscoveryError> = None;
    for place in places(&issuer, typed.trim())? {
        let mut request = Request::new(Method::GET, place.clone(), Purpose::Discovery, flow);
        request.until = Some(until);
        let response = match http.send(request).await {
            Ok(response) => response,
            Err(error @ HttpError::Redirect { .. }) => {
                failure = Some(worse(failure, error.into()));
                continue;
            }
            // The host is the same at every place: the next one would fail alike.
            Err(error) => return partial.map_or_else(|| Err(worse(failure, error.into())), Ok),
        };
        match read(&place, &issuer, &response) {
            Ok(metadata) => {
                let found = Discovered {
                    metadata,
                    elapsed_ms: response.elapsed_ms,
                    exchange: response.exchange,
                };
                if found.metadata.registration_endpoint.is_some() {
                    return Ok(found);
                }
                partial = partial.or(Some(found));
            }
            Err(error) => failure = Some(worse(failure, error)),
        }
    }
    partial.ok_or_else(|| {
        failure.unwrap_or(DiscoveryError::InvalidIssuer {
            issuer: typed.to_owned(),
            source: None,
        })
    })
}

/// Reads the document at one place that the vendor's rules name. The caller holds its issuer against
/// the one asked for.
pub async fn document_at(
    http: &HttpClient,
    place: Url,
    flow: Uuid,
) -> Result<Discovered, DiscoveryError> {
    let request = Request::new(Method::GET, place.clone(), Purpose::Discovery, flow);
    let response = http.send(request).await?;
    Ok(Discovered {
        metadata: document(&place, &response)?,
        elapsed_ms: response.elapsed_ms,
        exchange: response.exchange,
    })
}

/// Of two failures, the one that says more: another issuer, then a wrong document, then a refusal.
fn worse(before: Option<DiscoveryError>, now: DiscoveryError) -> DiscoveryError {
    let rank = |error: &DiscoveryError| match error {
        DiscoveryError::IssuerMismatch { .. } => 4,
        DiscoveryError::Http(_) => 3,
        DiscoveryError::NotMetadata { .. } => 2,
        DiscoveryError::Status { words, .. } if words.status != 404 => 1,
        DiscoveryError::Status { .. } | DiscoveryError::InvalidIssuer { .. } => 0,
    };
    match before {
        Some(before) if rank(&before) >= rank(&now) => before,
        _ => now,
    }
}

fn read(place: &Url, issuer: &str, response: &Response) -> Result<ServerMetadata, DiscoveryError> {
    let metadata = document(place, response)?;
    if metadata.issuer != issuer {
        return Err(DiscoveryError::IssuerMismatch {
            url: place.clone(),
            asked: issuer.to_owned(),
            answered: metadata.issuer,
            exchange: response.exchange,
        });
    }
    Ok(metadata)
}

fn document(place: &Url, response: &Response) -> Result<ServerMetadata, DiscoveryError> {
    let exchange = response.exchange;
    if !response.is_success() {
        let words = ProviderWords::of(response);
        return Err(DiscoveryError::Status {
            url: place.clone(),
            words,
            exchange,
        });
    }
    let document = lenient::object(&response.body)
        .ok()
        .and_then(|document| ServerMetadata::read(document, place.clone()));
    document.ok_or_else(|| DiscoveryError::NotMetadata {
        url: place.clone(),
        title: words::html_title(&String::from_utf8_lossy(&response.body)),
        status: response.status,
        exchange,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_well_known_address_stands_for_its_issuer() {
        for (typed, issuer) in [
            ("https://a.example/t1", "https://a.example/t1"),
            (" https://a.example ", "https://a.example"),
            (
                "https://a.example/.well-known/oauth-authorization-server/t1",
                "https://a.example/t1",
            ),
            (
                "https://a.example/t1/.well-known/openid-configuration",
                "https://a.example/t1",
            ),
        ] {
            assert_eq!(issuer_of(typed).unwrap(), issuer);
        }
        for wrong in [
            "",
            "example.com",
            "ftp://a.example",
            "https://a.example/?x=1",
            "https://u:p@a.example",
        ] {
            assert!(issuer_of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn t01_what_follows_a_well_known_address_never_becomes_the_host() {
        for typed in [
            "https://a.example/.well-known/openid-configuration.evil.example/t1",
            "https://a.example/.well-known/openid-configuration@evil.example",
            "https:/.well-known/openid-configuration/evil.example",
        ] {
            assert_eq!(issuer_of(typed).unwrap(), typed);
        }
    }

    #[test]
    fn both_forms_are_asked() {
        let all: Vec<_> = places("https://a.example/t1/", "https://a.example/t1/")
            .unwrap()
            .iter()
            .map(Url::to_string)
            .collect();
        assert_eq!(
            all,
            [
                "https://a.example/.well-known/oauth-authorization-server/t1",
                "https://a.example/t1/.well-known/openid-configuration",
                "https://a.example/.well-known/openid-configuration/t1",
                "https://a.example/t1/.well-known/oauth-authorization-server",
            ]
        );
    }
}
