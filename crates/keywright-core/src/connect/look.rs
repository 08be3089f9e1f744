//! Look at an address: who protects it. Changes nothing anywhere and sends no credential.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use http::{HeaderValue, Method, header::ACCEPT};
use keywright_oauth::{
    discover::{self, DiscoveryError},
    http::{Body, HttpClient, HttpError, HttpPolicy, Purpose, Request, Response, is_loopback},
    protected_resource::{self, ProtectedResource},
    server_metadata::ServerMetadata,
    words::{Challenge, ErrorResponse},
};
use keywright_providers::ProviderKind;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{Connect, ConnectInput, FoundServer, sheet::Trail};
use crate::{
    CoreError, Operation, ProviderLabel, app::FlowSubject, calls, error::connect::ConnectError,
};

/// Longest time that the address itself is waited for: it may be a stream without end.
const FIRST_LOOK: Duration = Duration::from_secs(10);
/// Revision of the Model Context Protocol whose requests stand alone, so that one is enough to be challenged.
const MCP_REVISION: &str = "2026-07-28";

/// What is known of an address before its issuer is.
struct Seen {
    challenge: Option<Challenge>,
    resource: Option<ProtectedResource>,
    /// The address was answered with success, without a credential.
    is_open: bool,
}

impl Connect<'_> {
    /// Looks at an address. Nothing is saved.
    ///
    /// # Errors
    ///
    /// Everything that discovery can find wrong: a resource that describes another one (RFC 9728 §3.3), metadata of
    /// another issuer (RFC 8414 §3.3), an address that needs no token, nothing that says who issues tokens.
    pub async fn look(self, input: ConnectInput) -> Result<FoundServer, CoreError> {
        let address = calls::address(&input.address)?;
        let http = self.client(&address)?;
        let flow = self.app.flow(FlowSubject::default());
        let mut trail = Trail::new(self.app);
        let failed = |source: ConnectError| CoreError::Connect {
            address: input.address.trim().to_owned(),
            source: Box::new(source),
        };
        let path = address.path();
        let (address, seen) = if let Some(resource) =
            protected_resource::resource_of_document(&address)
        {
            let found =
                protected_resource::document_at(&http, &resource, address.clone(), flow.id).await;
            let found = found.map_err(|error| failed(error.into()))?;
            trail.resource(&found);
            let seen = Seen {
                challenge: None,
                resource: Some(found),
                is_open: false,
            };
            (resource, Some(seen))
        } else if path.contains("/.well-known/") {
            (address, None)
        } else {
            let seen = self.seen(&http, &address, flow.id, &mut trail).await;
            (
                address,
                Some(seen.map_err(|error| error.named(&input.address))?),
            )
        };
        let metadata = match &seen {
            Some(Seen {
                resource: Some(resource),
                ..
            }) => {
                let issuer = self.chosen_issuer(&input, resource).map_err(failed)?;
                self.issuer(&http, &issuer, flow.id).await?
            }
            Some(Seen {
                challenge: Some(_), ..
            }) => {
                self.at_the_root(&http, &address, flow.id, &mut trail)
                    .await?
            }
            _ => {
                let is_open = seen.as_ref().is_some_and(|seen| seen.is_open);
                let typed = input.address.trim();
                match self.issuer(&http, typed, flow.id).await {
                    Ok(found) => found,
                    Err(error) if !is_absent(&error) => return Err(error),
                    Err(error) if seen.is_none() => return Err(error),
                    Err(_) if is_open => return Err(failed(ConnectError::Open)),
                    Err(_) => return Err(failed(ConnectError::NoServer)),
                }
            }
        };
        trail.issuer(&metadata);
        let (challenge, resource) =
            seen.map_or((None, None), |seen| (seen.challenge, seen.resource));
        self.found(
            input,
            address,
            challenge.as_ref(),
            resource,
            metadata,
            trail,
        )
    }

    /// A client for what an address names: the host of the address is the user's word, all others are not.
    fn client(self, address: &Url) -> Result<HttpClient, CoreError> {
        let host = HttpPolicy::host_of(address);
        let policy = HttpPolicy {
            secret_hosts: Some(BTreeSet::from([host.clone()])),
            https_only: address.scheme() == "https",
            local_strangers: is_loopback(address),
            ..HttpPolicy::default()
        };
        self.app
            .client(policy)
            .map_err(|source| CoreError::Api { who: host, source })
    }

    /// The challenge of the address (RFC 6750 §3) and its metadata (RFC 9728).
    async fn seen(
        self,
        http: &HttpClient,
        address: &Url,
        flow: Uuid,
        trail: &mut Trail<'_>,
    ) -> Result<Seen, LookError> {
        let (challenge, is_open) = challenge_of(http, address, flow).await?;
        if let Some(challenge) = &challenge {
            trail.challenge(challenge);
        }
        let named = challenge
            .as_ref()
            .and_then(|challenge| challenge.resource_metadata.as_deref());
        let resource = protected_resource::discover(http, address, named, flow)
            .await
            .map_err(|error| LookError::Connect(error.into()))?;
        match &resource {
            Some(resource) => trail.resource(resource),
            None => trail.no_resource(),
        }
        Ok(Seen {
            challenge,
            resource,
            is_open,
        })
    }

    /// The issuer to use of those that a resource names: the user's choice, else the first that a configuration
    /// exists for, else the first.
    fn chosen_issuer(
        self,
        input: &ConnectInput,
        resource: &ProtectedResource,
    ) -> Result<String, ConnectError> {
        let named = &resource.authorization_servers;
        if let Some(wanted) = &input.issuer {
            let is_named =
                |one: &&String| discover::differs_by_final_slash_at_most(one, wanted.trim());
            return named
                .iter()
                .find(is_named)
                .cloned()
                .ok_or_else(|| ConnectError::OtherIssuer {
                    issuer: wanted.clone(),
                });
        }
        let known = self
            .app
            .vault()
            .ok()
            .and_then(|vault| vault.configurations().ok())
            .unwrap_or_default();
        let is_known = |issuer: &&String| known.iter().any(|row| row.issuer == **issuer);
        let chosen = named.iter().find(is_known).or(named.first());
        chosen.cloned().ok_or(ConnectError::NoServer)
    }

    async fn issuer(
        self,
        http: &HttpClient,
        issuer: &str,
        flow: Uuid,
    ) -> Result<ServerMetadata, CoreError> {
        let found = discover::discover(http, issuer, flow).await;
        found
            .map(|found| found.metadata)
            .map_err(|source| CoreError::Provider {
                who: ProviderLabel {
                    name: issuer.to_owned(),
                    kind: Some(ProviderKind::Rfc7591),
                    ..ProviderLabel::default()
                },
                doing: Operation::Discover,
                source: source.into(),
            })
    }

    /// The authorization server of a resource without metadata is at its root, with the usual endpoints where it has
    /// no metadata either (Model Context Protocol, revision 2025-03-26).
    async fn at_the_root(
        self,
        http: &HttpClient,
        address: &Url,
        flow: Uuid,
        trail: &mut Trail<'_>,
    ) -> Result<ServerMetadata, CoreError> {
        let root = address.origin().ascii_serialization();
        trail.at_the_root(&root);
        match self.issuer(http, &root, flow).await {
            Err(error) if is_absent(&error) => {
                trail.usual_endpoints();
                usual_endpoints(&root).ok_or(error)
            }
            outcome => outcome,
        }
    }
}

/// The endpoints that the revision 2025-03-26 of the Model Context Protocol gives a server without metadata. It asks
/// for PKCE of every client, so that S256 counts as listed.
fn usual_endpoints(root: &str) -> Option<ServerMetadata> {
    let document = json!({
        "issuer": root,
        "authorization_endpoint": format!("{root}/authorize"),
        "token_endpoint": format!("{root}/token"),
        "registration_endpoint": format!("{root}/register"),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
    });
    ServerMetadata::read(document.as_object()?.clone(), Url::parse(root).ok()?)
}

/// Why the first look failed, before the address is named.
enum LookError {
    Connect(ConnectError),
    Http { who: String, source: HttpError },
}

impl LookError {
    fn named(self, address: &str) -> CoreError {
        match self {
            Self::Connect(source) => CoreError::Connect {
                address: address.trim().to_owned(),
                source: Box::new(source),
            },
            Self::Http { who, source } => CoreError::Api { who, source },
        }
    }
}

/// No place has a document: nothing speaks against looking elsewhere.
fn is_absent(error: &CoreError) -> bool {
    let CoreError::Provider {
        source: keywright_providers::ProviderError::Discovery(error),
        ..
    } = error
    else {
        return false;
    };
    matches!(
        error,
        DiscoveryError::Status { .. }
            | DiscoveryError::NotMetadata { .. }
            | DiscoveryError::InvalidIssuer { .. }
            | DiscoveryError::Http(HttpError::Redirect { .. })
    )
}

/// The challenge for a token that an address answers with, and whether it was answered with success.
async fn challenge_of(
    http: &HttpClient,
    address: &Url,
    flow: Uuid,
) -> Result<(Option<Challenge>, bool), LookError> {
    let failed = |source| LookError::Http {
        who: HttpPolicy::host_of(address),
        source,
    };
    let mut request = Request::new(Method::GET, address.clone(), Purpose::Discovery, flow);
    request.keep_redirects = true;
    request.until = Some(Instant::now() + FIRST_LOOK);
    let response = http.send(request).await.map_err(failed)?;
    if let Some(challenge) = for_a_token(&response) {
        return Ok((Some(challenge), false));
    }
    // What a browser would be shown is not asked again in another way.
    if response.status < 400 {
        return Ok((None, response.is_success()));
    }
    // MCP servers answer GET with 404, 405 or 406 (Streamable HTTP): one request that changes nothing is challenged.
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/list",
        "params": { "_meta": {
            "io.modelcontextprotocol/protocolVersion": MCP_REVISION,
            "io.modelcontextprotocol/clientCapabilities": {},
        } },
    });
    let mut request = Request::new(Method::POST, address.clone(), Purpose::Discovery, flow)
        .body(Body::Json(body));
    request.keep_redirects = true;
    request.until = Some(Instant::now() + FIRST_LOOK);
    let both = HeaderValue::from_static("application/json, text/event-stream");
    request.headers.insert(ACCEPT, both);
    let revision = HeaderValue::from_static(MCP_REVISION);
    request.headers.insert("mcp-protocol-version", revision);
    let response = http.send(request).await.map_err(failed)?;
    Ok((for_a_token(&response), response.is_success()))
}

fn for_a_token(response: &Response) -> Option<Challenge> {
    let challenge = ErrorResponse::of(response).challenge?;
    let is_for_a_token = ["bearer", "dpop"]
        .iter()
        .any(|scheme| challenge.scheme.eq_ignore_ascii_case(scheme));
    (is_for_a_token || challenge.resource_metadata.is_some()).then_some(challenge)
}
