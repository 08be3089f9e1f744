//! `keywright`: every use case on the command line. Standard output is data, standard error is talk.

mod args;
mod commands;
mod failure;
mod mask;
mod output;
mod source;
mod unlock;
mod visible;

use std::{io::IsTerminal as _, process::ExitCode};

use clap::Parser;
use failure::Failure;
use keywright_core::{Actor, Clock, Keywright, Lang, Options, VaultHome};

fn main() -> ExitCode {
    keywright_core::raise_walls();
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let lang = lang_of(&arguments);
    let cli = match args::Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error, &arguments),
    };
    logging(cli.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(source) => return output::failed(&Failure::Runtime { source }, lang, cli.json),
    };
    runtime.block_on(async {
        tokio::select! {
            outcome = run(&cli, lang) => match outcome {
                Ok(code) => ExitCode::from(code),
                Err(failure) => output::failed(&failure, lang, cli.json),
            },
            _ = tokio::signal::ctrl_c() => ExitCode::from(130),
        }
    })
}

async fn run(cli: &args::Cli, lang: Lang) -> Result<u8, Failure> {
    source::refuse_secret_arguments(cli)?;
    let home = match &cli.home {
        Some(folder) => VaultHome::new(folder),
        None => VaultHome::from_env_or_default().map_err(keywright_core::CoreError::from)?,
    };
    let keywright = Keywright::new(Options {
        home,
        actor: Actor::Cli,
        clock: Clock::system(),
        lang,
    });
    commands::run(cli, &keywright).await
}

/// `--lang`, then the preferences' own, then the system's.
fn lang_of(arguments: &[std::ffi::OsString]) -> Lang {
    let texts: Vec<String> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let after = |index: usize| texts.get(index + 1).cloned();
    let asked =
        texts
            .iter()
            .enumerate()
            .find_map(|(index, text)| match text.strip_prefix("--lang") {
                Some("") => after(index),
                Some(rest) => rest.strip_prefix('=').map(str::to_owned),
                None => None,
            });
    let system = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    };
    Lang::of_locale(&asked.or_else(system).unwrap_or_default())
}

fn logging(verbose: bool) {
    let level = if verbose {
        "keywright=debug,warn"
    } else {
        "off"
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("KEYWRIGHT_LOG")
        .unwrap_or_else(|_absent| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(filter)
        .without_time()
        .init();
}
