//! Where the answer of the browser goes: to a listener on this computer, or to an address that the user copies.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The way that a sign-in is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// By a listener.
    Loopback(LoopbackRedirect),
    /// By the user, who copies the address that the browser ends at.
    Paste(String),
}

/// A redirect URI on this computer (RFC 8252 §7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoopbackRedirect {
    /// As registered.
    pub(super) text: String,
    /// Name or address, as in the `Host` header.
    pub(super) host: String,
    /// Where to listen.
    pub(super) addresses: Vec<IpAddr>,
    /// The registered port; none where any port may be used.
    pub(super) port: Option<u16>,
    pub(super) path: String,
}

impl Way {
    /// The best of the registered redirect URIs: an address of this computer without a port, then one with a port,
    /// then `localhost`, which may lead elsewhere (RFC 8252 §8.3). None where none is registered.
    pub(super) fn of(registered: &[String]) -> Option<Self> {
        let mut loopback: Vec<LoopbackRedirect> = registered
            .iter()
            .filter_map(|text| LoopbackRedirect::of(text))
            .collect();
        loopback.sort_by_key(|one| (one.addresses.len(), one.port.is_some()));
        match loopback.into_iter().next() {
            Some(one) => Some(Self::Loopback(one)),
            None => registered.first().cloned().map(Self::Paste),
        }
    }
}

impl LoopbackRedirect {
    fn of(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let has_user = !url.username().is_empty() || url.password().is_some();
        if url.scheme() != "http" || has_user || url.fragment().is_some() {
            return None;
        }
        let addresses = match url.host()? {
            Host::Ipv4(address) if address.is_loopback() => vec![address.into()],
            Host::Ipv6(address) if address.is_loopback() => vec![address.into()],
            Host::Domain(name) if name.strip_suffix('.').unwrap_or(name) == "localhost" => {
                vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
            }
            _ => return None,
        };
        Some(Self {
            host: url.host_str()?.to_owned(),
            addresses,
            port: url.port().or_else(|| written_port(text)),
            path: url.path().to_owned(),
            text: text.to_owned(),
        })
    }

    /// The redirect URI for a listener on this port. Everything else stays as registered: servers compare it letter by
    /// letter.
    pub(super) fn with_port(&self, port: u16) -> String {
        if self.port.is_some() {
            return self.text.clone();
        }
        let end = end_of_authority(&self.text);
        let (before, after) = self.text.split_at(end);
        format!("{before}:{port}{after}")
    }
}

/// The port in the text, also where it is the usual one, which a parsed address leaves out.
fn written_port(text: &str) -> Option<u16> {
    let authority = text.get(..end_of_authority(text))?;
    authority.rsplit_once(':')?.1.parse().ok()
}

fn end_of_authority(text: &str) -> usize {
    let start = text.find("//").map_or(0, |at| at + 2);
    let rest = text.get(start..).unwrap_or_default();
    start + rest.find(['/', '?', '#']).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn loopback(text: &str) -> LoopbackRedirect {
        LoopbackRedirect::of(text).unwrap()
    }

    #[test]
    fn only_the_port_is_added_to_a_registered_redirect() {
        for (text, sent) in [
            (
                "http://127.0.0.1/callback",
                "http://127.0.0.1:4711/callback",
            ),
            ("http://127.0.0.1", "http://127.0.0.1:4711"),
            ("http://127.0.0.1/", "http://127.0.0.1:4711/"),
            ("http://127.0.0.1?a=b", "http://127.0.0.1:4711?a=b"),
            ("http://[::1]/cb", "http://[::1]:4711/cb"),
            ("http://localhost/cb", "http://localhost:4711/cb"),
            ("http://LOCALHOST./cb", "http://LOCALHOST.:4711/cb"),
            ("http://127.0.0.1:80/cb", "http://127.0.0.1:80/cb"),
            ("http://127.0.0.1:9004/cb", "http://127.0.0.1:9004/cb"),
        ] {
            assert_eq!(loopback(text).with_port(4711), sent);
        }
        assert_eq!(loopback("http://127.0.0.1:80/cb").port, Some(80));
    }

    #[test]
    fn the_safest_registered_redirect_is_chosen() {
        let chosen = |all: &[&str]| {
            let all: Vec<String> = all.iter().map(|one| (*one).to_owned()).collect();
            Way::of(&all).map(|way| match way {
                Way::Loopback(one) => one.text,
                Way::Paste(text) => format!("paste {text}"),
            })
        };
        let (free, fixed) = ("http://127.0.0.1/cb", "http://[::1]:9000/cb");
        let (name, web) = ("http://localhost:9000/cb", "https://app.example/cb");
        assert_eq!(chosen(&[web, name, fixed, free]).as_deref(), Some(free));
        assert_eq!(chosen(&[web, name, fixed]).as_deref(), Some(fixed));
        assert_eq!(chosen(&[web, name]).as_deref(), Some(name));
        assert_eq!(
            chosen(&[web]).as_deref(),
            Some("paste https://app.example/cb")
        );
        for text in [
            "https://127.0.0.1/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://user@127.0.0.1/cb",
            "http://10.0.0.1/cb",
            "com.example:/cb",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert_eq!(chosen(&[text]), Some(format!("paste {text}")));
        }
        assert_eq!(chosen(&[]), None);
    }
}
