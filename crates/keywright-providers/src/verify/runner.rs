//! The parts of Verify that several adapters share: how steps are run and told, and the steps that any
//! authorization server goes through. Nothing here changes anything at the server.

use std::time::Instant;

use http::Method;
use keywright_oauth::{
    discover::{self, DiscoveryError},
    error_response::ErrorResponse,
    http::{Body, HttpClient, Purpose, Request},
    jwks::{self, Fetched, JwksError},
    server_metadata::{INTROSPECTION_ENDPOINT, JWKS_URI, REVOCATION_ENDPOINT, TOKEN_ENDPOINT},
};
use uuid::Uuid;

pub(crate) use super::outcome::{Outcome, failed, refused, wire};
use crate::messages::finding;
use crate::{
    Context, DiscoveryFailure, Finding, ProviderConfig, StepName, StepState, Verification,
    VerifyStep, verify::FailureKind,
};

/// Runs the steps and tells of each change.
pub(crate) struct Run<'a> {
    steps: Vec<VerifyStep>,
    pub(crate) context: Context<'a>,
    pub(crate) failure: Option<FailureKind>,
    /// The endpoints of the configuration serve where the server publishes no metadata.
    may_lack_metadata: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(steps: &[StepName], context: Context<'a>) -> Self {
        Self {
            steps: steps.iter().cloned().map(VerifyStep::waiting).collect(),
            context,
            failure: None,
            may_lack_metadata: false,
        }
    }

    pub(crate) fn begin(&mut self, name: &StepName) -> Instant {
        self.set(name, |step| step.state = StepState::Running);
        Instant::now()
    }

    pub(crate) fn end(&mut self, name: &StepName, begun: Instant, outcome: Outcome) {
        let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.set(name, |step| {
            step.state = outcome.state;
            step.elapsed_ms = (outcome.state != StepState::Skipped).then_some(elapsed);
            step.finding = Some(outcome.finding);
            step.words = outcome.words;
            step.exchange = outcome.exchange;
        });
    }

    fn set(&mut self, name: &StepName, change: impl FnOnce(&mut VerifyStep)) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.name == *name) {
            change(step);
            (self.context.progress)(step);
        }
    }

    pub(crate) fn skip_rest(&mut self) {
        let waiting: Vec<StepName> = self
            .steps
            .iter()
            .filter(|step| step.state == StepState::Waiting)
            .map(|step| step.name.clone())
            .collect();
        for name in &waiting {
            self.set(name, |step| {
                step.state = StepState::Skipped;
                step.finding = Some(Finding::NotTried);
            });
        }
    }

    pub(crate) fn fail(&mut self, kind: FailureKind) {
        self.failure = self.failure.or(Some(kind));
    }

    /// Whether a client gets a token without a login, as far as the metadata says.
    pub(crate) fn grants(&mut self, config: &ProviderConfig) {
        let listed = config
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.grant_types_supported.as_deref())
            .unwrap_or_default();
        let (state, finding) = match config.other_grants() {
            Some(other) => {
                let grants = other.grants.join(", ");
                let blanks = [("grants", grants.as_str())];
                let finding = if other.login_only {
                    Finding::vendor(finding::LOGIN_ONLY, &blanks)
                } else {
                    Finding::vendor(finding::NO_CLIENT_CREDENTIALS, &blanks)
                };
                (StepState::Warning, finding)
            }
            None if listed.is_empty() => (
                StepState::Skipped,
                Finding::vendor(finding::GRANTS_UNLISTED, &[]),
            ),
            None => (
                StepState::Passed,
                Finding::vendor(finding::CLIENT_CREDENTIALS_LISTED, &[]),
            ),
        };
        self.note(&StepName::GRANTS, Outcome::new(state, finding));
    }

    /// A step that ends at once.
    pub(crate) fn note(&mut self, name: &StepName, outcome: Outcome) {
        self.end(name, Instant::now(), outcome);
    }

    /// Ends a step that failed, and says who is to blame.
    pub(crate) fn end_failed(
        &mut self,
        name: &StepName,
        begun: Instant,
        (kind, outcome): (FailureKind, Outcome),
    ) {
        self.fail(kind);
        self.end(name, begun, outcome);
    }

    /// Discovers the issuer, as the steps `discovery` and `issuer`. What was found is kept in `config`.
    /// False when nothing was found.
    pub(crate) async fn discover(
        &mut self,
        http: &HttpClient,
        issuer: &str,
        config: &mut ProviderConfig,
    ) -> bool {
        let begun = self.begin(&StepName::DISCOVERY);
        let flow = self.context.flow;
        // Endpoints that were entered need no other issuer.
        let found = if config.is_complete() {
            discover::discover(http, issuer, flow).await
        } else {
            discover::discover_entered(http, issuer, flow).await
        };
        match found {
            Ok(found) => {
                let answered = found.metadata.issuer.clone();
                let typed = discover::issuer_of(issuer).is_ok_and(|typed| typed == answered);
                config.metadata = Some(found.metadata);
                let outcome = document_found(config).seen(Some(found.exchange));
                self.end(&StepName::DISCOVERY, begun, outcome);
                let finding = if typed {
                    Finding::IssuerMatches
                } else {
                    Finding::vendor(finding::ISSUER_FINAL_SLASH, &[("answered", &answered)])
                };
                self.note(&StepName::ISSUER, Outcome::new(StepState::Passed, finding));
                true
            }
            Err(error) => {
                self.discovery_failed(issuer, begun, error);
                config.metadata = None;
                false
            }
        }
    }

    /// Discovers the issuer. Endpoints that are typed work without its metadata, unless another issuer
    /// or an untrusted certificate answered. False when nothing can be asked.
    pub(crate) async fn discover_unless_typed(
        &mut self,
        http: &HttpClient,
        issuer: &str,
        config: &mut ProviderConfig,
    ) -> bool {
        self.may_lack_metadata = config.is_usable();
        let before = self.failure.take();
        let known = self.discover(http, issuer, config).await;
        let is_typed = !known && self.may_lack_metadata && self.failure.is_none();
        self.failure = before.or(self.failure);
        known || is_typed
    }

    /// Names the hosts that only the metadata names, as the step `hosts`.
    pub(crate) fn hosts(&mut self, config: &ProviderConfig) {
        let unconfirmed = config.unconfirmed_hosts();
        let outcome = if unconfirmed.is_empty() {
            Outcome::new(StepState::Passed, Finding::HostsNamed)
        } else {
            Outcome::new(
                StepState::Warning,
                Finding::HostsToConfirm {
                    hosts: unconfirmed.join(", "),
                },
            )
        };
        let begun = self.begin(&StepName::HOSTS);
        self.end(&StepName::HOSTS, begun, outcome);
    }

    /// Sends the token endpoint a request without a client, as the step `token_endpoint`.
    pub(crate) async fn token_endpoint(&mut self, http: &HttpClient, config: &ProviderConfig) {
        let begun = self.begin(&StepName::TOKEN_ENDPOINT);
        match token_endpoint(http, config, self.context.flow).await {
            Ok(outcome) => self.end(&StepName::TOKEN_ENDPOINT, begun, outcome),
            Err(failed) => self.end_failed(&StepName::TOKEN_ENDPOINT, begun, failed),
        }
    }

    /// Reads the key set, as the step `signing_keys`.
    pub(crate) async fn signing_keys(&mut self, http: &HttpClient, config: &ProviderConfig) {
        let begun = self.begin(&StepName::SIGNING_KEYS);
        let outcome = signing_keys(http, config, self.context.flow).await;
        self.end(&StepName::SIGNING_KEYS, begun, outcome);
    }

    /// What was found, for the configuration.
    pub(crate) fn finish(self, config: &ProviderConfig) -> Verification {
        Verification {
            steps: self.steps,
            unconfirmed_hosts: config.unconfirmed_hosts(),
            metadata: config.metadata.clone(),
            failure: self.failure,
        }
    }

    /// Ends the steps `discovery` and `issuer` with what went wrong.
    pub(crate) fn discovery_failed(&mut self, issuer: &str, begun: Instant, error: DiscoveryError) {
        let (kind, outcome) = match error {
            DiscoveryError::IssuerMismatch {
                url,
                answered,
                exchange,
                ..
            } => {
                let found = Outcome::new(
                    StepState::Passed,
                    Finding::DocumentAt {
                        url: url.to_string(),
                    },
                );
                self.end(&StepName::DISCOVERY, begun, found.seen(Some(exchange)));
                let differs = Outcome::new(StepState::Failed, Finding::IssuerDiffers { answered });
                self.end(
                    &StepName::ISSUER,
                    Instant::now(),
                    differs.seen(Some(exchange)),
                );
                self.fail(FailureKind::Security);
                return;
            }
            DiscoveryError::Http(error) => wire(&error),
            DiscoveryError::Status {
                url,
                words,
                exchange,
            } => {
                let code = match words.status {
                    404 | 410 => DiscoveryFailure::NotFound,
                    _ if words.wants_tls() => DiscoveryFailure::WantsTls,
                    _ => DiscoveryFailure::Status,
                };
                let finding = Finding::Failure {
                    code: code.as_str().into(),
                    subject: url.to_string(),
                    detail: Some(words.status.to_string()),
                };
                (
                    FailureKind::Refused,
                    Outcome::new(StepState::Failed, finding)
                        .said(words)
                        .seen(Some(exchange)),
                )
            }
            DiscoveryError::NotMetadata {
                url,
                title,
                exchange,
                ..
            } => {
                let finding = Finding::Failure {
                    code: DiscoveryFailure::NotMetadata.as_str().into(),
                    subject: url.to_string(),
                    detail: title,
                };
                (
                    FailureKind::Refused,
                    Outcome::new(StepState::Failed, finding).seen(Some(exchange)),
                )
            }
            DiscoveryError::InvalidIssuer { .. } => {
                let finding = Finding::Failure {
                    code: DiscoveryFailure::InvalidIssuer.as_str().into(),
                    subject: issuer.to_owned(),
                    detail: None,
                };
                (
                    FailureKind::Refused,
                    Outcome::new(StepState::Failed, finding),
                )
            }
        };
        let outcome = if self.may_lack_metadata && kind != FailureKind::Security {
            Outcome {
                state: StepState::Warning,
                finding: Finding::vendor(finding::ENDPOINTS_WITHOUT_METADATA, &[]),
                ..outcome
            }
        } else {
            self.fail(kind);
            outcome
        };
        self.end(&StepName::DISCOVERY, begun, outcome);
        self.end(
            &StepName::ISSUER,
            Instant::now(),
            Outcome::new(StepState::Skipped, Finding::NotTried),
        );
    }
}

/// The metadata document is there. Endpoints without a step of their own are looked at here.
fn document_found(config: &ProviderConfig) -> Outcome {
    let unreadable: Vec<String> = [INTROSPECTION_ENDPOINT, REVOCATION_ENDPOINT]
        .into_iter()
        .filter_map(|name| Some(format!("{name} “{}”", config.unreadable_endpoint(name)?)))
        .collect();
    if unreadable.is_empty() {
        let source = config.metadata.as_ref().map(|it| it.source.to_string());
        let url = source.unwrap_or_default();
        return Outcome::new(StepState::Passed, Finding::DocumentAt { url });
    }
    Outcome::new(
        StepState::Warning,
        Finding::vendor(
            finding::ENDPOINTS_UNREADABLE,
            &[("list", &unreadable.join(", "))],
        ),
    )
}

/// The metadata has something else than an address in the place of an endpoint.
pub(crate) fn unreadable(config: &ProviderConfig, name: &str) -> Option<Finding> {
    let text = config.unreadable_endpoint(name)?;
    let blanks = [("name", name), ("text", &text)];
    Some(Finding::vendor(finding::ENDPOINT_UNREADABLE, &blanks))
}

/// Sends a request without any client: a token endpoint must refuse it (RFC 6749 §5.2).
async fn token_endpoint(
    http: &HttpClient,
    config: &ProviderConfig,
    flow: Uuid,
) -> Result<Outcome, (FailureKind, Outcome)> {
    let Some(url) = config.token_endpoint().ok().flatten() else {
        return Err((
            FailureKind::Refused,
            Outcome::new(
                StepState::Failed,
                unreadable(config, TOKEN_ENDPOINT).unwrap_or(Finding::EndpointMissing),
            ),
        ));
    };
    let fields = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
    let request = Request::new(Method::POST, url, Purpose::Token, flow).body(Body::Form(fields));
    let response = http.send(request).await.map_err(|error| wire(&error))?;
    let words = ErrorResponse::of(&response);
    let proper = matches!(response.status, 400 | 401 | 403) && words.error.is_some();
    let outcome = if proper {
        Outcome::new(StepState::Passed, Finding::RefusesStrangers)
    } else {
        Outcome::new(StepState::Warning, Finding::AnswersOddly)
    };
    Ok(outcome.said(words).seen(Some(response.exchange)))
}

async fn signing_keys(http: &HttpClient, config: &ProviderConfig, flow: Uuid) -> Outcome {
    // A setting that is not an address is reported where it is saved.
    let uri = config.jwks_uri().ok().flatten();
    let Some(uri) = uri else {
        if let Some(finding) = unreadable(config, JWKS_URI) {
            return Outcome::new(StepState::Warning, finding);
        }
        return Outcome::new(StepState::Skipped, Finding::NoKeySet);
    };
    match jwks::fetch(http, &uri, flow).await {
        Ok(Fetched { keys, exchange, .. }) if keys.private > 0 => {
            let private = keys.private.to_string();
            Outcome::new(
                StepState::Warning,
                Finding::vendor(finding::KEYS_PRIVATE, &[("private", &private)]),
            )
            .seen(Some(exchange))
        }
        Ok(Fetched { keys, exchange, .. }) => {
            let state = if keys.keys.is_empty() {
                StepState::Warning
            } else {
                StepState::Passed
            };
            Outcome::new(
                state,
                Finding::Keys {
                    usable: keys.keys.len(),
                    total: keys.total,
                },
            )
            .seen(Some(exchange))
        }
        // Tokens work without it, only their signatures cannot be checked.
        Err(JwksError::Http(error)) => {
            let (_, outcome) = wire(&error);
            Outcome {
                state: StepState::Warning,
                ..outcome
            }
        }
        Err(JwksError::Refused { words, exchange }) => {
            Outcome::new(StepState::Warning, Finding::AnswersOddly)
                .said(words)
                .seen(Some(exchange))
        }
        Err(JwksError::NotKeys { exchange }) => {
            Outcome::new(StepState::Warning, Finding::AnswersOddly).seen(Some(exchange))
        }
    }
}
