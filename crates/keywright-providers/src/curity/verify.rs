//! Verify, step by step. It takes a token with the scope `dcr` and does not use it: nothing changes at
//! the server.

use http::Method;
use keywright_oauth::{
    discover,
    error_response::ErrorResponse,
    http::{Purpose, Request},
    server_metadata::REGISTRATION_ENDPOINT,
    token::TokenError,
};
use url::Url;

use super::messages::{finding, step};
use super::{Curity, settings::OpenedBy};
use crate::{
    Context, Finding, ProviderConfig, ProviderError, StepName, StepState, Verification,
    settings::key,
    verify::FailureKind,
    verify::runner::{Outcome, Run, failed, unreadable, wire},
};

/// The template that new clients are copies of.
const TEMPLATE: StepName = StepName::new(step::TEMPLATE);

/// Where the registration endpoint is in Curity's own documentation and in its own samples.
const GUESSES: [&str; 2] = [
    "/token-service/oauth-registration",
    "/oauth/v2/oauth-dynamic-client-registration",
];

impl Curity {
    pub(crate) async fn verify(&self, context: Context<'_>) -> Verification {
        let mut run = Run::new(&self.steps(), context);
        let mut seen = Self::new(self.config.clone(), self.http.clone());
        let issuer = seen.config.issuer.clone();
        // OAuth metadata is switched off in a fresh installation: typed endpoints work without it.
        let config = &mut seen.config;
        if !run.discover_unless_typed(&self.http, &issuer, config).await {
            run.skip_rest();
            return run.finish(&seen.config);
        }
        run.hosts(&seen.config);
        seen.look_at_registration_endpoint(&mut run).await;
        if seen.settings.is_templatized {
            seen.look_at_template(&mut run);
        }
        match seen.settings.opened_by {
            OpenedBy::AdminClient => seen.look_at_admin_token(&mut run).await,
            OpenedBy::InitialAccessToken => seen.look_at_initial_token(&mut run),
            OpenedBy::Nothing => {}
        }
        run.grants(&seen.config);
        seen.look_at_token_endpoint(&mut run).await;
        run.signing_keys(&self.http, &seen.config).await;
        run.finish(&seen.config)
    }

    fn steps(&self) -> Vec<StepName> {
        let mut steps = vec![
            StepName::DISCOVERY,
            StepName::ISSUER,
            StepName::HOSTS,
            StepName::REGISTRATION_ENDPOINT,
        ];
        if self.settings.is_templatized {
            steps.push(TEMPLATE);
        }
        match self.settings.opened_by {
            OpenedBy::AdminClient => steps.push(StepName::ADMIN_TOKEN),
            OpenedBy::InitialAccessToken => steps.push(StepName::INITIAL_ACCESS_TOKEN),
            OpenedBy::Nothing => {}
        }
        steps.extend([
            StepName::GRANTS,
            StepName::TOKEN_ENDPOINT,
            StepName::SIGNING_KEYS,
        ]);
        steps
    }

    /// Reads the endpoint without a credential: whatever it answers, it is there, unless it says 404.
    async fn look_at_registration_endpoint(&self, run: &mut Run<'_>) {
        let step = &StepName::REGISTRATION_ENDPOINT;
        let begun = run.begin(step);
        let Some(url) = self.config.registration_endpoint().ok().flatten() else {
            let outcome = Outcome::new(
                StepState::Failed,
                unreadable(&self.config, REGISTRATION_ENDPOINT)
                    .unwrap_or_else(|| guesses(&self.config)),
            );
            run.end_failed(step, begun, (FailureKind::Refused, outcome));
            return;
        };
        let found = url.to_string();
        let request = Request::new(Method::GET, url, Purpose::Discovery, run.context.flow);
        match self.http.send(request).await {
            Ok(answer) if answer.status == 404 || answer.status >= 500 => {
                let finding = Finding::vendor(finding::ENDPOINT_SILENT, &[("url", &found)]);
                let words = ErrorResponse::of(&answer);
                let outcome = Outcome::new(StepState::Warning, finding).said(words);
                run.end(step, begun, outcome.seen(Some(answer.exchange)));
            }
            Ok(answer) => {
                let outcome = Outcome::new(StepState::Passed, Finding::EndpointAt { url: found });
                run.end(step, begun, outcome.seen(Some(answer.exchange)));
            }
            Err(error) => run.end_failed(step, begun, wire(&error)),
        }
    }

    /// Only a registration can prove the template: the server names none of its templates.
    fn look_at_template(&self, run: &mut Run<'_>) {
        let begun = run.begin(&TEMPLATE);
        match &self.settings.software_id {
            Some(template) => {
                let finding = Finding::vendor(finding::TEMPLATE_SET, &[("template", template)]);
                run.end(&TEMPLATE, begun, Outcome::new(StepState::Skipped, finding));
            }
            None => run.end_failed(&TEMPLATE, begun, missing(Self::SOFTWARE_ID)),
        }
    }

    async fn look_at_admin_token(&self, run: &mut Run<'_>) {
        let step = &StepName::ADMIN_TOKEN;
        let begun = run.begin(step);
        let scope = &self.settings.dcr_scope;
        match self.fresh_token(run.context.flow).await {
            Ok(answer) => {
                // RFC 6749 §5.1: a scope that is not named is the one asked for.
                let granted = answer
                    .scope
                    .is_none_or(|granted| granted.split_whitespace().any(|one| one == scope));
                let seen = Some(answer.exchange);
                if granted {
                    let finding = Finding::vendor(finding::TOKEN_FETCHED, &[("scope", scope)]);
                    run.end(
                        step,
                        begun,
                        Outcome::new(StepState::Passed, finding).seen(seen),
                    );
                } else {
                    let finding = Finding::vendor(finding::SCOPE_REFUSED, &[("scope", scope)]);
                    let outcome = Outcome::new(StepState::Failed, finding).seen(seen);
                    run.end_failed(step, begun, (FailureKind::Refused, outcome));
                }
            }
            Err(error) => {
                let (kind, mut outcome) = failed(&error);
                if let Some(finding) = refusal(&error, scope) {
                    outcome.finding = finding;
                }
                run.end_failed(step, begun, (kind, outcome));
            }
        }
    }

    fn look_at_initial_token(&self, run: &mut Run<'_>) {
        let step = &StepName::INITIAL_ACCESS_TOKEN;
        let begun = run.begin(step);
        if self.config.initial_access_token().is_some() {
            let outcome = Outcome::new(StepState::Skipped, Finding::TokenSet);
            run.end(step, begun, outcome);
        } else {
            run.end_failed(step, begun, missing(key::INITIAL_ACCESS_TOKEN));
        }
    }

    /// The typed token endpoint is held against the discovered one.
    async fn look_at_token_endpoint(&self, run: &mut Run<'_>) {
        let typed = self.config.address(key::TOKEN_ENDPOINT).ok().flatten();
        let named = self.config.metadata.as_ref();
        let named = named.and_then(|metadata| metadata.token_endpoint.as_ref());
        match (typed, named) {
            (Some(typed), Some(named)) if typed != *named => {
                let blanks = [("typed", typed.as_str()), ("named", named.as_str())];
                let finding = Finding::vendor(finding::TOKEN_ENDPOINT_DIFFERS, &blanks);
                let begun = run.begin(&StepName::TOKEN_ENDPOINT);
                let outcome = Outcome::new(StepState::Warning, finding);
                run.end(&StepName::TOKEN_ENDPOINT, begun, outcome);
            }
            _ => run.token_endpoint(&self.http, &self.config).await,
        }
    }
}

fn missing(key: &'static str) -> (FailureKind, Outcome) {
    failed(&ProviderError::Missing { key })
}

/// What a refusal of the admin client means.
fn refusal(error: &ProviderError, scope: &str) -> Option<Finding> {
    let ProviderError::Admin {
        source: TokenError::Refused { words, .. },
    } = error
    else {
        return None;
    };
    match words.error.as_deref()? {
        "invalid_client" => Some(Finding::vendor(finding::ADMIN_UNKNOWN, &[])),
        "invalid_scope" => Some(Finding::vendor(finding::SCOPE_REFUSED, &[("scope", scope)])),
        "unauthorized_client" => Some(Finding::vendor(finding::GRANT_REFUSED, &[])),
        _ => None,
    }
}

/// No endpoint is named: where it may be.
fn guesses(config: &ProviderConfig) -> Finding {
    let origin = discover::issuer_of(&config.issuer)
        .ok()
        .and_then(|issuer| Url::parse(&issuer).ok())
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let [first, second] = GUESSES.map(|path| format!("{origin}{path}"));
    Finding::vendor(
        finding::ENDPOINT_MISSING,
        &[("first", &first), ("second", &second)],
    )
}
