//! What a registration will send, and what the server will not grant.

use keywright_oauth::{
    client_metadata::ClientMetadata, grant_name::standard_name, server_metadata::ServerMetadata,
};

use super::{
    Rfc7591,
    form::{MemberForm, RequestForm},
};
use crate::messages::{plan, shortfall};
use crate::{
    Plan, PlannedBody, PlannedCredential, PlannedStep, ProviderConfig, ProviderError, Shortfall,
    grants::lists_client_credentials,
};

/// Name of the one step, in the plan and in the journal.
pub(super) const STEP: &str = plan::REGISTER.as_str();
/// What is sent as `redirect_uris` where nothing is known of the server (decision 0008).
pub(super) const USUAL: MemberForm = MemberForm::Empty;
/// Ways to authenticate that this program can use, the default of RFC 7591 first.
const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

impl Rfc7591 {
    pub(crate) fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        Ok(Plan {
            steps: vec![PlannedStep {
                step: STEP,
                method: "POST",
                url: self.config.registration_endpoint()?.map(String::from),
                credential: self
                    .config
                    .initial_access_token()
                    .map(|_| PlannedCredential::bearer("initial_access_token")),
                body: PlannedBody::Json(self.sent(wanted).to_value()),
            }],
            shortfalls: shortfalls(&self.config, wanted),
        })
    }

    pub(crate) fn sent(&self, wanted: &ClientMetadata) -> ClientMetadata {
        prepared(&self.config, wanted, USUAL)
    }
}

/// The body of a registration: what was asked for, the way of authenticating that the server offers, and
/// the form that it accepts.
pub(crate) fn prepared(
    config: &ProviderConfig,
    wanted: &ClientMetadata,
    usual: MemberForm,
) -> ClientMetadata {
    let mut body = wanted.clone();
    RequestForm::of(config, wanted, usual).apply(&mut body, config.metadata.as_ref());
    body
}

/// The way of authenticating to ask for: the default of RFC 7591 §2 where the metadata lists it or lists
/// nothing, otherwise the first listed one that this program can use.
pub(super) fn offered_method(metadata: Option<&ServerMetadata>) -> Option<&'static str> {
    let listed = listed_methods(metadata);
    if listed.is_empty() {
        return Some(METHODS[0]);
    }
    METHODS
        .into_iter()
        .find(|method| listed.iter().any(|one| one == method))
}

fn listed_methods(metadata: Option<&ServerMetadata>) -> &[String] {
    metadata
        .and_then(|metadata| metadata.token_endpoint_auth_methods_supported.as_deref())
        .unwrap_or_default()
}

/// What the server's metadata says it does not do.
pub(crate) fn shortfalls(config: &ProviderConfig, wanted: &ClientMetadata) -> Vec<Shortfall> {
    let Some(metadata) = &config.metadata else {
        return Vec::new();
    };
    let missing = |wanted: Option<Vec<String>>, listed: &Option<Vec<String>>| -> Vec<String> {
        let Some(listed) = listed.as_ref().filter(|listed| !listed.is_empty()) else {
            return Vec::new();
        };
        wanted
            .unwrap_or_default()
            .into_iter()
            .filter(|item| {
                let wanted = standard_name(item);
                !listed.iter().any(|one| standard_name(one) == wanted)
            })
            .collect()
    };
    let method = wanted
        .token_endpoint_auth_method()
        .map(|method| vec![method]);
    let mut out: Vec<Shortfall> = missing(wanted.grant_types(), &metadata.grant_types_supported)
        .into_iter()
        .filter(|grant| grant != "client_credentials" || !lists_client_credentials(metadata))
        .map(Shortfall::Grant)
        .collect();
    out.extend(
        missing(wanted.scopes(), &metadata.scopes_supported)
            .into_iter()
            .map(Shortfall::Scope),
    );
    if method.is_none() && offered_method(Some(metadata)).is_none() {
        let listed = listed_methods(Some(metadata)).join(", ");
        out.push(Shortfall::Vendor(shortfall::NO_AUTH_METHOD, listed));
    }
    out.extend(
        missing(method, &metadata.token_endpoint_auth_methods_supported)
            .into_iter()
            .map(Shortfall::AuthMethod),
    );
    out
}
