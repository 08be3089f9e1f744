//! A running Sandbox for tests that put clients in manually.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use reqwest::{Client as Http, Response};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::Personality;
use crate::idp::Metadata;
use crate::options::SandboxOptions;
use crate::sandbox::Sandbox;
use crate::state::Shared;
use crate::state::keys::{random_text, random_uuid};
use crate::state::store::{Client, Secret};

pub(super) const START: i64 = 1_800_000_000;

pub(super) struct Bench {
    pub(super) sandbox: Sandbox,
    pub(super) http: Http,
    clock: Arc<AtomicI64>,
}

/// Credentials of a client.
pub(super) struct Credentials {
    pub(super) id: String,
    pub(super) secret: String,
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::restoring(None).await
    }

    pub(super) async fn restoring(restore: Option<Value>) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let hand = Arc::clone(&clock);
        let options = SandboxOptions {
            clock: Arc::new(move || hand.load(Ordering::SeqCst)),
            restore,
            ..SandboxOptions::default()
        };
        Self {
            sandbox: Sandbox::start(options).await.unwrap(),
            http: Http::builder().no_proxy().build().unwrap(),
            clock,
        }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        self.sandbox.shared()
    }

    pub(super) fn advance(&self, secs: i64) {
        self.clock.fetch_add(secs, Ordering::SeqCst);
    }

    /// Puts in a client that the personality lets at its API.
    pub(super) fn client(&self, personality: Personality) -> Credentials {
        let shared = self.shared();
        let asked = json!({ "grant_types": ["client_credentials"] });
        let metadata = Metadata::grant(asked.as_object().unwrap(), false).unwrap();
        let id = random_uuid().unwrap();
        let secret = random_text().unwrap();
        let mut client = Client::new(personality, id.clone(), metadata, shared.now());
        client.replace_secrets(Some(Secret::new(secret.clone(), shared.now(), 0)));
        if personality == Personality::Auth0 {
            client.vendor.insert(
                "client_grants".to_owned(),
                json!([{ "id": "cgr_1", "audience": personality.api_url(shared),
                    "scope": ["orders:read"] }]),
            );
        }
        if personality == Personality::Entra {
            let principal = json!(random_uuid().unwrap());
            client
                .vendor
                .insert("servicePrincipalId".to_owned(), principal);
        }
        shared.state().insert(client);
        Credentials { id, secret }
    }

    /// The administrator's credentials.
    pub(super) fn admin(&self, personality: Personality) -> Credentials {
        let admin = self.shared().admins.of(personality).unwrap().clone();
        Credentials {
            id: admin.id,
            secret: admin.secret,
        }
    }

    /// A request for a token with the secret in the body.
    pub(super) async fn ask_token(
        &self,
        personality: Personality,
        who: &Credentials,
        more: &[(&str, &str)],
    ) -> Response {
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &who.id),
            ("client_secret", &who.secret),
        ];
        fields.extend(more);
        self.post_form(personality, &fields).await
    }

    pub(super) async fn post_form(
        &self,
        personality: Personality,
        fields: &[(&str, &str)],
    ) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let endpoint = personality
            .provider_behavior()
            .token_request(self.shared())
            .endpoint;
        self.http
            .post(endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// A token for the example API, got as the gateway gets one.
    pub(super) async fn token(&self, personality: Personality, who: &Credentials) -> String {
        let request = personality.provider_behavior().token_request(self.shared());
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(request.audience.as_deref().map(|it| ("audience", it)));
        fields.extend(request.scope.as_deref().map(|it| ("scope", it)));
        let response = self
            .http
            .post(request.endpoint)
            .basic_auth(&who.id, Some(&who.secret))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(
                form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish(),
            )
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{personality:?}");
        text(&body(response).await, "access_token").to_owned()
    }

    /// A call of the API that trusts this personality.
    pub(super) async fn call(&self, personality: Personality, header: Header<'_>) -> Response {
        let request = self.http.get(personality.api_url(self.shared()));
        match header {
            Header::Basic(who) => request.basic_auth(&who.id, Some(&who.secret)),
            Header::Bearer(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            Header::Cookie(cookies) => request.header(COOKIE, cookies),
        }
        .send()
        .await
        .unwrap()
    }
}

/// How a call is let in.
pub(super) enum Header<'a> {
    Basic(&'a Credentials),
    Bearer(&'a str),
    Cookie(&'a str),
}

pub(super) async fn body(response: Response) -> Value {
    response.json().await.unwrap()
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}"))
}

pub(super) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}
