//! What the bodies of the three ways have in common, place by place, and whom each API took the caller for.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::calls::types::{CallView, CompareResult, PathDifference, PathKind};

/// Headers by which gateways tell the API who calls; in front the ones that name, then those that number.
const CALLER_HEADERS: [&str; 6] = [
    "x-consumer-username",
    "x-consumer-custom-id",
    "x-authenticated-userid",
    "x-credential-identifier",
    "x-consumer-id",
    "x-user",
];
/// Members that name the caller.
const WHO: [&str; 11] = [
    "sub",
    "subject",
    "client_id",
    "clientid",
    "user",
    "username",
    "user_id",
    "principal",
    "consumer",
    "caller",
    "identity",
];
/// Members that name the way in which the caller was authenticated.
const HOW: [&str; 5] = [
    "authenticated_by",
    "authenticatedby",
    "auth_method",
    "authentication",
    "token_type",
];
/// Members that are new in every answer and say nothing.
const VOLATILE: [&str; 8] = [
    "request_id",
    "requestid",
    "correlation_id",
    "correlationid",
    "trace_id",
    "traceid",
    "timestamp",
    "server_time",
];
/// Most places in the result; longer lists do not help anybody.
const MOST: usize = 500;

/// The places of all bodies.
pub(super) struct Compared {
    /// Those whose values are not the same among the answers.
    pub(super) differing: Vec<PathDifference>,
    /// How many have the same value in all answers.
    pub(super) equal: u32,
}

/// Who the API took the caller for, by a header of the gateway or a member of the body.
pub(super) fn caller(answer: &CallView) -> Option<String> {
    if answer.is_failure() {
        return None;
    }
    let body = parsed(answer).and_then(|body| {
        let mut places = BTreeMap::new();
        flatten(&body, String::new(), &mut places);
        let mut named: Vec<(usize, String)> = places
            .into_iter()
            .filter(|(path, _)| !path.contains('['))
            .filter_map(|(path, value)| {
                let rank = WHO.iter().position(|name| *name == last(&path))?;
                let text = serde_json::from_str::<String>(&value).ok()?;
                Some((path.matches('.').count() * WHO.len() + rank, text))
            })
            .collect();
        named.sort();
        named.into_iter().next().map(|(_, name)| name)
    });
    body.or_else(|| {
        CALLER_HEADERS.iter().find_map(|name| {
            let header = answer
                .headers
                .iter()
                .find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(header.value.clone())
        })
    })
}

/// Compares the bodies of those that were answered, place by place where all are JSON, else as a whole.
pub(super) fn compare(results: &[CompareResult]) -> Compared {
    let answers: Vec<Option<&CallView>> = results
        .iter()
        .map(|result| result.answer.as_ref())
        .collect();
    let bodies: Vec<Option<Option<Value>>> =
        answers.iter().map(|answer| answer.map(parsed)).collect();
    if bodies.iter().flatten().any(Option::is_none) {
        let values: Vec<Option<String>> = answers
            .iter()
            .map(|answer| Some(Value::from(answer.as_ref()?.body.clone()).to_string()))
            .collect();
        let place = PathDifference {
            path: String::new(),
            kind: PathKind::Data,
            values,
        };
        let differs = is_different(&place, &answers);
        return Compared {
            equal: u32::from(!differs),
            differing: if differs { vec![place] } else { Vec::new() },
        };
    }
    let flat: Vec<BTreeMap<String, String>> = bodies
        .into_iter()
        .map(|body| {
            let mut places = BTreeMap::new();
            if let Some(body) = body.flatten() {
                flatten(&body, String::new(), &mut places);
            }
            places
        })
        .collect();
    let mut paths: Vec<&String> = flat.iter().flat_map(BTreeMap::keys).collect();
    paths.sort();
    paths.dedup();
    let mut compared = Compared {
        differing: Vec::new(),
        equal: 0,
    };
    for path in paths {
        let place = PathDifference {
            path: path.clone(),
            kind: kind(path),
            values: flat.iter().map(|body| body.get(path).cloned()).collect(),
        };
        if VOLATILE.contains(&last(path).as_str()) {
            continue;
        }
        if !is_different(&place, &answers) {
            compared.equal += 1;
        } else if compared.differing.len() < MOST {
            compared.differing.push(place);
        }
    }
    compared
}

/// Ways without an answer have no value; they are not compared.
fn is_different(place: &PathDifference, answers: &[Option<&CallView>]) -> bool {
    let mut values = place
        .values
        .iter()
        .zip(answers)
        .filter(|(_, answer)| answer.is_some())
        .map(|(value, _)| value);
    let first = values.next();
    values.any(|value| Some(value) != first)
}

fn parsed(answer: &CallView) -> Option<Value> {
    if !answer.is_json {
        return None;
    }
    serde_json::from_str(&answer.body).ok()
}

/// The last name of a path, in lower case.
fn last(path: &str) -> String {
    let name = path.rsplit('.').next().unwrap_or(path);
    name.split('[').next().unwrap_or(name).to_ascii_lowercase()
}

/// Only what is outside of lists is about the caller: the customer of an order has a name as well.
fn kind(path: &str) -> PathKind {
    if path.contains('[') {
        return PathKind::Data;
    }
    let name = last(path);
    if WHO.contains(&name.as_str()) {
        PathKind::Who
    } else if HOW.contains(&name.as_str()) {
        PathKind::How
    } else {
        PathKind::Data
    }
}

/// Each leaf by its path; an empty list or object is a leaf.
fn flatten(value: &Value, path: String, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                let next = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(member, next, into);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                flatten(item, format!("{path}[{at}]"), into);
            }
        }
        leaf => {
            into.insert(path, leaf.to_string());
        }
    }
}
