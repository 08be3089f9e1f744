//! Token requests at servers that differ from the standard, through the core.

use std::collections::BTreeMap;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultHome,
    view::{CallAuth, CallInput, ConfigurationInput, Draft, InitVault, SignatureView, TokenWish},
};
use keywright_sandbox::Personality;
use keywright_tests::Desk;
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path, path_regex},
};

/// A vault with one configuration and one client of a server.
struct Bench {
    server: MockServer,
    keywright: Keywright,
    config: String,
    app: String,
    _folder: TempDir,
}

impl Bench {
    /// `metadata` goes into the server's document, `client` into its answer to the registration.
    async fn new(metadata: Value, client: Value, scopes: &[&str]) -> Self {
        let server = MockServer::start().await;
        let issuer = server.uri();
        let document = with(
            json!({
                "issuer": issuer, "registration_endpoint": format!("{issuer}/register"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
                "introspection_endpoint": format!("{issuer}/introspect"),
            }),
            metadata,
        );
        let made = with(
            json!({ "client_id": "c-1", "client_secret": "secret", "grant_types": ["client_credentials"] }),
            client,
        );
        Mock::given(method("GET"))
            .and(path_regex("/.well-known/.*"))
            .respond_with(ResponseTemplate::new(200).set_body_json(document))
            .mount(&server)
            .await;
        Mock::given(path("/register"))
            .respond_with(ResponseTemplate::new(201).set_body_json(made))
            .mount(&server)
            .await;
        let folder = tempfile::tempdir().unwrap();
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path().join("vault")),
            actor: Actor::Cli,
            clock: Clock::system(),
            lang: Lang::En,
        });
        let vault = InitVault {
            keyring: false,
            passphrase: Some("correct horse battery".into()),
        };
        keywright.init(vault).await.unwrap();
        let configuration = keywright
            .configurations()
            .save(ConfigurationInput {
                id: None,
                name: "Work".into(),
                provider: "rfc7591".into(),
                issuer,
                settings: BTreeMap::new(),
                secrets: BTreeMap::new(),
            })
            .unwrap();
        let draft = Draft {
            configuration_id: configuration.id.clone(),
            name: "orders".into(),
            grant_types: vec!["client_credentials".into()],
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
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
            keywright,
            config: configuration.id,
            app,
            _folder: folder,
        }
    }

    /// Answers token requests by what `decide` makes of them.
    async fn tokens(&self, decide: impl Fn(&Request) -> ResponseTemplate + Send + Sync + 'static) {
        Mock::given(path("/token"))
            .respond_with(decide)
            .mount(&self.server)
            .await;
    }

    async fn sent(&self, place: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap();
        all.into_iter()
            .filter(|request| request.url.path() == place)
            .collect()
    }

    fn wish(&self) -> TokenWish {
        TokenWish {
            application_id: self.app.clone(),
            ..TokenWish::default()
        }
    }

    fn call(&self, auth: CallAuth) -> CallInput {
        CallInput {
            application_id: self.app.clone(),
            method: "GET".into(),
            url: format!("{}/api", self.server.uri()),
            headers: Vec::new(),
            body: None,
            auth,
            resources: Vec::new(),
        }
    }
}

fn with(mut document: Value, members: Value) -> Value {
    if let (Some(document), Value::Object(members)) = (document.as_object_mut(), members) {
        document.extend(members);
    }
    document
}

fn token(value: &str) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({ "access_token": value, "token_type": "Bearer", "expires_in": 600 }))
}

fn invalid_client() -> ResponseTemplate {
    ResponseTemplate::new(401).set_body_json(json!({ "error": "invalid_client" }))
}

fn basic(request: &Request) -> Option<String> {
    let value = request.headers.get("authorization")?.to_str().ok()?;
    let bytes = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    String::from_utf8(bytes).ok()
}

fn form(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&request.body)
        .into_owned()
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_were_misread_are_sent_in_another_way() {
    let bench = Bench::new(json!({}), json!({ "client_id": "org/c-1" }), &[]).await;
    bench
        .tokens(|request| match basic(request).as_deref() {
            Some("org/c-1:secret") => token("t"),
            _ => invalid_client(),
        })
        .await;
    Mock::given(path("/introspect"))
        .and(header(
            "authorization",
            format!("Basic {}", STANDARD.encode("org/c-1:secret")).as_str(),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "active": 1 })))
        .mount(&bench.server)
        .await;
    let wish = TokenWish {
        refresh: true,
        ..bench.wish()
    };
    let got = bench.keywright.tokens().get(&wish).await.unwrap();
    bench.keywright.tokens().get(&wish).await.unwrap();
    let written: Vec<_> = bench
        .sent("/token")
        .await
        .iter()
        .filter_map(basic)
        .collect();
    // The second request begins with what worked.
    assert_eq!(
        written,
        ["org%2Fc-1:secret", "org/c-1:secret", "org/c-1:secret"]
    );
    let config = bench.keywright.configurations().get(&bench.config).unwrap();
    assert_eq!(
        config
            .settings
            .get("adapted.client_auth")
            .map(String::as_str),
        Some("raw")
    );
    assert_eq!(config.settings.get("basic_encoding"), None);
    let seen = bench.keywright.tokens().introspect(&got.id).await.unwrap();
    assert_eq!(seen.active, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_a_known_client_is_sent_once_more() {
    let methods = json!({ "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"] });
    let bench = Bench::new(methods, json!({ "client_secret": "a+b/c==" }), &[]).await;
    bench.tokens(|_| invalid_client()).await;
    let error = bench
        .keywright
        .tokens()
        .get(&bench.wish())
        .await
        .unwrap_err();
    assert_eq!(error.exit_code(), 5);
    let sent = bench.sent("/token").await;
    assert_eq!(sent.len(), 2);
    assert!(form(&sent[1]).contains(&("client_secret".into(), "a+b/c==".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identifier_with_a_colon_is_not_sent_in_raw_basic() {
    let bench = Bench::new(json!({}), json!({ "client_id": "urn:c-1" }), &[]).await;
    let error = bench
        .keywright
        .calls()
        .send(&bench.call(CallAuth::ClientCredentials))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "colon_in_client_id");
    assert!(bench.sent("/api").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_api_refused_is_not_sent_again() {
    let bench = Bench::new(json!({}), json!({}), &[]).await;
    let made = std::sync::atomic::AtomicU32::new(0);
    bench
        .tokens(move |_| {
            let number = made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            token(&format!("t{number}"))
        })
        .await;
    Mock::given(path("/api"))
        .and(header("authorization", "Bearer t0"))
        .respond_with(
            ResponseTemplate::new(401)
                .insert_header("WWW-Authenticate", "Bearer error=\"invalid_token\""),
        )
        .mount(&bench.server)
        .await;
    Mock::given(path("/api"))
        .and(header("authorization", "Bearer t1"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&bench.server)
        .await;
    for wanted in [401, 200, 200] {
        let answer = bench
            .keywright
            .calls()
            .send(&bench.call(CallAuth::Bearer))
            .await
            .unwrap();
        assert_eq!(answer.status, wanted);
    }
    assert_eq!(bench.sent("/token").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_introspection_found_inactive_is_not_used() {
    let bench = Bench::new(json!({}), json!({}), &[]).await;
    bench.tokens(|_| token("opaque")).await;
    Mock::given(path("/introspect"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "active": false })))
        .mount(&bench.server)
        .await;
    let first = bench.keywright.tokens().get(&bench.wish()).await.unwrap();
    let again = bench.keywright.tokens().get(&bench.wish()).await.unwrap();
    assert!(again.from_cache);
    bench
        .keywright
        .tokens()
        .introspect(&first.id)
        .await
        .unwrap();
    let next = bench.keywright.tokens().get(&bench.wish()).await.unwrap();
    assert!(!next.from_cache);
    assert_eq!(bench.sent("/token").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_are_sent_with_each_token_request() {
    let bench = Bench::new(json!({}), json!({ "scope": "a b admin" }), &["b", "c"]).await;
    bench.tokens(|_| token("t")).await;
    let wish = TokenWish {
        resources: vec!["https://two.example".into(), "https://one.example".into()],
        ..bench.wish()
    };
    bench.keywright.tokens().get(&wish).await.unwrap();
    let other_order = TokenWish {
        resources: vec!["https://one.example https://two.example".into()],
        ..bench.wish()
    };
    assert!(
        bench
            .keywright
            .tokens()
            .get(&other_order)
            .await
            .unwrap()
            .from_cache
    );
    assert!(
        !bench
            .keywright
            .tokens()
            .get(&bench.wish())
            .await
            .unwrap()
            .from_cache
    );
    let sent = bench.sent("/token").await;
    let named = |name: &str, request: &Request| -> Vec<String> {
        let fields = form(request).into_iter();
        fields
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value)
            .collect()
    };
    assert_eq!(
        named("resource", &sent[0]),
        ["https://one.example", "https://two.example"]
    );
    assert!(named("resource", &sent[1]).is_empty());
    // Of what was asked for, what was granted; never all that was granted.
    assert_eq!(named("scope", &sent[0]), ["b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_earlier_end_of_a_token_counts() {
    let bench = Bench::new(json!({}), json!({}), &[]).await;
    let end = bench.keywright.now() + 300;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let jwt = format!(
        "{}.{}.AAAA",
        part(json!({ "alg": "ML-DSA-44" })),
        part(json!({ "exp": end }))
    );
    bench.tokens(move |_| token(&jwt)).await;
    let got = bench.keywright.tokens().get(&bench.wish()).await.unwrap();
    assert_eq!(got.expires_at, Some(end));
    assert_eq!(got.signature, SignatureView::NotChecked);
    assert!(got.signature_reason.unwrap().contains("ML-DSA-44"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_version_1_is_verified_under_a_version_2_issuer() {
    let desk = Desk::new().await;
    let configuration = desk.configure(Personality::Entra);
    let draft = desk.draft(Personality::Entra, &configuration.id, "orders");
    let made = desk
        .keywright
        .registration()
        .register(draft)
        .await
        .unwrap()
        .application;
    // Where its keys are is in its metadata.
    let verified = desk
        .keywright
        .configurations()
        .verify(&configuration.id, |_| {});
    verified.await.unwrap();
    let wish = TokenWish {
        application_id: made.id,
        // The tokens of this API are of version 1.
        scope: Some("https://graph.microsoft.com/.default".into()),
        ..TokenWish::default()
    };
    let id = desk.keywright.tokens().get(&wish).await.unwrap().id;
    let token = desk.keywright.tokens().checked(&id).await.unwrap();
    let claim = |name: &str| {
        token
            .claims
            .iter()
            .find(|claim| claim.name == name)
            .unwrap()
    };
    assert_eq!(claim("ver").value, "1.0");
    assert_ne!(claim("iss").value, made.issuer);
    assert_eq!(token.signature, SignatureView::Verified, "{token:?}");
}
