//! All three ways side by side.

use std::collections::BTreeSet;

use crate::{
    CoreError,
    app::runtime::small,
    calls::{
        Calls,
        compare_bodies::{self, Compared},
        types::{
            CallAuth, CallInput, CallView, CompareResult, CompareVerdict, CompareView,
            HeaderDifference, PathDifference, PathKind,
        },
    },
};

/// Headers that are new in every answer and say nothing about the way.
const VOLATILE: [&str; 7] = [
    "content-length",
    "date",
    "set-cookie",
    "traceparent",
    "x-correlation-id",
    "x-request-id",
    "x-trace-id",
];
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
                Ok(answer) => answered(answer),
                Err(CoreError::Locked) => return Err(CoreError::Locked),
                Err(error) => CompareResult {
                    auth,
                    answer: None,
                    error: Some(error.view(self.app.lang(), self.app.0.actor)),
                    seen_as: None,
                    requests: 0,
                    gateway_requests: 0,
                },
            });
        }
        Ok(compared(results))
    }
}

fn answered(answer: CallView) -> CompareResult {
    let gateway = answer.auth == CallAuth::ClientCredentials && !answer.is_failure();
    CompareResult {
        auth: answer.auth,
        seen_as: compare_bodies::caller(&answer),
        requests: 1 + u32::from(answer.fetched_token),
        gateway_requests: u32::from(gateway),
        answer: Some(answer),
        error: None,
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
    let bodies = compare_bodies::compare(&results);
    let accepted = answers.iter().filter(|answer| !answer.is_failure()).count();
    let callers: BTreeSet<&str> = results
        .iter()
        .filter_map(|result| result.seen_as.as_deref())
        .collect();
    let verdict = verdict(&results, accepted, callers.len(), &bodies);
    CompareView {
        verdict,
        accepted: small(accepted),
        identities: small(callers.len()),
        equal_paths: bodies.equal,
        paths: bodies.differing,
        results,
        differs,
        headers,
        same_body,
    }
}

fn verdict(
    results: &[CompareResult],
    accepted: usize,
    callers: usize,
    bodies: &Compared,
) -> CompareVerdict {
    if results.iter().all(|result| result.answer.is_none()) {
        return CompareVerdict::NoAnswer;
    }
    if accepted == 0 {
        return CompareVerdict::AllRefused;
    }
    if accepted < results.len() {
        return CompareVerdict::SomeRefused;
    }
    let statuses: BTreeSet<u16> = results
        .iter()
        .filter_map(|result| Some(result.answer.as_ref()?.status))
        .collect();
    let data = |path: &PathDifference| path.kind == PathKind::Data;
    if statuses.len() > 1 || bodies.differing.iter().any(data) {
        return CompareVerdict::DifferentData;
    }
    match callers {
        0 => CompareVerdict::SameData,
        // An answer that does not say whom it saw is not counted as another caller.
        1 => CompareVerdict::SameIdentity,
        _ => CompareVerdict::DifferentIdentities,
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

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
