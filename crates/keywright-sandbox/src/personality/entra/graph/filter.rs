//! The part of a query that a list of Graph understands: `$filter`, `$select`, `$top`, `$skiptoken`.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::answer::GraphError;

/// The most objects a page can have, and how many it has when nobody asks.
const MOST: usize = 999;
const USUAL: usize = 100;

/// Which objects of a list are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Filter {
    All,
    /// A member is this text.
    Is(String, String),
    /// A member begins with this text.
    Begins(String, String),
    /// A list has this text.
    Has(String, String),
}

/// A query of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    filter: Filter,
    select: Option<Vec<String>>,
    top: usize,
    skip: usize,
    /// The query for the next page, without its place.
    again: String,
}

impl Wanted {
    pub(super) fn read(query: Option<&str>) -> Result<Self, GraphError> {
        let mut wanted = Self {
            filter: Filter::All,
            select: None,
            top: USUAL,
            skip: 0,
            again: String::new(),
        };
        let mut again = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "$filter" => wanted.filter = filter(&value).ok_or(GraphError::BadFilter)?,
                "$select" => wanted.select = Some(value.split(',').map(str::to_owned).collect()),
                "$top" => {
                    let top = value.parse().ok().filter(|top| (1..=MOST).contains(top));
                    wanted.top = top.ok_or(GraphError::BadFilter)?;
                }
                "$skiptoken" => {
                    wanted.skip = value.parse().or(Err(GraphError::BadFilter))?;
                    continue;
                }
                _ => {}
            }
            again.append_pair(&name, &value);
        }
        wanted.again = again.finish();
        Ok(wanted)
    }

    /// The page of the objects that are wanted, and the query for the next one.
    pub(super) fn page(&self, all: impl Iterator<Item = Value>) -> (Vec<Value>, Option<String>) {
        let mut fitting = all
            .filter(|object| self.filter.fits(object))
            .skip(self.skip)
            .map(|object| self.selected(object));
        let page: Vec<Value> = fitting.by_ref().take(self.top).collect();
        let place = self.skip + page.len();
        let more = fitting.next().map(|_| {
            let and = if self.again.is_empty() { "" } else { "&" };
            format!("{}{and}%24skiptoken={place}", self.again)
        });
        (page, more)
    }

    /// The query selects this member by its name.
    pub(super) fn names(&self, member: &str) -> bool {
        self.select
            .as_ref()
            .is_some_and(|names| names.iter().any(|name| name == member))
    }

    /// The object without the members that were not selected.
    pub(super) fn selected(&self, object: Value) -> Value {
        match (&self.select, object) {
            (Some(names), Value::Object(members)) => {
                let kept: Map<String, Value> = members
                    .into_iter()
                    .filter(|(name, _)| names.contains(name))
                    .collect();
                Value::Object(kept)
            }
            (_, object) => object,
        }
    }
}

impl Filter {
    fn fits(&self, object: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Is(name, text) => object[name] == text.as_str(),
            Self::Begins(name, text) => object[name]
                .as_str()
                .is_some_and(|value| value.starts_with(text)),
            Self::Has(name, text) => object[name]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == text.as_str())),
        }
    }
}

/// `name eq 'text'`, `startswith(name,'text')` or `name/any(x:x eq 'text')`.
fn filter(text: &str) -> Option<Filter> {
    if let Some(inner) = text.strip_prefix("startswith(") {
        let (name, value) = inner.strip_suffix(')')?.split_once(',')?;
        return Some(Filter::Begins(name.to_owned(), quoted(value)?));
    }
    if let Some((name, rest)) = text.split_once("/any(") {
        let (variable, condition) = rest.strip_suffix(')')?.split_once(':')?;
        let value = condition.strip_prefix(variable)?.strip_prefix(" eq ")?;
        return Some(Filter::Has(name.to_owned(), quoted(value)?));
    }
    let (name, value) = text.split_once(" eq ")?;
    Some(Filter::Is(name.to_owned(), quoted(value)?))
}

/// The text between quotation marks, in which two of them are one.
fn quoted(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn names(query: &str) -> Vec<Value> {
        let all = [
            json!({ "appId": "a", "displayName": "Orders", "tags": ["x"] }),
            json!({ "appId": "b", "displayName": "O'Neil", "tags": [] }),
        ];
        let (page, _) = Wanted::read(Some(query)).unwrap().page(all.into_iter());
        page.into_iter()
            .map(|object| object["appId"].clone())
            .collect()
    }

    #[test]
    fn a_filter_takes_what_fits() {
        assert_eq!(names(""), ["a", "b"]);
        assert_eq!(names("$filter=appId%20eq%20'b'"), ["b"]);
        assert_eq!(names("%24filter=appId+eq+%27a%27"), ["a"]);
        assert_eq!(names("$filter=displayName eq 'O''Neil'"), ["b"]);
        assert_eq!(names("$filter=startswith(displayName,'Or')"), ["a"]);
        assert_eq!(names("$filter=tags/any(t:t eq 'x')"), ["a"]);
        for wrong in [
            "$filter=appId ne 'a'",
            "$filter=appId eq a",
            "$top=0",
            "$top=1000",
        ] {
            assert_eq!(
                Wanted::read(Some(wrong)),
                Err(GraphError::BadFilter),
                "{wrong}"
            );
        }
    }

    #[test]
    fn pages_lead_to_the_end_of_the_list() {
        let all = || (0..5).map(|number| json!({ "appId": number, "tags": [] }));
        let mut query = "$top=2&$select=appId".to_owned();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let (page, next) = Wanted::read(Some(&query)).unwrap().page(all());
            assert!(page.iter().all(|object| object.get("tags").is_none()));
            seen.extend(page);
            let Some(next) = next else { break };
            query = next;
        }
        assert_eq!(seen.len(), 5);
        assert_eq!(Wanted::read(Some(&query)).unwrap().page(all()).1, None);
    }
}
