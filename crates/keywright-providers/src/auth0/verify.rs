//! Verify, step by step; changes nothing at Auth0.

use http::Method;
use keywright_oauth::{http::Purpose, jwt, secret::AccessToken};

use super::messages::{finding, step};
use super::{Auth0, addresses, management::INSUFFICIENT_SCOPE};
use crate::{
    Context, Finding, ProviderConfig, StepName, StepState, Verification,
    settings::key,
    verify::FailureKind,
    verify::runner::{self, Outcome, Run},
};

const TOKEN_ADDRESS: StepName = StepName::new(step::TOKEN_ADDRESS);
const MAY_REGISTER: StepName = StepName::new(step::MAY_REGISTER);
const MAY_GRANT: StepName = StepName::new(step::MAY_GRANT);
const MAY_ROTATE: StepName = StepName::new(step::MAY_ROTATE);

const ALL: [StepName; 11] = [
    StepName::DISCOVERY,
    StepName::ISSUER,
    StepName::HOSTS,
    TOKEN_ADDRESS,
    StepName::ADMIN_TOKEN,
    StepName::ADMIN_API,
    MAY_REGISTER,
    MAY_GRANT,
    MAY_ROTATE,
    StepName::TOKEN_ENDPOINT,
    StepName::SIGNING_KEYS,
];

/// Permissions of the Management API that each needs.
const REGISTERING: &[&str] = &[
    "create:clients",
    "read:clients",
    "update:clients",
    "delete:clients",
];
const GRANTING: &[&str] = &[
    "create:client_grants",
    "read:client_grants",
    "update:client_grants",
    "delete:client_grants",
];
const ROTATING: &[&str] = &["update:client_keys"];

impl Auth0 {
    pub(crate) async fn verify(&self, context: Context<'_>) -> Verification {
        let mut run = Run::new(&ALL, context);
        let mut config = self.config.clone();
        let issuer = addresses::issuer(&config).unwrap_or_else(|_| config.issuer.clone());
        if !run.discover(&self.http, &issuer, &mut config).await {
            run.skip_rest();
            return run.finish(&config);
        }
        run.hosts(&config);
        run.note(&TOKEN_ADDRESS, token_address(&config));
        if let Some(token) = self.prove_admin(&mut run).await {
            self.ask_api(&mut run).await;
            self.check_permissions(&mut run, &token);
        }
        run.token_endpoint(&self.http, &config).await;
        run.signing_keys(&self.http, &config).await;
        run.skip_rest();
        run.finish(&config)
    }

    /// A token that is kept from before would prove nothing.
    async fn prove_admin(&self, run: &mut Run<'_>) -> Option<AccessToken> {
        let begun = run.begin(&StepName::ADMIN_TOKEN);
        self.admin.forget().await;
        match self.admin_token(run.context.flow).await {
            Ok(token) => {
                let audience = self.management_audience().unwrap_or_default();
                let finding = Finding::vendor(finding::ADMIN_TOKEN, &[("audience", &audience)]);
                run.end(
                    &StepName::ADMIN_TOKEN,
                    begun,
                    Outcome::new(StepState::Passed, finding),
                );
                Some(token)
            }
            Err(error) => {
                let (kind, mut outcome) = runner::failed(&error);
                if let Some(words) = &outcome.words {
                    let status = words.status.to_string();
                    outcome.finding =
                        Finding::vendor(finding::ADMIN_REFUSED, &[("status", &status)]);
                }
                run.end_failed(&StepName::ADMIN_TOKEN, begun, (kind, outcome));
                None
            }
        }
    }

    /// Asks for one client: it shows that the API takes the token.
    async fn ask_api(&self, run: &mut Run<'_>) {
        let begun = run.begin(&StepName::ADMIN_API);
        let asked = match self.request(Method::GET, Purpose::Admin, &["clients"]) {
            Ok(mut call) => {
                call.url
                    .query_pairs_mut()
                    .append_pair("fields", "client_id")
                    .append_pair("include_fields", "true")
                    .append_pair("per_page", "1");
                self.ask(call, run.context.flow).await
            }
            Err(error) => Err(error),
        };
        match asked {
            Ok(answer) => run.end(
                &StepName::ADMIN_API,
                begun,
                Outcome::new(
                    StepState::Passed,
                    Finding::vendor(finding::API_ANSWERS, &[]),
                )
                .seen(Some(answer.exchange)),
            ),
            Err(error) => {
                let (kind, mut outcome) = runner::failed(&error);
                let words = outcome.words.as_ref();
                if words.and_then(|words| words.error.as_deref()) == Some(INSUFFICIENT_SCOPE) {
                    outcome.finding = missing(&["read:clients"]);
                }
                run.end_failed(&StepName::ADMIN_API, begun, (kind, outcome));
            }
        }
    }

    /// Reads the permissions off the token. Trying each out would change something there.
    fn check_permissions(&self, run: &mut Run<'_>, token: &AccessToken) {
        let scopes = jwt::scopes(token);
        // Without an API for new clients no grant is ever made.
        let grants = self.settings.audience.is_some() && !self.settings.is_open;
        for (step, needed, required) in [
            (&MAY_REGISTER, REGISTERING, true),
            (&MAY_GRANT, GRANTING, grants),
            (&MAY_ROTATE, ROTATING, true),
        ] {
            let outcome = permission(scopes.as_deref(), needed, required);
            if outcome.state == StepState::Failed {
                run.fail(FailureKind::Refused);
            }
            run.note(step, outcome);
        }
    }
}

fn permission(scopes: Option<&[String]>, needed: &[&str], required: bool) -> Outcome {
    let Some(scopes) = scopes else {
        let finding = Finding::vendor(finding::SCOPES_UNKNOWN, &[]);
        return Outcome::new(StepState::Warning, finding);
    };
    let lacking: Vec<&str> = needed
        .iter()
        .copied()
        .filter(|scope| !scopes.iter().any(|has| has == scope))
        .collect();
    match (lacking.is_empty(), required) {
        (true, _) => {
            let scopes = needed.join(", ");
            let finding = Finding::vendor(finding::SCOPES_THERE, &[("scopes", &scopes)]);
            Outcome::new(StepState::Passed, finding)
        }
        (false, true) => Outcome::new(StepState::Failed, missing(&lacking)),
        (false, false) => Outcome::new(StepState::Warning, missing(&lacking)),
    }
}

fn missing(scopes: &[&str]) -> Finding {
    Finding::vendor(finding::SCOPES_MISSING, &[("scopes", &scopes.join(", "))])
}

/// Holds the token endpoint that was typed against the one that the metadata names.
fn token_address(config: &ProviderConfig) -> Outcome {
    let named = config
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.token_endpoint.clone());
    let typed = config.address(key::TOKEN_ENDPOINT).ok().flatten();
    match (typed, named) {
        (None, _) => Outcome::new(
            StepState::Skipped,
            Finding::vendor(finding::TOKEN_ADDRESS_NOT_TYPED, &[]),
        ),
        (Some(typed), Some(named)) if typed != named => Outcome::new(
            StepState::Warning,
            Finding::vendor(
                finding::TOKEN_ADDRESS_DIFFERS,
                &[("typed", typed.as_str()), ("named", named.as_str())],
            ),
        ),
        (Some(typed), _) => Outcome::new(
            StepState::Passed,
            Finding::EndpointAt {
                url: typed.to_string(),
            },
        ),
    }
}
