//! The stable codes of a request without a usable answer.

use super::{HttpError, TlsProblem};
use crate::codes;

codes! {
    /// The codes of [`HttpError`].
    #[allow(missing_docs, reason = "the variants of `HttpError` are documented")]
    pub enum HttpErrorCode {
        Dns = "dns",
        Connect = "connect",
        ProxyAuthentication = "proxy_authentication",
        Tls = "tls",
        Timeout = "timeout",
        NotHttp = "not_http",
        ConnectionLost = "connection_lost",
        NotDecoded = "not_decoded",
        BodyTooLarge = "body_too_large",
        Redirect = "redirect",
        PlainHttp = "plain_http",
        UnconfirmedHost = "unconfirmed_host",
        PrivateAddress = "private_address",
        SharedAddress = "shared_address",
        Scheme = "scheme",
        ColonInClientId = "colon_in_client_id",
        KeyFailed = "key_failed",
        RequestInvalid = "request_invalid",
        HttpSetup = "http_setup",
        NoAuthority = "no_authority",
    }
}

codes! {
    /// Sentences that are closer than that of the code.
    pub enum HttpWording {
        /// The connection was lost, over plain http.
        ConnectionLostPlain = "connection_lost_plain",
        /// No HTTP in the answer, over plain http.
        NotHttpPlain = "not_http_plain",
        /// The server wants a certificate of the client.
        TlsClientCertificate = "tls_client_certificate",
        /// The certificate is for another name.
        TlsName = "tls_name",
        /// Plain text in the place of TLS.
        TlsPlain = "tls_plain",
        /// The certificate has expired, or is not valid yet.
        TlsTime = "tls_time",
    }
}

impl HttpError {
    /// Stable code, in `snake_case`.
    pub fn code(&self) -> &'static str {
        self.error_code().as_str()
    }

    /// The sentence that tells of it, where that of the code is not the closest.
    pub fn wording(&self) -> Option<HttpWording> {
        match self {
            Self::Tls { problem, .. } => match problem {
                TlsProblem::Plain => Some(HttpWording::TlsPlain),
                TlsProblem::Time => Some(HttpWording::TlsTime),
                TlsProblem::Name => Some(HttpWording::TlsName),
                TlsProblem::ClientCertificate => Some(HttpWording::TlsClientCertificate),
                TlsProblem::Certificate => None,
            },
            Self::NotHttp {
                over_plain_http: true,
                ..
            } => Some(HttpWording::NotHttpPlain),
            Self::ConnectionLost {
                over_plain_http: true,
                ..
            } => Some(HttpWording::ConnectionLostPlain),
            _ => None,
        }
    }

    fn error_code(&self) -> HttpErrorCode {
        match self {
            Self::Dns { .. } => HttpErrorCode::Dns,
            Self::Connect { .. } => HttpErrorCode::Connect,
            Self::ProxyAuthentication { .. } => HttpErrorCode::ProxyAuthentication,
            Self::Tls { .. } => HttpErrorCode::Tls,
            Self::Timeout { .. } => HttpErrorCode::Timeout,
            Self::NotHttp { .. } => HttpErrorCode::NotHttp,
            Self::ConnectionLost { .. } => HttpErrorCode::ConnectionLost,
            Self::NotDecoded { .. } => HttpErrorCode::NotDecoded,
            Self::BodyTooLarge { .. } => HttpErrorCode::BodyTooLarge,
            Self::Redirect { .. } => HttpErrorCode::Redirect,
            Self::PlainHttp { .. } => HttpErrorCode::PlainHttp,
            Self::UnconfirmedHost { .. } => HttpErrorCode::UnconfirmedHost,
            Self::PrivateAddress { .. } => HttpErrorCode::PrivateAddress,
            Self::SharedAddress { .. } => HttpErrorCode::SharedAddress,
            Self::Scheme { .. } => HttpErrorCode::Scheme,
            Self::ColonInId { .. } => HttpErrorCode::ColonInClientId,
            Self::Proof { .. } => HttpErrorCode::KeyFailed,
            Self::Request { .. } => HttpErrorCode::RequestInvalid,
            Self::Setup { .. } | Self::Trust(_) => HttpErrorCode::HttpSetup,
            Self::NoAuthority => HttpErrorCode::NoAuthority,
        }
    }
}
