//! What a call does with a session: opens it, keeps what the gateway sets, and sees it end.

use keywright_oauth::{http::Response, secret::CookieValue};
use keywright_providers::settings;
use keywright_vault::{
    ApplicationRow, CookieInfo, MadeWith, SECRET_JAR, SecretText, SessionChange, SessionEnd,
    SessionPick, SessionRow,
};
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, SecretKind,
    calls::{
        cookies::{self, Cookie, Jar, Refused},
        session_row::{
            Known, accepted, address_key, describe, end_of, is_refusal, last_url, makes, new_row,
            part_of, prove,
        },
        session_types::SessionEndReason,
        sessions::{Sessions, call_session},
        types::CallSession,
    },
    error::NoSession,
};

/// A session with its cookies, for one call.
pub(crate) struct Opened {
    pub(crate) row: SessionRow,
    jar: Jar,
    now: i64,
}

impl Opened {
    /// Names of the cookies that go to an address, in their order.
    pub(crate) fn names(&self, url: &Url) -> Vec<String> {
        let sent = self.jar.for_url(url, self.now);
        sent.into_iter().map(Cookie::label).collect()
    }

    pub(crate) fn header(&self, url: &Url) -> CookieValue {
        cookies::header_of(&self.jar.for_url(url, self.now))
    }

    /// This address accepted the session before.
    pub(crate) fn was_accepted_at(&self, method: &str, url: &Url) -> bool {
        self.row.accepted.contains(&address_key(method, url))
    }
}

/// A call that was answered.
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a Url,
    /// When the request began.
    pub(crate) began_ms: i64,
    pub(crate) response: &'a Response,
    /// The login page that answered instead of the API.
    pub(crate) login_page: Option<&'a str>,
}

/// What a call did to a session.
#[derive(Default)]
pub(crate) struct Effect {
    pub(crate) session: Option<CallSession>,
    pub(crate) ended: Option<SessionEndReason>,
    /// Refused at an address that never accepted it: it is kept.
    pub(crate) refused_here: bool,
    /// Nothing that may make a session was set.
    pub(crate) no_cookie: bool,
    pub(crate) refused: Vec<Refused>,
}
impl Sessions<'_> {
    /// The live session of an application with an API.
    pub(crate) fn open(self, application: Uuid, url: &Url) -> Result<Opened, CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        let origin = url.origin().ascii_serialization();
        let none = |why, detail| CoreError::NoSession {
            origin: origin.clone(),
            why,
            detail,
        };
        let Some(row) = vault.session_for(application, &origin)? else {
            let why = vault
                .ended_session_for(application, &origin)?
                .map_or(NoSession::Never, |row| NoSession::Ended(end_of(&row)));
            return Err(none(why, String::new()));
        };
        if row.jar_only {
            let names: Vec<&str> = row.cookies.iter().map(|one| one.name.as_str()).collect();
            return Err(if names.is_empty() {
                none(NoSession::NoCookie, String::new())
            } else {
                none(NoSession::OtherCookies, names.join(", "))
            });
        }
        if row.dies_at() <= now {
            return Err(none(NoSession::Ended(end_of(&row)), String::new()));
        }
        let jar = self.jar_of(row.id)?;
        let opened = Opened { row, jar, now };
        let sent = opened.names(url);
        let makers = |one: &CookieInfo| makes(one.role) && sent.contains(&one.name);
        if opened.row.cookies.iter().any(makers) {
            return Ok(opened);
        }
        if opened.jar.live(now).next().is_none() {
            return Err(none(
                NoSession::Ended(SessionEndReason::Expired),
                String::new(),
            ));
        }
        Err(none(NoSession::OtherPath, url.path().to_owned()))
    }

    /// After a call with a session: new cookies are kept at once, and what was seen of it.
    pub(crate) fn record_session_call(
        self,
        application: &ApplicationRow,
        opened: &Opened,
        call: &Answered<'_>,
    ) -> Result<Effect, CoreError> {
        let (now, now_ms) = (self.app.now(), self.app.0.clock.now_ms());
        let named = self.names(application)?;
        let sources = self.limit_sources(application)?;
        let sent = opened.names(call.url);
        self.app
            .vault()?
            .change_session(SessionPick::Id(opened.row.id), |current| {
                let asked = cookies::asked(call.url, &call.response.headers, call.began_ms, now);
                let mut effect = Effect {
                    refused: asked.refused,
                    ..Effect::default()
                };
                // Forgotten, or ended, while the call was under way.
                let Some((mut row, kept)) = current.filter(|(row, _)| row.ended_at.is_none())
                else {
                    return Ok((None, effect));
                };
                let mut jar = read_jar(kept.as_ref())?;
                let known = Known {
                    named: &named,
                    proven: &row.proven,
                };
                let renewed = asked
                    .cookies
                    .iter()
                    .any(|one| one.is_live(now) && known.may_make(&one.label()));
                // What an answer says of cookies that another answer has renewed since is of no account.
                let outdated = jar.live(now).any(|one| {
                    one.asked_at_ms > call.began_ms
                        && one.asked_at_ms <= now_ms
                        && known.may_make(&one.label())
                });
                let cleared = asked.clears && jar.clear(call.began_ms, now_ms);
                let (changed, refused) = jar.merge(asked.cookies, now_ms);
                let changed = changed || cleared;
                effect.refused.extend(refused);
                let before = row.last_used_at;
                row.last_used_at = now.max(before);
                row.replays += 1;
                if renewed {
                    row.rolled_at = now;
                }
                if call.response.is_success() && call.login_page.is_none() {
                    accepted(&mut row, call, before, now);
                    prove(&mut row, &named, &sent);
                }
                describe(&mut row, &jar, &named, now);
                let end = if outdated {
                    None
                } else if call.login_page.is_some() {
                    Some(SessionEnd::Login)
                } else if is_refusal(call.response.status) {
                    effect.refused_here = !opened.was_accepted_at(call.method, call.url);
                    (!effect.refused_here).then_some(SessionEnd::Refused)
                } else {
                    None
                };
                let end = end.or_else(|| row.jar_only.then_some(SessionEnd::Deleted));
                if let Some(end) = end {
                    row.ended_at = Some(now);
                    row.end = Some(end);
                    row.jar_only = false;
                    effect.ended = Some(end_of(&row));
                } else {
                    effect.session = Some(call_session(&row, false, &sources));
                }
                let mut secrets = Vec::new();
                if changed {
                    secrets.push((SECRET_JAR.to_owned(), Some(jar.kept()?)));
                }
                secrets.extend(last_url(call));
                Ok((Some(SessionChange { row, secrets }), effect))
            })
    }

    /// After a call with another credential: cookies that may make a session become one. Others are kept in its jar,
    /// and a live session is replaced only by cookies that are part of it.
    pub(crate) fn capture_session(
        self,
        application: &ApplicationRow,
        made_with: MadeWith,
        token: Option<Uuid>,
        call: &Answered<'_>,
    ) -> Result<Effect, CoreError> {
        if !(200..400).contains(&call.response.status) || call.login_page.is_some() {
            return Ok(Effect::default());
        }
        let (now, now_ms) = (self.app.now(), self.app.0.clock.now_ms());
        let named = self.names(application)?;
        let limits = self.limits(application)?;
        let sources = self.limit_sources(application)?;
        let origin = call.url.origin().ascii_serialization();
        self.app
            .vault()?
            .change_session(SessionPick::At(application.id, &origin), |current| {
                let asked = cookies::asked(call.url, &call.response.headers, call.began_ms, now);
                let fresh = current.is_none();
                let (mut row, mut jar) = match current {
                    Some((row, kept)) => (row, read_jar(kept.as_ref())?),
                    None => (new_row(application.id, &origin, now), Jar::default()),
                };
                let live = !row.jar_only && row.dies_at() > now;
                let known = Known {
                    named: &named,
                    proven: &row.proven,
                };
                let set: Vec<String> = asked
                    .cookies
                    .iter()
                    .filter(|one| one.is_live(now))
                    .map(Cookie::label)
                    .filter(|name| known.may_make(name))
                    .collect();
                let own = part_of(&row, &set);
                let outdated = jar.live(now).any(|one| {
                    one.asked_at_ms > call.began_ms
                        && one.asked_at_ms <= now_ms
                        && set.contains(&one.label())
                });
                let captured = !set.is_empty() && !outdated && (!live || !own.is_empty());
                if captured {
                    // Parts of a value that the new one no longer has.
                    let of_old = |name: &str| {
                        let bases: Vec<&str> =
                            own.iter().map(|name| cookies::chunk_base(name)).collect();
                        bases.contains(&cookies::chunk_base(name))
                            && !set.iter().any(|one| one == name)
                    };
                    let over = |name: &str| !live && known.may_make(name);
                    jar.remove(|one| of_old(&one.label()) || over(&one.label()));
                }
                let cleared = asked.clears && jar.clear(call.began_ms, now_ms);
                let (changed, refused) = jar.merge(asked.cookies, now_ms);
                let changed = changed || cleared;
                let mut effect = Effect {
                    no_cookie: set.is_empty() && !live,
                    ..Effect::default()
                };
                effect
                    .refused
                    .extend(asked.refused.into_iter().chain(refused));
                if captured {
                    let proven = std::mem::take(&mut row.proven);
                    row = SessionRow {
                        id: row.id,
                        proven,
                        made_with,
                        token_id: token,
                        accepted: vec![address_key(call.method, call.url)],
                        ..new_row(application.id, &origin, now)
                    };
                    [row.idle_secs, row.rolling_secs, row.absolute_secs] = limits;
                }
                describe(&mut row, &jar, &named, now);
                if captured && !row.jar_only {
                    effect.session = Some(call_session(&row, true, &sources));
                }
                if !changed && !captured && !fresh {
                    return Ok((None, effect));
                }
                let mut secrets = vec![(SECRET_JAR.to_owned(), Some(jar.kept()?))];
                if captured {
                    secrets.extend(last_url(call));
                }
                Ok((Some(SessionChange { row, secrets }), effect))
            })
    }

    /// The jar of a session.
    pub(crate) fn jar_of(self, session: Uuid) -> Result<Jar, CoreError> {
        let kept = self
            .app
            .vault()?
            .secret(keywright_vault::Owner::Session(session), SECRET_JAR)?
            .ok_or(CoreError::NoSecret {
                what: SecretKind::Cookie,
                application: None,
            })?;
        Ok(Jar::read(&kept)?)
    }

    /// The gateway's limits that the configuration of an application names, in seconds; 0 = none.
    pub(crate) fn limits(self, row: &ApplicationRow) -> Result<[u64; 3], CoreError> {
        let limits = self.limit_sources(row)?;
        Ok(limits.map(|limit| limit.map_or(0, |limit| limit.secs)))
    }

    /// The same, with who named each.
    pub(crate) fn limit_sources(
        self,
        row: &ApplicationRow,
    ) -> Result<[Option<settings::SessionLimit>; 3], CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        Ok(settings::session_limits(&configuration.settings))
    }

    /// Names of the cookies that make a session, where the configuration names them.
    pub(crate) fn names(self, row: &ApplicationRow) -> Result<Vec<String>, CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        Ok(settings::session_cookies(&configuration.settings))
    }
}

fn read_jar(kept: Option<&SecretText>) -> Result<Jar, CoreError> {
    Ok(kept.map(Jar::read).transpose()?.unwrap_or_default())
}
