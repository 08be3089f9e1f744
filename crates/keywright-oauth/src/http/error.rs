//! Why a request came to nothing.

use std::net::IpAddr;

use uuid::Uuid;

use crate::client_key::KeyError;

use super::{
    reach::{Network, NotPublic, network},
    redact::Redactor,
    tls_problem::{TlsProblem, told},
};

/// A request without a usable answer. Names the host, keeps the source.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The name of the host does not resolve.
    #[error("{host} does not resolve")]
    Dns {
        /// Host.
        host: String,
        /// Why.
        source: reqwest::Error,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// No connection.
    #[error("{host} does not accept a connection")]
    Connect {
        /// Host.
        host: String,
        /// Why.
        source: reqwest::Error,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The proxy asks for a user and a password (407).
    #[error("the proxy on the way to {host} asks for a user and a password")]
    ProxyAuthentication {
        /// Host.
        host: String,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The certificate or the TLS handshake; nothing was sent.
    #[error("the TLS connection to {host} cannot be trusted: {reason}")]
    Tls {
        /// Host.
        host: String,
        /// What is wrong, as far as it leads to another next step.
        problem: TlsProblem,
        /// The TLS library's words.
        reason: String,
        /// Why.
        source: reqwest::Error,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// No answer in time.
    #[error("{host} did not answer in time")]
    Timeout {
        /// Host.
        host: String,
        /// The request was on its way: the outcome is unknown.
        after_send: bool,
        /// Why.
        source: reqwest::Error,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// What came is not HTTP, or has a head that cannot be read.
    #[error("{host} answered with something that is not HTTP: {source}")]
    NotHttp {
        /// Host.
        host: String,
        /// The request went over plain http: the server may speak TLS at this port.
        over_plain_http: bool,
        /// Why.
        source: reqwest::Error,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The connection ended after the request was sent.
    #[error("{host} closed the connection before its answer was complete")]
    ConnectionLost {
        /// Host.
        host: String,
        /// Nothing was answered over plain http: the server may speak TLS at this port.
        over_plain_http: bool,
        /// Why.
        source: reqwest::Error,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The body is not what its `Content-Encoding` says (RFC 9110 §8.4), or ends within it.
    #[error("the answer of {host} cannot be decoded: {source}")]
    NotDecoded {
        /// Host.
        host: String,
        /// Why.
        source: reqwest::Error,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The answer is longer than what is read.
    #[error("{host} sent more than {limit} bytes")]
    BodyTooLarge {
        /// Host.
        host: String,
        /// The limit, in bytes.
        limit: usize,
        /// Status of the answer.
        status: u16,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// A redirect, which is never followed.
    #[error("{host} answered {status} and wants to send the request elsewhere")]
    Redirect {
        /// Host.
        host: String,
        /// Where to, as sent, without secrets.
        to: Option<String>,
        /// Status.
        status: u16,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// Plain http to a host other than loopback.
    #[error("{host} is asked over plain http")]
    PlainHttp {
        /// Host.
        host: String,
    },
    /// A secret would go to a host that the configuration does not name and the user did not confirm.
    #[error("a secret would go to {host}, which is not confirmed")]
    UnconfirmedHost {
        /// Host.
        host: String,
    },
    /// A host that only a server named leads into a private network, which is not for it to name.
    #[error("{host} leads to {address}, which is not on the public network")]
    PrivateAddress {
        /// Host.
        host: String,
        /// Its address.
        address: IpAddr,
    },
    /// A host that only a server named has an address in a range that overlay networks and proxies share out. It may
    /// be a public host behind one, so the user is asked.
    #[error("{host} leads to {address}, which is in a range that is shared out")]
    SharedAddress {
        /// Host.
        host: String,
        /// Its address.
        address: IpAddr,
    },
    /// Neither http nor https.
    #[error("{scheme}: is not a web address")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// The proof of possession could not be signed. Nothing was sent.
    #[error("the proof of possession could not be signed")]
    Proof {
        /// Why.
        source: KeyError,
    },
    /// Raw Basic credentials cannot carry this client identifier (RFC 7617 §2).
    #[error(
        "the client identifier {id} contains a colon, which raw Basic credentials cannot carry"
    )]
    ColonInId {
        /// Client identifier.
        id: String,
    },
    /// A header or another part of the request cannot be sent.
    #[error("the request cannot be sent: {source}")]
    Request {
        /// Why.
        source: http::Error,
    },
    /// The client cannot be made, for example because the CA file is no certificate.
    #[error("the HTTP client cannot be made: {source}")]
    Setup {
        /// Why.
        source: reqwest::Error,
    },
    /// TLS cannot be set up with the certificates that were given.
    #[error("TLS cannot be set up with the given certificates: {0}")]
    Trust(#[source] rustls::Error),
    /// The text that was given as the certificates of authorities has none.
    #[error("the certificates of authorities that were given hold no certificate")]
    NoAuthority,
}

impl HttpError {
    /// The server may have received the request, so a creation has an unknown outcome.
    pub fn sent(&self) -> bool {
        match self {
            Self::Timeout { after_send, .. } => *after_send,
            // A server may create something and then send the browser to it.
            Self::NotHttp { .. }
            | Self::ConnectionLost { .. }
            | Self::NotDecoded { .. }
            | Self::BodyTooLarge { .. }
            | Self::Redirect { .. } => true,
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::ProxyAuthentication { .. }
            | Self::Tls { .. }
            | Self::PlainHttp { .. }
            | Self::UnconfirmedHost { .. }
            | Self::PrivateAddress { .. }
            | Self::SharedAddress { .. }
            | Self::Scheme { .. }
            | Self::Request { .. }
            | Self::ColonInId { .. }
            | Self::Proof { .. }
            | Self::NoAuthority
            | Self::Trust(_)
            | Self::Setup { .. } => false,
        }
    }

    /// Refused by ourselves, for the user's safety.
    pub fn is_security(&self) -> bool {
        matches!(
            self,
            Self::Tls { .. }
                | Self::PlainHttp { .. }
                | Self::UnconfirmedHost { .. }
                | Self::PrivateAddress { .. }
                | Self::SharedAddress { .. }
                | Self::Redirect { .. }
                | Self::Scheme { .. }
        )
    }

    /// The recorded exchange, where a request was tried.
    pub fn exchange(&self) -> Option<Uuid> {
        match self {
            Self::Dns { exchange, .. }
            | Self::Connect { exchange, .. }
            | Self::ProxyAuthentication { exchange, .. }
            | Self::Tls { exchange, .. }
            | Self::Timeout { exchange, .. }
            | Self::NotHttp { exchange, .. }
            | Self::ConnectionLost { exchange, .. }
            | Self::NotDecoded { exchange, .. }
            | Self::BodyTooLarge { exchange, .. }
            | Self::Redirect { exchange, .. } => Some(*exchange),
            Self::PlainHttp { .. }
            | Self::UnconfirmedHost { .. }
            | Self::PrivateAddress { .. }
            | Self::SharedAddress { .. }
            | Self::Scheme { .. }
            | Self::ColonInId { .. }
            | Self::Proof { .. }
            | Self::Request { .. }
            | Self::NoAuthority
            | Self::Trust(_)
            | Self::Setup { .. } => None,
        }
    }

    /// The host that was asked.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Dns { host, .. }
            | Self::Connect { host, .. }
            | Self::ProxyAuthentication { host, .. }
            | Self::Tls { host, .. }
            | Self::Timeout { host, .. }
            | Self::NotHttp { host, .. }
            | Self::ConnectionLost { host, .. }
            | Self::NotDecoded { host, .. }
            | Self::BodyTooLarge { host, .. }
            | Self::Redirect { host, .. }
            | Self::PlainHttp { host }
            | Self::PrivateAddress { host, .. }
            | Self::SharedAddress { host, .. }
            | Self::UnconfirmedHost { host } => Some(host),
            Self::Scheme { .. }
            | Self::ColonInId { .. }
            | Self::Proof { .. }
            | Self::Request { .. }
            | Self::NoAuthority
            | Self::Trust(_)
            | Self::Setup { .. } => None,
        }
    }

    /// Where a redirect leads is a server's text, and often holds a code or a token.
    pub(super) fn without_secrets(mut self, hidden: &Redactor) -> Self {
        if let Self::Redirect { to: Some(to), .. } = &mut self {
            *to = hidden.address(to, &mut Vec::new());
        }
        self
    }

    /// Why a stranger's address is not connected to.
    pub(super) fn off_the_public_network(host: String, address: IpAddr) -> Self {
        if network(address) == Network::Shared {
            Self::SharedAddress { host, address }
        } else {
            Self::PrivateAddress { host, address }
        }
    }

    /// `over_plain_http`: nothing is known yet of what the server speaks.
    pub(super) fn from_reqwest(
        host: String,
        over_plain_http: bool,
        source: reqwest::Error,
        exchange: Uuid,
    ) -> Self {
        if source.is_timeout() {
            let after_send = !source.is_connect();
            return Self::Timeout {
                host,
                after_send,
                source,
                exchange,
            };
        }
        if let Some(address) = private_address(&source) {
            return Self::off_the_public_network(host, address);
        }
        // After the handshake the request may have been read: a broken record or an alert is then a lost
        // connection, not a certificate.
        if let Some((problem, reason)) = tls_problem(&source)
            && (source.is_connect() || problem == TlsProblem::ClientCertificate)
        {
            return Self::Tls {
                host,
                problem,
                reason,
                source,
                exchange,
            };
        }
        if source.is_dns() {
            return Self::Dns {
                host,
                source,
                exchange,
            };
        }
        if source.is_connect() && has_words(&source, "tunnel error: proxy authorization required") {
            return Self::ProxyAuthentication { host, exchange };
        }
        if source.is_connect() {
            return Self::Connect {
                host,
                source,
                exchange,
            };
        }
        if is_unreadable_head(&source) {
            return Self::NotHttp {
                host,
                over_plain_http,
                source,
                exchange,
            };
        }
        if is_undecodable(&source) {
            return Self::NotDecoded {
                host,
                source,
                exchange,
            };
        }
        Self::ConnectionLost {
            host,
            over_plain_http,
            source,
            exchange,
        }
    }
}

/// The head of an answer cannot be parsed: the error's type is private to its library.
fn is_unreadable_head(error: &reqwest::Error) -> bool {
    [
        "invalid HTTP version parsed",
        "invalid HTTP header parsed",
        "invalid HTTP status-code parsed",
        "invalid content-length parsed",
        "invalid transfer-encoding parsed",
        "message head is too large",
        "received unexpected message from connection",
    ]
    .iter()
    .any(|words| has_words(error, words))
}

/// A decoder's failure is an I/O error by itself; one of the connection comes within an error of the HTTP library.
fn is_undecodable(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next.filter(|error| error.is::<reqwest::Error>()) {
        next = error.source();
    }
    next.is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

/// One of the causes says exactly this: the type of the tunnel's error is private to its library.
fn has_words(error: &reqwest::Error, words: &str) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.to_string() == words {
            return true;
        }
        next = error.source();
    }
    false
}

/// The address that was refused before a connection was made.
fn private_address(error: &reqwest::Error) -> Option<IpAddr> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref::<NotPublic>() {
            return Some(refused.address);
        }
        next = error.source();
    }
    None
}

/// What the TLS library found, when it is what failed.
fn tls_problem(error: &reqwest::Error) -> Option<(TlsProblem, String)> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(told(tls));
        }
        // An I/O error hides what it carries from `source`, and one may carry another.
        let mut carried = error.downcast_ref::<std::io::Error>();
        while let Some(inner) = carried.and_then(std::io::Error::get_ref) {
            if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
                return Some(told(tls));
            }
            carried = inner.downcast_ref::<std::io::Error>();
        }
        next = error.source();
    }
    None
}
