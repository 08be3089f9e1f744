//! What a registration will send, and what Entra will not do.

use keywright_oauth::{client_metadata::ClientMetadata, lenient, token::DEVICE_CODE};
use serde_json::{Map, Value, json};

use super::messages::shortfall;
use super::{Entra, certificates, keys::step, scope, tenant_endpoints::TenantEndpoints, translate};
use crate::{
    OwnerTag, Plan, PlannedBody, PlannedCredential, PlannedStep, ProviderError, Shortfall,
};

/// Stand for what only an answer tells.
const OBJECT_ID: &str = "{id}";
const APP_ID: &str = "{appId}";
/// Metadata that an application has no place for.
const NO_PLACE: &[&str] = &[
    "contacts",
    "logo_uri",
    "jwks",
    "jwks_uri",
    "software_statement",
];

impl Entra {
    pub(crate) fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        let endpoints = TenantEndpoints::of(&self.config)?;
        // The tags with the ids are written at the time of the registration.
        let application = translate::application(wanted, endpoints.version, OwnerTag::default());
        let graph = |step, method, path: &str, body: Value| PlannedStep {
            step,
            method,
            url: Some(shown(endpoints.graph(path).as_str())),
            credential: Some(PlannedCredential::bearer("admin_token")),
            body: PlannedBody::Json(body),
        };
        let mut steps = vec![
            self.planned_admin_token(&endpoints),
            graph(
                step::APPLICATION,
                "POST",
                "applications",
                Value::Object(application),
            ),
        ];
        if translate::has_secret(wanted) {
            steps.push(graph(
                step::SECRET,
                "POST",
                &format!("applications/{OBJECT_ID}/addPassword"),
                json!({ "passwordCredential": self.new_password() }),
            ));
        }
        steps.push(graph(
            step::SERVICE_PRINCIPAL,
            "POST",
            "servicePrincipals",
            json!({ "appId": APP_ID }),
        ));
        if self.needs_app_id_uri(wanted) {
            steps.push(graph(
                step::APP_ID_URI,
                "PATCH",
                &format!("applications/{OBJECT_ID}"),
                json!({ "identifierUris": [scope::filled(scope::OWN, APP_ID)] }),
            ));
        }
        Ok(Plan {
            steps,
            shortfalls: self.shortfalls(wanted),
        })
    }

    fn planned_admin_token(&self, endpoints: &TenantEndpoints) -> PlannedStep {
        let id = self.config.admin_client_id();
        PlannedStep {
            step: step::ADMIN_TOKEN,
            method: "POST",
            url: Some(endpoints.token_endpoint().to_string()),
            credential: None,
            body: PlannedBody::Form(vec![
                ("grant_type", Some("client_credentials".to_owned())),
                ("client_id", Some(id.unwrap_or_default().to_owned())),
                ("client_secret", None),
                ("scope", Some(endpoints.graph_scope.clone())),
            ]),
        }
    }

    fn shortfalls(&self, wanted: &ClientMetadata) -> Vec<Shortfall> {
        let mut out = Vec::new();
        let public = translate::is_public(wanted);
        let redirects = wanted.redirect_uris().is_some_and(|uris| !uris.is_empty());
        for grant in wanted.grant_types().unwrap_or_default() {
            let has = match grant.as_str() {
                "client_credentials" => !public,
                "authorization_code" => redirects,
                "refresh_token" => redirects || public,
                DEVICE_CODE => public,
                _ => false,
            };
            if !has {
                out.push(Shortfall::Grant(grant));
            }
        }
        out.extend(scope::refused(wanted).into_iter().map(Shortfall::Scope));
        let method = wanted.token_endpoint_auth_method();
        out.extend(
            method
                .filter(|method| !translate::METHODS.contains(&method.as_str()))
                .map(Shortfall::AuthMethod),
        );
        out.extend(
            no_place(wanted.members())
                .filter(|name| *name != "jwks" || !certificates::proves_by_key(wanted))
                .map(|name| Shortfall::Vendor(shortfall::NO_PLACE, name.to_owned())),
        );
        let scope = scope::wanted(&self.settings, wanted);
        if !public && scope::is_graph(&scope) {
            out.push(Shortfall::Vendor(shortfall::GRAPH_TOKEN, scope));
        }
        out
    }
}

fn no_place(members: &Map<String, Value>) -> impl Iterator<Item = &'static str> {
    NO_PLACE
        .iter()
        .copied()
        .filter(|name| lenient::present(members, name).is_some())
}

/// Braces are escaped in an address; here they stand for what is not known yet.
fn shown(url: &str) -> String {
    url.replace("%7B", "{").replace("%7D", "}")
}
