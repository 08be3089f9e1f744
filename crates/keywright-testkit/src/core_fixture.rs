//! The core in a vault of its own, with a Sandbox in this process.

use std::path::PathBuf;

use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultHome,
    view::{
        ApplicationView, CallAuth, CallInput, ConfigurationInput, ConfigurationView, Draft,
        InitVault,
    },
};
use keywright_sandbox::{Personality, PersonalityInfo, Sandbox, SandboxOptions};
use tempfile::TempDir;

/// A vault, the core over it, and a Sandbox.
pub struct CoreFixture {
    /// The core, with the vault open.
    pub keywright: Keywright,
    /// The Sandbox, with all of its personalities.
    pub sandbox: Sandbox,
    folder: TempDir,
}

impl CoreFixture {
    /// The passphrase of the vault.
    pub const PASSPHRASE: &str = "correct horse battery";

    /// A new vault, open, with nothing in it.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path().join("vault")),
            actor: Actor::Cli,
            clock: Clock::system(),
            lang: Lang::En,
        });
        keywright
            .init(InitVault {
                keyring: false,
                passphrase: Some(Self::PASSPHRASE.into()),
            })
            .await
            .expect("a vault");
        let sandbox = Sandbox::start(SandboxOptions::default())
            .await
            .expect("the Sandbox starts");
        Self {
            keywright,
            sandbox,
            folder,
        }
    }

    /// The vault's folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    /// What the Sandbox says of a personality.
    pub fn info(&self, personality: Personality) -> PersonalityInfo {
        self.sandbox
            .info()
            .personalities
            .into_iter()
            .find(|one| one.name == personality.name())
            .expect("every personality is told of")
    }

    /// A configuration that leads to a personality.
    pub fn configure(&self, personality: Personality) -> ConfigurationView {
        let info = self.info(personality);
        self.keywright
            .configurations()
            .save(ConfigurationInput {
                id: None,
                name: info.name,
                provider: info.provider,
                issuer: info.issuer,
                settings: info.set,
                secrets: info.secrets,
            })
            .expect("a configuration")
    }

    /// A machine client with what the personality's API asks of a token.
    pub fn draft(&self, personality: Personality, configuration: &str, name: &str) -> Draft {
        let info = self.info(personality);
        Draft {
            configuration_id: configuration.to_owned(),
            name: name.to_owned(),
            grant_types: vec!["client_credentials".to_owned()],
            scopes: info.scope.into_iter().collect(),
            audience: info.audience,
            ..Draft::default()
        }
    }

    /// A machine client that is registered at a personality.
    pub async fn registered(&self, personality: Personality, name: &str) -> ApplicationView {
        let configuration = self.configure(personality);
        let draft = self.draft(personality, &configuration.id, name);
        let registered = self.keywright.registration().register(draft).await;
        registered.expect("a registration").application
    }

    /// A `GET` of the personality's API by an application.
    pub fn call(&self, personality: Personality, application: &str, auth: CallAuth) -> CallInput {
        CallInput {
            application_id: application.to_owned(),
            method: "GET".into(),
            url: self.info(personality).api_url,
            headers: Vec::new(),
            body: None,
            auth,
            resources: Vec::new(),
        }
    }
}
