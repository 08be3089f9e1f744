//! Every recording of Microsoft Entra ID and Graph goes through the adapter: it sends the recorded
//! operation's request and understands the recorded answer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that says which files it read"
)]

#[allow(
    unreachable_pub,
    reason = "a module of tests is reachable by its test alone"
)]
mod support;

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, Recorder},
    lenient,
    register::{ClientInformation, Handles, RegistrationError},
    secret::{AdminSecret, ClientSecret},
    time::Clock,
    token::{self, TokenError},
};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, Context, Finding, Mark, Provider, ProviderConfig,
    ProviderError, ProviderKind, Registration, StepState, TokenWish, advice, settings,
};
use serde_json::{Map, Value, json};
use support::{Became, Recording, Table, recordings};
use url::Url;
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path, path_regex},
};

const LOGIN: &str = "https://login.microsoftonline.com";
const GRAPH: &str = "https://graph.microsoft.com";
const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";
/// The admin token's address in this test: no recording is of it.
const ADMIN: &str = "/54826b22-38d6-4fb2-bad9-b7b93a3e9c5a/oauth2/v2.0/token";

/// What a recorded request says and Keywright's does not, or says differently, each with its reason.
const DIFFERENCES: &[(&str, &str)] = &[
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
        "implicitGrantSettings",
        "the implicit grant is never asked for",
    ),
    ("appRoles", "roles belong to an API, not to its client"),
    (
        "optionalClaims",
        "claims belong to an API, not to its client",
    ),
    ("accountEnabled", "true is the default"),
    (
        "startDateTime",
        "now is the default, by the server's own clock",
    ),
    (
        "displayName",
        "the name of a secret is Keywright's, so that people know whose it is",
    ),
    ("endDateTime", "the lifetime is a setting"),
    ("passwordCredential", "compared member by member"),
    ("client_info", "asks for a user's data"),
    ("req_cnf", "a bound token, which no gateway asks for"),
    ("token_type", "a bound token, which no gateway asks for"),
    ("client_assertion", "the application has a secret"),
    ("client_assertion_type", "the application has a secret"),
];

fn is_listed(name: &str) -> bool {
    DIFFERENCES.iter().any(|(listed, _)| *listed == name)
}

/// One recording under test.
struct Bench {
    server: MockServer,
    recording: Recording,
}

type Checked = Result<(), String>;

fn check(holds: bool, what: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(what.into()) }
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "the shape of a journal, which may fail"
)]
fn keep(_: Checkpoint<'_>) -> Result<(), CheckpointError> {
    Ok(())
}

fn context() -> Context<'static> {
    Context {
        flow: Uuid::now_v7(),
        mark: Mark::default(),
        keep: &keep,
        progress: &|_| {},
    }
}

impl Bench {
    async fn new(recording: &Recording) -> Self {
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
    fn url(&self) -> Url {
        Url::parse(&self.here(&self.recording.url)).unwrap()
    }

    fn here(&self, text: &str) -> String {
        text.replace(LOGIN, &self.server.uri())
            .replace(GRAPH, &self.server.uri())
            .replace("http://169.254.169.254", &self.server.uri())
    }

    /// The recorded answer.
    fn answer(&self) -> ResponseTemplate {
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
    async fn mount(&self) {
        let url = self.url();
        Mock::given(method(self.recording.method.as_str()))
            .and(path(url.path()))
            .respond_with(self.answer())
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    /// Answers side requests plainly.
    async fn plain(&self, verb: &str, pattern: &str, status: u16, body: Value) {
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

    async fn plain_registration(&self, app_id: &str) {
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

    fn config(&self, more: &[(&str, &str)]) -> ProviderConfig {
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

    fn http(config: &ProviderConfig) -> HttpClient {
        HttpClient::new(config.http_policy(), Clock::system(), Recorder::none()).unwrap()
    }

    fn provider(&self, more: &[(&str, &str)]) -> Provider {
        let config = self.config(more);
        let http = Self::http(&config);
        Provider::new(config, http, AdminTokens::default())
    }

    /// The request that went to the recorded address.
    async fn sent(&self) -> Result<Request, String> {
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
    async fn compare_body(&self) -> Checked {
        let request = self.sent().await?;
        let bearer = request.headers.get("authorization");
        check(
            bearer.is_some_and(|value| value == "Bearer admin-token"),
            "no admin token was sent",
        )?;
        let ours: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        same_members(&self.recording.sent, &ours)
    }

    fn answered(&self) -> Map<String, Value> {
        self.recording
            .answer
            .as_object()
            .cloned()
            .unwrap_or_default()
    }
}

/// The same members with the same values, but for those that are listed.
fn same_members(recorded: &Value, ours: &Value) -> Checked {
    let none = Map::new();
    let recorded = recorded.as_object().unwrap_or(&none);
    let ours = ours.as_object().unwrap_or(&none);
    for name in recorded.keys().chain(ours.keys()) {
        let (theirs, mine) = (recorded.get(name), ours.get(name));
        match (theirs, mine) {
            (Some(Value::Object(_)), Some(mine @ Value::Object(_))) => {
                same_members(theirs.unwrap_or(&Value::Null), mine)?;
            }
            (theirs, mine) if theirs == mine => {}
            _ if is_listed(name) => {}
            _ => return Err(format!("{name}: recorded {theirs:?}, sent {mine:?}")),
        }
    }
    Ok(())
}

/// What the recorded `application` would be asked for with.
fn wanted_of(sent: &Value) -> ClientMetadata {
    let mut wanted = ClientMetadata::default();
    wanted.set("client_name", sent["displayName"].clone());
    wanted.set("redirect_uris", sent["web"]["redirectUris"].clone());
    wanted.set("client_uri", sent["web"]["homePageUrl"].clone());
    wanted.set("grant_types", json!(["client_credentials"]));
    wanted
}

fn registration(client_id: &str, handles: &[(&str, &str)]) -> Registration {
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
fn after(url: &Url, name: &str) -> Option<String> {
    let mut segments = url.path_segments()?;
    segments.find(|segment| *segment == name)?;
    segments
        .next()
        .map(|text| text.replace("%7B", "{").replace("%7D", "}"))
}

/// The `client_id` of an `appId eq '…'` filter.
fn filtered_id(url: &Url) -> Option<String> {
    let (_, filter) = url.query_pairs().find(|(name, _)| name == "$filter")?;
    let id = filter.strip_prefix("appId eq '")?.strip_suffix('\'')?;
    Some(id.to_owned())
}

/// A query as it is meant, whatever of it is escaped.
fn meant(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

fn understands_application(made: &ClientInformation, application: &Map<String, Value>) -> Checked {
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

async fn create_client(bench: &Bench) -> Checked {
    bench.mount().await;
    bench.plain_registration("unused").await;
    let wanted = wanted_of(&bench.recording.sent);
    let made = bench.provider(&[]).register(context(), &wanted).await;
    let made = made.map_err(|error| format!("{error:?}"))?;
    bench.compare_body().await?;
    understands_application(&made, &bench.answered())
}

async fn create_service_principal(bench: &Bench) -> Checked {
    bench.mount().await;
    let app_id = bench.recording.sent["appId"].as_str().unwrap_or("app-1");
    bench.plain_registration(app_id).await;
    let made = bench
        .provider(&[])
        .register(context(), &wanted_of(&json!({})))
        .await
        .map_err(|error| format!("{error:?}"))?;
    bench.compare_body().await?;
    check(
        made.handles.get("service_principal_id") == lenient::text(&bench.answered(), "id").as_ref(),
        "the id of the service principal",
    )
}

/// The answer to a request for a service principal that was made already is lost; this one is the look
/// after it.
async fn read_service_principal(bench: &Bench) -> Checked {
    bench.mount().await;
    let url = bench.url();
    let filter = meant(&url);
    let app_id = filter
        .iter()
        .find_map(|(_, filter)| Some(filter.split('\'').nth(1)?.to_owned()))
        .unwrap_or_default();
    let there = json!({ "error": { "code": "Request_MultipleObjectsWithSameKeyValue", "message": "in use" } });
    Mock::given(method("POST"))
        .and(path("/v1.0/servicePrincipals"))
        .respond_with(ResponseTemplate::new(409).set_body_json(there))
        .with_priority(2)
        .mount(&bench.server)
        .await;
    bench.plain_registration(&app_id).await;
    let made = bench
        .provider(&[])
        .register(context(), &wanted_of(&json!({})))
        .await
        .map_err(|error| format!("{error:?}"))?;
    check(meant(&bench.sent().await?.url) == filter, "the filter")?;
    let first = bench.recording.answer["value"][0]["id"].as_str();
    check(
        made.handles.get("service_principal_id").map(String::as_str) == first,
        "the id of the service principal",
    )
}

async fn add_password(bench: &Bench) -> Checked {
    bench.mount().await;
    let url = bench.url();
    // A secret of a service principal comes with the same answer. Keywright gives secrets to
    // applications, so the path is another there.
    let of_principal = after(&url, "servicePrincipals");
    let of_application = after(&url, "applications");
    if of_principal.is_some() {
        Mock::given(method("POST"))
            .and(path_regex("^/v1.0/applications/[^/]+/addPassword$"))
            .respond_with(bench.answer())
            .mount(&bench.server)
            .await;
    }
    let id = of_application
        .or(of_principal.clone())
        .ok_or("no id in the path")?;
    let at = registration("client-1", &[("object_id", &id), ("key_id", "old-key")]);
    let made = bench
        .provider(&[])
        .rotate(context(), &at)
        .await
        .map_err(|error| format!("{error:?}"))?;
    if of_principal.is_none() {
        bench.compare_body().await?;
    }
    let answer = bench.answered();
    let secret = made
        .client_secret
        .as_ref()
        .map(|secret| secret.expose().to_owned());
    check(secret == lenient::text(&answer, "secretText"), "secretText")?;
    check(
        made.client_secret_expires_at == lenient::time(&answer, "endDateTime"),
        "endDateTime",
    )?;
    check(
        made.handles.get("key_id") == lenient::text(&answer, "keyId").as_ref(),
        "keyId",
    )?;
    check(
        made.handles.get("old_key_id").map(String::as_str) == Some("old-key"),
        "the old key is not kept to be ended",
    )
}

async fn remove_password(bench: &Bench) -> Checked {
    bench.mount().await;
    let id = after(&bench.url(), "applications").ok_or("no id in the path")?;
    let key = bench.recording.sent["keyId"].as_str().ok_or("no keyId")?;
    let at = registration("client-1", &[("object_id", &id), ("old_key_id", key)]);
    let handles = bench
        .provider(&[])
        .retire(context(), &at)
        .await
        .map_err(|error| format!("{error:?}"))?;
    bench.compare_body().await?;
    check(
        handles == Handles::from([("old_key_id".to_owned(), String::new())]),
        "the handle of the old key stays",
    )
}

async fn delete_client(bench: &Bench) -> Checked {
    bench.mount().await;
    let url = bench.url();
    let purged = after(&url, "deletedItems");
    let id = after(&url, "applications")
        .or(purged.clone())
        .ok_or("no id in the path")?;
    bench
        .plain("DELETE", "^/v1.0/applications/[^/]+$", 204, Value::Null)
        .await;
    let purge = if purged.is_some() { "true" } else { "false" };
    let at = registration("client-1", &[("object_id", &id)]);
    bench
        .provider(&[("purge_on_delete", purge)])
        .delete(context(), &at)
        .await
        .map_err(|error| format!("{error:?}"))?;
    bench.compare_body().await
}

async fn update_client(bench: &Bench) -> Checked {
    bench.mount().await;
    let id = after(&bench.url(), "applications").ok_or("no id in the path")?;
    let read = json!({ "id": id, "appId": "client-1", "displayName": "n" });
    bench
        .plain("GET", "^/v1.0/applications/[^/]+$", 200, read)
        .await;
    let at = registration("client-1", &[("object_id", &id)]);
    bench
        .provider(&[])
        .update(context(), &at, &wanted_of(&bench.recording.sent))
        .await
        .map_err(|error| format!("{error:?}"))?;
    bench.sent().await.map(drop)
}

/// By `client_id`, by object id, or all of them: the list asks for all, with a filter of its own.
async fn read_or_list(bench: &Bench) -> Checked {
    bench.mount().await;
    let url = bench.url();
    let provider = bench.provider(&[]);
    let items = bench.recording.answer["value"].as_array().cloned();
    if let Some(id) = filtered_id(&url) {
        let read = provider.read(context(), &registration(&id, &[])).await;
        check(meant(&bench.sent().await?.url) == meant(&url), "the filter")?;
        return match (items.unwrap_or_default().first(), read) {
            (Some(application), Ok(read)) => {
                let application = application.as_object().unwrap();
                understands_application(&read, application)?;
                knows_end_of_secret(&read, application)
            }
            (None, Err(ProviderError::Registration(error))) => check(
                error.is_unknown_client(),
                "an empty list is an unknown client",
            ),
            (_, read) => Err(format!("{read:?}")),
        };
    }
    if let Some(id) = after(&url, "applications") {
        let at = registration("client-1", &[("object_id", &id)]);
        let read = provider.read(context(), &at).await;
        let read = read.map_err(|error| format!("{error:?}"))?;
        return understands_application(&read, &bench.answered());
    }
    let listed = provider.list(context()).await;
    let listed = listed.map_err(|error| format!("{error:?}"))?;
    bench.sent().await?;
    check(
        listed.len() == items.unwrap_or_default().len(),
        "the length of the list",
    )
}

fn knows_end_of_secret(read: &ClientInformation, application: &Map<String, Value>) -> Checked {
    match application
        .get("passwordCredentials")
        .and_then(Value::as_array)
    {
        Some(all) if all.len() == 1 => {
            let only = all[0].as_object().unwrap();
            check(read.client_secret.is_none(), "a read shows no secret")?;
            check(
                read.client_secret_expires_at == lenient::time(only, "endDateTime"),
                "endDateTime of the only secret",
            )
        }
        _ => Ok(()),
    }
}

async fn discovery(bench: &Bench) -> Checked {
    let recorded = &bench.recording;
    bench.mount().await;
    bench
        .plain(
            "POST",
            "/token$",
            400,
            json!({ "error": "invalid_request" }),
        )
        .await;
    bench
        .plain("GET", "/keys$", 200, json!({ "keys": [] }))
        .await;
    let issuer = bench.here(
        recorded
            .url
            .split("/.well-known")
            .next()
            .unwrap_or_default(),
    );
    // The document of version 1 names an issuer at another host.
    let answered = recorded.answer["issuer"]
        .as_str()
        .map(|text| bench.here(text));
    let issuer = match &answered {
        Some(answered) if answered.contains("sts.") && !answered.contains("{tenantid}") => {
            answered.clone()
        }
        _ => issuer,
    };
    let seen = bench
        .provider(&[("issuer", &issuer)])
        .verify(context())
        .await;
    bench.sent().await?;
    let step = &seen.steps[0];
    if recorded.status.is_some_and(|status| status >= 400) {
        check(step.state == StepState::Failed, "the step must fail")?;
        let words = step.words.as_ref().ok_or("the words are lost")?;
        return check(
            words.error.as_deref() == recorded.answer["error"].as_str()
                && words.codes.len()
                    == recorded.answer["error_codes"]
                        .as_array()
                        .map_or(0, Vec::len),
            "the words",
        );
    }
    if answered.is_some_and(|issuer| issuer.contains("{tenantid}")) {
        return check(
            matches!(&step.finding, Some(Finding::Told { key, .. }) if key == "entra_many_tenants"),
            "the document of many tenants must be told of",
        );
    }
    check(step.state == StepState::Passed, format!("{step:?}"))?;
    let metadata = seen.metadata.ok_or("no metadata")?;
    let token = recorded.answer["token_endpoint"]
        .as_str()
        .map(|text| bench.here(text));
    check(
        metadata.token_endpoint.map(String::from) == token
            && metadata.registration_endpoint.is_none(),
        "the endpoints",
    )
}

/// Keywright asks the tenant's own document; its clouds are those of the login host's own list.
fn instance_discovery(recording: &Recording) -> Checked {
    let listed: Vec<&str> = recording.answer["metadata"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|cloud| cloud["preferred_network"].as_str())
        .collect();
    for cloud in ["global", "us_gov", "us_dod", "china"] {
        let asked = [("tenant", "contoso.com"), ("cloud", cloud)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let filled = settings::prefill(ProviderKind::Entra, &asked.into()).ok_or("no prefill")?;
        let url = Url::parse(&filled.issuer).map_err(|error| error.to_string())?;
        check(
            listed.contains(&url.host_str().unwrap_or_default()),
            format!("{cloud}: {url} is not in the list"),
        )?;
    }
    Ok(())
}

async fn jwks(bench: &Bench) -> Checked {
    bench.mount().await;
    let uri = bench.server.uri();
    let issuer = format!("{uri}/{TENANT}/v2.0");
    let document = json!({ "issuer": issuer, "jwks_uri": bench.url().as_str(), "token_endpoint": format!("{uri}{ADMIN}") });
    bench
        .plain("GET", "/v2.0/.well-known/", 200, document)
        .await;
    bench
        .plain("GET", "^/v1.0/applications$", 200, json!({ "value": [] }))
        .await;
    let seen = bench.provider(&[]).verify(context()).await;
    bench.sent().await?;
    let keys = seen
        .steps
        .iter()
        .find(|step| step.name.as_str() == "signing_keys");
    let total = bench.recording.answer["keys"]
        .as_array()
        .map_or(0, Vec::len);
    check(
        matches!(keys.and_then(|step| step.finding.as_ref()), Some(Finding::Keys { usable, total: all }) if *all == total && *usable == total),
        format!("{keys:?}"),
    )
}

fn form(body: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

/// Every token answer goes through the one reader; the request is compared where it was by client
/// credentials at the login host.
async fn token_answer(bench: &Bench) -> Checked {
    let recorded = bench.recording.clone();
    bench.mount().await;
    let url = bench.url();
    if recorded.method != "POST" {
        Mock::given(any())
            .respond_with(bench.answer())
            .mount(&bench.server)
            .await;
    }
    let sent = form(recorded.sent.as_str().unwrap_or_default());
    let recorded_scope = sent.get("scope").cloned().unwrap_or_default();
    let scopes = recorded_scope
        .split(' ')
        .filter(|scope| scope.ends_with("/.default"))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let client_id = sent.get("client_id").map_or("client-1", String::as_str);
    let mut endpoint = url.clone();
    endpoint.set_query(None);
    let provider = bench.provider(&[("token_endpoint", endpoint.as_str())]);
    let mut at = registration(client_id, &[("secret_since", "1000")]);
    at.granted
        .set("token_endpoint_auth_method", "client_secret_post");
    let wish = TokenWish {
        scopes: Some(scopes.clone()),
        ..TokenWish::default()
    };
    let request = provider
        .token_request(&at, wish, Uuid::now_v7())
        .map_err(|error| format!("{error:?}"))?;
    let http = Bench::http(&bench.config(&[("token_endpoint", endpoint.as_str())]));
    let outcome = token::request_token(&http, &request).await;
    if sent
        .get("grant_type")
        .is_some_and(|grant| grant == "client_credentials")
    {
        let ours = form(&String::from_utf8_lossy(&bench.sent().await?.body));
        for name in sent.keys().chain(ours.keys()) {
            let (theirs, mine) = (sent.get(name), ours.get(name));
            let same = match name.as_str() {
                "client_secret" => mine.is_some(),
                "scope" => mine.is_some_and(|mine| scopes.is_empty() || *mine == scopes.join(" ")),
                _ => theirs == mine || is_listed(name),
            };
            check(same, format!("{name}: recorded {theirs:?}, sent {mine:?}"))?;
        }
    }
    let answer = bench.answered();
    if recorded.status.unwrap_or(200) < 300 {
        let token = outcome.map_err(|error| format!("{error:?}"))?;
        check(
            Some(token.access_token.expose().to_owned()) == lenient::text(&answer, "access_token")
                && token.expires_in == lenient::integer(&answer, "expires_in")
                && token.token_type == "Bearer",
            "the token",
        )
    } else {
        let error = outcome.err().ok_or("a refusal became a token")?;
        understands_refusal(&provider, &error, &at, &answer)
    }
}

fn understands_refusal(
    provider: &Provider,
    error: &TokenError,
    at: &Registration,
    answer: &Map<String, Value>,
) -> Checked {
    let TokenError::Refused { words, .. } = error else {
        return Err(format!("{error:?}"));
    };
    check(words.error == lenient::text(answer, "error"), "error")?;
    let said = lenient::text(answer, "error_description").unwrap_or_default();
    let kept: String = said.chars().filter(|c| *c != '\r').take(100).collect();
    check(
        words
            .description
            .as_ref()
            .is_some_and(|words| words.starts_with(kept.trim_end())),
        "error_description",
    )?;
    let codes: Vec<i64> = answer["error_codes"]
        .as_array()
        .map(|codes| codes.iter().filter_map(Value::as_i64).collect())
        .unwrap_or_default();
    check(words.codes == codes, "error_codes")?;
    check(
        error.is_invalid_client() == (words.error.as_deref() == Some("invalid_client")),
        "invalid_client",
    )?;
    let settles = codes
        .iter()
        .any(|code| [700_016, 7_000_215, 500_011].contains(code));
    check(
        provider.is_settling(error, at, 1060) == settles,
        "settling when new",
    )?;
    check(!provider.is_settling(error, at, 5000), "settling when old")
}

/// A refusal by Graph, of whatever operation.
async fn graph_error(bench: &Bench) -> Checked {
    let recorded = bench.recording.clone();
    let url = bench.url();
    if url.path().trim_start_matches("/v1.0/").starts_with("...") {
        // Only its headers were told of: any request may be refused so.
        Mock::given(path_regex("^/v1.0/"))
            .respond_with(bench.answer())
            .with_priority(1)
            .mount(&bench.server)
            .await;
    } else {
        bench.mount().await;
    }
    bench.plain_registration("app-1").await;
    let provider = bench.provider(&[]);
    // Made long ago, so that a refusal is told at once.
    let object_id = after(&url, "applications").unwrap_or_else(|| "object-1".to_owned());
    let handles = [
        ("object_id", object_id.as_str()),
        ("created_at", "1000"),
        ("key_id", "key-1"),
        ("old_key_id", "key-0"),
        ("app_id_uri", "api://app-1"),
    ];
    let at = registration("app-1", &handles);
    let wanted = wanted_of(&json!({ "displayName": "n" }));
    let tail = url.path().rsplit('/').next().unwrap_or_default();
    let outcome = match (recorded.method.as_str(), tail) {
        ("POST", "applications") => provider.register(context(), &wanted).await.map(drop),
        ("POST", "servicePrincipals") => provider.resume(context(), &wanted, &at).await.map(drop),
        ("POST", "addPassword") => provider.rotate(context(), &at).await.map(drop),
        ("POST", "removePassword") => provider.retire(context(), &at).await.map(drop),
        ("PATCH", _) => provider.update(context(), &at, &wanted).await.map(drop),
        ("DELETE", _) => provider.delete(context(), &at).await,
        _ if after(&url, "applications").is_some() => provider.read(context(), &at).await.map(drop),
        _ => match filtered_id(&url) {
            Some(id) => provider
                .read(context(), &registration(&id, &[]))
                .await
                .map(drop),
            None => provider.list(context()).await.map(drop),
        },
    };
    if !tail.contains("...") {
        bench.sent().await?;
    }
    let Err(ProviderError::Registration(error)) = outcome else {
        return Err(format!("{outcome:?}"));
    };
    let RegistrationError::Refused {
        words, retry_after, ..
    } = &error
    else {
        return Err(format!("{error:?}"));
    };
    let said = bench.answered();
    let said = said
        .get("error")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    check(Some(words.status) == recorded.status, "the status")?;
    check(words.error == lenient::text(&said, "code"), "the code")?;
    check(
        words.description == lenient::text(&said, "message"),
        "the message",
    )?;
    let wait = recorded
        .headers
        .get("retry-after")
        .and_then(|text| text.parse().ok());
    check(*retry_after == wait, "retry-after")?;
    check(
        words.error.is_none() || advice(ProviderKind::Entra, words).is_some(),
        "no advice for the code",
    )
}

async fn replay(recording: &Recording) -> Became {
    let bench = Bench::new(recording).await;
    let graph = recording.url.starts_with(GRAPH);
    let checked = match recording.operation.as_str() {
        "create-client" => create_client(&bench).await,
        "create-service-principal" => create_service_principal(&bench).await,
        "read-service-principal" => read_service_principal(&bench).await,
        "rotate-secret" => add_password(&bench).await,
        "delete-secret" => remove_password(&bench).await,
        "delete-client" | "purge-client" => delete_client(&bench).await,
        "update-client" => update_client(&bench).await,
        "read-client" | "list-clients" => read_or_list(&bench).await,
        "discovery" | "error-400-discovery" => discovery(&bench).await,
        "instance-discovery" => instance_discovery(recording),
        "jwks" => jwks(&bench).await,
        operation if operation.ends_with("-token") || operation.starts_with("token-") => {
            token_answer(&bench).await
        }
        operation if operation.starts_with("error-") && graph => graph_error(&bench).await,
        operation if operation.starts_with("error-") => token_answer(&bench).await,
        _ => return Became::Excepted("the adapter has no such operation"),
    };
    match checked {
        Ok(()) => Became::Understood,
        Err(why) => Became::Failed(why),
    }
}

#[tokio::test]
async fn every_recording_of_entra_is_understood() {
    let Some(all) = recordings("entra") else {
        return;
    };
    let mut table = Table::default();
    for recording in &all {
        table.add(&recording.name, replay(recording).await);
    }
    table.finish("entra");
}
