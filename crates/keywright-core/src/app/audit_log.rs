//! The audit log: what was revealed, copied, handed out or changed, and by which program.

use std::{fmt::Write as _, path::Path};

use keywright_vault::{AuditEntry, AuditFault, AuditFilter, AuditLine};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    CoreError, Keywright, Thing,
    app::{
        audit_action::AuditAction,
        conversions::id,
        runtime::small,
        saved_files::save_file,
        types::{AuditCheckView, AuditLineView, AuditPage, AuditQuery},
    },
    i18n::key::{Family, Key},
    i18n::translate,
};

impl Keywright {
    /// Writes a line. `subject` is the id of an application where there is one.
    pub(crate) fn audit(
        &self,
        action: AuditAction,
        subject: &str,
        detail: Value,
    ) -> Result<(), CoreError> {
        self.vault()?
            .audit_append(&self.audit_line(action, subject, detail))?;
        Ok(())
    }

    /// A line of the log, by this program and of now.
    pub(crate) fn audit_line(
        &self,
        action: AuditAction,
        subject: &str,
        detail: Value,
    ) -> AuditLine {
        AuditLine {
            at_ms: self.0.clock.now_ms(),
            actor: self.0.actor.as_str().to_owned(),
            action: action.as_str().to_owned(),
            subject: subject.to_owned(),
            detail,
        }
    }

    /// Reads the whole log and says whether a line was changed, removed or moved.
    pub fn audit_check(&self) -> Result<AuditCheckView, CoreError> {
        let check = self.vault()?.audit_verify()?;
        let (lines, at) = (
            check.lines.to_string(),
            check.broken_at.unwrap_or_default().to_string(),
        );
        let key = match check.fault {
            None => Key::AuditCheckOk,
            Some(AuditFault::Line) => Key::AuditCheckLine,
            Some(AuditFault::End) => Key::AuditCheckEnd,
            Some(AuditFault::Seal) => Key::AuditCheckSeal,
            Some(AuditFault::Earlier) => Key::AuditCheckEarlier,
        };
        Ok(AuditCheckView {
            ok: check.fault.is_none(),
            lines: small(check.lines),
            broken_at: check.broken_at.map(small),
            message: self.translate(key, &[("lines", &lines), ("at", &at)]),
        })
    }

    /// A window on the audit log, newest first.
    pub fn audit_page(&self, query: &AuditQuery) -> Result<AuditPage, CoreError> {
        let page = self.vault()?.audit_page(
            &filter_of(query)?,
            u64::from(query.limit),
            u64::from(query.offset),
        )?;
        Ok(AuditPage {
            items: page
                .items
                .into_iter()
                .map(|entry| self.line_view(entry))
                .collect(),
            total: small(page.total),
        })
    }

    /// Saves the lines that a query leaves, the oldest first, as a table for a spreadsheet (RFC 4180).
    pub fn save_audit(&self, query: &AuditQuery, to: &Path) -> Result<(), CoreError> {
        let page = self.vault()?.audit_page(&filter_of(query)?, u64::MAX, 0)?;
        let mut table = String::from("number,time,program,action,text\r\n");
        for entry in page.items.into_iter().rev() {
            let (number, at_ms) = (entry.seq, entry.line.at_ms);
            let line = self.line_view(entry);
            let time = OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000))
                .ok()
                .and_then(|at| at.format(&Rfc3339).ok())
                .unwrap_or_default();
            let cells = [&line.actor, &line.action, &line.text].map(|text| cell(text));
            let _ = write!(table, "{number},{time},{}\r\n", cells.join(","));
        }
        save_file(to, table.as_bytes())?;
        self.audit(
            AuditAction::ActivityExported,
            "",
            json!({ "form": "audit log, CSV" }),
        )
    }

    fn line_view(&self, entry: AuditEntry) -> AuditLineView {
        let lang = self.lang();
        let text = |name: &str| {
            let detail = entry.line.detail.get(name).and_then(Value::as_str);
            detail.unwrap_or_default().to_owned()
        };
        let actor = translate(lang, Family::Actor.key(&entry.line.actor), &[]);
        let (name, form) = (text("name"), text("form"));
        let blanks: [(&str, &str); 3] = [("name", &name), ("form", &form), ("actor", &actor)];
        AuditLineView {
            sequence: small(entry.seq),
            at: entry.line.at_ms.div_euclid(1000),
            actor: entry.line.actor.clone(),
            text: translate(lang, Family::Audit.key(&entry.line.action), &blanks),
            action: entry.line.action,
        }
    }
}

fn filter_of(query: &AuditQuery) -> Result<AuditFilter, CoreError> {
    let application_id = query
        .application_id
        .as_deref()
        .map(|text| id(Thing::Application, text))
        .transpose()?;
    let all = AuditAction::ALL.iter();
    let wanted = all.filter(|action| query.kind == Some(action.kind()));
    Ok(AuditFilter {
        application_id,
        actions: wanted.map(|action| action.as_str().to_owned()).collect(),
    })
}

/// A cell of a table. A text that a spreadsheet would take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = text.replace('"', "\"\"");
    format!("\"{}{quoted}\"", if risky { "'" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_is_not_run_as_a_formula() {
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
    }
}
