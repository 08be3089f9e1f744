//! The personality's answers next to those that were recorded of the real one: the same members, of the
//! same JSON types. Read where they lie; where this machine has none, that is said aloud.
#![allow(clippy::print_stderr, reason = "tests")]

use std::{collections::BTreeMap, fs, path::PathBuf};

use keywright_providers::Registration;
use serde_json::{Value, json};

use super::{Tenant, context, metadata};

/// Members of the real answers that ours may lack, and why.
const ABSENT: [&str; 15] = [
    // Told only of a client that set them.
    "app_type",
    "description",
    "allowed_clients",
    "callbacks",
    "client_aliases",
    "client_metadata",
    "cross_origin_authentication",
    "native_social_login",
    "sso",
    "allowed_logout_urls",
    "allowed_origins",
    "web_origins",
    "token_endpoint_auth_method",
    // The users who own the tenant; the Sandbox has none.
    "owners",
    // Of tenants with organisations.
    "organization_usage",
];

/// Members that ours has and a recording may lack: recorders of `*-m2m-*` and its kin wrote back only what
/// their own model knows, so these are compared with the raw recordings alone.
fn is_raw(name: &str) -> bool {
    name.contains("-raw-")
}

fn recordings(operations: &[&str]) -> Vec<(String, Value)> {
    let folder = std::env::var_os("KEYWRIGHT_RECORDINGS")
        .map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings"),
            PathBuf::from,
        )
        .join("auth0");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no recordings in {}", folder.display());
        return Vec::new();
    };
    let all = entries.map(|entry| entry.unwrap().path());
    all.filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (
                name,
                serde_json::from_slice(&fs::read(&path).unwrap()).unwrap(),
            )
        })
        .filter(|(_, recording): &(String, Value)| {
            let operation = recording["operation"].as_str().unwrap();
            operations.contains(&operation) && !recording["response"]["body"].is_null()
        })
        .collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn kinds(value: &Value) -> BTreeMap<&str, &'static str> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (name.as_str(), kind(value)))
        .collect()
}

/// What differs between two shapes: members that only one has, or that are of another type.
fn differences(name: &str, ours: &Value, theirs: &Value, both_ways: bool) -> Vec<String> {
    let (ours, theirs) = (kinds(ours), kinds(theirs));
    let mut out = Vec::new();
    for (member, kind) in &theirs {
        match ours.get(member) {
            Some(own) if own != kind => {
                out.push(format!("{name}: {member} is {own}, recorded {kind}"));
            }
            None if !ABSENT.contains(member) => out.push(format!("{name}: {member} is missing")),
            _ => {}
        }
    }
    if both_ways {
        let extra = ours
            .keys()
            .filter(|member| !theirs.contains_key(*member) && !ABSENT.contains(member));
        out.extend(extra.map(|member| format!("{name}: {member} is not recorded")));
    }
    out
}

/// A request to the personality, past the adapter.
struct Wire {
    tenant: Tenant,
    http: reqwest::Client,
    token: String,
}

impl Wire {
    async fn new() -> Self {
        let tenant = Tenant::new().await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let admin = json!({
            "grant_type": "client_credentials", "client_id": tenant.info.set["initial_client_id"],
            "client_secret": tenant.info.secrets["initial_client_secret"],
            "audience": tenant.info.set["initial_client_audience"],
        });
        let endpoint = format!("{}oauth/token", tenant.info.issuer);
        let answer: Value = http
            .post(endpoint)
            .json(&admin)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        Self {
            tenant,
            http,
            token,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}api/v2/{path}", self.tenant.info.issuer);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn a_client_is_answered_in_the_shape_of_the_recordings() {
    let wire = Wire::new().await;
    let all = recordings(&["create-client"]);
    let mut wrong = Vec::new();
    for (name, recording) in &all {
        let asked = &recording["request"]["body"];
        let (status, answer) = wire.ask("POST", "clients", Some(asked)).await;
        assert_eq!(status, 201, "{name}: {answer}");
        let theirs = &recording["response"]["body"];
        wrong.extend(differences(name, &answer, theirs, is_raw(name)));
        let id = answer["client_id"].as_str().unwrap();
        let (status, read) = wire.ask("GET", &format!("clients/{id}"), None).await;
        assert_eq!((status, &read), (200, &answer), "{name}");
        let path = format!("clients/{id}/rotate-secret");
        let (status, rotated) = wire.ask("POST", &path, None).await;
        assert_eq!(status, 200);
        assert_ne!(rotated["client_secret"], answer["client_secret"]);
        assert_eq!(kinds(&rotated), kinds(&answer));
        let (status, gone) = wire.ask("DELETE", &format!("clients/{id}"), None).await;
        assert_eq!((status, gone), (204, Value::Null));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The change with credentials of this client in the place of the recorded ones: the recorded keys, whose `kid` must be
/// the recorded one.
async fn with_own_credentials(wire: &Wire, client: &str, changes: &Value) -> Value {
    let mut changes = changes.clone();
    let place = "/client_authentication_methods/private_key_jwt/credentials";
    let Some(used) = changes.pointer_mut(place).and_then(Value::as_array_mut) else {
        return changes;
    };
    let recorded = recordings(&["client-credential-post"]);
    for (one, (name, recording)) in used.iter_mut().zip(&recorded) {
        let asked = &recording["request"]["body"];
        let path = format!("{client}/credentials");
        let (status, made) = wire.ask("POST", &path, Some(asked)).await;
        assert_eq!(status, 201, "{name}: {made}");
        let theirs = &recording["response"]["body"];
        assert_eq!(made["kid"], theirs["kid"], "{name}");
        assert_eq!(made["alg"], theirs["alg"], "{name}");
        *one = json!({ "id": made["id"] });
    }
    changes
}

#[tokio::test]
async fn a_change_is_taken_as_recorded() {
    let wire = Wire::new().await;
    let mut wrong = Vec::new();
    for (name, recording) in recordings(&["update-client"]) {
        // It was a machine client with a secret, and with what the change takes away.
        let was = json!({
            "name": "Before", "app_type": "non_interactive", "grant_types": ["client_credentials"],
            "jwt_configuration": { "alg": "RS256", "secret_encoded": false },
        });
        let (_, made) = wire.ask("POST", "clients", Some(&was)).await;
        let path = format!("clients/{}", made["client_id"].as_str().unwrap());
        let changes = &with_own_credentials(&wire, &path, &recording["request"]["body"]).await;
        let (status, answer) = wire.ask("PATCH", &path, Some(changes)).await;
        assert_eq!(status, 200, "{name}: {answer}");
        let theirs = &recording["response"]["body"];
        wrong.extend(differences(&name, &answer, theirs, false));
        for (member, value) in changes.as_object().unwrap() {
            // A chosen secret is redacted in the recording; a map is merged.
            if value.is_null() {
                assert!(answer.get(member).is_none(), "{name}: {member}");
            } else if member != "client_metadata" {
                assert_eq!(&answer[member], value, "{name}: {member}");
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn a_grant_is_answered_in_the_shape_of_the_recordings() {
    let wire = Wire::new().await;
    let client = json!({ "name": "Orders" });
    let api = wire.tenant.info.api_url.clone();
    let mut wrong = Vec::new();
    for (name, recording) in recordings(&["create-client-grant"]) {
        let mut asked = recording["request"]["body"].clone();
        // A grant for all third parties is no client's; the Sandbox keeps grants with their clients.
        if asked.get("default_for").is_some() {
            continue;
        }
        let (_, made) = wire.ask("POST", "clients", Some(&client)).await;
        asked["client_id"] = made["client_id"].clone();
        asked["audience"] = json!(api);
        let (status, answer) = wire.ask("POST", "client-grants", Some(&asked)).await;
        assert_eq!(status, 201, "{name}: {answer}");
        let mut theirs = recording["response"]["body"].clone();
        // Told only of grants that set it; ours are for the client itself.
        theirs
            .as_object_mut()
            .unwrap()
            .remove("authorization_details_types");
        wrong.extend(differences(&name, &answer, &theirs, true));
        let path = format!("client-grants/{}", answer["id"].as_str().unwrap());
        let (_, read) = wire.ask("GET", &path, None).await;
        assert_eq!(read, answer);
        let (status, changed) = wire.ask("PATCH", &path, Some(&json!({"scope": []}))).await;
        assert_eq!((status, &changed["scope"]), (200, &json!([])));
        assert_eq!(wire.ask("DELETE", &path, None).await.0, 204);
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn lists_have_the_shape_of_the_recordings() {
    let wire = Wire::new().await;
    wire.tenant.registered().await;
    let mut wrong = Vec::new();
    for (name, recording) in recordings(&["list-clients", "list-client-grants"]) {
        let url = recording["request"]["url"].as_str().unwrap();
        let (_, path) = url.split_once("/api/v2/").unwrap();
        let (status, answer) = wire.ask("GET", path, None).await;
        assert_eq!(status, 200, "{name}: {answer}");
        let mut theirs = recording["response"]["body"].clone();
        let around = theirs.as_object_mut().unwrap();
        // Written by the recorder's own model, which has them for all lists.
        for added in ["length", "next"] {
            around.remove(added);
        }
        // With `take` the real one pages by a cursor and tells no totals.
        let both_ways = !path.contains("take=");
        wrong.extend(differences(&name, &answer, &theirs, both_ways));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn refusals_have_the_shape_of_the_recordings() {
    let wire = Wire::new().await;
    let (_, missing) = wire.ask("GET", "clients/nobody", None).await;
    let (_, no_grant) = wire.ask("GET", "client-grants/cgr_none", None).await;
    let (_, invalid) = wire.ask("POST", "clients", Some(&json!({}))).await;
    wire.tenant.dial(|faults| faults.rate_limit_per_second = 1);
    let mut limited = Value::Null;
    for _ in 0..3 {
        limited = wire.ask("GET", "clients/nobody", None).await.1;
    }
    let ours: BTreeMap<u64, &Value> = [&missing, &invalid, &limited]
        .into_iter()
        .map(|refusal| (refusal["statusCode"].as_u64().unwrap(), refusal))
        .collect();
    for (name, recording) in recordings(&["error-400", "error-404", "error-429"]) {
        let theirs = &recording["response"]["body"];
        // Refusals whose words a recorder lost say nothing of their shape.
        if theirs.get("statusCode").is_none() {
            continue;
        }
        let status = recording["response"]["status"].as_u64().unwrap();
        assert_eq!(
            differences(&name, ours[&status], theirs, true),
            Vec::<String>::new()
        );
        if status == 404 {
            let same = if name.contains("grant") {
                &no_grant
            } else {
                &missing
            };
            assert_eq!(same, theirs, "{name}");
        }
        if status == 429 {
            assert_eq!(&limited, theirs, "{name}");
        }
    }
}

#[tokio::test]
async fn tokens_and_discovery_have_the_shape_of_the_recordings() {
    let wire = Wire::new().await;
    let client: Registration = wire.tenant.registered().await;
    let endpoint = format!("{}oauth/token", wire.tenant.info.issuer);
    let ask = async |secret: &str| -> Value {
        let body = json!({
            "grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret,
            "audience": wire.tenant.info.api_url,
        });
        let response = wire.http.post(&endpoint).json(&body).send().await.unwrap();
        response.json().await.unwrap()
    };
    let token = ask(client.client_secret.as_ref().unwrap().expose()).await;
    for (name, recording) in recordings(&["token-client-credentials"]) {
        // The scope is told where the grant has some; the recorded APIs had none.
        let wrong = differences(&name, &token, &recording["response"]["body"], false);
        assert_eq!(wrong, Vec::<String>::new());
    }
    let refused = ask("wrong").await;
    for (name, recording) in recordings(&["error-401-token"]) {
        let theirs = &recording["response"]["body"];
        if theirs.get("error").is_some() {
            assert_eq!(&refused, theirs, "{name}");
        }
    }
    let document: Value = wire
        .http
        .get(format!(
            "{}.well-known/openid-configuration",
            wire.tenant.info.issuer
        ))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    for (name, recording) in recordings(&["discovery"]) {
        let wrong = differences(&name, &document, &recording["response"]["body"], false);
        assert_eq!(wrong, Vec::<String>::new());
    }
}

#[tokio::test]
async fn open_registration_has_the_shape_of_the_documentation() {
    for (name, recording) in recordings(&["create-client-dcr"]) {
        let wire = Wire::new().await;
        let url = format!("{}oidc/register", wire.tenant.info.issuer);
        let mut asked = recording["request"]["body"].clone();
        asked["token_endpoint_auth_method"] = json!("client_secret_post");
        let response = wire.http.post(url).json(&asked).send().await.unwrap();
        assert_eq!(response.status(), 201);
        let answer: Value = response.json().await.unwrap();
        let wrong = differences(&name, &answer, &recording["response"]["body"], true);
        assert_eq!(wrong, Vec::<String>::new());
        let client = Registration {
            client_id: answer["client_id"].as_str().unwrap().to_owned(),
            granted: metadata(&answer),
            ..Registration::default()
        };
        let read = wire.tenant.provider.read(context(), &client).await.unwrap();
        assert_eq!(read.metadata.client_name().unwrap(), asked["client_name"]);
    }
}
