//! Preferences (a plain file next to the vault: read before it opens, nothing secret in it) and the
//! last place in the window (in the vault, because it names things).

use std::{fs, io::ErrorKind, path::PathBuf};

use serde_json::{Map, Value};

use keywright_oauth::http::{ProxyProblem, check_proxy};
use keywright_vault::{HistoryLimits, VaultHome};

use crate::{
    CoreError, Keywright,
    app::types::Preferences,
    error::input_problem::InputProblem,
    file_kind,
    i18n::{Lang, key::Key},
};

const FILE: &str = "preferences.json";
/// Where a file that cannot be read is kept before it is replaced.
const DAMAGED_FILE: &str = "preferences.damaged.json";

/// The language of the preferences, where one is chosen. They are read before any vault is opened.
pub fn preferred_language(home: &VaultHome) -> Option<Lang> {
    let bytes = fs::read(home.folder().join(FILE)).ok()?;
    parse(&bytes).ok()?.language
}

/// An editor may have put a byte order mark before the text.
fn parse(bytes: &[u8]) -> Result<Preferences, serde_json::Error> {
    let members: Map<String, Value> =
        serde_json::from_str(&file_kind::decode(bytes).unwrap_or_default())?;
    serde_json::from_value(members.into())
}

/// What is used in place of a file that cannot be read: presenter mode, which may have been on, and no less history than
/// can be kept.
fn in_place_of_damaged() -> Preferences {
    Preferences {
        presenter: true,
        activity_entries: MOST_ENTRIES,
        activity_days: MOST_DAYS,
        sessions: MOST_SESSIONS,
        ..Preferences::default()
    }
}

const MOST_ENTRIES: u32 = 100_000;
const MOST_DAYS: u32 = 3_650;
const MOST_SESSIONS: u32 = 10_000;

impl Keywright {
    /// The preferences; without a file, the defaults. A file that cannot be read counts as one with presenter mode on,
    /// because it may have been.
    pub fn preferences(&self) -> Result<Preferences, CoreError> {
        let path = self.preferences_path();
        match fs::read(&path) {
            Ok(bytes) => Ok(parse(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, "the preferences cannot be read");
                in_place_of_damaged()
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Preferences::default()),
            Err(source) => Err(CoreError::File { path, source }),
        }
    }

    /// Why the file of the preferences is not used.
    pub(crate) fn damaged_preferences(&self) -> Option<(PathBuf, serde_json::Error)> {
        let path = self.preferences_path();
        let error = parse(&fs::read(&path).ok()?).err()?;
        Some((path, error))
    }

    /// Why the settings of the file are not used, and what can be done, in the user's language.
    pub fn settings_problem(&self) -> Option<String> {
        let (path, error) = self.damaged_preferences()?;
        let (path, why) = (path.display().to_string(), error.to_string());
        let blanks = [("path", path.as_str()), ("why", why.as_str())];
        Some(self.translate(Key::DoctorPreferencesDamaged, &blanks))
    }

    /// Keeps what differs between two states of the preferences; what another program changed meanwhile stays. Numbers
    /// out of range are brought into it. History beyond new limits is deleted, at once where the vault is open.
    pub fn change_preferences(
        &self,
        before: &Preferences,
        after: &Preferences,
    ) -> Result<Preferences, CoreError> {
        let mut kept = Preferences::default();
        self.keep_damaged_preferences()?;
        self.0.home.change_file(FILE, |there| {
            let there = there.and_then(|bytes| parse(&bytes).ok());
            kept = in_range(merged(before, after, there.as_ref())?)?;
            Ok::<_, CoreError>(serde_json::to_vec_pretty(&kept)?)
        })?;
        if let Some(lang) = kept.language {
            self.set_lang(lang);
        }
        if self.vault().is_ok() {
            self.housekeep()?;
        }
        Ok(kept)
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

    /// A file that cannot be read may still tell a person which proxy was set: it is not overwritten.
    fn keep_damaged_preferences(&self) -> Result<(), CoreError> {
        let Some((path, _)) = self.damaged_preferences() else {
            return Ok(());
        };
        let damaged = fs::read(&path).map_err(|source| CoreError::File { path, source })?;
        // The first one is kept: what was saved after it has its defaults.
        self.0.home.change_file(DAMAGED_FILE, |first| {
            Ok::<_, CoreError>(first.unwrap_or(damaged))
        })
    }

    fn preferences_path(&self) -> PathBuf {
        self.0.home.folder().join(FILE)
    }
}

/// `there` with the members that differ between `before` and `after`.
fn merged(
    before: &Preferences,
    after: &Preferences,
    there: Option<&Preferences>,
) -> Result<Preferences, serde_json::Error> {
    let Some(there) = there else {
        return Ok(after.clone());
    };
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let mut merged = serde_json::to_value(there)?;
    for (name, value) in after.as_object().into_iter().flatten() {
        if before.get(name) != Some(value)
            && let Some(member) = merged.get_mut(name)
        {
            *member = value.clone();
        }
    }
    serde_json::from_value(merged)
}

fn in_range(mut preferences: Preferences) -> Result<Preferences, CoreError> {
    preferences.clipboard_clear_secs = preferences
        .clipboard_clear_secs
        .map(|seconds| seconds.clamp(5, 120));
    preferences.auto_lock_minutes = preferences.auto_lock_minutes.min(24 * 60);
    preferences.activity_entries = preferences.activity_entries.clamp(100, MOST_ENTRIES);
    preferences.activity_days = preferences.activity_days.clamp(1, MOST_DAYS);
    preferences.sessions = preferences.sessions.clamp(10, MOST_SESSIONS);
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
    Ok(preferences)
}

/// What is wrong with the address of a proxy.
pub(crate) fn proxy_error(problem: ProxyProblem) -> InputProblem {
    match problem {
        ProxyProblem::NotAnAddress => InputProblem::ProxyAddress,
        ProxyProblem::Credentials => InputProblem::ProxyCredentials,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn f09_a_preference_that_another_program_changed_stays() {
        let before = Preferences::default();
        let one = Preferences {
            sessions: 501,
            ..before.clone()
        };
        let other = Preferences {
            proxy: Some("direct".to_owned()),
            sessions: 20,
            ..before.clone()
        };
        let merged = merged(&before, &one, Some(&other)).unwrap();
        assert_eq!(
            (merged.sessions, merged.proxy),
            (501, Some("direct".to_owned()))
        );
    }

    #[test]
    fn t42_damaged_preferences_reveal_nothing_and_delete_no_history() {
        for damaged in ["", "{", "[]", "{\"presenter\": 1}"] {
            assert!(parse(damaged.as_bytes()).is_err(), "{damaged}");
        }
        let used = in_place_of_damaged();
        assert!(used.presenter);
        assert_eq!(in_range(used.clone()).unwrap(), used);
    }
}
