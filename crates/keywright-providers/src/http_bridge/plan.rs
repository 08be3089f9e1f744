//! What a registration will send, and what the bridge has no place for.

use keywright_oauth::client_metadata::ClientMetadata;

use super::messages::shortfall;
use super::{HttpBridge, identity, routes::KEY_HEADER, translate};
use crate::{
    OwnerTag, Plan, PlannedBody, PlannedCredential, PlannedStep, ProviderError, Shortfall, rfc7591,
};

/// Name of the one step, in the plan and in the journal.
pub(super) const STEP: &str = crate::messages::plan::REGISTER.as_str();

impl HttpBridge {
    pub(crate) fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        // Ids that are not set are made from the vault when the request is sent.
        let body = translate::registration(wanted, |name| {
            if name == identity::DESCRIPTION {
                return translate::description(wanted, OwnerTag::default());
            }
            let set = self.settings.ids.get(name).cloned();
            set.unwrap_or_else(|| format!("{{{name}}}"))
        });
        let mut shortfalls = rfc7591::plan::shortfalls(&self.config, wanted);
        shortfalls.extend(
            translate::without_place(wanted)
                .into_iter()
                .map(|name| Shortfall::Vendor(shortfall::NO_PLACE, name)),
        );
        Ok(Plan {
            steps: vec![PlannedStep {
                step: STEP,
                method: "POST",
                url: Some(self.root()?.into()),
                credential: Some(PlannedCredential {
                    header: KEY_HEADER,
                    scheme: "",
                    secret: HttpBridge::API_KEY,
                }),
                body: PlannedBody::Json(body),
            }],
            shortfalls,
        })
    }
}
