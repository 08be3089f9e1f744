//! The token endpoint: `scope=<resource>/.default`, and tokens in the version of the resource.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::answer::{StsError, StsRefusal};
use super::resource::{self, Resource};
use super::{PERMISSION_MISSING, SELF, TENANT, first_issuer};
use crate::idp::{self, AuthMethod, Claims, Form, Grant, Presented, Unrecognised};
use crate::state::Shared;
use crate::state::keys::random_of;
use crate::state::store::Client;

/// Lifetime of an access token in seconds.
const LIFETIME_SECS: i64 = 3599;

/// What the administrator's client may do at Microsoft Graph.
pub(super) const ADMIN_ROLE: &str = "Application.ReadWrite.OwnedBy";

/// Which version of the endpoint is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    First,
    Second,
}

/// `POST /entra/{tenant}/oauth2/v2.0/token`
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StsRefusal> {
    answer(&shared, Version::Second, tenant, &headers, &body).map_err(|error| error.at(&shared))
}

/// `POST /entra/{tenant}/oauth2/token`: version 1 takes `resource`, and answers numbers as texts.
pub(super) async fn first_token(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StsRefusal> {
    answer(&shared, Version::First, tenant, &headers, &body).map_err(|error| error.at(&shared))
}

fn answer(
    shared: &Shared,
    version: Version,
    tenant: String,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, StsError> {
    if !resource::is_tenant(&tenant) {
        return Err(StsError::UnknownTenant(tenant));
    }
    let form = Form::parse(headers, body)?;
    let of_user = match form.get("grant_type") {
        Some("authorization_code") => Some(Grant::AuthorizationCode),
        Some("refresh_token") => Some(Grant::RefreshToken),
        Some("urn:ietf:params:oauth:grant-type:device_code") => Some(Grant::DeviceCode),
        _ => None,
    };
    if let Some(grant) = of_user.filter(|_| version == Version::Second) {
        return user_token(shared, headers, &form, grant);
    }
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(other) => return Err(StsError::UnsupportedGrant(other.to_owned())),
        None => return Err(StsError::Missing("grant_type")),
    }
    let identifier = wanted(&form, version)?;
    let presented = idp::presented(headers, &form)?;
    // None is the administrator's application.
    let client = if idp::is_admin(shared, SELF, &presented) {
        None
    } else {
        Some(recognised(shared, &presented)?)
    };
    let resource = resource::named(identifier, &presented.id, client.as_ref())
        .ok_or_else(|| StsError::UnknownResource(identifier.to_owned()))?;
    let claims = claims(shared, &presented, client.as_ref(), identifier, &resource)?;
    let access_token = idp::signed(shared, SELF, &claims)?;
    let mut body = idp::token_answer(&access_token, "Bearer", LIFETIME_SECS);
    body["ext_expires_in"] = json!(LIFETIME_SECS);
    if version == Version::First {
        for (name, value) in [
            ("expires_in", LIFETIME_SECS.to_string()),
            ("ext_expires_in", LIFETIME_SECS.to_string()),
            ("expires_on", claims.exp.to_string()),
            ("not_before", claims.iat.to_string()),
            ("resource", identifier.to_owned()),
        ] {
            body[name] = json!(value);
        }
    }
    shared.touch();
    Ok(idp::private(StatusCode::OK, body))
}

/// A token of a user. A public client proves itself by nothing, and may not send a secret (AADSTS700025).
fn user_token(
    shared: &Shared,
    headers: &HeaderMap,
    form: &Form,
    grant: Grant,
) -> Result<Response, StsError> {
    if form.get("resource").is_some() {
        return Err(StsError::ResourceParameter);
    }
    let presented = idp::presented(headers, form)?;
    let is_public = shared
        .state()
        .client(SELF, &presented.id)
        .is_some_and(|client| client.metadata.token_endpoint_auth_method == AuthMethod::None);
    let client = if is_public && presented.method == AuthMethod::None {
        idp::recognise(shared, SELF, &presented)
            .map_err(|_unknown| StsError::UnknownClient(presented.id.clone()))?
    } else if is_public {
        return Err(StsError::PublicClient);
    } else {
        recognised(shared, &presented)?
    };
    let mut body = idp::user_token(shared, &client, grant, form)?;
    body["ext_expires_in"] = body["expires_in"].clone();
    shared.touch();
    Ok(idp::private(StatusCode::OK, body))
}

/// The identifier of the resource that is asked for.
fn wanted(form: &Form, version: Version) -> Result<&str, StsError> {
    match version {
        Version::First => form.get("resource").ok_or(StsError::Missing("resource")),
        Version::Second if form.get("resource").is_some() => Err(StsError::ResourceParameter),
        Version::Second => {
            let scope = form.get("scope").ok_or(StsError::Missing("scope"))?;
            scope
                .strip_suffix("/.default")
                .ok_or_else(|| StsError::BadScope(scope.to_owned()))
        }
    }
}

fn recognised(shared: &Shared, presented: &Presented) -> Result<Client, StsError> {
    let id = || presented.id.clone();
    if presented.secret.is_none() && presented.assertion.is_none() {
        return Err(StsError::NoSecret);
    }
    let is_admin_id = shared
        .admins
        .of(SELF)
        .is_some_and(|admin| admin.id == presented.id);
    if is_admin_id {
        return Err(StsError::WrongSecret(id()));
    }
    let client = idp::recognise(shared, SELF, presented).map_err(|why| match why {
        Unrecognised::Unknown => StsError::UnknownClient(id()),
        Unrecognised::WrongSecret => StsError::WrongSecret(id()),
        Unrecognised::SecretOver => StsError::SecretOver(id()),
        Unrecognised::Assertion(why) => StsError::BadAssertion(id(), why),
    })?;
    // An application is in the tenant by its service principal.
    if client.vendor.contains_key("servicePrincipalId") {
        Ok(client)
    } else {
        Err(StsError::UnknownClient(id()))
    }
}

/// In version 2 the audience is the application ID of the resource and the client is `azp`; in
/// version 1 the audience is as asked for, the client is `appid`, and the issuer is another.
fn claims(
    shared: &Shared,
    presented: &Presented,
    client: Option<&Client>,
    identifier: &str,
    resource: &Resource,
) -> Result<Claims, StsError> {
    let client_id = presented.id.as_str();
    // By a secret or by a certificate.
    let proof = if presented.assertion.is_some() {
        "2"
    } else {
        "1"
    };
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
        .with("uti", random_of(crate::state::keys::ALPHANUMERIC, 22)?);
    claims.sub = principal;
    let may = shared.faults(SELF).vendor(PERMISSION_MISSING) == 0;
    if client.is_none() && *resource == Resource::Graph && may {
        claims = claims.with("roles", json!([ADMIN_ROLE]));
    }
    if is_second {
        return Ok(claims
            .with("azp", client_id)
            .with("azpacr", proof)
            .with("ver", "2.0"));
    }
    claims.iss = first_issuer(shared);
    Ok(claims
        .with("appid", client_id)
        .with("appidacr", proof)
        .with("idp", first_issuer(shared))
        .with("ver", "1.0"))
}
