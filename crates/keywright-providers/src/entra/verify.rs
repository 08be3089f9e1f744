//! Verify, step by step; changes nothing at the tenant.

use keywright_oauth::{
    discover::{self, DiscoveryError},
    http::Purpose,
    jwt::{self, Expected},
    lenient,
    register::RegistrationError,
    secret::AccessToken,
};

use super::messages::{finding, refusal, step};
use super::{
    Entra, advice,
    graph::{Ask, by_app_id, listed},
    tenant_endpoints::{self, TenantEndpoints},
    translate,
};
use crate::{
    Context, Finding, ProviderConfig, ProviderError, StepName, StepState, Verification,
    api::Answer,
    settings::key,
    verify::FailureKind,
    verify::runner::{Outcome, Run, failed},
};

/// The secret of the admin client has an end of its own.
const ADMIN_SECRET: StepName = StepName::new(step::ADMIN_SECRET);

const ALL: [StepName; 9] = [
    StepName::DISCOVERY,
    StepName::ISSUER,
    StepName::HOSTS,
    StepName::TOKEN_ENDPOINT,
    StepName::SIGNING_KEYS,
    StepName::ADMIN_TOKEN,
    StepName::PERMISSIONS,
    StepName::ADMIN_API,
    ADMIN_SECRET,
];

/// The least that registering needs, and what holds it too.
const PERMISSION: &str = "Application.ReadWrite.OwnedBy";
const PERMISSIONS: &[&str] = &[PERMISSION, "Application.ReadWrite.All"];
/// A secret that expires within this many days is reported.
const SOON_DAYS: i64 = 30;
const DAY_SECS: i64 = 86_400;

impl Entra {
    pub(crate) async fn verify(&self, context: Context<'_>) -> Verification {
        let mut run = Run::new(&ALL, context);
        let mut config = self.config.clone();
        let endpoints = match TenantEndpoints::of(&config) {
            Ok(endpoints) => endpoints,
            Err(error) => {
                let begun = run.begin(&StepName::DISCOVERY);
                run.end_failed(&StepName::DISCOVERY, begun, failed(&error));
                run.skip_rest();
                return run.finish(&config);
            }
        };
        if !self.find_tenant(&mut run, &endpoints, &mut config).await {
            run.skip_rest();
            return run.finish(&config);
        }
        run.hosts(&config);
        self.compare_token_endpoint(&mut run, &endpoints, &config)
            .await;
        run.signing_keys(&self.http, &config).await;
        if let Some(token) = self.try_admin_token(&mut run).await {
            self.look_at_roles(&mut run, &endpoints, &token);
            self.ask_graph(&mut run, &endpoints).await;
        }
        run.skip_rest();
        run.finish(&config)
    }

    /// The steps `discovery` and `issuer`.
    async fn find_tenant(
        &self,
        run: &mut Run<'_>,
        endpoints: &TenantEndpoints,
        config: &mut ProviderConfig,
    ) -> bool {
        config.metadata = None;
        let begun = run.begin(&StepName::DISCOVERY);
        let place = endpoints.discovery();
        let found = discover::document_at(&self.http, place.clone(), run.context.flow).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                if let Some(outcome) = explained(&error) {
                    let failed = (FailureKind::Refused, outcome);
                    run.end_failed(&StepName::DISCOVERY, begun, failed);
                } else {
                    run.discovery_failed(&config.issuer, begun, error);
                }
                return false;
            }
        };
        let answered = found.metadata.issuer.clone();
        if endpoints.is_many() || tenant_endpoints::is_of_many(&answered) {
            let finding = Finding::vendor(finding::MANY_TENANTS, &[("tenant", &endpoints.tenant)]);
            let outcome = Outcome::new(StepState::Failed, finding).seen(Some(found.exchange));
            run.end_failed(&StepName::DISCOVERY, begun, (FailureKind::Refused, outcome));
            return false;
        }
        if !tenant_endpoints::is_issuer(&config.issuer, &answered) {
            let error = DiscoveryError::IssuerMismatch {
                url: place,
                asked: config.issuer.clone(),
                answered,
                exchange: found.exchange,
            };
            run.discovery_failed(&config.issuer, begun, error);
            return false;
        }
        let url = found.metadata.source.to_string();
        let outcome = Outcome::new(StepState::Passed, Finding::DocumentAt { url });
        run.end(
            &StepName::DISCOVERY,
            begun,
            outcome.seen(Some(found.exchange)),
        );
        let finding = match endpoints.version {
            tenant_endpoints::Version::One => Finding::vendor(finding::VERSION_1, &[]),
            tenant_endpoints::Version::Two if answered == config.issuer => Finding::IssuerMatches,
            tenant_endpoints::Version::Two => {
                Finding::vendor(finding::TENANT_ID, &[("issuer", &answered)])
            }
        };
        run.note(&StepName::ISSUER, Outcome::new(StepState::Passed, finding));
        config.metadata = Some(found.metadata);
        true
    }

    /// A token endpoint that was typed is held against the one of the document.
    async fn compare_token_endpoint(
        &self,
        run: &mut Run<'_>,
        endpoints: &TenantEndpoints,
        config: &ProviderConfig,
    ) {
        let typed = config.address(key::TOKEN_ENDPOINT).ok().flatten();
        let metadata = config.metadata.as_ref();
        let named = metadata.and_then(|metadata| metadata.token_endpoint.clone());
        match (typed, named) {
            (Some(typed), Some(named))
                if !tenant_endpoints::is_same_endpoint(&typed, &named, &endpoints.tenant) =>
            {
                let finding = Finding::vendor(
                    finding::TOKEN_ENDPOINT_DIFFERS,
                    &[("typed", typed.as_str()), ("named", named.as_str())],
                );
                let outcome = Outcome::new(StepState::Warning, finding);
                run.note(&StepName::TOKEN_ENDPOINT, outcome);
            }
            _ => run.token_endpoint(&self.http, config).await,
        }
    }

    async fn try_admin_token(&self, run: &mut Run<'_>) -> Option<AccessToken> {
        let begun = run.begin(&StepName::ADMIN_TOKEN);
        // A token that was kept says nothing about the secret of today.
        self.admin.forget().await;
        match self.admin_token(run.context.flow).await {
            Ok(token) => {
                let finding = Finding::vendor(finding::ADMIN_TOKEN, &[]);
                run.end(
                    &StepName::ADMIN_TOKEN,
                    begun,
                    Outcome::new(StepState::Passed, finding),
                );
                Some(token)
            }
            Err(error) => {
                run.end_failed(&StepName::ADMIN_TOKEN, begun, with_advice(&error));
                None
            }
        }
    }

    /// Permissions that an administrator consented to are in the token's `roles`.
    fn look_at_roles(&self, run: &mut Run<'_>, endpoints: &TenantEndpoints, token: &AccessToken) {
        let begun = run.begin(&StepName::PERMISSIONS);
        let expected = Expected {
            audience: None,
            issuer: &self.config.issuer,
            client_id: self.config.admin_client_id().unwrap_or_default(),
            now: self.http.clock().now(),
        };
        let Some(looked) = jwt::inspect(token.expose(), None, &expected) else {
            let finding = Finding::vendor(finding::PERMISSION_UNSEEN, &[]);
            let outcome = Outcome::new(StepState::Skipped, finding);
            return run.end(&StepName::PERMISSIONS, begun, outcome);
        };
        let roles = lenient::list(&looked.claims, "roles").unwrap_or_default();
        let held = roles
            .iter()
            .find(|role| PERMISSIONS.contains(&role.as_str()));
        if let Some(role) = held {
            let finding = Finding::vendor(finding::PERMISSION, &[("permission", role)]);
            let outcome = Outcome::new(StepState::Passed, finding);
            run.end(&StepName::PERMISSIONS, begun, outcome);
        } else {
            let outcome = Outcome::new(StepState::Failed, permission_missing(endpoints));
            let failed = (FailureKind::Refused, outcome);
            run.end_failed(&StepName::PERMISSIONS, begun, failed);
        }
    }

    /// Asks Graph for the admin client's own application: proves the permission, and shows when its
    /// secret ends.
    async fn ask_graph(&self, run: &mut Run<'_>, endpoints: &TenantEndpoints) {
        let begun = run.begin(&StepName::ADMIN_API);
        let id = self.config.admin_client_id().unwrap_or_default();
        let ask = Ask::get("applications", Purpose::Admin).query(by_app_id(id));
        let answer = match self.graph(ask, run.context.flow).await {
            Ok(answer) => answer,
            Err(ProviderError::Registration(RegistrationError::Refused {
                words,
                exchange,
                ..
            })) if words.status == 403 => {
                let outcome = Outcome::new(StepState::Failed, permission_missing(endpoints))
                    .said(words)
                    .seen(Some(exchange));
                return run.end_failed(
                    &StepName::ADMIN_API,
                    begun,
                    (FailureKind::Refused, outcome),
                );
            }
            Err(error) => return run.end_failed(&StepName::ADMIN_API, begun, with_advice(&error)),
        };
        let url = endpoints.graph("applications").to_string();
        let outcome = Outcome::new(StepState::Passed, Finding::EndpointAt { url });
        run.end(
            &StepName::ADMIN_API,
            begun,
            outcome.seen(Some(answer.exchange)),
        );
        run.note(&ADMIN_SECRET, self.admin_secret(&answer));
    }

    /// Which of several secrets is ours is not told, so the first to end is looked at.
    fn admin_secret(&self, answer: &Answer) -> Outcome {
        let now = self.http.clock().now();
        let ends = listed(answer)
            .first()
            .map(translate::passwords)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|password| password.ends_at)
            .filter(|ends_at| *ends_at > now)
            .min();
        let Some(ends_at) = ends else {
            let finding = Finding::vendor(finding::ADMIN_SECRET_UNSEEN, &[]);
            return Outcome::new(StepState::Skipped, finding);
        };
        let days = (ends_at - now) / DAY_SECS;
        let state = if days < SOON_DAYS {
            StepState::Warning
        } else {
            StepState::Passed
        };
        let finding = Finding::vendor(finding::ADMIN_SECRET_ENDS, &[("days", &days.to_string())]);
        Outcome::new(state, finding).seen(Some(answer.exchange))
    }
}

fn permission_missing(endpoints: &TenantEndpoints) -> Finding {
    Finding::vendor(
        refusal::PERMISSION_MISSING,
        &[("permission", PERMISSION), ("tenant", &endpoints.tenant)],
    )
}

/// The document of an unknown tenant is refused with a number that says so.
fn explained(error: &DiscoveryError) -> Option<Outcome> {
    let DiscoveryError::Status {
        words, exchange, ..
    } = error
    else {
        return None;
    };
    let finding = Finding::vendor(advice::of(words)?, &[]);
    let outcome = Outcome::new(StepState::Failed, finding);
    Some(outcome.said(words.clone()).seen(Some(*exchange)))
}

/// A failure in the sentence of its code, where it has one.
fn with_advice(error: &ProviderError) -> (FailureKind, Outcome) {
    let (kind, mut outcome) = failed(error);
    if let Some(key) = outcome.words.as_ref().and_then(advice::of) {
        outcome.finding = Finding::vendor(key, &[]);
    }
    (kind, outcome)
}
