//! The main job in the terminal, through the `keywright` command and the Sandbox.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use xshell::{Shell, cmd};

use crate::{Failure, status};

/// Registers at the Sandbox, gets a token, calls the API in the three ways, deletes.
pub(crate) fn demo(shell: &Shell) -> Result<String, Failure> {
    let keywright = crate::root().join("target/debug/keywright");
    let home = shell.create_temp_dir()?;
    let home = home.path();
    let passphrase = home.join("passphrase");
    shell.write_file(&passphrase, "only for this demonstration\n")?;
    let _passphrase = shell.push_env("KEYWRIGHT_PASSPHRASE_FILE", &passphrase);
    let _home = shell.push_env("KEYWRIGHT_HOME", home.join("vault"));

    let sandbox = Sandbox::start(&keywright)?;
    let there = &sandbox.personality;
    let issuer = text(there, "issuer");
    let orders = text(there, "api_url");
    let run = |arguments: &[&str]| -> Result<(), Failure> {
        eprintln!("\n$ keywright {}", arguments.join(" "));
        Ok(cmd!(shell, "{keywright} --no-input {arguments...}")
            .quiet()
            .run()?)
    };

    status::step("The main job in the terminal", || {
        run(&[
            "init",
            "--keyring",
            "off",
            "--passphrase",
            &format!("file:{}", passphrase.display()),
        ])?;
        run(&[
            "config",
            "add",
            "Sandbox",
            "--provider",
            "rfc7591",
            "--issuer",
            &issuer,
        ])?;
        run(&["config", "verify", "Sandbox"])?;
        run(&[
            "app",
            "register",
            "portal-demo",
            "--config",
            "Sandbox",
            "--grant",
            "client_credentials",
            "--scope",
            "orders:read",
        ])?;
        run(&["token", "get", "portal-demo"])?;
        for way in ["client-credentials", "bearer", "session"] {
            run(&[
                "call",
                "GET",
                &orders,
                "--app",
                "portal-demo",
                "--auth",
                way,
                "--fail",
            ])?;
        }
        run(&["session", "list"])?;
        run(&["app", "delete", "portal-demo", "--yes"])
    })?;
    drop(sandbox);
    Ok("The main job is done: registered, token fetched, API called in the three ways, session kept, client deleted.".into())
}

/// The Sandbox in a process of its own, ended with this value.
struct Sandbox {
    process: Child,
    personality: Value,
}

impl Sandbox {
    fn start(keywright: &Path) -> Result<Self, Failure> {
        let failed = |source| Failure::File {
            path: keywright.to_path_buf(),
            source,
        };
        let mut process = Command::new(keywright)
            .args(["sandbox", "start", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(failed)?;
        }
        let said: Value = serde_json::from_str(&line).map_err(|source| Failure::NotJson {
            program: "keywright sandbox start",
            source,
        })?;
        let personality = said["personalities"][0].clone();
        Ok(Self {
            process,
            personality,
        })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if self.process.kill().is_ok() && self.process.wait().is_err() {
            status::note("The Sandbox did not stop cleanly.");
        }
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}
