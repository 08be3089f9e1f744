//! What the bridge's recorded exchanges answered and what ours answers have the same shape.

use keywright_sandbox::{Personality, SandboxFaults};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::bench::{Bench, text};
use crate::recordings::{Recording, recordings};
use crate::shape::{invented, missing};

const SELF: Personality = Personality::HttpBridge;

/// Members of a rule's finding that the recording leaves out: its test looked at no others.
const UNRECORDED: [&str; 3] = ["instancePath", "schemaPath", "message"];

/// The contract declares dates as text, and Kong's own bridge sends numbers: the dial that suits.
async fn bench(recording: &Recording) -> Bench {
    // An end in time, because no text says "never".
    let as_text = recording.answer["client_id_issued_at"].is_string();
    let bench = Bench::with(|options| {
        options.secret_lifetime_secs = if as_text { 3600 } else { 0 };
    })
    .await;
    let faults = SandboxFaults {
        vendor: [("dates_as_text".to_owned(), u32::from(as_text))].into(),
        ..SandboxFaults::default()
    };
    bench.sandbox.set_faults(SELF, faults);
    bench
}

struct Bridge<'a> {
    bench: &'a Bench,
    base: String,
    key: String,
}

impl<'a> Bridge<'a> {
    fn of(bench: &'a Bench) -> Self {
        let all = bench.sandbox.info().personalities;
        let own = all.into_iter().find(|one| one.name == SELF.name()).unwrap();
        Self {
            bench,
            base: own.set["dcr_base_url"].clone(),
            key: own.secrets["api_key"].clone(),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: &Value, has_key: bool) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        let mut request = self.bench.http.request(method, url);
        if has_key {
            request = request.header("x-api-key", &self.key);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn client(&self) -> String {
        let id = "426ac0a7-aeb6-4043-a404-c4bfe24f2705";
        let body = json!({
            "redirect_uris": [], "client_name": "a", "grant_types": ["client_credentials"],
            "scopes": [], "token_endpoint_auth_method": "client_secret_post",
            "application_description": "", "portal_id": id, "organization_id": id,
            "developer_id": id, "auth_strategy_id": id, "dcr_provider_id": id,
        });
        let (status, made) = self.ask(Method::POST, "/", &body, true).await;
        assert_eq!(status, 201);
        text(&made, "client_id").to_owned()
    }
}

/// What was recorded, sent to a client of ours.
async fn replayed(bridge: &Bridge<'_>, recording: &Recording) -> (u16, Value) {
    let recorded = recording
        .url
        .strip_prefix("https://bridge.example")
        .unwrap();
    let mut parts = recorded.split('/').skip(1);
    let path = match (parts.next().unwrap_or_default(), parts.next()) {
        ("", _) => "/".to_owned(),
        (_, None) => format!("/{}", bridge.client().await),
        (_, Some(below)) => format!("/{}/{below}", bridge.client().await),
    };
    let mut body = recording.sent.clone();
    // The recorded test had no identity provider behind it; ours gives client credentials alone.
    if let Some(grants) = body["grant_types"].as_array_mut() {
        grants.push(json!("client_credentials"));
    }
    let method = Method::from_bytes(recording.method.as_bytes()).unwrap();
    let has_key = recording.status != Some(401);
    bridge.ask(method, &path, &body, has_key).await
}

fn differences(recorded: &Value, ours: &Value) -> Vec<String> {
    let (Some(recorded), Some(ours)) = (recorded.as_object(), ours.as_object()) else {
        return if recorded.is_null() == ours.is_null() {
            Vec::new()
        } else {
            vec![format!("{ours} instead of {recorded}")]
        };
    };
    let mut all = missing(recorded, ours, &[]);
    all.extend(invented(&[recorded], ours));
    if let (Some(recorded), Some(ours)) = (first(recorded), first(ours)) {
        all.extend(missing(recorded, ours, &[]));
        let told = invented(&[recorded], ours);
        all.extend(told.into_iter().filter(|one| {
            let name = one.split(' ').next().unwrap_or_default();
            !UNRECORDED.contains(&name)
        }));
        let (recorded, ours) = (&recorded["params"], &ours["params"]);
        all.extend(differences(recorded, ours));
    }
    all
}

/// The first finding of a validator.
fn first(answer: &Map<String, Value>) -> Option<&Map<String, Value>> {
    answer.get("error_description")?.get(0)?.as_object()
}

#[tokio::test]
async fn every_answer_has_the_recorded_status_and_shape() {
    let Some(all) = recordings("kong-http-bridge") else {
        return;
    };
    let mut compared = 0;
    for recording in &all {
        // The bridge's own request to Okta: Okta's personality answers that.
        if recording.operation == "create-client-upstream" {
            continue;
        }
        let bench = bench(recording).await;
        let bridge = Bridge::of(&bench);
        let (status, ours) = replayed(&bridge, recording).await;
        assert_eq!(Some(status), recording.status, "{}", recording.name);
        let differs = differences(&recording.answer, &ours);
        assert!(differs.is_empty(), "{}: {differs:?}", recording.name);
        compared += 1;
    }
    assert!(compared >= 9, "only {compared} recordings were compared");
}
