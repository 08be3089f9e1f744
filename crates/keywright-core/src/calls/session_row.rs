//! What a session is, by its cookies: which of them make it, which were proven to, and how it ended.

use keywright_vault::{
    CookieInfo, CookieRole, MadeWith, SECRET_LAST_URL, SecretText, SessionEnd, SessionRow,
};
use url::Url;
use uuid::Uuid;

use crate::calls::{
    cookies::{self, Jar},
    session_types::SessionEndReason,
    session_use::Answered,
};

/// Addresses remembered that accepted a session.
const ACCEPTED: usize = 50;

/// What decides the role of a cookie in addition to its name.
pub(super) struct Known<'a> {
    /// Names that the user gave.
    pub(super) named: &'a [String],
    /// Names that an API accepted alone.
    pub(super) proven: &'a [String],
}

impl Known<'_> {
    pub(super) fn role(&self, name: &str) -> CookieRole {
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

    pub(super) fn may_make(&self, name: &str) -> bool {
        makes(self.role(name))
    }
}

pub(crate) fn makes(role: CookieRole) -> bool {
    matches!(role, CookieRole::Session | CookieRole::Candidate)
}

/// The row of a session before its first cookie.
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
pub(super) fn part_of(row: &SessionRow, set: &[String]) -> Vec<String> {
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
    // Next to a cookie that makes the session, others are not needed for it.
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
pub(super) fn accepted(row: &mut SessionRow, call: &Answered<'_>, used_before: i64, now: i64) {
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
pub(super) fn prove(row: &mut SessionRow, named: &[String], sent: &[String]) {
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
pub(super) fn is_refusal(status: u16) -> bool {
    matches!(status, 401 | 419 | 440)
}

/// Method and address, without what is secret in it.
pub(crate) fn address_key(method: &str, url: &Url) -> String {
    format!("{method} {}", keywright_oauth::http::redact::url(url, &[]))
}

/// Only a read may be called again unasked.
pub(super) fn last_url(call: &Answered<'_>) -> Option<(String, Option<SecretText>)> {
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
