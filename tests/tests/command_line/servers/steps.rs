//! The life of a client, step by step, with the most natural command for each.

use keywright_tests::{Cli, Output};
use serde_json::Value;

use crate::servers::table::{self, Cell};

/// The scope that every server knows.
pub(crate) const SCOPE: &str = "orders:read";

/// A step, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Probe,
    Verify,
    Register,
    Read,
    Update,
    Rotate,
    Token,
    Signature,
    Introspect,
    Call,
    Revoke,
    Delete,
}

use Step::{
    Call, Delete, Introspect, Probe, Read, Register, Revoke, Rotate, Signature, Token, Update,
    Verify,
};

pub(crate) const STEPS: [(Step, &str); 12] = [
    (Probe, "probe"),
    (Verify, "verify"),
    (Register, "register"),
    (Read, "read"),
    (Update, "update"),
    (Rotate, "rotate"),
    (Token, "token"),
    (Signature, "verify signature"),
    (Introspect, "introspect"),
    (Call, "call"),
    (Revoke, "revoke"),
    (Delete, "delete"),
];

/// A server and what is known of it.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) issuer: String,
    /// An API that takes its access tokens.
    pub(crate) api: Option<String>,
    /// Id and secret of a client that its administrator made; it is adopted instead of registered.
    pub(crate) made: Option<(String, String)>,
    /// What the server does not do, by its documentation.
    pub(crate) not_offered: &'static [Step],
}

/// Takes every step.
pub(crate) fn life(subject: &Subject) -> Vec<Cell> {
    let cli = Cli::with_vault();
    STEPS
        .iter()
        .map(|(step, _)| take(&cli, subject, *step))
        .collect()
}

fn take(cli: &Cli, subject: &Subject, step: Step) -> Cell {
    if step == Verify {
        let added = cli.run(&["config", "add", "Work", "--issuer", &subject.issuer]);
        if added.code != 0 {
            return Cell::Failed(format!("{added:?}"));
        }
    }
    let before = secret(cli);
    let command = command(cli, subject, step);
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let run = |command: &[&str]| match step {
        Update => cli.run_stdin(command, r#"{"client_name":"orders two"}"#),
        _ => cli.run(command),
    };
    let first = run(&command);
    let wrong = match done(cli, subject, step, &first, before.as_deref()) {
        Ok(()) if subject.not_offered.contains(&step) => {
            return Cell::Failed(format!("it is offered after all: {first:?}"));
        }
        Ok(()) => return Cell::First,
        Err(wrong) => wrong,
    };
    if subject.not_offered.contains(&step) {
        return match refusal(subject, step, &first) {
            Some(words) => Cell::NotOffered(words),
            None => Cell::Failed(format!(
                "not offered by the server, and not said: {first:?}"
            )),
        };
    }
    let Some(named) = table::named(&first) else {
        return Cell::Failed(format!("{wrong}; {command:?} → {first:?}"));
    };
    let arguments: Vec<&str> = named.iter().map(String::as_str).collect();
    let mut second = run(&arguments);
    if second.code == 0 && arguments[..2] != command[..2] {
        second = run(&command);
    }
    match done(cli, subject, step, &second, before.as_deref()) {
        Ok(()) => Cell::AfterNamed(format!("keywright {}", named.join(" "))),
        Err(wrong) => Cell::Failed(format!(
            "{wrong}; {command:?} → {first:?}, then {named:?} → {second:?}"
        )),
    }
}

fn command(cli: &Cli, subject: &Subject, step: Step) -> Vec<String> {
    let scope = ["--scope", SCOPE];
    let words: Vec<&str> = match step {
        Probe => vec!["probe", &subject.issuer],
        Verify => vec!["config", "verify", "Work"],
        Register => match &subject.made {
            Some((id, secret)) => {
                let file = cli.folder().join("secret-of-the-client");
                std::fs::write(&file, secret).expect("the file of the secret");
                let source = format!("file:{}", file.display());
                let adopt = ["app", "adopt", "orders", "--config", "Work"];
                let client = ["--client-id", id, "--client-secret", &source];
                return [&adopt[..], &client, &scope]
                    .concat()
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
            }
            None => [
                &["app", "register", "orders", "--config", "Work"][..],
                &["--grant", "client_credentials"],
                &scope,
            ]
            .concat(),
        },
        Read => vec!["app", "refresh", "orders"],
        Update => vec!["app", "update", "orders", "--metadata", "-"],
        Rotate => vec!["app", "rotate", "orders"],
        Token => vec!["token", "get", "orders"],
        Signature => vec!["token", "verify", "orders"],
        Introspect => vec!["token", "introspect", "orders"],
        Call => vec![
            "call",
            subject.api.as_deref().unwrap_or(&subject.issuer),
            "--app",
            "orders",
            "--fail",
        ],
        Revoke => vec!["token", "revoke", "orders"],
        Delete => vec!["app", "delete", "orders", "--yes"],
    };
    words.into_iter().map(str::to_owned).collect()
}

/// Whether the step is done, by what the command says and by what is kept afterwards.
fn done(
    cli: &Cli,
    subject: &Subject,
    step: Step,
    output: &Output,
    before: Option<&str>,
) -> Result<(), String> {
    if output.code != 0 {
        return Err(format!("exit {}", output.code));
    }
    let said: Value = serde_json::from_str(&output.out).map_err(|error| error.to_string())?;
    let holds = match step {
        Probe => said.is_object(),
        Verify => said["ok"] == true,
        Register => secret(cli).is_some_and(|secret| !secret.is_empty()),
        Read => said["current"]["client_name"] == "orders",
        Update => said["granted"]["client_name"] == "orders two",
        Rotate => secret(cli).as_deref() != before,
        Token => said["token_type"]
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")),
        Signature => said["signature"] == "verified",
        Introspect => said["active"] == true,
        Call => said["status"] == 200,
        Revoke => {
            subject.not_offered.contains(&Introspect)
                || cli.run(&["token", "introspect", "orders"]).json()["active"] == false
        }
        Delete => cli.run(&["app", "list"]).json()["total"] == 0,
    };
    if holds {
        Ok(())
    } else {
        Err(format!("it did not come about: {said}"))
    }
}

/// How Keywright says that the server does not offer a step, in words that a user sees; none where it does not.
fn refusal(subject: &Subject, step: Step, output: &Output) -> Option<String> {
    let without_token = subject.not_offered.contains(&Token);
    if step == Signature && !without_token {
        // Nothing failed: an opaque token has no signature.
        let said: Value = serde_json::from_str(&output.out).ok()?;
        return (output.code == 1 && said["signature"] == "opaque")
            .then(|| "the token is opaque".to_owned());
    }
    let error = table::error(output)?;
    let (code, server) = (error["code"].as_str()?, &error["provider"]["error"]);
    let said = match step {
        Token | Call => {
            code == "not_capable"
                || server == "unauthorized_client"
                || server == "unsupported_grant_type"
        }
        Signature | Introspect | Revoke if without_token => {
            ["not_found", "not_capable"].contains(&code)
        }
        Introspect | Revoke => code == "not_capable" || server == "unsupported_token_type",
        _ => code == "not_capable" || code == "not_rotated",
    };
    let hint = error["hint"].as_str().unwrap_or_default().trim();
    (said && !hint.is_empty() && !hint.ends_with(':'))
        .then(|| format!("{} {hint}", error["message"].as_str().unwrap_or_default()))
}

/// The secret in the vault.
fn secret(cli: &Cli) -> Option<String> {
    let shown = cli.run(&["app", "show", "orders", "--reveal"]);
    let said: Value = serde_json::from_str(&shown.out).ok()?;
    said["client_secret"].as_str().map(str::to_owned)
}
