//! Sessions: the cookies that a gateway set, kept as one jar an application and origin.

use std::io::BufReader;

use cookie_store::CookieStore;
use keywright_oauth::{http::Response, secret::CookieValue};
use keywright_vault::{
    self as vault, ApplicationRow, CookieInfo, MadeWith, Owner, SECRET_JAR, SecretText, SessionRow,
    VaultError,
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, Keywright,
    convert::id,
    cookies::{self, Refused, Taken},
    view::{
        CallAuth, CallInput, CallSession, CallView, CookieView, ReplayView, SessionClock,
        SessionPage, SessionQuery, SessionView,
    },
    workspace::small,
};

/// Replays shown with a session.
const REPLAYS: u64 = 10;

/// A session with its cookies, for one call.
pub(crate) struct Jar {
    row: SessionRow,
    store: CookieStore,
}

impl Jar {
    pub(crate) fn names(&self, url: &Url) -> Vec<String> {
        self.store
            .get_request_values(url)
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    pub(crate) fn header(&self, url: &Url) -> CookieValue {
        let pairs: Vec<String> = self
            .store
            .get_request_values(url)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        CookieValue::new(pairs.join("; "))
    }
}

impl Keywright {
    /// A window on the sessions.
    pub fn sessions(&self, query: &SessionQuery) -> Result<SessionPage, CoreError> {
        let vault = self.vault()?;
        let now = self.now();
        let asked = |live, limit| -> Result<vault::Page<SessionRow>, CoreError> {
            Ok(vault.sessions(&vault::SessionQuery {
                text: query.text.clone(),
                live,
                application_id: query
                    .application_id
                    .as_deref()
                    .map(|text| id("application", text))
                    .transpose()?,
                now,
                offset: u64::from(query.offset),
                limit,
            })?)
        };
        let count = |live| -> Result<u32, CoreError> {
            Ok(small(
                vault
                    .sessions(&vault::SessionQuery {
                        live: Some(live),
                        now,
                        ..vault::SessionQuery::default()
                    })?
                    .total,
            ))
        };
        let page = asked(query.live, u64::from(query.limit))?;
        Ok(SessionPage {
            items: page
                .items
                .iter()
                .map(|row| self.session_view(row))
                .collect::<Result<_, _>>()?,
            total: small(page.total),
            live: count(true)?,
            ended: count(false)?,
        })
    }

    /// One session.
    pub fn session(&self, wanted: &str) -> Result<SessionView, CoreError> {
        self.session_view(&self.session_row(wanted)?)
    }

    /// Calls the last address of a session again, with its cookies alone.
    pub async fn session_replay(&self, wanted: &str) -> Result<CallView, CoreError> {
        let row = self.session_row(wanted)?;
        let last = self.last_url(row.id)?.unwrap_or_else(|| row.origin.clone());
        self.call(&CallInput {
            application_id: row.application_id.to_string(),
            method: "GET".into(),
            url: last,
            headers: Vec::new(),
            body: None,
            auth: CallAuth::Session,
            resources: Vec::new(),
        })
        .await
    }

    /// Forgets a session and its cookies here; the gateway is not told.
    pub fn session_forget(&self, wanted: &str) -> Result<(), CoreError> {
        let row = self.session_row(wanted)?;
        self.vault()?.forget_session(row.id)?;
        self.audit(
            "session_forgotten",
            &row.application_id.to_string(),
            json!({ "name": row.origin }),
        )
    }

    /// The live session of an application with an API.
    pub(crate) fn jar_for(&self, application: Uuid, url: &Url) -> Result<Jar, CoreError> {
        let vault = self.vault()?;
        let origin = url.origin().ascii_serialization();
        let none = || CoreError::NoSession {
            origin: origin.clone(),
        };
        let row = vault.session_for(application, &origin)?.ok_or_else(none)?;
        if row.dies_at() <= self.now() {
            return Err(none());
        }
        let jar = Jar {
            store: self.store_of(row.id)?,
            row,
        };
        if jar.names(url).is_empty() {
            Err(none())
        } else {
            Ok(jar)
        }
    }

    /// After a call with a session: new cookies are kept at once, and the clocks move.
    pub(crate) fn session_used(
        &self,
        mut jar: Jar,
        url: &Url,
        response: &Response,
    ) -> Result<(Option<CallSession>, Vec<Refused>), CoreError> {
        let now = self.now();
        let Taken {
            any: renewed,
            refused,
        } = cookies::take(&mut jar.store, url, &response.headers);
        jar.row.last_used_at = now;
        jar.row.replays += 1;
        if renewed {
            jar.row.rolled_at = now;
        }
        if response.status == 401 {
            jar.row.ended_at = Some(now);
        }
        let ended = jar.row.ended_at.is_some();
        self.keep_session(&mut jar, url)?;
        Ok(((!ended).then(|| call_session(&jar, false)), refused))
    }

    /// After a call with another credential: the cookies that the gateway set become a session.
    pub(crate) fn capture_session(
        &self,
        application: &ApplicationRow,
        url: &Url,
        made_with: MadeWith,
        token: Option<Uuid>,
        response: &Response,
    ) -> Result<(Option<CallSession>, Vec<Refused>), CoreError> {
        let mut store = CookieStore::default();
        if !(200..400).contains(&response.status) {
            return Ok((None, Vec::new()));
        }
        let Taken { any, refused } = cookies::take(&mut store, url, &response.headers);
        if !any {
            return Ok((None, refused));
        }
        let vault = self.vault()?;
        let now = self.now();
        let origin = url.origin().ascii_serialization();
        let [idle_secs, rolling_secs, absolute_secs] = self.session_limits(application)?;
        // One session an application and origin: a new one takes the place of the old.
        let id = vault
            .session_for(application.id, &origin)?
            .map_or_else(Uuid::now_v7, |row| row.id);
        let row = SessionRow {
            id,
            application_id: application.id,
            origin,
            made_with,
            token_id: token,
            started_at: now,
            last_used_at: now,
            rolled_at: now,
            idle_secs,
            rolling_secs,
            absolute_secs,
            replays: 0,
            ended_at: None,
            cookies: Vec::new(),
        };
        let mut jar = Jar { row, store };
        self.keep_session(&mut jar, url)?;
        Ok((Some(call_session(&jar, true)), refused))
    }

    fn keep_session(&self, jar: &mut Jar, url: &Url) -> Result<(), CoreError> {
        let vault = self.vault()?;
        jar.row.cookies = jar
            .store
            .iter_unexpired()
            .map(|cookie| cookie_info(cookie, url))
            .collect();
        let mut kept = Vec::new();
        cookie_store::serde::json::save_incl_expired_and_nonpersistent(&jar.store, &mut kept)
            .map_err(|source| CoreError::Cookies { source })?;
        let text = SecretText::new(String::from_utf8_lossy(&kept).into_owned());
        vault.save_session(&jar.row, &text)?;
        Ok(vault.put_kv(
            &last_url_key(jar.row.id),
            &json!(keywright_oauth::http::redact::url(url, &[])),
        )?)
    }

    fn store_of(&self, session: Uuid) -> Result<CookieStore, CoreError> {
        let kept = self
            .vault()?
            .secret(Owner::Session(session), SECRET_JAR)?
            .ok_or(CoreError::NoSecret { what: "cookie" })?;
        cookie_store::serde::json::load_all(BufReader::new(kept.expose().as_bytes()))
            .map_err(|source| CoreError::Cookies { source })
    }

    /// The value of a cookie, for the reveal path.
    pub(crate) fn cookie_value(&self, session: &str, name: &str) -> Result<SecretText, CoreError> {
        let row = self.session_row(session)?;
        let store = self.store_of(row.id)?;
        let value = store
            .iter_any()
            .find(|cookie| cookie.name() == name)
            .map(|cookie| SecretText::new(cookie.value()));
        value.ok_or(CoreError::NoSecret { what: "cookie" })
    }

    pub(crate) fn session_row(&self, wanted: &str) -> Result<SessionRow, CoreError> {
        let id = id("session", wanted)?;
        match self.vault()?.session(id) {
            Err(VaultError::NotFound { .. }) => Err(CoreError::NotFound {
                what: "session",
                name: wanted.to_owned(),
                nearest: None,
            }),
            other => Ok(other?),
        }
    }

    fn last_url(&self, session: Uuid) -> Result<Option<String>, CoreError> {
        Ok(self
            .vault()?
            .kv(&last_url_key(session))?
            .and_then(|value| value.as_str().map(str::to_owned)))
    }

    fn session_view(&self, row: &SessionRow) -> Result<SessionView, CoreError> {
        let vault = self.vault()?;
        let now = self.now();
        let application = vault.application(row.application_id)?;
        let clock = |name: &str, from: i64, limit: u64| SessionClock {
            name: name.to_owned(),
            ends_at: (limit > 0)
                .then(|| from.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX))),
            limit_secs: limit,
        };
        let clocks = vec![
            clock("idle", row.last_used_at, row.idle_secs),
            clock("rolling", row.rolled_at, row.rolling_secs),
            clock("absolute", row.started_at, row.absolute_secs),
        ];
        let first = clocks
            .iter()
            .filter(|clock| clock.ends_at.is_some())
            .min_by_key(|clock| clock.ends_at);
        let host = Url::parse(&row.origin)
            .map(|url| keywright_oauth::http::HttpPolicy::host_of(&url))
            .unwrap_or_default();
        let query = vault::ExchangeQuery {
            text: host.clone(),
            application_id: Some(row.application_id),
            limit: REPLAYS,
            ..Default::default()
        };
        let replays = vault
            .exchanges(&query)?
            .items
            .into_iter()
            .filter(|exchange| {
                exchange.purpose == "api_call" && exchange.started_at_ms >= row.started_at * 1000
            })
            .map(|exchange| ReplayView {
                at: exchange.started_at_ms.div_euclid(1000),
                method: exchange.method,
                path: exchange.path,
                status: exchange.status,
                elapsed_ms: exchange.elapsed_ms,
                exchange: exchange.id.to_string(),
            })
            .collect();
        Ok(SessionView {
            id: row.id.to_string(),
            origin: row.origin.clone(),
            host,
            application_id: application.id.to_string(),
            application: application.name,
            provider: application.provider,
            made_with: match row.made_with {
                MadeWith::ClientCredentials => CallAuth::ClientCredentials,
                MadeWith::Bearer => CallAuth::Bearer,
            },
            started_at: row.started_at,
            last_used_at: row.last_used_at,
            live: row.ended_at.is_none() && row.dies_at() > now,
            ends_first: first.map(|clock| clock.name.clone()),
            ends_at: first.and_then(|clock| clock.ends_at),
            clocks,
            cookies: row
                .cookies
                .iter()
                .map(|cookie| CookieView {
                    name: cookie.name.clone(),
                    path: cookie.path.clone(),
                    domain: Some(cookie.domain.clone()).filter(|domain| !domain.is_empty()),
                    secure: cookie.secure,
                    http_only: cookie.http_only,
                    same_site: cookie.same_site.clone(),
                    expires_at: cookie.expires_at,
                })
                .collect(),
            replay_count: row.replays,
            replays,
            last_url: self.last_url(row.id)?,
        })
    }
}

fn last_url_key(session: Uuid) -> String {
    format!("session/{session}/last_url")
}

fn call_session(jar: &Jar, captured: bool) -> CallSession {
    CallSession {
        id: jar.row.id.to_string(),
        captured,
        origin: jar.row.origin.clone(),
        cookies: jar
            .row
            .cookies
            .iter()
            .map(|cookie| cookie.name.clone())
            .collect(),
        idle_secs: jar.row.idle_secs,
    }
}

fn cookie_info(cookie: &cookie_store::Cookie<'_>, url: &Url) -> CookieInfo {
    let expires_at = match cookie.expires {
        cookie_store::CookieExpiration::AtUtc(at) => Some(at.unix_timestamp()),
        cookie_store::CookieExpiration::SessionEnd => None,
    };
    CookieInfo {
        name: cookie.name().to_owned(),
        path: cookie.path.as_ref().to_owned(),
        domain: cookie.domain().map_or_else(
            || url.host_str().unwrap_or_default().to_owned(),
            str::to_owned,
        ),
        secure: cookie.secure().unwrap_or(false),
        http_only: cookie.http_only().unwrap_or(false),
        same_site: cookie.same_site().map(|same_site| same_site.to_string()),
        expires_at,
    }
}
