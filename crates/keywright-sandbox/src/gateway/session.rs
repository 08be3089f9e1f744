//! Session cookies: sealed, in chunks, with three clocks, as lua-resty-session makes them for Kong.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};

use crate::options::SessionLimits;
use crate::personality::Personality;
use crate::state::keys::CookieKey;

const NAME: &str = "session";
/// Browsers keep 4096 bytes per cookie, name and attributes included.
const CHUNK: usize = 4000;
/// A use is noted in the cookie when the last note is this old, to spare a cookie on each answer.
const TOUCH_SECS: i64 = 60;

/// What a caller first proved its right with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MadeWith {
    ClientCredentials,
    Bearer,
}

/// What the cookie holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) epoch: u64,
    /// The API it was made at is the one that trusts this personality.
    pub(super) personality: Personality,
    pub(super) client_id: String,
    /// `sub` of a user's token.
    #[serde(default)]
    pub(super) user: Option<String>,
    pub(super) scope: String,
    pub(super) made_with: MadeWith,
    pub(super) started_at: i64,
    /// Last renewal.
    pub(super) rolled_at: i64,
    /// Last noted use.
    pub(super) used_at: i64,
    /// Nothing, or as much as the options ask for.
    pub(super) padding: String,
}

impl Session {
    /// None of the clocks has run out.
    pub(super) fn is_live(&self, limits: &SessionLimits, now: i64) -> bool {
        let within =
            |since: i64, secs: u32| secs == 0 || now < since.saturating_add(i64::from(secs));
        within(self.used_at, limits.idle_secs)
            && within(self.rolled_at, limits.rolling_secs)
            && within(self.started_at, limits.absolute_secs)
    }

    /// Notes a use. Gives true when the cookie must be sent again: because the session is renewed,
    /// or because the last noted use is old.
    pub(super) fn note_use(&mut self, limits: &SessionLimits, now: i64) -> bool {
        let rolling = i64::from(limits.rolling_secs);
        // lua-resty-session renews when three quarters of the rolling timeout are spent.
        if rolling > 0 && now - self.rolled_at >= rolling * 3 / 4 {
            self.rolled_at = now;
            self.used_at = now;
            return true;
        }
        let idle = i64::from(limits.idle_secs);
        if idle > 0 && now - self.used_at >= TOUCH_SECS.min(idle / 4).max(1) {
            self.used_at = now;
            return true;
        }
        false
    }

    /// The `Set-Cookie` headers. Chunks the request came with and that are needed no more are
    /// taken back.
    pub(super) fn cookies(&self, key: &CookieKey, sent_chunks: usize) -> Option<Vec<HeaderValue>> {
        let plain = serde_json::to_vec(self).ok()?;
        let sealed = key.seal(&plain)?;
        let mut rest = sealed.as_str();
        let mut cookies = Vec::new();
        while !rest.is_empty() {
            // base64url is ASCII: every index is a boundary.
            let (chunk, later) = rest.split_at(rest.len().min(CHUNK));
            cookies.push(cookie(cookies.len(), chunk, false));
            rest = later;
        }
        for index in cookies.len()..sent_chunks {
            cookies.push(cookie(index, "", true));
        }
        cookies
            .iter()
            .map(|cookie| HeaderValue::from_str(cookie).ok())
            .collect()
    }
}

/// `session`, `session2`, `session3` …
fn name(index: usize) -> String {
    match index {
        0 => NAME.to_owned(),
        _ => format!("{NAME}{}", index + 1),
    }
}

fn cookie(index: usize, value: &str, remove: bool) -> String {
    let mut builder = Cookie::build((name(index), value))
        .path("/")
        .same_site(SameSite::Lax)
        .http_only(true);
    if remove {
        builder = builder.max_age(Duration::ZERO);
    }
    builder.build().to_string()
}

/// What a request brought of a session.
pub(super) struct PresentedSession {
    /// How many chunks.
    pub(super) chunks: usize,
    /// The session, if it opens.
    pub(super) session: Option<Session>,
}

/// Reads the chunks; none when the request has no cookie named `session`.
pub(super) fn read(headers: &HeaderMap, key: &CookieKey) -> Option<PresentedSession> {
    let cookies: Vec<Cookie<'_>> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .collect();
    let mut sealed = String::new();
    let mut chunks = 0;
    while let Some(found) = cookies.iter().find(|c| c.name() == name(chunks)) {
        sealed.push_str(found.value());
        chunks += 1;
    }
    if chunks == 0 {
        return None;
    }
    let session = key
        .open(&sealed)
        .and_then(|plain| serde_json::from_slice(&plain).ok());
    Some(PresentedSession { chunks, session })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn session(padding: usize) -> Session {
        Session {
            epoch: 0,
            personality: Personality::Rfc7591,
            client_id: "c".to_owned(),
            user: None,
            scope: "orders:read".to_owned(),
            made_with: MadeWith::Bearer,
            started_at: 1000,
            rolled_at: 1000,
            used_at: 1000,
            padding: "x".repeat(padding),
        }
    }

    fn sent_back(cookies: &[HeaderValue]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            headers.append(header::COOKIE, pair.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_session_in_chunks_comes_back_whole() {
        let key = CookieKey::generate().unwrap();
        let session = session(9000);
        let cookies = session.cookies(&key, 0).unwrap();
        assert_eq!(cookies.len(), 4);
        assert!(cookies.iter().all(|cookie| cookie.len() <= 4096));
        let brought = read(&sent_back(&cookies), &key).unwrap();
        assert_eq!((brought.chunks, brought.session), (4, Some(session)));
    }

    #[test]
    fn a_missing_chunk_spoils_the_session() {
        let key = CookieKey::generate().unwrap();
        let mut cookies = session(9000).cookies(&key, 0).unwrap();
        cookies.remove(1);
        let brought = read(&sent_back(&cookies), &key).unwrap();
        assert_eq!((brought.chunks, brought.session), (1, None));
    }

    #[test]
    fn chunks_no_longer_needed_are_taken_back() {
        let key = CookieKey::generate().unwrap();
        let cookies = session(0).cookies(&key, 3).unwrap();
        let texts: Vec<&str> = cookies.iter().map(|c| c.to_str().unwrap()).collect();
        assert!(texts[0].starts_with("session=") && !texts[0].contains("Max-Age"));
        assert!(texts[1].starts_with("session2=;") && texts[1].contains("Max-Age=0"));
        assert!(texts[2].starts_with("session3=;") && texts[2].contains("Max-Age=0"));
    }

    #[test]
    fn each_clock_ends_the_session_and_zero_turns_it_off() {
        let limits = |idle_secs, rolling_secs, absolute_secs| SessionLimits {
            idle_secs,
            rolling_secs,
            absolute_secs,
        };
        for limits in [limits(10, 0, 0), limits(0, 10, 0), limits(0, 0, 10)] {
            assert!(session(0).is_live(&limits, 1009));
            assert!(!session(0).is_live(&limits, 1010));
        }
        assert!(session(0).is_live(&limits(0, 0, 0), i64::MAX));
    }

    #[test]
    fn it_is_renewed_after_three_quarters_and_touched_after_a_minute() {
        let limits = SessionLimits::default();
        let mut s = session(0);
        assert!(!s.note_use(&limits, 1059));
        assert!(s.note_use(&limits, 1060));
        assert_eq!((s.rolled_at, s.used_at), (1000, 1060));
        assert!(s.note_use(&limits, 1000 + 2700));
        assert_eq!((s.started_at, s.rolled_at), (1000, 3700));
    }
}
