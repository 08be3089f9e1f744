//! Verify a configuration, keep what was learned, and tell it in the user's language.

use keywright_oauth::{
    discover::{self, DiscoveryError},
    server_metadata::ServerMetadata,
};
use std::collections::BTreeSet;

use keywright_providers::{
    Checkpoint, CheckpointError, Context, Finding, OwnerTag, Provider, ProviderError, StepState,
    Verification, VerifyStep, verify::FailureKind,
};
use keywright_vault::{ConfigurationRow, VerifyState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    CoreError, ProviderLabel,
    app::{FlowSubject, audit_action::AuditAction},
    codes::codes,
    configurations::{
        Configurations, hosts,
        types::{VerifyReport, VerifyStepView},
    },
    error::types::ProviderWordsView,
    i18n::key::Family,
    i18n::try_translate,
    shell_words,
};

/// A report as the vault keeps it: without language.
#[derive(Debug, Serialize, Deserialize)]
struct StoredReport {
    steps: Vec<VerifyStep>,
    unconfirmed_hosts: Vec<String>,
    /// Where the clients were managed then.
    #[serde(default)]
    managed_hosts: BTreeSet<String>,
    verified_at: i64,
}

/// A report and, when a step failed, who is to blame.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The report.
    pub report: VerifyReport,
    /// Exit code of the command line.
    pub exit_code: u8,
}

/// Verify creates nothing, so there is nothing to write down.
#[allow(
    clippy::unnecessary_wraps,
    reason = "the shape of a journal, which may fail"
)]
pub(crate) fn no_checkpoint(_: Checkpoint<'_>) -> Result<(), CheckpointError> {
    Ok(())
}

impl Configurations<'_> {
    /// Checks a configuration against its server; `on_step` hears of each change.
    pub async fn verify(
        self,
        wanted: &str,
        on_step: impl Fn(VerifyStepView) + Send + Sync,
    ) -> Result<Verified, CoreError> {
        let row = self.row(wanted)?;
        let provider = self.provider(&row)?;
        let flow = self.app.probe(FlowSubject {
            configuration: Some(row.id),
            application: None,
        });
        let progress = |step: &VerifyStep| on_step(self.step_view(step, Some(&row.name)));
        let context = Context {
            flow: flow.id,
            owner_tag: OwnerTag::default(),
            keep: &no_checkpoint,
            progress: &progress,
        };
        let verification = provider.verify(context).await;
        let now = self.app.now();
        let stored = StoredReport {
            steps: verification.steps.clone(),
            unconfirmed_hosts: verification.unconfirmed_hosts.clone(),
            managed_hosts: self.managed_hosts(row.id)?,
            verified_at: now,
        };
        let report = serde_json::to_value(&stored)?;
        let state = match (verification.ok(), verification.warns()) {
            (false, _) => VerifyState::Failed,
            (true, true) => VerifyState::Warning,
            (true, false) => VerifyState::Ok,
        };
        let mut learned = row.clone();
        if let Some(metadata) = &verification.metadata {
            take_issuer(&mut learned, metadata);
            learned.metadata = Some(serde_json::to_value(metadata)?);
        }
        self.learn_capabilities(&mut learned)?;
        self.app
            .vault()?
            .change_configuration(row.id, &[], |kept| {
                if learn(kept, &row.issuer, learned) {
                    kept.verify = Some(report);
                    kept.verified_at = Some(now);
                    kept.verify_state = state;
                    kept.updated_at = now;
                }
            })?;
        self.app.audit(
            AuditAction::ConfigurationVerified,
            "",
            json!({ "name": row.name }),
        )?;
        let kept = self.app.vault()?.configuration(row.id)?;
        Ok(Verified {
            exit_code: exit_code(&verification),
            report: self.report_view(&stored, &kept)?,
        })
    }

    /// Discovers the issuer's metadata where it is not known yet, so that register and token work
    /// without a Verify before. A server that publishes none is used with the endpoints of the configuration, where
    /// the token endpoint is among them.
    pub(crate) async fn discovered(
        self,
        row: ConfigurationRow,
    ) -> Result<(ConfigurationRow, Provider), CoreError> {
        if row.metadata.is_some() {
            let provider = self.provider(&row)?;
            return Ok((row, provider));
        }
        let config = self.provider_config(&row)?;
        if config.is_complete() {
            let provider = self.provider(&row)?;
            return Ok((row, provider));
        }
        let mut row = row;
        let asked = row.issuer.clone();
        match self.read_metadata(&mut row).await {
            Err(error) if config.is_usable() && publishes_none(&error) => {
                let provider = self.provider(&row)?;
                return Ok((row, provider));
            }
            other => other?,
        }
        let row = self.keep_learned(row.id, &asked, row)?;
        let provider = self.provider(&row)?;
        Ok((row, provider))
    }

    /// Reads the metadata of an issuer into the row, which need not be saved yet.
    pub(crate) async fn read_metadata(self, row: &mut ConfigurationRow) -> Result<(), CoreError> {
        let config = self.provider_config(row)?;
        let http = self.http(&config, &row.name)?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(row.id),
            application: None,
        });
        let found = discover::discover_entered(&http, &row.issuer, flow.id)
            .await
            .map_err(|source| CoreError::Provider {
                who: ProviderLabel::of(row),
                doing: crate::Operation::Discover,
                source: source.into(),
            })?;
        take_issuer(row, &found.metadata);
        row.metadata = Some(serde_json::to_value(&found.metadata)?);
        self.learn_capabilities(row)
    }

    /// Writes what was learned of an issuer to its configuration, unless that names another one by now.
    pub(crate) fn keep_learned(
        self,
        id: Uuid,
        asked: &str,
        learned: ConfigurationRow,
    ) -> Result<ConfigurationRow, CoreError> {
        Ok(self.app.vault()?.change_configuration(id, &[], |kept| {
            learn(kept, asked, learned);
        })?)
    }

    pub(crate) fn learn_capabilities(self, row: &mut ConfigurationRow) -> Result<(), CoreError> {
        let sheet = self.provider(row)?.capabilities();
        row.capabilities = Some(serde_json::to_value(sheet)?);
        Ok(())
    }

    pub(crate) fn stored_report(
        self,
        row: &ConfigurationRow,
    ) -> Result<Option<VerifyReport>, CoreError> {
        let stored: Option<StoredReport> =
            row.verify.clone().map(serde_json::from_value).transpose()?;
        stored
            .map(|stored| self.report_view(&stored, row))
            .transpose()
    }

    /// What the first step that failed found, where the last Verify failed.
    pub(crate) fn verify_problem(
        self,
        row: &ConfigurationRow,
    ) -> Result<Option<String>, CoreError> {
        if row.verify_state != VerifyState::Failed {
            return Ok(None);
        }
        let report = self.stored_report(row)?;
        let mut steps = report.into_iter().flat_map(|report| report.steps);
        Ok(steps
            .find(|step| step.state == crate::configurations::types::StepState::Failed)
            .map(|step| step.message.unwrap_or(step.title)))
    }

    fn report_view(
        self,
        stored: &StoredReport,
        row: &ConfigurationRow,
    ) -> Result<VerifyReport, CoreError> {
        let config = self.provider_config(row)?;
        let hosts = hosts::listed(&config, &stored.managed_hosts);
        let keys_refused = stored.steps.iter().any(off_the_public_network);
        let unconfirmed = hosts
            .iter()
            .filter(|one| !one.confirmed && (one.secrets || keys_refused));
        Ok(VerifyReport {
            ok: stored
                .steps
                .iter()
                .all(|step| step.state != StepState::Failed),
            steps: stored
                .steps
                .iter()
                .map(|step| self.step_view(step, Some(&row.name)))
                .collect(),
            unconfirmed_hosts: unconfirmed.map(|one| one.host.clone()).collect(),
            verified_at: stored.verified_at,
            hosts,
        })
    }

    /// A step in the user's language; its advice names the configuration in a command, where there is one.
    pub(crate) fn step_view(
        self,
        step: &VerifyStep,
        configuration: Option<&str>,
    ) -> VerifyStepView {
        let lang = self.app.lang();
        let config = configuration.map_or_else(|| "NAME".to_owned(), shell_words::quoted);
        let name = step.name.as_str();
        let (key, blanks) = step.finding.as_ref().map(finding_words).unwrap_or_default();
        let blanks: Vec<(&str, String)> = blanks
            .iter()
            .map(|(name, value)| match name.as_str() {
                "setting" => ("setting", self.app.setting_name(value)),
                // The argument of a command.
                "address" => ("address", shell_words::quoted(value)),
                name => (name, value.clone()),
            })
            .collect();
        let blanks: Vec<(&str, &str)> = blanks
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let attention = matches!(step.state, StepState::Failed | StepState::Warning);
        VerifyStepView {
            name: name.to_owned(),
            title: self.app.translate(Family::Step.key(name), &[]),
            state: match step.state {
                StepState::Waiting => super::types::StepState::Waiting,
                StepState::Running => super::types::StepState::Running,
                StepState::Passed => super::types::StepState::Passed,
                StepState::Warning => super::types::StepState::Warning,
                StepState::Failed => super::types::StepState::Failed,
                StepState::Skipped => super::types::StepState::Skipped,
            },
            elapsed_ms: step.elapsed_ms,
            message: try_translate(lang, Family::Finding.key(&key), &blanks),
            fix: attention
                .then(|| {
                    let blanks = [&blanks[..], &[("config", &config)]].concat();
                    self.app
                        .try_say_here(&Family::Fix.key(format!("{name}.{key}")), &blanks)
                        .or_else(|| self.app.try_say_here(&Family::Fix.key(key), &blanks))
                })
                .flatten(),
            words: step.words.clone().map(ProviderWordsView::from),
            exchange: step.exchange.map(|id| id.to_string()),
        }
    }
}

/// Takes the issuer from its document, where a well-known address or a spelling without the final slash
/// was typed: tokens name it so. A document that is found only at the typed address keeps that address.
fn take_issuer(row: &mut ConfigurationRow, metadata: &ServerMetadata) {
    if discover::leads_to(&row.issuer, metadata) {
        row.issuer.clone_from(&metadata.issuer);
    }
}

/// Writes what was learned of an issuer into the configuration as it is stored now. False where its issuer
/// was changed meanwhile: this says nothing about another one.
fn learn(kept: &mut ConfigurationRow, asked: &str, learned: ConfigurationRow) -> bool {
    if kept.issuer != asked {
        return false;
    }
    kept.issuer = learned.issuer;
    kept.metadata = learned.metadata;
    kept.capabilities = learned.capabilities;
    true
}

/// Every place of metadata answered, and none with metadata. Metadata that is not believed is not passed over.
fn publishes_none(error: &CoreError) -> bool {
    matches!(
        error,
        CoreError::Provider {
            source: ProviderError::Discovery(
                DiscoveryError::Status { .. } | DiscoveryError::NotMetadata { .. }
            ),
            ..
        }
    )
}

/// A host that only the server names was not asked, because of its address: the user may confirm it.
fn off_the_public_network(step: &VerifyStep) -> bool {
    matches!(
        &step.finding,
        Some(Finding::Failure { code, .. }) if matches!(code.as_str(), "private_address" | "shared_address")
    )
}

fn exit_code(verification: &Verification) -> u8 {
    match verification.failure {
        _ if verification.ok() => 0,
        Some(FailureKind::Network) => 6,
        Some(FailureKind::Security) => 8,
        Some(FailureKind::Refused) | None => 5,
    }
}

/// Before the code of a failure of the wire or of discovery.
pub(crate) const FAILURE: &str = "failure_";

codes! {
    /// What a step of Verify found that every adapter has: the code of its sentence.
    pub(crate) enum FindingCode {
        DocumentAt = "document_at",
        IssuerMatches = "issuer_matches",
        IssuerDiffers = "issuer_differs",
        HostsNamed = "hosts_named",
        HostsToConfirm = "hosts_to_confirm",
        EndpointAt = "endpoint_at",
        EndpointMissing = "endpoint_missing",
        TokenSet = "token_set",
        TokenNotSet = "token_not_set",
        RefusesUnregistered = "refuses_strangers",
        AnswersOddly = "answers_oddly",
        KeysNone = "keys_none",
        Keys = "keys",
        NoKeySet = "no_key_set",
        NotTried = "not_tried",
    }
}

/// Code of the sentence, and its blanks.
fn finding_words(finding: &Finding) -> (String, Vec<(String, String)>) {
    let plain = |code: FindingCode| (code.as_str().to_owned(), Vec::new());
    let with = |code: FindingCode, blanks: &[(&str, &str)]| {
        let blanks = blanks.iter();
        let owned = blanks.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        (code.as_str().to_owned(), owned.collect())
    };
    match finding {
        Finding::DocumentAt { url } => with(FindingCode::DocumentAt, &[("url", url)]),
        Finding::IssuerMatches => plain(FindingCode::IssuerMatches),
        Finding::IssuerDiffers { answered } => {
            with(FindingCode::IssuerDiffers, &[("answered", answered)])
        }
        Finding::Failure {
            code,
            subject,
            detail,
        } => {
            let blanks = [
                ("subject", subject.clone()),
                ("detail", detail.clone().unwrap_or_default()),
            ];
            let blanks = blanks.map(|(name, value)| (name.to_owned(), value));
            (format!("{FAILURE}{code}"), blanks.into())
        }
        Finding::HostsNamed => plain(FindingCode::HostsNamed),
        Finding::HostsToConfirm { hosts } => with(FindingCode::HostsToConfirm, &[("hosts", hosts)]),
        Finding::EndpointAt { url } => with(FindingCode::EndpointAt, &[("url", url)]),
        Finding::EndpointMissing => plain(FindingCode::EndpointMissing),
        Finding::TokenSet => plain(FindingCode::TokenSet),
        Finding::TokenNotSet => plain(FindingCode::TokenNotSet),
        Finding::RefusesStrangers => plain(FindingCode::RefusesUnregistered),
        Finding::AnswersOddly => plain(FindingCode::AnswersOddly),
        Finding::Keys { total: 0, .. } => plain(FindingCode::KeysNone),
        Finding::Keys { usable, total } => with(
            FindingCode::Keys,
            &[
                ("usable", &usable.to_string()),
                ("total", &total.to_string()),
            ],
        ),
        Finding::NoKeySet => plain(FindingCode::NoKeySet),
        Finding::NotTried => plain(FindingCode::NotTried),
        Finding::Told { key, blanks } => (
            key.to_string(),
            blanks.clone().into_iter().collect::<Vec<_>>(),
        ),
    }
}
