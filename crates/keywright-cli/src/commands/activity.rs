//! activity.

use keywright_core::{Keywright, view::ActivityQuery};

use crate::{
    args::{ActivityCommand, Cli},
    failure::Failure,
    output,
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
            let page = keywright.activity(&ActivityQuery {
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
                    page.items
                        .iter()
                        .map(|one| {
                            let outcome = one.status.map_or_else(
                                || one.error.clone().unwrap_or_default(),
                                |status| status.to_string(),
                            );
                            output::visible(&format!(
                                "{}  {outcome:<8} {:<6} {}{}",
                                one.id, one.method, one.host, one.path
                            ))
                        })
                        .collect()
                },
            )?;
        }
        ActivityCommand::Show { id } => {
            let one = keywright.exchange(id)?;
            output::data(cli.json, &one, || {
                let mut lines = vec![format!("{} {}", one.summary.method, one.url)];
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
                        .map_or_else(|| "no answer".to_owned(), |status| status.to_string())
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
    }
    Ok(0)
}
