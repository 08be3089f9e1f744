//! The capability sheet in the user's language, as Markdown and as JSON.

use std::fmt::Write as _;

use keywright_providers::{CapabilitySheet, Reason, Verdict};
use keywright_vault::{ConfigurationRow, VerifyState};

use crate::{
    CoreError,
    configurations::{
        Configurations,
        types::{CapabilityLineView, CapabilitySheetView, VerdictView},
    },
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
                what: "export_format",
                detail: other.to_owned(),
            }),
        }
    }

    /// The sheet as a table.
    pub fn sheet_markdown(self, sheet: &CapabilitySheetView) -> String {
        let note = if sheet.checked {
            String::new()
        } else {
            format!("{}\n\n", self.app.translate("sheet.not_checked", &[]))
        };
        let mut out = format!(
            "# {}\n\n{note}| {} | {} | {} |\n|---|---|---|\n",
            sheet.issuer,
            self.app.translate("sheet.capability", &[]),
            self.app.translate("sheet.verdict", &[]),
            self.app.translate("sheet.reason", &[]),
        );
        for line in &sheet.lines {
            let verdict = match line.verdict {
                VerdictView::Yes => "yes",
                VerdictView::Partly => "partly",
                VerdictView::No => "no",
                VerdictView::Unknown => "unknown",
            };
            let verdict = self.app.translate(&format!("verdict.{verdict}"), &[]);
            // Writing into a string does not fail.
            let _ = writeln!(out, "| {} | {verdict} | {} |", line.title, line.reason);
        }
        out
    }

    pub(crate) fn sheet_view(
        self,
        row: &ConfigurationRow,
        sheet: &CapabilitySheet,
    ) -> CapabilitySheetView {
        self.sheet_lines(
            row.issuer.clone(),
            row.provider.clone(),
            row.verified_at.unwrap_or(row.updated_at),
            matches!(row.verify_state, VerifyState::Ok | VerifyState::Warning),
            sheet,
        )
    }

    pub(crate) fn sheet_lines(
        self,
        issuer: String,
        provider: String,
        checked_at: i64,
        checked: bool,
        sheet: &CapabilitySheet,
    ) -> CapabilitySheetView {
        let lines = sheet
            .lines
            .iter()
            .map(|line| CapabilityLineView {
                capability: line.capability.as_str().to_owned(),
                title: self
                    .app
                    .translate(&format!("capability.{}", line.capability.as_str()), &[]),
                verdict: match line.verdict {
                    Verdict::Yes => VerdictView::Yes,
                    Verdict::Partly => VerdictView::Partly,
                    Verdict::No => VerdictView::No,
                    Verdict::Unknown => VerdictView::Unknown,
                },
                reason: reason_words(self.app.lang(), &line.reason),
            })
            .collect();
        CapabilitySheetView {
            issuer,
            provider,
            checked_at,
            checked,
            lines,
        }
    }
}

/// Why a provider cannot do something, in the user's language.
pub(crate) fn reason_words(lang: Lang, reason: &Reason) -> String {
    let blanks: Vec<(&str, &str)> = reason
        .blanks()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    translate(lang, &format!("reason.{}", reason.as_str()), &blanks)
}
