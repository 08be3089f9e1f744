//! Sign-ins of users, as a client of its own and a browser without a screen meet them.

mod bound;
mod code;
mod device;
mod pages;
mod pushed;
mod refresh;
mod resource;
mod user;
mod vendors;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::bench::{Bench, text};

pub(crate) const CALLBACK: &str = "http://127.0.0.1/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// S256 of it (RFC 7636 appendix B).
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A Sandbox, a client of it, and a browser that follows no redirect.
pub(crate) struct Visit {
    pub(crate) bench: Bench,
    pub(crate) client: Value,
    pub(crate) browser: Client,
}

impl Visit {
    /// With a public client for sign-ins.
    pub(crate) async fn new() -> Self {
        Self::with(&json!({})).await
    }

    /// With more or other metadata of the client.
    pub(crate) async fn with(more: &Value) -> Self {
        let bench = Bench::new().await;
        let mut asked = json!({
            "client_name": "Demo <client>",
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [CALLBACK],
        });
        for (name, value) in more.as_object().unwrap() {
            asked[name] = value.clone();
        }
        let client = bench.registered(&asked).await;
        let browser = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            bench,
            client,
            browser,
        }
    }

    pub(crate) fn id(&self) -> &str {
        text(&self.client, "client_id")
    }

    /// The authorization request, with parameters added, replaced, or taken out by an empty value.
    pub(crate) fn request(&self, changes: &[(&str, &str)]) -> Url {
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", self.id()),
            ("redirect_uri", CALLBACK),
            ("state", "the state"),
            ("nonce", "the nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            if !value.is_empty() {
                parameters.push((name, value));
            }
        }
        let mut url: Url = format!("{}/authorize", self.bench.issuer).parse().unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }

    pub(crate) async fn open(&self, url: &Url, headers: &[(&str, &str)]) -> Response {
        let mut request = self.browser.get(url.clone());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Answers the page of an authorization request.
    pub(crate) async fn decide(&self, page: &str, fields: &[(&str, &str)]) -> Response {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("request", &sealed(page));
        body.extend_pairs(fields);
        self.browser
            .post(format!("{}/consent", self.bench.issuer))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.finish())
            .send()
            .await
            .unwrap()
    }

    /// The answer that a user who allows sends the client.
    pub(crate) async fn allowed(&self, changes: &[(&str, &str)]) -> Url {
        self.allowed_with_session(changes).await.0
    }

    /// The same, with the browser's cookies afterwards.
    pub(crate) async fn allowed_with_session(&self, changes: &[(&str, &str)]) -> (Url, String) {
        let response = self.open(&self.request(changes), &[]).await;
        assert_eq!(response.status(), 200);
        let page = response.text().await.unwrap();
        let fields = [("user", "bob"), ("decision", "allow")];
        let response = self.decide(&page, &fields).await;
        let cookies = crate::bench::cookies(&response);
        (target(&response), cookies)
    }

    /// With cookies.
    pub(crate) async fn open_as(&self, url: &Url, cookies: &str) -> Response {
        self.open(url, &[(COOKIE.as_str(), cookies)]).await
    }

    /// The token endpoint's answer to a code.
    pub(crate) async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Response {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.id()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("code", code),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        self.post("token", &fields).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.bench.plain_form(path, &body).send().await.unwrap()
    }

    /// Signs in and gives the tokens.
    pub(crate) async fn tokens(&self) -> Value {
        let answer = self.allowed(&[]).await;
        let response = self.redeem(&parameter(&answer, "code"), &[]).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }
}

/// Where a redirect leads.
pub(crate) fn target(response: &Response) -> Url {
    assert_eq!(response.status(), 303);
    let location = response.headers().get(LOCATION).unwrap();
    location.to_str().unwrap().parse().unwrap()
}

/// A parameter that is there once.
pub(crate) fn parameter(url: &Url, name: &str) -> String {
    let found: Vec<String> = url
        .query_pairs()
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .collect();
    assert_eq!(found.len(), 1, "{name} in {url}");
    found[0].clone()
}

/// The sealed request of a page.
pub(crate) fn sealed(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"request\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The claims of a token, whose signature is checked elsewhere.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
