//! The capability sheet in the user's language, as Markdown and as JSON.

use std::fmt::Write as _;

use keywright_oauth::server_metadata::ServerMetadata;
use keywright_providers::{
    CapabilitySheet, Reason, Verdict,
    offers::{self, Offer},
};
use keywright_vault::{ConfigurationRow, VerifyState};

use crate::{
    CoreError,
    configurations::{
        Configurations,
        types::{CapabilityLineView, CapabilitySheetView, FapiView, VerdictView},
    },
    error::input_problem::InputProblem,
    i18n::key::{Family, Key},
    i18n::{Lang, translate},
};

impl Configurations<'_> {
    /// The sheet of a configuration, as far as is known.
    pub fn capability_sheet(self, wanted: &str) -> Result<CapabilitySheetView, CoreError> {
        let row = self.row(wanted)?;
        let sheet = self.provider(&row)?.capabilities();
        Ok(self.sheet_view(&row, &sheet))
    }

    /// The sheet as `markdown` or `json`.
    pub fn export_capabilities(self, wanted: &str, format: &str) -> Result<String, CoreError> {
        let sheet = self.capability_sheet(wanted)?;
        match format {
            "json" => Ok(serde_json::to_string_pretty(&sheet)?),
            "markdown" => Ok(self.sheet_markdown(&sheet)),
            other => Err(CoreError::Input {
                what: InputProblem::ExportFormat,
                detail: other.to_owned(),
            }),
        }
    }

    /// The sheet as a table.
    pub fn sheet_markdown(self, sheet: &CapabilitySheetView) -> String {
        let note = if sheet.checked {
            String::new()
        } else {
            format!("{}\n\n", self.app.translate(Key::SheetNotChecked, &[]))
        };
        let title = |key: Key| self.app.translate(key, &[]);
        let head = format!(
            "| {} | {} | {} |\n|---|---|---|\n",
            title(Key::SheetCapability),
            title(Key::SheetVerdict),
            title(Key::SheetReason)
        );
        let mut out = format!("# {}\n\n{note}{head}", sheet.issuer);
        self.rows(&mut out, &sheet.lines);
        // Writing into a string does not fail.
        let _ = write!(
            out,
            "\n## {}: {}\n\n{head}",
            title(Key::SheetFapi),
            self.verdict_words(sheet.fapi.verdict)
        );
        self.rows(&mut out, &sheet.fapi.lines);
        out
    }

    fn rows(self, out: &mut String, lines: &[CapabilityLineView]) {
        for line in lines {
            let verdict = self.verdict_words(line.verdict);
            let _ = writeln!(out, "| {} | {verdict} | {} |", line.title, line.reason);
        }
    }

    fn verdict_words(self, verdict: VerdictView) -> String {
        let key = match verdict {
            VerdictView::Yes => Key::VerdictYes,
            VerdictView::Partly => Key::VerdictPartly,
            VerdictView::No => Key::VerdictNo,
            VerdictView::Unknown => Key::VerdictUnknown,
        };
        self.app.translate(key, &[])
    }

    pub(crate) fn sheet_view(
        self,
        row: &ConfigurationRow,
        sheet: &CapabilitySheet,
    ) -> CapabilitySheetView {
        let config = Self::public_config(row).ok();
        self.sheet_lines(
            row.issuer.clone(),
            row.provider.clone(),
            row.verified_at.unwrap_or(row.updated_at),
            matches!(row.verify_state, VerifyState::Ok | VerifyState::Warning),
            sheet,
            config.and_then(|config| config.metadata).as_ref(),
        )
    }

    pub(crate) fn sheet_lines(
        self,
        issuer: String,
        provider: String,
        checked_at: i64,
        checked: bool,
        sheet: &CapabilitySheet,
        metadata: Option<&ServerMetadata>,
    ) -> CapabilitySheetView {
        let mut lines: Vec<CapabilityLineView> = sheet
            .lines
            .iter()
            .map(|line| CapabilityLineView {
                capability: line.capability.as_str().to_owned(),
                title: self
                    .app
                    .translate(Family::Capability.key(line.capability.as_str()), &[]),
                verdict: verdict_view(line.verdict),
                reason: reason_words(self.app.lang(), &line.reason),
            })
            .collect();
        let offers = offers::offers(metadata);
        lines.extend(offers.iter().map(|one| self.offer_view(one)));
        let fapi = offers::fapi(metadata);
        CapabilitySheetView {
            issuer,
            provider,
            checked_at,
            checked,
            lines,
            fapi: FapiView {
                verdict: verdict_view(offers::overall(&fapi)),
                lines: fapi.iter().map(|one| self.offer_view(one)).collect(),
            },
        }
    }

    fn offer_view(self, offer: &Offer) -> CapabilityLineView {
        CapabilityLineView {
            capability: offer.key.to_owned(),
            title: self.app.translate(Family::Offer.key(offer.key), &[]),
            verdict: verdict_view(offer.verdict),
            reason: reason_words(self.app.lang(), &offer.reason),
        }
    }
}

fn verdict_view(verdict: Verdict) -> VerdictView {
    match verdict {
        Verdict::Yes => VerdictView::Yes,
        Verdict::Partly => VerdictView::Partly,
        Verdict::No => VerdictView::No,
        Verdict::Unknown => VerdictView::Unknown,
    }
}

/// Why a provider cannot do something, in the user's language.
pub(crate) fn reason_words(lang: Lang, reason: &Reason) -> String {
    let blanks: Vec<(&str, &str)> = reason
        .blanks()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    translate(lang, Family::Reason.key(reason.as_str()), &blanks)
}
