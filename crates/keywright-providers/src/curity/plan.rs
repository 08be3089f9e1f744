//! What a registration will send, and what the server will not grant.

use keywright_oauth::{client_metadata::ClientMetadata, token::ClientAuth};

use super::messages::{plan, shortfall};
use super::{Curity, settings::OpenedBy, translate::uris_at_other_origins};
use crate::{
    Plan, PlannedBody, PlannedCredential, PlannedStep, ProviderError, Shortfall,
    rfc7591::plan::shortfalls, settings::key,
};

/// The step that registers, in the plan and in the journal.
pub(super) const REGISTER: &str = crate::messages::plan::REGISTER.as_str();
/// The step that fetches its token.
const TOKEN: &str = plan::DCR_TOKEN.as_str();

impl Curity {
    pub(crate) fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        let opened_by = self.settings.opened_by;
        let mut steps = Vec::new();
        if opened_by == OpenedBy::AdminClient {
            steps.push(self.planned_token()?);
        }
        steps.push(PlannedStep {
            step: REGISTER,
            method: "POST",
            url: self.config.registration_endpoint()?.map(String::from),
            credential: (opened_by != OpenedBy::Nothing)
                .then(|| PlannedCredential::bearer("initial_access_token")),
            body: PlannedBody::Json(self.body(wanted)?.to_value()),
        });
        Ok(Plan {
            steps,
            shortfalls: self.shortfalls(wanted),
        })
    }

    fn planned_token(&self) -> Result<PlannedStep, ProviderError> {
        let mut fields = vec![
            ("grant_type", Some("client_credentials".to_owned())),
            ("scope", Some(self.settings.dcr_scope.clone())),
        ];
        let credential = if let ClientAuth::Basic(_) = self.admin_auth() {
            Some(PlannedCredential {
                header: "authorization",
                scheme: "Basic ",
                secret: key::INITIAL_CLIENT_SECRET,
            })
        } else {
            let id = self.config.admin_client_id();
            fields.push(("client_id", Some(id.unwrap_or_default().to_owned())));
            fields.push(("client_secret", None));
            None
        };
        Ok(PlannedStep {
            step: TOKEN,
            method: "POST",
            url: self.config.token_endpoint()?.map(String::from),
            credential,
            body: PlannedBody::Form(fields),
        })
    }

    fn shortfalls(&self, wanted: &ClientMetadata) -> Vec<Shortfall> {
        if self.settings.is_templatized {
            let template = self.settings.software_id.clone().unwrap_or_default();
            return vec![Shortfall::Vendor(shortfall::TEMPLATE, template)];
        }
        let mut all = shortfalls(&self.config, wanted);
        all.extend(
            uris_at_other_origins(wanted)
                .into_iter()
                .map(|address| Shortfall::Vendor(shortfall::OTHER_ORIGIN, address)),
        );
        all
    }
}
