//! One JSON request to a vendor's own API, and its answer.

use std::time::Duration;

use http::Method;
use keywright_oauth::{
    error_response::{self, ErrorResponse},
    http::{Auth, Body, HttpClient, Purpose, Request, Response},
    lenient,
    refusal::RefusedMembers,
    register::RegistrationError,
    secret::ClientSecret,
};
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

/// A pause that a vendor asks for is kept within an operation up to this long; a longer one is shown.
const LONGEST_PAUSE_SECS: u64 = 5;
/// A request that was refused for its rate is sent at most this often.
const TRIES: u32 = 4;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) purpose: Purpose,
    pub(crate) auth: Auth,
    pub(crate) body: Option<Value>,
}

/// A success.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The members; empty for an empty body or a list.
    pub(crate) members: Map<String, Value>,
    /// The items, where the body is a list.
    pub(crate) items: Vec<Value>,
    pub(crate) status: u16,
    pub(crate) elapsed_ms: u64,
    pub(crate) exchange: Uuid,
    response: Response,
}

impl Answer {
    /// Each line of a header that may come several times.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.response
            .headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
    }

    /// A member that is text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        lenient::text(&self.members, name)
    }

    /// A member that is a secret, unless stars, a placeholder or a hash stand in its place.
    pub(crate) fn secret(&self, name: &str) -> Option<ClientSecret> {
        lenient::secret(&self.members, name).map(ClientSecret::new)
    }

    /// A secret that was asked for: without it, what became of the request is not known.
    pub(crate) fn needed_secret(&self, name: &str) -> Result<ClientSecret, RegistrationError> {
        self.secret(name).ok_or(RegistrationError::NoSecret {
            status: self.status,
            exchange: self.exchange,
        })
    }

    /// A member that must be there for the client to be usable.
    pub(crate) fn needed(&self, name: &str) -> Result<String, RegistrationError> {
        self.text(name).ok_or(RegistrationError::NoClientId {
            words: None,
            status: self.status,
            exchange: self.exchange,
        })
    }
}

/// Sends a request. Whatever the method: a request that was refused for its rate was not carried out,
/// so it is sent again after the pause the vendor asks for, if that is short.
pub(crate) async fn call(
    http: &HttpClient,
    call: Call,
    flow: Uuid,
) -> Result<Answer, RegistrationError> {
    let mut request = Request::new(call.method, call.url, call.purpose, flow).auth(call.auth);
    if let Some(body) = call.body {
        request = request.body(Body::Json(body));
    }
    let mut tried = 0;
    loop {
        tried += 1;
        let response = http.send(request.clone()).await?;
        if response.is_success() {
            return read(response);
        }
        let now = http.clock().now();
        let retry_after = response.retry_after(now);
        let pause = retry_after.filter(|pause| *pause <= LONGEST_PAUSE_SECS);
        match pause {
            Some(pause) if response.status == 429 && tried < TRIES => {
                tokio::time::sleep(Duration::from_secs(pause.max(1))).await;
            }
            _ => {
                return Err(RegistrationError::Refused {
                    words: ErrorResponse::of(&response),
                    retry_after,
                    about: RefusedMembers::read(&response.body),
                    exchange: response.exchange,
                });
            }
        }
    }
}

fn read(response: Response) -> Result<Answer, RegistrationError> {
    let (mut members, mut items) = (Map::new(), Vec::new());
    if !response.body.iter().all(u8::is_ascii_whitespace) {
        match serde_json::from_slice(&response.body) {
            Ok(Value::Object(map)) => members = map,
            Ok(Value::Array(list)) => items = list,
            Ok(_) => {}
            Err(source) => {
                return Err(RegistrationError::Unreadable {
                    status: response.status,
                    title: error_response::html_title(&String::from_utf8_lossy(&response.body)),
                    source,
                    exchange: response.exchange,
                });
            }
        }
    }
    Ok(Answer {
        members,
        items,
        status: response.status,
        elapsed_ms: response.elapsed_ms,
        exchange: response.exchange,
        response,
    })
}
