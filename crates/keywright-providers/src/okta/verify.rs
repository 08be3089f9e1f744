//! Verify, step by step; changes nothing at Okta.

use http::Method;
use keywright_oauth::{
    http::{Purpose, Request},
    lenient,
    register::RegistrationError,
    token::TokenError,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::messages::{finding, step};
use super::{
    Okta,
    access::{Ask, CLIENTS, ROLES, is, words_of},
    org::Org,
    policy::Admission,
};
use crate::{
    Context, Finding, ProviderConfig, ProviderError, StepName, StepState, Verification,
    settings::key,
    verify::FailureKind,
    verify::runner::{self, Outcome, Run},
};

/// The org answers as one.
const ORG: StepName = StepName::new(step::ORG);
/// The admin credential is taken.
const ADMIN: StepName = StepName::new(step::ADMIN);
/// It is good for registering.
const PERMISSIONS: StepName = StepName::new(step::PERMISSIONS);
/// A new client would get a token.
const POLICY: StepName = StepName::new(step::POLICY);

const ALL: [StepName; 9] = [
    ORG,
    ADMIN,
    PERMISSIONS,
    StepName::DISCOVERY,
    StepName::ISSUER,
    StepName::HOSTS,
    POLICY,
    StepName::TOKEN_ENDPOINT,
    StepName::SIGNING_KEYS,
];

/// What the admin credential turned out to be.
enum Admin {
    /// Taken; scopes that its token lacks.
    Taken { missing: Vec<String> },
    /// Refused, or not to be had.
    Refused,
}

impl Okta {
    pub(crate) async fn verify(&self, context: Context<'_>) -> Verification {
        let mut run = Run::new(&ALL, context);
        let mut config = self.config.clone();
        let org = self.org().ok();
        if let Some(org) = &org
            && !self.verify_org(&mut run, org).await
        {
            run.skip_rest();
            return run.finish(&config);
        }
        let admin = match &org {
            Some(org) => self.verify_admin(&mut run, org).await,
            None => Admin::Refused,
        };
        if let (Some(org), Admin::Taken { missing }) = (&org, &admin) {
            self.verify_permissions(&mut run, org, missing).await;
        }
        let issuer = config.issuer.clone();
        let found = run.discover(&self.http, &issuer, &mut config).await;
        if found {
            run.hosts(&config);
            if let (Some(org), Admin::Taken { .. }) = (&org, &admin) {
                self.verify_policy(&mut run, org).await;
            }
            self.verify_token_endpoint(&mut run, &config).await;
            run.signing_keys(&self.http, &config).await;
        }
        run.skip_rest();
        run.finish(&config)
    }

    /// Every org has this document, open to all. False when nothing can be reached there.
    async fn verify_org(&self, run: &mut Run<'_>, org: &Org) -> bool {
        let begun = run.begin(&ORG);
        let url = org.at(&[".well-known", "okta-organization"]);
        let request = Request::new(Method::GET, url, Purpose::Discovery, run.context.flow);
        match self.http.send(request).await {
            Ok(response) => {
                let document: Option<Map<String, Value>> =
                    serde_json::from_slice(&response.body).ok();
                let id = document
                    .filter(|_| response.is_success())
                    .and_then(|document| lenient::text(&document, "id"));
                let outcome = match id {
                    Some(id) => Outcome::new(
                        StepState::Passed,
                        Finding::vendor(finding::ORG, &[("id", &id)]),
                    ),
                    None => {
                        Outcome::new(StepState::Warning, Finding::vendor(finding::ORG_ODD, &[]))
                    }
                };
                run.end(&ORG, begun, outcome.seen(Some(response.exchange)));
                true
            }
            Err(error) => {
                run.end_failed(&ORG, begun, runner::wire(&error));
                false
            }
        }
    }

    async fn verify_admin(&self, run: &mut Run<'_>, org: &Org) -> Admin {
        let begun = run.begin(&ADMIN);
        let taken = if self.api_token().is_some() {
            self.try_api_token(org, run.context.flow).await
        } else {
            self.try_admin_client(run.context.flow).await
        };
        match taken {
            Ok((exchange, missing)) => {
                let finding = if self.api_token().is_some() {
                    Finding::vendor(finding::TOKEN_TAKEN, &[])
                } else {
                    Finding::vendor(finding::CLIENT_TAKEN, &[])
                };
                let outcome = Outcome::new(StepState::Passed, finding);
                run.end(&ADMIN, begun, outcome.seen(exchange));
                Admin::Taken { missing }
            }
            Err(error) => {
                let (kind, mut outcome) = runner::failed(&error);
                if words_of(&error).is_some() {
                    outcome.finding = if self.api_token().is_some() {
                        Finding::vendor(finding::TOKEN_REFUSED, &[])
                    } else {
                        Finding::vendor(finding::CLIENT_REFUSED, &[])
                    };
                }
                run.end_failed(&ADMIN, begun, (kind, outcome));
                Admin::Refused
            }
        }
    }

    /// One client is asked for. That it may not be read is another step's matter.
    async fn try_api_token(
        &self,
        org: &Org,
        flow: Uuid,
    ) -> Result<(Option<Uuid>, Vec<String>), ProviderError> {
        let mut url = org.clients(&[]);
        url.query_pairs_mut().append_pair("limit", "1");
        match self
            .ask(Ask::new(Method::GET, url, Purpose::Admin), flow)
            .await
        {
            Ok(answer) => Ok((Some(answer.exchange), Vec::new())),
            Err(ProviderError::Registration(RegistrationError::Refused {
                words,
                exchange,
                ..
            })) if is(&words, "E0000006") => Ok((Some(exchange), Vec::new())),
            Err(error) => Err(error),
        }
    }

    /// The org refuses a token for several scopes as a whole and does not say for which: each is asked
    /// for alone.
    async fn try_admin_client(
        &self,
        flow: Uuid,
    ) -> Result<(Option<Uuid>, Vec<String>), ProviderError> {
        match self.admin_token(CLIENTS, flow).await {
            Ok(answer) => {
                let granted = answer.scope.unwrap_or_else(|| CLIENTS.join(" "));
                let missing = CLIENTS
                    .iter()
                    .filter(|scope| !granted.split_whitespace().any(|given| given == **scope))
                    .map(|scope| (*scope).to_owned());
                Ok((Some(answer.exchange), missing.collect()))
            }
            Err(error) if is_scope(&error) => {
                let mut missing = Vec::new();
                for scope in CLIENTS {
                    match self.admin_token(&[scope], flow).await {
                        Ok(_) => {}
                        Err(error) if is_scope(&error) => missing.push((*scope).to_owned()),
                        Err(error) => return Err(error),
                    }
                }
                Ok((None, missing))
            }
            Err(error) => Err(error),
        }
    }

    /// A secret is asked for of a client that does not exist: who lacks the permission hears of that,
    /// who has it hears that there is no such client.
    async fn verify_permissions(&self, run: &mut Run<'_>, org: &Org, missing: &[String]) {
        let begun = run.begin(&PERMISSIONS);
        if !missing.is_empty() {
            let scopes = missing.join(", ");
            let finding = Finding::vendor(finding::SCOPES_MISSING, &[("scopes", &scopes)]);
            let outcome = Outcome::new(StepState::Failed, finding);
            run.end_failed(&PERMISSIONS, begun, (FailureKind::Refused, outcome));
            return;
        }
        let flow = run.context.flow;
        let nobody = format!("keywright-{}", Uuid::now_v7());
        let url = org.clients(&[&nobody, "lifecycle", "newSecret"]);
        let asked = self
            .ask(Ask::new(Method::POST, url, Purpose::Admin), flow)
            .await;
        let outcome = match asked {
            Err(ProviderError::Registration(RegistrationError::Refused {
                words,
                exchange,
                ..
            })) => match words.status {
                404 => Outcome::new(StepState::Passed, Finding::vendor(finding::MAY_MANAGE, &[]))
                    .seen(Some(exchange)),
                403 => {
                    let finding = self.role_missing(org, flow).await;
                    let outcome = Outcome::new(StepState::Failed, finding)
                        .said(words)
                        .seen(Some(exchange));
                    run.end_failed(&PERMISSIONS, begun, (FailureKind::Refused, outcome));
                    return;
                }
                _ => Outcome::new(
                    StepState::Warning,
                    Finding::vendor(finding::PERMISSION_UNKNOWN, &[]),
                )
                .said(words)
                .seen(Some(exchange)),
            },
            Err(error) => {
                run.end_failed(&PERMISSIONS, begun, runner::failed(&error));
                return;
            }
            Ok(answer) => Outcome::new(
                StepState::Warning,
                Finding::vendor(finding::PERMISSION_UNKNOWN, &[]),
            )
            .seen(Some(answer.exchange)),
        };
        run.end(&PERMISSIONS, begun, outcome);
    }

    /// Who has all scopes may still lack an admin role. Which roles the admin client has is told where
    /// it may be known.
    async fn role_missing(&self, org: &Org, flow: Uuid) -> Finding {
        let client = self
            .admin_client()
            .filter(|_| self.api_token().is_none())
            .map(|(id, _)| id);
        let Some(client) = client else {
            return Finding::vendor(finding::TOKEN_ROLE, &[]);
        };
        let url = org.clients(&[client, "roles"]);
        let ask = Ask::new(Method::GET, url, Purpose::Admin).of(ROLES);
        let roles: Vec<String> = match self.ask(ask, flow).await {
            Ok(answer) => answer
                .items
                .iter()
                .filter_map(|role| {
                    let role = role.as_object()?;
                    lenient::text(role, "label").or_else(|| lenient::text(role, "type"))
                })
                .collect(),
            Err(_) => return Finding::vendor(finding::CLIENT_ROLE, &[]),
        };
        if roles.is_empty() {
            return Finding::vendor(finding::CLIENT_NO_ROLE, &[]);
        }
        Finding::vendor(finding::CLIENT_OTHER_ROLE, &[("roles", &roles.join(", "))])
    }

    async fn verify_policy(&self, run: &mut Run<'_>, org: &Org) {
        let begun = run.begin(&POLICY);
        let Some(server) = &org.server else {
            let outcome = Outcome::new(
                StepState::Warning,
                Finding::vendor(finding::ORG_SERVER, &[]),
            );
            run.end(&POLICY, begun, outcome);
            return;
        };
        let (state, finding) = match self.admission(server, run.context.flow).await {
            Ok(Admission::By { policy, audience }) => (
                StepState::Passed,
                Finding::vendor(
                    finding::POLICY_ADMITS,
                    &[("policy", &policy), ("audience", &audience)],
                ),
            ),
            Ok(Admission::Inactive) => (
                StepState::Warning,
                Finding::vendor(finding::SERVER_INACTIVE, &[("server", server)]),
            ),
            Ok(Admission::Nowhere { policies }) => (
                StepState::Warning,
                Finding::vendor(
                    finding::POLICY_NONE,
                    &[("count", &policies.to_string()), ("server", server)],
                ),
            ),
            // Not being allowed to look says nothing of what the policies say.
            Err(error) => {
                let outcome = Outcome::new(
                    StepState::Skipped,
                    Finding::vendor(finding::POLICY_UNSEEN, &[]),
                );
                let outcome = match words_of(&error) {
                    Some(words) => outcome.said(words.clone()),
                    None => outcome,
                };
                run.end(&POLICY, begun, outcome);
                return;
            }
        };
        run.end(&POLICY, begun, Outcome::new(state, finding));
    }

    /// A typed endpoint is held against the one that the server names.
    async fn verify_token_endpoint(&self, run: &mut Run<'_>, config: &ProviderConfig) {
        let told = config
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.token_endpoint.clone());
        let typed = config.address(key::TOKEN_ENDPOINT).ok().flatten();
        match (typed, told) {
            (Some(typed), Some(told)) if typed != told => {
                let finding = Finding::vendor(
                    finding::TOKEN_ENDPOINT_DIFFERS,
                    &[("typed", typed.as_str()), ("told", told.as_str())],
                );
                run.note(
                    &StepName::TOKEN_ENDPOINT,
                    Outcome::new(StepState::Warning, finding),
                );
            }
            _ => run.token_endpoint(&self.http, config).await,
        }
    }
}

fn is_scope(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Admin { source: TokenError::Refused { words, .. } } if is(words, "invalid_scope"))
}
