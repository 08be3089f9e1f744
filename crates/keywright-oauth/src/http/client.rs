//! Sends, reads no more than the limit, tries again only what is safe to send twice, and records.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use futures::StreamExt;
use http::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use secrecy::SecretString;
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    Body, Exchange, HttpError, HttpPolicy, Recorder, Request, Response, is_loopback,
    reach::{self, Resolver},
    redact,
};
use crate::time::Clock;

/// Bodies are kept in Activity up to this length.
const KEPT_BODY: usize = 64 * 1024;
/// A request that is safe to send twice is sent at most this often.
const TRIES: u32 = 3;
/// A server that asks for a longer pause gets its answer shown instead of a silent wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The HTTP client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpClient(Arc<Inner>);

struct Inner {
    outside: OnceLock<reqwest::Client>,
    /// Loopback never goes through a proxy: the Sandbox and test servers are on this machine.
    loopback: OnceLock<reqwest::Client>,
    authorities: Vec<reqwest::Certificate>,
    policy: HttpPolicy,
    resolver: Arc<Resolver>,
    clock: Clock,
    recorder: Recorder,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// The client for this machine or for all others, made when it is first needed: reading the
    /// system's certificates takes its time.
    fn client(&self, local: bool) -> Result<&reqwest::Client, HttpError> {
        let place = if local { &self.loopback } else { &self.outside };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(self.policy.connect_timeout)
            .timeout(self.policy.total_timeout)
            .pool_idle_timeout(Duration::from_secs(15))
            .user_agent(concat!("Keywright/", env!("CARGO_PKG_VERSION")));
        if !self.authorities.is_empty() {
            builder = builder.tls_certs_merge(self.authorities.iter().cloned());
        }
        builder = if local {
            let here = Resolver::new(reach::this_machine());
            builder.dns_resolver(Arc::new(here)).no_proxy()
        } else {
            builder.dns_resolver(Arc::clone(&self.resolver))
        };
        let client = builder
            .build()
            .map_err(|source| HttpError::Setup { source })?;
        Ok(place.get_or_init(|| client))
    }
}

impl HttpClient {
    /// Makes the client. Fails when the policy's CA is no certificate.
    pub fn new(policy: HttpPolicy, clock: Clock, recorder: Recorder) -> Result<Self, HttpError> {
        let authorities = policy
            .ca_pem
            .as_ref()
            .map(|pem| reqwest::Certificate::from_pem_bundle(pem.as_bytes()))
            .transpose()
            .map_err(|source| HttpError::Setup { source })?;
        Ok(Self(Arc::new(Inner {
            outside: OnceLock::new(),
            loopback: OnceLock::new(),
            authorities: authorities.unwrap_or_default(),
            policy,
            resolver: Arc::new(Resolver::new(reach::system())),
            clock,
            recorder,
        })))
    }

    /// The clock that this client goes by.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The policy that this client keeps.
    pub fn policy(&self) -> &HttpPolicy {
        &self.0.policy
    }

    /// Sends the request; any status is an answer, except redirects unless they are wanted. All tries
    /// together end within the policy's total time, or at the request's own end if that comes first.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let latest = Instant::now() + self.0.policy.total_timeout;
        let until = request.until.map_or(latest, |until| until.min(latest));
        let left = || until.saturating_duration_since(Instant::now());
        let mut tried = 0;
        loop {
            tried += 1;
            let outcome = self.send_once(&request, left()).await;
            let again = request.idempotent && tried < TRIES;
            let pause = match &outcome {
                Ok(response) if again && matches!(response.status, 429 | 502 | 503 | 504) => {
                    let wait = response
                        .retry_after(self.0.clock.now())
                        .map(Duration::from_secs);
                    Some(wait.unwrap_or_else(|| Duration::from_millis(200 * u64::from(tried))))
                }
                Err(HttpError::Connect { .. } | HttpError::ConnectionLost { .. }) if again => {
                    Some(Duration::from_millis(100 * u64::from(tried)))
                }
                _ => None,
            };
            match pause {
                Some(pause) if pause <= LONGEST_PAUSE && pause < left() => {
                    tokio::time::sleep(pause).await;
                }
                _ => return outcome,
            }
        }
    }

    async fn send_once(&self, request: &Request, time: Duration) -> Result<Response, HttpError> {
        let inner = &self.0;
        let mut known = request.auth.secrets();
        match &request.body {
            Body::Json(value) => redact::issued(value, &mut known),
            Body::Form(fields) => known.extend(secret_fields(fields)),
            Body::Empty | Body::Raw { .. } => {}
        }
        let carries_secret = !known.is_empty();
        inner
            .policy
            .check(&request.url, request.purpose, carries_secret)?;
        let local = is_loopback(&request.url);
        if inner.policy.is_stranger(&request.url) && !local {
            inner.resolver.guard(&request.url);
        }

        let mut headers = request.headers.clone();
        if let Some((name, value)) = request.auth.header()? {
            headers.insert(name, value);
        }
        let (body, shown_body) = encode(&request.body, &mut headers, &known);
        let mut exchange = Exchange {
            id: Uuid::now_v7(),
            flow: request.flow,
            purpose: request.purpose,
            started_at_ms: inner.clock.now_ms(),
            elapsed_ms: 0,
            method: request.method.to_string(),
            url: redact::url(&request.url, &known),
            request_headers: redact::headers(&headers, &known),
            request_body: shown_body,
            status: None,
            response_headers: Vec::new(),
            response_body: None,
            error: None,
        };
        let client = inner.client(local)?;
        let mut builder = client
            .request(request.method.clone(), request.url.clone())
            .timeout(time)
            .headers(headers);
        if !matches!(request.body, Body::Empty) {
            builder = builder.body(body);
        }
        let begun = Instant::now();
        let outcome = self.exchange(builder, request, &known, &mut exchange).await;
        exchange.elapsed_ms = millis(begun.elapsed());
        let id = exchange.id;
        let elapsed_ms = exchange.elapsed_ms;
        exchange.error = outcome.as_ref().err().map(|error| error.code().to_owned());
        inner.recorder.keep(exchange);
        let (status, headers, body) = outcome?;
        Ok(Response {
            status,
            headers,
            body,
            elapsed_ms,
            exchange: id,
            sent: known.into_iter().map(SecretString::from).collect(),
        })
    }

    async fn exchange(
        &self,
        builder: reqwest::RequestBuilder,
        request: &Request,
        known: &[String],
        exchange: &mut Exchange,
    ) -> Result<(u16, HeaderMap, bytes::Bytes), HttpError> {
        let host = HttpPolicy::host_of(&request.url);
        let id = exchange.id;
        let failed = |source: reqwest::Error| {
            HttpError::from_reqwest(host.clone(), source.without_url(), id)
        };
        let answer = builder.send().await.map_err(&failed)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        exchange.status = Some(status);
        exchange.response_headers = redact::headers(&headers, known);

        let limit = self.0.policy.max_body;
        let mut bytes = BytesMut::new();
        let mut stream = answer.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(source) => {
                    exchange.response_body = Some(shown(&bytes, known));
                    return Err(failed(source));
                }
            };
            if bytes.len() + chunk.len() > limit {
                return Err(HttpError::BodyTooLarge {
                    host,
                    limit,
                    status,
                    exchange: id,
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        exchange.response_body = Some(shown(&bytes, known));
        if (300..400).contains(&status) && status != 304 && !request.keep_redirects {
            let to = headers
                .get(http::header::LOCATION)
                .map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
            let to = to.map(|to| redact::text(&to, known));
            return Err(HttpError::Redirect {
                host,
                to,
                status,
                exchange: id,
            });
        }
        Ok((status, headers, bytes.freeze()))
    }
}

fn secret_fields(fields: &[(String, String)]) -> impl Iterator<Item = String> {
    let secret = |(name, _): &&(String, String)| {
        matches!(
            name.as_str(),
            "client_secret" | "refresh_token" | "token" | "client_assertion"
        )
    };
    fields.iter().filter(secret).map(|(_, value)| value.clone())
}

fn shown(bytes: &[u8], known: &[String]) -> String {
    let mut text = redact::body(bytes, known);
    if text.len() > KEPT_BODY {
        let mut end = KEPT_BODY;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

fn encode(body: &Body, headers: &mut HeaderMap, known: &[String]) -> (Vec<u8>, Option<String>) {
    let mut typed = |value: &'static str| {
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(value));
    };
    match body {
        Body::Empty => (Vec::new(), None),
        Body::Form(fields) => {
            typed("application/x-www-form-urlencoded");
            let sent = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            (sent.into_bytes(), Some(redact::form(fields, known)))
        }
        Body::Json(value) => {
            typed("application/json");
            (
                value.to_string().into_bytes(),
                Some(redact::json(value, known).to_string()),
            )
        }
        Body::Raw {
            content_type,
            bytes,
        } => {
            if let Some(value) = content_type
                .as_ref()
                .and_then(|text| HeaderValue::try_from(text).ok())
            {
                headers.insert(http::header::CONTENT_TYPE, value);
            }
            (bytes.to_vec(), Some(shown(bytes, known)))
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
