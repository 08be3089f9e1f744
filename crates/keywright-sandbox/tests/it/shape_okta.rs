//! Okta's recorded answers and ours have the same shape, so that the Sandbox cannot drift from it.

use std::collections::BTreeMap;

use keywright_sandbox::{Personality, SandboxFaults};
use reqwest::{Method, Response};
use serde_json::{Map, Value, json};

use crate::bench::{Bench, text};
use crate::recordings::{Recording, recordings};
use crate::shape::{invented, missing};

const SELF: Personality = Personality::Okta;

/// Members of recorded answers that the Sandbox does not send, and why.
const ABSENT: [&str; 11] = [
    // Only an answer to who set them has these, and the examples show them to everyone.
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    // Nobody signs in to the Sandbox: no users, no tokens of theirs.
    "userinfo_endpoint",
    "claims_supported",
    "id_token_signing_alg_values_supported",
    "request_object_signing_alg_values_supported",
    "dpop_signing_alg_values_supported",
    "backchannel_token_delivery_modes_supported",
    "backchannel_authentication_request_signing_alg_values_supported",
    "id_token",
    "refresh_token",
];

struct Org {
    bench: Bench,
    root: String,
    token: String,
}

impl Org {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let info = bench.sandbox.info();
        let own = info
            .personalities
            .iter()
            .find(|one| one.name == SELF.name())
            .unwrap();
        Self {
            root: own.issuer.replace("/oauth2/default", ""),
            token: own.secrets["dcr_token"].clone(),
            bench,
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request = self
            .bench
            .http
            .request(method, format!("{}{path}", self.root))
            .header("authorization", format!("SSWS {}", self.token));
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    }

    async fn answer(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        self.ask(method, path, body).await.json().await.unwrap()
    }

    async fn service(&self) -> Value {
        let draft = json!({
            "client_name": "a", "application_type": "service", "grant_types": ["client_credentials"],
            "response_types": ["token"], "token_endpoint_auth_method": "client_secret_basic",
        });
        self.answer(Method::POST, "/oauth2/v1/clients", Some(&draft))
            .await
    }
}

fn of<'a>(all: &'a [Recording], operation: &str, part: &str) -> Vec<&'a Recording> {
    let found: Vec<&Recording> = all
        .iter()
        .filter(|one| one.operation == operation && one.url.contains(part))
        .filter(|one| one.status.is_some_and(|status| status < 300))
        .collect();
    assert!(!found.is_empty(), "no {operation} at {part} is recorded");
    found
}

fn members(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// Each recorded answer next to ours, and ours next to all of them.
fn same(recorded: &[&Value], ours: &Value) {
    let all: Vec<&Map<String, Value>> = recorded.iter().map(|value| members(value)).collect();
    let mut differs: Vec<String> = all
        .iter()
        .flat_map(|one| missing(one, members(ours), &ABSENT))
        .collect();
    differs.extend(invented(&all, members(ours)));
    assert!(differs.is_empty(), "{differs:#?} in {ours:#}");
}

#[tokio::test]
async fn a_registration_answers_with_the_recorded_members() {
    let Some(all) = recordings(SELF.name()) else {
        return;
    };
    for recording in of(&all, "create-client", "/oauth2/v1/clients") {
        let org = Org::new().await;
        let mut asked = recording.sent.clone();
        // An example leaves out what Okta's own text demands of an application with users.
        if asked["application_type"] == "web" && asked["redirect_uris"].is_null() {
            asked["redirect_uris"] = json!(["https://www.example.com/cb"]);
        }
        let response = org
            .ask(Method::POST, "/oauth2/v1/clients", Some(&asked))
            .await;
        assert_eq!(
            Some(response.status().as_u16()),
            recording.status,
            "{}",
            recording.name
        );
        let ours: Value = response.json().await.unwrap();
        let recorded = members(&recording.answer);
        let mut differs = missing(recorded, members(&ours), &ABSENT);
        differs.extend(invented(&[recorded], members(&ours)));
        assert!(differs.is_empty(), "{}: {differs:#?}", recording.name);
    }
}

#[tokio::test]
async fn a_list_a_read_and_a_new_secret_have_the_recorded_members() {
    let Some(all) = recordings(SELF.name()) else {
        return;
    };
    let org = Org::new().await;
    let made = org.service().await;
    let id = text(&made, "client_id");
    let listed = org.answer(Method::GET, "/oauth2/v1/clients", None).await;
    // The recorded list has all kinds of clients; ours is next to the one of its own kind.
    let recorded = of(&all, "list-clients", "/oauth2/v1/clients")[0];
    let service = recorded.answer.as_array().unwrap().iter();
    let service = service
        .into_iter()
        .find(|one| one["application_type"] == "service")
        .unwrap();
    same(&[service], &listed[0]);

    let place = format!("/oauth2/v1/clients/{id}");
    let read = org.answer(Method::GET, &place, None).await;
    let new = org
        .answer(Method::POST, &format!("{place}/lifecycle/newSecret"), None)
        .await;
    // The recorded client is a web one, with addresses for its users, and its example shows a secret
    // that Okta's text keeps for who makes or changes it.
    let users = [
        "client_secret",
        "post_logout_redirect_uris",
        "initiate_login_uri",
    ];
    let addresses = |value: &Value| {
        let mut value = value.clone();
        for name in ["client_uri", "logo_uri"] {
            value[name] = Value::Null;
        }
        value
    };
    let recorded = addresses(&of(&all, "read-client", "/oauth2/v1/clients/")[0].answer);
    let differs = missing(
        members(&recorded),
        members(&read),
        &[&users[..], &ABSENT[..]].concat(),
    );
    assert!(differs.is_empty(), "{differs:#?}");
    let recorded = addresses(&of(&all, "rotate-secret", "/newSecret")[0].answer);
    let differs = missing(
        members(&recorded),
        members(&new),
        &[&users[1..], &ABSENT[..]].concat(),
    );
    assert!(differs.is_empty(), "{differs:#?}");
}

#[tokio::test]
async fn secrets_have_the_recorded_members_in_each_of_their_states() {
    let Some(all) = recordings(SELF.name()) else {
        return;
    };
    let org = Org::new().await;
    let made = org.service().await;
    let place = format!(
        "/api/v1/apps/{}/credentials/secrets",
        text(&made, "client_id")
    );
    let answer_of = |one: &&Recording| one.answer.clone();
    let added = org.answer(Method::POST, &place, None).await;
    let recorded: Vec<Value> = of(&all, "rotate-secret", "/api/v1/apps/")
        .iter()
        .map(answer_of)
        .collect();
    same(&recorded.iter().collect::<Vec<_>>(), &added);
    let listed = org.answer(Method::GET, &place, None).await;
    for recording in of(&all, "read-secrets", "/api/v1/apps/") {
        same(
            &recording
                .answer
                .as_array()
                .unwrap()
                .iter()
                .collect::<Vec<_>>(),
            &listed[0],
        );
    }
    let id = text(&added, "id");
    let ended = format!("{place}/{id}/lifecycle/deactivate");
    let off = org.answer(Method::POST, &ended, None).await;
    let recorded: Vec<Value> = of(&all, "rotate-secret-lifecycle", "/api/v1/apps/")
        .iter()
        .map(answer_of)
        .filter(|answer| answer["status"] == "INACTIVE")
        .collect();
    same(&recorded.iter().collect::<Vec<_>>(), &off);
    same(&[&recorded[0]["_links"]], &off["_links"]);
    let deleted = org
        .ask(Method::DELETE, &format!("{place}/{id}"), None)
        .await;
    assert_eq!(deleted.status(), 204);
    assert!(deleted.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn deactivation_the_org_and_its_server_answer_as_recorded() {
    let Some(all) = recordings(SELF.name()) else {
        return;
    };
    let org = Org::new().await;
    let made = org.service().await;
    let place = format!(
        "/api/v1/apps/{}/lifecycle/deactivate",
        text(&made, "client_id")
    );
    let ours = org.answer(Method::POST, &place, None).await;
    assert_eq!(ours, of(&all, "deactivate-client", "/apps/")[0].answer);

    let ours = org
        .answer(Method::GET, "/.well-known/okta-organization", None)
        .await;
    for recording in of(&all, "discovery", "okta-organization") {
        same(&[&recording.answer], &ours);
        same(&[&recording.answer["settings"]], &ours["settings"]);
    }
    let ours = org
        .answer(Method::GET, "/api/v1/authorizationServers/default", None)
        .await;
    for recording in of(&all, "create-authorization-server", "/authorizationServers") {
        same(&[&recording.answer], &ours);
        let of_keys = |value: &Value| value["credentials"]["signing"].clone();
        same(&[&of_keys(&recording.answer)], &of_keys(&ours));
    }
}

#[tokio::test]
async fn metadata_and_keys_have_the_recorded_members() {
    let Some(all) = recordings(SELF.name()) else {
        return;
    };
    let org = Org::new().await;
    for (document, path) in [
        ("openid-configuration", "/.well-known/openid-configuration"),
        (
            "openid-configuration",
            "/oauth2/default/.well-known/openid-configuration",
        ),
        (
            "oauth-authorization-server",
            "/.well-known/oauth-authorization-server",
        ),
    ] {
        let ours = org.answer(Method::GET, path, None).await;
        for recording in of(&all, "discovery", document) {
            let mut recorded = members(&recording.answer).clone();
            // Newer answers have more of them than older ones: those that all have are ours too.
            recorded.retain(|name, _| {
                of(&all, "discovery", document)
                    .iter()
                    .all(|one| members(&one.answer).contains_key(name))
            });
            let differs = missing(&recorded, members(&ours), &ABSENT);
            assert!(
                differs.is_empty(),
                "{path}, {}: {differs:#?}",
                recording.name
            );
        }
    }
    let keys = org
        .answer(Method::GET, "/oauth2/default/v1/keys", None)
        .await;
    let recorded = of(&all, "jwks", "/v1/keys")[0];
    // The Sandbox signs with an elliptic curve: other numbers, the same rest.
    let differs = missing(
        members(&recorded.answer["keys"][0]),
        members(&keys["keys"][0]),
        &["n", "e"],
    );
    assert!(differs.is_empty(), "{differs:#?}");
}

#[tokio::test]
async fn tokens_and_refusals_have_the_recorded_members() {
    let Some(all) = recordings(SELF.name()) else {
        return;
    };
    let org = Org::new().await;
    let made = org.service().await;
    let ask = async |form: &str| {
        org.bench
            .http
            .post(format!("{}/oauth2/default/v1/token", org.root))
            .basic_auth(text(&made, "client_id"), Some(text(&made, "client_secret")))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
            .send()
            .await
            .unwrap()
            .json::<Value>()
            .await
            .unwrap()
    };
    let token = ask("grant_type=client_credentials&scope=orders:read").await;
    for recording in all.iter().filter(|one| one.operation.starts_with("token")) {
        same(&[&recording.answer], &token);
    }
    let refused = ask("grant_type=client_credentials&scope=openid").await;
    let at_token = all.iter().filter(|one| one.url.contains("/v1/token"));
    for recording in at_token.filter(|one| one.answer["error"].is_string()) {
        same(&[&recording.answer], &refused);
    }

    // Each of Okta's own codes that the Sandbox has, in Okta's own envelope.
    let ours = refusals(&org, text(&made, "client_id")).await;
    let mut seen = 0;
    for recording in &all {
        let code = recording.answer["errorCode"].as_str().unwrap_or_default();
        let Some((status, body)) = ours.get(code) else {
            continue;
        };
        assert_eq!(recording.status, Some(*status), "{}", recording.name);
        same(&[&recording.answer], body);
        seen += 1;
    }
    assert!(
        seen > 20,
        "only {seen} recorded refusals have a code of ours"
    );
    let bad = org
        .ask(Method::POST, "/oauth2/v1/clients", Some(&json!({})))
        .await;
    assert_eq!(bad.status(), 400);
    let bad: Value = bad.json().await.unwrap();
    let recorded: Vec<&Value> = all
        .iter()
        .filter(|one| one.answer["error"] == "invalid_client_metadata")
        .map(|one| &one.answer)
        .collect();
    same(&recorded, &bad);
}

/// What the Sandbox refuses with each of its codes.
async fn refusals(org: &Org, id: &str) -> BTreeMap<String, (u16, Value)> {
    let turned = |key: &str| SandboxFaults {
        vendor: BTreeMap::from([(key.to_owned(), 1)]),
        ..SandboxFaults::default()
    };
    let limited = SandboxFaults {
        too_many_requests_percent: 100,
        ..SandboxFaults::default()
    };
    let client = format!("/oauth2/v1/clients/{id}");
    let secret = format!("/api/v1/apps/{id}/credentials/secrets");
    let first = org.answer(Method::GET, &secret, None).await;
    let active = format!("{secret}/{}", text(&first[0], "id"));
    let cases = [
        (
            SandboxFaults::default(),
            Method::GET,
            "/oauth2/v1/clients/0oaNOBODY",
        ),
        (SandboxFaults::default(), Method::PATCH, client.as_str()),
        (SandboxFaults::default(), Method::POST, "/oauth2/v1/clients"),
        (
            SandboxFaults::default(),
            Method::GET,
            "/oauth2/v1/clients?after=odd",
        ),
        (SandboxFaults::default(), Method::DELETE, active.as_str()),
        (turned("read_only_admin"), Method::DELETE, client.as_str()),
        (
            turned("deactivate_before_delete"),
            Method::DELETE,
            client.as_str(),
        ),
        (limited, Method::GET, client.as_str()),
    ];
    let mut all = BTreeMap::new();
    for (faults, method, path) in cases {
        org.bench.sandbox.set_faults(SELF, faults);
        let response = org.ask(method, path, None).await;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body: Value = response.json().await.unwrap();
        if status == 429 {
            let told = |name: &str| headers.contains_key(name);
            assert!(
                told("x-rate-limit-limit") && told("x-rate-limit-reset") && !told("retry-after")
            );
        }
        all.insert(text(&body, "errorCode").to_owned(), (status, body));
    }
    assert_eq!(all.len(), 8, "{:?}", all.keys());
    org.bench.sandbox.set_faults(SELF, SandboxFaults::default());
    all
}
