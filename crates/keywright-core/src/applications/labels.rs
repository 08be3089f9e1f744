//! Labels of applications: the user's own, kept here alone.

use crate::{
    CoreError,
    app::runtime::small,
    applications::{Applications, types::LabelCount},
    configurations::input::checked_name,
};

impl Applications<'_> {
    /// Every label in use; the most used first.
    pub fn labels(self) -> Result<Vec<LabelCount>, CoreError> {
        let labels = self.app.vault()?.labels()?.into_iter();
        Ok(labels
            .map(|(label, count)| LabelCount {
                label,
                count: small(count),
            })
            .collect())
    }

    /// Adds labels to applications and takes others away. All labels are checked before the first application is
    /// changed; one that an application has already, or does not have, is fine.
    pub fn change_labels(
        self,
        wanted: &[String],
        add: &[String],
        remove: &[String],
    ) -> Result<(), CoreError> {
        let add = add
            .iter()
            .map(|label| checked_name(label))
            .collect::<Result<Vec<_>, _>>()?;
        let rows = wanted
            .iter()
            .map(|one| self.app.application_row(one))
            .collect::<Result<Vec<_>, _>>()?;
        let vault = self.app.vault()?;
        let now = self.app.now();
        for row in rows {
            vault.change_application(row.id, &[], |row| {
                row.labels.retain(|label| !remove.contains(label));
                for label in &add {
                    if !row.labels.contains(label) {
                        row.labels.push(label.clone());
                    }
                }
                row.updated_at = now;
            })?;
        }
        Ok(())
    }
}
