//! The door of the Management API: the administrator's token, and what it may do.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::answer::ManagementRefusal;
use super::{SELF, management_audience};
use crate::idp::{self, Claims};
use crate::state::Shared;

/// Lets the administrator in who has one of these permissions, written as the refusal lists them.
pub(super) fn admitted(
    shared: &Shared,
    headers: &HeaderMap,
    needed: &'static str,
) -> Result<Claims, ManagementRefusal> {
    let token = idp::bearer(headers).ok_or(ManagementRefusal::NoToken)?;
    let audience = management_audience(shared);
    let claims =
        idp::admin_token(shared, SELF, token, &audience).ok_or(ManagementRefusal::BadToken)?;
    let may = needed.split(',').any(|scope| has(&claims, scope));
    may.then_some(claims)
        .ok_or(ManagementRefusal::InsufficientScope(needed))
}

/// The token has this permission.
pub(super) fn has(claims: &Claims, scope: &str) -> bool {
    claims.scope().contains(&scope)
}

/// Which part of a list is asked for, and how it is to be answered.
pub(super) struct Page {
    number: usize,
    size: usize,
    with_totals: bool,
}

impl Page {
    /// From the query: `page` and `per_page`, or `take` for the first part alone.
    pub(super) fn of(query: &BTreeMap<String, String>) -> Result<Self, ManagementRefusal> {
        let number = |name: &str, usual: usize| match query.get(name) {
            None => Ok(usual),
            Some(text) => text.parse().or(Err(ManagementRefusal::InvalidBody(format!(
                "'Expected type integer but found type string' on property {name}."
            )))),
        };
        let size = number("per_page", number("take", 50)?)?;
        if size > 100 {
            return Err(ManagementRefusal::InvalidBody(format!(
                "'Value {size} is greater than maximum 100' on property per_page."
            )));
        }
        Ok(Self {
            number: number("page", 0)?,
            size,
            with_totals: query.get("include_totals").is_some_and(|it| it == "true"),
        })
    }

    /// A bare list, or one with its totals around it.
    pub(super) fn answer(&self, name: &str, all: Vec<Value>) -> Value {
        let total = all.len();
        let start = self.number.saturating_mul(self.size);
        let part: Vec<Value> = all.into_iter().skip(start).take(self.size).collect();
        if !self.with_totals {
            return json!(part);
        }
        let mut body = Map::from_iter([
            ("total".to_owned(), json!(total)),
            ("start".to_owned(), json!(start)),
            ("limit".to_owned(), json!(self.size)),
        ]);
        body.insert(name.to_owned(), json!(part));
        Value::Object(body)
    }
}
