//! Servers in processes of their own, ended by their own process id when the value is dropped.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::{authority::Authority, program};

/// `keywright sandbox start`.
pub struct SandboxProcess {
    process: Child,
    pub personality: Value,
    personalities: Vec<Value>,
}

impl SandboxProcess {
    pub fn start(more: &[&str]) -> Self {
        let (process, said) = first_line(
            Command::new(program("keywright"))
                .args(["sandbox", "start", "--json"])
                .args(more),
        );
        Self {
            process,
            personality: said["personalities"][0].clone(),
            personalities: said["personalities"]
                .as_array()
                .expect("personalities")
                .clone(),
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it says of one personality.
    pub fn named(&self, name: &str) -> &Value {
        self.personalities
            .iter()
            .find(|one| one["name"] == name)
            .unwrap_or_else(|| panic!("no personality {name}"))
    }

    pub fn issuer(&self) -> String {
        self.personality["issuer"]
            .as_str()
            .expect("an issuer")
            .to_owned()
    }

    pub fn api(&self) -> String {
        self.personality["api_url"]
            .as_str()
            .expect("an API")
            .to_owned()
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// `oidc-provider`, an independent identity provider.
pub struct OidcProvider {
    process: Child,
    pub issuer: String,
    /// An API that takes a token together with its certificate; with mutual TLS alone.
    pub api: Option<String>,
}

impl OidcProvider {
    pub const INITIAL_ACCESS_TOKEN: &'static str = "initial-access-token-of-the-tests-9f2c";

    pub fn open() -> Self {
        Self::start(&[])
    }

    pub fn closed() -> Self {
        Self::start(&[("INITIAL_ACCESS_TOKEN", Self::INITIAL_ACCESS_TOKEN)])
    }

    pub fn with_jwt() -> Self {
        Self::start(&[("JWT_ACCESS_TOKENS", "1")])
    }

    /// With a nonce for each proof of possession (RFC 9449 §8).
    pub fn with_nonces() -> Self {
        Self::start(&[("DPOP_NONCE", "1")])
    }

    /// An update keeps the registration access token, so that two programs can manage one client.
    pub fn with_lasting_registration_tokens() -> Self {
        Self::start(&[("LASTING_REGISTRATION_TOKENS", "1")])
    }

    /// With its login page, which takes any name, and the device flow.
    pub fn with_login() -> Self {
        Self::start(&[("LOGIN", "1")])
    }

    /// The same, taking pushed authorization requests alone.
    pub fn with_pushed_requests() -> Self {
        Self::start(&[("LOGIN", "1"), ("PUSHED", "1")])
    }

    /// The same, taking signed authorization requests alone (RFC 9101), pushed ones where `pushed`.
    pub fn with_signed_requests(pushed: bool) -> Self {
        let pushed = if pushed { "1" } else { "0" };
        Self::start(&[("LOGIN", "1"), ("SIGNED", "1"), ("PUSHED", pushed)])
    }

    /// The same, signing its answers where a client is registered for that.
    pub fn with_signed_answers() -> Self {
        Self::start(&[("LOGIN", "1"), ("SIGNED_ANSWERS", "1")])
    }

    /// The same, taking authorization details of the type `payment` (RFC 9396).
    pub fn with_authorization_details() -> Self {
        Self::start(&[("LOGIN", "1"), ("JWT_ACCESS_TOKENS", "1"), ("DETAILS", "1")])
    }

    /// The same, with access tokens that last `seconds` and are JWTs.
    pub fn with_login_for(seconds: u32) -> Self {
        let seconds = seconds.to_string();
        Self::start(&[
            ("LOGIN", "1"),
            ("JWT_ACCESS_TOKENS", "1"),
            ("ACCESS_TOKEN_TTL", &seconds),
        ])
    }

    /// Over TLS, with mutual TLS at a port of its own (RFC 8705).
    pub fn with_mutual_tls(authority: &Authority) -> Self {
        let own = authority.server();
        Self::start(&[
            ("TLS_CERTIFICATE", &own.certificate),
            ("TLS_KEY", &own.key),
            ("AUTHORITY", &authority.certificate),
        ])
    }

    fn start(env: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("servers/oidc-provider");
        assert!(
            folder.join("node_modules").is_dir(),
            "its packages are missing: `cargo xtask test` installs them"
        );
        let mut command = Command::new("node");
        command
            .arg("server.mjs")
            .current_dir(folder)
            .envs(env.iter().copied())
            .stderr(Stdio::null());
        let (process, said) = first_line(&mut command);
        Self {
            process,
            issuer: said["issuer"].as_str().expect("an issuer").to_owned(),
            api: said["api"].as_str().map(str::to_owned),
        }
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

pub(crate) fn first_line(command: &mut Command) -> (Child, Value) {
    let mut process = command
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .expect("the server starts");
    let mut line = String::new();
    let output = process.stdout.as_mut().expect("its output");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("its first line");
    let said = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    (process, said)
}

pub(crate) fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}
