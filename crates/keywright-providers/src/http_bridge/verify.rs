//! Verify, step by step; changes nothing at the bridge.
//!
//! The contract has no request that only reads. What is asked for is the deletion of a client whose
//! identifier was made up for the question: no client can have it, and the route needs no body, so
//! that nothing but the API key decides between the answers.

use http::Method;
use keywright_oauth::{
    error_response::{self, ErrorResponse},
    http::{Auth, Purpose, Request, Response},
};
use uuid::Uuid;

use super::HttpBridge;
use super::messages::{finding, step};
use crate::{
    Capability, Context, Finding, ProviderConfig, ProviderError, StepName, StepState, Verification,
    verify::FailureKind,
    verify::runner::{Outcome, Run, failed, refused},
};

const BASE_URL: StepName = StepName::new(step::BASE_URL);
const API_KEY: StepName = StepName::new(step::API_KEY);
const ALL: [StepName; 7] = [
    BASE_URL,
    API_KEY,
    StepName::DISCOVERY,
    StepName::ISSUER,
    StepName::HOSTS,
    StepName::TOKEN_ENDPOINT,
    StepName::SIGNING_KEYS,
];

impl HttpBridge {
    pub(crate) async fn verify(&self, context: Context<'_>) -> Verification {
        let mut run = Run::new(&ALL, context);
        if self.base_url_answers(&mut run).await {
            self.key_is_taken(&mut run).await;
        } else {
            run.note(
                &API_KEY,
                Outcome::new(StepState::Skipped, Finding::NotTried),
            );
        }
        let mut config = self.config.clone();
        if self.provider_is_known(&mut run, &mut config).await {
            run.hosts(&config);
            run.token_endpoint(&self.http, &config).await;
            run.signing_keys(&self.http, &config).await;
        } else {
            run.skip_rest();
        }
        run.finish(&config)
    }

    /// Without a key, a bridge refuses. True when what answered may be a bridge.
    async fn base_url_answers(&self, run: &mut Run<'_>) -> bool {
        let begun = run.begin(&BASE_URL);
        let answer = match self.probe(Auth::None, run.context.flow).await {
            Ok(answer) => answer,
            Err(error) => {
                run.end_failed(&BASE_URL, begun, failed(&error));
                return false;
            }
        };
        let told = |state, key| {
            let status = answer.status.to_string();
            Outcome::new(state, Finding::vendor(key, &[("status", &status)]))
                .seen(Some(answer.exchange))
        };
        match answer.status {
            401 | 403 => run.end(&BASE_URL, begun, told(StepState::Passed, finding::GUARDED)),
            429 | 500.. => {
                let words = ErrorResponse::of(&answer);
                run.end_failed(&BASE_URL, begun, refused(&words, answer.exchange));
                return false;
            }
            404 | 405 => {
                let outcome = told(StepState::Failed, finding::NOT_THERE);
                run.end_failed(&BASE_URL, begun, (FailureKind::Refused, outcome));
                return false;
            }
            _ if error_response::looks_like_html(&String::from_utf8_lossy(&answer.body)) => {
                let outcome = told(StepState::Failed, finding::NOT_THERE);
                run.end_failed(&BASE_URL, begun, (FailureKind::Refused, outcome));
                return false;
            }
            _ => run.end(&BASE_URL, begun, told(StepState::Warning, finding::OPEN)),
        }
        true
    }

    async fn key_is_taken(&self, run: &mut Run<'_>) {
        let begun = run.begin(&API_KEY);
        let asked = match self.api_key() {
            Ok(key) if !well_formed(key.expose()) => {
                let outcome =
                    Outcome::new(StepState::Failed, Finding::vendor(finding::KEY_FORM, &[]));
                run.end_failed(&API_KEY, begun, (FailureKind::Refused, outcome));
                return;
            }
            Ok(_) => self.auth(),
            Err(error) => Err(error),
        };
        let answer = match asked {
            Ok(auth) => self.probe(auth, run.context.flow).await,
            Err(error) => Err(error),
        };
        match answer {
            Err(error) => run.end_failed(&API_KEY, begun, failed(&error)),
            Ok(answer) => {
                let words = ErrorResponse::of(&answer);
                match answer.status {
                    401 | 403 => {
                        let finding = Finding::vendor(finding::KEY_REFUSED, &[]);
                        let outcome = Outcome::new(StepState::Failed, finding)
                            .said(words)
                            .seen(Some(answer.exchange));
                        run.end_failed(&API_KEY, begun, (FailureKind::Refused, outcome));
                    }
                    429 | 500.. => {
                        run.end_failed(&API_KEY, begun, refused(&words, answer.exchange));
                    }
                    // Deleted or not there: it looked, so it took the key.
                    _ => {
                        let finding = Finding::vendor(finding::KEY_TAKEN, &[]);
                        let outcome = Outcome::new(StepState::Passed, finding);
                        run.end(&API_KEY, begun, outcome.seen(Some(answer.exchange)));
                    }
                }
            }
        }
    }

    /// The identity provider behind the bridge. A token endpoint that is typed works without its
    /// metadata, unless another issuer answered.
    async fn provider_is_known(&self, run: &mut Run<'_>, config: &mut ProviderConfig) -> bool {
        let issuer = config.issuer.clone();
        run.discover_unless_typed(&self.http, &issuer, config).await
    }

    async fn probe(&self, auth: Auth, flow: Uuid) -> Result<Response, ProviderError> {
        let nobody = format!("keywright-verify-{}", Uuid::now_v7());
        let url = self.client(&nobody, &[], Capability::Delete)?;
        let request = Request::new(Method::DELETE, url, Purpose::Admin, flow).auth(auth);
        Ok(self.http.send(request).await?)
    }
}

/// Konnect takes 12 to 256 letters, digits and underscores.
fn well_formed(key: &str) -> bool {
    (12..=256).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
