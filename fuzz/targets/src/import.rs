//! A file of configurations that someone else exported.

use keywright_core::{
    Actor, Clock, ExportedConfiguration, Keywright, Lang, Options, VaultHome, view::InitVault,
};
use tempfile::TempDir;
use tokio::runtime::Builder;

thread_local! {
    static VAULT: (TempDir, Keywright) = {
        let folder = tempfile::tempdir().unwrap();
        let (clock, _) = Clock::manual(1_700_000_000);
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path()),
            actor: Actor::Cli,
            clock,
            lang: Lang::En,
        });
        let init = InitVault { keyring: false, passphrase: Some("only for the fuzzer".into()) };
        Builder::new_current_thread().build().unwrap().block_on(keywright.init(init)).unwrap();
        (folder, keywright)
    };
}

/// All of them are taken in and can be exported again, or none is.
pub fn run(data: &[u8]) {
    let Ok(all) = serde_json::from_slice::<Vec<ExportedConfiguration>>(data) else {
        return;
    };
    // Each is a transaction on the disk: a few show what many would.
    if all.len() > 4 {
        return;
    }
    VAULT.with(|(_, keywright)| {
        let wanted = all.len();
        let taken = keywright.configurations().import(all);
        let there = keywright.configurations().list().unwrap();
        assert_eq!(
            there.len(),
            taken.as_ref().map_or(0, |_| wanted),
            "{:?}",
            taken.err()
        );
        let exported = keywright.configurations().export(&[]).unwrap();
        for one in &there {
            keywright.configurations().remove(&one.id).unwrap();
        }
        // What was exported can be taken in again, and is then the same.
        keywright.configurations().import(exported.clone()).unwrap();
        assert_eq!(keywright.configurations().export(&[]).unwrap(), exported);
        for one in keywright.configurations().list().unwrap() {
            keywright.configurations().remove(&one.id).unwrap();
        }
    });
}
