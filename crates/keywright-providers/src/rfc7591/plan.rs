//! What a registration will send, and what the server will not grant.

use keywright_oauth::client_metadata::ClientMetadata;
use serde_json::json;

use super::Rfc7591;
use crate::{
    Plan, PlannedBody, PlannedCredential, PlannedStep, ProviderConfig, ProviderError, Shortfall,
    settings::key,
};

/// Name of the one step, in the plan and in the journal.
pub(super) const STEP: &str = "register";
/// Stands in where a server insists on an address that nobody will use: nothing listens there.
const DUMMY_REDIRECT: &str = "https://localhost/unused";

impl Rfc7591 {
    pub(super) fn planned(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        Ok(Plan {
            steps: vec![PlannedStep {
                step: STEP,
                method: "POST",
                url: self.config.registration_endpoint()?.map(String::from),
                credential: self
                    .config
                    .initial_access_token()
                    .map(|_| PlannedCredential::bearer("initial_access_token")),
                body: PlannedBody::Json(self.prepared(wanted).to_value()),
            }],
            shortfalls: shortfalls(&self.config, wanted),
        })
    }

    pub(super) fn prepared(&self, wanted: &ClientMetadata) -> ClientMetadata {
        let rule = self.config.setting(key::REDIRECT_URIS).unwrap_or("empty");
        with_redirects(wanted, rule)
    }
}

/// Applies the switch for `redirect_uris`: RFC 7591 §2 leaves open what a client without redirects
/// sends, and servers differ.
pub(crate) fn with_redirects(wanted: &ClientMetadata, rule: &str) -> ClientMetadata {
    let mut body = wanted.clone();
    let redirects = body.grant_types().is_some_and(|grants| {
        grants
            .iter()
            .any(|g| g == "authorization_code" || g == "implicit")
    });
    let given = body.redirect_uris().is_some_and(|uris| !uris.is_empty());
    match rule {
        "absent" => body.remove("redirect_uris"),
        "dummy" if !given => body.set("redirect_uris", json!([DUMMY_REDIRECT])),
        "empty" if !given && !redirects => body.set("redirect_uris", json!([])),
        _ => {}
    }
    // The default of `response_types` is `code`, which servers refuse without its grant.
    if !redirects && body.grant_types().is_some() && !body.members().contains_key("response_types")
    {
        body.set("response_types", json!([]));
    }
    body
}

/// What the server's metadata says it does not do.
pub(crate) fn shortfalls(config: &ProviderConfig, wanted: &ClientMetadata) -> Vec<Shortfall> {
    let Some(metadata) = &config.metadata else {
        return Vec::new();
    };
    let missing = |wanted: Option<Vec<String>>, listed: &Option<Vec<String>>| -> Vec<String> {
        let Some(listed) = listed else {
            return Vec::new();
        };
        wanted
            .unwrap_or_default()
            .into_iter()
            .filter(|item| !listed.contains(item))
            .collect()
    };
    let method = wanted
        .token_endpoint_auth_method()
        .map(|method| vec![method]);
    let mut out: Vec<Shortfall> = missing(wanted.grant_types(), &metadata.grant_types_supported)
        .into_iter()
        .map(Shortfall::Grant)
        .collect();
    out.extend(
        missing(wanted.scopes(), &metadata.scopes_supported)
            .into_iter()
            .map(Shortfall::Scope),
    );
    out.extend(
        missing(method, &metadata.token_endpoint_auth_methods_supported)
            .into_iter()
            .map(Shortfall::AuthMethod),
    );
    out
}
