//! A vault with one client of a server that differs from the standard.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultHome,
    view::{CallAuth, CallInput, ConfigurationInput, Draft, InitVault, TokenWish},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path, path_regex},
};

/// A vault with one configuration and one client of a server.
pub(super) struct Bench {
    pub(super) server: MockServer,
    pub(super) keywright: Keywright,
    pub(super) config: String,
    pub(super) app: String,
    _folder: TempDir,
}

impl Bench {
    /// `metadata` goes into the server's document, `client` into its answer to the registration.
    pub(super) async fn new(metadata: Value, client: Value, scopes: &[&str]) -> Self {
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
    pub(super) async fn tokens(
        &self,
        decide: impl Fn(&Request) -> ResponseTemplate + Send + Sync + 'static,
    ) {
        Mock::given(path("/token"))
            .respond_with(decide)
            .mount(&self.server)
            .await;
    }

    pub(super) async fn sent(&self, place: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap();
        all.into_iter()
            .filter(|request| request.url.path() == place)
            .collect()
    }

    pub(super) fn wish(&self) -> TokenWish {
        TokenWish {
            application_id: self.app.clone(),
            ..TokenWish::default()
        }
    }

    pub(super) fn call(&self, auth: CallAuth) -> CallInput {
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

pub(super) fn token(value: &str) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({ "access_token": value, "token_type": "Bearer", "expires_in": 600 }))
}

pub(super) fn invalid_client() -> ResponseTemplate {
    ResponseTemplate::new(401).set_body_json(json!({ "error": "invalid_client" }))
}

pub(super) fn basic(request: &Request) -> Option<String> {
    let value = request.headers.get("authorization")?.to_str().ok()?;
    let bytes = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    String::from_utf8(bytes).ok()
}

pub(super) fn form(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&request.body)
        .into_owned()
        .collect()
}
