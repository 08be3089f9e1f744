//! Certificates that must not be believed (T07), each behind a server that answers as it should. The
//! authority of the tests is in the configuration, so that only what is wrong with a certificate counts.

use std::{collections::BTreeMap, sync::Arc};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, NameConstraints, date_time_ymd,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, crypto,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use super::{
    good,
    row::Place,
    server::{Reply, Server},
    stage::Stage,
};

/// Signed the certificates that are written down.
const AUTHORITY: &str = include_str!("certificates/authority.pem");

/// An authority, and what it signed.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
    certificate: Certificate,
}

impl Authority {
    fn new(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "An authority of the tests");
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            params,
            key,
            certificate,
        }
    }

    fn signs(&self, params: &CertificateParams, key: &KeyPair) -> Certificate {
        params
            .signed_by(key, &Issuer::from_params(&self.params, &self.key))
            .unwrap()
    }
}

/// What a server shows, and which authority the configuration names.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    trusted: String,
}

fn leaf(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    change(&mut params);
    params
}

fn der(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

/// A leaf with a change, signed by the authority that is trusted.
fn signed(change: impl FnOnce(&mut CertificateParams)) -> Shown {
    below(&Authority::new(|_| {}), change)
}

fn below(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Shown {
    let key = KeyPair::generate().unwrap();
    let certificate = authority.signs(&leaf(change), &key);
    Shown {
        chain: vec![certificate.der().clone()],
        key: der(&key),
        trusted: authority.certificate.pem(),
    }
}

/// A leaf below an authority in between, which the trusted one signed with a change.
fn two_steps(change: impl FnOnce(&mut CertificateParams), shows_it: bool) -> Shown {
    let root = Authority::new(|_| {});
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "In between");
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = root.signs(&params, &key);
    let between = Authority {
        params,
        key,
        certificate,
    };
    let mut shown = below(&between, |_| {});
    if shows_it {
        shown.chain.push(between.certificate.der().clone());
    }
    shown.trusted = root.certificate.pem();
    shown
}

/// One that no library makes any more, written down with its key.
fn written(pem: &str, authority: &str) -> Shown {
    Shown {
        chain: vec![CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()],
        key: PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap(),
        trusted: authority.to_owned(),
    }
}

fn refused() -> Vec<(&'static str, Shown)> {
    let stranger = signed(|_| {});
    let own = {
        let key = KeyPair::generate().unwrap();
        let certificate = leaf(|_| {}).self_signed(&key).unwrap();
        Shown {
            chain: vec![certificate.der().clone()],
            key: der(&key),
            trusted: Authority::new(|_| {}).certificate.pem(),
        }
    };
    let broken = {
        let mut shown = signed(|_| {});
        let mut bytes = shown.chain[0].to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        shown.chain[0] = bytes.into();
        shown
    };
    let names = |permitted: &[&str], excluded: &[&str]| {
        let of = |all: &[&str]| {
            all.iter()
                .map(|name| GeneralSubtree::DnsName((*name).to_owned()))
                .collect()
        };
        NameConstraints {
            permitted_subtrees: of(permitted),
            excluded_subtrees: of(excluded),
        }
    };
    vec![
        ("self-signed", own),
        (
            "by an unknown authority",
            Shown {
                trusted: Authority::new(|_| {}).certificate.pem(),
                ..stranger
            },
        ),
        (
            "expired",
            signed(|params| params.not_after = date_time_ymd(2020, 1, 1)),
        ),
        (
            "not valid yet",
            signed(|params| params.not_before = date_time_ymd(2999, 1, 1)),
        ),
        (
            "for another name",
            signed(|params| *params = leaf_for(&["id.example.com"])),
        ),
        (
            "for no name",
            signed(|params| params.subject_alt_names.clear()),
        ),
        (
            "for the name in its subject alone",
            signed(|params| {
                params.subject_alt_names.clear();
                params
                    .distinguished_name
                    .push(DnType::CommonName, "localhost");
            }),
        ),
        (
            "for a name below",
            signed(|params| *params = leaf_for(&["*.localhost"])),
        ),
        (
            "for the address instead of the name",
            signed(|params| *params = leaf_for(&["127.0.0.1"])),
        ),
        (
            "for every name",
            signed(|params| *params = leaf_for(&["*"])),
        ),
        (
            "for clients",
            signed(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
        ),
        (
            "of an authority",
            signed(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
        ),
        ("with a broken signature", broken),
        (
            "below one that is no authority",
            two_steps(|params| params.is_ca = IsCa::ExplicitNoCa, true),
        ),
        ("without the one in between", two_steps(|_| {}, false)),
        (
            "below an expired one",
            two_steps(|params| params.not_after = date_time_ymd(2020, 1, 1), true),
        ),
        (
            "below one for other names",
            two_steps(
                |params| params.name_constraints = Some(names(&["example.com"], &[])),
                true,
            ),
        ),
        (
            "below one for all names but this",
            two_steps(
                |params| params.name_constraints = Some(names(&[], &["localhost"])),
                true,
            ),
        ),
        (
            "signed with SHA-1",
            written(include_str!("certificates/sha1.pem"), AUTHORITY),
        ),
        (
            "signed with MD5",
            written(include_str!("certificates/md5.pem"), AUTHORITY),
        ),
        (
            "by an authority of 1,024 bits",
            written(
                include_str!("certificates/short.pem"),
                include_str!("certificates/short-authority.pem"),
            ),
        ),
    ]
}

fn leaf_for(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>(),
    )
    .unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> TlsAcceptor {
    let config =
        ServerConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn played(stage: &Stage, name: &str, shown: Shown) -> Result<(), String> {
    let routes = good::routes(Place::Api, Reply::json("{}"));
    let server = Server::start_tls(routes, "", acceptor(shown.chain, shown.key)).await;
    let settings = BTreeMap::from([("ca_pem".to_owned(), shown.trusted)]);
    let outcome = stage.registered(name, &server.origin, settings).await;
    let received = server.received().len();
    match outcome {
        Ok(_) => Ok(()),
        Err(error) => {
            assert_eq!(received, 0, "{name}: something was sent");
            Err(format!("{} {}", error.exit_code(), error.code()))
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t07_a_certificate_that_cannot_be_believed_is_refused_before_anything_is_sent() {
    let stage = Stage::new().await;
    let (mut count, mut wrong) = (0, Vec::new());
    for (input, shown) in refused() {
        let outcome = played(&stage, input, shown).await;
        eprintln!("T07  tls            {input:<60} {outcome:?}");
        if outcome != Err("8 tls".to_owned()) {
            wrong.push(format!("{input}: {outcome:?}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count >= 20, "{count}");
    // The configuration's own authority is the only way on.
    assert_eq!(played(&stage, "a good one", signed(|_| {})).await, Ok(()));
    assert_eq!(
        played(&stage, "a good one in two steps", two_steps(|_| {}, true)).await,
        Ok(())
    );
}

/// As `openssl req -x509` makes it: marked as an authority's, and presented by the server itself.
fn own_authority(change: impl FnOnce(&mut CertificateParams)) -> Shown {
    let key = KeyPair::generate().unwrap();
    let mut params = leaf(change);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    Shown {
        chain: vec![certificate.der().clone()],
        key: der(&key),
        trusted: certificate.pem(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t07_a_given_certificate_is_believed_of_the_server_that_has_it() {
    let stage = Stage::new().await;
    let played = async |input, shown| played(&stage, input, shown).await;
    assert_eq!(played("a given one", own_authority(|_| {})).await, Ok(()));
    let other = Shown {
        trusted: own_authority(|_| {}).trusted,
        ..own_authority(|_| {})
    };
    let ended = own_authority(|params| params.not_after = date_time_ymd(2020, 1, 1));
    let named = own_authority(|params| {
        params.subject_alt_names =
            vec![rcgen::SanType::DnsName("other.example".try_into().unwrap())];
    });
    for (input, shown) in [
        ("another given one", other),
        ("a given one that ended", ended),
        ("a given one of another host", named),
    ] {
        assert_eq!(
            played(input, shown).await,
            Err("8 tls".to_owned()),
            "{input}"
        );
    }
}

#[tokio::test]
async fn t06_what_answers_an_https_address_without_tls_is_refused() {
    let stage = Stage::new().await;
    for (input, bytes) in [
        ("plain http", &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"[..]),
        ("a failed handshake", b"\x15\x03\x03\x00\x02\x02\x28"),
        ("TLS 1.0", b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x00\x00\x2f\x00"),
        ("SSL 3.0", b"\x16\x03\x00\x00\x2a\x02\x00\x00\x26\x03\x00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x00\x00\x2f\x00"),
        ("noise", &[0xff; 64]),
    ] {
        let origin = talks_first(bytes).await;
        let refused = stage.registered(input, &origin, BTreeMap::new()).await.unwrap_err();
        assert_eq!((refused.exit_code(), refused.code().as_str()), (8, "tls"), "{input}");
    }
}

/// Answers the first bytes of any connection with these.
async fn talks_first(bytes: &'static [u8]) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    });
    origin
}

/// Answers discovery over TLS, and breaks the connection with these bytes once it has read anything else.
async fn breaks_after_the_request(shown: Shown, bytes: &'static [u8]) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let acceptor = acceptor(shown.chain, shown.key);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let metadata = serde_json::json!({
        "issuer": origin,
        "registration_endpoint": format!("{origin}/register"),
        "token_endpoint": format!("{origin}/token"),
    })
    .to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut buffer = [0; 16 * 1024];
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            if buffer[..read].starts_with(b"GET /.well-known/") {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", metadata.len());
                let answer = format!("{head}Connection: close\r\n\r\n{metadata}");
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            } else {
                // Below the encryption.
                let (tcp, _) = stream.get_mut();
                let _ = tcp.write_all(bytes).await;
                let _ = tcp.shutdown().await;
            }
        }
    });
    origin
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f15_tls_that_breaks_after_a_request_is_an_unknown_outcome() {
    let stage = Stage::new().await;
    for (count, (input, bytes)) in (1..).zip([
        (
            "a record that cannot be decrypted",
            &b"\x17\x03\x03\x00\x05hello"[..],
        ),
        ("an alert", b"\x15\x03\x03\x00\x02\x02\x50"),
        ("no TLS any more", b"HTTP/1.1 201 Created\r\n\r\n{}"),
        ("an end without a word", b""),
    ]) {
        let shown = signed(|_| {});
        let settings = BTreeMap::from([("ca_pem".to_owned(), shown.trusted.clone())]);
        let origin = breaks_after_the_request(shown, bytes).await;
        let lost = stage
            .registered(input, &origin, settings)
            .await
            .unwrap_err();
        assert_eq!(
            (lost.exit_code(), lost.code().as_str()),
            (7, "outcome_unknown"),
            "{input}"
        );
        assert_eq!(
            stage.keywright.registration().pending().unwrap().len(),
            count,
            "{input}"
        );
    }
}
