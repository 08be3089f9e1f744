//! Registration (RFC 7591 §3).

mod client;

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    client_metadata::ClientMetadata,
    error_response::{self, ErrorResponse},
    http::{Auth, Body, HttpClient, HttpError, Purpose, Request, Response, redact},
    lenient,
    refusal::RefusedMembers,
    secret::{ClientSecret, InitialAccessToken, RegistrationAccessToken},
};

/// Further identifiers by which a provider knows a client or its parts: object ids, key ids, grant
/// ids, by name. None of them is secret. An empty value takes a name away.
pub type Handles = BTreeMap<String, String>;

/// The member of an answer that names where the registration is managed (RFC 7592 §3).
pub const REGISTRATION_CLIENT_URI: &str = "registration_client_uri";
/// The handle for a `registration_client_uri` that cannot be used as an address (RFC 7592 §3 requires a fully
/// qualified one).
pub const UNUSABLE_ADDRESS: &str = "unusable_registration_client_uri";

/// What the server answered (RFC 7591 §3.2.1). The answer is the truth: nothing here comes from the request.
#[derive(Debug, Clone)]
pub struct ClientInformation {
    /// Client identifier.
    pub client_id: String,
    /// Client secret, for a confidential client.
    pub client_secret: Option<ClientSecret>,
    /// Unix seconds.
    pub client_id_issued_at: Option<i64>,
    /// Unix seconds; 0 for never; none when the server did not say.
    pub client_secret_expires_at: Option<i64>,
    /// Where the registration is managed (RFC 7592 §3).
    pub registration_client_uri: Option<Url>,
    /// What manages it.
    pub registration_access_token: Option<RegistrationAccessToken>,
    /// Granted metadata, without identifiers and secrets.
    pub metadata: ClientMetadata,
    /// What else a vendor's own API needs to find the client again; for RFC 7591 at most [`UNUSABLE_ADDRESS`].
    pub handles: Handles,
    /// Status of the answer.
    pub status: u16,
    /// Time of the answer.
    pub elapsed_ms: u64,
    /// The recorded exchange.
    pub exchange: Uuid,
}

/// Why a registration or its management came to nothing.
#[derive(Debug, thiserror::Error)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of them at the end of a registration"
)]
pub enum RegistrationError {
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server refused.
    #[error("the server refused with {}", words.status)]
    Refused {
        /// Its words.
        words: ErrorResponse,
        /// Seconds it asks to wait.
        retry_after: Option<u64>,
        /// The members of the request that it names.
        about: RefusedMembers,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// A success that names the place of what was created and nothing of it (RFC 9110 §15.3.2 and §15.4.4).
    #[error("the answer names a place alone: {at}")]
    Placed {
        /// Status.
        status: u16,
        /// `Location`, resolved and without secrets.
        at: String,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// A success without a `client_id`, or with one that is no text: a client may exist there.
    #[error("the answer names no client_id")]
    NoClientId {
        /// Status.
        status: u16,
        /// What it says instead, for example that somebody has to approve the client.
        words: Option<Box<ErrorResponse>>,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// A success with a document that says nothing of the client that was asked for by its identifier.
    #[error("the answer says nothing of the client")]
    SaysNothing {
        /// Status.
        status: u16,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// A success without the secret that was asked for, or with stars in its place: the one before may have ended.
    #[error("the answer carries no secret")]
    NoSecret {
        /// Status.
        status: u16,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The answer is about another client than the one asked for (RFC 7592 §3).
    #[error("the answer is about the client {answered}, not {asked}")]
    OtherClient {
        /// The client asked for.
        asked: String,
        /// The client answered.
        answered: String,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// A success whose body cannot be read: a client may exist there.
    #[error("the answer cannot be read: {source}")]
    Unreadable {
        /// Status.
        status: u16,
        /// Title, when a web page came instead.
        title: Option<String>,
        /// Why.
        source: serde_json::Error,
        /// The recorded exchange.
        exchange: Uuid,
    },
}

impl RegistrationError {
    /// The request may have been carried out without us knowing. A server that fails may do so after it
    /// committed the change; a 408 or 499 says that somebody gave up on the request, and a redirect says
    /// nothing about it. A 429 is a refusal: the request was not carried out.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Refused { words, .. } => {
                matches!(words.status, 300..=399 | 408 | 499 | 500..)
            }
            Self::Http(error) => error.sent(),
            // A change may have been made; a read changed nothing.
            Self::SaysNothing { .. } | Self::Unreadable { .. } => true,
            _ => self.answer_lost(),
        }
    }

    /// The server may have answered, and its answer did not arrive or cannot be read. A redirect is an answer.
    pub fn answer_lost(&self) -> bool {
        match self {
            // A document that says nothing arrived, or a web page in its place: there was nothing in it to lose.
            Self::Http(HttpError::Redirect { .. })
            | Self::SaysNothing { .. }
            | Self::Unreadable { title: Some(_), .. } => false,
            Self::Http(error) => error.sent(),
            // A gateway gave up on the server behind it; 520 to 524 are Cloudflare's.
            Self::Refused { words, .. } => matches!(words.status, 502 | 504 | 520..=524),
            Self::Placed { .. }
            | Self::NoClientId { .. }
            | Self::NoSecret { .. }
            | Self::OtherClient { .. }
            | Self::Unreadable { .. } => true,
        }
    }

    /// The server does not know this client or this registration access token (RFC 7592 §2.1): no proof
    /// that the client is gone. A 403 says that it knows the client and does not allow this.
    pub fn is_unknown_client(&self) -> bool {
        matches!(self, Self::Refused { words, .. } if matches!(words.status, 401 | 404 | 410))
    }

    /// The recorded exchange.
    pub fn exchange(&self) -> Option<Uuid> {
        match self {
            Self::Http(error) => error.exchange(),
            Self::Refused { exchange, .. }
            | Self::Placed { exchange, .. }
            | Self::NoClientId { exchange, .. }
            | Self::SaysNothing { exchange, .. }
            | Self::NoSecret { exchange, .. }
            | Self::OtherClient { exchange, .. }
            | Self::Unreadable { exchange, .. } => Some(*exchange),
        }
    }
}

/// Registers a client.
pub async fn register(
    http: &HttpClient,
    endpoint: &Url,
    metadata: &ClientMetadata,
    initial_access_token: Option<&InitialAccessToken>,
    flow: Uuid,
) -> Result<ClientInformation, RegistrationError> {
    let auth = initial_access_token.map_or(Auth::None, |token| Auth::Initial(token.clone()));
    let request = Request::new(Method::POST, endpoint.clone(), Purpose::Registration, flow)
        .body(Body::Json(metadata.to_value()))
        .auth(auth);
    let response = match http.send(request).await {
        // The way in which RFC 9110 §15.4.4 names what a POST has made.
        Err(HttpError::Redirect {
            to: Some(to),
            status: status @ 303,
            exchange,
            ..
        }) => {
            let at = placed(endpoint, &to);
            return Err(RegistrationError::Placed {
                status,
                at,
                exchange,
            });
        }
        sent => sent?,
    };
    let location = response.header("location");
    if let Some(location) = location.filter(|_| response.is_success())
        && response.body.iter().all(u8::is_ascii_whitespace)
    {
        return Err(RegistrationError::Placed {
            status: response.status,
            at: placed(endpoint, location),
            exchange: response.exchange,
        });
    }
    let mut made = read_information(&response, http.clock().now(), endpoint, None)?;
    // Some servers name the client configuration endpoint in the header alone, as the address of what was created.
    if made.registration_client_uri.is_none()
        && made.registration_access_token.is_some()
        && !made.handles.contains_key(UNUSABLE_ADDRESS)
    {
        made.registration_client_uri = location
            .and_then(|location| lenient::same_origin(location, endpoint))
            .filter(|address| address != endpoint);
    }
    Ok(made)
}

/// A `Location` as it can be shown.
fn placed(endpoint: &Url, location: &str) -> String {
    match endpoint.join(location) {
        Ok(url) => redact::url(&url, &[]),
        Err(_no_address) => redact::text(location, &[]),
    }
}

/// Reads client information that was asked for at `endpoint`, which a relative `registration_client_uri` is resolved
/// against. `known_id` is used where a server leaves `client_id` out of an answer about a client that we already
/// know, if it says anything of a client: what is taken for a registration becomes the base of the next update.
pub fn read_information(
    response: &Response,
    now: i64,
    endpoint: &Url,
    known_id: Option<&str>,
) -> Result<ClientInformation, RegistrationError> {
    if !response.is_success() {
        return Err(refused(response, now));
    }
    let exchange = response.exchange;
    let answer = lenient::object(&response.body).map_err(|source| {
        let text = String::from_utf8_lossy(&response.body);
        let title = error_response::html_title(&text);
        RegistrationError::Unreadable {
            status: response.status,
            title,
            source,
            exchange,
        }
    })?;
    let mut answer = client::members(answer);
    let named = lenient::text(&answer, "client_id");
    // Some servers answer 200 with an error inside.
    if named.is_none() && lenient::is_error(&answer) {
        return Err(refused(response, now));
    }
    if let (Some(asked), Some(answered)) = (known_id, &named)
        && asked != answered
    {
        return Err(RegistrationError::OtherClient {
            asked: asked.to_owned(),
            answered: answered.clone(),
            exchange,
        });
    }
    if known_id.is_some() && !ClientMetadata::is_in(&answer) {
        return Err(RegistrationError::SaysNothing {
            status: response.status,
            exchange,
        });
    }
    let client_id = named.or_else(|| known_id.map(str::to_owned));
    let Some(client_id) = client_id else {
        return Err(RegistrationError::NoClientId {
            status: response.status,
            words: Some(Box::new(ErrorResponse::of(response))),
            exchange,
        });
    };
    if let Some(scopes) = lenient::scopes(&answer, "scope")
        && lenient::list(&answer, "scope").as_ref() != Some(&scopes)
    {
        answer.insert("scope".to_owned(), scopes.join(" ").into());
    }
    let registration_client_uri = lenient::address_at(&answer, REGISTRATION_CLIENT_URI, endpoint);
    let unusable = match registration_client_uri {
        Some(_) => None,
        None => lenient::no_address(&answer, REGISTRATION_CLIENT_URI),
    };
    let handles = unusable.map(|text| (UNUSABLE_ADDRESS.to_owned(), text));
    Ok(ClientInformation {
        client_id,
        client_secret: lenient::secret(&answer, "client_secret")
            .map(|secret| ClientSecret::new(secret.trim_end_matches(['\r', '\n']))),
        client_id_issued_at: lenient::time(&answer, "client_id_issued_at"),
        client_secret_expires_at: end_of_secret(&answer),
        registration_client_uri,
        registration_access_token: lenient::secret(&answer, "registration_access_token")
            .map(|token| RegistrationAccessToken::new(token.trim())),
        metadata: ClientMetadata::from_answer(answer),
        handles: handles.into_iter().collect(),
        status: response.status,
        elapsed_ms: response.elapsed_ms,
        exchange,
    })
}

/// When the secret ends (RFC 7591 §3.2.1): 0 for never. A time before 1970 is what a database has for none, and one at the
/// end of the year 9999 means never.
pub fn end_of_secret(answer: &Map<String, Value>) -> Option<i64> {
    const LAST_TIME: i64 = 253_402_300_799;
    match lenient::time(answer, "client_secret_expires_at")? {
        ..0 => None,
        LAST_TIME.. => Some(0),
        time => Some(time),
    }
}

/// An address that manages another client by its own words (RFC 7592 §3 shows the parameter). Nothing is
/// to be sent there.
pub fn names_another(uri: &Url, client_id: &str) -> bool {
    uri.query_pairs()
        .any(|(name, value)| name == "client_id" && value != client_id)
}

pub(crate) fn refused(response: &Response, now: i64) -> RegistrationError {
    RegistrationError::Refused {
        words: ErrorResponse::of(response),
        retry_after: response.retry_after(now),
        about: RefusedMembers::read(&response.body),
        exchange: response.exchange,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn refused(status: u16) -> RegistrationError {
        RegistrationError::Refused {
            words: ErrorResponse::read(status, b""),
            about: RefusedMembers::default(),
            retry_after: None,
            exchange: Uuid::nil(),
        }
    }

    #[test]
    fn the_end_of_a_secret_that_means_none_is_not_a_time() {
        for (written, wanted) in [
            (serde_json::json!(0), Some(0)),
            (serde_json::json!(1_500_000_000), Some(1_500_000_000)),
            (serde_json::json!(-1), None),
            (serde_json::json!("0001-01-01T00:00:00Z"), None),
            (serde_json::json!(253_402_300_799_i64), Some(0)),
            (serde_json::json!(i64::MAX), Some(0)),
            (serde_json::json!("never"), None),
        ] {
            let answer = Map::from_iter([("client_secret_expires_at".to_owned(), written)]);
            assert_eq!(end_of_secret(&answer), wanted, "{answer:?}");
        }
    }

    #[test]
    fn f15_a_server_error_says_nothing_about_the_outcome() {
        for status in (500..=599).chain([304, 408, 499]) {
            assert!(refused(status).outcome_unknown(), "{status}");
        }
        for status in [200, 400, 401, 403, 404, 409, 422, 429] {
            assert!(!refused(status).outcome_unknown(), "{status}");
        }
    }

    #[test]
    fn f15_only_a_gateway_loses_the_answer_to_a_read() {
        for status in [502, 504, 520, 522, 524] {
            assert!(refused(status).answer_lost(), "{status}");
        }
        for status in [304, 408, 499, 500, 503, 525] {
            assert!(!refused(status).answer_lost(), "{status}");
        }
    }

    #[test]
    fn f15_a_page_in_the_place_of_an_answer_is_unknown_for_a_change_alone() {
        let unreadable = |title: Option<&str>| RegistrationError::Unreadable {
            status: 200,
            title: title.map(str::to_owned),
            source: serde_json::from_str::<Value>("<").unwrap_err(),
            exchange: Uuid::nil(),
        };
        assert!(unreadable(Some("Sign in")).outcome_unknown());
        assert!(!unreadable(Some("Sign in")).answer_lost());
        assert!(unreadable(None).answer_lost());
    }

    #[test]
    fn t05_a_redirect_is_unknown_for_a_change_alone() {
        let redirect = RegistrationError::Http(HttpError::Redirect {
            host: "id.example.com".to_owned(),
            to: Some("https://elsewhere.example/".to_owned()),
            status: 307,
            exchange: Uuid::nil(),
        });
        assert!(redirect.outcome_unknown());
        assert!(!redirect.answer_lost());
    }
}
