//! Look at an issuer without a configuration and without changing anything there.

use std::collections::BTreeMap;

use keywright_oauth::http::{HttpClient, Recorder};
use keywright_providers::{AdminTokens, Context, OwnerTag, Provider, ProviderConfig, ProviderKind};
use uuid::Uuid;

use crate::{
    CoreError, Operation, ProviderLabel,
    configurations::{
        Configurations,
        types::{CapabilitySheetView, VerifyStepView},
        verify::no_checkpoint,
    },
};

/// What a probe found.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The steps of Verify.
    pub steps: Vec<VerifyStepView>,
    /// The sheet.
    pub sheet: CapabilitySheetView,
    /// The address is that of a protected resource as well (RFC 9728).
    pub is_resource: bool,
}

impl Configurations<'_> {
    /// Probes an issuer. Works without a vault: nothing is kept.
    pub(crate) async fn probe(self, issuer: &str) -> Result<Probe, CoreError> {
        let mut config = ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: issuer.trim().to_owned(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            metadata: None,
        };
        let who = config.issuer.clone();
        let http = HttpClient::new(
            config.http_policy(),
            self.app.0.clock.clone(),
            Recorder::none(),
        )
        .map_err(|source| CoreError::Api {
            who: who.clone(),
            source,
        })?;
        let flow = Uuid::now_v7();
        let discovered = keywright_oauth::discover::discover(&http, &config.issuer, flow).await;
        discovered.map_err(|source| CoreError::Provider {
            who: ProviderLabel {
                name: who,
                kind: Some(ProviderKind::Rfc7591),
                ..ProviderLabel::default()
            },
            doing: Operation::Discover,
            source: source.into(),
        })?;
        let context = Context {
            flow,
            owner_tag: OwnerTag::default(),
            keep: &no_checkpoint,
            progress: &|_| {},
        };
        let verification = Provider::new(config.clone(), http.clone(), AdminTokens::default())
            .verify(context)
            .await;
        let checked = verification.ok();
        if let Some(metadata) = &verification.metadata {
            config.issuer.clone_from(&metadata.issuer);
        }
        config.metadata = verification.metadata;
        let sheet = Provider::new(config.clone(), http, AdminTokens::default()).capabilities();
        Ok(Probe {
            steps: verification
                .steps
                .iter()
                .map(|step| self.step_view(step, None))
                .collect(),
            is_resource: false,
            sheet: self.sheet_lines(
                config.issuer,
                config.kind.as_str().to_owned(),
                self.app.now(),
                checked,
                &sheet,
                config.metadata.as_ref(),
            ),
        })
    }
}
