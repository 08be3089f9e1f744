//! Resources: what a token can be for.

use super::{SELF, TENANT};
use crate::state::Shared;
use crate::state::store::Client;

/// Application ID of the example API behind the gateway. Its tokens are in version 2.
pub(super) const ORDERS: &str = "c0ffee5e-7a31-4d8c-8b0f-2f6d3f5b9e10";

/// Microsoft Graph, by the name it has in the cloud that the tenant is in, wherever it is reached.
pub(super) const GRAPH: &str = "https://graph.microsoft.com";

/// What a token can be for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resource {
    /// Microsoft Graph: where applications are made.
    Graph,
    /// The example API behind the gateway.
    Orders,
    /// The client's own application.
    Own,
}

/// Where Microsoft Graph is reached.
pub(super) fn graph(shared: &Shared) -> String {
    format!("{}/graph", SELF.base(shared))
}

/// The resource with this identifier: an application ID, or one of its URIs. An application is a
/// resource by the URI `api://…` only once it was given that.
pub(super) fn named(
    identifier: &str,
    client_id: &str,
    client: Option<&Client>,
) -> Option<Resource> {
    if identifier == GRAPH {
        return Some(Resource::Graph);
    }
    let uris = client.and_then(|client| client.vendor.get("identifierUris")?.as_array());
    let has = |uri: &str| uris.is_some_and(|uris| uris.iter().any(|own| own == uri));
    match identifier.strip_prefix("api://").unwrap_or(identifier) {
        ORDERS => Some(Resource::Orders),
        _ if identifier == client_id || has(identifier) => Some(Resource::Own),
        _ => None,
    }
}

/// The gateway takes tokens for its API and, as one without an audience of its own does, tokens
/// that a client got for itself; never one for Microsoft Graph.
pub(super) fn is_for_api(audience: &str, client_id: &str) -> bool {
    let id = audience.strip_prefix("api://").unwrap_or(audience);
    id == ORDERS || id == client_id
}

/// A resource has tokens in version 2 only if its application asks for them
/// (`api.requestedAccessTokenVersion`).
pub(super) fn has_second_version(resource: &Resource, client: Option<&Client>) -> bool {
    match resource {
        Resource::Graph => false,
        Resource::Orders => true,
        Resource::Own => client
            .and_then(|client| client.vendor.get("api"))
            .is_some_and(|api| api["requestedAccessTokenVersion"] == 2),
    }
}

/// The tenant by any name it answers to.
pub(super) fn is_tenant(name: &str) -> bool {
    name == TENANT
}
