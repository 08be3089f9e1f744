//! Sessions: the cookies that a gateway set, kept as one jar an application and origin.

use keywright_oauth::http::redact;
use keywright_providers::settings::SessionLimit;
use keywright_vault::{
    self as vault, CookieInfo, MadeWith, Owner, SECRET_LAST_URL, SecretText, SessionRow, VaultError,
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, SecretKind, Thing,
    app::{audit_action::AuditAction, conversions::id, runtime::small},
    calls::{
        session_row::end_of,
        session_types::{
            CookieRole, CookieView, EndSource, ReplayView, SessionClock, SessionObserved,
            SessionPage, SessionQuery, SessionState, SessionView,
        },
        types::{CallAuth, CallInput, CallSession, CallView},
    },
};

/// Replays shown with a session.
const REPLAYS: u64 = 10;

/// Sessions: the cookies of an application at one API origin.
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// Sessions: the cookies of an application at one API origin.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { app: self }
    }
}

impl Sessions<'_> {
    /// A window on the sessions.
    pub fn list(self, query: &SessionQuery) -> Result<SessionPage, CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        let asked = |live, limit| -> Result<vault::Page<SessionRow>, CoreError> {
            Ok(vault.sessions(&vault::SessionQuery {
                text: query.text.clone(),
                live,
                application_id: query
                    .application_id
                    .as_deref()
                    .map(|text| id(Thing::Application, text))
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
                .map(|row| self.view(row))
                .collect::<Result<_, _>>()?,
            total: small(page.total),
            live: count(true)?,
            ended: count(false)?,
        })
    }

    /// One session.
    pub fn get(self, wanted: &str) -> Result<SessionView, CoreError> {
        self.view(&self.row(wanted)?)
    }

    /// Calls the last address of a session again, with its cookies alone.
    pub async fn replay(self, wanted: &str) -> Result<CallView, CoreError> {
        let row = self.row(wanted)?;
        let last = match self.last_url(row.id)? {
            Some(url) => url.expose().to_owned(),
            None => row.origin.clone(),
        };
        self.app
            .calls()
            .send(&CallInput {
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
    pub fn forget(self, wanted: &str) -> Result<(), CoreError> {
        let row = self.row(wanted)?;
        self.app.vault()?.forget_session(row.id)?;
        self.app.audit(
            AuditAction::SessionForgotten,
            &row.application_id.to_string(),
            json!({ "name": row.origin }),
        )
    }

    /// The value of a cookie, for the reveal path.
    pub(crate) fn cookie_value(self, session: &str, name: &str) -> Result<SecretText, CoreError> {
        let row = self.row(session)?;
        let jar = self.jar_of(row.id)?;
        let value = jar
            .live(i64::MIN)
            .find(|cookie| cookie.label() == name)
            .map(|cookie| SecretText::new(String::from_utf8_lossy(cookie.value.expose())));
        value.ok_or(CoreError::NoSecret {
            what: SecretKind::Cookie,
            application: None,
        })
    }

    pub(crate) fn row(self, wanted: &str) -> Result<SessionRow, CoreError> {
        let id = id(Thing::Session, wanted)?;
        match self.app.vault()?.session(id) {
            Err(VaultError::NotFound { .. }) => Err(CoreError::NotFound {
                what: Thing::Session,
                name: wanted.to_owned(),
                nearest: None,
            }),
            other => Ok(other?),
        }
    }

    /// The last address that was read with a session, as it was sent. What earlier versions kept is redacted, and of
    /// no use where that took something out.
    fn last_url(self, session: Uuid) -> Result<Option<SecretText>, CoreError> {
        let vault = self.app.vault()?;
        if let Some(url) = vault.secret(Owner::Session(session), SECRET_LAST_URL)? {
            return Ok(Some(url));
        }
        let before = vault.kv(&format!("session/{session}/last_url"))?;
        Ok(before
            .and_then(|value| value.as_str().map(SecretText::new))
            .filter(|url| !url.expose().contains("redacted")))
    }

    fn view(self, row: &SessionRow) -> Result<SessionView, CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        let application = vault.application(row.application_id)?;
        let clocks = clocks(row, &self.limit_sources(&application)?);
        let first = first_of(&clocks);
        let live = row.ended_at.is_none() && row.dies_at() > now;
        let host = Url::parse(&row.origin)
            .map(|url| keywright_oauth::http::HttpPolicy::host_of(&url))
            .unwrap_or_default();
        // Another session of the application at the same API may have ended or begun within the second.
        let calls = u64::from(row.replays).min(REPLAYS);
        let lifetime_ms = (
            row.started_at.saturating_mul(1000),
            row.last_used_at.saturating_add(1).saturating_mul(1000),
        );
        let replays = vault
            .calls_with_cookies(row.application_id, &host, lifetime_ms, calls)?
            .into_iter()
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
            configuration_id: application.configuration_id.to_string(),
            made_with: match row.made_with {
                MadeWith::ClientCredentials => CallAuth::ClientCredentials,
                MadeWith::Bearer => CallAuth::Bearer,
                MadeWith::Import => CallAuth::Session,
            },
            imported: row.made_with == MadeWith::Import,
            started_at: row.started_at,
            last_used_at: row.last_used_at,
            live,
            state: state_of(row, live),
            end_reason: (!live).then(|| end_of(row)),
            ended_at: row.ended_at,
            ends_first: first.map(|clock| clock.name.clone()),
            ends_at: first.and_then(|clock| clock.ends_at),
            end_source: first.map_or(EndSource::Unknown, |clock| clock.source),
            observed: SessionObserved {
                alive_secs: u64::try_from(
                    row.accepted_at.unwrap_or(row.started_at) - row.started_at,
                )
                .unwrap_or(0),
                longest_pause_secs: row.longest_pause_secs,
                calls: row.replays + u32::from(row.made_with != MadeWith::Import),
                accepted_at: row.accepted_at,
            },
            clocks,
            cookies: row.cookies.iter().map(cookie_view).collect(),
            replay_count: row.replays,
            replays,
            last_url: self
                .last_url(row.id)?
                .and_then(|url| Url::parse(url.expose()).ok())
                .map(|url| redact::url(&url, &[])),
        })
    }
}

/// The limits of a session that somebody named.
fn clocks(row: &SessionRow, sources: &[Option<SessionLimit>; 3]) -> Vec<SessionClock> {
    let kinds = [
        ("idle", row.last_used_at, row.idle_secs),
        ("rolling", row.rolled_at, row.rolling_secs),
        ("absolute", row.started_at, row.absolute_secs),
    ];
    let mut clocks: Vec<SessionClock> = kinds
        .into_iter()
        .zip(sources)
        .filter(|((_, _, limit), source)| *limit > 0 || source.is_some())
        .map(|((name, from, limit), source)| SessionClock {
            name: name.to_owned(),
            ends_at: (limit > 0)
                .then(|| from.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX))),
            limit_secs: limit,
            source: if source.is_some_and(|source| source.preset) {
                EndSource::Preset
            } else {
                EndSource::Configuration
            },
        })
        .collect();
    clocks.extend(row.cookies_end().map(|end| SessionClock {
        name: "cookie".to_owned(),
        ends_at: Some(end),
        limit_secs: u64::try_from(end.saturating_sub(row.rolled_at)).unwrap_or(0),
        source: EndSource::Cookie,
    }));
    clocks
}

fn first_of(clocks: &[SessionClock]) -> Option<&SessionClock> {
    clocks
        .iter()
        .filter(|clock| clock.ends_at.is_some())
        .min_by_key(|clock| clock.ends_at)
}

fn state_of(row: &SessionRow, live: bool) -> SessionState {
    match (live, row.accepted_at) {
        (false, _) => SessionState::Ended,
        (true, Some(_)) => SessionState::Alive,
        (true, None) => SessionState::Unproven,
    }
}

/// What a call tells of its session.
pub(crate) fn call_session(
    row: &SessionRow,
    captured: bool,
    sources: &[Option<SessionLimit>; 3],
) -> CallSession {
    let clocks = clocks(row, sources);
    let first = first_of(&clocks);
    CallSession {
        id: row.id.to_string(),
        captured,
        origin: row.origin.clone(),
        cookies: row.cookies.iter().map(|one| one.name.clone()).collect(),
        idle_secs: row.idle_secs,
        ends_at: first.and_then(|clock| clock.ends_at),
        end_source: first.map_or(EndSource::Unknown, |clock| clock.source),
        state: state_of(row, true),
    }
}

fn cookie_view(cookie: &CookieInfo) -> CookieView {
    CookieView {
        name: cookie.name.clone(),
        path: cookie.path.clone(),
        domain: Some(cookie.domain.clone()).filter(|domain| !domain.is_empty()),
        secure: cookie.secure,
        http_only: cookie.http_only,
        same_site: cookie.same_site.clone(),
        expires_at: cookie.expires_at,
        role: role_view(cookie.role),
    }
}

pub(crate) fn role_view(role: vault::CookieRole) -> CookieRole {
    match role {
        vault::CookieRole::Session => CookieRole::Session,
        vault::CookieRole::Candidate => CookieRole::Candidate,
        vault::CookieRole::LoadBalancer => CookieRole::LoadBalancer,
        vault::CookieRole::Network => CookieRole::Network,
        vault::CookieRole::Csrf => CookieRole::Csrf,
        vault::CookieRole::LoginState => CookieRole::LoginState,
        vault::CookieRole::Analytics => CookieRole::Analytics,
        vault::CookieRole::Other => CookieRole::Other,
    }
}
