//! Preferences (a plain file beside the vault: read before it opens, nothing secret in it) and the
//! last place in the window (in the vault, because it names things).

use std::{fs, io::ErrorKind, path::PathBuf};

use serde_json::Value;

use keywright_oauth::http::{ProxyProblem, check_proxy};
use keywright_vault::{HistoryLimits, VaultHome};

use crate::{
    CoreError, Keywright, app::types::Preferences, error::input_problem::InputProblem, file_kind,
    i18n::Lang,
};

/// The language of the preferences, where one is chosen. They are read before any vault is opened.
pub fn preferred_language(home: &VaultHome) -> Option<Lang> {
    let bytes = fs::read(path_in(home)).ok()?;
    let preferences: Preferences = serde_json::from_str(&file_kind::decode(&bytes).ok()?).ok()?;
    preferences.language
}

fn path_in(home: &VaultHome) -> PathBuf {
    home.folder().join("preferences.json")
}

impl Keywright {
    /// The preferences; the defaults where the file is missing or damaged.
    pub fn preferences(&self) -> Result<Preferences, CoreError> {
        let path = self.preferences_path();
        match fs::read(&path) {
            Ok(bytes) => {
                // An editor may have put a byte order mark before the text.
                let text = file_kind::decode(&bytes).unwrap_or_default();
                Ok(serde_json::from_str(&text).unwrap_or_else(|error| {
                    tracing::warn!(%error, "the preferences cannot be read; the defaults are used");
                    Preferences::default()
                }))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Preferences::default()),
            Err(source) => Err(CoreError::File { path, source }),
        }
    }

    /// Keeps preferences. Numbers out of range are brought into it. History beyond new limits is deleted, at once where
    /// the vault is open.
    pub fn set_preferences(&self, mut preferences: Preferences) -> Result<Preferences, CoreError> {
        preferences.clipboard_clear_secs = preferences
            .clipboard_clear_secs
            .map(|seconds| seconds.clamp(5, 120));
        preferences.auto_lock_minutes = preferences.auto_lock_minutes.min(24 * 60);
        preferences.activity_entries = preferences.activity_entries.clamp(100, 100_000);
        preferences.activity_days = preferences.activity_days.clamp(1, 3_650);
        preferences.sessions = preferences.sessions.clamp(10, 10_000);
        preferences.presenter_size = preferences.presenter_size.clamp(125, 175);
        preferences.proxy = preferences
            .proxy
            .map(|proxy| proxy.trim().to_owned())
            .filter(|proxy| !proxy.is_empty());
        if let Some(proxy) = &preferences.proxy {
            check_proxy(proxy).map_err(|problem| CoreError::Input {
                what: proxy_error(problem),
                detail: proxy.clone(),
            })?;
        }
        let path = self.preferences_path();
        let failed = |source| CoreError::File {
            path: path.clone(),
            source,
        };
        let folder = self.0.home.folder();
        fs::create_dir_all(folder).map_err(failed)?;
        let beside = path.with_extension("json.new");
        fs::write(&beside, serde_json::to_vec_pretty(&preferences)?).map_err(failed)?;
        fs::rename(&beside, &path).map_err(failed)?;
        if let Some(lang) = preferences.language {
            self.set_lang(lang);
        }
        if self.vault().is_ok() {
            self.housekeep()?;
        }
        Ok(preferences)
    }

    /// Deletes what is kept for no use: values of expired tokens, and history beyond the limits of the preferences.
    pub fn housekeep(&self) -> Result<(), CoreError> {
        let vault = self.vault()?;
        let preferences = self.preferences()?;
        let limits = HistoryLimits {
            exchanges: preferences.activity_entries,
            exchange_days: preferences.activity_days,
            sessions: preferences.sessions,
        };
        vault.set_history_limits(limits, self.0.clock.now_ms())?;
        vault.wipe_expired_tokens(self.now())?;
        Ok(())
    }

    /// Where the window was, as the window wrote it.
    pub fn place(&self) -> Result<Option<Value>, CoreError> {
        Ok(self.vault()?.kv("window/place")?)
    }

    /// Keeps where the window is.
    pub fn set_place(&self, place: &Value) -> Result<(), CoreError> {
        Ok(self.vault()?.put_kv("window/place", place)?)
    }

    fn preferences_path(&self) -> PathBuf {
        path_in(&self.0.home)
    }
}

/// What is wrong with the address of a proxy.
pub(crate) fn proxy_error(problem: ProxyProblem) -> InputProblem {
    match problem {
        ProxyProblem::NotAnAddress => InputProblem::ProxyAddress,
        ProxyProblem::Credentials => InputProblem::ProxyCredentials,
    }
}
