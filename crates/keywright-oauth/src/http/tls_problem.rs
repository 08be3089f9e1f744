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
    /// The server wants a certificate of the client, and none was presented that it takes (RFC 8446 §6.2). It says so before
    /// it reads a request.
    ClientCertificate,
    /// Nobody who is known issued the certificate, or anything else.
    Certificate,
}

/// What is wrong, and a sentence for it.
pub(super) fn told(error: &rustls::Error) -> (TlsProblem, String) {
    use rustls::{AlertDescription, CertificateError as Certificate, Error, InvalidMessage};
    let problem = match error {
        Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::BadCertificate,
        ) => TlsProblem::ClientCertificate,
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

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, Error};

    use super::*;

    #[test]
    fn a_missing_client_certificate_has_its_own_problem() {
        let of = |alert| told(&Error::AlertReceived(alert)).0;
        for alert in [
            AlertDescription::CertificateRequired,
            AlertDescription::BadCertificate,
        ] {
            assert_eq!(of(alert), TlsProblem::ClientCertificate);
        }
        assert_eq!(
            of(AlertDescription::HandshakeFailure),
            TlsProblem::Certificate
        );
    }
}
