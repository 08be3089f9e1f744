//! Key sets of issuers, kept between tokens and between runs. They are public; only an issuer's own document is kept
//! under its address.

use keywright_oauth::{
    jwks::{self, Fetched, Jwks},
    lenient,
};
use keywright_vault::ApplicationRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{CoreError, app::FlowSubject, configurations::Configurations};

/// Lifetime of a key set whose server states none.
const USUAL_SECS: u64 = 5 * 60;
/// Shortest lifetime: `no-cache` is common, and a token that the kept keys do not verify is checked with new ones.
const SHORTEST_SECS: u64 = 60;
/// Longest lifetime: a key that its issuer withdrew is not believed for longer.
const LONGEST_SECS: u64 = 24 * 60 * 60;
/// Pause between two requests for a set that is fresh but does not verify a token.
const PAUSE_SECS: i64 = 60;
/// A longer document is not kept.
const MOST_BYTES: usize = 64 * 1024;

/// A key set as it is kept in the vault.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    uri: String,
    document: Map<String, Value>,
    fetched_at: i64,
    fresh_until: i64,
    /// When it was last asked for although it was fresh.
    asked_again_at: Option<i64>,
    /// That request has no usable answer.
    unanswered: bool,
}

/// A kept key set that is fresh.
pub(crate) struct KeptKeys {
    pub(crate) keys: Jwks,
    /// It may be asked for again.
    pub(crate) may_ask_again: bool,
    /// It was asked for again without a usable answer: a token that it does not verify may be right.
    pub(crate) unanswered: bool,
}

impl Row {
    fn is_fresh(&self, now: i64) -> bool {
        // A clock that was ahead when the set was fetched must not keep it for longer.
        (self.fetched_at..self.fresh_until).contains(&now)
    }

    fn may_ask_again(&self, now: i64) -> bool {
        self.asked_again_at
            .is_none_or(|at| !(at..at.saturating_add(PAUSE_SECS)).contains(&now))
    }
}

impl Configurations<'_> {
    /// Where the issuer of an application publishes its keys.
    pub(crate) fn key_set_uri(self, row: &ApplicationRow) -> Result<Option<Url>, CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        Ok(config.jwks_uri().ok().flatten())
    }

    /// The kept key set of an issuer, while it is fresh.
    pub(crate) fn kept_keys(
        self,
        configuration: Uuid,
        uri: &Url,
    ) -> Result<Option<KeptKeys>, CoreError> {
        let now = self.app.now();
        let Some(row) = self.key_set_row(configuration, uri)? else {
            return Ok(None);
        };
        let kept = row.is_fresh(now).then(|| KeptKeys {
            may_ask_again: row.may_ask_again(now),
            unanswered: row.unanswered,
            keys: Jwks::of(&row.document).unwrap_or_default(),
        });
        Ok(kept)
    }

    /// Fetches the key set of an issuer and stores it. `None` without a usable response: the signature then stays
    /// unchecked, and no token is lost.
    pub(crate) async fn fetch_keys(
        self,
        row: &ApplicationRow,
        uri: &Url,
    ) -> Result<Option<Jwks>, CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let Ok(http) = self.app.client(config.http_policy()) else {
            return Ok(None);
        };
        self.note_request(configuration.id, uri);
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: Some(row.id),
        });
        let fetched = match jwks::fetch(&http, uri, flow.id).await {
            Ok(fetched) => fetched,
            Err(error) => {
                tracing::debug!(%error, "no key set");
                return Ok(None);
            }
        };
        self.keep_keys(configuration.id, uri, &fetched);
        Ok(Some(fetched.keys))
    }

    /// The configuration was removed.
    pub(crate) fn forget_keys(self, configuration: Uuid) -> Result<(), CoreError> {
        Ok(self.app.vault()?.delete_kv(&key_of(configuration))?)
    }

    fn key_set_row(self, configuration: Uuid, uri: &Url) -> Result<Option<Row>, CoreError> {
        let kept = self.app.vault()?.kv(&key_of(configuration))?;
        // A row of another version is fetched again.
        let row = kept.and_then(|kept| serde_json::from_value::<Row>(kept).ok());
        Ok(row.filter(|row| row.uri == uri.as_str()))
    }

    /// Notes that a fresh set is asked for again. Should that fail, it is asked for more often.
    fn note_request(self, configuration: Uuid, uri: &Url) {
        let now = self.app.now();
        let noted = self.key_set_row(configuration, uri).and_then(|row| {
            row.filter(|row| row.is_fresh(now)).map_or(Ok(()), |row| {
                let asked = Row {
                    asked_again_at: Some(now),
                    unanswered: true,
                    ..row
                };
                self.put_key_set(configuration, &asked)
            })
        });
        if let Err(error) = noted {
            tracing::warn!(%error, "the request for the key set was not noted");
        }
    }

    fn keep_keys(self, configuration: Uuid, uri: &Url, fetched: &Fetched) {
        // A private key that a server publishes is not copied.
        if fetched.keys.private > 0 || fetched.document.len() > MOST_BYTES {
            return;
        }
        let kept = lenient::object(&fetched.document).ok().map(|document| {
            let now = self.app.now();
            let lifetime = fetched
                .lifetime
                .unwrap_or(USUAL_SECS)
                .clamp(SHORTEST_SECS, LONGEST_SECS);
            let before = self.key_set_row(configuration, uri)?;
            let row = Row {
                uri: uri.to_string(),
                document,
                fetched_at: now,
                fresh_until: now.saturating_add_unsigned(lifetime),
                asked_again_at: before.and_then(|row| row.asked_again_at),
                unanswered: false,
            };
            self.put_key_set(configuration, &row)
        });
        if let Some(Err(error)) = kept {
            tracing::warn!(%error, "the key set was not kept");
        }
    }

    fn put_key_set(self, configuration: Uuid, row: &Row) -> Result<(), CoreError> {
        let value = serde_json::to_value(row)?;
        Ok(self.app.vault()?.put_kv(&key_of(configuration), &value)?)
    }
}

fn key_of(configuration: Uuid) -> String {
    format!("configuration/{configuration}/key_set")
}
