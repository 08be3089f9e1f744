//! activity.

use std::path::Path;

use keywright_core::{
    Keywright,
    view::{ActivityQuery, ExportForm},
};
use serde_json::json;

use crate::{
    args::{ActivityCommand, Cli, ExportTo},
    failure::Failure,
    output, table,
};

pub(crate) fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &ActivityCommand,
) -> Result<u8, Failure> {
    match command {
        ActivityCommand::List {
            query,
            errors,
            limit,
        } => {
            let page = keywright.activity().list(&ActivityQuery {
                text: query.clone(),
                errors_only: *errors,
                limit: *limit,
                ..ActivityQuery::default()
            })?;
            let items = page
                .items
                .iter()
                .map(serde_json::to_value)
                .collect::<Result<Vec<_>, _>>()?;
            output::list(
                cli.json,
                &items,
                usize::try_from(page.total).unwrap_or(usize::MAX),
                || {
                    table::lines(page.items.iter().map(|one| {
                        let outcome = one.status.map_or_else(
                            || one.error.clone().unwrap_or_default(),
                            |status| status.to_string(),
                        );
                        [
                            one.id.clone(),
                            outcome,
                            one.method.clone(),
                            format!("{}{}", one.host, one.path),
                        ]
                    }))
                },
            )?;
        }
        ActivityCommand::Show { id } => {
            let one = keywright.activity().exchange(id)?;
            output::data(cli.json, &one, || {
                let mut lines = vec![format!("{} {}", one.summary.method, one.url)];
                lines.extend(one.certificate.iter().map(|certificate| {
                    output::escape_control_chars(&format!(
                        "> [TLS] client certificate {}, x5t#S256 {}",
                        certificate.subject, certificate.thumbprint
                    ))
                }));
                lines.extend(
                    one.request_headers
                        .iter()
                        .map(|header| format!("> {}: {}", header.name, header.value)),
                );
                lines.extend(one.request_body.iter().flat_map(|body| output::lines(body)));
                lines.push(format!(
                    "< {}",
                    one.summary
                        .status
                        .map_or_else(|| "no response".to_owned(), |status| status.to_string())
                ));
                lines.extend(
                    one.response_headers
                        .iter()
                        .map(|header| format!("< {}: {}", header.name, header.value)),
                );
                lines.extend(
                    one.response_body
                        .iter()
                        .flat_map(|body| output::lines(body)),
                );
                lines
            })?;
        }
        ActivityCommand::Export { to, query, errors } => {
            let wanted = ActivityQuery {
                text: query.clone(),
                errors_only: *errors,
                limit: u32::MAX,
                ..ActivityQuery::default()
            };
            export(cli, keywright, &wanted, to)?;
        }
    }
    Ok(0)
}

fn export(
    cli: &Cli,
    keywright: &Keywright,
    wanted: &ActivityQuery,
    to: &ExportTo,
) -> Result<(), Failure> {
    for (form, path) in [
        (ExportForm::Har, &to.har),
        (ExportForm::Mermaid, &to.mermaid),
    ] {
        let Some(path) = path else { continue };
        let made = keywright.activity().export(wanted, form)?;
        write(path, &made.text)?;
        let shown = path.display().to_string();
        output::data(
            cli.json,
            &json!({ "path": shown, "exchanges": made.exchanges }),
            || {
                vec![output::escape_control_chars(&format!(
                    "{} exchanges: {shown}",
                    made.exchanges
                ))]
            },
        )?;
    }
    Ok(())
}

/// For its owner only: without secrets, and still a list of where the owner was.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let failed = |source| Failure::File {
        path: path.display().to_string(),
        source,
    };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
