//! The entries of the tray's menu.

use keywright_core::{translate, view::Lang};
use tauri::{
    AppHandle, Wry,
    menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem},
};

use crate::text::Key;

pub(super) const OPEN: &str = "open";
pub(super) const UNLOCK: &str = "unlock";
pub(super) const QUICK_ACCESS: &str = "quick_access";
pub(super) const FAULTS: &str = "faults";
pub(super) const PRESENTER: &str = "presenter";
pub(super) const LOCK: &str = "lock";
pub(super) const QUIT: &str = "quit";
/// Before the id of an application.
pub(super) const COPY: &str = "copy:";

/// Whether the vault is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vault {
    Missing,
    Locked,
    Unlocked,
}

/// What the menu depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    pub(super) vault: Vault,
    /// Id, and the name as it may be shown.
    pub(super) pinned: Vec<(String, String)>,
    /// Faults of the Sandbox that are on.
    pub(super) faults: u32,
    pub(super) presenter: bool,
    pub(super) lang: Lang,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Separator,
    /// It can be read and not chosen.
    Label(String),
    Item {
        id: String,
        text: String,
    },
    Check {
        id: String,
        text: String,
        on: bool,
    },
}

impl Snapshot {
    pub(super) fn entries(&self) -> Vec<Entry> {
        let text = |key: Key| translate(self.lang, key, &[]);
        let item = |id: &str, key: Key| Entry::Item {
            id: id.to_owned(),
            text: text(key),
        };
        let open = || item(OPEN, Key::TrayOpen);
        let state = match self.vault {
            Vault::Missing => Key::TrayMissing,
            Vault::Locked => Key::TrayLocked,
            Vault::Unlocked => Key::TrayUnlocked,
        };
        let mut entries = vec![Entry::Label(text(state)), Entry::Separator];
        match self.vault {
            Vault::Missing => entries.push(open()),
            Vault::Locked => entries.extend([open(), item(UNLOCK, Key::TrayUnlock)]),
            Vault::Unlocked => {
                entries.extend([item(QUICK_ACCESS, Key::TrayQuickAccess), Entry::Separator]);
                if !self.pinned.is_empty() {
                    entries.push(Entry::Label(text(Key::TrayCopyToken)));
                    entries.extend(self.pinned.iter().map(|(id, name)| Entry::Item {
                        id: format!("{COPY}{id}"),
                        text: plain(name),
                    }));
                    entries.push(Entry::Separator);
                }
                if self.faults > 0 {
                    entries.push(Entry::Item {
                        id: FAULTS.to_owned(),
                        text: self.faults_text(),
                    });
                }
                entries.push(Entry::Check {
                    id: PRESENTER.to_owned(),
                    text: text(Key::TrayPresenter),
                    on: self.presenter,
                });
                entries.extend([Entry::Separator, open(), item(LOCK, Key::TrayLock)]);
            }
        }
        entries.push(item(QUIT, Key::TrayQuit));
        entries
    }

    fn faults_text(&self) -> String {
        if self.faults == 1 {
            return translate(self.lang, Key::TrayFaultsOne, &[]);
        }
        translate(
            self.lang,
            Key::TrayFaults,
            &[("n", &self.faults.to_string())],
        )
    }
}

/// A menu takes `&` for the mark of an access key.
fn plain(name: &str) -> String {
    name.replace('&', "&&")
}

/// The entries as a menu of the system.
pub(super) fn build(app: &AppHandle, entries: &[Entry]) -> tauri::Result<Menu<Wry>> {
    let menu = Menu::new(app)?;
    for entry in entries {
        match entry {
            Entry::Separator => menu.append(&PredefinedMenuItem::separator(app)?)?,
            Entry::Label(text) => {
                menu.append(&MenuItem::new(app, text, false, None::<&str>)?)?;
            }
            Entry::Item { id, text } => {
                menu.append(&MenuItem::with_id(app, id, text, true, None::<&str>)?)?;
            }
            Entry::Check { id, text, on } => {
                let item = CheckMenuItem::with_id(app, id, text, true, *on, None::<&str>)?;
                menu.append(&item)?;
            }
        }
    }
    Ok(menu)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(vault: Vault) -> Snapshot {
        Snapshot {
            vault,
            pinned: vec![("1".into(), "orders & co".into())],
            faults: 2,
            presenter: true,
            lang: Lang::En,
        }
    }

    fn ids(entries: &[Entry]) -> Vec<&str> {
        entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Item { id, .. } | Entry::Check { id, .. } => Some(id.as_str()),
                Entry::Separator | Entry::Label(_) => None,
            })
            .collect()
    }

    #[test]
    fn a_locked_vault_offers_open_unlock_quit_alone() {
        assert_eq!(
            ids(&snapshot(Vault::Locked).entries()),
            [OPEN, UNLOCK, QUIT]
        );
        assert_eq!(ids(&snapshot(Vault::Missing).entries()), [OPEN, QUIT]);
    }

    #[test]
    fn an_open_vault_offers_everything_in_order() {
        let entries = snapshot(Vault::Unlocked).entries();
        assert_eq!(
            ids(&entries),
            [QUICK_ACCESS, "copy:1", FAULTS, PRESENTER, OPEN, LOCK, QUIT]
        );
        let on = entries
            .iter()
            .any(|entry| matches!(entry, Entry::Check { on: true, .. }));
        assert!(on, "presenter mode has its tick");
        let named = entries
            .iter()
            .any(|entry| matches!(entry, Entry::Item { text, .. } if text == "orders && co"));
        assert!(named, "an ampersand stays an ampersand");
    }

    #[test]
    fn every_entry_has_a_text_in_both_languages() {
        for lang in [Lang::En, Lang::Ja] {
            for vault in [Vault::Missing, Vault::Locked, Vault::Unlocked] {
                let entries = Snapshot {
                    lang,
                    ..snapshot(vault)
                }
                .entries();
                for entry in entries {
                    if let Entry::Item { text, .. } | Entry::Label(text) = entry {
                        assert!(!text.starts_with("tray."), "{text}");
                    }
                }
            }
        }
    }
}
