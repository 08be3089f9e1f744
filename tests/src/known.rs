//! A vault whose secrets a test knows.

use crate::{Cli, Hunt, SandboxProcess};

/// A vault with an application and the secrets that it has.
pub struct Known {
    pub cli: Cli,
    pub sandbox: SandboxProcess,
    pub secrets: Vec<(&'static str, String)>,
}

impl Default for Known {
    fn default() -> Self {
        Self::new()
    }
}

impl Known {
    /// What opens the vault.
    pub const PASSPHRASE: &'static str = "correct horse battery";

    /// With the Sandbox in a process of its own, and an application named `orders` at it.
    pub fn new() -> Self {
        let sandbox = SandboxProcess::start(&[]);
        let cli = Cli::with_vault();
        cli.config("Work", &sandbox.issuer(), &[]);
        cli.register("orders", "Work", &["--scope", "orders:read"])
            .json();
        let mut known = Self {
            cli,
            sandbox,
            secrets: Vec::new(),
        };
        known.learn();
        known
    }

    /// Reads the secrets by another program; the last token is among them.
    pub fn learn(&mut self) {
        let shown = self.cli.run(&["app", "show", "orders", "--reveal"]).json();
        let token = self
            .cli
            .run(&["token", "get", "orders", "--format", "raw"])
            .json();
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        self.secrets = vec![
            ("passphrase", Self::PASSPHRASE.to_owned()),
            ("client secret", text(&shown["client_secret"])),
            (
                "registration token",
                text(&shown["registration"]["access_token"]),
            ),
            ("access token", text(&token["access_token"])),
        ];
    }

    /// The search for all of them.
    pub fn hunt(&self) -> Hunt {
        let all: Vec<(&str, &str)> = self
            .secrets
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Hunt::new(&all)
    }

    /// The value of one of them.
    pub fn value(&self, name: &str) -> &str {
        self.secrets
            .iter()
            .find(|(known, _)| *known == name)
            .map_or_else(
                || panic!("no secret is called {name}"),
                |(_, value)| value.as_str(),
            )
    }
}
