//! What Register will send, before it is sent.

use keywright_oauth::{client_metadata::ClientMetadata, mutual_tls};
use keywright_providers::{PlannedBody, PlannedStep, Provider, Shortfall};
use keywright_vault::ConfigurationRow;
use serde_json::json;
use url::Url;

use crate::{
    CoreError, ProviderLabel,
    app::registration_record::{checked_resources, configured_resources},
    configurations::verify_state,
    error::code::FailureCode,
    i18n::key::{Family, Key},
    registration::{
        Registrar,
        first_key::{key_planned, signing_choices},
        types::{
            Draft, DraftProblem, OfferedChoice, PreviewHeader, PreviewPart, PreviewStep,
            RegisterOptions, RegisterPreview,
        },
    },
};

/// Grants that the form offers, the usual one first.
const GRANTS: [&str; 3] = ["client_credentials", "authorization_code", "refresh_token"];
/// Ways to authenticate that this program can use, the usual one first.
const METHODS: [&str; 6] = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    mutual_tls::SELF_SIGNED,
    "none",
];
/// Stands for the redirect that the user will type; it is planned with and never sent.
const EXAMPLE_REDIRECT: &str = "https://app.example/callback";

impl Registrar<'_> {
    /// What the form shows for a configuration. What its provider takes is asked of its plan.
    pub fn options(self, wanted: &str) -> Result<RegisterOptions, CoreError> {
        let row = self.app.configurations().row(wanted)?;
        let provider = self.app.configurations().provider(&row)?;
        let config = self.app.configurations().provider_config(&row)?;
        let signing_algs = signing_choices(&config);
        let metadata = config.metadata;
        let usual = self.usual_draft(&row)?;
        let host = Url::parse(&row.issuer)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default();
        let grant_types = GRANTS.map(|grant| {
            let mut asked = ClientMetadata::default();
            asked.set("grant_types", json!([grant]));
            // Some grants are given to clients with a redirect alone, and the form has a field for it.
            asked.set("redirect_uris", json!([EXAMPLE_REDIRECT]));
            let refused = Shortfall::Grant(grant.to_owned());
            let is_usual = usual.grant_types.iter().any(|one| one == grant);
            self.offered(&row, &provider, &asked, (grant, is_usual), &refused)
        });
        let auth_methods = METHODS.map(|method| {
            let mut asked = ClientMetadata::default();
            asked.set("token_endpoint_auth_method", method);
            let refused = Shortfall::AuthMethod(method.to_owned());
            let chosen = usual.token_endpoint_auth_method.as_deref();
            let is_usual = chosen.unwrap_or(METHODS[0]) == method;
            self.offered(&row, &provider, &asked, (method, is_usual), &refused)
        });
        Ok(RegisterOptions {
            grant_types: grant_types.into(),
            auth_methods: auth_methods.into(),
            signing_algs,
            scopes_supported: metadata
                .and_then(|m| m.scopes_supported)
                .unwrap_or_default(),
            redirect_uris: usual.redirect_uris,
            verify_state: verify_state(row.verify_state),
            verify_problem: self.app.configurations().verify_problem(&row)?,
            configuration_id: row.id.to_string(),
            config: row.name,
            provider: row.provider,
            host,
            verified_at: row.verified_at,
        })
    }

    /// What is registered at a configuration where nothing is chosen.
    fn usual_draft(self, row: &ConfigurationRow) -> Result<Draft, CoreError> {
        let draft = Draft {
            configuration_id: row.id.to_string(),
            ..Draft::default()
        };
        Ok(self.filled(row, draft)?.draft)
    }

    /// One choice of the form: not offered where the plan of a registration with it leaves it out. A
    /// plan that cannot be made yet, because the configuration is not whole, says nothing about it.
    fn offered(
        self,
        row: &ConfigurationRow,
        provider: &Provider,
        asked: &ClientMetadata,
        (value, is_usual): (&str, bool),
        refused: &Shortfall,
    ) -> OfferedChoice {
        let offered = provider
            .plan(asked)
            .map_or(true, |plan| !plan.shortfalls.contains(refused));
        OfferedChoice {
            value: value.to_owned(),
            offered,
            preselected: offered && is_usual,
            reason: (!offered).then(|| {
                self.app.translate(
                    Key::RegisterNotListed,
                    &[("who", &row.name), ("detail", value)],
                )
            }),
        }
    }

    /// The requests of a draft, live as it is typed. Sends nothing.
    pub fn preview(self, draft: &Draft) -> Result<RegisterPreview, CoreError> {
        let row = self.app.configurations().row(&draft.configuration_id)?;
        let draft = &self.filled(&row, draft.clone())?.draft;
        let (metadata, mut problems) = self.metadata_of(draft);
        if problems.is_empty()
            && self
                .app
                .vault()?
                .application_by_name(draft.name.trim())?
                .is_some()
        {
            problems.push(DraftProblem {
                field: "name".into(),
                code: FailureCode::NameTaken.into(),
                message: self.app.translate(
                    Family::ErrorMessage.key(FailureCode::NameTaken.as_str()),
                    &[("who", draft.name.trim())],
                ),
            });
        }
        if problems
            .iter()
            .any(|problem| problem.field == "metadata_json")
        {
            return Ok(RegisterPreview {
                steps: Vec::new(),
                problems,
                warnings: Vec::new(),
                resources: Vec::new(),
                question: None,
            });
        }
        let resources = match checked_resources(&draft.resources) {
            Ok(resources) if resources.is_empty() => configured_resources(&row),
            Ok(resources) => resources,
            Err(error) => {
                problems.push(DraftProblem {
                    field: "resources".into(),
                    code: error.code(),
                    message: error.view(self.app.lang(), self.app.0.actor).message,
                });
                Vec::new()
            }
        };
        let provider = self.app.configurations().provider(&row)?;
        let mut metadata = metadata;
        let config = self.app.configurations().provider_config(&row)?;
        key_planned(
            &mut metadata,
            &config,
            &self.app.translate(Key::PlanNewKey, &[]),
        );
        provider.apply_audience(&mut metadata, draft.audience.as_deref());
        let plan = provider
            .plan(&metadata)
            .map_err(|source| CoreError::Provider {
                who: ProviderLabel::of(&row),
                doing: crate::Operation::Register,
                source,
            })?;
        let login = self.grants_warning(&row, &metadata)?;
        let known = |shortfall: &&Shortfall| {
            login.is_some() && **shortfall == Shortfall::Grant("client_credentials".to_owned())
        };
        // A registration finds the metadata first.
        let is_guessed = row.metadata.is_none()
            && !self
                .app
                .configurations()
                .provider_config(&row)?
                .is_complete();
        let guessed =
            is_guessed.then(|| self.app.translate(Key::PlanDefaults, &[("who", &row.name)]));
        Ok(RegisterPreview {
            question: self.question_about(&row, &metadata)?,
            steps: plan
                .steps
                .iter()
                .map(|step| self.preview_step(&row, step))
                .collect(),
            problems,
            warnings: plan
                .shortfalls
                .iter()
                .filter(|shortfall| !known(shortfall))
                .map(|shortfall| self.warning(&row.name, shortfall))
                .chain(login.iter().map(|login| login.message.clone()))
                .chain(guessed)
                .collect(),
            resources,
        })
    }

    fn preview_step(self, row: &ConfigurationRow, step: &PlannedStep) -> PreviewStep {
        let text = |value: &str| vec![PreviewPart::Text(value.to_owned())];
        let header = |name: &str, value: Vec<PreviewPart>| PreviewHeader {
            name: name.to_owned(),
            value,
        };
        let mut headers = Vec::new();
        match step.body {
            PlannedBody::Empty => {}
            PlannedBody::Json(_) => headers.push(header("content-type", text("application/json"))),
            PlannedBody::Form(_) => headers.push(header(
                "content-type",
                text("application/x-www-form-urlencoded"),
            )),
        }
        headers.push(header("accept", text("application/json")));
        if let Some(credential) = step.credential {
            let hidden = self
                .app
                .translate(Family::Secret.key(credential.secret), &[]);
            let mut value = text(credential.scheme);
            value.retain(|part| *part != PreviewPart::Text(String::new()));
            value.push(PreviewPart::Hidden(hidden));
            headers.push(header(credential.header, value));
        }
        PreviewStep {
            title: self
                .app
                .translate(Family::Plan.key(step.step), &[("who", &row.name)]),
            method: step.method.to_owned(),
            url: step.url.clone().unwrap_or_else(|| {
                self.app
                    .translate(Key::PlanNotDiscovered, &[("who", &row.issuer)])
            }),
            headers,
            body: self.preview_body(&step.body),
        }
    }

    /// A field of a form whose value is secret shows what goes there, in brackets.
    fn preview_body(self, body: &PlannedBody) -> Option<String> {
        match body {
            PlannedBody::Empty => None,
            PlannedBody::Json(value) => serde_json::to_string_pretty(value).ok(),
            PlannedBody::Form(fields) => {
                let fields = fields.iter().map(|(name, value)| match value {
                    Some(value) => format!("{name}={value}"),
                    None => format!("{name}=[{}]", self.app.translate(Key::PlanHiddenValue, &[])),
                });
                Some(fields.collect::<Vec<_>>().join("\n"))
            }
        }
    }

    fn warning(self, who: &str, shortfall: &Shortfall) -> String {
        let key = Family::Shortfall.key(shortfall.code());
        self.app
            .translate(key, &[("who", who), ("detail", shortfall.about())])
    }
}
