//! What is well on this machine and what is not, each with its fix.

mod clock;
mod files;
mod proxy;

use keywright_vault::{FORMAT_VERSION, KeyringAccess, SlotKind, Vault};

use crate::{
    CoreError, Keywright,
    i18n::translate,
    vault::{
        backup::LAST_BACKUP,
        backup_types::{CheckState, DoctorCheck, DoctorReport},
    },
};

/// After this many days without a backup one is due.
const BACKUP_DUE_DAYS: i64 = 30;
const DAY: i64 = 24 * 60 * 60;

impl Keywright {
    /// Looks at everything. `not_opened` says why the vault could not be opened, where that was tried.
    ///
    /// Asks the servers of the configurations for their time; sends nothing else and changes nothing.
    pub async fn doctor(&self, not_opened: Option<&CoreError>) -> Result<DoctorReport, CoreError> {
        let mut found = Findings::new(self);
        self.look_at_the_vault(&mut found, not_opened)?;
        files::permissions(self.0.home.folder(), &mut found);
        files::disk(self.0.home.folder(), &mut found);
        self.look_at_the_keyring(&mut found)?;
        proxy::look(self, &mut found)?;
        self.look_at_the_preferences(&mut found);
        if let Ok(vault) = self.vault() {
            self.look_inside(&vault, &mut found)?;
            clock::compare(self, &vault, &mut found).await?;
        }
        found.add(
            "versions",
            CheckState::Ok,
            "doctor.versions_are",
            &[
                ("program", env!("CARGO_PKG_VERSION")),
                ("format", &FORMAT_VERSION.to_string()),
                ("sqlite", keywright_vault::sqlite_version()),
            ],
        );
        Ok(DoctorReport {
            ok: found.checks.iter().all(|check| check.ok),
            checks: found.checks,
        })
    }

    fn look_at_the_vault(
        &self,
        found: &mut Findings<'_>,
        not_opened: Option<&CoreError>,
    ) -> Result<(), CoreError> {
        let exists = Vault::exists(&self.0.home);
        let folder = self.0.home.folder().display().to_string();
        let (state, key) = if exists {
            (CheckState::Ok, "doctor.vault_there")
        } else {
            (CheckState::Bad, "doctor.vault_missing")
        };
        found.add("vault_exists", state, key, &[("folder", &folder)]);
        let why = not_opened.map(|error| error.view(self.lang(), self.0.actor));
        match (&why, self.vault()) {
            (_, Ok(vault)) => {
                found.add(
                    "vault_opens",
                    CheckState::Ok,
                    "doctor.vault_opens_well",
                    &[],
                );
                let (state, key) = if vault.is_whole()? {
                    (CheckState::Ok, "doctor.whole_is")
                } else {
                    (CheckState::Bad, "doctor.whole_not")
                };
                found.add("vault_whole", state, key, &[]);
            }
            (Some(why), Err(_)) => {
                found.checks.push(DoctorCheck {
                    name: "vault_opens".to_owned(),
                    state: CheckState::Bad,
                    ok: false,
                    title: self.translate("doctor.vault_opens", &[]),
                    detail: why.message.clone(),
                    fix: why.hint.clone(),
                });
            }
            (None, Err(_)) => {
                found.add("vault_opens", CheckState::Bad, "doctor.vault_locked", &[]);
            }
        }
        Ok(())
    }

    fn look_at_the_preferences(&self, found: &mut Findings<'_>) {
        let Some((path, error)) = self.damaged_preferences() else {
            found.add(
                "preferences",
                CheckState::Ok,
                "doctor.preferences_read",
                &[],
            );
            return;
        };
        let blanks = [
            ("path", path.display().to_string()),
            ("why", error.to_string()),
        ];
        let blanks = blanks.each_ref().map(|(name, text)| (*name, text.as_str()));
        found.add(
            "preferences",
            CheckState::Bad,
            "doctor.preferences_damaged",
            &blanks,
        );
    }

    /// A keyring that does not answer matters only to a vault that needs it.
    fn look_at_the_keyring(&self, found: &mut Findings<'_>) -> Result<(), CoreError> {
        let used = Vault::exists(&self.0.home)
            && Vault::describe(&self.0.home)?
                .slots
                .iter()
                .any(|slot| slot.kind == SlotKind::Keyring);
        let (state, key, why) = match (KeyringAccess::system(), used) {
            (Ok(_), true) => (CheckState::Ok, "doctor.keyring_used", String::new()),
            (Ok(_), false) => (CheckState::Ok, "doctor.keyring_unused", String::new()),
            (Err(error), false) => {
                let error = CoreError::from(error).view(self.lang(), self.0.actor);
                (CheckState::Ok, "doctor.keyring_not_needed", error.message)
            }
            (Err(error), true) => {
                let error = CoreError::from(error).view(self.lang(), self.0.actor);
                (CheckState::Bad, "doctor.keyring_silent", error.message)
            }
        };
        found.add("keyring_answers", state, key, &[("why", &why)]);
        Ok(())
    }

    fn look_inside(&self, vault: &Vault, found: &mut Findings<'_>) -> Result<(), CoreError> {
        let pending = vault.journal_pending()?.len();
        let (state, key) = if pending == 0 {
            (CheckState::Ok, "doctor.pending_none")
        } else {
            (CheckState::Warn, "doctor.pending_some")
        };
        found.add(
            "nothing_pending",
            state,
            key,
            &[("count", &pending.to_string())],
        );

        let last = vault.kv(LAST_BACKUP)?.and_then(|value| value.as_i64());
        let days = last.map(|at| (self.now() - at).max(0) / DAY);
        let (state, key) = match days {
            None => (CheckState::Warn, "doctor.backup_never"),
            Some(days) if days > BACKUP_DUE_DAYS => (CheckState::Warn, "doctor.backup_old"),
            Some(0) => (CheckState::Ok, "doctor.backup_today"),
            Some(_) => (CheckState::Ok, "doctor.backup_recent"),
        };
        let days = days.unwrap_or_default().to_string();
        found.add("last_backup", state, key, &[("days", &days)]);

        let check = self.audit_check()?;
        let (state, key) = if check.ok {
            (CheckState::Ok, "doctor.audit_whole")
        } else {
            (CheckState::Bad, "doctor.audit_broken")
        };
        found.add("audit_log", state, key, &[("what", &check.message)]);
        Ok(())
    }
}

/// What was found so far.
struct Findings<'a> {
    keywright: &'a Keywright,
    checks: Vec<DoctorCheck>,
}

impl<'a> Findings<'a> {
    fn new(keywright: &'a Keywright) -> Self {
        Self {
            keywright,
            checks: Vec::new(),
        }
    }

    /// Adds what was found: its title stands under `doctor.NAME`, its fix beside the finding with `_fix`.
    fn add(&mut self, name: &str, state: CheckState, key: &str, blanks: &[(&str, &str)]) {
        let lang = self.keywright.lang();
        self.checks.push(DoctorCheck {
            name: name.to_owned(),
            state,
            ok: state != CheckState::Bad,
            title: translate(lang, &format!("doctor.{name}"), &[]),
            detail: translate(lang, key, blanks),
            fix: self.keywright.try_say_here(&format!("{key}_fix"), blanks),
        });
    }
}
