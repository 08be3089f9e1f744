//! Curity's recorded answers and ours have the same shape, so that the Sandbox cannot drift from it.

use std::collections::BTreeMap;

use keywright_sandbox::{Personality, SandboxFaults};
use serde_json::{Map, Value, json};

use crate::bench::{Bench, text};
use crate::recordings::{Recording, recordings};
use crate::shape::{invented, missing};

const SELF: Personality = Personality::Curity;

/// Members of recorded answers that the Sandbox does not send.
const ABSENT: [&str; 1] = [
    // Its clients prove themselves by a secret, never by a certificate.
    "tls_client_auth_subject_dn",
];

/// What was asked for, as the Sandbox can be asked for it.
fn asked(recording: &Recording) -> Value {
    let mut body = recording.sent.clone();
    let members = body.as_object_mut().unwrap();
    // A gateway before the recorded server took it out: the server refuses what is at another origin
    // than the redirect URIs, and so does the Sandbox.
    members.remove("client_uri");
    if members["token_endpoint_auth_method"] == "tls_client_auth" {
        members.remove("tls_client_auth_subject_dn");
        members.insert(
            "token_endpoint_auth_method".into(),
            json!("client_secret_basic"),
        );
    }
    body
}

/// A Sandbox that is set up as the recorded server was: open, and with or without management.
async fn bench(with_management: bool) -> Bench {
    let bench = Bench::new().await;
    let vendor = BTreeMap::from([
        ("open_registration".to_owned(), 1),
        ("management_off".to_owned(), u32::from(!with_management)),
    ]);
    let faults = SandboxFaults {
        vendor,
        ..SandboxFaults::default()
    };
    bench.sandbox.set_faults(SELF, faults);
    bench
}

fn profile(bench: &Bench) -> String {
    format!("{}/curity/oauth/v2", bench.sandbox.info().idp)
}

async fn registered(bench: &Bench, asked: &Value) -> Map<String, Value> {
    let url = format!("{}/oauth-registration", profile(bench));
    let response = bench.http.post(url).json(asked).send().await.unwrap();
    assert_eq!(response.status(), 201, "{asked}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn registration_answers_have_the_recorded_members() {
    let Some(all) = recordings(SELF.name()) else {
        return;
    };
    let made: Vec<&Recording> = all
        .iter()
        .filter(|recording| recording.operation == "create-client")
        .collect();
    let answers: Vec<&Map<String, Value>> = made
        .iter()
        .map(|recording| recording.answer.as_object().unwrap())
        .collect();
    assert!(!answers.is_empty());
    for (recording, recorded) in made.iter().zip(&answers) {
        let bench = bench(recorded.contains_key("registration_client_uri")).await;
        let ours = registered(&bench, &asked(recording)).await;
        let mut differs = missing(recorded, &ours, &ABSENT);
        differs.extend(invented(&answers, &ours));
        assert!(differs.is_empty(), "{}: {differs:#?}", recording.name);
    }
}

#[tokio::test]
async fn a_token_answer_has_the_recorded_members() {
    let Some(all) = recordings(SELF.name()) else {
        return;
    };
    let tokens: Vec<&Map<String, Value>> = all
        .iter()
        .filter(|recording| recording.operation.starts_with("token"))
        .map(|recording| recording.answer.as_object().unwrap())
        .collect();
    assert!(!tokens.is_empty());
    let bench = bench(true).await;
    let client = Value::Object(registered(&bench, &json!({})).await);
    let ours: Map<String, Value> = bench
        .http
        .post(format!("{}/oauth-token", profile(&bench)))
        .basic_auth(
            text(&client, "client_id"),
            Some(text(&client, "client_secret")),
        )
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    for recorded in &tokens {
        let mut differs = missing(recorded, &ours, &[]);
        differs.extend(invented(&tokens, &ours));
        assert!(differs.is_empty(), "{differs:#?}");
        assert_eq!(ours["token_type"], recorded["token_type"]);
    }
}
