//! An authority of the tests, and what it signs: for servers on this computer, and for clients.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair,
};

/// An authority that a configuration can name.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate in PEM.
    pub certificate: String,
}

/// A key and its certificate, in PEM.
pub struct Issued {
    pub key: String,
    pub certificate: String,
}

impl Authority {
    pub fn new() -> Self {
        Self::called("An authority of the tests")
    }

    /// One with another name: two of one name and different keys confuse the TLS of servers.
    pub fn called(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = named(name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    /// For a server at 127.0.0.1.
    pub fn server(&self) -> Issued {
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
        self.issue(params, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// For a client, whose subject is this common name in an organization of Japan.
    pub fn client(&self, name: &str) -> Issued {
        let mut params = CertificateParams::default();
        let mut subject = DistinguishedName::new();
        subject.push(DnType::CountryName, "JP");
        subject.push(DnType::OrganizationName, "Example");
        subject.push(DnType::CommonName, name);
        params.distinguished_name = subject;
        self.issue(params, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn issue(&self, mut params: CertificateParams, usage: ExtendedKeyUsagePurpose) -> Issued {
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Issued {
            key: key.serialize_pem(),
            certificate: certificate.pem(),
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}
