//! What an application asks its tokens for. Entra takes one resource and nothing finer:
//! `{resource}/.default`.

use url::Url;

use super::{settings::EntraSettings, tenant_endpoints};
use keywright_oauth::client_metadata::ClientMetadata;

/// Ends every scope of an application.
const DEFAULT: &str = "/.default";
/// Stands for the `client_id` in the setting.
const BLANK: &str = "{client_id}";
/// The application is its own resource.
pub(super) const OWN: &str = "api://{client_id}";
/// Microsoft Graph, as a resource by its application id.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// The scope of a resource; one that is a scope already stays.
pub(super) fn of_resource(resource: &str) -> String {
    let bare = resource.strip_suffix(DEFAULT).unwrap_or(resource);
    format!("{}{DEFAULT}", bare.trim_end_matches('/'))
}

/// The resource of a scope, as version 1 of the token endpoint wants it.
pub(super) fn resource_of(scope: &str) -> &str {
    scope.strip_suffix(DEFAULT).unwrap_or(scope)
}

/// The scope of the configuration, with a blank for the `client_id` where one is meant.
pub(super) fn configured(settings: &EntraSettings) -> String {
    of_resource(&settings.default_resource)
}

/// The scopes that Entra can grant to an application among those that are wanted.
fn grantable(wanted: &ClientMetadata) -> Vec<String> {
    let mut scopes = wanted.scopes().unwrap_or_default();
    scopes.retain(|scope| scope.ends_with(DEFAULT));
    scopes
}

/// The scope of a new application: the one that is wanted, if it can be had, else the configuration's.
/// There is a blank for the `client_id` where the application is its own resource.
pub(super) fn wanted(settings: &EntraSettings, metadata: &ClientMetadata) -> String {
    match grantable(metadata).first() {
        Some(scope) => scope.clone(),
        None => configured(settings),
    }
}

/// Asks for tokens for this API, unless another is asked for already.
pub(super) fn apply_audience(metadata: &mut ClientMetadata, audience: &str) {
    if grantable(metadata).is_empty() {
        let mut scopes = metadata.scopes().unwrap_or_default();
        scopes.push(of_resource(audience));
        metadata.set("scope", scopes.join(" "));
    }
}

/// Fills the blank.
pub(super) fn filled(scope: &str, client_id: &str) -> String {
    scope.replace(BLANK, client_id)
}

/// Scopes that are wanted and cannot be had: all but the first that names a whole resource.
pub(super) fn refused(metadata: &ClientMetadata) -> Vec<String> {
    let granted = grantable(metadata).into_iter().next();
    metadata
        .scopes()
        .unwrap_or_default()
        .into_iter()
        .filter(|scope| Some(scope) != granted.as_ref())
        .collect()
}

/// The application must be given the App ID URI that it asks tokens for.
pub(super) fn is_own(scope: &str) -> bool {
    resource_of(scope) == OWN
}

/// The token would be for Microsoft Graph: its signature covers a changed header, so that nobody but
/// Graph can check it.
pub(super) fn is_graph(scope: &str) -> bool {
    let resource = resource_of(scope);
    let host = Url::parse(resource).ok();
    let host = host.as_ref().and_then(Url::host_str);
    resource == GRAPH_APP_ID || tenant_endpoints::graph_hosts().any(|graph| host == Some(graph))
}
