//! One recording on a server of its own, the adapter before it, and what may differ.

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, Recorder},
    lenient,
    register::ClientInformation,
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
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path, path_regex},
};

use crate::support::Recording;

pub(crate) const LOGIN: &str = "https://login.microsoftonline.com";
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
pub(crate) const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";
/// The admin token's address in this test: no recording is of it.
pub(crate) const ADMIN: &str = "/54826b22-38d6-4fb2-bad9-b7b93a3e9c5a/oauth2/v2.0/token";

/// What a recorded request says and Keywright's does not, or says differently, each with its reason.
pub(crate) const DIFFERENCES: &[(&str, &str)] = &[
    (
        "signInAudience",
        "always sent, and always for the own tenant alone",
    ),
    (
        "api",
        "sent so that tokens have the configured issuer's version",
    ),
    ("keyCredentials", "the recorder's tool adds certificates"),
    (
        "identifierUris",
        "sent in a step of its own, since it holds the appId",
    ),
    (
        "requiredResourceAccess",
        "a client of one's own API needs no permission of another",
    ),
    (
        "serviceManagementReference",
        "a reference into the recorder's own books",
    ),
    ("isFallbackPublicClient", "sent for public clients alone"),
    (
        "publicClient",
        "one client is public or confidential, not both",
    ),
    (
        "spa",
        "a page in a browser is no client that Keywright registers",
    ),
    (
        "web.implicitGrantSettings",
        "the implicit grant is never asked for",
    ),
    ("appRoles", "roles belong to an API, not to its client"),
    (
        "optionalClaims",
        "claims belong to an API, not to its client",
    ),
    ("accountEnabled", "true is the default"),
    (
        "passwordCredential.startDateTime",
        "now is the default, by the server's own clock",
    ),
    (
        "passwordCredential.displayName",
        "the name of a secret is Keywright's, so that people know whose it is",
    ),
    (
        "passwordCredential.endDateTime",
        "the lifetime is a setting",
    ),
    ("client_info", "asks for a user's data"),
    ("req_cnf", "a bound token, which no gateway asks for"),
    ("token_type", "a bound token, which no gateway asks for"),
    ("client_assertion", "the application has a secret"),
    ("client_assertion_type", "the application has a secret"),
];

pub(crate) fn is_listed(name: &str) -> bool {
    // Those that begin so tell of the program that asks.
    name.starts_with("x-") || DIFFERENCES.iter().any(|(listed, _)| *listed == name)
}

/// One recording under test.
pub(crate) struct Bench {
    pub(crate) server: MockServer,
    pub(crate) recording: Recording,
}

pub(crate) type Checked = Result<(), String>;

pub(crate) fn check(holds: bool, what: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(what.into()) }
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "the shape of a journal, which may fail"
)]
pub(crate) fn keep(_: Checkpoint<'_>) -> Result<(), CheckpointError> {
    Ok(())
}

pub(crate) fn context() -> Context<'static> {
    Context {
        flow: Uuid::now_v7(),
        owner_tag: OwnerTag::default(),
        keep: &keep,
        progress: &|_| {},
    }
}

impl Bench {
    pub(crate) async fn new(recording: &Recording) -> Self {
        let server = MockServer::start().await;
        let token =
            json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "admin-token" });
        Mock::given(method("POST"))
            .and(path(ADMIN))
            .respond_with(ResponseTemplate::new(200).set_body_json(token))
            .with_priority(2)
            .mount(&server)
            .await;
        Self {
            server,
            recording: recording.clone(),
        }
    }

    /// The recorded address, here.
    pub(crate) fn url(&self) -> Url {
        Url::parse(&self.here(&self.recording.url)).unwrap()
    }

    pub(crate) fn here(&self, text: &str) -> String {
        let host = Url::parse(&self.recording.url).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
        text.replace(&format!("https://{host}"), &self.server.uri())
            .replace(LOGIN, &self.server.uri())
            .replace(GRAPH, &self.server.uri())
            .replace("http://169.254.169.254", &self.server.uri())
    }

    /// The recorded answer.
    pub(crate) fn answer(&self) -> ResponseTemplate {
        let status = self.recording.status.unwrap_or(200);
        let mut answer = ResponseTemplate::new(status);
        if !self.recording.answer.is_null() {
            let text = self.here(&self.recording.answer.to_string());
            answer = answer.set_body_raw(text, "application/json");
        }
        for (name, value) in &self.recording.headers {
            if [
                "content-type",
                "retry-after",
                "location",
                "request-id",
                "x-ms-resource-unit",
            ]
            .contains(&name.as_str())
            {
                answer = answer.insert_header(name.as_str(), value.as_str());
            }
        }
        answer
    }

    /// Answers the recorded request as recorded.
    pub(crate) async fn mount(&self) {
        let url = self.url();
        Mock::given(method(self.recording.method.as_str()))
            .and(path(url.path()))
            .respond_with(self.answer())
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    /// Answers side requests plainly.
    pub(crate) async fn plain(&self, verb: &str, pattern: &str, status: u16, body: Value) {
        let answer = match body {
            Value::Null => ResponseTemplate::new(status),
            body => ResponseTemplate::new(status).set_body_json(body),
        };
        Mock::given(method(verb))
            .and(path_regex(pattern))
            .respond_with(answer)
            .with_priority(5)
            .mount(&self.server)
            .await;
    }

    pub(crate) async fn plain_registration(&self, app_id: &str) {
        let made = json!({ "id": "object-1", "appId": app_id, "displayName": "n" });
        self.plain("POST", "^/v1.0/applications$", 201, made.clone())
            .await;
        self.plain("GET", "^/v1.0/applications/[^/]+$", 200, made)
            .await;
        let secret = json!({ "keyId": "key-1", "secretText": "plain-secret-1", "endDateTime": "2030-01-01T00:00:00Z" });
        self.plain("POST", "/addPassword$", 200, secret).await;
        self.plain(
            "POST",
            "^/v1.0/servicePrincipals$",
            201,
            json!({ "id": "principal-1" }),
        )
        .await;
        self.plain("PATCH", "^/v1.0/applications/[^/]+$", 204, Value::Null)
            .await;
    }

    pub(crate) fn config(&self, more: &[(&str, &str)]) -> ProviderConfig {
        let uri = self.server.uri();
        let mut settings: BTreeMap<String, String> = [
            ("login_endpoint", uri.as_str()),
            ("graph_endpoint", uri.as_str()),
            ("initial_client_id", "admin-client"),
        ]
        .iter()
        .chain(more)
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
        let issuer = settings
            .remove("issuer")
            .unwrap_or_else(|| format!("{uri}/{TENANT}/v2.0"));
        ProviderConfig {
            kind: ProviderKind::Entra,
            issuer,
            settings,
            secrets: [(
                "initial_client_secret".to_owned(),
                AdminSecret::new("admin-secret"),
            )]
            .into(),
            metadata: None,
        }
    }

    pub(crate) fn http(config: &ProviderConfig) -> HttpClient {
        HttpClient::new(config.http_policy(), Clock::system(), Recorder::none()).unwrap()
    }

    pub(crate) fn provider(&self, more: &[(&str, &str)]) -> Provider {
        let config = self.config(more);
        let http = Self::http(&config);
        Provider::new(config, http, AdminTokens::default())
    }

    /// The request that went to the recorded address.
    pub(crate) async fn sent(&self) -> Result<Request, String> {
        let url = self.url();
        let all = self.server.received_requests().await.unwrap();
        let same = |request: &&Request| {
            request.method.as_str() == self.recording.method && request.url.path() == url.path()
        };
        let seen: Vec<String> = all
            .iter()
            .map(|request| format!("{} {}", request.method, request.url.path()))
            .collect();
        all.iter().rfind(same).cloned().ok_or(format!(
            "no {} {} among {seen:?}",
            self.recording.method,
            url.path()
        ))
    }

    /// Compares the JSON members that were sent.
    pub(crate) async fn compare_body(&self) -> Checked {
        let request = self.sent().await?;
        let bearer = request.headers.get("authorization");
        check(
            bearer.is_some_and(|value| value == "Bearer admin-token"),
            "no admin token was sent",
        )?;
        let ours: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        same_members("", &self.recording.sent, &ours)
    }

    pub(crate) fn answered(&self) -> Map<String, Value> {
        self.recording
            .answer
            .as_object()
            .cloned()
            .unwrap_or_default()
    }
}

/// The same members with the same values, but for those that are listed by their paths.
pub(crate) fn same_members(inside: &str, recorded: &Value, ours: &Value) -> Checked {
    let none = Map::new();
    let recorded = recorded.as_object().unwrap_or(&none);
    let ours = ours.as_object().unwrap_or(&none);
    for name in recorded.keys().chain(ours.keys()) {
        let path = format!("{inside}{name}");
        match (recorded.get(name), ours.get(name)) {
            (Some(theirs @ Value::Object(_)), Some(mine @ Value::Object(_))) => {
                same_members(&format!("{path}."), theirs, mine)?;
            }
            (theirs, mine) if theirs == mine => {}
            _ if is_listed(&path) => {}
            (theirs, mine) => return Err(format!("{path}: recorded {theirs:?}, sent {mine:?}")),
        }
    }
    Ok(())
}

/// What the recorded `application` would be asked for with.
pub(crate) fn wanted_of(sent: &Value) -> ClientMetadata {
    let mut wanted = ClientMetadata::default();
    wanted.set("client_name", sent["displayName"].clone());
    wanted.set("redirect_uris", sent["web"]["redirectUris"].clone());
    wanted.set("client_uri", sent["web"]["homePageUrl"].clone());
    wanted.set("grant_types", json!(["client_credentials"]));
    wanted
}

pub(crate) fn registration(client_id: &str, handles: &[(&str, &str)]) -> Registration {
    Registration {
        client_id: client_id.to_owned(),
        client_secret: Some(ClientSecret::new("known-secret-1")),
        handles: handles
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..Registration::default()
    }
}

/// The segment after `name` in a path.
pub(crate) fn after(url: &Url, name: &str) -> Option<String> {
    let mut segments = url.path_segments()?;
    segments.find(|segment| *segment == name)?;
    segments
        .next()
        .map(|text| text.replace("%7B", "{").replace("%7D", "}"))
}

/// The `client_id` of an `appId eq '…'` filter.
pub(crate) fn filtered_id(url: &Url) -> Option<String> {
    let (_, filter) = url.query_pairs().find(|(name, _)| name == "$filter")?;
    let id = filter.strip_prefix("appId eq '")?.strip_suffix('\'')?;
    Some(id.to_owned())
}

/// A query as it is meant, whatever of it is escaped.
pub(crate) fn meant(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

pub(crate) fn understands_application(
    made: &ClientInformation,
    application: &Map<String, Value>,
) -> Checked {
    let text = |name: &str| lenient::text(application, name);
    check(Some(&made.client_id) == text("appId").as_ref(), "appId")?;
    check(made.handles.get("object_id") == text("id").as_ref(), "id")?;
    check(
        made.client_id_issued_at == lenient::time(application, "createdDateTime"),
        "createdDateTime",
    )?;
    check(
        made.metadata.client_name() == text("displayName"),
        "displayName",
    )?;
    let mut uris: Vec<String> = ["web", "publicClient"]
        .iter()
        .filter_map(|part| lenient::list(application.get(*part)?.as_object()?, "redirectUris"))
        .flatten()
        .collect();
    uris.sort();
    check(
        made.metadata.redirect_uris().unwrap_or_default() == uris,
        "redirectUris",
    )
}
