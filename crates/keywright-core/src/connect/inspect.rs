//! Look at an address: who protects it. Changes nothing anywhere and sends no credential.

use std::collections::BTreeSet;

use keywright_oauth::{
    discover::{self, DiscoveryError},
    error_response::Challenge,
    http::{HttpClient, HttpError, HttpPolicy, is_loopback},
    protected_resource::{self, ProtectedResource, ResourceError},
    server_metadata::ServerMetadata,
};
use keywright_providers::ProviderKind;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{
    Connect, ConnectInput, FoundServer,
    first_request::{self, FirstAnswer},
    sheet::DiscoveryTrail,
};
use crate::{
    CoreError, Operation, ProviderLabel, app::FlowSubject, calls, error::connect::ConnectError,
};

/// Most authorization servers of one resource that are looked for.
const MOST_ISSUERS: usize = 4;

/// What is known of an address before its issuer is.
#[derive(Default)]
struct Seen {
    challenge: Option<Challenge>,
    resource: Option<ProtectedResource>,
    /// Why the metadata that the challenge names cannot be read.
    unread: Option<ResourceError>,
    answer: FirstAnswer,
    /// Where the address redirects.
    moved: Option<Url>,
}

impl Connect<'_> {
    /// Looks at an address. Nothing is saved.
    ///
    /// # Errors
    ///
    /// Everything that discovery can find wrong: a resource that describes another one (RFC 9728 §3.3), metadata of
    /// another issuer (RFC 8414 §3.3), an address that needs no token, nothing that says who issues tokens.
    pub async fn inspect(self, input: ConnectInput) -> Result<FoundServer, CoreError> {
        let address = calls::address(&input.address)?;
        let http = self.client(&address, input.ca_pem.clone())?;
        let flow = self.app.flow(FlowSubject::default());
        let mut trail = DiscoveryTrail::new(self.app);
        let failed = |source: ConnectError| CoreError::Connect {
            address: input.address.trim().to_owned(),
            source: Box::new(source),
        };
        let path = address.path();
        let (address, mut seen) = if let Some(resource) =
            protected_resource::resource_of_document(&address)
        {
            let found =
                protected_resource::document_at(&http, &resource, address.clone(), flow.id).await;
            let found = found.map_err(|error| failed(error.into()))?;
            trail.resource(&found);
            let seen = Seen {
                resource: Some(found),
                ..Seen::default()
            };
            (resource, Some(seen))
        } else if path.contains("/.well-known/") {
            (address, None)
        } else {
            let seen = self.seen(&http, address, flow.id, &mut trail).await;
            let (address, seen) = seen.map_err(|error| error.named(&input.address))?;
            (address, Some(seen))
        };
        let answer = seen.as_ref().map_or(FirstAnswer::Other, |seen| seen.answer);
        let metadata = match &seen {
            Some(Seen {
                resource: Some(resource),
                ..
            }) if !resource.authorization_servers.is_empty() => {
                let issuers = self.issuers(&input, resource).map_err(failed)?;
                self.first_issuer(&http, &issuers, flow.id).await?
            }
            // The API names none, and the user does.
            Some(_) if input.issuer.is_some() => {
                let named = input.issuer.as_deref().unwrap_or_default();
                self.issuer(&http, named.trim(), flow.id).await?
            }
            Some(
                Seen {
                    challenge: Some(_), ..
                }
                | Seen {
                    resource: Some(_), ..
                },
            ) => {
                let unread = seen.as_mut().and_then(|seen| seen.unread.take());
                self.at_the_root(&http, &address, flow.id, unread, &mut trail)
                    .await
                    .map_err(|error| error.named(&input.address))?
            }
            _ => {
                let typed = input.address.trim();
                match self.issuer(&http, typed, flow.id).await {
                    Ok(found) => found,
                    Err(error) if !is_absent(&error) || seen.is_none() => return Err(error),
                    Err(_) if answer == FirstAnswer::Open => {
                        return Err(failed(ConnectError::Open));
                    }
                    Err(error) if answer != FirstAnswer::Other => {
                        let root = address.origin().ascii_serialization();
                        trail.at_the_root(&root);
                        let found = self.issuer(&http, &root, flow.id).await;
                        found.map_err(|other| match is_absent(&other) {
                            true if answer == FirstAnswer::Page => failed(ConnectError::Open),
                            true => failed(ConnectError::NoServer),
                            // What is wrong with a document says more than that another one is absent.
                            false if names_another_issuer(&other) => other,
                            false => error,
                        })?
                    }
                    Err(_) => {
                        let moved = seen.and_then(|seen| seen.moved);
                        return Err(failed(match moved {
                            Some(to) => ConnectError::Moved { to: to.into() },
                            None => ConnectError::NoServer,
                        }));
                    }
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
    fn client(self, address: &Url, given: Option<String>) -> Result<HttpClient, CoreError> {
        let who = HttpPolicy::host_of(address);
        let ca_pem = match given {
            Some(pem) => Some(pem),
            None => self.app.configurations().ca_pem_for(address)?,
        };
        let policy = HttpPolicy {
            ca_pem,
            ..policy(address)
        };
        self.app
            .client(policy)
            .map_err(|source| CoreError::Api { who, source })
    }

    /// The challenge of the address (RFC 6750 §3) and its metadata (RFC 9728); the address as it answers itself.
    async fn seen(
        self,
        http: &HttpClient,
        address: Url,
        flow: Uuid,
        trail: &mut DiscoveryTrail<'_>,
    ) -> Result<(Url, Seen), InspectError> {
        let first = first_request::send(http, address, flow).await;
        let first = first.map_err(|(who, source)| InspectError::Http { who, source })?;
        if let Some(challenge) = &first.challenge {
            trail.challenge(challenge);
        }
        let named = first
            .challenge
            .as_ref()
            .and_then(|challenge| challenge.resource_metadata.as_deref());
        let found = protected_resource::discover(http, &first.address, named, flow).await;
        let (resource, unread) = match found {
            Ok(found) => (found, None),
            // The document is gone; the server may be found without it.
            Err(error @ (ResourceError::Status { .. } | ResourceError::NotMetadata { .. })) => {
                (None, Some(error))
            }
            Err(error) => return Err(InspectError::Connect(error.into())),
        };
        match &resource {
            Some(resource) => trail.resource(resource),
            None => trail.no_resource(),
        }
        let seen = Seen {
            challenge: first.challenge,
            resource,
            unread,
            answer: first.answer,
            moved: first.moved,
        };
        Ok((first.address, seen))
    }

    /// The issuers to look for, of those that a resource names: the user's choice alone, else first those that a
    /// configuration exists for, in the order of the document.
    fn issuers(
        self,
        input: &ConnectInput,
        resource: &ProtectedResource,
    ) -> Result<Vec<String>, ConnectError> {
        let named = &resource.authorization_servers;
        if let Some(wanted) = &input.issuer {
            let is_named =
                |one: &&String| discover::differs_by_final_slash_at_most(one, wanted.trim());
            let found = named.iter().find(is_named).cloned();
            return found
                .map(|one| vec![one])
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
        let mut all = named.clone();
        all.sort_by_key(|issuer| !known.iter().any(|row| row.issuer == *issuer));
        Ok(all)
    }

    /// The first issuer that has metadata. What is wrong with the first of all is reported where none has.
    async fn first_issuer(
        self,
        http: &HttpClient,
        issuers: &[String],
        flow: Uuid,
    ) -> Result<ServerMetadata, CoreError> {
        let mut failure = None;
        for issuer in issuers.iter().take(MOST_ISSUERS) {
            match self.issuer(http, issuer, flow).await {
                Err(error) if is_absent(&error) || is_unreachable(&error) => {
                    failure = failure.or(Some(error));
                }
                outcome => return outcome,
            }
        }
        Err(failure.unwrap_or(CoreError::Connect {
            address: issuers.join(", "),
            source: Box::new(ConnectError::NoServer),
        }))
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

    /// The authorization server of a resource that names none is at its root, with the usual endpoints where it has
    /// no metadata either (Model Context Protocol, revision 2025-03-26). Behind a gateway it may be at the address.
    async fn at_the_root(
        self,
        http: &HttpClient,
        address: &Url,
        flow: Uuid,
        unread: Option<ResourceError>,
        trail: &mut DiscoveryTrail<'_>,
    ) -> Result<ServerMetadata, InspectError> {
        let root = address.origin().ascii_serialization();
        trail.at_the_root(&root);
        let absent = match self.issuer(http, &root, flow).await {
            Err(error) if is_absent(&error) => error,
            outcome => return outcome.map_err(InspectError::of),
        };
        match self.issuer(http, &super::bare(address), flow).await {
            Err(error) if is_absent(&error) => {}
            outcome => return outcome.map_err(InspectError::of),
        }
        if let Some(unread) = unread {
            return Err(InspectError::Connect(unread.into()));
        }
        trail.usual_endpoints();
        usual_endpoints(&root).ok_or(InspectError::of(absent))
    }
}

/// What may be sent to an address: its host is the user's word, all others are not.
pub(super) fn policy(address: &Url) -> HttpPolicy {
    HttpPolicy {
        secret_hosts: Some(BTreeSet::from([HttpPolicy::host_of(address)])),
        https_only: address.scheme() == "https",
        local_strangers: is_loopback(address),
        ..HttpPolicy::default()
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
enum InspectError {
    Connect(ConnectError),
    Http { who: String, source: HttpError },
    Core(Box<CoreError>),
}

impl InspectError {
    fn of(error: CoreError) -> Self {
        Self::Core(Box::new(error))
    }

    fn named(self, address: &str) -> CoreError {
        match self {
            Self::Connect(source) => CoreError::Connect {
                address: address.trim().to_owned(),
                source: Box::new(source),
            },
            Self::Http { who, source } => CoreError::Api { who, source },
            Self::Core(error) => *error,
        }
    }
}

fn names_another_issuer(error: &CoreError) -> bool {
    matches!(
        error,
        CoreError::Provider {
            source: keywright_providers::ProviderError::Discovery(
                DiscoveryError::IssuerMismatch { .. }
            ),
            ..
        }
    )
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

/// The issuer cannot be asked: another one may answer.
fn is_unreachable(error: &CoreError) -> bool {
    matches!(
        error,
        CoreError::Provider {
            source: keywright_providers::ProviderError::Discovery(DiscoveryError::Http(_)),
            ..
        }
    )
}
