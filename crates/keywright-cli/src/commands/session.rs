//! session.

use std::io::Read as _;

use keywright_core::{
    Keywright,
    view::{
        CookieRole, EndSource, ImportedCookie, LeftOut, SessionEndReason, SessionImportInput,
        SessionQuery, SessionState, SessionView,
    },
};
use serde_json::json;

use crate::{
    args::{Cli, SessionCommand},
    failure::Failure,
    output,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &SessionCommand,
) -> Result<u8, Failure> {
    match command {
        SessionCommand::List { app } => list(cli, keywright, app.as_deref())?,
        SessionCommand::Show { id } => {
            let one = keywright.session(id)?;
            output::data(cli.json, &one, || shown(&one, keywright.now()))?;
        }
        SessionCommand::Import {
            app,
            url,
            session_cookies,
            try_it,
            dry_run,
            file,
        } => {
            let text = read_bytes(file)?;
            if *dry_run {
                preview(cli, keywright, url, &text)?;
            } else {
                let input = SessionImportInput {
                    application_id: keywright.application(app)?.id,
                    url: url.clone(),
                    text: String::new(),
                    keep: None,
                    session_cookies: session_cookies.clone(),
                    try_it: *try_it,
                };
                import(cli, keywright, &input, &text).await?;
            }
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

fn list(cli: &Cli, keywright: &Keywright, app: Option<&str>) -> Result<(), Failure> {
    let application_id = app
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
    let total = usize::try_from(page.total).unwrap_or(usize::MAX);
    output::list(cli.json, &items, total, || {
        let now = keywright.now();
        page.items.iter().map(|one| line(one, now)).collect()
    })
}

async fn import(
    cli: &Cli,
    keywright: &Keywright,
    input: &SessionImportInput,
    text: &[u8],
) -> Result<(), Failure> {
    let taken = keywright.session_import_bytes(input, text).await?;
    output::data(cli.json, &taken, || shown(&taken.session, keywright.now()))?;
    if !cli.json {
        if let Some(status) = taken.status {
            output::talk(cli.quiet, &format!("tried: {status}"));
        }
        if let Some(note) = &taken.note {
            output::talk(cli.quiet, note);
        }
    }
    Ok(())
}

fn preview(cli: &Cli, keywright: &Keywright, url: &str, text: &[u8]) -> Result<(), Failure> {
    let found = keywright.session_import_preview(url, text)?;
    output::data(cli.json, &found, || {
        found.cookies.iter().map(imported_line).collect()
    })
}

fn imported_line(cookie: &ImportedCookie) -> String {
    let kept = match cookie.left_out {
        None => role(cookie.role),
        Some(LeftOut::Analytics) => "left out: analytics",
        Some(LeftOut::Expired) => "left out: expired",
        Some(LeftOut::OtherAddress) => "left out: for another host or path",
    };
    let scope = format!("{}{}", cookie.domain, cookie.path);
    output::visible(&format!("{:<32} {scope:<32} {kept}", cookie.name))
}

fn shown(one: &SessionView, now: i64) -> Vec<String> {
    let mut lines = vec![line(one, now)];
    for clock in &one.clocks {
        let left = clock.ends_at.map_or_else(
            || "no limit".to_owned(),
            |end| format!("{} left", span(end - now)),
        );
        lines.push(format!(
            "  {:<9} {left} ({})",
            clock.name,
            source(clock.source)
        ));
    }
    if one.live && one.ends_at.is_none() {
        lines.push("  end       unknown: neither a cookie nor the configuration names one".into());
    }
    let seen = &one.observed;
    let alive = i64::try_from(seen.alive_secs).unwrap_or(i64::MAX);
    let mut facts = vec![format!("alive for {}", span(alive))];
    if let Some(pause) = seen.longest_pause_secs {
        let pause = i64::try_from(pause).unwrap_or(i64::MAX);
        facts.push(format!("longest pause survived {}", span(pause)));
    }
    facts.push(format!("calls {}", seen.calls));
    lines.push(format!("  observed  {}", facts.join(", ")));
    lines.extend(one.cookies.iter().map(|cookie| {
        let end = cookie
            .expires_at
            .map_or_else(String::new, |end| format!("; ends in {}", span(end - now)));
        output::visible(&format!(
            "  {}=••••; Path={}{end}  ({})",
            cookie.name,
            cookie.path,
            role(cookie.role)
        ))
    }));
    lines
}

fn line(one: &SessionView, now: i64) -> String {
    let unknown = match one.state {
        SessionState::Unproven => "not tried yet; end unknown".to_owned(),
        _ => format!("alive {}; end unknown", span(now - one.started_at)),
    };
    let state = match (one.end_reason, one.ends_at) {
        (Some(reason), _) => format!("ended: {}", reason_of(reason)),
        (None, Some(end)) => format!(
            "{} left ({})",
            span(end - now),
            one.ends_first.as_deref().unwrap_or_default()
        ),
        (None, None) => unknown,
    };
    output::visible(&format!(
        "{}  {:<24} {:<28} {state}",
        one.id, one.application, one.origin
    ))
}

fn reason_of(reason: SessionEndReason) -> &'static str {
    match reason {
        SessionEndReason::Refused => "refused by the gateway",
        SessionEndReason::Login => "sent to a login page",
        SessionEndReason::Deleted => "cookie deleted by the gateway",
        SessionEndReason::Limit => "limit of the configuration",
        SessionEndReason::Expired => "cookie expired",
    }
}

fn source(source: EndSource) -> &'static str {
    match source {
        EndSource::Cookie => "from the cookie",
        EndSource::Configuration => "from the configuration",
        EndSource::Preset => "from the preset of the configuration",
        EndSource::Unknown => "unknown",
    }
}

fn role(role: CookieRole) -> &'static str {
    match role {
        CookieRole::Session => "makes the session",
        CookieRole::Candidate => "may make the session",
        CookieRole::LoadBalancer => "load balancer",
        CookieRole::Network => "network or bot defence",
        CookieRole::Csrf => "CSRF",
        CookieRole::LoginState => "login in progress",
        CookieRole::Analytics => "analytics",
        CookieRole::Other => "kept, not needed",
    }
}

/// A time in its two largest units.
fn span(secs: i64) -> String {
    let secs = secs.max(0);
    let (days, hours, minutes) = (secs / 86_400, secs % 86_400 / 3600, secs % 3600 / 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{secs} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Bytes of a file, or of standard input for `-`: cookies need not be text.
fn read_bytes(path: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if path == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    read.map(|()| bytes).map_err(|source| Failure::File {
        path: path.to_owned(),
        source,
    })
}
