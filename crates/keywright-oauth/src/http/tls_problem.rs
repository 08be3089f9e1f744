//! What the TLS library says of a server, sorted by the next step.

/// What is wrong with a TLS connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsProblem {
    /// The answer is not a TLS record (RFC 8446 §5.1): a server for plain http is asked by https.
    Plain,
    /// The certificate is not valid at this time.
    Time,
    /// The certificate is for another host.
    Name,
    /// Nobody who is known issued the certificate, or anything else.
    Certificate,
}

/// What is wrong, and a sentence for it.
pub(super) fn told(error: &rustls::Error) -> (TlsProblem, String) {
    use rustls::{CertificateError as Certificate, Error, InvalidMessage};
    let problem = match error {
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => TlsProblem::Plain,
        Error::InvalidCertificate(
            Certificate::Expired
            | Certificate::ExpiredContext { .. }
            | Certificate::NotValidYet
            | Certificate::NotValidYetContext { .. },
        ) => TlsProblem::Time,
        Error::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => TlsProblem::Name,
        _ => TlsProblem::Certificate,
    };
    let reason = match error {
        // The library has no sentence for what it does not name itself.
        Error::InvalidCertificate(Certificate::Other(other))
            if format!("{other:?}").contains("CaUsedAsEndEntity") =>
        {
            "it is self-signed and marked as the certificate of an authority".to_owned()
        }
        other => other.to_string(),
    };
    (problem, reason)
}
