//! Which cookies of an API are kept, after the rules for browsers (RFC 6265bis §5.7): an API sets
//! cookies for itself and its own parents, never for a public suffix, never without end.

use cookie_store::{Cookie, CookieStore};
use http::{HeaderMap, header::SET_COOKIE};
use keywright_oauth::http::is_loopback;
use url::{Host, Url};

/// Name and value together, in bytes (RFC 6265bis §5.7).
const LONGEST_PAIR: usize = 4096;
/// A longer attribute is passed over (RFC 6265bis §5.6).
const LONGEST_ATTRIBUTE: usize = 1024;
/// Cookies in one jar (RFC 6265bis §6.1 asks for at least this many a domain).
const MOST: usize = 50;

/// A cookie that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Its name, as far as it has one.
    pub(crate) name: String,
    /// Key of the reason (`cookie.KEY` in the message files).
    pub(crate) why: &'static str,
}

/// What became of the `Set-Cookie` headers of an answer.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// At least one was kept.
    pub(crate) any: bool,
    /// The others.
    pub(crate) refused: Vec<Refused>,
}

/// Stores every `Set-Cookie` that the API may set.
pub(crate) fn take(store: &mut CookieStore, url: &Url, headers: &HeaderMap) -> Taken {
    let mut taken = Taken::default();
    for value in headers.get_all(SET_COOKIE) {
        let text = String::from_utf8_lossy(value.as_bytes());
        match take_one(store, url, &text) {
            Ok(()) => taken.any = true,
            Err(why) => taken.refused.push(Refused {
                name: name_of(&text),
                why,
            }),
        }
    }
    taken
}

fn name_of(text: &str) -> String {
    let pair = text.split(';').next().unwrap_or_default();
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    name.trim().chars().take(80).collect()
}

fn take_one(store: &mut CookieStore, url: &Url, text: &str) -> Result<(), &'static str> {
    let text = without_long_attributes(text);
    let cookie = Cookie::parse(text, url).map_err(|error| match error {
        cookie_store::CookieError::DomainMismatch => "foreign",
        _ => "unreadable",
    })?;
    let (name, value) = (cookie.name(), cookie.value());
    if name.is_empty() || (name.to_owned() + value).chars().any(is_control) {
        return Err("unreadable");
    }
    if name.len() + value.len() > LONGEST_PAIR {
        return Err("too_long");
    }
    if !owns(url, cookie.domain()) {
        return Err("foreign");
    }
    let trusted = url.scheme() == "https" || is_loopback(url);
    let secure = cookie.secure() == Some(true);
    if secure && !trusted {
        return Err("insecure");
    }
    if cookie.same_site().is_some_and(|site| site.is_none()) && !secure {
        return Err("insecure");
    }
    if !keeps_its_prefix(&cookie, secure) {
        return Err("prefix");
    }
    let known = store
        .get_any(&String::from(&cookie.domain), cookie.path.as_ref(), name)
        .is_some();
    if !known && store.iter_unexpired().count() >= MOST {
        return Err("too_many");
    }
    store
        .insert(cookie.into_owned(), url)
        .map(|_| ())
        .map_err(|error| match error {
            cookie_store::CookieError::Expired => "over",
            _ => "foreign",
        })
}

/// A tab is the only control character that RFC 6265bis lets pass.
fn is_control(letter: char) -> bool {
    letter.is_control() && letter != '\t'
}

fn without_long_attributes(text: &str) -> String {
    let mut parts = text.split(';');
    let pair = parts.next().unwrap_or_default();
    let short = parts.filter(|part| {
        let value = part.split_once('=').map_or("", |(_, value)| value);
        value.trim().len() <= LONGEST_ATTRIBUTE
    });
    std::iter::once(pair)
        .chain(short)
        .collect::<Vec<_>>()
        .join(";")
}

/// The host itself, or a parent of it that is no public suffix. An address has no parents.
fn owns(url: &Url, domain: Option<&str>) -> bool {
    let Some(domain) = domain.map(|domain| domain.trim_start_matches('.').to_ascii_lowercase())
    else {
        return true;
    };
    match url.host() {
        _ if domain.is_empty() => true,
        Some(Host::Domain(host)) if host == domain => true,
        Some(Host::Domain(host)) => {
            let below = host
                .strip_suffix(&domain)
                .is_some_and(|rest| rest.ends_with('.'));
            let is_suffix = psl::suffix_str(&domain).is_none_or(|suffix| suffix == domain);
            below && !is_suffix
        }
        Some(Host::Ipv4(address)) => address.to_string() == domain,
        Some(Host::Ipv6(address)) => format!("[{address}]") == domain,
        None => false,
    }
}

/// `__Secure-` and `__Host-` promise how a cookie was set (RFC 6265bis §4.1.3).
fn keeps_its_prefix(cookie: &Cookie<'_>, secure: bool) -> bool {
    let name = cookie.name().to_ascii_lowercase();
    if name.starts_with("__host-") {
        let whole = (**cookie).path() == Some("/");
        return secure && whole && (**cookie).domain().is_none();
    }
    secure || !name.starts_with("__secure-")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn tried(url: &str, cookies: &[&str]) -> (CookieStore, Taken) {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie.parse().unwrap());
        }
        let mut store = CookieStore::default();
        let taken = take(&mut store, &url.parse().unwrap(), &headers);
        (store, taken)
    }

    fn why(url: &str, cookie: &str) -> &'static str {
        let (_, taken) = tried(url, &[cookie]);
        taken.refused.first().map_or("kept", |refused| refused.why)
    }

    const API: &str = "https://api.shop.example.co.uk/orders/1";

    #[test]
    fn t21_a_cookie_is_for_the_host_or_a_parent_that_is_no_public_suffix() {
        for kept in [
            "a=1",
            "a=1; Domain=api.shop.example.co.uk",
            "a=1; Domain=shop.example.co.uk",
            "a=1; Domain=.example.co.uk",
            "a=1; Domain=EXAMPLE.co.uk",
            "a=1; Domain=",
        ] {
            assert_eq!(why(API, kept), "kept", "{kept}");
        }
        for foreign in [
            "a=1; Domain=co.uk",
            "a=1; Domain=uk",
            "a=1; Domain=other.co.uk",
            "a=1; Domain=x.api.shop.example.co.uk",
            "a=1; Domain=ample.co.uk",
            "a=1; Domain=localhost",
            "a=1; Domain=127.0.0.1",
        ] {
            assert_eq!(why(API, foreign), "foreign", "{foreign}");
        }
        assert_eq!(
            why("https://me.github.io/", "a=1; Domain=github.io"),
            "foreign"
        );
        assert_eq!(
            why("http://localhost:8000/", "a=1; Domain=localhost"),
            "kept"
        );
        assert_eq!(
            why("http://127.0.0.1:8000/", "a=1; Domain=localhost"),
            "foreign"
        );
        assert_eq!(
            why("http://127.0.0.1:8000/", "a=1; Domain=0.0.1"),
            "foreign"
        );
        assert_eq!(why("https://[::1]/", "a=1; Domain=[::1]"), "kept");
    }

    #[test]
    fn t21_prefixes_keep_their_promise() {
        for (cookie, wanted) in [
            ("__Host-a=1; Secure; Path=/", "kept"),
            ("__Host-a=1; Secure", "prefix"),
            ("__Host-a=1; Path=/", "prefix"),
            ("__HOST-a=1; Path=/", "prefix"),
            ("__Host-a=1; Secure; Path=/; Domain=example.co.uk", "prefix"),
            ("__Secure-a=1; Secure", "kept"),
            ("__Secure-a=1", "prefix"),
            ("a=1; SameSite=None", "insecure"),
            ("a=1; SameSite=None; Secure", "kept"),
        ] {
            assert_eq!(why(API, cookie), wanted, "{cookie}");
        }
        assert_eq!(why("http://id.example/", "a=1; Secure"), "insecure");
    }

    #[test]
    fn t21_a_flood_is_bounded_and_what_is_refused_is_listed() {
        let all: Vec<String> = (0..500).map(|number| format!("c{number}=1")).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let (store, taken) = tried(API, &all);
        assert_eq!(store.iter_any().count(), MOST);
        assert_eq!(taken.refused.len(), 450);
        assert_eq!(
            taken.refused[0],
            Refused {
                name: "c50".into(),
                why: "too_many"
            }
        );
        // One that is known already may be set anew.
        let (_, taken) = tried(API, &[&all[..], &["c0=2"]].concat());
        assert_eq!(taken.refused.len(), 450);
        let long = format!("a={}", "v".repeat(1_000_000));
        assert_eq!(why(API, &long), "too_long");
        let path = format!("a=1; Path=/{}", "p".repeat(2000));
        let (store, _) = tried(API, &[&path]);
        assert_eq!(store.iter_any().next().unwrap().path.as_ref(), "/orders");
    }
}
