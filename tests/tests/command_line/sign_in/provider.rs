//! A provider that answers as a test says, and a browser that sends one request.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Mutex},
    time::Duration,
};

use keywright_tests::Cli;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use url::Url;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use super::register;

/// The redirect URI of most tests.
pub(crate) const FREE: &str = "http://127.0.0.1/callback";
/// A secret that is looked for where it should not be.
pub(crate) const CODE: &str = "c0de-of-the-sign-in-5f31";

/// The provider, until it is dropped.
pub(crate) struct Provider {
    runtime: Runtime,
    server: MockServer,
    /// The answer to a token request.
    pub(crate) token: Arc<Mutex<Value>>,
}

impl Provider {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// With metadata that `change` changed.
    pub(crate) fn with(change: impl Fn(&mut Value)) -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(MockServer::start());
        let origin = server.uri();
        let mut metadata = json!({
            "issuer": origin,
            "registration_endpoint": format!("{origin}/register"),
            "authorization_endpoint": format!("{origin}/authorize"),
            "token_endpoint": format!("{origin}/token"),
            "jwks_uri": format!("{origin}/jwks"),
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        change(&mut metadata);
        let token = Arc::new(Mutex::new(json!({
            "access_token": "acc3ss-t0ken-of-the-sign-in", "token_type": "Bearer", "expires_in": 300,
        })));
        let answer = Arc::clone(&token);
        let keys: Value = serde_json::from_str(&crate::hostile::tokens::key_set()).unwrap();
        runtime.block_on(async {
            for place in [
                "/.well-known/oauth-authorization-server",
                "/.well-known/openid-configuration",
            ] {
                Mock::given(method("GET"))
                    .and(path(place))
                    .respond_with(ResponseTemplate::new(200).set_body_json(metadata.clone()))
                    .mount(&server)
                    .await;
            }
            Mock::given(path("/register"))
                .respond_with(|request: &Request| {
                    let mut client: Value = request.body_json().unwrap();
                    client["client_id"] = "c1".into();
                    if client["token_endpoint_auth_method"] != "none" {
                        client["client_secret"] = "cl1ent-s3cret-of-the-sign-in".into();
                    }
                    ResponseTemplate::new(201).set_body_json(client)
                })
                .mount(&server)
                .await;
            Mock::given(path("/token"))
                .respond_with(move |_: &Request| {
                    let answer = answer.lock().unwrap().clone();
                    let status = if answer.get("error").is_some() {
                        400
                    } else {
                        200
                    };
                    ResponseTemplate::new(status).set_body_json(answer)
                })
                .mount(&server)
                .await;
            Mock::given(path("/jwks"))
                .respond_with(ResponseTemplate::new(200).set_body_json(keys))
                .mount(&server)
                .await;
        });
        Self {
            runtime,
            server,
            token,
        }
    }

    pub(crate) fn issuer(&self) -> String {
        self.server.uri()
    }

    /// A vault with the configuration `Work` and the login client `login`.
    pub(crate) fn client(&self, redirect_uri: &str, more: &[&str]) -> Cli {
        let cli = Cli::with_vault();
        cli.config("Work", &self.issuer(), &[]);
        register(&cli, "login", redirect_uri, more).json();
        cli
    }

    /// Answers requests for a device code with this document.
    pub(crate) fn device(&self, answer: &Value) {
        let mock = Mock::given(path("/device"))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer));
        self.runtime.block_on(mock.mount(&self.server));
    }

    /// The token requests, each with its form.
    pub(crate) fn token_requests(&self) -> Vec<Vec<(String, String)>> {
        let all = self.runtime.block_on(self.server.received_requests());
        let all = all.unwrap();
        let tokens = all.iter().filter(|one| one.url.path() == "/token");
        tokens
            .map(|one| {
                url::form_urlencoded::parse(&one.body)
                    .into_owned()
                    .collect()
            })
            .collect()
    }
}

/// Status and text of the answer to one request, as a browser or anybody else on this computer sends it.
pub(crate) fn request(kind: &str, address: &Url, host: &str) -> (u16, String) {
    let port = address.port().unwrap();
    let mut stream = TcpStream::connect((address.host_str().unwrap(), port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let target = &address[url::Position::BeforePath..];
    write!(
        stream,
        "{kind} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let status = text.split(' ').nth(1).unwrap_or_default();
    (status.parse().unwrap_or_default(), text)
}

/// The same as the browser sends it that was redirected.
pub(crate) fn visit(address: &Url) -> (u16, String) {
    let host = format!(
        "{}:{}",
        address.host_str().unwrap(),
        address.port().unwrap()
    );
    request("GET", address, &host)
}
