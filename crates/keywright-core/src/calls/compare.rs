//! All three ways side by side.

use std::collections::BTreeSet;

use crate::{
    CoreError,
    calls::{
        Calls,
        types::{CallAuth, CallInput, CallView, CompareResult, CompareView, HeaderDifference},
    },
};

/// Headers that are new in every answer and say nothing about the way.
const VOLATILE: [&str; 3] = ["date", "set-cookie", "x-request-id"];
/// One way is slower than another when it takes this many times as long, and longer by this much.
const SLOWER: u64 = 2;
const SLOWER_MS: u64 = 500;

impl Calls<'_> {
    /// Sends the call once in each way. The session goes last, because one of the others may set it.
    pub async fn compare(self, input: &CallInput) -> Result<CompareView, CoreError> {
        self.app.application_row(&input.application_id)?;
        crate::calls::address(&input.url)?;
        let mut results = Vec::new();
        for auth in [
            CallAuth::ClientCredentials,
            CallAuth::Bearer,
            CallAuth::Session,
        ] {
            let answer = self
                .send(&CallInput {
                    auth,
                    ..input.clone()
                })
                .await;
            results.push(match answer {
                Ok(answer) => CompareResult {
                    auth,
                    answer: Some(answer),
                    error: None,
                },
                Err(CoreError::Locked) => return Err(CoreError::Locked),
                Err(error) => CompareResult {
                    auth,
                    answer: None,
                    error: Some(error.view(self.app.lang(), self.app.0.actor)),
                },
            });
        }
        Ok(compared(results))
    }
}

fn compared(results: Vec<CompareResult>) -> CompareView {
    let answers: Vec<&CallView> = results
        .iter()
        .filter_map(|result| result.answer.as_ref())
        .collect();
    let all = answers.len() == results.len();
    let same = |key: fn(&CallView) -> &str| {
        all && answers.windows(2).all(|pair| key(pair[0]) == key(pair[1]))
    };
    let same_body = same(|answer| &answer.body)
        && answers
            .windows(2)
            .all(|pair| pair[0].body_encoding == pair[1].body_encoding);
    let same_status = all
        && answers
            .windows(2)
            .all(|pair| pair[0].status == pair[1].status);
    let names: BTreeSet<String> = answers
        .iter()
        .flat_map(|answer| &answer.headers)
        .map(|header| header.name.to_ascii_lowercase())
        .filter(|name| !VOLATILE.contains(&name.as_str()))
        .collect();
    let headers: Vec<HeaderDifference> = names
        .into_iter()
        .filter_map(|name| {
            let values: Vec<Option<String>> = results
                .iter()
                .map(|result| {
                    let headers = &result.answer.as_ref()?.headers;
                    let all: Vec<&str> = headers
                        .iter()
                        .filter(|header| header.name.eq_ignore_ascii_case(&name))
                        .map(|header| header.value.as_str())
                        .collect();
                    (!all.is_empty()).then(|| all.join(", "))
                })
                .collect();
            values
                .windows(2)
                .any(|pair| pair[0] != pair[1])
                .then_some(HeaderDifference { name, values })
        })
        .collect();
    let mut differs = Vec::new();
    if !same_status {
        differs.push("status".to_owned());
    }
    if !headers.is_empty() {
        differs.push("headers".to_owned());
    }
    if !same_body {
        differs.push("body".to_owned());
    }
    if slower(&answers) {
        differs.push("time".to_owned());
    }
    CompareView {
        results,
        differs,
        headers,
        same_body,
    }
}

/// No two calls take the same time; only a noticeable difference is reported.
fn slower(answers: &[&CallView]) -> bool {
    let times = answers.iter().map(|answer| answer.elapsed_ms);
    let (Some(least), Some(most)) = (times.clone().min(), times.max()) else {
        return false;
    };
    most >= least.saturating_mul(SLOWER) && most - least >= SLOWER_MS
}
