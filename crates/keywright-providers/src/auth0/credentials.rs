//! The keys of a client that proves itself by `private_key_jwt`. At Auth0 each is a credential next to the client, with an
//! identifier of its own, and the client lists the credentials that are in use.

use http::Method;
use keywright_oauth::{
    client_key::{ClientKey, public_pem, thumbprint_of},
    client_metadata::ClientMetadata,
    http::Purpose,
    lenient,
    register::ClientInformation,
    token::TokenError,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::messages::reason;
use super::{
    Auth0,
    clients::step,
    management::{INSUFFICIENT_SCOPE, is_gone},
    translate::BY_KEY,
};
use crate::{Capability, Context, ProviderError, Reason, Registration, api::Call};

pub(super) const PRIVATE_KEY_JWT: &str = "private_key_jwt";
const JWKS: &str = "jwks";
const SIGNING_ALG: &str = "token_endpoint_auth_signing_alg";
const TOKENS: &str = "jwt_configuration";
/// What Auth0 shows next to a key, and by which a key of ours is known there.
const NAME: &str = "Keywright";
/// Keys that Auth0 keeps for a client (Rotate Credentials: "two credentials at one time").
const MOST_KEYS: usize = 2;
/// How Auth0 reads the signatures of a key that says nothing.
const USUAL_ALG: &str = "RS256";

/// The client proves itself by a key.
pub(super) fn proves_by_key(metadata: &ClientMetadata) -> bool {
    metadata.token_endpoint_auth_method().as_deref() == Some(PRIVATE_KEY_JWT)
}

/// Members of the standard that Auth0 takes from the credentials of such a client.
pub(super) fn has_place(wanted: &ClientMetadata, name: &str) -> bool {
    proves_by_key(wanted) && matches!(name, JWKS | SIGNING_ALG)
}

/// The keys of `jwks`. In a plan a text stands for a key that is still to be made.
fn keys(metadata: &ClientMetadata) -> &[Value] {
    let set = metadata.members().get(JWKS).and_then(|set| set.get("keys"));
    set.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Auth0 takes `kid` in this form (Management API, `POST /clients/{id}/credentials`).
fn is_kid(text: &str) -> bool {
    (10..=64).contains(&text.len())
        && text
            .bytes()
            .all(|one| one.is_ascii_alphanumeric() || one == b'-' || one == b'_')
}

/// The `kid` of a key at Auth0: its own, else its thumbprint (RFC 7638), which Auth0 takes by itself.
fn kid_of(jwk: &Map<String, Value>) -> Option<String> {
    lenient::text(jwk, "kid")
        .filter(|kid| is_kid(kid))
        .or_else(|| thumbprint_of(jwk))
}

/// The name of a key in an assertion. A key without one is one whose name there is not known.
pub(super) fn name_of(key: &ClientKey) -> String {
    let kid = key.kid();
    if kid.is_empty() || is_kid(kid) {
        kid.to_owned()
    } else {
        key.thumbprint()
    }
}

/// A new credential. None for a key of another kind than RSA.
fn credential(key: &Value, metadata: &ClientMetadata) -> Option<Value> {
    let asked = lenient::text(metadata.members(), SIGNING_ALG);
    let own = key.get("alg").and_then(Value::as_str).map(str::to_owned);
    let alg = own.or(asked).unwrap_or_else(|| USUAL_ALG.to_owned());
    let pem = match key {
        Value::String(stands_for) => stands_for.clone(),
        Value::Object(jwk) => public_pem(jwk)?,
        _ => return None,
    };
    let mut body = json!({ "credential_type": "public_key", "name": NAME, "pem": pem, "alg": alg });
    if let Some(jwk) = key.as_object()
        && let Some(kid) = kid_of(jwk)
        && thumbprint_of(jwk).as_ref() != Some(&kid)
    {
        body["kid"] = json!(kid);
    }
    Some(body)
}

/// Writes the keys of a new client into the body that creates it. A client that signs has its tokens signed by RS256:
/// Auth0 refuses HS256 for it.
pub(super) fn write(wanted: &ClientMetadata, body: &mut Map<String, Value>) {
    if !proves_by_key(wanted) || body.contains_key(BY_KEY) {
        return;
    }
    let all: Vec<Value> = keys(wanted)
        .iter()
        .filter_map(|key| credential(key, wanted))
        .collect();
    if all.is_empty() {
        return;
    }
    body.remove("token_endpoint_auth_method");
    body.insert(BY_KEY.into(), methods(&all));
    let tokens = body.entry(TOKENS).or_insert_with(|| json!({}));
    sign_tokens(tokens);
}

fn methods(credentials: &[Value]) -> Value {
    json!({ PRIVATE_KEY_JWT: { "credentials": credentials } })
}

fn sign_tokens(tokens: &mut Value) {
    let alg = tokens.get("alg").and_then(Value::as_str);
    if alg.is_none_or(|alg| alg.starts_with("HS"))
        && let Some(members) = tokens.as_object_mut()
    {
        members.insert("alg".into(), json!("RS256"));
    }
}

/// What `client_authentication_methods` says of the keys in use, as a read has it: the answer to a new client repeats
/// each key as well.
pub(super) fn only_ids(methods: &mut Value) {
    let credentials = methods
        .get_mut(PRIVATE_KEY_JWT)
        .and_then(|way| way.get_mut("credentials"))
        .and_then(Value::as_array_mut);
    for one in credentials.into_iter().flatten() {
        if let Some(id) = one.get("id") {
            *one = json!({ "id": id });
        }
    }
}

/// Identifiers of the credentials in use.
fn in_use(metadata: &ClientMetadata) -> Vec<String> {
    let way = metadata
        .members()
        .get(BY_KEY)
        .and_then(|methods| methods.get(PRIVATE_KEY_JWT)?.get("credentials"));
    let all = way.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|one| one.get("id")?.as_str())
        .map(str::to_owned)
        .collect()
}

/// Auth0 answers no keys: those of the client stay as they were asked for.
pub(super) fn carry(from: &ClientMetadata, information: &mut ClientInformation) {
    if proves_by_key(&information.metadata) {
        for name in [JWKS, SIGNING_ALG] {
            if let Some(value) = from.members().get(name) {
                information.metadata.set(name, value.clone());
            }
        }
    }
}

/// A key as Auth0 lists it.
struct Credential {
    id: String,
    kid: String,
    alg: String,
    /// Made by Keywright.
    is_ours: bool,
}

impl Credential {
    fn read(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        Some(Self {
            id: lenient::text(members, "id")?,
            kid: lenient::text(members, "kid")?,
            alg: lenient::text(members, "alg").unwrap_or_else(|| USUAL_ALG.to_owned()),
            is_ours: lenient::text(members, "name").as_deref() == Some(NAME),
        })
    }

    /// The key as it is known here, else what Auth0 says of it.
    fn jwk(&self, known: &ClientMetadata) -> Value {
        let is_same = |key: &&Value| key.as_object().and_then(kid_of).as_ref() == Some(&self.kid);
        let found = keys(known).iter().find(is_same).cloned();
        found.unwrap_or_else(
            || json!({ "kty": "RSA", "kid": self.kid, "alg": self.alg, "use": "sig" }),
        )
    }
}

/// The metadata to register, with the credentials that stand for its keys, and the credentials that end with it.
pub(super) struct Provided {
    pub(super) metadata: ClientMetadata,
    pub(super) retired: Vec<String>,
    /// A key was made there just now.
    pub(super) is_new: bool,
}

impl Auth0 {
    async fn credentials(
        &self,
        client_id: &str,
        flow: Uuid,
    ) -> Result<Vec<Credential>, ProviderError> {
        let path = ["clients", client_id, "credentials"];
        let call = self.request(Method::GET, Purpose::ReadRegistration, &path)?;
        let answer = self.ask(call, flow).await?;
        Ok(answer.items.iter().filter_map(Credential::read).collect())
    }

    /// Reads which keys the client has. Without the permission for it, they are those that are known.
    pub(super) async fn note_keys(
        &self,
        information: &mut ClientInformation,
        known: &ClientMetadata,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        carry(known, information);
        let used = in_use(&information.metadata);
        if used.is_empty() {
            return Ok(());
        }
        let listed = match self.credentials(&information.client_id, flow).await {
            Err(error) if lacks_permission(&error) => return Ok(()),
            listed => listed?,
        };
        let mut all = listed
            .iter()
            .filter(|one| used.contains(&one.id))
            .peekable();
        if let Some(first) = all.peek()
            && !information.metadata.members().contains_key(SIGNING_ALG)
        {
            information.metadata.set(SIGNING_ALG, first.alg.as_str());
        }
        let keys: Vec<Value> = all.map(|one| one.jwk(known)).collect();
        information.metadata.set(JWKS, json!({ "keys": keys }));
        Ok(())
    }

    /// Makes the keys of `metadata` that the client does not have. Keys there that nobody here knows stay in use. A key
    /// is found again by its `kid`, so that a request whose answer was lost makes no second one.
    pub(super) async fn provide_keys(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<Provided, ProviderError> {
        let mut provided = Provided {
            metadata: metadata.clone(),
            retired: Vec::new(),
            is_new: false,
        };
        let is_same = proves_by_key(&at.granted) && keys(&at.granted) == keys(metadata);
        if !proves_by_key(metadata) || keys(metadata).is_empty() || is_same {
            return Ok(provided);
        }
        let used = self.used(&at.client_id, context.flow).await?;
        let listed = self.credentials(&at.client_id, context.flow).await?;
        let kids = |metadata: &ClientMetadata| -> Vec<String> {
            let all = keys(metadata).iter().filter_map(Value::as_object);
            all.filter_map(kid_of).collect()
        };
        let (before, wanted) = (kids(&at.granted), kids(metadata));
        // One of ours that was cut off before its use is in the way.
        let is_stray = |one: &&Credential| {
            one.is_ours && !used.contains(&one.id) && !wanted.contains(&one.kid)
        };
        let strays = listed.iter().filter(is_stray);
        let is_there = |kid: &String| listed.iter().any(|one| one.kid == *kid);
        let more = wanted.iter().filter(|kid| !is_there(kid)).count();
        let kept = listed.len().saturating_sub(strays.clone().count());
        if kept.saturating_add(more) > MOST_KEYS {
            return Err(ProviderError::NotCapable {
                capability: Capability::Update,
                reason: Reason::new(reason::TWO_KEYS),
            });
        }
        for stray in strays {
            context.sending(step::OLD_KEY)?;
            self.delete_credential(&at.client_id, &stray.id, context.flow)
                .await?;
        }
        let mut ids = Vec::new();
        for key in keys(metadata) {
            let kid = key.as_object().and_then(kid_of);
            match listed.iter().find(|one| Some(&one.kid) == kid.as_ref()) {
                Some(there) => ids.push(there.id.clone()),
                None => {
                    if let Some(body) = credential(key, metadata) {
                        context.sending(step::KEY)?;
                        let made = self
                            .create_credential(&at.client_id, body, context.flow)
                            .await?;
                        ids.push(made);
                        provided.is_new = true;
                    }
                }
            }
        }
        for there in listed.iter().filter(|one| used.contains(&one.id)) {
            if ids.contains(&there.id) {
                continue;
            }
            if before.contains(&there.kid) {
                provided.retired.push(there.id.clone());
            } else {
                ids.push(there.id.clone());
            }
        }
        let all: Vec<Value> = ids.into_iter().map(|id| json!({ "id": id })).collect();
        provided.metadata.set(BY_KEY, methods(&all));
        let tokens = metadata.members().get(TOKENS);
        let mut tokens = tokens.cloned().unwrap_or_else(|| json!({}));
        sign_tokens(&mut tokens);
        provided.metadata.set(TOKENS, tokens);
        Ok(provided)
    }

    /// Which credentials the client uses now.
    async fn used(&self, client_id: &str, flow: Uuid) -> Result<Vec<String>, ProviderError> {
        let path = ["clients", client_id];
        let call = self.request(Method::GET, Purpose::ReadRegistration, &path)?;
        let answer = self.ask(call, flow).await?;
        Ok(in_use(&ClientMetadata::from_answer(answer.members)))
    }

    async fn create_credential(
        &self,
        client_id: &str,
        body: Value,
        flow: Uuid,
    ) -> Result<String, ProviderError> {
        let path = ["clients", client_id, "credentials"];
        let call = Call {
            body: Some(body),
            ..self.request(Method::POST, Purpose::UpdateRegistration, &path)?
        };
        let answer = self.ask(call, flow).await?;
        Ok(answer.needed("id")?)
    }

    /// Ends a key that the client does not use. One that is gone is as good as ended.
    pub(super) async fn delete_credential(
        &self,
        client_id: &str,
        id: &str,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        let path = ["clients", client_id, "credentials", id];
        let call = self.request(Method::DELETE, Purpose::UpdateRegistration, &path)?;
        match self.ask(call, flow).await {
            Err(error) if is_gone(&error) => Ok(()),
            answer => answer.map(drop),
        }
    }
}

/// The admin client may not read the keys of clients.
fn lacks_permission(error: &ProviderError) -> bool {
    matches!(
        error,
        ProviderError::Admin { source: TokenError::Refused { words, .. } }
            if words.status == 403 && words.error.as_deref() == Some(INSUFFICIENT_SCOPE)
    )
}
