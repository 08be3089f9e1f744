//! app register.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use keywright_core::{
    BulkControl, Keywright, Lang,
    file_kind::WantedFile,
    translate, typed_grant, typed_method,
    view::{AdaptedAttempt, AdaptedView, ApplicationView, Draft, PreviewPart},
};
use serde_json::json;

use super::{
    app::{document, expiry, notes},
    client_keys, confirm,
};
use crate::{
    args::{Cli, RegisterArgs},
    failure::Failure,
    follow_up_commands, output,
    source::{self, length_of_time},
    text::Key,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    args: &RegisterArgs,
) -> Result<u8, Failure> {
    let draft = draft(keywright, args)?;
    if args.dry_run {
        return preview(cli, keywright, &draft);
    }
    if let Some(question) = keywright.registration().question(&draft).await? {
        confirm(cli, args.yes, &question)?;
    }
    if let Some(count) = args.count {
        return many(cli, keywright, draft, count, args.concurrency).await;
    }
    let key = args
        .client_key
        .as_ref()
        .map(|source| {
            let alg = args.signing_alg.as_deref();
            client_keys::import(cli, source, "--client-key", alg, args.key_id.as_deref())
        })
        .transpose()?;
    let registrar = keywright.registration();
    let registered = registrar.register_with_key(draft, key).await?;
    let application = &registered.application;
    let mut document = document(keywright, application, false)?;
    document["adapted"] = serde_json::to_value(&registered.adapted)?;
    document["note"] = serde_json::to_value(&registered.note)?;
    document["warnings"] = serde_json::to_value(&registered.warnings)?;
    output::data(cli.json, &document, || summary(application))?;
    if let Some(adapted) = &registered.adapted {
        for line in adapted_lines(keywright.lang(), adapted, &application.config) {
            output::status(cli.quiet, &output::escape_control_chars(&line));
        }
    }
    if let Some(note) = &registered.note {
        output::status(cli.quiet, &output::escape_control_chars(note));
    }
    notes(cli, application);
    if !cli.json {
        for line in keywright.applications().difference_notes(application) {
            let line = output::escape_control_chars(&line);
            output::status(cli.quiet, &format!("  {line}"));
        }
    }
    // What holds for the application as it is now is among its notes.
    let told = |message: &String| application.notes.contains(message);
    for warning in registered
        .warnings
        .iter()
        .filter(|warning| !told(&warning.message))
    {
        output::status(
            cli.quiet,
            &format!("! {}", output::escape_control_chars(&warning.message)),
        );
    }
    Ok(0)
}

/// The note on a changed request: what was refused, what is kept, and how to forget it.
fn adapted_lines(lang: Lang, adapted: &AdaptedView, config: &str) -> Vec<String> {
    let mut lines = vec![adapted.message.clone()];
    lines.extend(adapted.attempts.iter().map(attempt_line));
    lines.extend(adapted.kept.iter().map(|one| format!("  {}", one.message)));
    let forget = translate(lang, Key::AdaptedForget, &[("config", config)]);
    lines.push(format!("  {forget}"));
    lines
}

fn attempt_line(attempt: &AdaptedAttempt) -> String {
    let mut form = format!(
        "redirect_uris={} response_types={} token_endpoint_auth_method={}",
        attempt.redirect_uris, attempt.response_types, attempt.token_endpoint_auth_method
    );
    for (member, sent) in [
        ("application_type", &attempt.application_type),
        ("offline_access", &attempt.offline_access),
    ] {
        if sent != "as_given" {
            form.extend([" ", member, "=", sent.as_str()]);
        }
    }
    if !attempt.grant_types.is_empty() {
        form.extend([" grant_types=", attempt.grant_types.as_str()]);
    }
    let status = attempt
        .status
        .map_or_else(String::new, |status| status.to_string());
    let words = attempt.words.as_ref().map_or_else(String::new, |words| {
        [words.error.as_deref(), words.description.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(": ")
    });
    format!("  {form} -> {status} {words}")
        .trim_end()
        .to_owned()
}

/// Registers many. Ctrl C begins no more, finishes those under way and keeps all that are done.
async fn many(
    cli: &Cli,
    keywright: &Keywright,
    draft: Draft,
    count: u32,
    concurrency: u32,
) -> Result<u8, Failure> {
    let lang = keywright.lang();
    let cancelled = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&cancelled);
    let listener = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            heard.store(true, Ordering::Relaxed);
        }
    });
    let control = BulkControl {
        is_cancelled: &|| cancelled.load(Ordering::Relaxed),
        on_progress: &|progress| {
            let step = (progress.wanted / 20).max(1);
            if progress.done % step == 0 || progress.done == progress.wanted {
                let counts = [
                    ("done", &*progress.done.to_string()),
                    ("wanted", &*progress.wanted.to_string()),
                    ("failed", &*progress.failed.to_string()),
                ];
                output::status(cli.quiet, &translate(lang, Key::BulkProgress, &counts));
            }
        },
    };
    let report = keywright
        .registration()
        .register_many(draft, count, concurrency, control)
        .await;
    listener.abort();
    let report = report?;
    output::data(cli.json, &report, || {
        let counts = [
            ("registered", &*report.registered.to_string()),
            ("before", &*report.before.to_string()),
            ("failed", &*report.failed.len().to_string()),
            ("skipped", &*report.not_begun.to_string()),
        ];
        let mut lines = vec![translate(lang, Key::BulkDone, &counts)];
        lines.extend(report.failed.iter().map(|one| {
            output::escape_control_chars(&format!("✗ {}: {}", one.name, one.error.message))
        }));
        lines
    })?;
    Ok(match (report.not_begun, report.failed.len()) {
        (0, 0) => 0,
        (0, _) => 5,
        _ => 130,
    })
}

/// Grants as they are registered.
pub(crate) fn grants(typed: &[String]) -> Result<Vec<String>, Failure> {
    Ok(typed
        .iter()
        .map(|grant| typed_grant(grant))
        .collect::<Result<_, _>>()?)
}

/// A method of client authentication as it is registered.
pub(crate) fn method(typed: Option<&str>) -> Result<Option<String>, Failure> {
    Ok(typed.map(typed_method).transpose()?)
}

fn draft(keywright: &Keywright, args: &RegisterArgs) -> Result<Draft, Failure> {
    let configuration = keywright.configurations().get(&args.config)?;
    Ok(Draft {
        configuration_id: configuration.id,
        name: args.name.clone(),
        // None: those that the server has.
        grant_types: grants(&args.grants)?,
        token_endpoint_auth_method: method(args.auth_method.as_deref())?,
        signing_alg: args.signing_alg.clone(),
        jwks_uri: args.jwks_uri.clone(),
        dpop_bound: args.dpop,
        redirect_uris: args.redirect_uris.clone(),
        scopes: args.scopes.clone(),
        audience: args.audience.clone(),
        resources: args.resources.clone(),
        metadata_json: args
            .metadata
            .as_deref()
            .map(|path| source::document(path, WantedFile::ClientMetadata))
            .transpose()?,
        labels: args.labels.clone(),
        ttl_secs: args
            .ttl
            .as_deref()
            .map(|text| length_of_time("--ttl", text))
            .transpose()?,
    })
}

fn preview(cli: &Cli, keywright: &Keywright, draft: &Draft) -> Result<u8, Failure> {
    let preview = keywright.registration().preview(draft)?;
    let problems = preview.problems.clone();
    let document = json!({ "steps": preview.steps, "problems": preview.problems, "warnings": preview.warnings, "resources": preview.resources, "question": preview.question });
    output::data(cli.json, &document, || {
        let mut lines = Vec::new();
        for step in &preview.steps {
            lines.push(format!("{} {}", step.method, step.url));
            for header in &step.headers {
                let value: String = header
                    .value
                    .iter()
                    .map(|part| match part {
                        PreviewPart::Text(text) => text.clone(),
                        PreviewPart::Hidden(name) => format!("[{name}]"),
                    })
                    .collect();
                lines.push(format!("{}: {value}", header.name));
            }
            lines.push(String::new());
            lines.extend(step.body.iter().flat_map(|body| output::lines(body)));
        }
        let resources = preview.resources.iter();
        lines.extend(resources.map(|uri| {
            let uri = output::escape_control_chars(uri);
            translate(keywright.lang(), Key::TokenResource, &[("uri", &uri)])
        }));
        lines
    })?;
    for line in preview
        .warnings
        .iter()
        .chain(problems.iter().map(|problem| &problem.message))
    {
        output::status(
            cli.quiet,
            &format!("! {}", output::escape_control_chars(line)),
        );
    }
    Ok(if problems.is_empty() { 0 } else { 2 })
}

fn summary(application: &ApplicationView) -> Vec<String> {
    vec![
        format!(
            "name           {}",
            output::escape_control_chars(&application.name)
        ),
        format!(
            "client_id      {}",
            output::escape_control_chars(&application.client_id)
        ),
        format!(
            "client_secret  {}",
            if application.has_secret {
                let name = output::escape_control_chars(&follow_up_commands::quoted(
                    application.name.clone(),
                ));
                format!("•••• (keywright app show {name} --reveal)")
            } else {
                "none".to_owned()
            }
        ),
        format!(
            "secret expires {}",
            expiry(application.client_secret_expires_at)
        ),
        format!(
            "configuration  {}",
            output::escape_control_chars(&application.config)
        ),
    ]
}
