//! The objects of Graph, with every member that the real ones have.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::answer::GraphError;
use super::{certificates, own, text_of};
use crate::personality::entra::TENANT;
use crate::state::store::{Client, Secret};

/// Members of an application that a request may set.
const SETTABLE: &[&str] = &[
    "addIns",
    "api",
    "appRoles",
    "defaultRedirectUri",
    "description",
    "displayName",
    "groupMembershipClaims",
    "identifierUris",
    "info",
    "isDeviceOnlyAuthSupported",
    "isFallbackPublicClient",
    "keyCredentials",
    "notes",
    "optionalClaims",
    "parentalControlSettings",
    "publicClient",
    "requestSignatureVerification",
    "requiredResourceAccess",
    "samlMetadataUrl",
    "serviceManagementReference",
    "servicePrincipalLockConfiguration",
    "signInAudience",
    "spa",
    "tags",
    "tokenEncryptionKeyId",
    "uniqueName",
    "web",
];
/// Who may sign in with an application.
const AUDIENCES: &[&str] = &[
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
];
/// Parts that hold redirects.
const REDIRECTING: &[&str] = &["web", "spa", "publicClient"];

/// How an answer writes an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Just made: with parts of a second, and in the order it was asked for.
    Made,
    /// Read later: without them, and in another order.
    Read,
    /// Read later, with the certificates themselves.
    WithKeys,
}

/// Holds a request's members against what an application can be.
pub(super) fn check(app_id: Option<&str>, asked: &Map<String, Value>) -> Result<(), GraphError> {
    let bad = |name| GraphError::BadProperty {
        name,
        of: "Application",
    };
    if let Some(name) = asked.keys().find(|name| !SETTABLE.contains(&name.as_str())) {
        return Err(GraphError::NoSuchProperty(name.clone()));
    }
    if let Some(name) = asked.get("displayName") {
        let fits = name
            .as_str()
            .is_some_and(|name| !name.is_empty() && name.chars().count() <= 256);
        if !fits {
            return Err(bad("displayName"));
        }
    }
    if let Some(audience) = asked.get("signInAudience")
        && !audience
            .as_str()
            .is_some_and(|one| AUDIENCES.contains(&one))
    {
        return Err(bad("signInAudience"));
    }
    for name in REDIRECTING {
        let uris = asked.get(*name).and_then(|part| part.get("redirectUris"));
        if uris.is_some_and(|uris| !are_addresses(uris)) {
            return Err(bad("redirectUris"));
        }
    }
    if asked.get("tags").is_some_and(|tags| !are_texts(tags)) {
        return Err(bad("tags"));
    }
    match asked.get("identifierUris") {
        None => Ok(()),
        Some(Value::Array(uris)) => uris.iter().try_for_each(|uri| is_own_uri(app_id, uri)),
        Some(_) => Err(bad("identifierUris")),
    }
}

fn are_texts(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|all| all.iter().all(Value::is_string))
}

fn are_addresses(value: &Value) -> bool {
    value.as_array().is_some_and(|all| {
        all.iter()
            .all(|uri| uri.as_str().is_some_and(|uri| url::Url::parse(uri).is_ok()))
    })
}

/// `api://{appId}` and what is below it; the Sandbox's tenant has no domain of its own.
fn is_own_uri(app_id: Option<&str>, uri: &Value) -> Result<(), GraphError> {
    let uri = uri.as_str().unwrap_or_default();
    let below = uri.strip_prefix("api://").and_then(|rest| {
        let own = app_id?;
        rest.strip_prefix(own)
    });
    match below {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Ok(()),
        _ => Err(GraphError::ForeignUri(uri.to_owned())),
    }
}

/// Sets members. Those of a part that are not named stay as they are.
pub(super) fn merge(into: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (name, value) in changes {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(kept)), Value::Object(changes)) => merge(kept, changes),
            (_, value) => {
                into.insert(name, value);
            }
        }
    }
}

/// An application, whole.
pub(super) fn application(client: &Client, telling: Detail) -> Value {
    let mut members = nothing();
    let set = client
        .vendor
        .iter()
        .filter(|(name, _)| SETTABLE.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    merge(&mut members, set);
    if telling != Detail::Made {
        turn_redirects(&mut members);
    }
    let created = match telling {
        Detail::Made => exact(client.issued_at),
        Detail::Read | Detail::WithKeys => date(client.issued_at),
    };
    let passwords: Vec<Value> = client
        .secrets
        .iter()
        .map(|secret| password(client, secret, false))
        .collect();
    merge(
        &mut members,
        Map::from_iter([
            ("id".to_owned(), json!(text_of(client, own::OBJECT_ID))),
            ("appId".to_owned(), json!(client.id)),
            ("createdDateTime".to_owned(), json!(created)),
            ("passwordCredentials".to_owned(), json!(passwords)),
        ]),
    );
    let mut told = Value::Object(members);
    if telling != Detail::WithKeys {
        certificates::hide(&mut told);
    }
    told
}

/// Graph tells redirects in an order of its own.
fn turn_redirects(members: &mut Map<String, Value>) {
    for name in REDIRECTING {
        if let Some(Value::Array(uris)) = members
            .get_mut(*name)
            .and_then(|part| part.get_mut("redirectUris"))
        {
            uris.reverse();
        }
    }
}

/// An application for which nothing was asked.
fn nothing() -> Map<String, Value> {
    let about = json!({
        "id": null, "deletedDateTime": null, "appId": null, "applicationTemplateId": null,
        "disabledByMicrosoftStatus": null, "createdDateTime": null, "displayName": null,
        "description": null, "groupMembershipClaims": null, "identifierUris": [],
        "isDeviceOnlyAuthSupported": null, "isFallbackPublicClient": null,
        "nativeAuthenticationApisEnabled": null, "notes": null,
        "publisherDomain": "keywright.onmicrosoft.com", "serviceManagementReference": null,
        "signInAudience": "AzureADMyOrg", "tags": [], "tokenEncryptionKeyId": null,
        "uniqueName": null, "samlMetadataUrl": null, "defaultRedirectUri": null,
        "certification": null, "optionalClaims": null, "servicePrincipalLockConfiguration": null,
        "requestSignatureVerification": null, "addIns": [],
    });
    let parts = json!({
        "api": {
            "acceptMappedClaims": null, "knownClientApplications": [],
            "requestedAccessTokenVersion": null, "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
        },
        "appRoles": [],
        "info": addresses(),
        "keyCredentials": [],
        "parentalControlSettings": {
            "countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow",
        },
        "passwordCredentials": [],
        "publicClient": { "redirectUris": [] },
        "requiredResourceAccess": [],
        "verifiedPublisher": publisher(),
        "web": {
            "homePageUrl": null, "logoutUrl": null, "redirectUris": [],
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": false, "enableIdTokenIssuance": false,
            },
            "redirectUriSettings": [],
        },
        "spa": { "redirectUris": [] },
    });
    [about, parts]
        .into_iter()
        .filter_map(|half| match half {
            Value::Object(members) => Some(members),
            _ => None,
        })
        .flatten()
        .collect()
}

fn addresses() -> Value {
    json!({
        "logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null,
        "termsOfServiceUrl": null,
    })
}

fn publisher() -> Value {
    json!({ "displayName": null, "verifiedPublisherId": null, "addedDateTime": null })
}

/// A secret. Its value is told once, when it is made.
pub(super) fn password(client: &Client, secret: &Secret, with_value: bool) -> Value {
    let hint: String = secret.value.chars().take(3).collect();
    let name = client
        .vendor
        .get(own::PASSWORD_NAMES)
        .and_then(|names| names.get(&secret.id));
    json!({
        "customKeyIdentifier": null,
        "displayName": name,
        "endDateTime": date(secret.expires_at),
        "hint": hint,
        "keyId": secret.id,
        "secretText": with_value.then_some(&secret.value),
        "startDateTime": date(secret.created_at),
    })
}

/// A service principal, whole.
pub(super) fn principal(client: &Client) -> Value {
    let of_application = application(client, Detail::Read);
    json!({
        "id": text_of(client, own::SERVICE_PRINCIPAL),
        "deletedDateTime": null,
        "accountEnabled": true,
        "alternativeNames": [],
        "appDisplayName": of_application["displayName"],
        "appDescription": null,
        "appId": client.id,
        "applicationTemplateId": null,
        "appOwnerOrganizationId": TENANT,
        "appRoleAssignmentRequired": false,
        "createdDateTime": of_application["createdDateTime"],
        "description": null,
        "disabledByMicrosoftStatus": null,
        "displayName": of_application["displayName"],
        "homepage": of_application["web"]["homePageUrl"],
        "loginUrl": null,
        "logoutUrl": null,
        "notes": null,
        "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": null,
        "preferredTokenSigningKeyThumbprint": null,
        "replyUrls": of_application["web"]["redirectUris"],
        "servicePrincipalNames": names(client),
        "servicePrincipalType": "Application",
        "signInAudience": of_application["signInAudience"],
        "tags": [],
        "tokenEncryptionKeyId": null,
        "samlSingleSignOnSettings": null,
        "verifiedPublisher": publisher(),
        "addIns": [],
        "appRoles": [],
        "info": addresses(),
        "keyCredentials": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "resourceSpecificApplicationPermissions": [],
    })
}

/// The names a service principal answers to: the application ID and the App ID URIs.
fn names(client: &Client) -> Vec<Value> {
    let uris = client.vendor.get("identifierUris");
    let uris = uris.and_then(Value::as_array).into_iter().flatten();
    std::iter::once(json!(client.id))
        .chain(uris.cloned())
        .collect()
}

/// `2025-04-08T09:40:20Z`; nothing for a time that no calendar has.
pub(super) fn date(at: i64) -> String {
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// `2025-04-08T09:40:20.0000000Z`
fn exact(at: i64) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z");
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_default()
}
