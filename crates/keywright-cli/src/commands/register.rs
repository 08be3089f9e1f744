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
        metadata_json: args.metadata.as_deref().map(read_text).transpose()?,
        labels: args.labels.clone(),
        ttl_secs: args.ttl.as_deref().map(seconds).transpose()?,
    })
}

fn preview(cli: &Cli, keywright: &Keywright, draft: &Draft) -> Result<u8, Failure> {
    let preview = keywright.register_preview(draft)?;
    let problems = preview.problems.clone();
    let document = json!({ "steps": preview.steps, "problems": preview.problems, "warnings": preview.warnings });
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

/// 90s, 30m, 12h, 7d, or seconds.
fn seconds(text: &str) -> Result<i64, Failure> {
    let wrong = || Failure::Usage {
        detail: format!("--ttl takes a time such as 30m, 12h or 7d, not {text}"),
    };
    let (number, unit) = match text.chars().last() {
        Some('s') => (text.trim_end_matches('s'), 1),
        Some('m') => (text.trim_end_matches('m'), 60),
        Some('h') => (text.trim_end_matches('h'), 3600),
        Some('d') => (text.trim_end_matches('d'), 86_400),
        _ => (text, 1),
    };
    let number: i64 = number
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(wrong)?;
    number.checked_mul(unit).ok_or_else(wrong)
}
