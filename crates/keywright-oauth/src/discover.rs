//! Discovery: RFC 8414 §3 (the well-known part inserted before the path) and OpenID Connect
//! Discovery §4 (appended after it), with the issuer check of RFC 8414 §3.3.

mod address;

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    error_response::{self, ErrorResponse},
    http::{HttpClient, HttpError, Purpose, Request, Response},
    lenient,
    server_metadata::ServerMetadata,
};

use address::Typed;
pub use address::{differs_by_final_slash_at_most, pasted};

/// Longest time spent on members that a server need not have, once all that is needed is known.
const FOR_THE_REST: Duration = Duration::from_secs(5);

/// Why an issuer cannot be discovered.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The text is not a web address, or has a query or a fragment (RFC 8414 §2).
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
        words: ErrorResponse,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The answer is no metadata document.
    #[error("{url} answered with something that is not a metadata document")]
    NotMetadata {
        /// The place.
        url: Url,
        /// Title of the web page that came instead, or the issuers that the metadata of a protected
        /// resource names.
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
    Ok(Typed::read(typed)?.issuer)
}

/// The issuer that was probably meant by a text that is none: with the scheme that it lacks, or without its query
/// and its fragment (RFC 8414 §2). None where nothing likely is left.
pub fn suggested_issuer(typed: &str) -> Option<String> {
    let typed = pasted(typed);
    let end = typed.find(['?', '#']).unwrap_or(typed.len());
    let typed = typed.get(..end)?;
    let candidate = match typed.split_once("://") {
        Some(("http" | "https", _)) => typed.to_owned(),
        Some(_) => return None,
        None => {
            let (host, _) = typed.split_once('/').unwrap_or((typed, ""));
            let name = host.split_once(':').map_or(host, |(name, _)| name);
            // A single word is more often a slip than a host.
            if !host.contains(['.', ':']) && name != "localhost" {
                return None;
            }
            let loopback = name == "localhost" || name.starts_with("127.");
            format!("{}://{typed}", if loopback { "http" } else { "https" })
        }
    };
    issuer_of(&candidate).ok()
}

/// Does the issuer that the document names lead to the document again, and is it the one that `typed`
/// means, but for a final slash? Then it can be kept in the place of what was typed.
pub fn leads_to(typed: &str, metadata: &ServerMetadata) -> bool {
    let same = Typed::read(typed).is_ok_and(|typed| typed.is_named_by(&metadata.issuer));
    let places = Typed::read(&metadata.issuer).and_then(|issuer| issuer.places());
    same && places.is_ok_and(|places| places.contains(&metadata.source))
}

/// Finds the metadata of an issuer. All places together take no longer than one request may; a place
/// that gives no document leaves the rest of the time to the next one. Some servers divide what they
/// say between two documents: what the first lacks is taken from the next.
pub async fn discover(
    http: &HttpClient,
    typed: &str,
    flow: Uuid,
) -> Result<Discovered, DiscoveryError> {
    let typed = Typed::read(typed)?;
    let mut until = Instant::now() + http.policy().total_timeout;
    let mut found: Option<Discovered> = None;
    let mut failure: Option<DiscoveryError> = None;
    let places = typed.places()?;
    let last = places.len().saturating_sub(1);
    for (index, place) in places.into_iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        // A slow server gets most of the time at its first place, and a dead place not all of it.
        let share = if index == last { left } else { left / 2 };
        match ask(http, &typed, place, flow, Instant::now() + share).await {
            Ok(document) => {
                let document = match found.take() {
                    Some(before) => before.completed_by(document),
                    None => document,
                };
                let metadata = &document.metadata;
                let enough =
                    metadata.registration_endpoint.is_some() && metadata.token_endpoint.is_some();
                let whole = enough && metadata.jwks_uri.is_some();
                found = Some(document);
                if whole {
                    break;
                }
                if enough {
                    until = until.min(Instant::now() + FOR_THE_REST);
                }
            }
            Err(error) => {
                let ends = matches!(&error, DiscoveryError::Http(error) if ends_discovery(error));
                failure = Some(worse(failure, error));
                if ends {
                    break;
                }
            }
        }
    }
    found.ok_or_else(|| {
        failure.unwrap_or(DiscoveryError::InvalidIssuer {
            issuer: typed.issuer,
            source: None,
        })
    })
}

/// The same for an issuer that a user entered: where nothing is at its places, those above it are asked. People paste the
/// address of an endpoint or of an API.
pub async fn discover_entered(
    http: &HttpClient,
    entered: &str,
    flow: Uuid,
) -> Result<Discovered, DiscoveryError> {
    let failure = match discover(http, entered, flow).await {
        Err(failure @ DiscoveryError::Status { .. }) => failure,
        outcome => return outcome,
    };
    let is_absent = matches!(&failure, DiscoveryError::Status { words, .. } if words.status == 404);
    let typed = Typed::read(entered)?;
    if is_absent && let Some(above) = above(http, &typed, flow).await {
        return above;
    }
    Err(failure)
}

/// What is above the typed address where nothing is at its own places: the document of the issuer, which some servers
/// have at the root alone, or that of another issuer, which is named and not believed.
async fn above(
    http: &HttpClient,
    typed: &Typed,
    flow: Uuid,
) -> Option<Result<Discovered, DiscoveryError>> {
    let until = Instant::now() + FOR_THE_REST;
    for place in typed.places_above() {
        let answer = ask(http, typed, place, flow, until).await;
        match &answer {
            Ok(_) => return Some(answer),
            Err(DiscoveryError::IssuerMismatch { url, answered, .. }) => {
                let its_own = Typed::read(answered).and_then(|issuer| issuer.places());
                return its_own
                    .is_ok_and(|places| places.contains(url))
                    .then_some(answer);
            }
            Err(DiscoveryError::Http(error)) if ends_discovery(error) => return None,
            Err(_) => {}
        }
    }
    None
}

/// The document at one place, if it is the issuer's.
async fn ask(
    http: &HttpClient,
    typed: &Typed,
    place: Url,
    flow: Uuid,
    until: Instant,
) -> Result<Discovered, DiscoveryError> {
    let found = fetch(http, place, flow, Some(until)).await?;
    if typed.is_named_by(&found.metadata.issuer) {
        return Ok(found);
    }
    Err(DiscoveryError::IssuerMismatch {
        url: found.metadata.source,
        asked: typed.issuer.clone(),
        answered: found.metadata.issuer,
        exchange: found.exchange,
    })
}

/// Would every other place of the same host and port fail alike? A proxy or a firewall may drop one
/// path alone, after the request was read.
fn ends_discovery(error: &HttpError) -> bool {
    match error {
        HttpError::Redirect { .. }
        | HttpError::ConnectionLost { .. }
        | HttpError::NotDecoded { .. }
        | HttpError::BodyTooLarge { .. } => false,
        HttpError::Timeout { after_send, .. } => !after_send,
        HttpError::Tls { source, .. } => source.is_connect(),
        _ => true,
    }
}

impl Discovered {
    /// Both documents of one issuer as one. The one with a registration endpoint leads.
    fn completed_by(self, other: Self) -> Self {
        let leads = |one: &Self| one.metadata.registration_endpoint.is_some();
        let (mut first, second) = if !leads(&self) && leads(&other) {
            (other, self)
        } else {
            (self, other)
        };
        first.metadata = first.metadata.completed_by(&second.metadata);
        first
    }
}

/// Reads the document at one place that the vendor's rules name. The caller holds its issuer against
/// the one asked for.
pub async fn document_at(
    http: &HttpClient,
    place: Url,
    flow: Uuid,
) -> Result<Discovered, DiscoveryError> {
    fetch(http, place, flow, None).await
}

async fn fetch(
    http: &HttpClient,
    place: Url,
    flow: Uuid,
    until: Option<Instant>,
) -> Result<Discovered, DiscoveryError> {
    let mut request = Request::new(Method::GET, place.clone(), Purpose::Discovery, flow);
    request.until = until;
    let response = http.send_open(request).await?;
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

fn document(place: &Url, response: &Response) -> Result<ServerMetadata, DiscoveryError> {
    let exchange = response.exchange;
    if !response.is_success() {
        let words = ErrorResponse::of(response);
        return Err(DiscoveryError::Status {
            url: place.clone(),
            words,
            exchange,
        });
    }
    let object = lenient::object(&response.body).ok();
    let resource = object.as_ref().and_then(authorization_servers);
    let document = object.and_then(|document| ServerMetadata::read(document, place.clone()));
    document.ok_or_else(|| DiscoveryError::NotMetadata {
        url: place.clone(),
        title: resource
            .or_else(|| error_response::html_title(&String::from_utf8_lossy(&response.body))),
        status: response.status,
        exchange,
    })
}

/// The member of a protected resource's metadata that names its issuers (RFC 9728 §2), as it is written.
fn authorization_servers(document: &Map<String, Value>) -> Option<String> {
    const MEMBER: &str = "authorization_servers";
    const LONGEST: usize = 300;
    let named = lenient::list(document, MEMBER)?.join(" ");
    let shown: String = named.chars().take(LONGEST).collect();
    (!shown.is_empty()).then(|| format!("{MEMBER}: {shown}"))
}
