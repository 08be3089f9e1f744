//! run: another program with an application's credentials in its environment.

use std::{
    ffi::OsString,
    io,
    process::{Command, ExitStatus, Stdio},
};

use keywright_core::{Keywright, SecretText};

use crate::{args::Cli, failure::Failure, mask, output};

/// Runs the command; gives its exit code.
pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    app: &str,
    command: &[OsString],
) -> Result<u8, Failure> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::Usage {
            detail: "run takes a command after --".into(),
        });
    };
    let shown = program.to_string_lossy().into_owned();
    let given = keywright.hand_to_command(app, &shown).await?;
    // The command may run for hours: nothing of the vault stays open for it.
    keywright.lock();
    output::talk(
        cli.quiet,
        &output::visible(&format!(
            "The environment of {shown} holds the credentials of {}; every program that it starts can read them.",
            given.name
        )),
    );
    let mut child = Command::new(program);
    child
        .args(arguments)
        .env("KEYWRIGHT_CLIENT_ID", &given.client_id)
        .env("KEYWRIGHT_ACCESS_TOKEN", given.access_token.expose())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
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
