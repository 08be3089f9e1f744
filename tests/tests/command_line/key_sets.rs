//! The key set of an issuer: when it is fetched, how long it is kept, and what a token is called meanwhile.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use keywright_core::{
    Actor, Clock, Keywright, Lang, ManualClock, Options, VaultHome,
    view::{
        ConfigurationInput, Draft, InitVault, SignatureView, TokenView, TokenWish, UnlockInput,
    },
};
use rcgen::KeyPair;
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};

const PASSPHRASE: &str = "correct horse battery";
const START: i64 = 1_800_000_000;

/// What the issuer signs with and publishes, and how it answers a request for its keys.
struct Issuer {
    key: KeyPair,
    kid: String,
    /// The answer to a request for the key set; the published keys where there is none.
    answer: Option<ResponseTemplate>,
    cache_control: Option<&'static str>,
}

impl Issuer {
    fn set(&self) -> Value {
        let point = self.key.public_key_raw();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": self.kid,
            "x": part(&point[1..33]), "y": part(&point[33..65]),
        }] })
    }

    fn keys(&self) -> ResponseTemplate {
        let answer = self
            .answer
            .clone()
            .unwrap_or_else(|| ResponseTemplate::new(200).set_body_json(self.set()));
        match self.cache_control {
            Some(value) => answer.insert_header("Cache-Control", value),
            None => answer,
        }
    }

    fn token(&self, issuer: &str) -> ResponseTemplate {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!(
            "{}.{}",
            part(json!({ "alg": "ES256", "kid": self.kid })),
            part(json!({ "iss": issuer, "client_id": "c-1", "exp": START + 1_000_000 })),
        );
        let key = EncodingKey::from_ec_pem(self.key.serialize_pem().as_bytes()).unwrap();
        let signature = crypto::sign(signed.as_bytes(), &key, Algorithm::ES256).unwrap();
        ResponseTemplate::new(200).set_body_json(json!({
            "access_token": format!("{signed}.{signature}"), "token_type": "Bearer", "expires_in": 600,
        }))
    }
}

struct Bench {
    server: MockServer,
    issuer: Arc<Mutex<Issuer>>,
    keywright: Keywright,
    app: String,
    clock: ManualClock,
    time: Clock,
    folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let issuer = Arc::new(Mutex::new(Issuer {
            key: KeyPair::generate().unwrap(),
            kid: "k1".into(),
            answer: None,
            cache_control: None,
        }));
        let uri = server.uri();
        Mock::given(method("GET"))
            .and(path_regex("/.well-known/.*"))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({
                "issuer": uri, "registration_endpoint": format!("{uri}/register"),
                "token_endpoint": format!("{uri}/token"), "jwks_uri": format!("{uri}/jwks"),
            })))
            .mount(&server)
            .await;
        Mock::given(path("/register"))
            .respond_with(ResponseTemplate::new(201).set_body_json(
                json!({ "client_id": "c-1", "client_secret": "secret", "grant_types": ["client_credentials"] }),
            ))
            .mount(&server)
            .await;
        let signing = Arc::clone(&issuer);
        Mock::given(path("/token"))
            .respond_with(move |_: &wiremock::Request| signing.lock().unwrap().token(&uri))
            .mount(&server)
            .await;
        let publishing = Arc::clone(&issuer);
        Mock::given(path("/jwks"))
            .respond_with(move |_: &wiremock::Request| publishing.lock().unwrap().keys())
            .mount(&server)
            .await;
        let folder = tempfile::tempdir().unwrap();
        let (time, clock) = Clock::manual(START);
        let keywright = core(&folder, &time);
        let vault = InitVault {
            keyring: false,
            passphrase: Some(PASSPHRASE.into()),
        };
        keywright.init(vault).await.unwrap();
        let configuration = keywright
            .configurations()
            .save(ConfigurationInput {
                id: None,
                name: "Work".into(),
                provider: "rfc7591".into(),
                issuer: server.uri(),
                settings: BTreeMap::new(),
                secrets: BTreeMap::new(),
            })
            .unwrap();
        let draft = Draft {
            configuration_id: configuration.id,
            name: "orders".into(),
            grant_types: vec!["client_credentials".into()],
            ..Draft::default()
        };
        let app = keywright
            .registration()
            .register(draft)
            .await
            .unwrap()
            .application
            .id;
        Self {
            server,
            issuer,
            keywright,
            app,
            clock,
            time,
            folder,
        }
    }

    fn issuer(&self, change: impl FnOnce(&mut Issuer)) {
        change(&mut self.issuer.lock().unwrap());
    }

    /// A new token as it is handed out.
    async fn handed_out(&self) -> TokenView {
        let wish = TokenWish {
            application_id: self.app.clone(),
            refresh: true,
            ..TokenWish::default()
        };
        self.keywright.tokens().get(&wish).await.unwrap()
    }

    /// A new token after its check, and the requests for the key set so far.
    async fn checked(&self) -> (SignatureView, usize) {
        let id = self.handed_out().await.id;
        let token = self.keywright.tokens().checked(&id).await.unwrap();
        (token.signature, self.requests().await)
    }

    async fn requests(&self) -> usize {
        let all = self.server.received_requests().await.unwrap();
        let keys = all.iter().filter(|request| request.url.path() == "/jwks");
        keys.count()
    }
}

fn core(folder: &TempDir, time: &Clock) -> Keywright {
    Keywright::new(Options {
        home: VaultHome::new(folder.path().join("vault")),
        actor: Actor::Cli,
        clock: time.clone(),
        lang: Lang::En,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_handed_out_before_its_keys_are_answered() {
    let bench = Bench::new().await;
    // The test ends long before this answer.
    let never = ResponseTemplate::new(200).set_delay(Duration::from_mins(10));
    bench.issuer(|issuer| issuer.answer = Some(never));
    let token = bench.handed_out().await;
    assert_eq!(token.signature, SignatureView::NotChecked);
    assert_eq!(
        token.signature_reason.as_deref(),
        Some("The signature is being checked.")
    );
    assert_eq!(token.claims.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_result_of_a_later_check_is_kept_with_the_token() {
    let bench = Bench::new().await;
    let id = bench.handed_out().await.id;
    let token = bench.keywright.tokens().checked(&id).await.unwrap();
    assert_eq!(token.signature, SignatureView::Verified);
    let shown = bench.keywright.tokens().show(&id).unwrap();
    assert_eq!(shown.signature, SignatureView::Verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_keys_check_a_token_at_once_in_every_program() {
    let mut bench = Bench::new().await;
    assert_eq!(bench.checked().await, (SignatureView::Verified, 1));
    assert_eq!(bench.handed_out().await.signature, SignatureView::Verified);
    bench.keywright.lock();
    bench.keywright = core(&bench.folder, &bench.time);
    let passphrase = Some(PASSPHRASE.to_owned());
    bench
        .keywright
        .unlock(UnlockInput { passphrase })
        .await
        .unwrap();
    assert_eq!(bench.handed_out().await.signature, SignatureView::Verified);
    assert_eq!(bench.requests().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_kept_for_as_long_as_the_server_says() {
    let bench = Bench::new().await;
    for (cache_control, seconds) in [
        (Some("public, max-age=3600"), 3_600),
        (Some("max-age=31536000"), 24 * 3_600),
        (Some("no-cache"), 60),
        (None, 300),
    ] {
        bench.issuer(|issuer| issuer.cache_control = cache_control);
        // What was kept before ends.
        bench.clock.advance(24 * 3_600);
        let (_, fetched) = bench.checked().await;
        bench.clock.advance(seconds - 1);
        assert_eq!(bench.checked().await.1, fetched, "{cache_control:?}");
        bench.clock.advance(1);
        assert_eq!(bench.checked().await.1, fetched + 1, "{cache_control:?}");
        // Of a time that has not come, while the clock was ahead.
        bench.clock.advance(-7_200);
        assert_eq!(bench.checked().await.1, fetched + 2, "{cache_control:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let bench = Bench::new().await;
    assert_eq!(bench.checked().await, (SignatureView::Verified, 1));
    bench.issuer(|issuer| {
        issuer.key = KeyPair::generate().unwrap();
        issuer.kid = "k2".into();
    });
    assert_eq!(bench.checked().await, (SignatureView::Verified, 2));
    // A key that its issuer does not publish.
    let published = ResponseTemplate::new(200).set_body_json(bench.issuer.lock().unwrap().set());
    bench.issuer(|issuer| {
        issuer.kid = "k3".into();
        issuer.answer = Some(published);
    });
    for _ in 0..3 {
        assert_eq!(bench.checked().await, (SignatureView::Invalid, 2));
    }
    bench.clock.advance(60);
    assert_eq!(bench.checked().await, (SignatureView::Invalid, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_under_an_old_identifier_is_asked_for() {
    let bench = Bench::new().await;
    assert_eq!(bench.checked().await, (SignatureView::Verified, 1));
    bench.issuer(|issuer| issuer.key = KeyPair::generate().unwrap());
    assert_eq!(bench.checked().await, (SignatureView::Verified, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_not_invalid_while_its_keys_cannot_be_fetched() {
    let bench = Bench::new().await;
    assert_eq!(bench.checked().await, (SignatureView::Verified, 1));
    bench.issuer(|issuer| {
        issuer.kid = "k2".into();
        issuer.answer = Some(ResponseTemplate::new(403));
    });
    for _ in 0..2 {
        assert_eq!(bench.checked().await, (SignatureView::NotChecked, 2));
    }
    bench.issuer(|issuer| issuer.answer = None);
    bench.clock.advance(60);
    assert_eq!(bench.checked().await, (SignatureView::Verified, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_with_a_private_key_is_not_kept() {
    let bench = Bench::new().await;
    let mut set = bench.issuer.lock().unwrap().set();
    let other =
        json!({ "kty": "EC", "crv": "P-256", "kid": "other", "x": "AA", "y": "AA", "d": "AA" });
    set["keys"].as_array_mut().unwrap().push(other);
    let published = ResponseTemplate::new(200).set_body_json(set);
    bench.issuer(|issuer| issuer.answer = Some(published));
    assert_eq!(bench.checked().await, (SignatureView::Verified, 1));
    assert_eq!(bench.checked().await, (SignatureView::Verified, 2));
}
