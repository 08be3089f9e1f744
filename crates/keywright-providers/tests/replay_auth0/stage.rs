//! A server that gives the recorded answer, plain answers for what goes on next to it, and the adapter.

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, HttpPolicy, Recorder},
    register::Handles,
    secret::{AdminSecret, ClientSecret},
    time::Clock,
};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, Context, OwnerTag, Provider, ProviderConfig,
    ProviderKind, Registration,
};
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};

use crate::support::Recording;

/// Members that the adapter sends beyond the recorded ones: it says outright what Auth0 would else choose
/// by itself, and marks what it made.
const SAID_OUTRIGHT: [&str; 4] = [
    "grant_types",
    "app_type",
    "token_endpoint_auth_method",
    "client_metadata",
];
/// Members that are recorded and not sent, and why: a chosen `client_secret` is never set, Auth0 makes it;
/// grants of machine clients are for the client itself, not for users or for all third parties, and name
/// their scopes; `organization` and `test` are extra fields of one recorded token request.
const NOT_SPOKEN: [&str; 8] = [
    "client_secret",
    "subject_type",
    "authorization_details_types",
    "default_for",
    "allow_any_organization",
    "allow_all_scopes",
    "organization",
    "test",
];

pub struct Stage {
    pub server: MockServer,
    settings: BTreeMap<String, String>,
}

impl Stage {
    /// A server where the admin client gets its token.
    pub async fn new() -> Self {
        let stage = Self::without_admin().await;
        let token =
            json!({ "access_token": "admin-token", "expires_in": 86400, "token_type": "Bearer" });
        stage.aside("POST", "^/oauth/token$", &token).await;
        stage
    }

    pub async fn without_admin() -> Self {
        Self {
            server: MockServer::start().await,
            settings: BTreeMap::from([("initial_client_id".into(), "admin".into())]),
        }
    }

    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.into(), value.into());
        self
    }

    /// A plain answer for something next to the recorded exchange.
    pub async fn aside(&self, verb: &str, at: &str, answer: &Value) {
        Mock::given(method(verb))
            .and(path_regex(at))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .with_priority(9)
            .mount(&self.server)
            .await;
    }

    /// The recorded answer, to requests with this method at a path of this form.
    pub async fn recorded(&self, recording: &Recording, verb: &str, at: &str) {
        Mock::given(method(verb))
            .and(path_regex(at))
            .respond_with(template(recording, &recording.answer))
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    /// The recorded document, with this server in the place of the recorded host.
    pub async fn document(&self, recording: &Recording, at: &str) {
        let url = Url::parse(&recording.url).unwrap();
        let theirs = url.origin().ascii_serialization();
        let text = recording
            .answer
            .to_string()
            .replace(&theirs, &self.server.uri());
        let answer = serde_json::from_str(&text).unwrap();
        Mock::given(method("GET"))
            .and(path(at))
            .respond_with(template(recording, &answer))
            .mount(&self.server)
            .await;
    }

    pub fn http() -> HttpClient {
        HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none()).unwrap()
    }

    pub fn provider(&self) -> Provider {
        let config = ProviderConfig {
            kind: ProviderKind::Auth0,
            issuer: format!("{}/", self.server.uri()),
            settings: self.settings.clone(),
            secrets: BTreeMap::from([(
                "initial_client_secret".into(),
                AdminSecret::new("admin-secret"),
            )]),
            metadata: None,
        };
        Provider::new(config, Self::http(), AdminTokens::default())
    }

    /// Holds a request that was sent against the recorded one, unless the recorded one is of another
    /// kind.
    pub async fn sent_as_recorded(
        &self,
        recording: &Recording,
        exactly: bool,
    ) -> Result<(), String> {
        if !exactly {
            return Ok(());
        }
        let wanted = Url::parse(&recording.url.replace(['{', '}'], "")).unwrap();
        let requests = self.server.received_requests().await.unwrap();
        let request = requests
            .iter()
            .find(|request| {
                request.method.as_str() == recording.method && request.url.path() == wanted.path()
            })
            .ok_or_else(|| format!("no {} {} was sent", recording.method, wanted.path()))?;
        let sent = members(&request.body);
        let recorded = match &recording.sent {
            Value::Object(members) => members.clone(),
            Value::String(form) => members(form.as_bytes()),
            _ => Map::new(),
        };
        same_members(&recorded, &sent)
    }
}

fn template(recording: &Recording, answer: &Value) -> ResponseTemplate {
    let mut template = ResponseTemplate::new(recording.status.unwrap_or(200));
    for (name, value) in &recording.headers {
        if !matches!(name.as_str(), "content-type" | "content-length") {
            template = template.insert_header(name.as_str(), value.as_str());
        }
    }
    match answer {
        Value::Null => template,
        Value::String(text) => template.set_body_string(text),
        answer => template.set_body_json(answer),
    }
}

/// A JSON object or a form.
fn members(body: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        url::form_urlencoded::parse(body)
            .map(|(name, value)| (name.into_owned(), json!(value)))
            .collect()
    })
}

fn same_members(recorded: &Map<String, Value>, sent: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in recorded {
        if NOT_SPOKEN.contains(&name.as_str()) && sent.get(name) != Some(value) {
            continue;
        }
        let ours = sent.get(name).map(unmarked);
        // Sending null and sending nothing are the same for a new client.
        let is_nothing = value.is_null() && ours.is_none();
        if ours.as_ref() != Some(value) && !is_nothing {
            return Err(format!("{name} is {ours:?}, recorded is {value}"));
        }
    }
    // A grant that is recorded for all third parties names no client; one for all scopes names none.
    let is_expected = |name: &str| match name {
        "client_id" => recorded.contains_key("default_for"),
        "scope" => recorded.contains_key("allow_all_scopes"),
        name => SAID_OUTRIGHT.contains(&name),
    };
    let extra = sent
        .keys()
        .find(|name| !recorded.contains_key(*name) && !is_expected(name));
    extra.map_or(Ok(()), |name| {
        Err(format!("{name} is sent and not recorded"))
    })
}

fn unmarked(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(map) = value.as_object_mut() {
        map.retain(|name, _| !name.starts_with("keywright_"));
    }
    value
}

/// A journal that never fails, and an owner tag.
pub fn context() -> Context<'static> {
    #[allow(
        clippy::unnecessary_wraps,
        reason = "the shape of a journal, which may fail"
    )]
    fn keep(_: Checkpoint<'_>) -> Result<(), CheckpointError> {
        Ok(())
    }
    Context {
        flow: Uuid::nil(),
        owner_tag: OwnerTag {
            vault: Uuid::from_u128(1),
            entry: Uuid::from_u128(2),
        },
        keep: &keep,
        progress: &|_| {},
    }
}

/// The metadata whose request would be the recorded body.
pub fn metadata(body: &Value) -> ClientMetadata {
    let mut out = Map::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let standard = match name.as_str() {
            "name" => "client_name",
            "callbacks" => "redirect_uris",
            "allowed_logout_urls" => "post_logout_redirect_uris",
            name => name,
        };
        let mut value = value.clone();
        if let Some(inner) = value.as_object_mut().filter(|_| name == "client_metadata") {
            inner.retain(|_, value| !value.is_null());
        }
        out.insert(standard.to_owned(), value);
    }
    ClientMetadata::from_answer(out)
}

/// What a client was before a recorded change: it had what the change takes away.
pub fn before(body: &Value) -> ClientMetadata {
    let mut out = Map::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        match value {
            Value::Null if name == "token_endpoint_auth_method" => {
                out.insert(name.clone(), json!("client_secret_post"));
            }
            Value::Null => {
                out.insert(name.clone(), json!({ "was": "set" }));
            }
            Value::Object(inner) if inner.values().any(Value::is_null) => {
                let gone = inner.iter().filter(|(_, value)| value.is_null());
                let was: Map<String, Value> =
                    gone.map(|(name, _)| (name.clone(), json!("was"))).collect();
                out.insert(name.clone(), Value::Object(was));
            }
            _ => {}
        }
    }
    ClientMetadata::from_answer(out)
}

pub fn known(client_id: &str) -> Registration {
    Registration {
        client_id: client_id.to_owned(),
        client_secret: Some(ClientSecret::new("known-secret")),
        ..Registration::default()
    }
}

pub fn handles(all: &[(&str, &str)]) -> Handles {
    all.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
