//! Whether a redirect URI is one of a client's.

use url::{Host, Url};

use crate::state::store::Client;

/// The client registered this redirect URI, to the letter (RFC 9700 section 2.1), but for the port of
/// a loopback address (RFC 8252 section 7.3).
pub(crate) fn is_registered(client: &Client, named: &str) -> bool {
    let known = &client.metadata.redirect_uris;
    known
        .iter()
        .any(|one| one == named || is_same_loopback(one, named))
}

fn is_same_loopback(registered: &str, named: &str) -> bool {
    let (Ok(mut one), Ok(mut other)) = (Url::parse(registered), Url::parse(named)) else {
        return false;
    };
    let is_loopback = |url: &Url| match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    // A URL with a user in it can look like another host.
    let is_plain = |url: &Url| url.scheme() == "http" && url.username().is_empty();
    is_plain(&one)
        && is_plain(&other)
        && is_loopback(&one)
        && other.password().is_none()
        && other.fragment().is_none()
        && one.set_port(None).is_ok()
        && other.set_port(None).is_ok()
        && one == other
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        let registered = "http://127.0.0.1:1234/cb";
        for (named, same) in [
            ("http://127.0.0.1:999/cb", true),
            ("http://127.0.0.1/cb", true),
            ("http://127.0.0.1:999/other", false),
            ("http://127.0.0.1:999/cb?a=b", false),
            ("http://127.0.0.1:999/cb#a", false),
            ("https://127.0.0.1:999/cb", false),
            ("http://localhost:999/cb", false),
            ("http://127.0.0.2:999/cb", false),
            ("http://a@127.0.0.1:999/cb", false),
            ("http://:b@127.0.0.1:999/cb", false),
            ("http://127.0.0.1.evil.example/cb", false),
            ("http://127.0.0.1:999@evil.example/cb", false),
        ] {
            assert_eq!(is_same_loopback(registered, named), same, "{named}");
        }
        assert!(is_same_loopback("http://[::1]/cb", "http://[::1]:7/cb"));
        let elsewhere = ("http://app.example:1/cb", "http://app.example:2/cb");
        assert!(!is_same_loopback(elsewhere.0, elsewhere.1));
    }
}
