//! Data to standard output, talk to standard error.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where the command line speaks"
)]

use std::{ffi::OsString, process::ExitCode};

use clap::error::ErrorKind;
use keywright_core::{Lang, view::ErrorView};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;

/// One JSON document, or the lines for people.
pub(crate) fn data(
    as_json: bool,
    value: &impl Serialize,
    lines: impl FnOnce() -> Vec<String>,
) -> Result<(), Failure> {
    if as_json {
        println!("{}", serde_json::to_string(value)?);
    } else {
        for line in lines() {
            println!("{line}");
        }
    }
    Ok(())
}

/// Text exactly as it is, with one line end.
pub(crate) fn raw(text: &str) {
    println!("{}", text.trim_end_matches('\n'));
}

/// Something to know that is no data.
pub(crate) fn talk(quiet: bool, line: &str) {
    if !quiet {
        eprintln!("{line}");
    }
}

/// A list as every list is printed.
pub(crate) fn list(
    as_json: bool,
    items: &[Value],
    total: usize,
    lines: impl FnOnce() -> Vec<String>,
) -> Result<(), Failure> {
    data(as_json, &json!({ "items": items, "total": total }), lines)
}

/// Says what failed and returns its exit code.
pub(crate) fn failed(failure: &Failure, lang: Lang, as_json: bool) -> ExitCode {
    let view = failure.view(lang);
    if as_json {
        eprintln!("{}", json!({ "error": view }));
    } else {
        for line in error_lines(&view, lang) {
            eprintln!("{line}");
        }
    }
    ExitCode::from(failure.exit_code())
}

fn error_lines(view: &ErrorView, lang: Lang) -> Vec<String> {
    let mut lines = vec![visible(&view.message)];
    if let Some(words) = &view.provider {
        let said = [words.error.as_deref(), words.description.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(": ");
        if !said.is_empty() {
            let said = visible(&said);
            lines.push(if lang == Lang::Ja {
                format!("相手の説明: 「{said}」")
            } else {
                format!("It said: “{said}”")
            });
        }
    }
    lines.extend(view.hint.as_deref().map(visible));
    lines
}

/// What a stranger sent must not move the cursor or colour the terminal.
pub(crate) fn visible(text: &str) -> String {
    let harmless = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| {
            if harmless(c) || c == '\n' {
                c
            } else {
                '\u{fffd}'
            }
        })
        .collect()
}

/// Wrong usage, help and version, in the words of the argument parser. What was typed is not
/// repeated when it may hold a secret.
pub(crate) fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        // A closed pipe, as with `| head`, is no failure of ours.
        let _ = error.print();
        return if error.use_stderr() {
            ExitCode::from(2)
        } else {
            ExitCode::SUCCESS
        };
    }
    let text = error.render().to_string();
    if arguments.iter().any(|argument| argument == "--json") {
        let message = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        eprintln!(
            "{}",
            json!({ "error": { "code": "usage", "message": message, "hint": null, "status": null, "provider": null, "exchange": null } })
        );
    } else {
        eprint!("{text}");
    }
    ExitCode::from(2)
}
