//! 1,000 registrations at each personality of the Sandbox, compared with a bare loop that sends the same
//! requests with the same concurrency and keeps nothing. Prints a table for `benches/RESULTS.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement fails by panicking and prints what it found"
)]

use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use keywright_core::BulkControl;
use keywright_sandbox::{Personality, PersonalityInfo, SandboxFaults};
use keywright_tests::CoreFixture;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

/// What an identity provider on the internet takes to answer.
const LATENCY_MS: u32 = 100;
/// A rate that each personality enforces with its own headers.
const RATE_PER_SECOND: u32 = 60;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: u32 = arguments.next().map_or(1_000, |text| text.parse().unwrap());
    let concurrency: u32 = arguments.next().map_or(8, |text| text.parse().unwrap());
    println!(
        "{count} registrations, {concurrency} at a time, {LATENCY_MS} ms latency, {RATE_PER_SECOND} requests a second"
    );
    println!("| Personality | Bare loop | Keywright | Ratio |\n|---|---|---|---|");
    for personality in Personality::ALL {
        let fixture = CoreFixture::new().await;
        fixture.sandbox.set_faults(
            personality,
            SandboxFaults {
                latency_ms: LATENCY_MS,
                rate_limit_per_second: RATE_PER_SECOND,
                ..SandboxFaults::default()
            },
        );
        let bare = Bare::new(fixture.info(personality)).await;
        let begun = Instant::now();
        stream::iter(0..count)
            .map(|number| bare.register(number))
            .buffer_unordered(concurrency as usize)
            .collect::<Vec<()>>()
            .await;
        let bare_secs = begun.elapsed().as_secs_f64();

        let configuration = fixture.configure(personality);
        let draft = fixture.draft(personality, &configuration.id, "batch");
        let control = BulkControl {
            is_cancelled: &|| false,
            on_progress: &|_| {},
        };
        let before = fixture.sandbox.client_count();
        let begun = Instant::now();
        let report = fixture
            .keywright
            .registration()
            .register_many(draft, count, concurrency, control)
            .await
            .unwrap();
        let ours_secs = begun.elapsed().as_secs_f64();
        assert_eq!(report.registered, count, "{:?}", report.failed.first());
        let there = fixture.sandbox.client_count() - before;
        assert_eq!(there, count as usize, "none lost, none made twice");
        println!(
            "| {} | {bare_secs:.1} s | {ours_secs:.1} s | {:.2} |",
            personality.name(),
            ours_secs / bare_secs
        );
        fixture.sandbox.stop().await;
    }
}

/// The same requests without a vault, a journal or an adapter.
struct Bare {
    there: PersonalityInfo,
    http: Client,
    /// What its admin API is asked with.
    token: Option<String>,
    /// Where it registers, where that must be discovered.
    endpoint: Option<String>,
}

impl Bare {
    async fn new(there: PersonalityInfo) -> Self {
        let http = Client::builder().no_proxy().build().unwrap();
        let mut bare = Self {
            there,
            http,
            token: None,
            endpoint: None,
        };
        match bare.there.name.as_str() {
            "auth0" => {
                let audience = bare.there.set["initial_client_audience"].clone();
                let at = format!("{}oauth/token", bare.there.issuer);
                bare.token = Some(bare.admin_token(&at, &[("audience", audience)]).await);
            }
            "entra" => {
                let at = format!(
                    "{}/oauth2/v2.0/token",
                    bare.there.issuer.trim_end_matches("/v2.0")
                );
                // The resource is Microsoft Graph wherever its API is reached.
                let scope = "https://graph.microsoft.com/.default".to_owned();
                bare.token = Some(bare.admin_token(&at, &[("scope", scope)]).await);
            }
            "curity" => {
                let at = format!("{}/.well-known/openid-configuration", bare.there.issuer);
                let found: Value = bare
                    .http
                    .get(at)
                    .send()
                    .await
                    .unwrap()
                    .json()
                    .await
                    .unwrap();
                bare.endpoint = Some(found["registration_endpoint"].as_str().unwrap().to_owned());
            }
            _ => {}
        }
        bare
    }

    async fn admin_token(&self, at: &str, more: &[(&str, String)]) -> String {
        let mut fields = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.there.set["initial_client_id"].clone()),
            (
                "client_secret",
                self.there.secrets["initial_client_secret"].clone(),
            ),
        ];
        fields.extend(more.iter().cloned());
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let got = self
            .send(|| {
                self.http
                    .post(at)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form.clone())
            })
            .await;
        got["access_token"].as_str().unwrap().to_owned()
    }

    /// Sends until the rate limit lets it through.
    async fn send(&self, request: impl Fn() -> RequestBuilder) -> Value {
        loop {
            let answer = request().send().await.unwrap();
            if answer.status() != StatusCode::TOO_MANY_REQUESTS {
                assert!(answer.status().is_success(), "{answer:?}");
                return answer.json().await.unwrap_or(Value::Null);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn post(&self, url: &str, body: &Value) -> Value {
        self.send(|| {
            let request = self.http.request(Method::POST, url).json(body);
            match (&self.token, self.there.name.as_str()) {
                (Some(token), _) => request.bearer_auth(token),
                (None, "okta") => {
                    let token = &self.there.secrets["dcr_token"];
                    request.header("authorization", format!("SSWS {token}"))
                }
                (None, "http-bridge") => {
                    request.header("x-api-key", &self.there.secrets["api_key"])
                }
                _ => request,
            }
        })
        .await
    }

    async fn register(&self, number: u32) {
        let name = format!("bare-{number}");
        let standard = json!({ "client_name": name, "grant_types": ["client_credentials"],
            "redirect_uris": [], "response_types": [] });
        match self.there.name.as_str() {
            "auth0" => self.register_auth0(&name).await,
            "okta" => {
                let org = self.there.issuer.split("/oauth2/").next().unwrap();
                let body = json!({ "client_name": name, "application_type": "service",
                    "grant_types": ["client_credentials"], "response_types": ["token"],
                    "token_endpoint_auth_method": "client_secret_basic" });
                self.post(&format!("{org}/oauth2/v1/clients"), &body).await;
            }
            "curity" => self.register_curity(&standard).await,
            "entra" => self.register_entra(&name).await,
            "http-bridge" => {
                let id = "0190b5a6-0000-7000-8000-000000000000";
                let body = json!({ "redirect_uris": [], "client_name": name,
                    "grant_types": ["client_credentials"], "scopes": [],
                    "token_endpoint_auth_method": "client_secret_basic",
                    "application_description": "", "portal_id": id, "organization_id": id,
                    "developer_id": id, "auth_strategy_id": id, "dcr_provider_id": id });
                let base = self.there.set["dcr_base_url"].trim_end_matches('/');
                self.post(&format!("{base}/"), &body).await;
            }
            _ => {
                self.post(&format!("{}/register", self.there.issuer), &standard)
                    .await;
            }
        }
    }

    async fn register_auth0(&self, name: &str) {
        let api = format!("{}api/v2", self.there.issuer);
        let body = json!({ "name": name, "app_type": "non_interactive",
            "grant_types": ["client_credentials"] });
        let made = self.post(&format!("{api}/clients"), &body).await;
        let grant = json!({ "client_id": made["client_id"], "audience": self.there.audience,
            "scope": [] });
        self.post(&format!("{api}/client-grants"), &grant).await;
    }

    async fn register_curity(&self, body: &Value) {
        let at = format!(
            "{}/oauth-token",
            self.there.issuer.trim_end_matches("/oauth-anonymous")
        );
        let token = self.admin_token(&at, &[("scope", "dcr".to_owned())]).await;
        let endpoint = self.endpoint.as_deref().unwrap();
        self.send(|| self.http.post(endpoint).bearer_auth(&token).json(body))
            .await;
    }

    async fn register_entra(&self, name: &str) {
        let graph = format!(
            "{}/v1.0",
            self.there.set["graph_endpoint"].trim_end_matches('/')
        );
        let body = json!({ "displayName": name, "signInAudience": "AzureADMyOrg" });
        let made = self.post(&format!("{graph}/applications"), &body).await;
        let id = made["id"].as_str().unwrap();
        let secret = json!({ "passwordCredential": { "displayName": name } });
        self.post(&format!("{graph}/applications/{id}/addPassword"), &secret)
            .await;
        self.post(
            &format!("{graph}/servicePrincipals"),
            &json!({ "appId": made["appId"] }),
        )
        .await;
    }
}
