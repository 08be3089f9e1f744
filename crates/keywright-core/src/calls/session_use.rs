//! What a call does with a session: opens it, keeps what the gateway sets, and sees it end.

use keywright_oauth::{http::Response, secret::CookieValue};
use keywright_providers::settings;
use keywright_vault::{
    ApplicationRow, CookieInfo, CookieRole, MadeWith, SECRET_JAR, SECRET_LAST_URL, SecretText,
    SessionChange, SessionEnd, SessionPick, SessionRow,
};
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError,
    calls::{
        cookies::{self, Cookie, Jar, Refused},
        session_types::SessionEndReason,
        sessions::{Sessions, call_session},
        types::CallSession,
    },
    error::NoSession,
};

/// Addresses remembered that accepted a session.
const ACCEPTED: usize = 50;

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

/// What decides the role of a cookie beside its name.
struct Known<'a> {
    /// Names that the user gave.
    named: &'a [String],
    /// Names that an API accepted alone.
    proven: &'a [String],
}

impl Known<'_> {
    fn role(&self, name: &str) -> CookieRole {
        let is_part = |known: &String| {
            known == name || cookies::chunk_base(known) == cookies::chunk_base(name)
        };
        if self.named.iter().chain(self.proven).any(is_part) {
            return CookieRole::Session;
        }
        match cookies::role_of(name) {
            CookieRole::Candidate if !self.named.is_empty() => CookieRole::Other,
            role => role,
        }
    }

    fn may_make(&self, name: &str) -> bool {
        makes(self.role(name))
    }
}

pub(crate) fn makes(role: CookieRole) -> bool {
    matches!(role, CookieRole::Session | CookieRole::Candidate)
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
    pub(crate) fn used(
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
                let (changed, refused) = jar.merge(asked.cookies, now_ms);
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
    pub(crate) fn captured(
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
                let (changed, refused) = jar.merge(asked.cookies, now_ms);
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
                what: "cookie",
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

/// A row that is no session yet.
pub(crate) fn new_row(application_id: Uuid, origin: &str, now: i64) -> SessionRow {
    SessionRow {
        id: Uuid::now_v7(),
        application_id,
        origin: origin.to_owned(),
        made_with: MadeWith::ClientCredentials,
        token_id: None,
        started_at: now,
        last_used_at: now,
        rolled_at: now,
        idle_secs: 0,
        rolling_secs: 0,
        absolute_secs: 0,
        replays: 0,
        ended_at: None,
        end: None,
        cookies: Vec::new(),
        jar_only: true,
        accepted_at: None,
        accepted: Vec::new(),
        longest_pause_secs: None,
        proven: Vec::new(),
    }
}

/// Names among `set` that are part of the session in the row: those that make it, or the other parts of their values.
fn part_of(row: &SessionRow, set: &[String]) -> Vec<String> {
    let of = |role| row.cookies.iter().filter(move |one| one.role == role);
    let mut makers: Vec<&CookieInfo> = of(CookieRole::Session).collect();
    if makers.is_empty() {
        makers = of(CookieRole::Candidate).collect();
    }
    let is_part = |name: &&String| {
        makers
            .iter()
            .any(|one| cookies::chunk_base(&one.name) == cookies::chunk_base(name))
    };
    set.iter().filter(is_part).cloned().collect()
}

/// Writes down which cookies the jar holds and what they are for.
pub(crate) fn describe(row: &mut SessionRow, jar: &Jar, named: &[String], now: i64) {
    let known = Known {
        named,
        proven: &row.proven,
    };
    row.cookies = jar
        .live(now)
        .map(|cookie| CookieInfo {
            name: cookie.label(),
            path: cookie.path.clone(),
            domain: cookie.domain.clone(),
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site.clone(),
            expires_at: cookie.expires_at,
            role: known.role(&cookie.label()),
        })
        .collect();
    // Beside a cookie that makes the session, others are not needed for it.
    if row
        .cookies
        .iter()
        .any(|one| one.role == CookieRole::Session)
    {
        for cookie in &mut row.cookies {
            if cookie.role == CookieRole::Candidate {
                cookie.role = CookieRole::Other;
            }
        }
    }
    row.jar_only = !row.cookies.iter().any(|one| makes(one.role));
}

/// An API accepted the session alone.
fn accepted(row: &mut SessionRow, call: &Answered<'_>, used_before: i64, now: i64) {
    let pause = call.began_ms.div_euclid(1000).saturating_sub(used_before);
    let pause = u64::try_from(pause).unwrap_or(0);
    row.longest_pause_secs = Some(row.longest_pause_secs.unwrap_or(0).max(pause));
    row.accepted_at = Some(now);
    let key = address_key(call.method, call.url);
    row.accepted.retain(|known| *known != key);
    row.accepted.push(key);
    if row.accepted.len() > ACCEPTED {
        row.accepted.remove(0);
    }
}

/// Where one cookie among those sent may make the session, and the call was accepted, it does.
fn prove(row: &mut SessionRow, named: &[String], sent: &[String]) {
    let known = Known {
        named,
        proven: &row.proven,
    };
    let roles: Vec<CookieRole> = sent.iter().map(|name| known.role(name)).collect();
    if roles.contains(&CookieRole::Session) {
        return;
    }
    let alone: Vec<String> = sent
        .iter()
        .zip(roles)
        .filter(|(_, role)| *role == CookieRole::Candidate)
        .map(|(name, _)| name.clone())
        .collect();
    if is_one(&alone) {
        row.proven = alone;
    }
}

/// The names belong to one value.
pub(crate) fn is_one(names: &[String]) -> bool {
    let mut bases = names.iter().map(|name| cookies::chunk_base(name));
    let first = bases.next();
    first.is_some() && bases.all(|base| Some(base) == first)
}

/// Not authenticated. 419 and 440 are the statuses of Laravel and IIS for a session that timed out.
fn is_refusal(status: u16) -> bool {
    matches!(status, 401 | 419 | 440)
}

/// Method and address, without what is secret in it.
pub(crate) fn address_key(method: &str, url: &Url) -> String {
    format!("{method} {}", keywright_oauth::http::redact::url(url, &[]))
}

/// Only a read may be called again unasked.
fn last_url(call: &Answered<'_>) -> Option<(String, Option<SecretText>)> {
    (call.method == "GET").then(|| {
        let url = SecretText::new(call.url.as_str());
        (SECRET_LAST_URL.to_owned(), Some(url))
    })
}

/// How a session that is not live ended.
pub(crate) fn end_of(row: &SessionRow) -> SessionEndReason {
    match row.end {
        Some(SessionEnd::Refused) => SessionEndReason::Refused,
        Some(SessionEnd::Login) => SessionEndReason::Login,
        Some(SessionEnd::Deleted) => SessionEndReason::Deleted,
        // Earlier versions wrote no reason, and knew this one alone.
        None if row.ended_at.is_some() => SessionEndReason::Refused,
        None if row.cookies_end() == Some(row.dies_at()) => SessionEndReason::Expired,
        None => SessionEndReason::Limit,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use http::{HeaderMap, HeaderValue, header::SET_COOKIE};

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn jar(cookies: &[&str]) -> Jar {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(SET_COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        let url = "https://a.example/".parse().unwrap();
        let mut jar = Jar::default();
        let asked = cookies::asked(&url, &headers, NOW * 1000, NOW);
        jar.merge(asked.cookies, NOW * 1000);
        jar
    }

    fn row(cookies: &[&str], named: &[&str], proven: &[&str]) -> SessionRow {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut row = new_row(Uuid::nil(), "https://a.example", NOW);
        row.proven = own(proven);
        let named: Vec<String> = own(named);
        describe(&mut row, &jar(cookies), &named, NOW);
        row
    }

    fn roles(row: &SessionRow) -> Vec<CookieRole> {
        row.cookies.iter().map(|one| one.role).collect()
    }

    #[test]
    fn what_makes_a_session_is_named_proven_or_a_candidate() {
        use CookieRole::{Candidate, Csrf, LoadBalancer, Other, Session};
        let set = ["sid=1", "sid2=1", "pref=1", "AWSALB=1", "_csrf=1"];
        let plain = row(&set, &[], &[]);
        assert_eq!(
            roles(&plain),
            [Candidate, Candidate, Candidate, LoadBalancer, Csrf]
        );
        let proven = row(&set, &[], &["sid"]);
        assert_eq!(
            roles(&proven),
            [Session, Session, Other, LoadBalancer, Csrf]
        );
        let named = row(&set, &["AWSALB"], &[]);
        assert_eq!(roles(&named), [Other, Other, Other, Session, Csrf]);
        assert!(row(&["AWSALB=1"], &[], &[]).jar_only);
        assert!(row(&["sid=1"], &["other"], &[]).jar_only);
        assert!(!named.jar_only);
        // A name that was proven before does not hide another that came since.
        assert_eq!(roles(&row(&["new=1"], &[], &["sid"])), [Candidate]);
    }

    #[test]
    fn one_cookie_that_was_accepted_alone_makes_the_session() {
        let prove_of = |sent: &[&str]| {
            let mut row = new_row(Uuid::nil(), "https://a.example", NOW);
            let sent: Vec<String> = sent.iter().map(|name| (*name).to_owned()).collect();
            prove(&mut row, &[], &sent);
            row.proven
        };
        assert_eq!(prove_of(&["sid", "AWSALB", "XSRF-TOKEN"]), ["sid"]);
        assert_eq!(prove_of(&["session", "session2"]), ["session", "session2"]);
        assert!(prove_of(&["sid", "pref"]).is_empty());
        assert!(prove_of(&["AWSALB"]).is_empty());
    }

    #[test]
    fn a_new_cookie_is_part_of_a_session_by_its_name() {
        let part = |row: &SessionRow, set: &[&str]| {
            let set: Vec<String> = set.iter().map(|name| (*name).to_owned()).collect();
            part_of(row, &set)
        };
        let proven = row(&["session=1", "session2=1", "pref=1"], &[], &["session"]);
        assert_eq!(part(&proven, &["session3"]), ["session3"]);
        assert!(part(&proven, &["pref"]).is_empty());
        assert!(part(&proven, &["__cf_bm", "other"]).is_empty());
        let unproven = row(&["sid=1", "pref=1"], &[], &[]);
        assert_eq!(part(&unproven, &["pref", "other"]), ["pref"]);
    }
}
