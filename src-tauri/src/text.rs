//! The messages of the window's shell alone: `messages/desktop.yml`. The pages have files of their own.

keywright_core::messages! {
    /// A message of the tray, of a notice or of a dialog.
    pub(crate) enum Key {
        BackupFileKind = "backup.file_kind",
        NoticeCopied = "notice.copied",
        NoticeCopiedClears = "notice.copied_clears",
        NoticeExpiresMany = "notice.expires_many",
        NoticeExpiresTitle = "notice.expires_title",
        TrayCopyToken = "tray.copy_token",
        TrayFaults = "tray.faults",
        TrayFaultsOne = "tray.faults_one",
        TrayLock = "tray.lock",
        TrayLocked = "tray.locked",
        TrayMissing = "tray.missing",
        TrayOpen = "tray.open",
        TrayPresenter = "tray.presenter",
        TrayQuickAccess = "tray.quick_access",
        TrayQuit = "tray.quit",
        TrayUnlock = "tray.unlock",
        TrayUnlocked = "tray.unlocked",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::{collections::BTreeSet, fs};

    use keywright_core::{Lang, MessageKey, translate};

    use super::*;

    /// Keys of errors and of notices with a number of days belong to the core.
    fn is_of_the_core(key: &str) -> bool {
        key.starts_with("error.")
            || key
                .strip_prefix("notice.expires_")
                .is_some_and(|days| days.parse::<u32>().is_ok())
    }

    #[test]
    fn messages_of_the_shell_are_there_and_used() {
        let text = fs::read_to_string("../crates/keywright-core/messages/desktop.yml").unwrap();
        let defined: BTreeSet<&str> = text
            .lines()
            .filter(|line| !line.starts_with([' ', '#', '_']))
            .filter_map(|line| Some(line.split_once(':')?.0))
            .filter(|key| !is_of_the_core(key))
            .collect();
        let keys: Vec<MessageKey> = Key::ALL.iter().copied().map(MessageKey::from).collect();
        assert_eq!(defined, keys.iter().map(MessageKey::as_str).collect());
        for key in &keys {
            for lang in [Lang::En, Lang::Ja] {
                assert_ne!(translate(lang, key.clone(), &[]), key.as_str());
            }
        }
    }
}
