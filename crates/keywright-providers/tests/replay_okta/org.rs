//! An org on this machine that gives a recorded answer, and what is sent to it.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, Recorder},
    secret::{AdminSecret, ClientSecret},
    time::Clock,
};
use keywright_providers::{
    AdminTokens, Context, OwnerTag, Provider, ProviderConfig, ProviderKind, Registration,
    VerifyStep,
};
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path_regex},
};

use crate::{Outcome, support::Recording};

/// The client of the recorded address, or one of our own where the address names none.
pub(crate) fn client_of(recording: &Recording) -> String {
    let path = place(recording);
    let mut parts = path.split('/');
    parts
        .find(|part| matches!(*part, "apps" | "clients" | "api-services"))
        .and_then(|_| parts.next())
        .filter(|id| !id.is_empty())
        .unwrap_or("0oaKNOWN")
        .to_owned()
}

/// Path of the recorded address. The domain may be a blank in braces.
pub(crate) fn place(recording: &Recording) -> String {
    let url = recording
        .url
        .replace("{yourOktaDomain}", "org.example")
        .replace(['{', '}'], "");
    let url = Url::parse(&url).unwrap();
    url.path().replace("//", "/")
}

/// An org that gives the recorded answer.
pub(crate) struct Org(pub(crate) MockServer);

impl Org {
    pub(crate) async fn start() -> Self {
        Self(MockServer::start().await)
    }

    /// Gives the recorded answer to whatever is asked.
    pub(crate) async fn giving(recording: &Recording) -> Self {
        let org = Self::start().await;
        Mock::given(any())
            .respond_with(org.answer(recording))
            .mount(&org.0)
            .await;
        org
    }

    /// The recorded answer, with the recorded org replaced by this one where the answer names it.
    pub(crate) fn answer(&self, recording: &Recording) -> ResponseTemplate {
        let host = recording
            .url
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default();
        let mut template = ResponseTemplate::new(recording.status.unwrap_or(200));
        if !recording.answer.is_null() {
            let text = match &recording.answer {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let text = text.replace(&format!("https://{host}"), &self.0.uri());
            template = template.set_body_raw(text, "application/json");
        }
        for (name, value) in &recording.headers {
            let travels = name.starts_with("x-rate-limit")
                || matches!(name.as_str(), "date" | "link" | "dpop-nonce");
            if travels {
                template = template.insert_header(name.as_str(), value.as_str());
            }
        }
        template
    }

    pub(crate) async fn give(&self, verb: &str, pattern: &str, template: ResponseTemplate) {
        Mock::given(method(verb))
            .and(path_regex(pattern))
            .respond_with(template)
            .mount(&self.0)
            .await;
    }

    /// With an API token at a custom authorization server.
    pub(crate) fn by_token(&self, settings: &[(&str, &str)]) -> Provider {
        let issuer = format!("{}/oauth2/default", self.0.uri());
        provider(
            &issuer,
            settings,
            &[("dcr_token", "the-api-token".to_owned())],
        )
    }

    pub(crate) async fn sent(&self) -> Vec<Request> {
        self.0.received_requests().await.unwrap()
    }
}

/// The adapter of a configuration.
pub(crate) fn provider(
    issuer: &str,
    settings: &[(&str, &str)],
    secrets: &[(&str, String)],
) -> Provider {
    let config = ProviderConfig {
        kind: ProviderKind::Okta,
        issuer: issuer.to_owned(),
        settings: settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        secrets: secrets
            .iter()
            .map(|(key, value)| ((*key).to_owned(), AdminSecret::new(value.clone())))
            .collect(),
        metadata: None,
    };
    let http = HttpClient::new(config.http_policy(), Clock::system(), Recorder::none()).unwrap();
    Provider::new(config, http, AdminTokens::default())
}

pub(crate) fn context(progress: &(dyn Fn(&VerifyStep) + Send + Sync)) -> Context<'_> {
    Context {
        flow: Uuid::now_v7(),
        owner_tag: OwnerTag::default(),
        keep: &|_| Ok(()),
        progress,
    }
}

/// Paths in which the adapter differs from what was recorded, and why.
pub(crate) fn ours(recorded: &str) -> String {
    // The Apps API is asked through the client API, whose ids are the same: it is the one of dynamic
    // registration. What only the Apps API has (secrets, life cycle) is asked there.
    let only_there = ["/credentials/", "/lifecycle/"];
    let same = recorded.replace("/integrations/api/v1/api-services", "/api/v1/apps");
    // A secret is only ever ended by us: activating and deactivating answer alike.
    let same = same.replace("/lifecycle/activate", "/lifecycle/deactivate");
    if only_there.iter().any(|part| same.contains(part)) {
        same
    } else {
        same.replace("/api/v1/apps", "/oauth2/v1/clients")
    }
}

pub(crate) async fn asked(org: &Org, recording: &Recording) -> Outcome {
    let wanted = format!("{} {}", recording.method, ours(&place(recording)));
    let sent = org.sent().await;
    let all: Vec<String> = sent
        .iter()
        .map(|request| format!("{} {}", request.method, request.url.path()))
        .collect();
    if all.contains(&wanted) {
        Ok(())
    } else {
        Err(format!("{wanted} was not sent, but {all:?}"))
    }
}

/// A client under the names of RFC 7591: the Apps API has it in two parts.
pub(crate) fn flat(object: &Value) -> Map<String, Value> {
    let Some(settings) = object["settings"]["oauthClient"].as_object() else {
        return object.as_object().cloned().unwrap_or_default();
    };
    let mut all = settings.clone();
    if let Some(credentials) = object["credentials"]["oauthClient"].as_object() {
        all.extend(credentials.clone());
    }
    if !all.contains_key("client_id") && object["id"].is_string() {
        all.insert("client_id".into(), object["id"].clone());
    }
    all.insert("client_name".into(), object["label"].clone());
    all
}

pub(crate) fn wanted(object: &Value) -> ClientMetadata {
    ClientMetadata::from_answer(flat(object))
}

pub(crate) fn known(id: &str) -> Registration {
    Registration {
        client_id: id.to_owned(),
        client_secret: Some(ClientSecret::new("the-old-secret")),
        granted: wanted(
            &json!({"client_name": "orders", "token_endpoint_auth_method": "client_secret_basic"}),
        ),
        ..Registration::default()
    }
}
