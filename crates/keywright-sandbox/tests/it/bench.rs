//! A running Sandbox with a clock in the test's hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keywright_sandbox::{Personality, Sandbox, SandboxFaults, SandboxOptions};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) const START: i64 = 1_800_000_000;

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) issuer: String,
    pub(crate) api: String,
    pub(crate) http: Client,
    clock: Arc<AtomicI64>,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut SandboxOptions)) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let hand = Arc::clone(&clock);
        let mut options = SandboxOptions {
            clock: Arc::new(move || hand.load(Ordering::SeqCst)),
            ..SandboxOptions::default()
        };
        change(&mut options);
        let sandbox = Sandbox::start(options).await.unwrap();
        let info = sandbox.info();
        Self {
            issuer: info.personalities[0].issuer.clone(),
            api: info.personalities[0].api_url.clone(),
            sandbox,
            http: Client::builder().no_proxy().build().unwrap(),
            clock,
        }
    }

    /// Sets the fault dials of the plain provider.
    pub(crate) fn faults(&self, faults: SandboxFaults) {
        self.sandbox.set_faults(Personality::Rfc7591, faults);
    }

    pub(crate) fn advance(&self, secs: i64) {
        self.clock.fetch_add(secs, Ordering::SeqCst);
    }

    pub(crate) async fn register(&self, body: &Value) -> Response {
        let request = self.http.post(format!("{}/register", self.issuer));
        request.json(body).send().await.unwrap()
    }

    /// Registers and gives what the provider said.
    pub(crate) async fn registered(&self, body: &Value) -> Value {
        let response = self.register(body).await;
        assert_eq!(response.status(), 201);
        response.json().await.unwrap()
    }

    pub(crate) async fn client(&self) -> Value {
        self.registered(&json!({ "client_name": "Test" })).await
    }

    /// A form sent with Basic client credentials.
    pub(crate) async fn form(&self, path: &str, client: &Value, body: &str) -> Response {
        self.plain_form(path, body)
            .basic_auth(
                text(client, "client_id"),
                Some(text(client, "client_secret")),
            )
            .send()
            .await
            .unwrap()
    }

    pub(crate) fn plain_form(&self, path: &str, body: &str) -> RequestBuilder {
        self.http
            .post(format!("{}/{path}", self.issuer))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.to_owned())
    }

    /// The token endpoint's answer to client credentials.
    pub(crate) async fn token(&self, client: &Value) -> Value {
        let response = self
            .form("token", client, "grant_type=client_credentials")
            .await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    pub(crate) async fn with_basic(&self, client: &Value) -> Response {
        let request = self.http.get(&self.api);
        request
            .basic_auth(
                text(client, "client_id"),
                Some(text(client, "client_secret")),
            )
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn with_bearer(&self, token: &str) -> Response {
        let request = self.http.get(&self.api).bearer_auth(token);
        request.send().await.unwrap()
    }

    pub(crate) async fn with_cookies(&self, cookies: &str) -> Response {
        let request = self.http.get(&self.api).header(COOKIE, cookies);
        request.send().await.unwrap()
    }

    /// A request on the client's configuration endpoint.
    pub(crate) fn manage(&self, method: reqwest::Method, client: &Value) -> RequestBuilder {
        self.http
            .request(method, text(client, "registration_client_uri"))
            .header(
                AUTHORIZATION,
                format!("Bearer {}", text(client, "registration_access_token")),
            )
    }
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}"))
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// The `Set-Cookie` headers.
pub(crate) fn set_cookies(response: &Response) -> Vec<String> {
    response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

/// The `Cookie` header that sends them back.
pub(crate) fn cookies(response: &Response) -> String {
    let pairs: Vec<String> = set_cookies(response)
        .iter()
        .map(|cookie| cookie.split(';').next().unwrap().to_owned())
        .collect();
    pairs.join("; ")
}

/// Status and `error` of a refusal.
pub(crate) async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, text(&body, "error").to_owned())
}
