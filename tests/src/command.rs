//! `keywright` in a vault of its own.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A program of this workspace, next to the running program or, for a test, one folder above it.
pub fn program(name: &str) -> PathBuf {
    let running = std::env::current_exe().expect("a program knows its own path");
    let beside = running.parent().expect("a program lies in a folder");
    let folder = if beside.ends_with("deps") {
        beside.parent().expect("target/debug")
    } else {
        beside
    };
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo xtask test`, which builds it",
        path.display()
    );
    path
}

/// The command in one vault.
pub struct Cli {
    folder: TempDir,
    env: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Output {
    /// Standard output as one JSON document.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Standard error's last line as `{"error":…}`; standard output must be empty.
    pub fn error(&self) -> Value {
        assert_ne!(self.code, 0, "{self:?}");
        assert_eq!(self.out, "", "data was printed beside a failure");
        let line = self.err.lines().last().unwrap_or_default();
        let document: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        document["error"].clone()
    }
}

impl Default for Cli {
    fn default() -> Self {
        Self::new()
    }
}

impl Cli {
    /// A folder without a vault yet, with its passphrase next to it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("passphrase"), "correct horse battery\n")
            .expect("the passphrase file");
        Self {
            folder,
            env: Vec::new(),
        }
    }

    /// A folder with a vault.
    pub fn with_vault() -> Self {
        let cli = Self::new();
        let made = cli.run(&["init", "--keyring", "off"]);
        assert_eq!(made.code, 0, "{made:?}");
        cli
    }

    /// Sets an environment variable for all further commands.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The command, ready to be started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_with(&["--json"], arguments)
    }

    fn command_with(&self, form: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new(program("keywright"));
        command
            .args(form)
            .arg("--no-input")
            .args(arguments)
            .env("KEYWRIGHT_HOME", self.home())
            .env(
                "KEYWRIGHT_PASSPHRASE_FILE",
                self.folder.path().join("passphrase"),
            )
            .env("KEYWRIGHT_KEYRING", "off")
            .env("KEYWRIGHT_TEST_FAST_KDF", "1")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        output(&mut self.command(arguments))
    }

    /// As people see it, in the language of a locale.
    pub fn run_text(&self, arguments: &[&str], locale: &str) -> Output {
        output(self.command_with(&[], arguments).env("LC_ALL", locale))
    }

    /// With one environment variable for this command alone.
    pub fn run_env(&self, arguments: &[&str], name: &str, value: &str) -> Output {
        output(self.command(arguments).env(name, value))
    }

    /// With text on standard input.
    pub fn run_stdin(&self, arguments: &[&str], text: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("keywright starts");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(text.as_bytes())
            .expect("standard input is read");
        read(child.wait_with_output().expect("keywright ends"))
    }

    /// Adds a configuration named `name`.
    pub fn config(&self, name: &str, issuer: &str, more: &[&str]) -> Value {
        let mut arguments = vec![
            "config",
            "add",
            name,
            "--provider",
            "rfc7591",
            "--issuer",
            issuer,
        ];
        arguments.extend(more);
        self.run(&arguments).json()
    }

    /// Adds a configuration that leads to a personality of the Sandbox, as it described itself.
    pub fn config_of(&self, there: &Value, name: &str) -> Value {
        let text = |member: &str| there[member].as_str().expect("text").to_owned();
        let mut arguments = vec![
            "config".to_owned(),
            "add".into(),
            name.into(),
            "--provider".into(),
            text("provider"),
            "--issuer".into(),
            text("issuer"),
        ];
        for (key, value) in there["set"].as_object().expect("settings") {
            arguments.push("--set".into());
            arguments.push(format!("{key}={}", value.as_str().expect("text")));
        }
        for (key, value) in there["secrets"].as_object().expect("secrets") {
            let file = self.folder().join(format!("{name}-{key}"));
            std::fs::write(&file, value.as_str().expect("text")).expect("the file of a secret");
            arguments.push("--secret".into());
            arguments.push(format!("{key}=file:{}", file.display()));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(&arguments).json()
    }

    /// Registers an application that the example API of a personality accepts.
    pub fn register_at(&self, there: &Value, name: &str, config: &str) -> Output {
        let mut more = Vec::new();
        for (option, member) in [("--scope", "scope"), ("--audience", "audience")] {
            if let Some(value) = there[member].as_str().filter(|value| !value.is_empty()) {
                more.extend([option, value]);
            }
        }
        self.register(name, config, &more)
    }

    /// Another copy of the client replaces its secret, as an administrator or a colleague would: this vault has the
    /// old one. Returns the new one.
    pub fn replace_secret_elsewhere(&self, name: &str, config: &str) -> String {
        let shown = self.run(&["app", "show", name, "--reveal"]).json();
        let issuer = self.run(&["config", "show", config]).json()["issuer"].take();
        let other = Self::with_vault();
        other.config(config, issuer.as_str().expect("an issuer"), &[]);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let file = |name: &str, value: &Value| {
            let path = other.folder().join(name);
            std::fs::write(&path, text(value)).expect("a file");
            format!("file:{}", path.display())
        };
        let client = [
            "--client-id",
            &text(&shown["client_id"]),
            "--client-secret",
            &file("secret", &shown["client_secret"]),
            "--registration-uri",
            &text(&shown["registration"]["uri"]),
            "--registration-token",
            &file("token", &shown["registration"]["access_token"]),
        ];
        let words = ["app", "adopt", name, "--config", config];
        other.run(&[&words[..], &client].concat()).json();
        other.run(&["app", "rotate", name]).json();
        let rotated = other.run(&["app", "show", name, "--reveal"]).json();
        text(&rotated["client_secret"])
    }

    /// Registers an application with client credentials at the configuration `config`.
    pub fn register(&self, name: &str, config: &str, more: &[&str]) -> Output {
        let mut arguments = vec![
            "app",
            "register",
            name,
            "--config",
            config,
            "--grant",
            "client_credentials",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }
}

fn output(command: &mut Command) -> Output {
    read(command.output().expect("keywright starts"))
}

fn read(output: std::process::Output) -> Output {
    Output {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
        err: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
    }
}
