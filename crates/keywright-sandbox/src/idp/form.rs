//! The parameters of a request to the token endpoint (RFC 6749 section 3.2).

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

/// Parameters by name.
pub(crate) struct Form {
    fields: BTreeMap<String, String>,
    /// The values of `resource`, which alone may come more than once (RFC 8707 section 2).
    resources: Vec<String>,
}

/// Why the parameters cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadForm {
    /// The body is no form, or none that is taken here.
    OtherKind,
    /// A parameter came twice.
    Twice,
}

impl Form {
    /// A form body; no parameter may come twice.
    pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, BadForm> {
        if !is_kind(headers, "application/x-www-form-urlencoded") {
            return Err(BadForm::OtherKind);
        }
        Self::of_pairs(body)
    }

    /// The query of an address; no parameter may come twice (RFC 6749 section 3.1).
    pub(crate) fn of_query(query: &str) -> Result<Self, BadForm> {
        Self::of_pairs(query.as_bytes())
    }

    fn of_pairs(encoded: &[u8]) -> Result<Self, BadForm> {
        let mut fields = BTreeMap::new();
        let mut resources = Vec::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if name == "resource" && !value.is_empty() {
                resources.push(value.into_owned());
                continue;
            }
            let before = fields.insert(name.into_owned(), value.into_owned());
            if before.is_some() {
                return Err(BadForm::Twice);
            }
        }
        Ok(Self { fields, resources })
    }

    /// A form body, or a JSON object of strings, as Auth0 takes it besides.
    pub(crate) fn parse_or_json(headers: &HeaderMap, body: &[u8]) -> Result<Self, BadForm> {
        if !is_kind(headers, "application/json") {
            return Self::parse(headers, body);
        }
        let members: Map<String, Value> =
            serde_json::from_slice(body).or(Err(BadForm::OtherKind))?;
        let fields = members.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        });
        Ok(Self {
            fields: fields.collect(),
            resources: Vec::new(),
        })
    }

    /// Sets a parameter.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.fields.insert(name.to_owned(), value.to_owned());
    }

    /// All values of `resource`.
    pub(crate) fn resources(&self) -> &[String] {
        &self.resources
    }

    /// A parameter; one without a value counts as not sent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = match name {
            "resource" => self.resources.first(),
            _ => self.fields.get(name),
        };
        let value = value.map(String::as_str);
        value.filter(|value| !value.is_empty())
    }
}

/// The body says that it is of this media type.
pub(crate) fn is_kind(headers: &HeaderMap, kind: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|named| named.trim().eq_ignore_ascii_case(kind))
}
