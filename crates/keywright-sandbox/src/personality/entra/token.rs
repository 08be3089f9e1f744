//! The token endpoint: `scope=<resource>/.default`, and tokens in the version of the resource.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::answer::{StsError, StsRefusal};
use super::resource::{self, Resource};
use super::{SELF, TENANT, first_issuer};
use crate::idp::{self, Claims, Form, Presented, Unrecognised};
use crate::keys::random_of;
use crate::state::Shared;
use crate::store::Client;

/// Lifetime of an access token in seconds.
const LIFETIME_SECS: i64 = 3599;

/// What the administrator's client may do at Microsoft Graph.
const ADMIN_ROLES: [&str; 1] = ["Application.ReadWrite.OwnedBy"];

/// `POST /entra/{tenant}/oauth2/v2.0/token`
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StsRefusal> {
    answer(&shared, tenant, &headers, &body).map_err(|error| error.at(&shared))
}

fn answer(
    shared: &Shared,
    tenant: String,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, StsError> {
    if !resource::is_tenant(&tenant) {
        return Err(StsError::UnknownTenant(tenant));
    }
    let form = Form::parse(headers, body)?;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(other) => return Err(StsError::UnsupportedGrant(other.to_owned())),
        None => return Err(StsError::Missing("grant_type")),
    }
    if form.get("resource").is_some() {
        return Err(StsError::ResourceParameter);
    }
    let scope = form.get("scope").ok_or(StsError::Missing("scope"))?;
    let presented = idp::presented(headers, &form)?;
    // None is the administrator's application.
    let client = if idp::is_admin(shared, SELF, &presented) {
        None
    } else {
        Some(recognised(shared, &presented)?)
    };
    let identifier = scope
        .strip_suffix("/.default")
        .ok_or_else(|| StsError::BadScope(scope.to_owned()))?;
    let resource = resource::named(shared, identifier, &presented.id)
        .ok_or_else(|| StsError::UnknownResource(identifier.to_owned()))?;
    let claims = claims(
        shared,
        &presented.id,
        client.as_ref(),
        identifier,
        &resource,
    )?;
    let access_token = idp::signed(shared, SELF, &claims)?;
    let mut body = idp::token_answer(&access_token, "Bearer", LIFETIME_SECS);
    body["ext_expires_in"] = json!(LIFETIME_SECS);
    shared.touch();
    Ok(idp::private(StatusCode::OK, body))
}

fn recognised(shared: &Shared, presented: &Presented) -> Result<Client, StsError> {
    let id = || presented.id.clone();
    if presented.secret.is_none() {
        return Err(StsError::NoSecret);
    }
    idp::recognise(shared, SELF, presented).map_err(|why| match why {
        Unrecognised::Unknown => StsError::UnknownClient(id()),
        Unrecognised::WrongSecret => StsError::WrongSecret(id()),
        Unrecognised::SecretOver => StsError::SecretOver(id()),
    })
}

/// In version 2 the audience is the application ID of the resource and the client is `azp`; in
/// version 1 the audience is as asked for, the client is `appid`, and the issuer is another.
fn claims(
    shared: &Shared,
    client_id: &str,
    client: Option<&Client>,
    identifier: &str,
    resource: &Resource,
) -> Result<Claims, StsError> {
    let is_second = resource::has_second_version(resource, client);
    let audience = match identifier.strip_prefix("api://") {
        Some(id) if is_second => id,
        _ => identifier,
    };
    let mut claims = Claims::new(shared, SELF, client_id, audience.to_owned(), LIFETIME_SECS);
    let begins = claims.iat;
    let principal = client
        .and_then(|client| client.vendor.get("servicePrincipalId")?.as_str())
        .unwrap_or(client_id)
        .to_owned();
    claims = claims
        .with("nbf", begins)
        .with("oid", principal.as_str())
        .with("tid", TENANT)
        .with("uti", random_of(crate::keys::ALPHANUMERIC, 22)?);
    claims.sub = principal;
    let is_admin = client.is_none() && *resource == Resource::Graph;
    if is_admin {
        claims = claims.with("roles", json!(ADMIN_ROLES));
    }
    if is_second {
        return Ok(claims
            .with("azp", client_id)
            .with("azpacr", "1")
            .with("ver", "2.0"));
    }
    claims.iss = first_issuer(shared);
    Ok(claims
        .with("appid", client_id)
        .with("appidacr", "1")
        .with("idp", first_issuer(shared))
        .with("ver", "1.0"))
}
