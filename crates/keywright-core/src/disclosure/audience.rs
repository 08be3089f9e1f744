//! Presenter mode: an audience that sees the screen sees pseudonyms, not the names of clients, hosts, tenants,
//! applications and configurations.

use std::sync::{MutexGuard, PoisonError};

use serde_json::Value;

use crate::{disclosure::Disclosure, pseudonyms::Pseudonyms};

impl Disclosure<'_> {
    /// Presenter mode is on, or it is not known whether it is.
    pub fn has_audience(self) -> bool {
        self.app
            .preferences()
            .map_or(true, |preferences| preferences.presenter)
    }

    /// What a page gets: with pseudonyms while presenter mode is on. Each name gets the same one in every session on
    /// this vault.
    pub fn for_audience(self, mut value: Value) -> Value {
        if self.has_audience() {
            self.pseudonyms(|pseudonyms| pseudonyms.hide(&mut value));
        }
        value
    }

    /// What a page sends: with the real names again, so that saving and copying work with them. Also after presenter
    /// mode ended, because the pages are loaded again only then.
    pub fn with_real_names(self, mut value: Value) -> Value {
        if let Some(pseudonyms) = self.known().as_ref() {
            pseudonyms.restore(&mut value);
        }
        value
    }

    /// The name of an application as other programs may show and keep it: the tray, the notices of the desktop.
    pub fn application_name(self, name: String) -> String {
        if self.has_audience() {
            self.pseudonyms(|pseudonyms| pseudonyms.application(&name))
        } else {
            name
        }
    }

    /// The pseudonyms of the vault in the folder.
    fn pseudonyms<T>(self, act: impl FnOnce(&mut Pseudonyms) -> T) -> T {
        let vault = self.app.vault_id().ok().flatten();
        let mut known = self.known();
        if known.as_ref().is_some_and(|known| known.vault() != vault) {
            *known = None;
        }
        act(known.get_or_insert_with(|| Pseudonyms::new(vault)))
    }

    fn known(&self) -> MutexGuard<'_, Option<Pseudonyms>> {
        let known = self.app.0.pseudonyms.lock();
        known.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_vault::VaultHome;
    use serde_json::json;

    use crate::{Actor, Clock, Keywright, Lang, Options, view::InitVault};

    async fn made() -> (tempfile::TempDir, Keywright) {
        let folder = tempfile::tempdir().unwrap();
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path().join("vault")),
            actor: Actor::App,
            clock: Clock::system(),
            lang: Lang::En,
        });
        let input = InitVault {
            passphrase: Some("a passphrase of the tests".into()),
            keyring: false,
        };
        keywright.init(input).await.unwrap();
        (folder, keywright)
    }

    fn present(keywright: &Keywright, on: bool) {
        let before = keywright.preferences().unwrap();
        let mut after = before.clone();
        after.presenter = on;
        keywright.change_preferences(&before, &after).unwrap();
    }

    #[tokio::test]
    async fn t42_names_are_replaced_in_presenter_mode_alone() {
        let (_folder, keywright) = made().await;
        let disclosure = keywright.disclosure();
        let value = json!({ "name": "orders-batch", "client_id": "Orders7Client" });
        assert_eq!(disclosure.for_audience(value.clone()), value);
        assert_eq!(
            disclosure.application_name("orders-batch".into()),
            "orders-batch"
        );

        present(&keywright, true);
        let shown = disclosure.for_audience(value.clone());
        assert!(!shown.to_string().contains("rders"), "{shown}");
        assert_eq!(
            disclosure.application_name("orders-batch".into()),
            shown["name"]
        );
        assert_eq!(disclosure.with_real_names(shown.clone()), value);

        present(&keywright, false);
        assert_eq!(disclosure.for_audience(value.clone()), value);
        assert_eq!(
            disclosure.with_real_names(shown),
            value,
            "a page that is not loaded again yet"
        );
    }

    #[tokio::test]
    async fn t42_names_are_forgotten_when_the_vault_locks() {
        let (_folder, keywright) = made().await;
        present(&keywright, true);
        let disclosure = keywright.disclosure();
        let shown = disclosure.for_audience(json!({ "client_id": "Orders7Client" }));
        keywright.lock();
        assert!(disclosure.known().is_none());
        let again = disclosure.for_audience(json!({ "client_id": "Orders7Client" }));
        assert_eq!(again, shown, "the same in every session");
    }

    #[tokio::test]
    async fn t42_names_are_replaced_when_preferences_are_unreadable() {
        let (_folder, keywright) = made().await;
        let file = keywright.home().folder().join("preferences.json");
        std::fs::create_dir_all(file).unwrap();
        let shown = keywright
            .disclosure()
            .for_audience(json!({ "client_id": "Orders7Client" }));
        assert!(!shown.to_string().contains("Orders7Client"), "{shown}");
    }
}
