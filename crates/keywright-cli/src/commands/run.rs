//! run: another program with an application's credentials in its environment.

use std::{
    ffi::OsString,
    io,
    process::{Command, ExitStatus, Stdio},
};

use keywright_core::{
    CommandCredentials, CoreError, Keywright, SecretText, encodings, reference, translate,
};

use crate::{args::Cli, failure::Failure, mask, output, text::Key};

/// Runs the command; gives its exit code.
pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    app: &str,
    command: &[OsString],
) -> Result<u8, Failure> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::Usage {
            key: Key::UsageRun,
            detail: String::new(),
        });
    };
    let shown = program.to_string_lossy().into_owned();
    // An argument is seen by every user of the machine: no credential is put there.
    let in_arguments = arguments
        .iter()
        .find_map(|argument| reference::find(&argument.to_string_lossy()));
    if let Some(found) = in_arguments {
        return Err(refused(found.text));
    }
    let row = keywright.applications().get(app)?;
    let referring = referring_variables(&row.name)?;
    let given = keywright.disclosure().to_command(app, &shown).await?;
    // The command may run for hours: nothing of the vault stays open for it.
    keywright.lock();
    output::status(
        cli.quiet,
        &output::escape_control_chars(&translate(
            keywright.lang(),
            Key::RunEnvironment,
            &[("command", &shown), ("app", &given.name)],
        )),
    );
    let mut child = Command::new(program);
    child
        .args(arguments)
        .env("KEYWRIGHT_CLIENT_ID", &given.client_id)
        .env("KEYWRIGHT_ACCESS_TOKEN", given.access_token.expose())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in &referring {
        child.env(name, filled(value, &given)?);
    }
    match &given.client_secret {
        Some(secret) => child.env("KEYWRIGHT_CLIENT_SECRET", secret.expose()),
        None => child.env_remove("KEYWRIGHT_CLIENT_SECRET"),
    };
    // What opens the vault is no business of the command.
    child.env_remove(crate::unlock::PASSPHRASE_FILE);
    let secrets: Vec<SecretText> = [Some(given.access_token), given.client_secret, given.basic]
        .into_iter()
        .flatten()
        .collect();
    // `curl -v` shows Basic in base64, others a form or JSON.
    let secrets: Vec<SecretText> = secrets.iter().flat_map(encodings).collect();
    let failed = |source| Failure::File {
        path: shown.clone(),
        source,
    };
    let ended = tokio::task::spawn_blocking(move || watch(child, &secrets))
        .await
        .map_err(|source| keywright_core::CoreError::Task { source })?
        .map_err(failed)?;
    Ok(code(ended))
}

/// The variables of the environment that hold references. One to something else than what this command
/// hands out is refused.
fn referring_variables(app: &str) -> Result<Vec<(OsString, String)>, Failure> {
    let mut referring = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Ok(value) = value.into_string() else {
            continue;
        };
        let mut rest = value.as_str();
        while let Some(found) = reference::find(rest) {
            if found.name != app || !matches!(found.kind, "token" | "client_secret") {
                return Err(refused(found.text));
            }
            rest = rest.split_once(&found.text).map_or("", |(_, after)| after);
        }
        if rest.len() != value.len() {
            referring.push((name, value));
        }
    }
    Ok(referring)
}

/// A value with its references replaced by what they name.
fn filled(value: &str, given: &CommandCredentials) -> Result<String, Failure> {
    // In one pass: a credential may look like a reference itself.
    let (mut filled, mut rest) = (String::new(), value);
    while let Some(found) = reference::find(rest) {
        let secret = match found.kind {
            "token" => Some(&given.access_token),
            _ => given.client_secret.as_ref(),
        };
        let Some(secret) = secret else {
            return Err(refused(found.text));
        };
        let Some((before, after)) = rest.split_once(&found.text) else {
            break;
        };
        filled.push_str(before);
        filled.push_str(secret.expose());
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn refused(reference: String) -> Failure {
    Failure::Core(CoreError::Input {
        what: keywright_core::InputProblem::Reference,
        detail: reference,
    })
}

/// Runs the child and passes on what it says, masked.
fn watch(mut command: Command, secrets: &[SecretText]) -> io::Result<ExitStatus> {
    let mut child = command.spawn()?;
    // Each end is closed once nobody reads it here: the child then hears of it, as in any pipe.
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            if let Some(mut err) = err
                && let Err(error) = mask::copy(&mut err, &mut io::stderr(), secrets)
            {
                tracing::debug!(%error, "standard error was not passed on to its end");
            }
        });
        if let Some(mut out) = out
            && let Err(error) = mask::copy(&mut out, &mut io::stdout(), secrets)
        {
            tracing::debug!(%error, "standard output was not passed on to its end");
        }
    });
    child.wait()
}

/// As a shell has it: 128 and the number of the signal where one ended the command.
fn code(ended: ExitStatus) -> u8 {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = ended.signal() {
            return u8::try_from(128 + signal).unwrap_or(1);
        }
    }
    ended
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1)
}
