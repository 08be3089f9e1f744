//! app register.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use keywright_core::{
    BulkControl, Keywright,
    view::{ApplicationView, Draft, PreviewPart},
};
use serde_json::json;

use super::{app::document, read_text};
use crate::{
    args::{Cli, RegisterArgs},
    failure::Failure,
    output,
    source::length_of_time,
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
    if let Some(count) = args.count {
        return many(cli, keywright, draft, count, args.concurrency).await;
    }
    let registered = keywright.register(draft).await?;
    let application = registered.application;
    output::data(cli.json, &document(keywright, &application, false)?, || {
        summary(&application)
    })?;
    if application.differences > 0 {
        for note in &application.notes {
            output::talk(cli.quiet, &format!("! {}", output::visible(note)));
        }
    }
    Ok(0)
}

/// Registers many. Ctrl C begins no more, finishes those under way and keeps all that are done.
async fn many(
    cli: &Cli,
    keywright: &Keywright,
    draft: Draft,
    count: u32,
    concurrency: u32,
) -> Result<u8, Failure> {
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
                let line = format!(
                    "{} of {}, {} failed",
                    progress.done, progress.wanted, progress.failed
                );
                output::talk(cli.quiet, &line);
            }
        },
    };
    let report = keywright
        .register_many(draft, count, concurrency, control)
        .await;
    listener.abort();
    let report = report?;
    output::data(cli.json, &report, || {
        let mut lines = vec![format!(
            "registered {}, here before {}, failed {}, not begun {}",
            report.registered,
            report.before,
            report.failed.len(),
            report.not_begun
        )];
        lines.extend(
            report
                .failed
                .iter()
                .map(|one| output::visible(&format!("✗ {}: {}", one.name, one.error.message))),
        );
        lines
    })?;
    Ok(match (report.not_begun, report.failed.len()) {
        (0, 0) => 0,
        (0, _) => 5,
        _ => 130,
    })
}

fn draft(keywright: &Keywright, args: &RegisterArgs) -> Result<Draft, Failure> {
    let configuration = keywright.configuration(&args.config)?;
    let grants = if args.grants.is_empty() {
        vec!["client_credentials".to_owned()]
    } else {
        args.grants.clone()
    };
    Ok(Draft {
        configuration_id: configuration.id,
        name: args.name.clone(),
        grant_types: grants,
        token_endpoint_auth_method: args.auth_method.clone(),
        redirect_uris: args.redirect_uris.clone(),
        scopes: args.scopes.clone(),
        audience: args.audience.clone(),
        resources: args.resources.clone(),
        metadata_json: args.metadata.as_deref().map(read_text).transpose()?,
        labels: args.labels.clone(),
        ttl_secs: args
            .ttl
            .as_deref()
            .map(|text| length_of_time("--ttl", text))
            .transpose()?,
    })
}

fn preview(cli: &Cli, keywright: &Keywright, draft: &Draft) -> Result<u8, Failure> {
    let preview = keywright.register_preview(draft)?;
    let problems = preview.problems.clone();
    let document = json!({ "steps": preview.steps, "problems": preview.problems, "warnings": preview.warnings, "resources": preview.resources });
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
        lines.extend(resources.map(|uri| format!("resource of tokens: {}", output::visible(uri))));
        lines
    })?;
    for line in preview
        .warnings
        .iter()
        .chain(problems.iter().map(|problem| &problem.message))
    {
        output::talk(cli.quiet, &format!("! {}", output::visible(line)));
    }
    Ok(if problems.is_empty() { 0 } else { 2 })
}

fn summary(application: &ApplicationView) -> Vec<String> {
    vec![
        format!("name           {}", output::visible(&application.name)),
        format!("client_id      {}", output::visible(&application.client_id)),
        format!(
            "client_secret  {}",
            if application.has_secret {
                "•••• (keywright app show NAME --reveal)"
            } else {
                "none"
            }
        ),
        format!("configuration  {}", output::visible(&application.config)),
    ]
}
