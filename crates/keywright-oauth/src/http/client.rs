//! Sends, reads no more than the limit, tries again only what is safe to send twice, and records.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, Method};
use keywright_secret::SecretText;
use reqwest::redirect::Policy;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::{
    Auth, Body, Exchange, HttpError, HttpPolicy, PresentedCertificate, Purpose, Recorder, Request,
    Response, charset, given_certificates, is_loopback, proxy,
    reach::{self, Resolver},
    record::{self, Answer, Wire},
    redact::Redactor,
};
use crate::{
    client_key::ClientKey,
    dpop::{self, Nonces},
    lenient,
    time::Clock,
};

/// A request that is safe to send twice is sent at most this often.
const TRIES: u32 = 3;
/// An answer with more headers than this is refused.
const MOST_HEADERS: usize = 512;
/// A server that asks for a longer pause gets its answer shown instead of a silent wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The HTTP client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpClient(Arc<Inner>);

/// Which connections a request may use. Each way has a pool of its own, so what was allowed to one host is allowed to
/// no other.
#[derive(Clone, Copy)]
enum Way {
    /// This machine.
    Here,
    /// A host that the user named, wherever it is.
    Named,
    /// A host that only a server named: the public network alone.
    Public,
}

struct Inner {
    outside: OnceLock<reqwest::Client>,
    public: OnceLock<reqwest::Client>,
    /// Loopback never goes through a proxy: the Sandbox and test servers are on this machine.
    loopback: OnceLock<reqwest::Client>,
    authorities: Vec<reqwest::Certificate>,
    policy: HttpPolicy,
    clock: Clock,
    recorder: Recorder,
    nonces: Nonces,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// The client for one way, made when it is first needed: reading the system's certificates takes its time. One that
    /// presents a certificate is made for its request alone: no other request may use its connections, and its key is
    /// gone with it.
    fn client(
        &self,
        way: Way,
        certificate: Option<&ClientKey>,
    ) -> Result<reqwest::Client, HttpError> {
        if let Some(key) = certificate {
            let identity = key.tls_identity();
            return self.build(way, identity.map_err(|source| HttpError::Proof { source })?);
        }
        let place = match way {
            Way::Here => &self.loopback,
            Way::Named => &self.outside,
            Way::Public => &self.public,
        };
        if let Some(client) = place.get() {
            return Ok(client.clone());
        }
        let client = self.build(way, None)?;
        Ok(place.get_or_init(|| client).clone())
    }

    /// TLS that accepts a given certificate of a server itself. A client with a certificate of its own has the usual
    /// one.
    fn given_tls(&self, has_identity: bool) -> Result<Option<rustls::ClientConfig>, HttpError> {
        match self.policy.ca_pem.as_deref() {
            Some(pem) if !has_identity => given_certificates::config(pem).map_err(HttpError::Trust),
            _ => Ok(None),
        }
    }

    fn build(
        &self,
        way: Way,
        identity: Option<reqwest::Identity>,
    ) -> Result<reqwest::Client, HttpError> {
        let resolver = match way {
            Way::Here => Resolver::open(reach::this_machine()),
            Way::Named => Resolver::open(reach::system()),
            Way::Public => Resolver::guarded(reach::system()),
        };
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(self.policy.connect_timeout)
            .timeout(self.policy.total_timeout)
            .pool_idle_timeout(Duration::from_secs(15))
            .http1_max_headers(MOST_HEADERS)
            .user_agent(concat!("Keywright/", env!("CARGO_PKG_VERSION")));
        if !self.authorities.is_empty() {
            builder = match self.given_tls(identity.is_some())? {
                Some(tls) => builder.tls_backend_preconfigured(tls),
                None => builder.tls_certs_merge(self.authorities.iter().cloned()),
            };
        }
        builder = builder.dns_resolver(Arc::new(resolver));
        builder = match way {
            Way::Here => builder.no_proxy(),
            Way::Named | Way::Public => proxy::through(builder, self.policy.proxy.as_deref())?,
        };
        if let Some(identity) = identity {
            builder = builder.identity(identity);
        }
        builder
            .build()
            .map_err(|source| HttpError::Setup { source })
    }
}

impl HttpClient {
    /// Makes the client. Fails when the policy's CA is no certificate.
    pub fn new(policy: HttpPolicy, clock: Clock, recorder: Recorder) -> Result<Self, HttpError> {
        let authorities = policy
            .ca_pem
            .as_ref()
            .filter(|pem| !pem.trim().is_empty())
            .map(|pem| reqwest::Certificate::from_pem_bundle(pem.as_bytes()))
            .transpose()
            .map_err(|source| HttpError::Setup { source })?;
        if authorities.as_ref().is_some_and(Vec::is_empty) {
            return Err(HttpError::NoAuthority);
        }
        Ok(Self(Arc::new(Inner {
            outside: OnceLock::new(),
            public: OnceLock::new(),
            loopback: OnceLock::new(),
            authorities: authorities.unwrap_or_default(),
            policy,
            clock,
            recorder,
            nonces: Nonces::default(),
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

    /// Sends a request without a credential, and once more where a redirect adds a final slash to its address or takes
    /// it away, as routers of frameworks do: no other redirect is followed.
    pub async fn send_open(&self, request: Request) -> Result<Response, HttpError> {
        let outcome = self.send(request.clone()).await;
        let Err(HttpError::Redirect { to: Some(to), .. }) = &outcome else {
            return outcome;
        };
        let is_open = matches!(request.auth, Auth::None) && request.method == Method::GET;
        match lenient::same_origin(to, &request.url) {
            Some(url) if is_open && is_slash_apart(&url, &request.url) => {
                self.send(Request { url, ..request }).await
            }
            _ => outcome,
        }
    }

    /// Sends a request with a proof of possession, and once more where the server wants its own nonce in the proof (RFC
    /// 9449 §8 and §9). `make` is asked for each of the two: an assertion is good for one request.
    pub async fn send_proved<E: From<HttpError>>(
        &self,
        make: impl Fn() -> Result<Request, E>,
    ) -> Result<Response, E> {
        let response = self.send(make()?).await?;
        if response.wants_nonce {
            return Ok(self.send(make()?).await?);
        }
        Ok(response)
    }

    /// Header of the proof for one request.
    fn proof(&self, request: &Request) -> Result<Option<HeaderValue>, HttpError> {
        let Some(key) = &request.dpop else {
            return Ok(None);
        };
        let token = match &request.auth {
            Auth::Dpop(token) => Some(token),
            _ => None,
        };
        let nonce = self.0.nonces.of(&request.url);
        let now = self.0.clock.now();
        let proof = dpop::proof(
            key,
            &request.method,
            &request.url,
            nonce.as_deref(),
            token,
            now,
        )
        .map_err(|source| HttpError::Proof { source })?;
        let mut value =
            HeaderValue::try_from(proof.expose()).map_err(|source| HttpError::Request {
                source: source.into(),
            })?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    async fn send_once(&self, request: &Request, time: Duration) -> Result<Response, HttpError> {
        let inner = &self.0;
        let mut hidden = Redactor::new(&request.auth.secrets());
        let mut found = Vec::new();
        record::sent(&request.body, &hidden, &mut found);
        let carries_secret = !matches!(request.auth, Auth::None)
            || !found.is_empty()
            || request.certificate.is_some();
        inner
            .policy
            .check(&request.url, request.purpose, carries_secret)?;
        let way = if is_loopback(&request.url) {
            Way::Here
        } else if inner.policy.is_stranger_to_networks(&request.url) {
            Way::Public
        } else {
            Way::Named
        };

        let mut headers = request.headers.clone();
        if let Some((name, value)) = request.auth.header()? {
            headers.insert(name, value);
        }
        if let Some(proof) = self.proof(request)? {
            headers.insert(dpop::DPOP, proof);
        }
        let body = encode(&request.body, &mut headers);
        if body.is_empty() && expects_body(&request.method) {
            headers
                .entry(http::header::CONTENT_LENGTH)
                .or_insert(HeaderValue::from_static("0"));
        }
        let mut exchange = Exchange {
            id: Uuid::now_v7(),
            flow: request.flow,
            purpose: request.purpose,
            started_at_ms: inner.clock.now_ms(),
            elapsed_ms: 0,
            method: request.method.to_string(),
            url: String::new(),
            request_headers: Vec::new(),
            request_body: None,
            certificate: request.certificate.as_ref().and_then(presented),
            status: None,
            response_headers: Vec::new(),
            response_body: None,
            error: None,
        };
        let client = inner.client(way, request.certificate.as_ref())?;
        let mut builder = client
            .request(request.method.clone(), request.url.clone())
            .timeout(time)
            .headers(headers.clone());
        if !matches!(request.body, Body::Empty) {
            builder = builder.body(body);
        }
        let begun = Instant::now();
        let mut answer = Answer::default();
        let outcome = self
            .exchange(builder, request, exchange.id, &mut answer)
            .await;
        // The body of an API is shown as it came.
        if request.purpose != Purpose::ApiCall {
            charset::into_utf8(&mut answer);
        }
        exchange.elapsed_ms = millis(begun.elapsed());
        let id = exchange.id;
        let elapsed_ms = exchange.elapsed_ms;
        let wire = Wire {
            url: &request.url,
            headers: &headers,
            body: &request.body,
            answer: &answer,
        };
        record::fill(&mut exchange, &wire, &mut hidden);
        let outcome = outcome.map_err(|error| error.without_secrets(&hidden));
        exchange.error = outcome.as_ref().err().map(|error| error.code().to_owned());
        inner.recorder.keep(exchange);
        let status = outcome?;
        let body = answer.body.unwrap_or_default();
        let wants_nonce = request.dpop.is_some()
            && inner.nonces.learn(&request.url, &answer.headers)
            && dpop::asks_for_nonce(status, &answer.headers, &body);
        Ok(Response {
            status,
            headers: answer.headers,
            body,
            wants_nonce,
            elapsed_ms,
            exchange: id,
            sent: hidden.into_values().map(SecretText::from).collect(),
        })
    }

    /// Sends, and reads the answer into `answer` as far as it comes. Its status.
    async fn exchange(
        &self,
        builder: reqwest::RequestBuilder,
        request: &Request,
        id: Uuid,
        answer: &mut Answer,
    ) -> Result<u16, HttpError> {
        let host = HttpPolicy::host_of(&request.url);
        let failed = |source: reqwest::Error, over_plain_http| {
            HttpError::from_reqwest(host.clone(), over_plain_http, source.without_url(), id)
        };
        let over_plain_http = request.url.scheme() == "http";
        let came = builder.send().await;
        let came = came.map_err(|source| failed(source, over_plain_http))?;
        let status = came.status().as_u16();
        // Only a proxy answers so (RFC 9110 §15.5.8), and loopback has none.
        if status == 407 && !is_loopback(&request.url) {
            answer.status = Some(status);
            answer.headers = came.headers().clone();
            return Err(HttpError::ProxyAuthentication { host, exchange: id });
        }
        answer.status = Some(status);
        answer.headers = came.headers().clone();

        let limit = self.0.policy.max_body;
        let mut bytes = BytesMut::new();
        let mut stream = came.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(source) => {
                    answer.body = Some(bytes.freeze());
                    // The server speaks http: its head was read.
                    return Err(failed(source, false));
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
        answer.body = Some(bytes.freeze());
        if (300..400).contains(&status) && status != 304 && !request.keep_redirects {
            let to = answer
                .headers
                .get(http::header::LOCATION)
                .map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
            return Err(HttpError::Redirect {
                host,
                to,
                status,
                exchange: id,
            });
        }
        Ok(status)
    }
}

/// The two addresses differ in nothing but the final slash of the path.
pub fn is_slash_apart(a: &Url, b: &Url) -> bool {
    let parts = |url: &Url| (url.origin(), url.query().map(str::to_owned));
    let (a_path, b_path) = (a.path(), b.path());
    parts(a) == parts(b)
        && (a_path.strip_suffix('/') == Some(b_path) || b_path.strip_suffix('/') == Some(a_path))
}

fn encode(body: &Body, headers: &mut HeaderMap) -> Vec<u8> {
    let mut typed = |value: &'static str| {
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(value));
    };
    match body {
        Body::Empty => Vec::new(),
        Body::Form(fields) => {
            typed("application/x-www-form-urlencoded");
            let sent = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            sent.into_bytes()
        }
        Body::Json(value) => {
            typed("application/json");
            value.to_string().into_bytes()
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
            bytes.to_vec()
        }
    }
}

/// What is kept of the certificate of a request.
fn presented(key: &ClientKey) -> Option<PresentedCertificate> {
    let certificate = key.certificate()?;
    Some(PresentedCertificate {
        subject: certificate.subject().to_owned(),
        thumbprint: certificate.thumbprint(),
    })
}

/// Requests that may have a body: strict servers require the length of an empty one as well (RFC 9110 §8.6).
fn expects_body(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(method)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
