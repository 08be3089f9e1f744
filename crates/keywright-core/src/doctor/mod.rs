//! What is well on this machine and what is not, each with its fix.

mod clock;
mod files;
mod proxy;

use keywright_vault::{FORMAT_VERSION, KeyringAccess, SlotKind, Vault, VaultError};

use crate::{
    CoreError, Keywright,
    codes::codes,
    i18n::key::{Family, Key, MessageKey},
    i18n::translate,
    vault::{
        backup::LAST_BACKUP,
        backup_types::{CheckState, DoctorCheck, DoctorReport},
        key_slots::list,
    },
};

/// After this many days without a backup one is due.
const BACKUP_DUE_DAYS: i64 = 30;
const DAY: i64 = 24 * 60 * 60;

codes! {
    /// What is looked at: the name of a check in the report.
    pub(crate) enum Check {
        Versions = "versions",
        FolderPrivate = "folder_private",
        Disk = "disk",
        VaultExists = "vault_exists",
        VaultOpens = "vault_opens",
        VaultWhole = "vault_whole",
        KeyringAnswers = "keyring_answers",
        Proxy = "proxy",
        Preferences = "preferences",
        NothingPending = "nothing_pending",
        LastBackup = "last_backup",
        AuditLog = "audit_log",
        Clock = "clock",
    }
}

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
            Check::Versions,
            CheckState::Ok,
            Key::DoctorVersionsAre,
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
        let folder = self.0.home.folder().display().to_string();
        let aside = self.home().set_aside().unwrap_or_default();
        let names = list(&aside);
        let (state, key, what) = match self.home().missing() {
            None if aside.is_empty() => (CheckState::Ok, Key::DoctorVaultThere, String::new()),
            None => (CheckState::Warn, Key::DoctorVaultAside, names),
            Some(VaultError::HeaderMissing { database }) => (
                CheckState::Bad,
                Key::DoctorVaultHeaderless,
                database.display().to_string(),
            ),
            Some(_) => (CheckState::Bad, Key::DoctorVaultMissing, String::new()),
        };
        let blanks = [("folder", folder.as_str()), ("what", &what)];
        found.add(Check::VaultExists, state, key, &blanks);
        let why = not_opened.map(|error| error.view(self.lang(), self.0.actor));
        match (&why, self.vault()) {
            (_, Ok(vault)) => {
                found.add(
                    Check::VaultOpens,
                    CheckState::Ok,
                    Key::DoctorVaultOpensWell,
                    &[],
                );
                let (state, key) = if vault.is_whole()? {
                    (CheckState::Ok, Key::DoctorWholeIs)
                } else {
                    (CheckState::Bad, Key::DoctorWholeNot)
                };
                found.add(Check::VaultWhole, state, key, &[]);
            }
            (Some(why), Err(_)) => {
                found.checks.push(DoctorCheck {
                    name: Check::VaultOpens.as_str().to_owned(),
                    state: CheckState::Bad,
                    ok: false,
                    title: self.translate(Family::Doctor.key(Check::VaultOpens.as_str()), &[]),
                    detail: why.message.clone(),
                    fix: why.hint.clone(),
                });
            }
            (None, Err(_)) => {
                found.add(
                    Check::VaultOpens,
                    CheckState::Bad,
                    Key::DoctorVaultLocked,
                    &[],
                );
            }
        }
        Ok(())
    }

    fn look_at_the_preferences(&self, found: &mut Findings<'_>) {
        let Some((path, error)) = self.damaged_preferences() else {
            found.add(
                Check::Preferences,
                CheckState::Ok,
                Key::DoctorPreferencesRead,
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
            Check::Preferences,
            CheckState::Bad,
            Key::DoctorPreferencesDamaged,
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
            (Ok(_), true) => (CheckState::Ok, Key::DoctorKeyringUsed, String::new()),
            (Ok(_), false) => (CheckState::Ok, Key::DoctorKeyringUnused, String::new()),
            (Err(error), false) => {
                let error = CoreError::from(error).view(self.lang(), self.0.actor);
                (CheckState::Ok, Key::DoctorKeyringNotNeeded, error.message)
            }
            (Err(error), true) => {
                let error = CoreError::from(error).view(self.lang(), self.0.actor);
                (CheckState::Bad, Key::DoctorKeyringSilent, error.message)
            }
        };
        found.add(Check::KeyringAnswers, state, key, &[("why", &why)]);
        Ok(())
    }

    fn look_inside(&self, vault: &Vault, found: &mut Findings<'_>) -> Result<(), CoreError> {
        let pending = vault.journal_pending()?.len();
        let (state, key) = if pending == 0 {
            (CheckState::Ok, Key::DoctorPendingNone)
        } else {
            (CheckState::Warn, Key::DoctorPendingSome)
        };
        found.add(
            Check::NothingPending,
            state,
            key,
            &[("count", &pending.to_string())],
        );

        let last = vault.kv(LAST_BACKUP)?.and_then(|value| value.as_i64());
        let days = last.map(|at| (self.now() - at).max(0) / DAY);
        let (state, key) = match days {
            None => (CheckState::Warn, Key::DoctorBackupNever),
            Some(days) if days > BACKUP_DUE_DAYS => (CheckState::Warn, Key::DoctorBackupOld),
            Some(0) => (CheckState::Ok, Key::DoctorBackupToday),
            Some(_) => (CheckState::Ok, Key::DoctorBackupRecent),
        };
        let days = days.unwrap_or_default().to_string();
        found.add(Check::LastBackup, state, key, &[("days", &days)]);

        let check = self.audit_check()?;
        let (state, key) = if check.ok {
            (CheckState::Ok, Key::DoctorAuditWhole)
        } else {
            (CheckState::Bad, Key::DoctorAuditBroken)
        };
        found.add(Check::AuditLog, state, key, &[("what", &check.message)]);
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

    /// Adds what was found, with the fix for it where there is one.
    fn add(&mut self, check: Check, state: CheckState, key: Key, blanks: &[(&str, &str)]) {
        let lang = self.keywright.lang();
        self.checks.push(DoctorCheck {
            name: check.as_str().to_owned(),
            state,
            ok: state != CheckState::Bad,
            title: translate(lang, Family::Doctor.key(check.as_str()), &[]),
            detail: translate(lang, key, blanks),
            fix: self
                .keywright
                .try_say_here(&MessageKey::from(key).fix(), blanks),
        });
    }
}
