//! Plays a recording of a server that speaks RFC 7591 and RFC 7592 against an adapter: the recorded
//! request must be the one that the adapter sends, and the recorded answer must be understood.

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, HttpPolicy, Recorder},
    register::{ClientInformation, RegistrationError},
    secret::{AdminSecret, ClientSecret, RefreshToken, RegistrationAccessToken},
    time::Clock,
    token,
};
use keywright_providers::{
    AdminTokens, Context, Finding, OwnerTag, Provider, ProviderConfig, ProviderError, ProviderKind,
    Registration, TokenWish,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::Recording;

/// Members of a response that are not client metadata.
const IDENTITY: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// The adapter to play against.
pub struct Player {
    /// Its kind.
    pub kind: ProviderKind,
    /// Its settings, in addition to the endpoints.
    pub settings: &'static [(&'static str, &'static str)],
    /// Members of an answer that the adapter keeps as handles, not as metadata.
    pub handled: &'static [&'static str],
}

/// The address of a recording after its host, which some recordings replace by a name in braces.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/')
        .map_or_else(|| "/".to_owned(), |(_, path)| format!("/{path}"))
}

/// Path and query, as they are sent.
fn after_host(url: &url::Url) -> String {
    url.query().map_or_else(
        || url.path().to_owned(),
        |query| format!("{}?{query}", url.path()),
    )
}

/// The recorded answer, given by a server of ours.
async fn serve(server: &MockServer, recording: &Recording, body: &Value) {
    let place = place(&recording.url);
    let address = url::Url::parse(&format!("{}{place}", server.uri())).unwrap();
    // A status that was not recorded stands for the usual one.
    let usual = if recording.operation == "create-client" {
        201
    } else {
        200
    };
    let mut template = ResponseTemplate::new(recording.status.unwrap_or(usual));
    for (name, value) in &recording.headers {
        template = template.insert_header(name.as_str(), value.as_str());
    }
    let template = match body {
        Value::Null => template,
        Value::String(text) => template.set_body_string(text),
        body => template.set_body_json(body),
    };
    Mock::given(method(recording.method.as_str()))
        .and(path(address.path()))
        .respond_with(template)
        .mount(server)
        .await;
}

impl Player {
    fn provider(&self, server: &MockServer, recording: &Recording) -> (Provider, HttpClient) {
        let here = format!("{}{}", server.uri(), place(&recording.url));
        let mut settings: BTreeMap<String, String> = self
            .settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let asks_for_a_token = recording.operation.starts_with("token");
        let endpoint = if asks_for_a_token {
            "token_endpoint"
        } else {
            "registration_endpoint"
        };
        if !matches!(recording.operation.as_str(), "discovery" | "jwks") {
            settings.insert(endpoint.to_owned(), here);
        }
        let config = ProviderConfig {
            kind: self.kind,
            issuer: server.uri(),
            settings,
            secrets: BTreeMap::from([(
                "initial_access_token".to_owned(),
                AdminSecret::new("the-initial-token"),
            )]),
            metadata: None,
        };
        let http = HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none());
        let http = http.unwrap();
        let provider = Provider::new(config, http.clone(), AdminTokens::default());
        (provider, http)
    }

    /// Sends the recorded operation and reads the recorded answer.
    pub async fn play(&self, recording: &Recording) -> Result<(), String> {
        let server = MockServer::start().await;
        let (provider, http) = self.provider(&server, recording);
        let keep = |_: keywright_providers::Checkpoint<'_>| Ok(());
        let context = Context {
            flow: Uuid::now_v7(),
            owner_tag: OwnerTag::default(),
            keep: &keep,
            progress: &|_| {},
        };
        let at = registration(&server, recording);
        let sent = metadata(&recording.sent);
        match recording.operation.as_str() {
            "discovery" => return discovery(&server, &provider, context, recording).await,
            "jwks" => return jwks(&server, &provider, context, recording).await,
            _ if recording.operation.starts_with("token") => {
                return tokens(&server, (&provider, &http), &at, recording).await;
            }
            _ => {}
        }
        serve(&server, recording, &recording.answer).await;
        // CILogon answers an update with nothing: what it made of it is read back.
        if recording.answer.is_null() {
            let read = Recording {
                method: "GET".into(),
                ..recording.clone()
            };
            serve(&server, &read, &recording.sent).await;
        }
        let outcome = match recording.method.as_str() {
            "POST" => provider.register(context, &sent).await,
            "GET" => provider.read(context, &at).await,
            "PUT" => provider.update(context, &at, &sent).await,
            "DELETE" => provider.delete(context, &at).await.map(|()| {
                // Nothing is told of a client that is gone.
                nobody(&at.client_id)
            }),
            other => return Err(format!("nobody sends {other}")),
        };
        self.same_request(&server, recording).await?;
        if recording.operation.starts_with("error") {
            return refused(outcome, recording);
        }
        self.same_client(&outcome.map_err(|error| error.to_string())?, recording)
    }

    /// The request that was sent is the recorded one.
    async fn same_request(&self, server: &MockServer, recording: &Recording) -> Result<(), String> {
        let request = only(server, &recording.method).await?;
        let wanted = url::Url::parse(&format!("{}{}", server.uri(), place(&recording.url)));
        let (at, wanted) = (after_host(&request.url), after_host(&wanted.unwrap()));
        if at != wanted {
            return Err(format!("sent to {at}, not to {wanted}"));
        }
        let got = if request.body.is_empty() {
            Value::Null
        } else {
            request.body_json().map_err(|error| error.to_string())?
        };
        let wanted = expected(recording);
        if got != wanted {
            return Err(format!("sent {got}, not {wanted}"));
        }
        Ok(())
    }

    /// Every member of the answer arrived where it belongs.
    fn same_client(&self, got: &ClientInformation, recording: &Recording) -> Result<(), String> {
        let nothing = Map::new();
        let answer = recording.answer.as_object().unwrap_or(&nothing);
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let secret = got.client_secret.as_ref().map(ClientSecret::expose);
        let token = got.registration_access_token.as_ref();
        for (name, got, wanted) in [
            (
                "client_id",
                Some(got.client_id.as_str()),
                Some(known(recording).as_str()),
            ),
            ("client_secret", secret, text("client_secret")),
            (
                "registration_access_token",
                token.map(RegistrationAccessToken::expose),
                text("registration_access_token"),
            ),
            (
                "registration_client_uri",
                got.registration_client_uri.as_ref().map(url::Url::as_str),
                // What is no address manages nothing.
                text("registration_client_uri").filter(|uri| uri.contains("://")),
            ),
        ] {
            if got != wanted {
                return Err(format!("{name} is {got:?}, not {wanted:?}"));
            }
        }
        let expires = answer.get("client_secret_expires_at");
        if got.client_secret_expires_at != expires.and_then(Value::as_i64) {
            return Err("client_secret_expires_at differs".into());
        }
        let told = if recording.answer.is_null() {
            &recording.sent
        } else {
            &recording.answer
        };
        for (name, value) in told.as_object().into_iter().flatten() {
            let empty = value.is_null() || value.as_str() == Some("");
            if IDENTITY.contains(&name.as_str()) || empty {
                continue;
            }
            let kept = got.metadata.members().get(name);
            if self.handled.contains(&name.as_str()) {
                if kept.is_some() || got.handles.is_empty() {
                    return Err(format!("{name} did not become a handle"));
                }
            } else if kept != Some(value) {
                return Err(format!("{name} is {kept:?}, not {value}"));
            }
        }
        Ok(())
    }
}

/// Identifier of a client whose recording leaves it out.
const KNOWN: &str = "known";

fn nobody(client_id: &str) -> ClientInformation {
    ClientInformation {
        client_id: client_id.to_owned(),
        client_secret: None,
        client_id_issued_at: None,
        client_secret_expires_at: None,
        registration_client_uri: None,
        registration_access_token: None,
        metadata: ClientMetadata::default(),
        handles: BTreeMap::new(),
        status: 204,
        elapsed_ms: 0,
        exchange: Uuid::nil(),
    }
}

/// The client that a recording is about: as it was answered, or as the address names it.
fn known(recording: &Recording) -> String {
    let answered = recording.answer["client_id"].as_str().map(str::to_owned);
    let url = url::Url::parse(&recording.url).ok();
    let named = url.and_then(|url| {
        url.query_pairs()
            .find_map(|(name, value)| (name == "client_id").then(|| value.into_owned()))
    });
    answered.or(named).unwrap_or_else(|| KNOWN.to_owned())
}

fn registration(server: &MockServer, recording: &Recording) -> Registration {
    Registration {
        client_id: known(recording),
        client_secret: None,
        registration_client_uri: format!("{}{}", server.uri(), place(&recording.url))
            .parse()
            .ok(),
        registration_access_token: Some(RegistrationAccessToken::new("the-token")),
        ..Registration::default()
    }
}

fn metadata(value: &Value) -> ClientMetadata {
    value.as_object().cloned().unwrap_or_default().into()
}

/// The recorded body, but for what we send otherwise on purpose.
fn expected(recording: &Recording) -> Value {
    let Value::Object(mut body) = recording.sent.clone() else {
        return Value::Null;
    };
    // The server chooses the secret, not the client (RFC 7591 §2): we have no way to send one.
    body.remove("client_secret");
    // Without metadata of the server, the default of RFC 7591 §2 is written out.
    if recording.method == "POST" {
        body.entry("token_endpoint_auth_method")
            .or_insert_with(|| json!("client_secret_basic"));
    }
    if recording.method == "PUT" {
        // RFC 7592 §2.2: an update names the client. These recordings leave it out.
        body.insert("client_id".into(), json!(known(recording)));
    }
    Value::Object(body)
}

/// The one request of that method.
async fn only(server: &MockServer, verb: &str) -> Result<Request, String> {
    let mut all = server.received_requests().await.unwrap();
    all.retain(|request| request.method.as_str() == verb);
    match <[Request; 1]>::try_from(all) {
        Ok([request]) => Ok(request),
        Err(all) => Err(format!("{} requests were sent, not one", all.len())),
    }
}

/// A refusal keeps the provider's words and is of the right kind.
fn refused(
    outcome: Result<ClientInformation, ProviderError>,
    recording: &Recording,
) -> Result<(), String> {
    let error = match outcome {
        Err(ProviderError::Registration(error)) => error,
        other => return Err(format!("{other:?}")),
    };
    let RegistrationError::Refused { words, .. } = &error else {
        return Err(format!("{error:?}"));
    };
    // An empty text says nothing.
    let said = |name: &str| {
        recording.answer[name]
            .as_str()
            .filter(|text| !text.is_empty())
    };
    if words.error.as_deref() != said("error")
        || words.description.as_deref() != said("error_description")
    {
        return Err(format!("other words: {words:?}"));
    }
    // A 403 says that the server knows the client and does not allow this.
    let unknown = matches!(words.status, 401 | 404 | 410);
    if Some(words.status) != recording.status
        || error.is_unknown_client() != unknown
        || error.outcome_unknown()
    {
        return Err(format!("another kind of error: {error:?}"));
    }
    Ok(())
}

/// A metadata document is found where it was recorded, under the issuer that it names.
async fn discovery(
    server: &MockServer,
    provider: &Provider,
    context: Context<'_>,
    recording: &Recording,
) -> Result<(), String> {
    let issuer = recording.answer["issuer"].as_str().unwrap_or_default();
    let moved = recording.answer.to_string().replace(issuer, &server.uri());
    let moved: Value = serde_json::from_str(&moved).unwrap();
    serve(server, recording, &moved).await;
    let seen = provider.verify(context).await;
    let read = seen.metadata.ok_or("the document was not taken")?;
    let named = |name: &str| moved[name].as_str();
    for (name, got) in [
        ("registration_endpoint", &read.registration_endpoint),
        ("token_endpoint", &read.token_endpoint),
        ("introspection_endpoint", &read.introspection_endpoint),
        ("revocation_endpoint", &read.revocation_endpoint),
        ("jwks_uri", &read.jwks_uri),
    ] {
        if got.as_ref().map(url::Url::as_str) != named(name) {
            return Err(format!("{name} is {got:?}"));
        }
    }
    if json!(read.document) != moved {
        return Err("the document was not kept whole".into());
    }
    Ok(())
}

/// A key set is read by the step of Verify that reads it.
async fn jwks(
    server: &MockServer,
    provider: &Provider,
    context: Context<'_>,
    recording: &Recording,
) -> Result<(), String> {
    let issuer = server.uri();
    let document =
        json!({"issuer": issuer, "jwks_uri": format!("{issuer}{}", place(&recording.url))});
    Mock::given(path("/.well-known/oauth-authorization-server"))
        .respond_with(ResponseTemplate::new(200).set_body_json(document))
        .mount(server)
        .await;
    serve(server, recording, &recording.answer).await;
    let seen = provider.verify(context).await;
    let total = recording.answer["keys"].as_array().map_or(0, Vec::len);
    let step = seen
        .steps
        .into_iter()
        .find(|it| it.name.as_str() == "signing_keys");
    match step.and_then(|step| step.finding) {
        Some(Finding::Keys { usable, total: all }) if usable > 0 && all == total => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// The answer to another grant is read by the one reader of token answers; the request is a form
/// (RFC 6749 §3.2) to the recorded place.
async fn tokens(
    server: &MockServer,
    (provider, http): (&Provider, &HttpClient),
    at: &Registration,
    recording: &Recording,
) -> Result<(), String> {
    serve(server, recording, &recording.answer).await;
    let request = provider
        .token_request(at, TokenWish::default(), Uuid::now_v7())
        .map_err(|error| error.to_string())?;
    let got = token::request_token(http, &request)
        .await
        .map_err(|error| error.to_string())?;
    let sent = only(server, &recording.method).await?;
    if sent.headers["content-type"] != "application/x-www-form-urlencoded"
        || sent.url.path() != place(&recording.url)
    {
        return Err(format!("sent {sent:?}"));
    }
    let answer = &recording.answer;
    let same = Some(got.access_token.expose()) == answer["access_token"].as_str()
        && Some(got.token_type.as_str()) == answer["token_type"].as_str()
        && got.expires_in == answer["expires_in"].as_i64()
        && got.scope.as_deref() == answer["scope"].as_str()
        && got.refresh_token.as_ref().map(RefreshToken::expose) == answer["refresh_token"].as_str();
    if same {
        Ok(())
    } else {
        Err(format!("{got:?}"))
    }
}
