//! What the client may do, and to whom.

use std::{collections::BTreeSet, time::Duration};

use url::{Host, Url};

use super::{
    HttpError, Purpose,
    reach::{is_localhost, private_literal},
};

/// Limits and permissions of one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpPolicy {
    /// Plain http to other hosts than loopback is allowed (the user said so, and the screen shows it).
    pub allow_plain_http: bool,
    /// Nothing is asked over plain http, not even on this machine: the issuer speaks https, and what
    /// it names must not fall below that.
    pub https_only: bool,
    /// Certificates of a private authority, PEM, trusted in addition to the system's.
    pub ca_pem: Option<String>,
    /// End of a connection attempt.
    pub connect_timeout: Duration,
    /// End of a whole request.
    pub total_timeout: Duration,
    /// Longest body read, after decompression, in bytes.
    pub max_body: usize,
    /// Hosts (with port where one is written) that the user named: they may receive a secret, and may be in a private
    /// network, there at any port. All others were named by a server alone. None means that the user named the address.
    pub secret_hosts: Option<BTreeSet<String>>,
    /// Name or address of the issuer, without a port: whatever its metadata names there is the issuer's own, at any
    /// port, and may receive a secret. None on this machine, where a port may belong to anyone's program.
    pub issuer_host: Option<String>,
    /// The issuer is on this machine, so strangers may be too.
    pub local_strangers: bool,
    /// Address of a proxy, or `direct` for none. The system's where nothing is set.
    pub proxy: Option<String>,
}

impl Default for HttpPolicy {
    fn default() -> Self {
        Self {
            allow_plain_http: false,
            https_only: false,
            ca_pem: None,
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            max_body: 1024 * 1024,
            secret_hosts: None,
            issuer_host: None,
            local_strangers: false,
            proxy: None,
        }
    }
}

impl HttpPolicy {
    /// Host with its port, the form used in `secret_hosts`.
    pub fn host_of(url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Is a host, with its port where one is written, that of the issuer at another port?
    pub fn is_issuers(issuer_host: Option<&str>, host: &str) -> bool {
        issuer_host.is_some_and(|issuer| without_port(host).eq_ignore_ascii_case(issuer))
    }

    /// The host is one that only a server named, never the user.
    pub(super) fn is_stranger(&self, url: &Url) -> bool {
        let host = Self::host_of(url);
        self.secret_hosts.as_ref().is_some_and(|hosts| {
            !hosts.contains(&host) && !Self::is_issuers(self.issuer_host.as_deref(), &host)
        })
    }

    /// The user named no port of this host, so it may be on the public network only.
    pub(super) fn is_stranger_to_networks(&self, url: &Url) -> bool {
        let name = url.host_str().unwrap_or_default();
        self.secret_hosts.as_ref().is_some_and(|hosts| {
            !hosts
                .iter()
                .any(|host| without_port(host).eq_ignore_ascii_case(name))
        })
    }

    /// An address that a browser may be sent to: `https`, and plain `http` where the client itself may use it.
    pub fn check_opened(&self, url: &Url) -> Result<(), HttpError> {
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.allow_plain_http => Ok(()),
            "http" if is_loopback(url) && !self.https_only => Ok(()),
            "http" => Err(HttpError::PlainHttp {
                host: Self::host_of(url),
            }),
            scheme => Err(HttpError::Scheme {
                scheme: scheme.to_owned(),
            }),
        }
    }

    pub(super) fn check(
        &self,
        url: &Url,
        purpose: Purpose,
        carries_secret: bool,
    ) -> Result<(), HttpError> {
        let host = Self::host_of(url);
        self.check_opened(url)?;
        // What a stranger answers to a registration would be kept as a client of the issuer.
        if self.is_stranger(url) && (carries_secret || purpose == Purpose::Registration) {
            return Err(HttpError::UnconfirmedHost { host });
        }
        if !self.is_stranger_to_networks(url) {
            return Ok(());
        }
        match private_literal(url) {
            Some(address) if !(self.local_strangers && address.is_loopback()) => {
                Err(HttpError::off_the_public_network(host, address))
            }
            _ => Ok(()),
        }
    }
}

/// The name or address of a host, without its port. An IPv6 address is in brackets.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    }
}

/// `localhost` and the names below it, also with a final dot; `127.0.0.0/8`; `::1`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn code(policy: &HttpPolicy, url: &str, purpose: Purpose, secret: bool) -> &'static str {
        let url = Url::parse(url).unwrap();
        policy
            .check(&url, purpose, secret)
            .map_or_else(|error| error.code(), |()| "ok")
    }

    fn policy(hosts: &[&str]) -> HttpPolicy {
        HttpPolicy {
            secret_hosts: Some(hosts.iter().map(|host| (*host).to_owned()).collect()),
            ..HttpPolicy::default()
        }
    }

    #[test]
    fn t02_a_stranger_gets_no_secret_and_no_registration() {
        let policy = policy(&["id.example"]);
        let stranger = "https://evil.example/x";
        assert_eq!(
            code(&policy, stranger, Purpose::Token, true),
            "unconfirmed_host"
        );
        assert_eq!(
            code(&policy, stranger, Purpose::Registration, false),
            "unconfirmed_host"
        );
        assert_eq!(code(&policy, stranger, Purpose::Jwks, false), "ok");
        for near in [
            "https://id.example:8443/",
            "https://id.example./",
            "https://x.id.example/",
            "https://id.example.evil.example/",
        ] {
            assert_eq!(
                code(&policy, near, Purpose::Token, true),
                "unconfirmed_host",
                "{near}"
            );
        }
        assert_eq!(
            code(&policy, "https://ID.example:443/t", Purpose::Token, true),
            "ok"
        );
    }

    #[test]
    fn t02_another_port_of_the_issuer_is_known() {
        let policy = HttpPolicy {
            issuer_host: Some("id.example".to_owned()),
            https_only: true,
            ..policy(&["id.example", "other.example"])
        };
        let asked = |url| {
            [
                code(&policy, url, Purpose::Token, true),
                code(&policy, url, Purpose::Registration, false),
            ]
        };
        assert_eq!(asked("https://id.example:8443/token"), ["ok"; 2]);
        assert_eq!(asked("http://id.example:8080/token"), ["plain_http"; 2]);
        for other in [
            "https://other.example:8443/token",
            "https://x.id.example:8443/token",
            "https://id.example.evil.example/token",
            "https://id.example.:8443/token",
        ] {
            assert_eq!(asked(other), ["unconfirmed_host"; 2], "{other}");
        }
    }

    #[test]
    fn t03_a_stranger_leads_into_no_private_network() {
        let away = policy(&["id.example"]);
        let here = HttpPolicy {
            local_strangers: true,
            ..policy(&["127.0.0.1:9"])
        };
        for private in ["https://127.0.0.1/", "https://[::1]/", "https://localhost/"] {
            assert_eq!(
                code(&away, private, Purpose::Jwks, false),
                "private_address",
                "{private}"
            );
            assert_eq!(
                code(&here, private, Purpose::Jwks, false),
                "ok",
                "{private}"
            );
        }
        for private in [
            "https://169.254.169.254/",
            "https://10.0.0.1/",
            "https://[fd00::1]/",
            "https://[::ffff:127.0.0.1]/",
        ] {
            for policy in [&away, &here] {
                assert_eq!(
                    code(policy, private, Purpose::Jwks, false),
                    "private_address",
                    "{private}"
                );
            }
        }
        assert_eq!(
            code(
                &policy(&["10.0.0.1"]),
                "https://10.0.0.1/",
                Purpose::Token,
                true
            ),
            "ok"
        );
    }

    #[test]
    fn t03_another_port_of_a_named_host_may_be_private() {
        for (named, url) in [
            ("10.0.0.7", "https://10.0.0.7:8443/keys"),
            ("10.0.0.7:9443", "https://10.0.0.7/keys"),
            ("[fd00::1]", "https://[fd00::1]:8443/keys"),
            ("[fd00::1]:9443", "https://[fd00::1]/keys"),
        ] {
            let policy = policy(&[named]);
            assert_eq!(code(&policy, url, Purpose::Jwks, false), "ok", "{url}");
            // A secret still waits for the user.
            assert_eq!(
                code(&policy, url, Purpose::Token, true),
                "unconfirmed_host",
                "{url}"
            );
        }
        assert!(
            !policy(&["SSO.corp"])
                .is_stranger_to_networks(&"https://sso.corp:8443/".parse().unwrap())
        );
        assert!(
            policy(&["sso.corp"]).is_stranger_to_networks(&"https://x.sso.corp/".parse().unwrap())
        );
    }

    #[test]
    fn t03_a_stranger_in_a_shared_range_is_asked_about() {
        let policy = policy(&["id.example"]);
        for shared in ["https://100.64.0.1/", "https://198.18.3.4/"] {
            assert_eq!(
                code(&policy, shared, Purpose::Jwks, false),
                "shared_address"
            );
        }
    }

    #[test]
    fn t06_an_https_issuer_leads_to_no_plain_http() {
        let policy = HttpPolicy {
            https_only: true,
            ..policy(&["localhost"])
        };
        assert_eq!(
            code(&policy, "http://localhost/", Purpose::Jwks, false),
            "plain_http"
        );
        assert_eq!(
            code(&policy, "https://localhost/", Purpose::Jwks, false),
            "ok"
        );
    }

    #[test]
    fn t08_only_this_machine_is_asked_over_plain_http() {
        let policy = HttpPolicy::default();
        for other in [
            "http://id.example/",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0/",
            "http://localhost.evil.example./",
            "http://localhost../",
            "http://notlocalhost/",
            "http://10.0.0.1/",
            "http://[::]/",
            "http://128.0.0.1/",
            "http://local\u{4e00}host/",
        ] {
            assert_eq!(
                code(&policy, other, Purpose::Discovery, false),
                "plain_http",
                "{other}"
            );
        }
        for here in [
            "http://127.0.0.1:1/",
            "http://127.9.9.9/",
            "http://[::1]/",
            "http://localhost/",
            "http://a.localhost/",
            "http://localhost./",
            "http://a.localhost.:1/",
        ] {
            assert_eq!(
                code(&policy, here, Purpose::Discovery, false),
                "ok",
                "{here}"
            );
        }
    }

    #[test]
    fn t18_nothing_but_web_addresses_is_asked() {
        for other in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "smb://h/s",
            "ftp://h/",
            "ws://h/",
        ] {
            assert_eq!(
                code(&HttpPolicy::default(), other, Purpose::Discovery, false),
                "scheme",
                "{other}"
            );
        }
    }
}
