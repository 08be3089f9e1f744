//! Jars that versions up to 2026 wrote: the JSON of the crate `cookie_store`.

use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Cookie, Jar, Value};

#[derive(Deserialize)]
struct Stored {
    /// `name=value; Path=/; HttpOnly`.
    raw_cookie: String,
    path: (String, bool),
    domain: Domain,
    expires: Expires,
}

#[derive(Deserialize)]
enum Domain {
    HostOnly(String),
    Suffix(String),
    NotPresent,
    Empty,
}

#[derive(Deserialize)]
enum Expires {
    AtUtc(String),
    SessionEnd,
}

pub(super) fn read(text: &str) -> Result<Jar, serde_json::Error> {
    let stored: Vec<Stored> = serde_json::from_str(text)?;
    Ok(Jar {
        cookies: stored.into_iter().filter_map(cookie).collect(),
    })
}

fn cookie(stored: Stored) -> Option<Cookie> {
    let (domain, host_only) = match stored.domain {
        Domain::HostOnly(host) => (host, true),
        Domain::Suffix(domain) => (domain, false),
        Domain::NotPresent | Domain::Empty => return None,
    };
    let mut parts = stored.raw_cookie.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let attributes: Vec<&str> = parts.collect();
    let is = |wanted: &str| {
        attributes
            .iter()
            .any(|one| one.eq_ignore_ascii_case(wanted))
    };
    let same_site = attributes.iter().find_map(|one| {
        let (name, value) = one.split_once('=')?;
        name.eq_ignore_ascii_case("samesite")
            .then(|| value.to_owned())
    });
    Some(Cookie {
        name: name.as_bytes().to_vec(),
        value: Value::new(value),
        domain,
        host_only,
        path: stored.path.0,
        secure: is("secure"),
        http_only: is("httponly"),
        same_site,
        expires_at: match stored.expires {
            Expires::SessionEnd => None,
            Expires::AtUtc(text) => OffsetDateTime::parse(&text, &Rfc3339)
                .ok()
                .map(OffsetDateTime::unix_timestamp),
        },
        bare: false,
        asked_at_ms: 0,
    })
}
