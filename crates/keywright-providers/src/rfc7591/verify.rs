//! Verify, step by step; changes nothing at the server.

use keywright_oauth::server_metadata::{REGISTRATION_ENDPOINT, ServerMetadata};

use super::Rfc7591;
use crate::messages::finding;
use crate::{
    Context, Finding, ProviderConfig, StepName, StepState, Verification,
    verify::FailureKind,
    verify::runner::{Outcome, Run, unreadable},
};

const ALL: [StepName; 8] = [
    StepName::DISCOVERY,
    StepName::ISSUER,
    StepName::HOSTS,
    StepName::REGISTRATION_ENDPOINT,
    StepName::INITIAL_ACCESS_TOKEN,
    StepName::GRANTS,
    StepName::TOKEN_ENDPOINT,
    StepName::SIGNING_KEYS,
];

/// The server has no registration endpoint; one that fetches metadata documents of clients needs none.
fn registers_nobody(config: &ProviderConfig) -> Finding {
    let metadata = config.metadata.as_ref();
    if metadata.is_some_and(ServerMetadata::takes_client_documents) {
        Finding::vendor(finding::DOCUMENTS_ONLY, &[("address", &config.issuer)])
    } else {
        Finding::EndpointMissing
    }
}

impl Rfc7591 {
    pub(crate) async fn verify(&self, context: Context<'_>) -> Verification {
        let mut run = Run::new(&ALL, context);
        let mut config = self.config.clone();
        let issuer = config.issuer.clone();
        let known = run.discover_unless_typed(&self.http, &issuer, &mut config);
        if !known.await {
            run.skip_rest();
            return run.finish(&config);
        }
        run.hosts(&config);

        let begun = run.begin(&StepName::REGISTRATION_ENDPOINT);
        match config.registration_endpoint().ok().flatten() {
            Some(url) => run.end(
                &StepName::REGISTRATION_ENDPOINT,
                begun,
                Outcome::new(
                    StepState::Passed,
                    Finding::EndpointAt {
                        url: url.to_string(),
                    },
                ),
            ),
            None => run.end_failed(
                &StepName::REGISTRATION_ENDPOINT,
                begun,
                (
                    FailureKind::Refused,
                    Outcome::new(
                        StepState::Failed,
                        unreadable(&config, REGISTRATION_ENDPOINT)
                            .unwrap_or_else(|| registers_nobody(&config)),
                    ),
                ),
            ),
        }

        let finding = if config.initial_access_token().is_some() {
            Finding::TokenSet
        } else {
            Finding::TokenNotSet
        };
        run.note(
            &StepName::INITIAL_ACCESS_TOKEN,
            Outcome::new(StepState::Skipped, finding),
        );
        run.grants(&config);
        run.token_endpoint(&self.http, &config).await;
        run.signing_keys(&self.http, &config).await;
        run.finish(&config)
    }
}
