//! Every recorded exchange of Kong's HTTP DCR bridge, through the adapter: it sends the recorded
//! request and understands the recorded answer.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

#[allow(dead_code, unreachable_pub, reason = "shared with the other replays")]
mod support;

use std::collections::BTreeSet;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, Recorder},
    register::ClientInformation,
    secret::{AdminSecret, ClientSecret},
    time::Clock,
    token::TokenError,
};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, Context, OwnerTag, Provider, ProviderConfig,
    ProviderError, ProviderKind, Registration,
};
use serde_json::{Map, Value, json};
use support::{Became, Recording, Table, recordings};
use url::Url;
use uuid::Uuid;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

/// Where the recorded requests were sent to.
const RECORDED_AT: &str = "https://bridge.example";
/// Konnect's ids, which the adapter takes from its settings.
const IDS: [&str; 5] = [
    "portal_id",
    "organization_id",
    "developer_id",
    "auth_strategy_id",
    "dcr_provider_id",
];

/// What the adapter may send otherwise than recorded, and why.
fn may_differ(recording: &Recording, member: &str) -> Option<&'static str> {
    let refused = recording.status.is_some_and(|status| status == 400);
    match member {
        _ if refused => Some("the recorded request was wrong on purpose; ours has every member"),
        _ if recording.operation == "create-client-upstream" => {
            Some("the bridge's own request to Okta; its answer is what the bridge passes on")
        }
        "event_type" | "audience" | "api_product_version_id" | "redirect_uris"
            if recording.operation == "event-hook"
                && recording.sent["event_type"] != "update_application" =>
        {
            Some("an application joins or leaves an API product in Konnect's portal alone")
        }
        _ => None,
    }
}

#[tokio::test]
async fn every_recorded_exchange_is_sent_and_understood() {
    let Some(all) = recordings("kong-http-bridge") else {
        return;
    };
    let mut table = Table::default();
    for recording in &all {
        let became = match replay(recording).await {
            Ok(()) => Became::Understood,
            Err(why) => Became::Failed(why),
        };
        table.add(&recording.name, became);
    }
    table.finish("kong-http-bridge");
}

async fn replay(recording: &Recording) -> Result<(), String> {
    let server = MockServer::start().await;
    let mut answer = ResponseTemplate::new(recording.status.unwrap_or(200));
    for (name, value) in &recording.headers {
        answer = answer.insert_header(name.as_str(), value.as_str());
    }
    if !recording.answer.is_null() {
        answer = answer.set_body_json(&recording.answer);
    }
    Mock::given(any()).respond_with(answer).mount(&server).await;

    let provider = provider(recording, &server.uri());
    let outcome = operate(&provider, recording).await?;
    let sent = server.received_requests().await.unwrap();
    let [request] = sent.as_slice() else {
        return Err(format!("{} requests were sent", sent.len()));
    };
    same_request(recording, request)?;
    understood(recording, outcome)
}

fn provider(recording: &Recording, uri: &str) -> Provider {
    let mut settings =
        std::collections::BTreeMap::from([("dcr_base_url".to_owned(), uri.to_owned())]);
    for name in IDS {
        if let Some(id) = recording.sent[name].as_str() {
            settings.insert(name.to_owned(), id.to_owned());
        }
    }
    let config = ProviderConfig {
        kind: ProviderKind::HttpBridge,
        issuer: "https://id.example".to_owned(),
        settings,
        secrets: [("api_key".to_owned(), AdminSecret::new("recorded_key_1"))].into(),
        metadata: None,
    };
    let http = HttpClient::new(config.http_policy(), Clock::system(), Recorder::none()).unwrap();
    Provider::new(config, http, AdminTokens::default())
}

/// Calls the operation that sends this recording's request.
async fn operate(
    provider: &Provider,
    recording: &Recording,
) -> Result<Result<Option<ClientInformation>, ProviderError>, String> {
    let keep = |_: Checkpoint<'_>| -> Result<(), CheckpointError> { Ok(()) };
    let context = Context {
        flow: Uuid::nil(),
        owner_tag: OwnerTag::default(),
        keep: &keep,
        progress: &|_| {},
    };
    // The bridge's own upstream is recorded with a placeholder for its host.
    let path =
        Url::parse(&recording.url).map_or_else(|_| "/".to_owned(), |url| url.path().to_owned());
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let upstream = recording.operation == "create-client-upstream";
    match (recording.method.as_str(), parts.as_slice()) {
        ("POST", []) => {}
        ("POST", _) if upstream => {}
        ("POST", [id, "new-secret"]) => {
            let at = registration(recording, id);
            return Ok(provider.rotate(context, &at).await.map(Some));
        }
        ("POST", [id, "event-hook"]) => {
            let at = registration(recording, id);
            let wanted = wanted(&recording.sent);
            return Ok(provider.update(context, &at, &wanted).await.map(Some));
        }
        ("DELETE", [id]) => {
            let at = registration(recording, id);
            return Ok(provider.delete(context, &at).await.map(|()| None));
        }
        (method, _) => return Err(format!("no operation sends {method} {path}")),
    }
    let wanted = wanted(&recording.sent);
    Ok(provider.register(context, &wanted).await.map(Some))
}

fn registration(recording: &Recording, client_id: &str) -> Registration {
    let mut at = Registration {
        client_id: client_id.to_owned(),
        ..Registration::default()
    };
    if let Some(id) = recording.sent["application_id"].as_str() {
        at.handles
            .insert("application_id".to_owned(), id.to_owned());
    }
    at
}

/// What a person would have asked for, in the words of RFC 7591.
fn wanted(sent: &Value) -> ClientMetadata {
    let mut members = Map::new();
    for (theirs, ours) in [
        ("redirect_uris", "redirect_uris"),
        ("client_name", "client_name"),
        ("application_name", "client_name"),
        ("grant_types", "grant_types"),
        ("token_endpoint_auth_method", "token_endpoint_auth_method"),
        ("application_description", "application_description"),
    ] {
        if let Some(value) = sent.get(theirs) {
            members.insert(ours.to_owned(), value.clone());
        }
    }
    if let Some(scopes) = sent["scopes"].as_array() {
        let scopes: Vec<&str> = scopes.iter().filter_map(Value::as_str).collect();
        members.insert("scope".to_owned(), json!(scopes.join(" ")));
    }
    ClientMetadata::from(members)
}

/// Method, path, members and their values are as recorded, but for the differences that have a reason.
fn same_request(recording: &Recording, request: &Request) -> Result<(), String> {
    if request.method.as_str() != recording.method {
        return Err(format!("{} was sent", request.method));
    }
    if let Some(path) = recording.url.strip_prefix(RECORDED_AT)
        && request.url.path() != path
    {
        return Err(format!("{} was sent", request.url.path()));
    }
    if !request.headers.contains_key("x-api-key") {
        return Err("no API key was sent".to_owned());
    }
    let ours: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let names: BTreeSet<&String> = [&ours, &recording.sent]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(Map::keys)
        .collect();
    for name in names {
        // The recording names the client `id` in the body and `someId` in the path.
        let of_the_path = name == "client_id";
        if ours.get(name) != recording.sent.get(name)
            && !of_the_path
            && may_differ(recording, name).is_none()
        {
            return Err(format!("{name}: {:?} was sent", ours.get(name)));
        }
    }
    Ok(())
}

/// A success gives what the answer holds; a refusal keeps the words and is of the right kind.
fn understood(
    recording: &Recording,
    outcome: Result<Option<ClientInformation>, ProviderError>,
) -> Result<(), String> {
    let status = recording.status.unwrap_or(200);
    let answer = &recording.answer;
    match outcome {
        Ok(information) if status < 300 => {
            let Some(information) = information else {
                return Ok(());
            };
            let secret = information.client_secret.as_ref();
            if answer["client_secret"].as_str() != secret.map(ClientSecret::expose) {
                return Err("another secret was read".to_owned());
            }
            if let Some(id) = answer["client_id"].as_str()
                && id != information.client_id
            {
                return Err(format!("{} was read", information.client_id));
            }
            let issued = information.client_id_issued_at;
            if answer["client_id_issued_at"].is_null() == issued.is_some() {
                return Err(format!("{issued:?} was read as the time"));
            }
            Ok(())
        }
        Err(error) if status >= 300 => {
            let words = match &error {
                ProviderError::Admin {
                    source: TokenError::Refused { words, .. },
                } if status == 401 => words,
                ProviderError::Registration(
                    keywright_oauth::register::RegistrationError::Refused { words, .. },
                ) if status != 401 => words,
                other => return Err(format!("the wrong kind of error: {other:?}")),
            };
            if words.error.as_deref() != answer["error"].as_str() {
                return Err(format!("the words are {words:?}"));
            }
            let about = answer["error_description"][0]["params"]["missingProperty"].as_str();
            let said = words.description.clone().unwrap_or_default();
            let kept = answer["error_description"].as_str().or(about);
            if !said.contains(kept.unwrap_or_default()) || said.is_empty() {
                return Err(format!("the words are {words:?}"));
            }
            Ok(())
        }
        other => Err(format!("{status} became {other:?}")),
    }
}
