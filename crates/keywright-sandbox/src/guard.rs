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

use crate::faults::{SandboxFaults, Shares};
use crate::keys::same_secret;
use crate::server::Scissors;
use crate::state::Shared;

/// Carries [`Shared::internal_token`].
pub(crate) const INTERNAL_HEADER: &str = "x-keywright-sandbox-internal";

const HUGE: usize = 10 * 1024 * 1024;
const ERROR_PAGE: &str = "<!DOCTYPE html><html><head><title>Service Unavailable</title></head>\
    <body><h1>Service Unavailable</h1><p>The server is temporarily unable to service your \
    request.</p></body></html>";

/// One server's guard.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) shared: Arc<Shared>,
    pub(crate) port: u16,
}

impl Guard {
    /// A page in a browser must not reach the Sandbox: neither by a name that resolves to loopback
    /// (DNS rebinding) nor by a request across origins.
    fn refusal(&self, request: &Request) -> Option<Response> {
        let own = [
            format!("127.0.0.1:{}", self.port),
            format!("localhost:{}", self.port),
        ];
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
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(refusal) = guard.refusal(&request) {
        return refusal;
    }
    // A client that cannot read the metadata meets no other fault.
    let is_metadata = request.uri().path().contains("/.well-known/");
    if is_metadata || guard.is_internal(request.headers()) {
        return next.run(request).await;
    }
    let faults = guard.shared.faults();
    if faults.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.latency_ms.into())).await;
    }
    if let Some(answer) = instead(&faults, &guard.shared.shares) {
        return answer;
    }
    let response = next.run(request).await;
    let shares = &guard.shared.shares;
    if shares
        .drop_after_receiving
        .hit(faults.drop_after_receiving_percent)
    {
        scissors.cut();
        return response;
    }
    spoil(response, &faults).await
}

/// An answer given without carrying the request out.
fn instead(faults: &SandboxFaults, shares: &Shares) -> Option<Response> {
    if shares
        .too_many_requests
        .hit(faults.too_many_requests_percent)
    {
        let mut answer = message(StatusCode::TOO_MANY_REQUESTS, "API rate limit exceeded");
        if faults.retry_after {
            let headers = answer.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        return Some(answer);
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

async fn spoil(response: Response, faults: &SandboxFaults) -> Response {
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
