//! Client grants: which API a client may have tokens for, and with which scopes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::state::store::Client;

/// Where [`Client::vendor`] keeps a client's grants.
pub(super) const GRANTS: &str = "client_grants";

/// A client grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClientGrant {
    /// `cgr_…`
    pub(super) id: String,
    /// Identifier of the API.
    pub(super) audience: String,
    pub(super) scope: Vec<String>,
}

impl ClientGrant {
    /// As the Management API answers it.
    pub(super) fn answer(&self, client_id: &str) -> Value {
        json!({
            "id": self.id,
            "client_id": client_id,
            "audience": self.audience,
            "scope": self.scope,
            "subject_type": "client",
        })
    }
}

/// The grants of a client.
pub(super) fn of(client: &Client) -> Vec<ClientGrant> {
    let kept = client.vendor.get(GRANTS).and_then(Value::as_array);
    kept.into_iter()
        .flatten()
        .filter_map(|grant| serde_json::from_value(grant.clone()).ok())
        .collect()
}

/// Sets the grants of a client.
pub(super) fn set(client: &mut Client, grants: &[ClientGrant]) {
    client.vendor.insert(GRANTS.to_owned(), json!(grants));
}
