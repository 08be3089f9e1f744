//! One provider of the Sandbox, and a vault with one application for each case. A case works on a copy of
//! the vault, so that it may be ruined.

use std::{collections::BTreeSet, fs, path::Path, path::PathBuf};

use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultHome,
    view::{ApplicationQuery, ApplicationSummary, ConfigurationInput, Draft, UnlockInput},
};
use keywright_sandbox::{Personality, PersonalityInfo, Sandbox, SandboxOptions};

use crate::Cli;

/// The name of the configuration.
pub(super) const CONFIG: &str = "Faulty";

pub(super) struct Bench {
    pub(super) personality: Personality,
    pub(super) cli: Cli,
    sandbox: Sandbox,
    made: usize,
}

impl Bench {
    pub(super) async fn new(personality: Personality) -> Self {
        let cli = Cli::with_vault();
        fs::write(
            cli.folder().join("change.json"),
            r#"{"client_name":"changed by the update"}"#,
        )
        .expect("a file");
        let sandbox = Sandbox::start(SandboxOptions::default())
            .await
            .expect("the Sandbox starts");
        let bench = Self {
            personality,
            cli,
            sandbox,
            made: 0,
        };
        let keywright = open(&bench.cli.home())
            .await
            .expect("a new vault opens, where KEYWRIGHT_TEST_FAST_KDF is set here, too");
        let info = bench.info();
        let configuration = keywright
            .configurations()
            .save(ConfigurationInput {
                id: None,
                name: CONFIG.into(),
                provider: info.provider,
                issuer: info.issuer,
                settings: info.set,
                secrets: info.secrets,
            })
            .expect("a configuration");
        // Discovery is done once, as by a user, and not in each case.
        keywright
            .configurations()
            .verify(&configuration.id, |_| {})
            .await
            .expect("the configuration verifies");
        keywright.lock();
        bench
    }

    pub(super) fn info(&self) -> PersonalityInfo {
        self.sandbox
            .info()
            .personalities
            .into_iter()
            .find(|one| one.name == self.personality.name())
            .expect("every personality is told of")
    }

    /// What the personality's API asks of a client, as options of `app register`.
    pub(super) fn aim(&self) -> Vec<String> {
        let info = self.info();
        let scope = info.scope.map(|scope| ["--scope".to_owned(), scope]);
        let audience = info.audience.map(|text| ["--audience".to_owned(), text]);
        scope.into_iter().chain(audience).flatten().collect()
    }

    /// Registers this many applications and gives their names.
    pub(super) async fn applications(&mut self, count: usize) -> Vec<String> {
        let keywright = open(&self.cli.home()).await.expect("the vault opens");
        let info = self.info();
        let configuration = keywright
            .configurations()
            .get(CONFIG)
            .expect("the configuration");
        let mut names = Vec::new();
        for _ in 0..count {
            self.made += 1;
            let name = format!("app-{}", self.made);
            keywright
                .registration()
                .register(Draft {
                    configuration_id: configuration.id.clone(),
                    name: name.clone(),
                    grant_types: vec!["client_credentials".to_owned()],
                    scopes: info.scope.iter().cloned().collect(),
                    audience: info.audience.clone(),
                    ..Draft::default()
                })
                .await
                .expect("the Sandbox registers");
            names.push(name);
        }
        keywright.lock();
        names
    }

    /// A copy of the vault, at rest.
    pub(super) fn copy(&self, name: &str) -> PathBuf {
        let folder = self.cli.folder().join(name);
        copy_folder(&self.cli.home(), &folder);
        folder
    }

    /// The clients that the provider has now.
    pub(super) fn clients(&self) -> BTreeSet<String> {
        let kept = self.sandbox.snapshot();
        kept["state"]["clients"][self.personality.name()]
            .as_object()
            .map(|clients| clients.keys().cloned().collect())
            .unwrap_or_default()
    }
}

/// Opens a vault as the next start of the program would.
pub async fn open(home: &Path) -> Result<Keywright, keywright_core::CoreError> {
    let keywright = Keywright::new(Options {
        home: VaultHome::new(home),
        actor: Actor::Cli,
        clock: Clock::system(),
        lang: Lang::En,
    });
    keywright
        .unlock(UnlockInput {
            passphrase: Some("correct horse battery".into()),
        })
        .await?;
    Ok(keywright)
}

/// The client IDs of all applications of a vault.
pub(super) fn known_clients(keywright: &Keywright) -> BTreeSet<String> {
    all(keywright).map(|one| one.client_id).collect()
}

/// The names of all applications of a vault.
pub fn names(keywright: &Keywright) -> BTreeSet<String> {
    all(keywright).map(|one| one.name).collect()
}

fn all(keywright: &Keywright) -> impl Iterator<Item = ApplicationSummary> {
    let query = ApplicationQuery {
        limit: u32::MAX,
        ..ApplicationQuery::default()
    };
    let page = keywright.applications().list(&query);
    page.expect("the list of applications").items.into_iter()
}

/// Copies the files of a folder, and of the folders in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for item in fs::read_dir(from).expect("a folder") {
        let item = item.expect("a file");
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copy_folder(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).expect("a copy");
        }
    }
}
