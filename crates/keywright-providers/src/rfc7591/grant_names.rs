//! Grants with several names: a server may know another one than its metadata or the standard has. Glewlwyd lists the
//! URN of RFC 8628 and registers `device_authorization` alone.

use std::fmt;

use keywright_oauth::{client_metadata::ClientMetadata, grant_name::NAMED_GRANTS};
use serde_json::json;

use crate::{ProviderConfig, settings::ADAPTED};

/// The name that one registration sends for each of [`NAMED_GRANTS`] that it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GrantNames([Option<&'static str>; NAMED_GRANTS.len()]);

impl GrantNames {
    /// The remembered names, else those that were asked for.
    pub(super) fn of(config: &ProviderConfig, wanted: &ClientMetadata) -> Self {
        let asked = wanted.grant_types().unwrap_or_default();
        Self(std::array::from_fn(|at| {
            let grant = &NAMED_GRANTS[at];
            let known = |name: &str| grant.names.into_iter().find(|one| *one == name);
            let asked = asked.iter().find_map(|name| known(name))?;
            let learned = config.learned(grant.key);
            Some(learned.and_then(known).unwrap_or(asked))
        }))
    }

    /// Settings that remember the names: empty for that of the standard.
    pub(super) fn settings(self) -> impl Iterator<Item = (String, String)> {
        self.sent().map(|(at, name)| {
            let grant = &NAMED_GRANTS[at];
            let value = if name == grant.names[0] { "" } else { name };
            (format!("{ADAPTED}{}", grant.key), value.to_owned())
        })
    }

    /// Writes the names into the body of a request.
    pub(super) fn apply(self, body: &mut ClientMetadata) {
        let Some(asked) = body.grant_types().filter(|_| self != Self::default()) else {
            return;
        };
        let sent = asked.iter().map(|name| {
            let named = self
                .sent()
                .find(|(at, _)| NAMED_GRANTS[*at].names.contains(&name.as_str()));
            named.map_or(name.as_str(), |(_, sent)| sent)
        });
        let sent: Vec<&str> = sent.collect();
        if asked != sent {
            body.set("grant_types", json!(sent));
        }
    }

    fn sent(self) -> impl Iterator<Item = (usize, &'static str)> {
        let all = self.0.into_iter().enumerate();
        all.filter_map(|(at, name)| Some((at, name?)))
    }

    fn with(mut self, at: usize, name: &'static str) -> Self {
        self.0[at] = Some(name);
        self
    }
}

impl fmt::Display for GrantNames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.sent().map(|(_, name)| name).collect();
        out.write_str(&names.join(" "))
    }
}

/// The names to send after a refusal of the grants: one that the refusal names, else the next one that was not sent yet.
pub(super) fn after(tried: &[GrantNames], said: &str) -> Option<GrantNames> {
    let last = *tried.last()?;
    let words: Vec<&str> = said
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || "_-:.".contains(letter)))
        .map(|word| word.trim_end_matches(['.', ':']))
        .collect();
    let left: Vec<(usize, &str)> = last
        .sent()
        .flat_map(|(at, _)| NAMED_GRANTS[at].names.map(|name| (at, name)))
        .filter(|(at, name)| tried.iter().all(|one| one.0[*at] != Some(*name)))
        .collect();
    let named = left.iter().find(|(_, name)| words.contains(name));
    let (at, name) = named.or(left.first())?;
    Some(last.with(*at, name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use keywright_oauth::{exchange::TOKEN_EXCHANGE, token::DEVICE_CODE};
    use serde_json::Value;

    use super::*;
    use crate::ProviderKind;

    fn names(grants: &Value) -> GrantNames {
        remembered(grants, &[])
    }

    fn remembered(grants: &Value, settings: &[(&str, &str)]) -> GrantNames {
        let mut wanted = ClientMetadata::default();
        wanted.set("grant_types", grants.clone());
        let settings = settings.iter().copied();
        let config = ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: settings
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
            secrets: BTreeMap::new(),
            metadata: None,
        };
        GrantNames::of(&config, &wanted)
    }

    #[test]
    fn a_name_that_the_refusal_lists_is_the_next() {
        let first = names(&json!([DEVICE_CODE, "refresh_token"]));
        let said = "grant_types must be one of: 'refresh_token', 'device_authorization'.";
        let next = after(&[first], said).map(|next| next.to_string());
        assert_eq!(next.as_deref(), Some("device_authorization"));
    }

    #[test]
    fn each_name_is_sent_once_where_the_refusal_lists_none() {
        let mut tried = vec![names(&json!([TOKEN_EXCHANGE, DEVICE_CODE]))];
        while let Some(next) = after(&tried, "Invalid grant_types") {
            tried.push(next);
        }
        assert_eq!(tried.len(), 5);
        assert_eq!(
            after(&[names(&json!(["client_credentials"]))], "grant_types"),
            None
        );
    }

    #[test]
    fn a_remembered_name_is_sent_and_the_usual_one_is_forgotten() {
        let learned = [("adapted.device_code", "device_authorization")];
        let sent = remembered(&json!([DEVICE_CODE]), &learned);
        assert_eq!(sent.to_string(), "device_authorization");
        let settings: Vec<(String, String)> = names(&json!([DEVICE_CODE])).settings().collect();
        assert_eq!(settings, [("adapted.device_code".into(), String::new())]);
        assert_eq!(names(&json!(["password"])).settings().count(), 0);
    }

    #[test]
    fn the_other_grants_are_sent_as_they_were() {
        let mut body = ClientMetadata::default();
        body.set("grant_types", json!(["refresh_token", DEVICE_CODE]));
        let sent = names(&json!([DEVICE_CODE])).with(0, "device_authorization");
        sent.apply(&mut body);
        let sent = body.grant_types();
        assert_eq!(
            sent.as_deref(),
            Some(
                &[
                    "refresh_token".to_owned(),
                    "device_authorization".to_owned()
                ][..]
            )
        );
    }
}
