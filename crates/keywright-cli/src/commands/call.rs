//! call.

use keywright_core::{
    Keywright,
    view::{CallAuth, CallInput, CallView, HeaderView},
};
use serde_json::{Map, Value, json};

use super::read_text;
use crate::{
    args::{AuthWay, CallArgs, Cli},
    failure::Failure,
    output,
};

/// Exit code of `--fail` when the API answers 4xx or 5xx.
const REFUSED: u8 = 5;

pub(crate) async fn run(cli: &Cli, keywright: &Keywright, args: &CallArgs) -> Result<u8, Failure> {
    let input = input(keywright, args)?;
    if args.compare {
        let compared = keywright.call_compare(&input).await?;
        let results: Vec<Value> = compared
            .results
            .iter()
            .map(|result| match &result.answer {
                Some(answer) => document(answer),
                None => json!({ "auth": result.auth, "error": result.error }),
            })
            .collect();
        let bad = compared.results.iter().any(|result| {
            result
                .answer
                .as_ref()
                .is_none_or(|answer| answer.status >= 400)
        });
        output::data(
            cli.json,
            &json!({ "results": results, "differs": compared.differs, "headers": compared.headers }),
            || {
                let mut lines: Vec<String> = compared
                    .results
                    .iter()
                    .map(|result| {
                        let outcome = match (&result.answer, &result.error) {
                            (Some(answer), _) => {
                                format!("{} in {} ms", answer.status, answer.elapsed_ms)
                            }
                            (None, Some(error)) => output::visible(&error.message),
                            (None, None) => String::new(),
                        };
                        format!("{:<20} {outcome}", way_name(result.auth))
                    })
                    .collect();
                lines.push(format!(
                    "differs: {}",
                    if compared.differs.is_empty() {
                        "nothing".to_owned()
                    } else {
                        compared.differs.join(", ")
                    }
                ));
                lines
            },
        )?;
        return Ok(if args.fail && bad { REFUSED } else { 0 });
    }
    let answer = keywright.call(&input).await?;
    output::data(cli.json, &document(&answer), Vec::new)?;
    if !cli.json {
        output::body(&answer.body);
        output::talk(
            cli.quiet,
            &format!(
                "{} in {} ms, {}",
                answer.status,
                answer.elapsed_ms,
                way_name(answer.auth)
            ),
        );
        if let Some(session) = answer.session.as_ref().filter(|session| session.captured) {
            output::talk(cli.quiet, &format!("session kept: {}", session.origin));
        }
        for cookie in &answer.refused_cookies {
            output::talk(
                cli.quiet,
                &output::visible(&format!("! {}: {}", cookie.name, cookie.reason)),
            );
        }
    }
    Ok(if args.fail && answer.status >= 400 {
        REFUSED
    } else {
        0
    })
}

fn input(keywright: &Keywright, args: &CallArgs) -> Result<CallInput, Failure> {
    let (method, url) = match args.target.as_slice() {
        [url] => ("GET", url),
        [method, url] => (method.as_str(), url),
        _ => {
            return Err(Failure::Usage {
                detail: "call takes a method and an address".into(),
            });
        }
    };
    let headers = args
        .headers
        .iter()
        .map(|text| {
            let (name, value) = text.split_once(':').ok_or_else(|| Failure::Usage {
                detail: "-H takes NAME: VALUE".into(),
            })?;
            Ok(HeaderView {
                name: name.trim().to_owned(),
                value: value.trim().to_owned(),
            })
        })
        .collect::<Result<_, Failure>>()?;
    let body = match args.data.as_deref() {
        Some(text) => Some(match text.strip_prefix('@') {
            Some(path) => read_text(path)?,
            None => text.to_owned(),
        }),
        None => None,
    };
    Ok(CallInput {
        application_id: keywright.application(&args.app)?.id,
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

fn document(answer: &CallView) -> Value {
    let mut headers = Map::new();
    for header in &answer.headers {
        headers.insert(header.name.to_ascii_lowercase(), json!(header.value));
    }
    let body = if answer.is_json {
        serde_json::from_str(&answer.body).unwrap_or(Value::Null)
    } else {
        json!(answer.body)
    };
    json!({
        "status": answer.status,
        "headers": headers,
        "body": body,
        "auth": answer.auth,
        "elapsed_ms": answer.elapsed_ms,
        "session": answer.session,
        "refused_cookies": answer.refused_cookies,
        "exchange": answer.exchange,
    })
}
