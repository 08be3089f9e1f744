//! What the personality of Entra answers has the members, and the kinds of values, that were recorded
//! of the real one.

use std::collections::BTreeMap;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::bench::{Bench, text};
use crate::recordings::{Recording, recordings};
use keywright_sandbox::{Personality, PersonalityInfo};

/// Members of recordings that an answer may lack, by operation, each with its reason.
const MAY_LACK: &[(&str, &str)] = &[
    ("@odata.nextLink", "on a page with another after it"),
    ("suberror", "of a user's sign-in"),
    ("error_uri", "not in every recording either"),
    ("ext_expires_in", "not in every token answer"),
    ("expires_on", "version 1"),
    ("not_before", "version 1"),
    ("resource", "version 1"),
    ("scope", "of a user's token"),
    ("refresh_token", "of a user's token"),
    ("id_token", "of a user's token"),
    ("client_id", "of the machine's own token service"),
    ("details", "of some refusals"),
    ("x5t", "the Sandbox's key has no certificate"),
    ("x5c", "the Sandbox's key has no certificate"),
    ("issuer", "of a key that is the tenant's alone"),
    ("cloud_instance_name", "of a key that is the cloud's alone"),
    ("n", "RSA; the Sandbox signs with P-256"),
    ("e", "RSA; the Sandbox signs with P-256"),
];

/// Members of answers that a recording may lack: Graph and the token service gain members over the
/// years, and the oldest recordings are of 2019.
const IS_NEWER: &[&str] = &[
    "nativeAuthenticationApisEnabled",
    "uniqueName",
    "samlMetadataUrl",
    "servicePrincipalLockConfiguration",
    "requestSignatureVerification",
    "redirectUriSettings",
    // Left out where an object was shortened by the one who recorded it.
    "appRoles",
    "optionalClaims",
    // Not kept by the one who recorded a refusal as text.
    "innerError",
    "error_uri",
    "ext_expires_in",
    "device_authorization_endpoint",
    "kerberos_endpoint",
    // The Sandbox signs with P-256 and says so.
    "crv",
    "x",
    "y",
    "alg",
];

/// What the Sandbox answered: its status and its body.
type Answered = (u16, Value);

async fn read(response: Response) -> Answered {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

struct Tenant {
    bench: Bench,
    info: PersonalityInfo,
}

impl Tenant {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let info = bench.sandbox.info();
        let info = info
            .personalities
            .into_iter()
            .find(|one| one.name == Personality::Entra.name());
        Self {
            bench,
            info: info.unwrap(),
        }
    }

    fn endpoint(&self) -> String {
        self.info.issuer.replace("/v2.0", "/oauth2/v2.0/token")
    }

    async fn ask_token(&self, id: &str, secret: &str, scope: &str) -> Answered {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_secret", secret),
                ("scope", scope),
            ])
            .finish();
        let request = self.bench.http.post(self.endpoint());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        read(request.body(form).send().await.unwrap()).await
    }

    async fn admin(&self, scope: &str) -> Answered {
        let id = &self.info.set["initial_client_id"];
        let secret = &self.info.secrets["initial_client_secret"];
        self.ask_token(id, secret, scope).await
    }

    async fn graph(&self, method: Method, path: &str, body: Option<&Value>) -> Answered {
        let (_, token) = self.admin("https://graph.microsoft.com/.default").await;
        let url = format!("{}/v1.0/{path}", self.info.set["graph_endpoint"]);
        let mut request = self.bench.http.request(method, url);
        request = request.bearer_auth(text(&token, "access_token"));
        if let Some(body) = body {
            request = request.json(body);
        }
        read(request.send().await.unwrap()).await
    }

    async fn application(&self, more: &Value) -> Value {
        let mut asked = json!({ "displayName": "Orders" });
        for (name, value) in more.as_object().into_iter().flatten() {
            asked[name] = value.clone();
        }
        self.graph(Method::POST, "applications", Some(&asked))
            .await
            .1
    }

    async fn with_secret(&self) -> (Value, Value) {
        let made = self.application(&json!({})).await;
        let path = format!("applications/{}/addPassword", text(&made, "id"));
        let asked = json!({ "passwordCredential": { "displayName": "key1" } });
        let (_, secret) = self.graph(Method::POST, &path, Some(&asked)).await;
        (made, secret)
    }

    /// The same thing done here; none where the Sandbox has no such thing, with the reason.
    async fn again(&self, recorded: &Recording) -> Result<Answered, &'static str> {
        Ok(match recorded.operation.as_str() {
            "create-client" => {
                let mut asked = json!({ "displayName": "Orders" });
                for name in [
                    "web",
                    "publicClient",
                    "signInAudience",
                    "requiredResourceAccess",
                ] {
                    if let Some(value) = recorded.sent.get(name) {
                        asked[name] = value.clone();
                    }
                }
                self.graph(Method::POST, "applications", Some(&asked)).await
            }
            "create-service-principal" => {
                let made = self.application(&json!({})).await;
                let asked = json!({ "appId": made["appId"] });
                self.graph(Method::POST, "servicePrincipals", Some(&asked))
                    .await
            }
            "rotate-secret" if recorded.url.contains("/servicePrincipals/") => {
                return Err("secrets are given to applications here");
            }
            "rotate-secret" => {
                let (_, secret) = self.with_secret().await;
                (200, secret)
            }
            "delete-secret" => {
                let (made, secret) = self.with_secret().await;
                let path = format!("applications/{}/removePassword", text(&made, "id"));
                let asked = json!({ "keyId": secret["keyId"] });
                self.graph(Method::POST, &path, Some(&asked)).await
            }
            "delete-client" => {
                let made = self.application(&json!({})).await;
                let path = format!("applications/{}", text(&made, "id"));
                self.graph(Method::DELETE, &path, None).await
            }
            "read-client" | "list-clients" => {
                let (made, _) = self.with_secret().await;
                let found = recorded.answer["value"]
                    .as_array()
                    .is_none_or(|all| !all.is_empty());
                let id = if found {
                    text(&made, "appId")
                } else {
                    "nobody"
                };
                let path = format!("applications?$filter=appId eq '{id}'");
                self.graph(Method::GET, &path, None).await
            }
            "read-service-principal" => {
                let made = self.application(&json!({})).await;
                let id = text(&made, "appId");
                let asked = json!({ "appId": id });
                self.graph(Method::POST, "servicePrincipals", Some(&asked))
                    .await;
                let path =
                    format!("servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{id}')");
                self.graph(Method::GET, &path, None).await
            }
            "discovery" => {
                let tenant = if recorded.url.contains("/common/") {
                    "common"
                } else {
                    ""
                };
                self.document(tenant).await
            }
            "error-400-discovery" => self.document("nowhere").await,
            "jwks" => {
                let (_, document) = self.document("").await;
                let request = self.bench.http.get(text(&document, "jwks_uri"));
                read(request.send().await.unwrap()).await
            }
            "token-client-credentials" => self.admin("https://graph.microsoft.com/.default").await,
            "error-400-token" | "error-401-token" => self.refused_token(recorded).await?,
            operation if operation.starts_with("error-") => self.refused(recorded).await?,
            _ => return Err("the Sandbox has no such thing"),
        })
    }

    async fn document(&self, tenant: &str) -> Answered {
        let own = self.info.issuer.rsplit('/').nth(1).unwrap();
        let issuer = match tenant {
            "" => self.info.issuer.clone(),
            other => self.info.issuer.replace(own, other),
        };
        let url = format!("{issuer}/.well-known/openid-configuration");
        read(self.bench.http.get(url).send().await.unwrap()).await
    }

    async fn refused_token(&self, recorded: &Recording) -> Result<Answered, &'static str> {
        let scope = "https://graph.microsoft.com/.default";
        Ok(match recorded.answer["error_codes"][0].as_i64() {
            Some(700_016) => self.ask_token("nobody", "wrong", scope).await,
            Some(7_000_215) => {
                let (made, _) = self.with_secret().await;
                self.ask_token(text(&made, "appId"), "wrong", scope).await
            }
            Some(7_000_222) => {
                let (made, secret) = self.with_secret().await;
                let id = text(&made, "appId");
                let principal = json!({ "appId": id });
                self.graph(Method::POST, "servicePrincipals", Some(&principal))
                    .await;
                self.bench.advance(800 * 86_400);
                self.ask_token(id, text(&secret, "secretText"), scope).await
            }
            _ => {
                return Err(
                    "of a user or of a federated identity, which the Sandbox does not know",
                );
            }
        })
    }

    async fn refused(&self, recorded: &Recording) -> Result<Answered, &'static str> {
        Ok(match (recorded.status, recorded.method.as_str()) {
            (Some(400), "POST") => {
                let asked = json!({ "appId": "nobody" });
                self.graph(Method::POST, "servicePrincipals", Some(&asked))
                    .await
            }
            (Some(404), _) => self.graph(Method::GET, "applications/nobody", None).await,
            (Some(403), _) => {
                let mut faults = self.bench.sandbox.faults(Personality::Entra);
                faults.vendor.insert("permission_missing".to_owned(), 1);
                self.bench.sandbox.set_faults(Personality::Entra, faults);
                self.graph(Method::GET, "applications", None).await
            }
            _ => return Err("recorded without a body"),
        })
    }
}

/// The kind of a value. What is null in one answer is a text in another, so null says nothing.
fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("bool"),
        Value::Number(_) => Some("number"),
        Value::String(_) => Some("text"),
        Value::Array(_) => Some("list"),
        Value::Object(_) => Some("object"),
    }
}

/// Where two answers differ in shape.
fn differences(path: &str, recorded: &Value, ours: &Value, found: &mut Vec<String>) {
    match (recorded, ours) {
        (Value::Object(recorded), Value::Object(ours)) => {
            for (name, value) in recorded {
                match ours.get(name) {
                    Some(own) => differences(&format!("{path}.{name}"), value, own, found),
                    None if MAY_LACK.iter().any(|(lacking, _)| lacking == name) => {}
                    None => found.push(format!("{path}.{name} is missing")),
                }
            }
            for name in ours.keys().filter(|name| !recorded.contains_key(*name)) {
                if !IS_NEWER.contains(&name.as_str()) {
                    found.push(format!("{path}.{name} was never recorded"));
                }
            }
        }
        (Value::Array(recorded), Value::Array(ours)) => {
            if let (Some(recorded), Some(ours)) = (recorded.first(), ours.first()) {
                differences(&format!("{path}[]"), recorded, ours, found);
            }
        }
        _ => {
            let (theirs, own) = (kind(recorded), kind(ours));
            if theirs.is_some() && own.is_some() && theirs != own {
                found.push(format!("{path} is {own:?}, recorded as {theirs:?}"));
            }
        }
    }
}

#[tokio::test]
async fn answers_have_the_shape_of_what_was_recorded() {
    let mut compared: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let Some(all) = recordings("entra") else {
        return;
    };
    for recorded in &all {
        let tenant = Tenant::new().await;
        let answered = match tenant.again(recorded).await {
            Ok(answered) => answered,
            Err(why) => {
                eprintln!("left out  {}: {why}", recorded.name);
                continue;
            }
        };
        *compared.entry(recorded.operation.clone()).or_default() += 1;
        if recorded.status != Some(answered.0) {
            wrong.push(format!("{}: answered {}", recorded.name, answered.0));
        }
        let mut found = Vec::new();
        differences("", &recorded.answer, &answered.1, &mut found);
        wrong.extend(found.iter().map(|one| format!("{}: {one}", recorded.name)));
    }
    eprintln!("compared: {compared:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared.len() >= 12, "{compared:?}");
}
