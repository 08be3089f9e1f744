//! `/auth0/api/v2/clients/{id}/credentials`: public keys, which a client uses once its
//! `client_authentication_methods` lists them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::answer::ManagementRefusal;
use super::management::admitted;
use super::payload::{Kind, check, needed};
use super::{SELF, object, payload};
use crate::idp;
use crate::state::Shared;
use crate::state::keys::{ALPHANUMERIC, random_of};
use crate::state::store::Client;

/// Where [`Client::vendor`] keeps a client's credentials.
pub(super) const CREDENTIALS: &str = "credentials";
pub(super) const PRIVATE_KEY_JWT: &str = "private_key_jwt";

/// "The current application storage limit is two credentials at one time."
const MOST: usize = 2;
const ALGORITHMS: [&str; 3] = ["RS256", "RS384", "PS256"];
const KNOWN: &[(&str, Kind)] = &[
    ("credential_type", Kind::Text),
    ("name", Kind::Text),
    ("pem", Kind::Text),
    ("alg", Kind::Text),
    ("kid", Kind::Text),
    ("expires_at", Kind::Text),
    ("parse_expiry_from_cert", Kind::Switch),
];

/// A public key of a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Credential {
    /// `cred_…`
    pub(super) id: String,
    kid: String,
    alg: String,
    name: String,
    created_at: i64,
    jwk: Value,
}

impl Credential {
    /// Of a request. The names of the real refusals are not on record.
    fn made(asked: &Map<String, Value>, now: i64) -> Result<Self, ManagementRefusal> {
        check(asked, KNOWN, false)?;
        if needed(asked, "credential_type")? != "public_key" {
            return Err(ManagementRefusal::Validation(
                "Only public keys are kept here",
            ));
        }
        let pem = needed(asked, "pem")?;
        let mut jwk = idp::of_pem(pem).ok_or(ManagementRefusal::Validation(
            "The public key is not a valid RSA key in PEM format",
        ))?;
        let text = |name: &str| asked.get(name).and_then(Value::as_str);
        let alg = text("alg").unwrap_or(ALGORITHMS[0]);
        if !ALGORITHMS.contains(&alg) {
            return Err(ManagementRefusal::InvalidBody(format!(
                "'No enum match for: {alg}' on property alg."
            )));
        }
        if let Some(kid) = text("kid") {
            let fits = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_');
            if !(10..=64).contains(&kid.len()) || !kid.bytes().all(fits) {
                return Err(ManagementRefusal::InvalidBody(
                    "'String does not match pattern ^[0-9a-zA-Z-_]{10,64}$' on property kid."
                        .to_owned(),
                ));
            }
            jwk["kid"] = json!(kid);
        }
        jwk["alg"] = json!(alg);
        Ok(Self {
            id: format!("cred_{}", random_of(ALPHANUMERIC, 22)?),
            kid: jwk["kid"].as_str().unwrap_or_default().to_owned(),
            alg: alg.to_owned(),
            name: text("name").unwrap_or_default().to_owned(),
            created_at: now,
            jwk,
        })
    }

    /// As the Management API answers it: never with the key itself.
    fn answer(&self) -> Value {
        let at = exact(self.created_at);
        json!({
            "id": self.id,
            "credential_type": "public_key",
            "kid": self.kid,
            "alg": self.alg,
            "name": self.name,
            "created_at": at,
            "updated_at": at,
        })
    }
}

/// `2026-07-01T12:29:31.850Z`; nothing for a time that no calendar has.
fn exact(at: i64) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_default()
}

fn of(members: &Map<String, Value>) -> Vec<Credential> {
    let kept = members.get(CREDENTIALS).and_then(Value::as_array);
    kept.into_iter()
        .flatten()
        .filter_map(|one| serde_json::from_value(one.clone()).ok())
        .collect()
}

fn set(members: &mut Map<String, Value>, all: &[Credential]) {
    members.insert(CREDENTIALS.to_owned(), json!(all));
}

/// The credentials that `client_authentication_methods` names.
fn named(members: &Map<String, Value>) -> Option<&Vec<Value>> {
    let way = members.get(object::BY_KEY)?.get(PRIVATE_KEY_JWT)?;
    way.get("credentials")?.as_array()
}

fn ids(members: &Map<String, Value>) -> Vec<&str> {
    let all = named(members).into_iter().flatten();
    all.filter_map(|one| one.get("id")?.as_str()).collect()
}

/// Makes the credentials that come with a new client, and leaves their identifiers in their place. Their whole objects
/// are in this one answer.
pub(super) fn with_client(
    members: &mut Map<String, Value>,
    now: i64,
) -> Result<Option<Value>, ManagementRefusal> {
    let Some(asked) = named(members) else {
        return Ok(None);
    };
    let mut all = Vec::new();
    for one in asked {
        let one = one.as_object().ok_or(ManagementRefusal::Validation(
            "A credential must be an object",
        ))?;
        add(&mut all, Credential::made(one, now)?)?;
    }
    let told: Vec<Value> = all.iter().map(Credential::answer).collect();
    let kept: Vec<Value> = all.iter().map(|one| json!({ "id": one.id })).collect();
    members.insert(
        object::BY_KEY.to_owned(),
        json!({ PRIVATE_KEY_JWT: { "credentials": kept } }),
    );
    set(members, &all);
    Ok(Some(json!({ PRIVATE_KEY_JWT: { "credentials": told } })))
}

/// The refusals of the real one are not on record.
fn add(all: &mut Vec<Credential>, one: Credential) -> Result<(), ManagementRefusal> {
    if all.iter().any(|other| other.kid == one.kid) {
        return Err(ManagementRefusal::CredentialExists);
    }
    if all.len() >= MOST {
        return Err(ManagementRefusal::Validation(
            "The client has reached the maximum number of credentials",
        ));
    }
    all.push(one);
    Ok(())
}

/// Each credential that the client is to use is one of its own.
pub(super) fn check_ids(members: &Map<String, Value>) -> Result<(), ManagementRefusal> {
    let own = of(members);
    let Some(asked) = named(members) else {
        return Ok(());
    };
    let is_own = |one: &Value| own.iter().any(|own| one["id"] == own.id.as_str());
    if asked.is_empty() || !asked.iter().all(is_own) {
        return Err(ManagementRefusal::Validation(
            "The credential does not exist",
        ));
    }
    Ok(())
}

/// The keys by which the client proves itself now.
pub(super) fn jwks(members: &Map<String, Value>) -> Option<Value> {
    named(members)?;
    let used = ids(members);
    let all = of(members).into_iter();
    let keys: Vec<Value> = all
        .filter(|one| used.contains(&one.id.as_str()))
        .map(|one| one.jwk)
        .collect();
    Some(json!({ "keys": keys }))
}

/// `GET`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "read:client_credentials")?;
    let state = shared.state();
    let client = state.client(SELF, &id).ok_or(ManagementRefusal::NoClient)?;
    let all: Vec<Value> = of(&client.vendor).iter().map(Credential::answer).collect();
    Ok(idp::private(StatusCode::OK, json!(all)))
}

/// `POST`
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "create:client_credentials")?;
    let made = Credential::made(&payload::members(&headers, &body)?, shared.now())?;
    let answer = made.answer();
    change(&shared, &id, |client| {
        let mut all = of(&client.vendor);
        add(&mut all, made)?;
        set(&mut client.vendor, &all);
        Ok(())
    })?;
    Ok(idp::private(StatusCode::CREATED, answer))
}

/// `GET …/{credential}`
pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    Path((id, credential)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "read:client_credentials")?;
    let state = shared.state();
    let client = state.client(SELF, &id).ok_or(ManagementRefusal::NoClient)?;
    let found = of(&client.vendor)
        .into_iter()
        .find(|one| one.id == credential)
        .ok_or(ManagementRefusal::NoCredential)?;
    Ok(idp::private(StatusCode::OK, found.answer()))
}

/// `DELETE …/{credential}`: not while the client uses it.
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path((id, credential)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "delete:client_credentials")?;
    change(&shared, &id, |client| {
        if ids(&client.vendor).contains(&credential.as_str()) {
            return Err(ManagementRefusal::Validation(
                "The credential is in use by the client",
            ));
        }
        let mut all = of(&client.vendor);
        let before = all.len();
        all.retain(|one| one.id != credential);
        if all.len() == before {
            return Err(ManagementRefusal::NoCredential);
        }
        set(&mut client.vendor, &all);
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn change(
    shared: &Shared,
    id: &str,
    act: impl FnOnce(&mut Client) -> Result<(), ManagementRefusal>,
) -> Result<(), ManagementRefusal> {
    {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, id)
            .ok_or(ManagementRefusal::NoClient)?;
        act(client)?;
    }
    shared.touch();
    Ok(())
}
