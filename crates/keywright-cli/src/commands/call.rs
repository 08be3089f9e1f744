//! call.

use keywright_core::{
    CoreError, Keywright, Lang, translate,
    view::{CallAuth, CallInput, CallView, CompareResult, TokenWish},
};
use serde_json::{Map, Value, json, map::Entry};

use super::{call_input, mcp};
use crate::{
    args::{AuthWay, CallArgs, Cli},
    failure::Failure,
    follow_up_commands, output, stream,
    text::Key,
};

/// Exit code of `--fail` when the API answers 4xx or 5xx, or with a login page.
const REFUSED: u8 = 5;

pub(crate) async fn run(cli: &Cli, keywright: &Keywright, args: &CallArgs) -> Result<u8, Failure> {
    let input = input(keywright, args)?;
    for name in call_input::typed_secrets(args) {
        let warning = translate(keywright.lang(), Key::TypedHeader, &[("name", name)]);
        output::status(cli.quiet, &warning);
    }
    if args.compare {
        return compare(cli, keywright, args, &input).await;
    }
    let answer = match keywright.calls().send(&input).await {
        Ok(answer) => answer,
        Err(error @ CoreError::NoSession { .. }) => {
            return Err(match follow_up_commands::open_session(keywright, &input) {
                Some(next) => Failure::Next {
                    source: Box::new(error.into()),
                    next,
                },
                None => error.into(),
            });
        }
        Err(error) => return Err(error.into()),
    };
    let answer = Box::pin(with_wider_scope(cli, keywright, args, &input, answer)).await?;
    let hint = answer
        .session_ended
        .and_then(|_| follow_up_commands::open_session(keywright, &input))
        .map(|next| next.translate(keywright.lang()));
    if cli.json {
        output::document(&call_document(&answer, hint.as_deref())?);
    } else {
        print(cli, keywright.lang(), &answer);
        if let Some(hint) = hint {
            output::status(cli.quiet, &hint);
        }
    }
    Ok(if args.fail && answer.is_failure() {
        REFUSED
    } else {
        0
    })
}

/// Where the API says that the token has not enough scope (RFC 6750 §3.1), asks once whether to get a wider one, and
/// calls again with it. The first answer is kept where nobody agrees.
async fn with_wider_scope(
    cli: &Cli,
    keywright: &Keywright,
    args: &CallArgs,
    input: &CallInput,
    answer: CallView,
) -> Result<CallView, Failure> {
    let Some(scope) = answer.wider_scope.clone() else {
        return Ok(answer);
    };
    let wish = TokenWish {
        application_id: input.application_id.clone(),
        scope: Some(scope.clone()),
        resources: input.resources.clone(),
        ..TokenWish::default()
    };
    match mcp::widen(cli, keywright, &wish, &args.sign_in, args.yes).await {
        Ok(_) => {
            let calls = keywright.calls();
            Ok(calls.send_with_scope(input, Some(&scope)).await?)
        }
        Err(Failure::NotConfirmed) => Ok(answer),
        // Nobody can be asked: the answer of the API is what was asked for, with what to do about it.
        Err(Failure::Next { next, .. }) if !args.yes => {
            output::status(cli.quiet, &next.translate(keywright.lang()));
            Ok(answer)
        }
        Err(error) => Err(error),
    }
}

async fn compare(
    cli: &Cli,
    keywright: &Keywright,
    args: &CallArgs,
    input: &CallInput,
) -> Result<u8, Failure> {
    let compared = keywright.calls().compare(input).await?;
    if cli.json {
        let results = compared
            .results
            .iter()
            .map(|result| match &result.answer {
                Some(answer) => call_document(answer, None),
                None => Ok(json!({ "auth": result.auth, "error": result.error }).to_string()),
            })
            .collect::<Result<Vec<_>, _>>()?
            .join(",");
        let rest = json!({ "differs": compared.differs, "headers": compared.headers }).to_string();
        output::document(&with_member("results", &format!("[{results}]"), &rest));
    } else {
        output::data(false, &(), || {
            let mut lines: Vec<String> = compared.results.iter().map(compared_line).collect();
            lines.push(format!(
                "differs: {}",
                if compared.differs.is_empty() {
                    "nothing".to_owned()
                } else {
                    compared.differs.join(", ")
                }
            ));
            lines
        })?;
    }
    let is_bad = |result: &CompareResult| {
        let answer = result.answer.as_ref();
        answer.is_none_or(CallView::is_failure)
    };
    let bad = compared.results.iter().any(is_bad);
    Ok(if args.fail && bad { REFUSED } else { 0 })
}

fn compared_line(result: &CompareResult) -> String {
    let outcome = match (&result.answer, &result.error) {
        (Some(answer), _) => {
            let login = if answer.login_page.is_some() {
                ", a login page"
            } else {
                ""
            };
            format!("{} in {} ms{login}", answer.status, answer.elapsed_ms)
        }
        (None, Some(error)) => output::escape_control_chars(&error.message),
        (None, None) => String::new(),
    };
    format!("{:<20} {outcome}", way_name(result.auth))
}

fn print(cli: &Cli, lang: Lang, answer: &CallView) {
    match answer.raw_body() {
        None => {
            output::body(&answer.body);
            end_line(cli, answer.body.as_bytes());
        }
        Some(bytes) if !output::is_seen() => {
            stream::bytes(&bytes);
            end_line(cli, &bytes);
        }
        Some(_) => output::status(
            false,
            &translate(
                lang,
                Key::BodyNotText,
                &[("size", &answer.size.to_string())],
            ),
        ),
    }
    output::status(
        cli.quiet,
        &format!(
            "{} in {} ms, {}",
            answer.status,
            answer.elapsed_ms,
            way_name(answer.auth)
        ),
    );
    if let Some(session) = answer.session.as_ref().filter(|session| session.captured) {
        output::status(
            cli.quiet,
            &translate(lang, Key::SessionSaved, &[("origin", &session.origin)]),
        );
    }
    if let Some(note) = &answer.note {
        output::status(cli.quiet, note);
    }
    // The note names the first.
    for cookie in answer.refused_cookies.iter().skip(1) {
        output::status(
            cli.quiet,
            &output::escape_control_chars(&format!("! {}: {}", cookie.name, cookie.reason)),
        );
    }
}

/// The messages after a body begin on a line of their own.
fn end_line(cli: &Cli, body: &[u8]) {
    if !cli.quiet {
        output::end_line(body);
    }
}

fn input(keywright: &Keywright, args: &CallArgs) -> Result<CallInput, Failure> {
    let (method, url) = match args.target.as_slice() {
        [url] => ("GET", url),
        [method, url] => (method.as_str(), url),
        _ => {
            return Err(Failure::Usage {
                key: Key::UsageCall,
                detail: String::new(),
            });
        }
    };
    let (headers, body) = (call_input::headers(args)?, call_input::body(args)?);
    Ok(CallInput {
        application_id: keywright.applications().get(&args.app)?.id,
        method: method.to_owned(),
        url: url.clone(),
        headers,
        body,
        auth: match args.auth {
            AuthWay::ClientCredentials => CallAuth::ClientCredentials,
            AuthWay::Bearer => CallAuth::Bearer,
            AuthWay::Session => CallAuth::Session,
        },
        resources: args.resources.clone(),
    })
}

fn way_name(auth: CallAuth) -> &'static str {
    match auth {
        CallAuth::ClientCredentials => "client-credentials",
        CallAuth::Bearer => "bearer",
        CallAuth::Session => "session",
    }
}

/// The answer as JSON. A body that is JSON stands in it letter by letter: no number loses a digit, no member its place.
fn call_document(answer: &CallView, hint: Option<&str>) -> Result<String, Failure> {
    let mut headers: Map<String, Value> = Map::new();
    for header in &answer.headers {
        let value = json!(header.value);
        match headers.entry(header.name.to_ascii_lowercase()) {
            Entry::Vacant(free) => {
                free.insert(value);
            }
            Entry::Occupied(mut first) => match first.get_mut() {
                Value::Array(all) => all.push(value),
                one => *one = json!([one.take(), value]),
            },
        }
    }
    let body = if answer.is_json {
        compact(answer.body.trim_start_matches('\u{feff}'))
    } else {
        serde_json::to_string(&answer.body)?
    };
    let rest = json!({
        "status": answer.status,
        "headers": headers,
        "auth": answer.auth,
        "elapsed_ms": answer.elapsed_ms,
        "session": answer.session,
        "refused_cookies": answer.refused_cookies,
        "exchange": answer.exchange,
        "size": answer.size,
        "body_encoding": answer.body_encoding,
        "note": answer.note,
        "hint": hint,
        "login_page": answer.login_page,
        "session_ended": answer.session_ended,
        "no_session_cookie": answer.no_session_cookie,
        "wider_scope": answer.wider_scope,
    });
    Ok(with_member("body", &body, &rest.to_string()))
}

/// An object with a member before the others, whose value is JSON text.
fn with_member(name: &str, value: &str, object: &str) -> String {
    let rest = object.strip_prefix('{').unwrap_or(object);
    format!("{{\"{name}\":{value},{rest}")
}

/// JSON without blanks between its parts.
fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for letter in text.chars() {
        if quoted {
            quoted = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
        } else if matches!(letter, ' ' | '\t' | '\r' | '\n') {
            continue;
        } else {
            quoted = letter == '"';
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn blanks_outside_of_texts_alone_are_left_out() {
        let text =
            " {\r\n\t\"a b\" : [ 1.0000000000000000000001 , \"x \\\" y\\\\\" ] , \"c\": \"\" } ";
        let wanted = "{\"a b\":[1.0000000000000000000001,\"x \\\" y\\\\\"],\"c\":\"\"}";
        assert_eq!(compact(text), wanted);
        assert_eq!(
            with_member("z", "[1]", wanted).find("{\"z\":[1],\"a b\""),
            Some(0)
        );
    }
}
