//! session.

use keywright_core::{
    Keywright,
    view::{SessionQuery, SessionView},
};
use serde_json::json;

use crate::{
    args::{Cli, SessionCommand},
    failure::Failure,
    output,
};

pub(crate) fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &SessionCommand,
) -> Result<u8, Failure> {
    match command {
        SessionCommand::List { app } => {
            let application_id = app
                .as_deref()
                .map(|name| keywright.application(name))
                .transpose()?
                .map(|one| one.id);
            let page = keywright.sessions(&SessionQuery {
                application_id,
                limit: 1000,
                ..SessionQuery::default()
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
                        .map(|one| line(one, keywright.now()))
                        .collect()
                },
            )?;
        }
        SessionCommand::Show { id } => {
            let one = keywright.session(id)?;
            output::data(cli.json, &one, || {
                let mut lines = vec![line(&one, keywright.now())];
                lines.extend(one.clocks.iter().map(|clock| {
                    let left = clock.ends_at.map_or_else(
                        || "no limit".to_owned(),
                        |end| format!("{} s left", (end - keywright.now()).max(0)),
                    );
                    format!("  {:<9} {left}", clock.name)
                }));
                lines.extend(one.cookies.iter().map(|cookie| {
                    output::visible(&format!("  {}=••••; Path={}", cookie.name, cookie.path))
                }));
                lines
            })?;
        }
        SessionCommand::Forget { id } => {
            keywright.session_forget(id)?;
            output::data(cli.json, &json!({ "forgotten": id }), || {
                vec![format!("forgotten: {id}")]
            })?;
        }
    }
    Ok(0)
}

fn line(one: &SessionView, now: i64) -> String {
    let state = if one.live {
        one.ends_at.map_or_else(
            || "live".to_owned(),
            |end| format!("{} s left", (end - now).max(0)),
        )
    } else {
        "ended".to_owned()
    };
    output::visible(&format!(
        "{}  {:<24} {:<28} {state}",
        one.id, one.application, one.origin
    ))
}
