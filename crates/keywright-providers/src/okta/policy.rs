//! Whether the authorization server gives tokens to a new client: its access policies say.

use http::Method;
use keywright_oauth::{
    http::{Auth, Purpose},
    lenient,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Okta,
    access::{Ask, SERVERS},
};
use crate::{ProviderError, api::Answer};

/// What the server's policies say of a client that was just registered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// This policy admits all clients, client credentials and the custom scope.
    By {
        /// Name of the policy.
        policy: String,
        /// The `aud` of its tokens.
        audience: String,
    },
    /// The server is switched off.
    Inactive,
    /// None of this many policies does.
    Nowhere {
        /// How many policies there are.
        policies: usize,
    },
}

impl Okta {
    /// Reads the server, its policies and their rules.
    pub(super) async fn admission(
        &self,
        server: &str,
        flow: Uuid,
    ) -> Result<Admission, ProviderError> {
        let auth = self.auth(SERVERS, flow).await?;
        let found = self.look(&auth, server, &[], flow).await?;
        if !is_active(&found.members) {
            return Ok(Admission::Inactive);
        }
        let audiences = lenient::list(&found.members, "audiences").unwrap_or_default();
        let policies = self.look(&auth, server, &["policies"], flow).await?.items;
        let open = policies
            .iter()
            .filter_map(Value::as_object)
            .filter(|policy| is_active(policy) && includes(policy, "clients", "ALL_CLIENTS"));
        for policy in open {
            let Some(id) = lenient::text(policy, "id") else {
                continue;
            };
            let rules = self
                .look(&auth, server, &["policies", &id, "rules"], flow)
                .await?
                .items;
            if rules
                .iter()
                .filter_map(Value::as_object)
                .any(|rule| self.admits(rule))
            {
                return Ok(Admission::By {
                    policy: lenient::text(policy, "name").unwrap_or(id),
                    audience: audiences.join(", "),
                });
            }
        }
        Ok(Admission::Nowhere {
            policies: policies.len(),
        })
    }

    fn admits(&self, rule: &Map<String, Value>) -> bool {
        let scope = self.settings.custom_scope.as_deref();
        is_active(rule)
            && includes(rule, "grantTypes", "client_credentials")
            && (includes(rule, "scopes", "*")
                || scope.is_none_or(|scopes| {
                    scopes
                        .split_whitespace()
                        .all(|scope| includes(rule, "scopes", scope))
                }))
    }

    async fn look(
        &self,
        auth: &Auth,
        server: &str,
        below: &[&str],
        flow: Uuid,
    ) -> Result<Answer, ProviderError> {
        let place = [&["api", "v1", "authorizationServers", server], below].concat();
        let ask = Ask::new(Method::GET, self.org()?.at(&place), Purpose::Admin).of(SERVERS);
        self.ask_as(auth.clone(), &ask, flow).await
    }
}

fn is_active(object: &Map<String, Value>) -> bool {
    lenient::text(object, "status").as_deref() != Some("INACTIVE")
}

/// `conditions.{what}.include` names the item.
fn includes(object: &Map<String, Value>, what: &str, item: &str) -> bool {
    object
        .get("conditions")
        .and_then(|conditions| conditions.get(what))
        .and_then(Value::as_object)
        .and_then(|condition| lenient::list(condition, "include"))
        .is_some_and(|included| included.iter().any(|name| name == item))
}
