//! `keywright`: every use case on the command line. Standard output is data, standard error is talk.

#[cfg(test)]
mod advice_tests;
mod agent;
mod args;
mod commands;
#[cfg(test)]
mod document_tests;
mod escape;
mod failure;
mod follow_up_commands;
#[cfg(test)]
mod hint_tests;
mod interrupt;
mod mask;
mod output;
mod secret_problem;
mod source;
mod stream;
mod table;
mod text;
mod unlock;

use std::{io::IsTerminal as _, process::ExitCode, sync::OnceLock};

use failure::Failure;
use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultError, VaultHome, preferred_language,
};

fn main() -> ExitCode {
    keywright_core::harden_process();
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let (cli, sources) = match args::Cli::parse_arguments(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => return output::usage(&error, &arguments),
    };
    logging(cli.verbose);
    let home = match &cli.home {
        Some(folder) => Ok(VaultHome::new(folder)),
        None => VaultHome::from_env_or_default(),
    };
    let lang = language(&cli, home.as_ref().ok());
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(source) => return output::failed(&Failure::Runtime { source }, lang, cli.json),
    };
    let begun = Clock::system().now();
    let opened = OnceLock::new();
    runtime.block_on(async {
        tokio::select! {
            outcome = run(&cli, &sources, home, lang, &opened) => match outcome {
                Ok(code) => ExitCode::from(stream::exit_code(code)),
                Err(failure) => output::failed(&failure, lang, cli.json),
            },
            _ = tokio::signal::ctrl_c() => {
                if let Some(keywright) = opened.get() {
                    interrupt::report(keywright, begun);
                }
                ExitCode::from(130)
            }
        }
    })
}

async fn run(
    cli: &args::Cli,
    sources: &[args::TypedSource],
    home: Result<VaultHome, VaultError>,
    lang: Lang,
    opened: &OnceLock<Keywright>,
) -> Result<u8, Failure> {
    source::refuse_typed_secrets(sources)?;
    if let args::Command::Call(call) = &cli.command {
        commands::call_input::check_sources(call)?;
    }
    let keywright = Keywright::new(Options {
        home: home.map_err(keywright_core::CoreError::from)?,
        actor: Actor::Cli,
        clock: Clock::system(),
        lang,
    });
    let keywright = opened.get_or_init(|| keywright);
    Box::pin(commands::run(cli, keywright)).await
}

/// The language of `--lang`, then of the preferences, then of the system.
fn language(cli: &args::Cli, home: Option<&VaultHome>) -> Lang {
    if let Some(asked) = &cli.lang {
        return Lang::of_locale(asked);
    }
    home.and_then(preferred_language)
        .unwrap_or_else(|| Lang::of_locale(&system_language(|name| std::env::var(name).ok())))
}

/// The first language of `LANGUAGE`, which gettext ignores in the C locale, or the locale.
fn system_language(variable: impl Fn(&str) -> Option<String>) -> String {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
    let is_c = |locale: &String| {
        let name = locale.split('.').next().unwrap_or_default();
        matches!(name, "C" | "POSIX")
    };
    if locale.as_ref().is_some_and(is_c) {
        return String::new();
    }
    let list = set(&"LANGUAGE").unwrap_or_default();
    let first = list.split(':').find(|name| !name.is_empty());
    first.map(str::to_owned).or(locale).unwrap_or_default()
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
        // A standard error that nobody reads is no reason to end.
        .log_internal_errors(false)
        .without_time()
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_the_system_is_read_as_gettext_does() {
        let of = |set: &[(&str, &str)]| {
            let found = system_language(|name| {
                let found = set.iter().find(|(known, _)| *known == name)?;
                Some(found.1.to_owned())
            });
            Lang::of_locale(&found)
        };
        for (set, lang) in [
            (&[("LANG", "ja_JP.UTF-8")][..], Lang::Ja),
            (&[("LC_ALL", ""), ("LANG", "ja_JP.UTF-8")], Lang::Ja),
            (&[("LC_ALL", "C.UTF-8"), ("LANG", "ja_JP.UTF-8")], Lang::En),
            (&[("LC_MESSAGES", "ja_JP"), ("LANG", "en_US")], Lang::Ja),
            (&[("LANGUAGE", "ja:en"), ("LANG", "en_US.UTF-8")], Lang::Ja),
            (&[("LANGUAGE", "en"), ("LANG", "ja_JP.UTF-8")], Lang::En),
            (&[("LANGUAGE", "ja"), ("LC_ALL", "C")], Lang::En),
            (&[], Lang::En),
        ] {
            assert_eq!(of(set), lang, "{set:?}");
        }
    }
}
