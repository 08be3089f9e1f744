//! What every request passes first: the check of its host and origin, then the fault dials.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use crate::faults::SandboxFaults;
use crate::faults::rate_limit::RateWindow;
use crate::personality::Personality;
use crate::server::ConnectionCutter;
use crate::state::Shared;
use crate::state::keys::same_secret;

/// Carries [`Shared::internal_token`].
pub(crate) const INTERNAL_HEADER: &str = "x-keywright-sandbox-internal";

/// What a request that is one too many by share has to wait, in seconds.
const WAIT_SECS: i64 = 2;
const HUGE: usize = 10 * 1024 * 1024;
const ERROR_PAGE: &str = "<!DOCTYPE html><html><head><title>Service Unavailable</title></head>\
    <body><h1>Service Unavailable</h1><p>The server is temporarily unable to service your \
    request.</p></body></html>";

/// One of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    IdentityProvider,
    Gateway,
}

/// One server's guard.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) shared: Arc<Shared>,
    pub(crate) side: Side,
}

impl Guard {
    /// A page in a browser must not reach the Sandbox: neither by a name that resolves to loopback
    /// (DNS rebinding) nor by a request across origins.
    fn refusal(&self, request: &Request) -> Option<Response> {
        let port = match self.side {
            Side::IdentityProvider => self.shared.idp_port,
            Side::Gateway => self.shared.gateway_port,
        };
        let own = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        let headers = request.headers();
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|v| v.to_str().ok());
        let host_is_own = host.is_some_and(|h| own.iter().any(|o| o.eq_ignore_ascii_case(h)));
        // The target may be in absolute form (RFC 9112 section 3.2.2) and then names the host too.
        let target_is_own = request
            .uri()
            .authority()
            .is_none_or(|a| own.iter().any(|o| o.eq_ignore_ascii_case(a.as_str())));
        if !host_is_own || !target_is_own || hosts.next().is_some() {
            return Some(message(
                StatusCode::MISDIRECTED_REQUEST,
                "Misdirected Request",
            ));
        }
        let foreign = headers.get_all(header::ORIGIN).iter().any(|origin| {
            let name = origin.to_str().ok().and_then(|o| o.strip_prefix("http://"));
            !name.is_some_and(|n| own.iter().any(|o| o == n))
        });
        foreign.then(|| message(StatusCode::FORBIDDEN, "Forbidden"))
    }

    fn is_internal(&self, headers: &HeaderMap) -> bool {
        headers
            .get(INTERNAL_HEADER)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| same_secret(value, &self.shared.internal_token))
    }
}

/// The middleware of both servers.
pub(crate) async fn guard(
    State(guard): State<Guard>,
    ConnectInfo(scissors): ConnectInfo<ConnectionCutter>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(refusal) = guard.refusal(&request) {
        return refusal;
    }
    // A client that cannot read the metadata meets no other fault.
    let path = request.uri().path().to_owned();
    let is_spared = path.contains("/.well-known/") || guard.is_internal(request.headers());
    let Some(personality) = Personality::at(&path).filter(|_| !is_spared) else {
        return next.run(request).await;
    };
    let dials = guard.shared.dials.of(personality);
    let faults = dials.faults();
    if faults.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.latency_ms.into())).await;
    }
    let gate = Gate {
        guard: &guard,
        personality,
        faults: &faults,
        path: &path,
    };
    let window = gate.window();
    if let Some(answer) = gate.instead(window.as_ref()) {
        return answer;
    }
    let mut response = next.run(request).await;
    if let Some(window) = window {
        let told = personality.provider_behavior().rate_headers(&window);
        response.headers_mut().extend(told);
    }
    if dials
        .shares
        .drop_after_receiving
        .hit(faults.drop_after_receiving_percent)
    {
        scissors.cut();
        return response;
    }
    corrupt_body(response, &faults).await
}

/// What the dials of a personality make of one request.
struct Gate<'a> {
    guard: &'a Guard,
    personality: Personality,
    faults: &'a SandboxFaults,
    path: &'a str,
}

impl Gate<'_> {
    /// Where the request stands in the rate limit, if the identity provider has one.
    fn window(&self) -> Option<RateWindow> {
        let limit = self.faults.rate_limit_per_second;
        if limit == 0 || self.guard.side == Side::Gateway {
            return None;
        }
        let rate = &self.guard.shared.dials.of(self.personality).rate;
        Some(rate.count(limit, self.guard.shared.now()))
    }

    /// An answer given without carrying the request out.
    fn instead(&self, window: Option<&RateWindow>) -> Option<Response> {
        let (faults, shares) = (
            self.faults,
            &self.guard.shared.dials.of(self.personality).shares,
        );
        if let Some(window) = window.filter(|window| window.is_exceeded) {
            return Some(self.too_many(window));
        }
        if shares
            .too_many_requests
            .hit(faults.too_many_requests_percent)
        {
            return Some(self.too_many(&RateWindow {
                limit: faults.rate_limit_per_second.max(1),
                remaining: 0,
                reset_at: self.guard.shared.now().saturating_add(WAIT_SECS),
                is_exceeded: true,
            }));
        }
        if !shares.server_errors.hit(faults.server_errors_percent) {
            return None;
        }
        let status = if shares.unavailable.hit(50) {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        Some(if faults.html_errors {
            (status, Html(ERROR_PAGE)).into_response()
        } else {
            message(status, "An unexpected error occurred")
        })
    }

    /// In the words of who refuses: the gateway's own, or the provider's.
    fn too_many(&self, window: &RateWindow) -> Response {
        let shared = &self.guard.shared;
        let mut answer = match self.guard.side {
            Side::Gateway => message(StatusCode::TOO_MANY_REQUESTS, "API rate limit exceeded"),
            Side::IdentityProvider => {
                let provider_behavior = self.personality.provider_behavior();
                provider_behavior.rate_limited(shared, self.path, window)
            }
        };
        if self.faults.retry_after {
            let wait = window.reset_at.saturating_sub(shared.now());
            let headers = answer.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        answer
    }
}

async fn corrupt_body(response: Response, faults: &SandboxFaults) -> Response {
    if !faults.truncated_body && !faults.huge_body {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let is_json = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let bytes = match to_bytes(body, HUGE).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::warn!(%error, "an answer of the Sandbox could not be read back");
            return message(StatusCode::INTERNAL_SERVER_ERROR, "body");
        }
    };
    if !is_json {
        return Response::from_parts(parts, Body::from(bytes));
    }
    let mut bytes = bytes.to_vec();
    if faults.truncated_body {
        bytes.truncate(bytes.len() / 2);
    }
    if faults.huge_body {
        bytes.resize(HUGE, b' ');
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes))
}

/// `{"message": …}`, as the gateway words its errors.
pub(crate) fn message(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "message": text }))).into_response()
}
