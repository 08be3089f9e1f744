//! session.

use keywright_core::{
    Keywright, Lang, translate,
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
    source::bytes_of,
    table,
    text::Key,
};

pub(crate) async fn run(
    cli: &Cli,
    keywright: &Keywright,
    command: &SessionCommand,
) -> Result<u8, Failure> {
    match command {
        SessionCommand::List { app } => list(cli, keywright, app.as_deref())?,
        SessionCommand::Show { id } => {
            let one = keywright.sessions().get(id)?;
            output::data(cli.json, &one, || {
                shown(keywright.lang(), &one, keywright.now())
            })?;
        }
        SessionCommand::Import {
            app,
            url,
            session_cookies,
            try_it,
            dry_run,
            file,
        } => {
            let text = bytes_of(file)?;
            if *dry_run {
                preview(cli, keywright, url, &text)?;
            } else {
                let input = SessionImportInput {
                    application_id: keywright.applications().get(app)?.id,
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
            keywright.sessions().forget(id)?;
            output::data(cli.json, &json!({ "forgotten": id }), || {
                vec![translate(keywright.lang(), Key::Forgotten, &[("name", id)])]
            })?;
        }
    }
    Ok(0)
}

fn list(cli: &Cli, keywright: &Keywright, app: Option<&str>) -> Result<(), Failure> {
    let application_id = app
        .map(|name| keywright.applications().get(name))
        .transpose()?
        .map(|one| one.id);
    let page = keywright.sessions().list(&SessionQuery {
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
        let lang = keywright.lang();
        table::lines(page.items.iter().map(|one| row(lang, one, now)))
    })
}

async fn import(
    cli: &Cli,
    keywright: &Keywright,
    input: &SessionImportInput,
    text: &[u8],
) -> Result<(), Failure> {
    let taken = keywright.sessions().import_bytes(input, text).await?;
    let lang = keywright.lang();
    output::data(cli.json, &taken, || {
        shown(lang, &taken.session, keywright.now())
    })?;
    if !cli.json {
        if let Some(status) = taken.status {
            let status = status.to_string();
            output::status(
                cli.quiet,
                &translate(lang, Key::SessionTried, &[("status", &status)]),
            );
        }
        if let Some(note) = &taken.note {
            output::status(cli.quiet, note);
        }
    }
    Ok(())
}

fn preview(cli: &Cli, keywright: &Keywright, url: &str, text: &[u8]) -> Result<(), Failure> {
    let found = keywright.sessions().preview_import(url, text)?;
    output::data(cli.json, &found, || {
        let lang = keywright.lang();
        let cookies = found.cookies.iter();
        table::lines(cookies.map(|one| imported_row(lang, one)))
    })
}

fn imported_row(lang: Lang, cookie: &ImportedCookie) -> [String; 3] {
    let kept = match cookie.left_out {
        None => role(cookie.role),
        Some(LeftOut::Analytics) => Key::CookieExcludedAnalytics,
        Some(LeftOut::Expired) => Key::CookieExcludedExpired,
        Some(LeftOut::OtherAddress) => Key::CookieExcludedOther,
    };
    let scope = format!("{}{}", cookie.domain, cookie.path);
    [cookie.name.clone(), scope, translate(lang, kept, &[])]
}

fn shown(lang: Lang, one: &SessionView, now: i64) -> Vec<String> {
    let mut lines = table::lines([row(lang, one, now)]);
    for clock in &one.clocks {
        let left = clock.ends_at.map_or_else(
            || translate(lang, Key::SessionNoLimit, &[]),
            |end| left(lang, end - now),
        );
        lines.push(format!(
            "  {:<9} {left} ({})",
            clock.name,
            translate(lang, source(clock.source), &[])
        ));
    }
    if one.live && one.ends_at.is_none() {
        let text = translate(lang, Key::SessionEndUnknown, &[]);
        lines.push(format!("  expiry    {text}"));
    }
    let seen = &one.observed;
    let alive = i64::try_from(seen.alive_secs).unwrap_or(i64::MAX);
    let fact = |key: Key, value: &str| translate(lang, key, &[("value", value)]);
    let mut facts = vec![fact(Key::SessionAlive, &span(lang, alive))];
    if let Some(pause) = seen.longest_pause_secs {
        let pause = i64::try_from(pause).unwrap_or(i64::MAX);
        facts.push(fact(Key::SessionPause, &span(lang, pause)));
    }
    facts.push(fact(Key::SessionCalls, &seen.calls.to_string()));
    let facts = facts.join(&translate(lang, Key::BetweenFacts, &[]));
    lines.push(format!("  observed  {facts}"));
    lines.extend(one.cookies.iter().map(|cookie| {
        let end = cookie.expires_at.map_or_else(String::new, |end| {
            let span = span(lang, end - now);
            translate(lang, Key::SessionCookieExpires, &[("value", &span)])
        });
        output::escape_control_chars(&format!(
            "  {}=••••; Path={}{end}  ({})",
            cookie.name,
            cookie.path,
            translate(lang, role(cookie.role), &[])
        ))
    }));
    lines
}

/// The id, the application, the API, and what is known of the end.
fn row(lang: Lang, one: &SessionView, now: i64) -> [String; 4] {
    let state = match (one.end_reason, one.ends_at, one.state) {
        (Some(reason), _, _) => {
            let reason = translate(lang, reason_of(reason), &[]);
            translate(lang, Key::SessionEnded, &[("value", &reason)])
        }
        (None, Some(end), _) => format!(
            "{} ({})",
            left(lang, end - now),
            one.ends_first.as_deref().unwrap_or_default()
        ),
        (None, None, SessionState::Unproven) => translate(lang, Key::SessionUntried, &[]),
        (None, None, _) => {
            let alive = span(lang, now - one.started_at);
            translate(lang, Key::SessionAliveUnknown, &[("value", &alive)])
        }
    };
    [
        one.id.clone(),
        one.application.clone(),
        one.origin.clone(),
        state,
    ]
}

fn reason_of(reason: SessionEndReason) -> Key {
    match reason {
        SessionEndReason::Refused => Key::SessionEndedRefused,
        SessionEndReason::Login => Key::SessionEndedLogin,
        SessionEndReason::Deleted => Key::SessionEndedDeleted,
        SessionEndReason::Limit => Key::SessionEndedLimit,
        SessionEndReason::Expired => Key::SessionEndedExpired,
    }
}

fn source(source: EndSource) -> Key {
    match source {
        EndSource::Cookie => Key::SessionSourceCookie,
        EndSource::Configuration => Key::SessionSourceConfiguration,
        EndSource::Preset => Key::SessionSourcePreset,
        EndSource::Unknown => Key::SessionSourceUnknown,
    }
}

fn role(role: CookieRole) -> Key {
    match role {
        CookieRole::Session => Key::CookieSession,
        CookieRole::Candidate => Key::CookieCandidate,
        CookieRole::LoadBalancer => Key::CookieLoadBalancer,
        CookieRole::Network => Key::CookieNetwork,
        CookieRole::Csrf => Key::CookieCsrf,
        CookieRole::LoginState => Key::CookieLoginState,
        CookieRole::Analytics => Key::CookieAnalytics,
        CookieRole::Other => Key::CookieOther,
    }
}

/// The time that is left.
fn left(lang: Lang, secs: i64) -> String {
    translate(lang, Key::SessionLeft, &[("value", &span(lang, secs))])
}

/// A time in its two largest units.
fn span(lang: Lang, secs: i64) -> String {
    let secs = secs.max(0);
    let (days, hours, minutes) = (secs / 86_400, secs % 86_400 / 3600, secs % 3600 / 60);
    let of = |key: Key, large: i64, small: i64| {
        let (large, small) = (large.to_string(), small.to_string());
        translate(lang, key, &[("large", &large), ("small", &small)])
    };
    match (days, hours, minutes) {
        (0, 0, 0) => of(Key::SpanSeconds, secs, 0),
        (0, 0, minutes) => of(Key::SpanMinutes, minutes, 0),
        (0, hours, minutes) => of(Key::SpanHours, hours, minutes),
        (days, hours, _) => of(Key::SpanDays, days, hours),
    }
}
