//! Each identity provider with each way of calling an API, through the gateway: twelve cases, each by
//! the command line and by the core.

use keywright_core::view::{CallAuth, CallInput};
use keywright_sandbox::Personality;
use keywright_tests::{Cli, CoreFixture, SandboxProcess};
use serde_json::Value;

const PROVIDERS: [(Personality, &str); 4] = [
    (Personality::Auth0, "Auth0"),
    (Personality::Curity, "Curity"),
    (Personality::Okta, "Okta"),
    (Personality::Entra, "Azure"),
];

/// The order matters: the session is made by the way before it.
const WAYS: [(CallAuth, &str); 3] = [
    (CallAuth::ClientCredentials, "client-credentials"),
    (CallAuth::Bearer, "bearer"),
    (CallAuth::Session, "session"),
];

/// Adds the configuration of a personality and registers at it, by the command line.
fn by_command_line(cli: &Cli, there: &Value, name: &str) {
    cli.config_of(there, name);
    let verified = cli.run(&["config", "verify", name]).json();
    assert_eq!(verified["ok"], true, "{name}: {verified}");
    let made = cli.register_at(there, name, name);
    assert_eq!(made.code, 0, "{name}: {made:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_of_providers_and_ways() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let fixture = CoreFixture::new().await;
    let mut passed = Vec::new();
    for (personality, provider) in PROVIDERS {
        let there = sandbox.named(personality.name());
        by_command_line(&cli, there, personality.name());
        let configuration = fixture.configure(personality);
        let draft = fixture.draft(personality, &configuration.id, personality.name());
        let made = fixture
            .keywright
            .registration()
            .register(draft)
            .await
            .unwrap()
            .application;
        for (way, option) in WAYS {
            let case = format!("{provider} × {option}");
            let called = cli.run(&[
                "call",
                "GET",
                there["api_url"].as_str().unwrap(),
                "--app",
                personality.name(),
                "--auth",
                option,
                "--fail",
            ]);
            assert_eq!(called.json()["status"], 200, "{case} by command line");
            let called = fixture
                .keywright
                .calls()
                .send(&CallInput {
                    application_id: made.id.clone(),
                    method: "GET".into(),
                    url: fixture.info(personality).api_url,
                    headers: Vec::new(),
                    body: None,
                    auth: way,
                    resources: Vec::new(),
                })
                .await
                .unwrap_or_else(|error| panic!("{case} by core: {error}"));
            assert_eq!(called.status, 200, "{case} by core: {}", called.body);
            eprintln!("{case:<28} command line 200, core 200");
            passed.push(case);
        }
    }
    assert_eq!(passed.len(), 12, "{passed:?}");
}
