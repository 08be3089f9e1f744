//! What requests change: clients, tokens and orders, each personality's apart from the others'.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::gateway::Order;
use crate::idp::Metadata;
use crate::personality::Personality;
use crate::state::keys::same_secret;
use crate::state::logins::Logins;

/// A secret of a client.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secret {
    /// The provider's name for it, where it has one (Entra: `keyId`, Okta: `ocs…`); else empty.
    pub(crate) id: String,
    pub(crate) value: String,
    pub(crate) created_at: i64,
    /// 0 = never (RFC 7591 section 3.2.1).
    pub(crate) expires_at: i64,
    /// When it was made in this run; lag is counted in real time.
    #[serde(skip)]
    pub(crate) made: Option<Instant>,
}

impl Secret {
    pub(crate) fn new(value: String, created_at: i64, expires_at: i64) -> Self {
        Self {
            id: String::new(),
            value,
            created_at,
            expires_at,
            made: Some(Instant::now()),
        }
    }

    pub(crate) fn is_over(&self, now: i64) -> bool {
        self.expires_at != 0 && self.expires_at <= now
    }
}

/// A secret that was replaced. A later run has forgotten it.
#[derive(Clone)]
struct Former {
    value: String,
    replaced: Instant,
}

/// How far the token endpoint is behind, in real time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lags {
    /// A new client is unknown.
    pub(crate) new_client: Duration,
    /// A new secret is not yet accepted.
    pub(crate) new_secret: Duration,
    /// A replaced secret is still accepted.
    pub(crate) former_secret: Duration,
}

/// What a presented secret is to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretMatch {
    /// It opens.
    Right,
    /// It was right once.
    Over,
    /// It is none of the client's, or not yet.
    Wrong,
}

/// A registered client.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) personality: Personality,
    pub(crate) id: String,
    /// A public client has none. The newest is the last.
    pub(crate) secrets: Vec<Secret>,
    #[serde(skip)]
    former: Vec<Former>,
    pub(crate) issued_at: i64,
    /// RFC 7592 section 3; empty where the provider manages clients in another way.
    pub(crate) registration_token: String,
    pub(crate) metadata: Metadata,
    /// What only this personality knows of it, in the provider's own names.
    pub(crate) vendor: Map<String, Value>,
    /// When it was registered in this run; lag is counted in real time.
    #[serde(skip)]
    registered: Option<Instant>,
}

impl Client {
    /// A client registered now, without a secret yet.
    pub(crate) fn new(
        personality: Personality,
        id: String,
        metadata: Metadata,
        issued_at: i64,
    ) -> Self {
        Self {
            personality,
            id,
            secrets: Vec::new(),
            former: Vec::new(),
            issued_at,
            registration_token: String::new(),
            metadata,
            vendor: Map::new(),
            registered: Some(Instant::now()),
        }
    }

    /// The newest secret.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        self.secrets.last()
    }

    /// Ends all secrets in favour of this one, or of none.
    pub(crate) fn replace_secrets(&mut self, secret: Option<Secret>) {
        let ended = std::mem::take(&mut self.secrets);
        self.former.extend(ended.into_iter().map(|old| Former {
            value: old.value,
            replaced: Instant::now(),
        }));
        self.secrets.extend(secret);
    }

    /// The token endpoint does not know it yet.
    pub(crate) fn is_replicating(&self, lag: Duration) -> bool {
        self.registered.is_some_and(|at| at.elapsed() < lag)
    }

    /// What a presented secret is to this client.
    pub(crate) fn fit(&self, presented: &str, now: i64, lags: &Lags) -> SecretMatch {
        let known = self.secrets.iter().find(|one| {
            same_secret(presented, &one.value)
                && one.made.is_none_or(|at| at.elapsed() >= lags.new_secret)
        });
        match known {
            Some(secret) if secret.is_over(now) => SecretMatch::Over,
            Some(_) => SecretMatch::Right,
            None if self.was_right_until_now(presented, lags.former_secret) => SecretMatch::Right,
            None => SecretMatch::Wrong,
        }
    }

    fn was_right_until_now(&self, presented: &str, lag: Duration) -> bool {
        self.former
            .iter()
            .any(|old| same_secret(presented, &old.value) && old.replaced.elapsed() < lag)
    }
}

/// A refresh token's grant.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) personality: Personality,
    pub(crate) client_id: String,
    pub(crate) scope: Vec<String>,
    pub(crate) issued_at: i64,
    /// The sign-in that it belongs to; none of a client's own.
    #[serde(default)]
    pub(crate) sign_in: Option<String>,
    /// Thumbprint of the key that a public client has to prove (RFC 9449 section 5).
    #[serde(default)]
    pub(crate) jkt: Option<String>,
    /// It was used and replaced. One of a user stays on record, to notice that it is used again.
    #[serde(default)]
    pub(crate) is_spent: bool,
}

/// Everything that requests change.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct State {
    clients: BTreeMap<Personality, BTreeMap<String, Client>>,
    /// Deleted clients that a provider keeps for a while (Entra: 30 days).
    #[serde(default)]
    deleted: BTreeMap<Personality, BTreeMap<String, Client>>,
    pub(crate) refresh_tokens: BTreeMap<String, Refresh>,
    /// `jti` of each access token that is dead before its time, with its `exp`: revoked, or spent
    /// where a token may be used once.
    dead: BTreeMap<String, i64>,
    orders: BTreeMap<Personality, Vec<Order>>,
    #[serde(default)]
    pub(crate) logins: Logins,
    /// Sessions of an earlier epoch are over. A reset begins a new one.
    pub(crate) epoch: u64,
}

impl State {
    pub(crate) fn new(epoch: u64) -> Self {
        Self {
            clients: BTreeMap::new(),
            deleted: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            dead: BTreeMap::new(),
            orders: BTreeMap::new(),
            logins: Logins::default(),
            epoch,
        }
    }

    /// The client of this personality with this id.
    pub(crate) fn client(&self, personality: Personality, id: &str) -> Option<&Client> {
        self.clients.get(&personality)?.get(id)
    }

    /// The client of this personality with this id, to change it.
    pub(crate) fn client_mut(&mut self, personality: Personality, id: &str) -> Option<&mut Client> {
        self.clients.get_mut(&personality)?.get_mut(id)
    }

    /// All clients of this personality, by id.
    pub(crate) fn clients(&self, personality: Personality) -> impl Iterator<Item = &Client> {
        self.clients
            .get(&personality)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// How many clients all personalities have.
    pub(crate) fn client_count(&self) -> usize {
        self.clients.values().map(BTreeMap::len).sum()
    }

    /// Keeps a client, in place of one with the same id.
    pub(crate) fn insert(&mut self, client: Client) {
        let own = self.clients.entry(client.personality).or_default();
        own.insert(client.id.clone(), client);
    }

    /// Forgets a client, and its refresh tokens and sign-ins with it.
    pub(crate) fn remove(&mut self, personality: Personality, id: &str) -> Option<Client> {
        let removed = self.clients.get_mut(&personality)?.remove(id)?;
        self.refresh_tokens
            .retain(|_, refresh| refresh.personality != personality || refresh.client_id != id);
        self.logins.forget_client(personality, id);
        Some(removed)
    }

    /// Ends a sign-in with its access tokens and refresh tokens.
    pub(crate) fn end_sign_in(&mut self, key: &str) {
        self.logins.end(key);
        self.refresh_tokens
            .retain(|_, refresh| refresh.sign_in.as_deref() != Some(key));
    }

    /// Forgets a client but for those who look among the deleted ones.
    pub(crate) fn delete_softly(&mut self, personality: Personality, id: &str) {
        if let Some(client) = self.remove(personality, id) {
            let kept = self.deleted.entry(personality).or_default();
            kept.insert(client.id.clone(), client);
        }
    }

    /// The deleted clients that this personality still keeps.
    pub(crate) fn deleted(&self, personality: Personality) -> impl Iterator<Item = &Client> {
        self.deleted
            .get(&personality)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// Forgets a deleted client for good.
    pub(crate) fn purge(&mut self, personality: Personality, id: &str) {
        if let Some(kept) = self.deleted.get_mut(&personality) {
            kept.remove(id);
        }
    }

    /// An access token with this `jti` was revoked or spent.
    pub(crate) fn is_dead(&self, jti: &str) -> bool {
        self.dead.contains_key(jti)
    }

    /// Ends an access token before its time; false when it is dead already.
    pub(crate) fn kill(&mut self, jti: String, exp: i64, now: i64) -> bool {
        // What is over anyway need not be remembered.
        self.dead.retain(|_, exp| *exp > now);
        self.dead.insert(jti, exp).is_none()
    }

    /// The orders of this personality's API.
    pub(crate) fn orders(&mut self, personality: Personality) -> &mut Vec<Order> {
        self.orders
            .entry(personality)
            .or_insert_with(Order::samples)
    }
}
