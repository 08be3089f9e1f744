//! The audit log: what was revealed, copied, handed out or changed, and by which program.

use keywright_vault::{AuditFault, AuditLine};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    CoreError, Keywright,
    app::{
        conversions::id,
        runtime::small,
        types::{AuditCheckView, AuditLineView, AuditPage, AuditQuery},
    },
    i18n::translate,
};

impl Keywright {
    /// Writes a line. `subject` is the id of an application where there is one.
    pub(crate) fn audit(
        &self,
        action: &str,
        subject: &str,
        detail: Value,
    ) -> Result<(), CoreError> {
        self.vault()?
            .audit_append(&self.audit_line(action, subject, detail))?;
        Ok(())
    }

    /// A line of the log, by this program and of now.
    pub(crate) fn audit_line(&self, action: &str, subject: &str, detail: Value) -> AuditLine {
        AuditLine {
            at_ms: self.0.clock.now_ms(),
            actor: self.0.actor.as_str().to_owned(),
            action: action.to_owned(),
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
            None => "audit_check.ok",
            Some(AuditFault::Line) => "audit_check.line",
            Some(AuditFault::End) => "audit_check.end",
            Some(AuditFault::Seal) => "audit_check.seal",
            Some(AuditFault::Earlier) => "audit_check.earlier",
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
        let vault = self.vault()?;
        let application: Option<Uuid> = query
            .application_id
            .as_deref()
            .map(|text| id("application", text))
            .transpose()?;
        let total = vault.audit_count(application)?;
        let lines =
            vault.audit_tail(u64::from(query.limit), u64::from(query.offset), application)?;
        let lang = self.lang();
        let items = lines
            .into_iter()
            .map(|entry| {
                let text = |name: &str| {
                    entry
                        .line
                        .detail
                        .get(name)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                let actor = translate(lang, &format!("actor.{}", entry.line.actor), &[]);
                let (name, form) = (text("name"), text("form"));
                let blanks: [(&str, &str); 3] =
                    [("name", &name), ("form", &form), ("actor", &actor)];
                AuditLineView {
                    sequence: small(entry.seq),
                    at: entry.line.at_ms.div_euclid(1000),
                    actor: entry.line.actor.clone(),
                    text: translate(lang, &format!("audit.{}", entry.line.action), &blanks),
                    action: entry.line.action,
                }
            })
            .collect();
        Ok(AuditPage {
            items,
            total: small(total),
        })
    }
}
