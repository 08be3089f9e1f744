//! Verify, step by step; changes nothing at the server.

use std::time::Instant;

use http::Method;
use keywright_oauth::{
    discover::{self, DiscoveryError},
    http::{Body, HttpClient, HttpError, Purpose, Request},
    jwks::{self, JwksError},
    words::ProviderWords,
};
use url::Url;
use uuid::Uuid;

use super::Rfc7591;
use crate::{
    Context, Finding, ProviderConfig, StepName, StepState, Verification, VerifyStep,
    verify::FailureKind,
};

const ALL: [StepName; 7] = [
    StepName::Discovery,
    StepName::Issuer,
    StepName::Hosts,
    StepName::RegistrationEndpoint,
    StepName::InitialAccessToken,
    StepName::TokenEndpoint,
    StepName::SigningKeys,
];

/// What a step found.
struct Outcome {
    state: StepState,
    finding: Finding,
    words: Option<ProviderWords>,
    exchange: Option<Uuid>,
}

impl Outcome {
    fn new(state: StepState, finding: Finding) -> Self {
        Self {
            state,
            finding,
            words: None,
            exchange: None,
        }
    }

    fn seen(mut self, exchange: Option<Uuid>) -> Self {
        self.exchange = exchange;
        self
    }

    fn said(mut self, words: ProviderWords) -> Self {
        self.words = Some(words);
        self
    }
}

/// Runs the steps and tells of each change.
struct Run<'a> {
    steps: Vec<VerifyStep>,
    context: Context<'a>,
    failure: Option<FailureKind>,
}

impl Run<'_> {
    fn begin(&mut self, name: StepName) -> Instant {
        self.set(name, |step| step.state = StepState::Running);
        Instant::now()
    }

    fn end(&mut self, name: StepName, begun: Instant, outcome: Outcome) {
        let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.set(name, |step| {
            step.state = outcome.state;
            step.elapsed_ms = (outcome.state != StepState::Skipped).then_some(elapsed);
            step.finding = Some(outcome.finding);
            step.words = outcome.words;
            step.exchange = outcome.exchange;
        });
    }

    fn set(&mut self, name: StepName, change: impl FnOnce(&mut VerifyStep)) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.name == name) {
            change(step);
            (self.context.progress)(step);
        }
    }

    fn skip_rest(&mut self) {
        let waiting: Vec<StepName> = self
            .steps
            .iter()
            .filter(|step| step.state == StepState::Waiting)
            .map(|step| step.name)
            .collect();
        for name in waiting {
            self.set(name, |step| {
                step.state = StepState::Skipped;
                step.finding = Some(Finding::NotTried);
            });
        }
    }

    fn fail(&mut self, kind: FailureKind) {
        self.failure = self.failure.or(Some(kind));
    }
}

impl Rfc7591 {
    pub(crate) async fn verify(&self, context: Context<'_>) -> Verification {
        let mut run = Run {
            steps: ALL.iter().copied().map(VerifyStep::waiting).collect(),
            context,
            failure: None,
        };
        let mut config = self.config.clone();

        let begun = run.begin(StepName::Discovery);
        match discover::discover(&self.http, &config.issuer, context.flow).await {
            Ok(found) => {
                let url = found.metadata.source.to_string();
                let outcome = Outcome::new(StepState::Passed, Finding::DocumentAt { url })
                    .seen(Some(found.exchange));
                run.end(StepName::Discovery, begun, outcome);
                run.end(
                    StepName::Issuer,
                    Instant::now(),
                    Outcome::new(StepState::Passed, Finding::IssuerMatches),
                );
                config.metadata = Some(found.metadata);
            }
            Err(error) => {
                self.discovery_failed(&mut run, begun, error);
                // Typed endpoints work without a metadata document.
                let typed = config.registration_endpoint().ok().flatten().is_some()
                    && run.failure == Some(FailureKind::Refused);
                if !typed {
                    run.skip_rest();
                    return finish(run, &config);
                }
                config.metadata = None;
            }
        }

        let unconfirmed = config.unconfirmed_hosts();
        let hosts = if unconfirmed.is_empty() {
            Outcome::new(StepState::Passed, Finding::HostsNamed)
        } else {
            Outcome::new(
                StepState::Warning,
                Finding::HostsToConfirm {
                    hosts: unconfirmed.join(", "),
                },
            )
        };
        let begun = run.begin(StepName::Hosts);
        run.end(StepName::Hosts, begun, hosts);

        let begun = run.begin(StepName::RegistrationEndpoint);
        let endpoint = config.registration_endpoint().ok().flatten();
        if endpoint.is_none() {
            run.fail(FailureKind::Refused);
        }
        let outcome = endpoint.map_or_else(
            || Outcome::new(StepState::Failed, Finding::EndpointMissing),
            |url| {
                Outcome::new(
                    StepState::Passed,
                    Finding::EndpointAt {
                        url: url.to_string(),
                    },
                )
            },
        );
        run.end(StepName::RegistrationEndpoint, begun, outcome);

        let finding = if config.initial_access_token().is_some() {
            Finding::TokenSet
        } else {
            Finding::TokenNotSet
        };
        run.end(
            StepName::InitialAccessToken,
            Instant::now(),
            Outcome::new(StepState::Skipped, finding),
        );

        let begun = run.begin(StepName::TokenEndpoint);
        let outcome = token_endpoint(&self.http, &config, context.flow).await;
        if let Err((kind, _)) = &outcome {
            run.fail(*kind);
        }
        run.end(
            StepName::TokenEndpoint,
            begun,
            outcome.unwrap_or_else(|(_, outcome)| outcome),
        );

        let begun = run.begin(StepName::SigningKeys);
        let outcome = signing_keys(&self.http, &config, context.flow).await;
        run.end(StepName::SigningKeys, begun, outcome);
        finish(run, &config)
    }

    fn discovery_failed(&self, run: &mut Run<'_>, begun: Instant, error: DiscoveryError) {
        let issuer = &self.config.issuer;
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
                run.end(StepName::Discovery, begun, found.seen(Some(exchange)));
                let differs = Outcome::new(StepState::Failed, Finding::IssuerDiffers { answered });
                run.end(
                    StepName::Issuer,
                    Instant::now(),
                    differs.seen(Some(exchange)),
                );
                run.fail(FailureKind::Security);
                return;
            }
            DiscoveryError::Http(error) => wire(&error),
            DiscoveryError::Status {
                url,
                words,
                exchange,
            } => {
                let finding = Finding::Failure {
                    code: "discovery_status".into(),
                    subject: url.to_string(),
                    detail: None,
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
                    code: "not_metadata".into(),
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
                    code: "invalid_issuer".into(),
                    subject: issuer.clone(),
                    detail: None,
                };
                (
                    FailureKind::Refused,
                    Outcome::new(StepState::Failed, finding),
                )
            }
        };
        run.fail(kind);
        run.end(StepName::Discovery, begun, outcome);
        run.end(
            StepName::Issuer,
            Instant::now(),
            Outcome::new(StepState::Skipped, Finding::NotTried),
        );
    }
}

fn finish(run: Run<'_>, config: &ProviderConfig) -> Verification {
    Verification {
        steps: run.steps,
        unconfirmed_hosts: config.unconfirmed_hosts(),
        metadata: config.metadata.clone(),
        failure: run.failure,
    }
}

fn wire(error: &HttpError) -> (FailureKind, Outcome) {
    let kind = if error.is_security() {
        FailureKind::Security
    } else {
        FailureKind::Network
    };
    let detail = match error {
        HttpError::Tls { reason, .. } => Some(reason.clone()),
        HttpError::Redirect { to, .. } => to.clone(),
        _ => None,
    };
    let finding = Finding::Failure {
        code: error.code().to_owned(),
        subject: error.host().unwrap_or_default().to_owned(),
        detail,
    };
    (
        kind,
        Outcome::new(StepState::Failed, finding).seen(error.exchange()),
    )
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
            Outcome::new(StepState::Failed, Finding::EndpointMissing),
        ));
    };
    let fields = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
    let request = Request::new(Method::POST, url, Purpose::Token, flow).body(Body::Form(fields));
    let response = http.send(request).await.map_err(|error| wire(&error))?;
    let words = ProviderWords::read(response.status, &response.body);
    let proper = matches!(response.status, 400 | 401 | 403) && words.error.is_some();
    let outcome = if proper {
        Outcome::new(StepState::Passed, Finding::RefusesStrangers)
    } else {
        Outcome::new(StepState::Warning, Finding::AnswersOddly)
    };
    Ok(outcome.said(words).seen(Some(response.exchange)))
}

async fn signing_keys(http: &HttpClient, config: &ProviderConfig, flow: Uuid) -> Outcome {
    let uri: Option<Url> = config
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.jwks_uri.clone());
    let Some(uri) = uri else {
        return Outcome::new(StepState::Skipped, Finding::NoKeySet);
    };
    match jwks::fetch(http, &uri, flow).await {
        Ok((keys, exchange, _)) => {
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
