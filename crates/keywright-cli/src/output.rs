//! Data to standard output, talk to standard error.
use std::{ffi::OsString, io::IsTerminal as _, process::ExitCode};

use clap::error::ErrorKind;
use keywright_core::{
    Lang, moment, translate,
    view::{CauseView, ErrorView, ProviderWordsView},
};
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use crate::escape::escape_control_chars;
use crate::{escape, failure::Failure, stream, text::Key};

/// One JSON document, or the lines for people.
pub(crate) fn data(
    as_json: bool,
    value: &impl Serialize,
    lines: impl FnOnce() -> Vec<String>,
) -> Result<(), Failure> {
    if as_json {
        stream::out(&escape::json(&serde_json::to_string(value)?));
    } else {
        for text in lines() {
            stream::out(&escape::line(&text));
        }
    }
    Ok(())
}

/// A body as lines for people.
pub(crate) fn lines(body: &str) -> impl Iterator<Item = String> {
    body.lines().map(str::to_owned)
}

/// A JSON document that is text already.
pub(crate) fn document(text: &str) {
    stream::out(&escape::json(text));
}

/// A body as it came; before a person's eyes, its controls are escaped.
pub(crate) fn body(text: &str) {
    if is_seen() {
        text.lines()
            .for_each(|line| stream::out(&escape_control_chars(line)));
    } else {
        stream::bytes(text.as_bytes());
    }
}

/// Begins a new line where a body without a line end and the messages after it go to the same place, such as `2>&1`.
/// Elsewhere a body stays byte for byte as it came.
pub(crate) fn end_line(body: &[u8]) {
    if !body.is_empty() && !body.ends_with(b"\n") && !is_seen() && stream::is_shared() {
        stream::bytes(b"\n");
    }
}

/// Standard output is before a person's eyes.
pub(crate) fn is_seen() -> bool {
    std::io::stdout().is_terminal()
}

/// Text exactly as it is, with one line end; before a person's eyes, its controls are escaped.
pub(crate) fn raw(text: &str) {
    let text = text.trim_end_matches('\n');
    if std::io::stdout().is_terminal() {
        text.lines()
            .for_each(|line| stream::out(&escape_control_chars(line)));
    } else {
        stream::out(text);
    }
}

/// A status message, which is not data.
pub(crate) fn status(quiet: bool, line: &str) {
    if !quiet {
        stream::err(&escape::line(line));
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

/// Says what failed and returns its exit code. A reader that went away knows it already.
pub(crate) fn failed(failure: &Failure, lang: Lang, as_json: bool) -> ExitCode {
    if failure.is_reader_gone() {
        return ExitCode::from(stream::READER_GONE);
    }
    if matches!(failure, Failure::Interrupted) {
        return ExitCode::from(failure.exit_code());
    }
    let view = failure.view(lang);
    if as_json {
        stream::err(&escape::json(&json!({ "error": view }).to_string()));
    } else {
        for text in error_lines(&view, lang) {
            stream::err(&escape::line(&text));
        }
    }
    ExitCode::from(failure.exit_code())
}

/// What the server said, where it said anything.
pub(crate) fn server_said(words: &ProviderWordsView, lang: Lang) -> Option<String> {
    let said = [words.error.as_deref(), words.description.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(": ");
    (!said.is_empty()).then(|| translate(lang, Key::Said, &[("words", &said)]))
}

fn error_lines(view: &ErrorView, lang: Lang) -> Vec<String> {
    let mut lines = vec![view.message.clone()];
    lines.extend(
        view.provider
            .as_ref()
            .and_then(|words| server_said(words, lang)),
    );
    let words = view.provider.as_ref();
    for (key, value) in [
        (
            Key::ChallengeScope,
            words.and_then(|words| words.scope.as_ref()),
        ),
        (
            Key::ChallengeResourceMetadata,
            words.and_then(|words| words.resource_metadata.as_ref()),
        ),
    ] {
        if let Some(value) = value {
            lines.push(translate(lang, key, &[("value", value)]));
        }
    }
    match &view.cause {
        Some(cause) => lines.extend(cause_lines(view, cause, lang)),
        None => lines.extend(view.hint.clone()),
    }
    if let Some(exchange) = &view.exchange {
        lines.push(translate(lang, Key::Exchange, &[("id", exchange)]));
    }
    lines
}

/// The most likely cause, what it rests on, and the ways out with their commands.
fn cause_lines(view: &ErrorView, cause: &CauseView, lang: Lang) -> Vec<String> {
    let mut lines = vec![translate(
        lang,
        Key::CauseLikely,
        &[("cause", &cause.sentence)],
    )];
    lines.extend(cause.facts.iter().map(|fact| {
        let mark = if fact.supports { '+' } else { '-' };
        let source = match fact.at {
            Some(at) => format!("{} {}", fact.source, moment(lang, at)),
            None => fact.source.clone(),
        };
        format!("  {mark} {} ({source})", fact.text)
    }));
    // A vendor's own advice goes before what can be guessed.
    if let Some(hint) = view
        .hint
        .as_ref()
        .filter(|hint| !hint.starts_with(&cause.sentence))
    {
        lines.push(hint.clone());
    }
    lines.push(translate(lang, Key::CauseWays, &[]));
    lines.extend(cause.ways.iter().map(|way| match &way.command {
        Some(command) => format!("  {}: {command}", way.title),
        None => format!("  {}", way.title),
    }));
    lines.extend(cause.remains.clone());
    lines
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
        // A closed pipe, as with `| head`, is not our failure.
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
        let error = json!({ "error": { "code": "usage", "message": message, "hint": null, "status": null, "provider": null, "exchange": null, "cause": null } });
        stream::err(&error.to_string());
    } else {
        stream::err(text.trim_end_matches('\n'));
    }
    ExitCode::from(2)
}
