//! The adapters: what each vendor's own API answers, read by the operations of the provider contract.

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::HttpClient,
    register::{ClientInformation, Handles},
    secret::{AdminSecret, ClientSecret, RegistrationAccessToken},
    server_metadata::ServerMetadata,
};
use keywright_providers::{
    AdminTokens, Context, OwnerTag, Provider, ProviderConfig, ProviderError, ProviderKind,
    Registration,
};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    script, secrets,
    stage::{Seen, Stage},
};

const ADMIN: &str = "canary-admin-credential-7f3a";
const CLIENT_SECRET: &str = "canary-client-secret-9b1c";
const MANAGEMENT_TOKEN: &str = "canary-registration-token-5d2e";
const SENT: [&str; 3] = [ADMIN, CLIENT_SECRET, MANAGEMENT_TOKEN];
/// More requests than this for one operation would be a loop: a list ends after 500 pages, each asked for at most
/// four times.
const MOST_REQUESTS: usize = 2_000;

/// One adapter with its servers.
struct Bench {
    stage: Stage,
    config: ProviderConfig,
    http: HttpClient,
}

impl Bench {
    fn new(kind: ProviderKind) -> Self {
        let stage = Stage::new();
        let config = config(kind, &stage.here);
        let http = stage.client(config.http_policy());
        Self {
            stage,
            config,
            http,
        }
    }

    /// Whatever comes back: the operation ends, and the credentials of the configuration and of the client go nowhere
    /// else and are in nothing that is kept or said.
    fn run(&self, data: &[u8]) {
        if crate::stage::find(data, b"canary").is_some() {
            return;
        }
        let (here, elsewhere) = (&self.stage.here, &self.stage.elsewhere);
        let Some((operation, answers)) = script::read(data, here, elsewhere) else {
            return;
        };
        let provider = Provider::new(
            self.config.clone(),
            self.http.clone(),
            AdminTokens::default(),
        );
        let work = carry_out(operation, &provider, here);
        let (said, seen, _) = self.stage.play(answers, work);
        check(&said, &seen);
    }
}

fn check(said: &str, seen: &Seen) {
    assert!(seen.asked + seen.strayed.len() <= MOST_REQUESTS);
    for secret in SENT {
        assert!(!said.contains(secret), "{said}");
        for exchange in &seen.exchanges {
            secrets::assert_absent(&serde_json::to_string(exchange).unwrap(), secret);
        }
        for request in &seen.strayed {
            assert!(
                !String::from_utf8_lossy(request).contains(secret),
                "{request:?}"
            );
        }
    }
}

fn config(kind: ProviderKind, here: &str) -> ProviderConfig {
    let (issuer, settings, secret): (String, Value, &str) = match kind {
        ProviderKind::Rfc7591 => (here.to_owned(), json!({}), "initial_access_token"),
        ProviderKind::Auth0 => (
            here.to_owned(),
            json!({"initial_client_id": "admin", "audience": "https://orders.example"}),
            "initial_client_secret",
        ),
        ProviderKind::Okta => (format!("{here}/oauth2/default"), json!({}), "dcr_token"),
        ProviderKind::Curity => (
            here.to_owned(),
            json!({"initial_client_id": "admin"}),
            "initial_client_secret",
        ),
        ProviderKind::Entra => (
            format!("{here}/54826b22-38d6-4fb2-bad9-b7b93a3e9c5a/v2.0"),
            json!({"initial_client_id": "admin", "login_endpoint": here, "graph_endpoint": here}),
            "initial_client_secret",
        ),
        ProviderKind::HttpBridge => (
            here.to_owned(),
            json!({"dcr_base_url": format!("{here}/bridge")}),
            "api_key",
        ),
    };
    let document = json!({
        "issuer": issuer,
        "registration_endpoint": format!("{here}/register"),
        "token_endpoint": format!("{here}/token"),
        "jwks_uri": format!("{here}/jwks"),
    });
    let document = serde_json::from_value(document).unwrap();
    ProviderConfig {
        kind,
        metadata: ServerMetadata::read(document, Url::parse(here).unwrap()),
        issuer,
        settings: serde_json::from_value(settings).unwrap(),
        secrets: BTreeMap::from([(secret.to_owned(), AdminSecret::new(ADMIN))]),
    }
}

/// A client that was registered before, with the handles that vendors give.
fn known(here: &str) -> Registration {
    Registration {
        client_id: "orders".into(),
        client_secret: Some(ClientSecret::new(CLIENT_SECRET)),
        client_key: None,
        dpop_key: None,
        registration_client_uri: Url::parse(here).unwrap().join("/register/orders").ok(),
        registration_access_token: Some(RegistrationAccessToken::new(MANAGEMENT_TOKEN)),
        handles: Handles::from([
            ("key_id".to_owned(), "key-1".to_owned()),
            ("service_principal_id".to_owned(), "principal-1".to_owned()),
        ]),
        granted: wanted(),
        asked_scopes: None,
        other_clients: Vec::new(),
    }
}

fn wanted() -> ClientMetadata {
    serde_json::from_value(json!({
        "client_name": "orders", "grant_types": ["client_credentials"], "scope": "orders:read",
    }))
    .unwrap()
}

/// What was said of the outcome.
async fn carry_out(operation: u8, provider: &Provider, here: &str) -> String {
    let context = Context {
        flow: Uuid::nil(),
        owner_tag: OwnerTag {
            vault: Uuid::from_u128(1),
            entry: Uuid::from_u128(2),
        },
        keep: &|_| Ok(()),
        progress: &|_| {},
    };
    let (at, wanted) = (known(here), wanted());
    match operation {
        b'r' => client(provider.register(context, &wanted).await),
        b's' => client(provider.resume(context, &wanted, &at).await),
        b'm' => client(provider.read(context, &at).await),
        b'u' => client(provider.update(context, &at, &wanted).await),
        b'o' => client(provider.rotate(context, &at).await),
        b't' => said(provider.revoke_previous_secret(context, &at).await),
        b'x' => said(provider.delete(context, &at).await),
        b'l' => said(provider.list(context).await),
        _ => format!("{:?}", provider.verify(context).await),
    }
}

fn client(result: Result<ClientInformation, ProviderError>) -> String {
    if let Ok(client) = &result {
        assert!(!client.client_id.is_empty());
    }
    said(result)
}

fn said<T: std::fmt::Debug>(result: Result<T, ProviderError>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{error} {error:?} {:?}", error.words()),
    }
}

macro_rules! vendors {
    ($($name:ident is $kind:ident),* $(,)?) => {$(
        #[doc = concat!("Answers to the adapter `", stringify!($kind), "`.")]
        pub mod $name {
            use super::{Bench, ProviderKind};

            thread_local! {
                static BENCH: Bench = Bench::new(ProviderKind::$kind);
            }

            /// Feeds it.
            pub fn run(data: &[u8]) {
                BENCH.with(|bench| bench.run(data));
            }
        }
    )*};
}

vendors![
    auth0 is Auth0,
    curity is Curity,
    entra is Entra,
    http_bridge is HttpBridge,
    okta is Okta,
    rfc7591 is Rfc7591,
];
