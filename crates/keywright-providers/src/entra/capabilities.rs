//! The sheet. Entra is the same everywhere; only settings make a difference.

use keywright_oauth::server_metadata::JWKS_URI;

use super::messages::reason;
use super::{Entra, scope};
use crate::{
    Capability, CapabilityLine, CapabilitySheet, Reason, Verdict,
    rfc7591::capabilities::{endpoint, told_of_users},
};

const BY_GRAPH: Reason = Reason::new(reason::BY_GRAPH);
const NO_ADMIN: Reason = Reason::new(reason::NO_ADMIN);
const NEVER_SHOWN: Reason = Reason::new(reason::SECRET_NEVER_SHOWN);
const CHANGED_BY_GRAPH: Reason = Reason::new(reason::CHANGED_BY_GRAPH);
const ADD_PROVE_REMOVE: Reason = Reason::new(reason::ADD_PROVE_REMOVE);
const MANY_SECRETS: Reason = Reason::new(reason::MANY_SECRETS);
const SOFT_DELETE: Reason = Reason::new(reason::SOFT_DELETE);
const PURGED: Reason = Reason::new(reason::PURGED);
const ALL_APPLICATIONS: Reason = Reason::new(reason::ALL_APPLICATIONS);
const ONE_RESOURCE: Reason = Reason::new(reason::ONE_RESOURCE);
const GRAPH_TOKEN: Reason = Reason::new(reason::GRAPH_TOKEN);
const USERS_ONLY: Reason = Reason::new(reason::USERS_ONLY);
const NO_INTROSPECTION: Reason = Reason::new(reason::NO_INTROSPECTION);
const NO_REVOCATION: Reason = Reason::new(reason::NO_REVOCATION);

impl Entra {
    pub(crate) fn capabilities(&self) -> CapabilitySheet {
        let line = |capability, (verdict, reason)| CapabilityLine {
            capability,
            verdict,
            reason,
        };
        let admin = self.config.admin_client().is_some();
        let by_admin = |verdict, reason| {
            if admin {
                (verdict, reason)
            } else {
                (Verdict::No, NO_ADMIN)
            }
        };
        let delete = if self.settings.purges_on_delete {
            by_admin(Verdict::Yes, PURGED)
        } else {
            by_admin(Verdict::Partly, SOFT_DELETE)
        };
        let graph_token = scope::is_graph(&scope::configured(&self.settings));
        let tokens = if graph_token {
            (Verdict::Partly, GRAPH_TOKEN)
        } else {
            (Verdict::Yes, ONE_RESOURCE)
        };
        let keys = match endpoint(&self.config, JWKS_URI) {
            (Verdict::Yes, _) if graph_token => (Verdict::Partly, GRAPH_TOKEN),
            found => found,
        };
        let mut users = told_of_users(&self.config);
        for line in &mut users {
            // The metadata does not say it, and Microsoft documents it.
            if line.reason == Reason::WITHOUT_S256 && self.config.takes_s256() {
                line.verdict = Verdict::Yes;
                line.reason = Reason::ENDPOINT_NAMED;
            }
        }
        CapabilitySheet {
            lines: [
                line(Capability::Register, by_admin(Verdict::Yes, BY_GRAPH)),
                line(Capability::Read, by_admin(Verdict::Yes, NEVER_SHOWN)),
                line(Capability::Update, by_admin(Verdict::Yes, CHANGED_BY_GRAPH)),
                line(Capability::Rotate, by_admin(Verdict::Yes, ADD_PROVE_REMOVE)),
                line(
                    Capability::RotateOverlap,
                    by_admin(Verdict::Yes, MANY_SECRETS),
                ),
                line(Capability::Delete, delete),
                line(Capability::List, by_admin(Verdict::Yes, ALL_APPLICATIONS)),
                line(Capability::ClientCredentials, tokens),
                line(Capability::RefreshToken, (Verdict::Partly, USERS_ONLY)),
                line(Capability::Introspection, (Verdict::No, NO_INTROSPECTION)),
                line(Capability::Revocation, (Verdict::No, NO_REVOCATION)),
                line(Capability::SigningKeys, keys),
            ]
            .into_iter()
            .chain(users)
            .collect(),
        }
    }
}
