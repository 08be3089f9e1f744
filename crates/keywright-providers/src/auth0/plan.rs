//! What a registration will send, and what will not come of it.

use keywright_oauth::client_metadata::ClientMetadata;
use serde_json::Value;

use super::messages::{plan, shortfall};
use super::{Auth0, addresses, clients::step, grants, open, translate};
use crate::{
    OwnerTag, Plan, PlannedBody, PlannedCredential, PlannedStep, ProviderError, Shortfall,
};

/// Getting the token of the admin client.
const TOKEN_STEP: &str = plan::ADMIN_TOKEN.as_str();
const TOKEN: PlannedCredential = PlannedCredential::bearer("admin_token");

impl Auth0 {
    pub(crate) fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        if self.settings.is_open {
            return self.planned_openly(wanted);
        }
        let address = |path: &[&str]| addresses::below(&self.config, path).map(String::from);
        let body = translate::creation(wanted, OwnerTag::default());
        let granted = translate::metadata(&body);
        let mut steps = vec![
            PlannedStep {
                step: TOKEN_STEP,
                method: "POST",
                url: Some(address(&["oauth", "token"])?),
                credential: None,
                body: PlannedBody::Form(vec![
                    ("grant_type", Some("client_credentials".to_owned())),
                    (
                        "client_id",
                        Some(self.config.admin_client_id().unwrap_or_default().to_owned()),
                    ),
                    ("client_secret", None),
                    ("audience", Some(self.management_audience()?)),
                ]),
            },
            PlannedStep {
                step: step::CLIENT,
                method: "POST",
                url: Some(address(&["api", "v2", "clients"])?),
                credential: Some(TOKEN),
                body: PlannedBody::Json(Value::Object(body)),
            },
        ];
        let api = self.api_for(wanted, &granted, None);
        if let Some(audience) = &api {
            let scopes = wanted.scopes().unwrap_or_default();
            steps.push(PlannedStep {
                step: step::GRANT,
                method: "POST",
                url: Some(address(&["api", "v2", "client-grants"])?),
                credential: Some(TOKEN),
                body: PlannedBody::Json(grants::grant_body("{client_id}", audience, &scopes)),
            });
        }
        Ok(Plan {
            steps,
            shortfalls: shortfalls(wanted, &granted, api.is_some()),
        })
    }

    fn planned_openly(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        let mut shortfalls: Vec<Shortfall> = wanted
            .grant_types()
            .unwrap_or_default()
            .into_iter()
            .filter(|grant| !open::GRANTS.contains(&grant.as_str()))
            .map(|grant| Shortfall::Vendor(shortfall::OPEN_DROPS, grant))
            .collect();
        if wanted.redirect_uris().is_none_or(|uris| uris.is_empty()) {
            shortfalls.push(Shortfall::Vendor(shortfall::OPEN_REDIRECTS, String::new()));
        }
        let method = wanted.token_endpoint_auth_method();
        let refused = method.filter(|method| !open::METHODS.contains(&method.as_str()));
        shortfalls.extend(refused.map(Shortfall::AuthMethod));
        let left_out = open::left_out(wanted);
        if !left_out.is_empty() {
            shortfalls.push(Shortfall::Vendor(shortfall::NO_PLACE, left_out.join(", ")));
        }
        Ok(Plan {
            steps: vec![PlannedStep {
                step: open::STEP,
                method: "POST",
                url: Some(self.open_endpoint()?.into()),
                credential: None,
                body: PlannedBody::Json(open::taken(wanted).to_value()),
            }],
            shortfalls,
        })
    }
}

fn shortfalls(wanted: &ClientMetadata, granted: &ClientMetadata, has_api: bool) -> Vec<Shortfall> {
    let mut out = Vec::new();
    let alone = granted
        .grant_types()
        .is_some_and(|grants| grants.iter().any(|grant| grant == "client_credentials"));
    if alone && !has_api {
        out.push(Shortfall::Vendor(shortfall::NO_API, String::new()));
    }
    let scopes = wanted.scopes().unwrap_or_default();
    if !has_api && !scopes.is_empty() {
        out.push(Shortfall::Vendor(
            shortfall::SCOPE_WITHOUT_API,
            scopes.join(" "),
        ));
    }
    let left_out = translate::without_place(wanted);
    if !left_out.is_empty() {
        out.push(Shortfall::Vendor(shortfall::NO_PLACE, left_out.join(", ")));
    }
    if !wanted.members().contains_key(translate::BY_KEY) {
        let method = wanted.token_endpoint_auth_method();
        let refused = method.filter(|method| !translate::has_method(method));
        out.extend(refused.map(Shortfall::AuthMethod));
    }
    out
}
