//! What a registration will send, and what Okta will not grant.

use keywright_oauth::{assertion, client_metadata::ClientMetadata};

use super::messages::{plan, shortfall};
use super::{Okta, access::CLIENTS, members};
use crate::{Plan, PlannedBody, PlannedCredential, PlannedStep, ProviderError, Shortfall, rfc7591};

/// The step that makes the client, in the plan and in the journal.
pub(super) const REGISTER: &str = crate::messages::plan::REGISTER.as_str();

impl Okta {
    pub(crate) fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        let org = self.org()?;
        let by_token = self.api_token().is_some();
        let mut steps = Vec::new();
        if !by_token {
            let field = |name: &'static str, value: &str| (name, Some(value.to_owned()));
            steps.push(PlannedStep {
                step: plan::ADMIN_TOKEN.as_str(),
                method: "POST",
                url: Some(org.token_endpoint().into()),
                credential: None,
                body: PlannedBody::Form(vec![
                    field("grant_type", "client_credentials"),
                    field("scope", &CLIENTS.join(" ")),
                    field(
                        "client_id",
                        self.config.admin_client_id().unwrap_or_default(),
                    ),
                    field("client_assertion_type", assertion::JWT_BEARER),
                    ("client_assertion", None),
                ]),
            });
        }
        steps.push(PlannedStep {
            step: REGISTER,
            method: "POST",
            url: Some(org.clients(&[]).into()),
            credential: Some(if by_token {
                PlannedCredential {
                    header: "authorization",
                    scheme: "SSWS ",
                    secret: "dcr_token",
                }
            } else {
                PlannedCredential::bearer("admin_token")
            }),
            body: PlannedBody::Json(members::body(wanted).to_value()),
        });
        Ok(Plan {
            steps,
            shortfalls: self.shortfalls(wanted, org.server.is_none()),
        })
    }

    fn shortfalls(&self, wanted: &ClientMetadata, org_server: bool) -> Vec<Shortfall> {
        let body = members::body(wanted);
        let grants = body.grant_types().unwrap_or_default();
        // Okta's OpenID document leaves client_credentials out although it is there, and neither
        // document lists custom scopes.
        let mut out: Vec<Shortfall> = rfc7591::plan::shortfalls(&self.config, &body)
            .into_iter()
            .filter(|short| *short != Shortfall::Grant("client_credentials".to_owned()))
            .collect();
        if org_server && grants.iter().any(|grant| grant == "client_credentials") {
            out.push(Shortfall::Vendor(
                shortfall::ORG_SERVER,
                "client_credentials".to_owned(),
            ));
        }
        let service = body
            .members()
            .get("application_type")
            .is_some_and(|kind| kind == "service");
        if service && let Some(grant) = grants.iter().find(|grant| *grant == "refresh_token") {
            out.push(Shortfall::Vendor(shortfall::SERVICE_GRANT, grant.clone()));
        }
        if let Some(scopes) = wanted.scopes().filter(|scopes| !scopes.is_empty()) {
            out.push(Shortfall::Vendor(
                shortfall::SCOPE_BY_POLICY,
                scopes.join(" "),
            ));
        }
        out
    }
}
