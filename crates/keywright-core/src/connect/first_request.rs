//! The first request to an address: whether it asks for a token, without sending one.

use std::time::{Duration, Instant};

use http::{HeaderValue, Method, header::ACCEPT};
use keywright_oauth::{
    error_response::{Challenge, ErrorResponse, looks_like_html},
    http::{Body, HttpClient, HttpError, HttpPolicy, Purpose, Request, Response, is_slash_apart},
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

/// Longest time that the address itself is waited for: it may be a stream without end.
const FIRST_LOOK: Duration = Duration::from_secs(10);
/// Revision of the Model Context Protocol whose requests stand alone, so that one is enough to be challenged.
const MCP_REVISION: &str = "2026-07-28";

/// How the address answered a request without a credential.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum FirstAnswer {
    /// With success.
    Open,
    /// With a web page, which says nothing of other requests.
    Page,
    /// With 401.
    Unauthorized,
    /// In another way, or it was not asked.
    #[default]
    Other,
}

/// What the first request showed.
pub(super) struct First {
    /// The address: the one that was asked for, or the same with or without a final slash where it redirects there.
    pub(super) address: Url,
    /// The challenge for a token.
    pub(super) challenge: Option<Challenge>,
    pub(super) answer: FirstAnswer,
    /// The same path at another scheme or host, where the address redirects there. It is named, not followed.
    pub(super) moved: Option<Url>,
}

/// Asks the address. The error names its host.
pub(super) async fn send(
    http: &HttpClient,
    address: Url,
    flow: Uuid,
) -> Result<First, (String, HttpError)> {
    let mut address = address;
    let mut response = get(http, &address, flow).await?;
    if let Some(other) = slash_redirect(&address, &response) {
        address = other;
        response = get(http, &address, flow).await?;
    }
    // What a browser would be shown is not asked again in another way, unless it is shown another address.
    if for_a_token(&response).is_none() && response.status >= 400 {
        response = post(http, &address, flow).await?;
        if let Some(other) = slash_redirect(&address, &response) {
            address = other;
            response = post(http, &address, flow).await?;
        }
    }
    Ok(First {
        challenge: for_a_token(&response),
        answer: match response.status {
            401 => FirstAnswer::Unauthorized,
            _ if response.is_success() && is_page(&response) => FirstAnswer::Page,
            _ if response.is_success() => FirstAnswer::Open,
            _ => FirstAnswer::Other,
        },
        moved: redirect(&address, &response).filter(|to| {
            matches!(to.scheme(), "http" | "https")
                && to.origin() != address.origin()
                && to.path() == address.path()
        }),
        address,
    })
}

fn is_page(response: &Response) -> bool {
    looks_like_html(&String::from_utf8_lossy(&response.body))
}

async fn get(
    http: &HttpClient,
    address: &Url,
    flow: Uuid,
) -> Result<Response, (String, HttpError)> {
    let request = Request::new(Method::GET, address.clone(), Purpose::Discovery, flow);
    asked(http, request).await
}

/// MCP servers answer GET with 404, 405 or 406 (Streamable HTTP): one request that changes nothing is challenged.
async fn post(
    http: &HttpClient,
    address: &Url,
    flow: Uuid,
) -> Result<Response, (String, HttpError)> {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/list",
        "params": { "_meta": {
            "io.modelcontextprotocol/protocolVersion": MCP_REVISION,
            "io.modelcontextprotocol/clientCapabilities": {},
        } },
    });
    let mut request = Request::new(Method::POST, address.clone(), Purpose::Discovery, flow)
        .body(Body::Json(body));
    let both = HeaderValue::from_static("application/json, text/event-stream");
    request.headers.insert(ACCEPT, both);
    let revision = HeaderValue::from_static(MCP_REVISION);
    request.headers.insert("mcp-protocol-version", revision);
    asked(http, request).await
}

async fn asked(http: &HttpClient, mut request: Request) -> Result<Response, (String, HttpError)> {
    let who = HttpPolicy::host_of(&request.url);
    request.keep_redirects = true;
    request.until = Some(Instant::now() + FIRST_LOOK);
    http.send(request).await.map_err(|source| (who, source))
}

fn for_a_token(response: &Response) -> Option<Challenge> {
    let challenge = ErrorResponse::of(response).challenge?;
    let is_for_a_token = ["bearer", "dpop"]
        .iter()
        .any(|scheme| challenge.scheme.eq_ignore_ascii_case(scheme));
    (is_for_a_token || challenge.resource_metadata.is_some()).then_some(challenge)
}

/// Where a redirect adds a final slash to the same address or takes it away, as routers of frameworks do: no other
/// redirect is followed.
fn slash_redirect(address: &Url, response: &Response) -> Option<Url> {
    let to = redirect(address, response)?;
    is_slash_apart(&to, address).then_some(to)
}

fn redirect(address: &Url, response: &Response) -> Option<Url> {
    if !matches!(response.status, 301 | 302 | 307 | 308) {
        return None;
    }
    address.join(response.header("location")?).ok()
}
