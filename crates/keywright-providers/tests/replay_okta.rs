//! What Okta really sent, through the adapter: it sends the recorded operation's request and understands
//! the recorded answer.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod support;

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, Recorder},
    register::{ClientInformation, RegistrationError},
    secret::{AdminSecret, ClientSecret},
    time::Clock,
    token::{self, TokenError},
    words::ProviderWords,
};
use keywright_providers::{
    AdminTokens, Context, Finding, Mark, Provider, ProviderConfig, ProviderError, ProviderKind,
    Registration, TokenWish, VerifyStep,
};
use serde_json::{Map, Value, json};
use support::{Became, Recording, Table, recordings};
use url::Url;
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path, path_regex},
};

type Outcome = Result<(), String>;

/// The client of the recorded address, or one of our own where the address names none.
fn client_of(recording: &Recording) -> String {
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
fn place(recording: &Recording) -> String {
    let url = recording
        .url
        .replace("{yourOktaDomain}", "org.example")
        .replace(['{', '}'], "");
    let url = Url::parse(&url).unwrap();
    url.path().replace("//", "/")
}

/// An org that gives the recorded answer.
struct Org(MockServer);

impl Org {
    async fn start() -> Self {
        Self(MockServer::start().await)
    }

    /// The recorded answer, with the recorded org replaced by this one where the answer names it.
    fn answer(&self, recording: &Recording) -> ResponseTemplate {
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

    async fn give(&self, verb: &str, pattern: &str, template: ResponseTemplate) {
        Mock::given(method(verb))
            .and(path_regex(pattern))
            .respond_with(template)
            .mount(&self.0)
            .await;
    }

    fn provider(
        &self,
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
        let http =
            HttpClient::new(config.http_policy(), Clock::system(), Recorder::none()).unwrap();
        Provider::new(config, http, AdminTokens::default())
    }

    /// With an API token at a custom authorization server.
    fn by_token(&self, settings: &[(&str, &str)]) -> Provider {
        let issuer = format!("{}/oauth2/default", self.0.uri());
        self.provider(
            &issuer,
            settings,
            &[("dcr_token", "the-api-token".to_owned())],
        )
    }

    async fn sent(&self) -> Vec<Request> {
        self.0.received_requests().await.unwrap()
    }
}

fn context(progress: &(dyn Fn(&VerifyStep) + Send + Sync)) -> Context<'_> {
    Context {
        flow: Uuid::now_v7(),
        mark: Mark::default(),
        keep: &|_| Ok(()),
        progress,
    }
}

/// Paths in which the adapter differs from what was recorded, and why.
fn ours(recorded: &str) -> String {
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

async fn asked(org: &Org, recording: &Recording) -> Outcome {
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
fn flat(object: &Value) -> Map<String, Value> {
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

/// Members that a recorded request may have and ours does not: identity and secrets are Okta's to set.
const NOT_SENT: &[&str] = &[
    "client_secret",
    "client_id",
    "client_id_issued_at",
    "client_secret_expires_at",
];
/// Members that ours has and a recorded request may leave to Okta's defaults.
const ADDED: &[&str] = &[
    "application_type",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "client_id",
];

fn same_members(recording: &Recording, sent: &Request) -> Outcome {
    let wanted = flat(&recording.sent);
    let ours: Map<String, Value> = serde_json::from_slice(&sent.body).map_err(|e| e.to_string())?;
    for (name, value) in &wanted {
        if NOT_SENT.contains(&name.as_str()) || value.is_null() {
            continue;
        }
        if ours.get(name) != Some(value) {
            return Err(format!(
                "{name}: {value} was recorded, {:?} is sent",
                ours.get(name)
            ));
        }
    }
    for name in ours.keys() {
        if !wanted.contains_key(name) && !ADDED.contains(&name.as_str()) {
            return Err(format!("{name} is sent and was not recorded"));
        }
    }
    Ok(())
}

/// Ids, secret and the metadata that the rest of the program goes by are those of the answer.
fn same_client(recording: &Recording, got: &ClientInformation) -> Outcome {
    let answer = flat(&recording.answer);
    let known = client_of(recording);
    let id = answer
        .get("client_id")
        .and_then(Value::as_str)
        .unwrap_or(&known);
    if got.client_id != id {
        return Err(format!("client_id {}, not {id}", got.client_id));
    }
    let secret = answer.get("client_secret").and_then(Value::as_str);
    if let Some(secret) = secret
        && got.client_secret.as_ref().map(ClientSecret::expose) != Some(secret)
    {
        return Err("another secret".into());
    }
    for name in [
        "client_name",
        "application_type",
        "token_endpoint_auth_method",
        "grant_types",
        "redirect_uris",
        "response_types",
    ] {
        let told = answer.get(name).filter(|value| !value.is_null());
        if got.metadata.members().get(name) != told {
            return Err(format!(
                "{name}: {told:?} was answered, {:?} is read",
                got.metadata.members().get(name)
            ));
        }
    }
    Ok(())
}

fn wanted(object: &Value) -> ClientMetadata {
    ClientMetadata::from_answer(flat(object))
}

fn known(id: &str) -> Registration {
    Registration {
        client_id: id.to_owned(),
        client_secret: Some(ClientSecret::new("the-old-secret")),
        granted: wanted(
            &json!({"client_name": "orders", "token_endpoint_auth_method": "client_secret_basic"}),
        ),
        ..Registration::default()
    }
}

/// The words of the answer, in the kind of error that a refusal of this status is.
fn refused(recording: &Recording, error: &ProviderError) -> Outcome {
    let body = recording.answer.to_string();
    let wanted = ProviderWords::read(recording.status.unwrap_or_default(), body.as_bytes());
    let (words, about_us) = match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. }) => (words, false),
        ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        } => (words, true),
        other => return Err(format!("{other:?}")),
    };
    if *words != wanted {
        return Err(format!("{words:?} instead of {wanted:?}"));
    }
    // 401 speaks of the admin credential; anything else of the client.
    if about_us != (words.status == 401 || words.error.as_deref() == Some("E0000005")) {
        return Err(format!("the wrong kind of error: {error:?}"));
    }
    let text = recording.answer["errorSummary"]
        .as_str()
        .or(recording.answer["error_description"].as_str());
    if let Some(text) = text
        && !words
            .description
            .as_deref()
            .unwrap_or_default()
            .starts_with(text)
    {
        return Err(format!("Okta's words are lost: {words:?}"));
    }
    let reset = recording.headers.contains_key("x-rate-limit-reset");
    let paused = matches!(
        error,
        ProviderError::Registration(RegistrationError::Refused {
            retry_after: Some(_),
            ..
        })
    );
    if words.status == 429 && reset && !paused {
        return Err("the pause is lost".into());
    }
    Ok(())
}

async fn registered(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    Mock::given(any())
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    let draft = wanted(&recording.sent);
    let made = org
        .by_token(&[])
        .register(context(&|_| {}), &draft)
        .await
        .map_err(|e| format!("{e:?}"))?;
    same_client(recording, &made)?;
    asked(&org, recording).await?;
    same_members(recording, &org.sent().await[0])
}

async fn read(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    Mock::given(any())
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    let at = known(&client_of(recording));
    let found = org
        .by_token(&[])
        .read(context(&|_| {}), &at)
        .await
        .map_err(|e| format!("{e:?}"))?;
    same_client(recording, &found)?;
    asked(&org, recording).await
}

async fn updated(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    Mock::given(any())
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    let at = known(&client_of(recording));
    let draft = wanted(&recording.sent);
    let changed = org
        .by_token(&[])
        .update(context(&|_| {}), &at, &draft)
        .await
        .map_err(|e| format!("{e:?}"))?;
    same_client(recording, &changed)?;
    asked(&org, recording).await?;
    same_members(recording, &org.sent().await[0])
}

/// Also of what is below a client, whose deletion is answered alike.
async fn deleted(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    Mock::given(any())
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    org.by_token(&[])
        .delete(context(&|_| {}), &known(&client_of(recording)))
        .await
        .map_err(|e| format!("{e:?}"))?;
    let sent = org.sent().await;
    let path = format!("/oauth2/v1/clients/{}", client_of(recording));
    if sent.len() == 1 && sent[0].method.as_str() == recording.method && sent[0].url.path() == path
    {
        Ok(())
    } else {
        Err(format!("{sent:?}"))
    }
}

async fn deactivated(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let active = json!({"errorCode": "E0000056", "errorSummary": "Delete application forbidden."});
    Mock::given(method("DELETE"))
        .respond_with(ResponseTemplate::new(403).set_body_json(active))
        .up_to_n_times(1)
        .mount(&org.0)
        .await;
    org.give("DELETE", ".*", ResponseTemplate::new(204)).await;
    org.give("POST", "/lifecycle/deactivate$", org.answer(recording))
        .await;
    org.by_token(&[])
        .delete(context(&|_| {}), &known(&client_of(recording)))
        .await
        .map_err(|e| format!("{e:?}"))?;
    asked(&org, recording).await
}

async fn listed(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    Mock::given(any())
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    let all = org
        .by_token(&[])
        .list(context(&|_| {}))
        .await
        .map_err(|e| format!("{e:?}"))?;
    let answered = recording.answer.as_array().unwrap();
    if all.len() != answered.len() {
        return Err(format!(
            "{} of {} clients are read",
            all.len(),
            answered.len()
        ));
    }
    for (got, told) in all.iter().zip(answered) {
        let told = flat(told);
        let name = told["client_name"].as_str();
        if told["client_id"] != got.client_id
            || name != got.name.as_deref()
            || got.created_at.is_none()
        {
            return Err(format!("{got:?}"));
        }
    }
    asked(&org, recording).await
}

/// A new secret: beside the old one, or in its place at the client API.
async fn rotated(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let settings: &[(&str, &str)] = if recording.url.ends_with("/newSecret") {
        &[("okta_rotation", "new_secret")]
    } else {
        &[]
    };
    org.give(
        "GET",
        "/credentials/secrets$",
        ResponseTemplate::new(200).set_body_json(json!([])),
    )
    .await;
    org.give("POST", ".*", org.answer(recording)).await;
    let at = known(&client_of(recording));
    let outcome = org.by_token(settings).rotate(context(&|_| {}), &at).await;
    asked(&org, recording).await?;
    let told = recording.answer["client_secret"]
        .as_str()
        .unwrap_or_default();
    match outcome {
        Ok(information)
            if information.client_secret.as_ref().map(ClientSecret::expose) == Some(told) =>
        {
            Ok(())
        }
        // Stars are no secret: what was made is not known, and that is said.
        Err(ProviderError::Registration(error))
            if told.starts_with('*') && error.outcome_unknown() =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}

/// The list of secrets, which finishes a registration whose secret was lost.
async fn secrets_read(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let id = client_of(recording);
    let client = json!({"client_id": id, "client_name": "orders", "token_endpoint_auth_method": "client_secret_basic"});
    let mut replaced = client.clone();
    replaced["client_secret"] = json!("the-replacement");
    org.give(
        "GET",
        "/oauth2/v1/clients/",
        ResponseTemplate::new(200).set_body_json(client),
    )
    .await;
    org.give(
        "POST",
        "/newSecret$",
        ResponseTemplate::new(200).set_body_json(replaced),
    )
    .await;
    org.give("GET", "/credentials/secrets$", org.answer(recording))
        .await;
    let so_far = Registration {
        client_id: id,
        ..Registration::default()
    };
    let found = org
        .by_token(&[])
        .resume(context(&|_| {}), &ClientMetadata::default(), &so_far)
        .await
        .map_err(|e| format!("{e:?}"))?;
    asked(&org, recording).await?;
    let newest = recording
        .answer
        .as_array()
        .unwrap()
        .iter()
        .filter(|secret| secret["status"] == "ACTIVE")
        .filter_map(|secret| {
            let value = secret["client_secret"]
                .as_str()
                .filter(|value| !value.starts_with('*'))?;
            Some((secret["created"].as_str()?, value))
        });
    let told = newest.max().map_or("the-replacement", |(_, value)| value);
    let got = found.client_secret.unwrap();
    if got.expose() == told {
        Ok(())
    } else {
        Err("another secret".into())
    }
}

/// The end of an old secret: its deactivation or its deletion is the recorded one.
async fn secret_ended(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let path = place(recording);
    let id = path
        .split("/secrets/")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .unwrap()
        .to_owned();
    org.give(&recording.method, ".*", org.answer(recording))
        .await;
    org.give(
        "POST",
        "/lifecycle/",
        ResponseTemplate::new(200).set_body_json(json!({"status": "INACTIVE"})),
    )
    .await;
    org.give("DELETE", ".*", ResponseTemplate::new(204)).await;
    let mut at = known(&client_of(recording));
    at.handles.insert("okta_retiring".into(), id);
    let handles = org
        .by_token(&[])
        .retire(context(&|_| {}), &at)
        .await
        .map_err(|e| format!("{e:?}"))?;
    if handles["okta_retiring"].is_empty() {
        asked(&org, recording).await
    } else {
        Err(format!("{handles:?}"))
    }
}

/// A refusal, by the operation that has the recorded method. Endpoints of which the adapter has none are
/// refused in the same words as those that it asks.
async fn failed(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    Mock::given(any())
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    let id = client_of(recording);
    let (provider, at) = (org.by_token(&[]), known(&id));
    let path = place(recording);
    let below = |part: &str| path.contains(part);
    let draft = wanted(&recording.sent);
    let error = match recording.method.as_str() {
        "POST" if below("/newSecret") => {
            let provider = org.by_token(&[("okta_rotation", "new_secret")]);
            provider.rotate(context(&|_| {}), &at).await.err()
        }
        "POST" => provider.register(context(&|_| {}), &draft).await.err(),
        "PUT" => provider.update(context(&|_| {}), &at, &draft).await.err(),
        "DELETE" => provider.delete(context(&|_| {}), &at).await.err(),
        _ if path.ends_with("/apps") || path.ends_with("/clients") => {
            provider.list(context(&|_| {})).await.err()
        }
        _ => provider.read(context(&|_| {}), &at).await.err(),
    };
    let sent = org.sent().await;
    if !sent
        .iter()
        .any(|request| request.method.as_str() == recording.method)
    {
        return Err(format!("no {} was sent", recording.method));
    }
    // The client API is asked as it was recorded.
    if path.starts_with("/oauth2/v1/clients") {
        asked(&org, recording).await?;
    }
    refused(recording, &error.ok_or("no error")?)
}

/// A token request of an application, or of the admin client at the org's own authorization server.
async fn token_asked(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    Mock::given(any())
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    let path = place(recording);
    let endpoint = format!("{}{path}", org.0.uri());
    let provider = org.by_token(&[("token_endpoint", &endpoint)]);
    let scopes = scopes(recording);
    let wish = TokenWish {
        scopes: Some(scopes),
        ..TokenWish::default()
    };
    let request = provider
        .token_request(&known("0oa1"), wish, Uuid::now_v7())
        .unwrap();
    let http = HttpClient::new(
        keywright_oauth::http::HttpPolicy::default(),
        Clock::system(),
        Recorder::none(),
    )
    .unwrap();
    let outcome = token::request_token(&http, &request).await;
    asked(&org, recording).await?;
    let success = recording
        .status
        .is_some_and(|status| (200..300).contains(&status));
    match outcome {
        Ok(answer) if success => {
            let same = Some(answer.access_token.expose())
                == recording.answer["access_token"].as_str()
                && Some(&*answer.token_type) == recording.answer["token_type"].as_str()
                && answer.expires_in == recording.answer["expires_in"].as_i64()
                && answer.scope.as_deref() == recording.answer["scope"].as_str();
            if !same {
                return Err(format!("{answer:?}"));
            }
        }
        Err(TokenError::Refused { words, .. }) if !success => {
            let body = recording.answer.to_string();
            if words != ProviderWords::read(words.status, body.as_bytes()) || words.error.is_none()
            {
                return Err(format!("{words:?}"));
            }
        }
        other => return Err(format!("{other:?}")),
    }
    if path == "/oauth2/v1/token" {
        return admin_asked(recording).await;
    }
    Ok(())
}

/// Scopes of a recorded token request, from its body or its query.
fn scopes(recording: &Recording) -> Vec<String> {
    let query = recording.url.split_once('?').map(|(_, query)| query);
    let mut fields: BTreeMap<String, String> = query
        .map(|query| {
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect()
        })
        .unwrap_or_default();
    if let Some(sent) = recording.sent.as_object() {
        fields.extend(
            sent.iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))),
        );
    }
    fields
        .get("scope")
        .map(|text| text.split(' ').map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The same answer, given to the admin client. It sends the recorded fields, always in the body, as a query
/// ends up in logs, with its own scopes and without a DPoP proof.
async fn admin_asked(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    org.give("POST", "^/oauth2/v1/token$", org.answer(recording))
        .await;
    org.give(
        "GET",
        ".*",
        ResponseTemplate::new(200).set_body_json(json!([])),
    )
    .await;
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let issuer = format!("{}/oauth2/default", org.0.uri());
    let provider = org.provider(
        &issuer,
        &[("initial_client_id", "0oaADMIN")],
        &[("admin_private_key", key)],
    );
    let outcome = provider.list(context(&|_| {})).await;
    let sent = org.sent().await;
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(&sent[0].body)
        .into_owned()
        .collect();
    for name in [
        "grant_type",
        "client_assertion_type",
        "client_assertion",
        "scope",
    ] {
        if !fields.contains_key(name) {
            return Err(format!("{name} is not sent"));
        }
    }
    if sent[0].url.query().is_some() {
        return Err("a query is sent".into());
    }
    match (recording.status, outcome) {
        (Some(200..300), Ok(_)) => Ok(()),
        (_, Err(error)) => match error {
            ProviderError::Admin {
                source: TokenError::Refused { words, .. },
            } if words.error.as_deref()
                == recording.answer["error"]
                    .as_str()
                    .or(recording.answer["errorCode"].as_str()) =>
            {
                Ok(())
            }
            other => Err(format!("{other:?}")),
        },
        (status, Ok(_)) => Err(format!("{status:?} and no error")),
    }
}

/// Runs Verify at an org that serves one document as recorded, and gives the step that is about it.
async fn verify_step(
    recording: &Recording,
    issuer: &str,
    step: &str,
) -> Result<VerifyStep, String> {
    let org = Org::start().await;
    let issuer = format!("{}{issuer}", org.0.uri());
    let recorded = place(recording);
    Mock::given(method("GET"))
        .and(path(recorded.clone()))
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    let document = json!({
        "issuer": issuer, "token_endpoint": format!("{issuer}/v1/token"),
        "registration_endpoint": format!("{}/oauth2/v1/clients", org.0.uri()), "jwks_uri": format!("{issuer}/v1/keys"),
    });
    if step != "discovery" {
        org.give(
            "GET",
            "/.well-known/openid-configuration$",
            ResponseTemplate::new(200).set_body_json(document),
        )
        .await;
    }
    let provider = org.provider(&issuer, &[], &[("dcr_token", "the-api-token".to_owned())]);
    let verification = provider.verify(context(&|_| {})).await;
    let found = verification
        .steps
        .into_iter()
        .find(|found| found.name.as_str() == step)
        .unwrap();
    if step == "discovery"
        && verification
            .metadata
            .as_ref()
            .is_some_and(|metadata| metadata.token_endpoint.is_none())
    {
        return Err("no token endpoint".into());
    }
    Ok(found)
}

/// Issuer of a recorded metadata document: what is before the well-known part.
fn issuer_of(recording: &Recording) -> String {
    let path = place(recording);
    let (before, _) = path.split_once("/.well-known/").unwrap();
    before.to_owned()
}

async fn discovered(recording: &Recording) -> Outcome {
    if recording.url.ends_with("okta-organization") {
        let step = verify_step(recording, "/oauth2/default", "okta_org").await?;
        return match step.finding {
            Some(Finding::Told { blanks, .. })
                if blanks.get("id").map(String::as_str) == recording.answer["id"].as_str() =>
            {
                Ok(())
            }
            other => Err(format!("{other:?}")),
        };
    }
    let step = verify_step(recording, &issuer_of(recording), "discovery").await?;
    match step.finding {
        Some(Finding::DocumentAt { .. }) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// A metadata document or a key set that is refused.
async fn document_refused(recording: &Recording) -> Outcome {
    let (issuer, step) = match place(recording).strip_suffix("/v1/keys") {
        Some(issuer) => (issuer.to_owned(), "signing_keys"),
        None => (issuer_of(recording), "discovery"),
    };
    let step = verify_step(recording, &issuer, step).await?;
    let code = step.words.as_ref().and_then(|words| words.error.as_deref());
    // A place without a document says less than one that refuses: only its status is left.
    if code == recording.answer["errorCode"].as_str()
        || recording.status == Some(404) && step.words.is_some()
    {
        Ok(())
    } else {
        Err(format!("{step:?}"))
    }
}

/// A key set, or one key of it as the admin API shows it, which is read as a set of one.
async fn keys_read(recording: &Recording) -> Outcome {
    let mut set = recording.clone();
    if set.answer["keys"].is_null() {
        set.answer = json!({"keys": [recording.answer]});
    }
    set.url = "https://org.example/oauth2/default/v1/keys".into();
    let step = verify_step(&set, "/oauth2/default", "signing_keys").await?;
    let all = set.answer["keys"].as_array().unwrap();
    // A modulus below 2048 bits checks nothing (RFC 7518 §3.3).
    let good = all
        .iter()
        .filter(|key| key["n"].as_str().is_some_and(|n| n.len() >= 342))
        .count();
    match step.finding {
        Some(Finding::Keys { usable, total }) if usable == good && total == all.len() => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// An authorization server as the admin API shows it, which Verify reads before its policies.
async fn server_read(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let issuer = format!("{}/oauth2/default", org.0.uri());
    let policies = json!([{"id": "00p1", "name": "All", "conditions": {"clients": {"include": ["ALL_CLIENTS"]}}}]);
    let rules = json!([{"conditions": {"grantTypes": {"include": ["client_credentials"]}}}]);
    let document = json!({"issuer": issuer, "token_endpoint": format!("{issuer}/v1/token")});
    let of = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    org.give(
        "GET",
        "/authorizationServers/default$",
        org.answer(recording),
    )
    .await;
    org.give("GET", "/policies$", of(policies)).await;
    org.give("GET", "/rules$", of(rules)).await;
    org.give("GET", "/oauth2/default/.well-known/", of(document))
        .await;
    org.give("GET", "/oauth2/v1/clients$", of(json!([]))).await;
    let verification = org.by_token(&[]).verify(context(&|_| {})).await;
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == "okta_policy")
        .unwrap();
    let audience = recording.answer["audiences"][0].as_str();
    match &step.finding {
        Some(Finding::Told { blanks, .. })
            if blanks.get("audience").map(String::as_str) == audience =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}

/// An admin role of a client, which Verify names when the admin client may not register.
async fn role_read(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let of = |status: u16, body: Value| ResponseTemplate::new(status).set_body_json(body);
    let no = json!({"errorCode": "E0000006", "errorSummary": "You don't have permission"});
    let roles = match &recording.answer {
        Value::Array(_) => recording.answer.clone(),
        one => json!([one]),
    };
    let id = client_of(recording);
    let token = json!({"token_type": "Bearer", "expires_in": 3600, "access_token": "t"});
    org.give("POST", "^/oauth2/v1/token$", of(200, token)).await;
    org.give("POST", "/newSecret$", of(403, no)).await;
    org.give(
        "GET",
        &format!("/oauth2/v1/clients/{id}/roles$"),
        of(200, roles.clone()),
    )
    .await;
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let issuer = format!("{}/oauth2/default", org.0.uri());
    let provider = org.provider(
        &issuer,
        &[("initial_client_id", &id)],
        &[("admin_private_key", key)],
    );
    let verification = provider.verify(context(&|_| {})).await;
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == "okta_permissions")
        .unwrap();
    let label = roles[0]["label"].as_str();
    match &step.finding {
        Some(Finding::Told { blanks, .. }) if blanks.get("roles").map(String::as_str) == label => {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}

async fn replay(recording: &Recording) -> Became {
    let path = place(recording);
    let refusal = recording.status.is_some_and(|status| status >= 400);
    let at_token = path.ends_with("/v1/token");
    let outcome = match recording.operation.as_str() {
        _ if at_token => token_asked(recording).await,
        _ if refusal && (path.contains("/.well-known/") || path.ends_with("/v1/keys")) => {
            document_refused(recording).await
        }
        _ if refusal => failed(recording).await,
        "create-client" => registered(recording).await,
        "read-client" => read(recording).await,
        "update-client" => updated(recording).await,
        "delete-client" => deleted(recording).await,
        "deactivate-client" => deactivated(recording).await,
        "list-clients" => listed(recording).await,
        "rotate-secret" => rotated(recording).await,
        "read-secrets" => secrets_read(recording).await,
        "rotate-secret-lifecycle" | "delete-secret" => secret_ended(recording).await,
        "discovery" => discovered(recording).await,
        "jwks" => keys_read(recording).await,
        "create-authorization-server" => server_read(recording).await,
        "oauth2-v1-clients" if recording.method == "DELETE" => deleted(recording).await,
        "oauth2-v1-clients" if path.contains("/roles") => role_read(recording).await,
        "app-grant" => {
            return Became::Excepted(
                "consent to scopes of Okta's own APIs, which an application with a secret cannot use",
            );
        }
        other => Err(format!("nobody reads {other}")),
    };
    match outcome {
        Ok(()) => Became::Understood,
        Err(why) => Became::Failed(why),
    }
}

#[tokio::test]
async fn what_okta_sent_is_understood() {
    let Some(all) = recordings("okta") else {
        return;
    };
    let mut table = Table::default();
    for recording in &all {
        table.add(&recording.name, replay(recording).await);
    }
    table.finish("okta");
}
