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

/// Pages by number end here, as at Auth0; checkpoints go on.
const MOST_BY_NUMBER: usize = 1000;

/// Which part of a list is asked for, and how it is to be answered.
pub(super) struct Page {
    start: usize,
    size: usize,
    form: PageForm,
}

/// What stands around the items.
enum PageForm {
    /// Nothing: a bare list.
    Bare,
    /// `include_totals`.
    Totals,
    /// `next`, for `from` of the next request.
    Checkpoint,
}

impl Page {
    /// From the query: `page` and `per_page`, or `take` with `from`, which is the number of items before it here.
    pub(super) fn of(query: &BTreeMap<String, String>) -> Result<Self, ManagementRefusal> {
        let number = |name: &str, usual: usize| match query.get(name) {
            None => Ok(usual),
            Some(text) => text.parse().or(Err(ManagementRefusal::InvalidBody(format!(
                "'Expected type integer but found type string' on property {name}."
            )))),
        };
        let checkpoint = query.contains_key("take") || query.contains_key("from");
        let size = number("per_page", number("take", 50)?)?;
        if size > 100 {
            return Err(ManagementRefusal::InvalidBody(format!(
                "'Value {size} is greater than maximum 100' on property per_page."
            )));
        }
        let start = if checkpoint {
            number("from", 0)?
        } else {
            number("page", 0)?.saturating_mul(size)
        };
        if !checkpoint && start.saturating_add(size) > MOST_BY_NUMBER {
            return Err(ManagementRefusal::InvalidBody(format!(
                "Requesting page {} exceeds the allowed maximum of {MOST_BY_NUMBER} records.",
                start / size.max(1)
            )));
        }
        let form = if checkpoint {
            PageForm::Checkpoint
        } else if query.get("include_totals").is_some_and(|it| it == "true") {
            PageForm::Totals
        } else {
            PageForm::Bare
        };
        Ok(Self { start, size, form })
    }

    /// The items of this page in the form that was asked for.
    pub(super) fn answer(&self, name: &str, all: Vec<Value>) -> Value {
        let total = all.len();
        let part: Vec<Value> = all.into_iter().skip(self.start).take(self.size).collect();
        let end = self.start.saturating_add(part.len());
        let mut body = match self.form {
            PageForm::Bare => return json!(part),
            PageForm::Totals => Map::from_iter([
                ("total".to_owned(), json!(total)),
                ("start".to_owned(), json!(self.start)),
                ("limit".to_owned(), json!(self.size)),
            ]),
            PageForm::Checkpoint if end < total => {
                Map::from_iter([("next".to_owned(), json!(end.to_string()))])
            }
            PageForm::Checkpoint => Map::new(),
        };
        body.insert(name.to_owned(), json!(part));
        Value::Object(body)
    }
}
