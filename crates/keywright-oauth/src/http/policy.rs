//! What the client may do, and to whom.

use std::{collections::BTreeSet, time::Duration};

use url::{Host, Url};

use super::HttpError;

/// Limits and permissions of one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpPolicy {
    /// Plain http to other hosts than loopback is allowed (the user said so, and the screen shows it).
    pub allow_plain_http: bool,
    /// Certificates of a private authority, PEM, trusted beside the system's.
    pub ca_pem: Option<String>,
    /// End of a connection attempt.
    pub connect_timeout: Duration,
    /// End of a whole request.
    pub total_timeout: Duration,
    /// Longest body read, after decompression, in bytes.
    pub max_body: usize,
    /// Hosts (with port where one is written) that may receive a secret; none means any.
    pub secret_hosts: Option<BTreeSet<String>>,
}

impl Default for HttpPolicy {
    fn default() -> Self {
        Self {
            allow_plain_http: false,
            ca_pem: None,
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            max_body: 1024 * 1024,
            secret_hosts: None,
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

    pub(super) fn check(&self, url: &Url, carries_secret: bool) -> Result<(), HttpError> {
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(url) || self.allow_plain_http => {}
            "http" => {
                return Err(HttpError::PlainHttp {
                    host: Self::host_of(url),
                });
            }
            scheme => {
                return Err(HttpError::Scheme {
                    scheme: scheme.to_owned(),
                });
            }
        }
        let host = Self::host_of(url);
        match &self.secret_hosts {
            Some(hosts) if carries_secret && !hosts.contains(&host) => {
                Err(HttpError::UnconfirmedHost { host })
            }
            _ => Ok(()),
        }
    }
}

/// `localhost`, `127.0.0.0/8` or `::1`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
