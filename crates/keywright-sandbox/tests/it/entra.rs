//! The adapter of Microsoft Entra ID at the personality of Entra: everything a person can do with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_oauth::http::{HttpClient, Recorder};
use keywright_oauth::register::{ClientInformation, RegistrationError};
use keywright_oauth::secret::{AdminSecret, ClientSecret};
use keywright_oauth::time::Clock;
use keywright_oauth::token::{self, TokenError, TokenResponse};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, Context, Finding, Mark, Provider, ProviderConfig,
    ProviderError, ProviderKind, Registration, StepState, TokenWish, Verification, VerifyStep,
    advice,
};
use keywright_sandbox::{Personality, PersonalityInfo, SandboxFaults};
use serde_json::json;
use uuid::Uuid;

use crate::bench::{Bench, START, cookies};

/// A configuration of the adapter for a running Sandbox.
struct Desk {
    bench: Bench,
    info: PersonalityInfo,
    provider: Provider,
}

/// What a vault would know, line by line.
#[derive(Default)]
struct Journal {
    lines: Mutex<Vec<(&'static str, Option<ClientInformation>)>>,
}

impl Journal {
    #[allow(
        clippy::unnecessary_wraps,
        reason = "the shape of a journal, which may fail"
    )]
    fn keep(&self, checkpoint: &Checkpoint<'_>) -> Result<(), CheckpointError> {
        let line = match checkpoint {
            Checkpoint::Sending { step } => (*step, None),
            Checkpoint::Answered {
                step, information, ..
            } => (*step, Some((*information).clone())),
        };
        self.lines.lock().unwrap().push(line);
        Ok(())
    }

    /// What the last answer made known.
    fn known(&self) -> Option<Registration> {
        let lines = self.lines.lock().unwrap();
        lines
            .iter()
            .rev()
            .find_map(|(_, made)| made.as_ref().map(registered))
    }

    fn last_step(&self) -> &'static str {
        self.lines.lock().unwrap().last().unwrap().0
    }
}

fn registered(made: &ClientInformation) -> Registration {
    let mut handles = made.handles.clone();
    handles.retain(|_, value| !value.is_empty());
    Registration {
        client_id: made.client_id.clone(),
        client_secret: made.client_secret.clone(),
        handles,
        granted: made.metadata.clone(),
        ..Registration::default()
    }
}

macro_rules! context {
    ($journal:expr) => {
        Context {
            flow: Uuid::now_v7(),
            mark: Mark {
                vault: Uuid::from_u128(1),
                entry: Uuid::from_u128(2),
            },
            keep: &|checkpoint| $journal.keep(&checkpoint),
            progress: &|_: &VerifyStep| {},
        }
    };
}

fn wanted() -> ClientMetadata {
    let mut wanted = ClientMetadata::default();
    wanted.set("client_name", "Orders");
    wanted.set("grant_types", json!(["client_credentials"]));
    wanted
}

impl Desk {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let bench = Bench::new().await;
        let info = bench.sandbox.info();
        let info = info
            .personalities
            .into_iter()
            .find(|one| one.name == Personality::Entra.name())
            .unwrap();
        let provider = provider(&info, &info.issuer, settings, None);
        Self {
            bench,
            info,
            provider,
        }
    }

    fn faults(&self, faults: SandboxFaults) {
        self.bench.sandbox.set_faults(Personality::Entra, faults);
    }

    fn dial(&self, key: &str, value: u32) {
        self.faults(SandboxFaults {
            vendor: BTreeMap::from([(key.to_owned(), value)]),
            ..SandboxFaults::default()
        });
    }

    async fn register(&self, wanted: &ClientMetadata) -> Registration {
        let journal = Journal::default();
        let made = self.provider.register(context!(journal), wanted).await;
        registered(&made.unwrap())
    }

    async fn token(&self, at: &Registration) -> Result<TokenResponse, TokenError> {
        let flow = Uuid::now_v7();
        let request = self
            .provider
            .token_request(at, TokenWish::default(), flow)
            .unwrap();
        token::request_token(&http(&config(&self.info, &self.info.issuer, &[])), &request).await
    }

    /// The code of the token service's refusal.
    async fn refusal(&self, at: &Registration) -> i64 {
        match self.token(at).await {
            Err(TokenError::Refused { words, .. }) => words.codes[0],
            other => panic!("{other:?}"),
        }
    }

    async fn call(&self, token: &TokenResponse) -> reqwest::Response {
        let request = self.bench.http.get(&self.info.api_url);
        let request = request.bearer_auth(token.access_token.expose());
        request.send().await.unwrap()
    }

    async fn verify(&self) -> Verification {
        let journal = Journal::default();
        self.provider.verify(context!(journal)).await
    }
}

fn config(info: &PersonalityInfo, issuer: &str, settings: &[(&str, &str)]) -> ProviderConfig {
    let mut all = info.set.clone();
    all.extend(
        settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    );
    ProviderConfig {
        kind: ProviderKind::Entra,
        issuer: issuer.to_owned(),
        settings: all,
        secrets: info
            .secrets
            .iter()
            .map(|(key, value)| (key.clone(), AdminSecret::new(value.clone())))
            .collect(),
        metadata: None,
    }
}

fn http(config: &ProviderConfig) -> HttpClient {
    let (clock, _) = Clock::manual(START);
    HttpClient::new(config.http_policy(), clock, Recorder::none()).unwrap()
}

fn provider(
    info: &PersonalityInfo,
    issuer: &str,
    settings: &[(&str, &str)],
    secret: Option<&str>,
) -> Provider {
    let mut config = config(info, issuer, settings);
    if let Some(secret) = secret {
        config.secrets.insert(
            "initial_client_secret".to_owned(),
            AdminSecret::new(secret.to_owned()),
        );
    }
    let http = http(&config);
    Provider::new(config, http, AdminTokens::default())
}

fn state(seen: &Verification, step: &str) -> (StepState, String) {
    let step = seen.steps.iter().find(|one| one.name.as_str() == step);
    let step = step.unwrap();
    let key = match &step.finding {
        Some(Finding::Told { key, .. }) => key.to_string(),
        other => format!("{other:?}"),
    };
    (step.state, key)
}

fn refused(error: ProviderError) -> (u16, Option<&'static str>) {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. }) => {
            (words.status, advice(ProviderKind::Entra, &words))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_configuration_is_verified_and_what_is_wrong_with_one_is_named() {
    let desk = Desk::new().await;
    let good = desk.verify().await;
    assert!(good.ok() && !good.warns(), "{:?}", good.steps);
    assert!(good.unconfirmed_hosts.is_empty());
    assert_eq!(state(&good, "permissions").1, "entra_permission");
    assert_eq!(desk.bench.sandbox.client_count(), 0, "Verify makes nothing");

    let journal = Journal::default();
    let wrong = provider(&desk.info, &desk.info.issuer, &[], Some("wrong"));
    let seen = wrong.verify(context!(journal)).await;
    assert_eq!(
        state(&seen, "admin_token"),
        (StepState::Failed, "entra_wrong_secret".into())
    );
    let nowhere = desk.info.issuer.replace("5a2d0bc6", "00000000");
    let seen = provider(&desk.info, &nowhere, &[], None)
        .verify(context!(journal))
        .await;
    assert_eq!(
        state(&seen, "discovery"),
        (StepState::Failed, "entra_tenant_unknown".into())
    );
    desk.dial("permission_missing", 1);
    let seen = desk.verify().await;
    for step in ["permissions", "admin_api"] {
        assert_eq!(
            state(&seen, step),
            (StepState::Failed, "entra_permission_missing".into())
        );
    }
    desk.faults(SandboxFaults {
        wrong_issuer: true,
        ..SandboxFaults::default()
    });
    assert_eq!(state(&desk.verify().await, "issuer").0, StepState::Failed);
}

#[tokio::test]
async fn a_client_is_registered_gets_a_token_and_calls_the_api_in_three_ways() {
    let desk = Desk::new().await;
    let at = desk.register(&wanted()).await;
    let token = desk.token(&at).await.unwrap();
    assert_eq!(token.expires_in, Some(3599));
    let first = desk.call(&token).await;
    assert_eq!(first.status(), 200);
    let session = desk
        .bench
        .http
        .get(&desk.info.api_url)
        .header("cookie", cookies(&first));
    assert_eq!(session.send().await.unwrap().status(), 200);
    let secret = at.client_secret.as_ref().map(ClientSecret::expose);
    let basic = desk.bench.http.get(&desk.info.api_url);
    let basic = basic.basic_auth(&at.client_id, secret);
    assert_eq!(basic.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_token_for_graph_is_given_and_no_gateway_takes_it() {
    let desk = Desk::with(&[("default_resource", "https://graph.microsoft.com")]).await;
    let at = desk.register(&wanted()).await;
    assert_eq!(at.handle("app_id_uri"), None);
    let token = desk.token(&at).await.unwrap();
    assert_eq!(desk.call(&token).await.status(), 401);
}

#[tokio::test]
async fn the_whole_of_the_metadata_comes_back_and_can_be_changed() {
    let desk = Desk::new().await;
    let mut full = wanted();
    full.set(
        "grant_types",
        json!(["client_credentials", "authorization_code", "refresh_token"]),
    );
    full.set(
        "redirect_uris",
        json!(["https://a.example/1", "https://a.example/2"]),
    );
    full.set("client_uri", "https://a.example");
    full.set("tos_uri", "https://a.example/tos");
    full.set("policy_uri", "https://a.example/privacy");
    full.set("token_endpoint_auth_method", "client_secret_basic");
    let at = desk.register(&full).await;
    full.set("scope", format!("api://{}/.default", at.client_id));
    assert_eq!(at.granted, {
        let mut granted = ClientMetadata::default();
        for name in at.granted.members().keys() {
            granted.set(name, full.members()[name].clone());
        }
        granted
    });
    assert_eq!(at.granted.members().len(), full.members().len());
    assert!(desk.token(&at).await.is_ok(), "by Basic");

    let journal = Journal::default();
    let read = desk.provider.read(context!(journal), &at).await.unwrap();
    assert_eq!(read.metadata, at.granted);
    assert!(read.client_secret.is_none(), "a secret is told once");
    assert_eq!(read.client_secret_expires_at, Some(START + 180 * 86_400));
    let mut less = wanted();
    less.set("client_name", "Orders 2");
    let updated = desk.provider.update(context!(journal), &at, &less).await;
    let updated = updated.unwrap().metadata;
    assert_eq!(updated.client_name().unwrap(), "Orders 2");
    assert_eq!(updated.grant_types().unwrap(), ["client_credentials"]);
    assert!(!updated.members().contains_key("client_uri"));
    assert!(desk.token(&at).await.is_ok(), "an update leaves the secret");
}

#[tokio::test]
async fn what_is_granted_is_what_the_answer_says() {
    let desk = Desk::new().await;
    desk.faults(SandboxFaults {
        grant_less: true,
        ..SandboxFaults::default()
    });
    let mut asked = wanted();
    asked.set(
        "grant_types",
        json!(["client_credentials", "authorization_code"]),
    );
    asked.set("redirect_uris", json!(["https://a.example/1"]));
    let at = desk.register(&asked).await;
    assert_eq!(at.granted.grant_types().unwrap(), ["client_credentials"]);
    assert_eq!(at.granted.redirect_uris().unwrap_or_default().len(), 0);
}

#[tokio::test]
async fn each_refusal_is_told_with_what_to_do() {
    let desk = Desk::new().await;
    let journal = Journal::default();
    for (dial, status, told) in [
        ("permission_missing", 403, "entra_permission_missing"),
        ("secrets_forbidden", 400, "entra_secrets_forbidden"),
        ("secret_lifetime_capped", 400, "entra_lifetime_capped"),
    ] {
        desk.dial(dial, 1);
        let error = desk.provider.register(context!(journal), &wanted()).await;
        assert_eq!(refused(error.unwrap_err()), (status, Some(told)), "{dial}");
    }
    let mut wrong = wanted();
    wrong.set("redirect_uris", json!(["no address"]));
    let error = desk.provider.register(context!(journal), &wrong).await;
    assert_eq!(refused(error.unwrap_err()).0, 400);
    let wrong = provider(&desk.info, &desk.info.issuer, &[], Some("wrong"));
    let error = wrong.register(context!(journal), &wanted()).await;
    assert!(matches!(error, Err(ProviderError::Admin { .. })));
}

#[tokio::test]
async fn a_registration_that_a_policy_stopped_is_finished_with_a_shorter_secret() {
    let desk = Desk::new().await;
    desk.dial("secret_lifetime_capped", 1);
    let journal = Journal::default();
    let stopped = desk.provider.register(context!(journal), &wanted()).await;
    assert!(stopped.is_err());
    assert_eq!(journal.last_step(), "entra_secret");
    let shorter = provider(
        &desk.info,
        &desk.info.issuer,
        &[("secret_lifetime_days", "30")],
        None,
    );
    let known = journal.known().unwrap();
    let made = shorter.resume(context!(journal), &wanted(), &known).await;
    let made = made.unwrap();
    assert_eq!(made.client_secret_expires_at, Some(START + 30 * 86_400));
    assert!(desk.token(&registered(&made)).await.is_ok());
}

#[tokio::test]
async fn f14_a_rate_limit_is_waited_out() {
    let desk = Desk::new().await;
    desk.faults(SandboxFaults {
        too_many_requests_percent: 40,
        ..SandboxFaults::default()
    });
    // The administrator's token is not Graph's to pace: it is asked for until it is there.
    let journal = Journal::default();
    for _ in 0..5 {
        match desk.provider.register(context!(journal), &wanted()).await {
            Ok(_) => return,
            Err(ProviderError::Admin { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("never registered");
}

#[tokio::test]
async fn f17_lag_is_waited_out_at_graph_and_told_of_at_the_token_service() {
    let desk = Desk::new().await;
    desk.dial("graph_lag_ms", 700);
    let at = desk.register(&wanted()).await;
    desk.faults(SandboxFaults {
        replication_lag_ms: 60_000,
        ..SandboxFaults::default()
    });
    let error = desk.token(&at).await.unwrap_err();
    assert!(desk.provider.is_settling(&error, &at, START + 1), "700016");
    assert!(!desk.provider.is_settling(&error, &at, START + 1000));
    desk.dial("secret_lag_ms", 60_000);
    let error = desk.token(&at).await.unwrap_err();
    assert!(desk.provider.is_settling(&error, &at, START + 1), "7000215");
    desk.dial("secret_lag_ms", 0);
    assert!(desk.token(&at).await.is_ok());
}

/// The connection is cut after the request of one step was carried out.
#[tokio::test]
async fn f12_an_answer_that_is_lost_at_any_step_is_made_good_by_a_resume() {
    for step in [
        "entra_application",
        "entra_secret",
        "entra_service_principal",
        "entra_app_id_uri",
    ] {
        let desk = Arc::new(Desk::new().await);
        let journal = Journal::default();
        let cutting = Arc::clone(&desk);
        let keep = |checkpoint: Checkpoint<'_>| {
            let cut = matches!(&checkpoint, Checkpoint::Sending { step: next } if *next == step);
            cutting.faults(SandboxFaults {
                drop_after_receiving_percent: if cut { 100 } else { 0 },
                ..SandboxFaults::default()
            });
            journal.keep(&checkpoint)
        };
        let context = Context {
            flow: Uuid::now_v7(),
            mark: Mark {
                vault: Uuid::from_u128(1),
                entry: Uuid::from_u128(2),
            },
            keep: &keep,
            progress: &|_: &VerifyStep| {},
        };
        let lost = desk.provider.register(context, &wanted()).await;
        let Err(ProviderError::Registration(lost)) = lost else {
            panic!("{step}: {lost:?}")
        };
        assert!(lost.outcome_unknown(), "{step}: {lost:?}");
        desk.faults(SandboxFaults::default());
        let known = match journal.known() {
            Some(known) => known,
            // The application itself: it is found again by its mark.
            None => marked(&desk).await,
        };
        let again = Journal::default();
        let made = desk
            .provider
            .resume(context!(again), &wanted(), &known)
            .await;
        let made = registered(&made.unwrap());
        let token = desk.token(&made).await.unwrap();
        assert_eq!(desk.call(&token).await.status(), 200, "{step}");
        assert_eq!(
            desk.bench.sandbox.client_count(),
            1,
            "{step}: one application"
        );
        let read = desk.provider.read(context!(again), &made).await.unwrap();
        assert!(read.client_secret_expires_at.is_some(), "{step}");
    }
}

/// The one application with our mark.
async fn marked(desk: &Desk) -> Registration {
    let journal = Journal::default();
    let all = desk.provider.list(context!(journal)).await.unwrap();
    let ours = all
        .into_iter()
        .find(|one| {
            one.mark
                .is_some_and(|mark| mark.entry == Uuid::from_u128(2))
        })
        .unwrap();
    Registration {
        client_id: ours.client_id,
        handles: ours.handles,
        ..Registration::default()
    }
}

#[tokio::test]
async fn f19_both_secrets_live_until_the_old_one_is_retired() {
    let desk = Desk::new().await;
    let old = desk.register(&wanted()).await;
    let journal = Journal::default();
    let rotated = desk.provider.rotate(context!(journal), &old).await.unwrap();
    let new = registered(&rotated);
    assert_ne!(
        old.client_secret.as_ref().map(ClientSecret::expose),
        new.client_secret.as_ref().map(ClientSecret::expose)
    );
    assert!(desk.token(&old).await.is_ok() && desk.token(&new).await.is_ok());
    let handles = desk.provider.retire(context!(journal), &new).await.unwrap();
    assert_eq!(handles["old_key_id"], "");
    assert_eq!(desk.refusal(&old).await, 7_000_215);
    assert!(desk.token(&new).await.is_ok());
    assert!(
        desk.provider.retire(context!(journal), &new).await.is_ok(),
        "once is enough"
    );
}

#[tokio::test]
async fn an_adopted_client_is_rotated_and_its_old_secret_retired() {
    let desk = Desk::new().await;
    let made = desk.register(&wanted()).await;
    let adopted = Registration {
        client_id: made.client_id.clone(),
        client_secret: made.client_secret.clone(),
        ..Registration::default()
    };
    assert!(desk.token(&adopted).await.is_ok());
    let journal = Journal::default();
    let read = desk.provider.read(context!(journal), &adopted).await;
    assert_eq!(
        read.unwrap().handles["object_id"],
        made.handles["object_id"]
    );
    let rotated = desk.provider.rotate(context!(journal), &adopted).await;
    let rotated = registered(&rotated.unwrap());
    desk.provider
        .retire(context!(journal), &rotated)
        .await
        .unwrap();
    assert_eq!(desk.refusal(&adopted).await, 7_000_215);
    assert!(desk.token(&rotated).await.is_ok());
}

#[tokio::test]
async fn f20_a_deleted_client_gets_no_token_and_cannot_be_deleted_again() {
    for purge in ["false", "true"] {
        let desk = Desk::with(&[("purge_on_delete", purge)]).await;
        let at = desk.register(&wanted()).await;
        let journal = Journal::default();
        desk.provider.delete(context!(journal), &at).await.unwrap();
        assert_eq!(desk.bench.sandbox.client_count(), 0);
        assert_eq!(desk.refusal(&at).await, 700_016);
        let error = desk.token(&at).await.unwrap_err();
        assert!(desk.provider.refuses_client(&error));
        let begun = Instant::now();
        let error = desk.provider.delete(context!(journal), &at).await;
        let Err(ProviderError::Registration(error)) = error else {
            panic!("{error:?}")
        };
        assert!(error.is_unknown_client());
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "no wait for what is gone"
        );
        for gone in [
            desk.provider.read(context!(journal), &at).await.map(drop),
            desk.provider
                .update(context!(journal), &at, &wanted())
                .await
                .map(drop),
        ] {
            assert_eq!(refused(gone.unwrap_err()).0, 404);
        }
        let all = desk.provider.list(context!(journal)).await.unwrap();
        assert!(all.iter().all(|one| one.client_id != at.client_id));
    }
}

#[tokio::test]
async fn tokens_are_refused_with_the_number_of_what_is_wrong() {
    let desk = Desk::new().await;
    let at = desk.register(&wanted()).await;
    let wrong = Registration {
        client_secret: Some(ClientSecret::new("wrong")),
        ..at.clone()
    };
    assert_eq!(desk.refusal(&wrong).await, 7_000_215);
    let mut other = at.clone();
    other.granted.set("scope", "api://nobody/.default");
    assert_eq!(desk.refusal(&other).await, 500_011);
    desk.bench.advance(181 * 86_400);
    assert_eq!(desk.refusal(&at).await, 7_000_222);
}

#[tokio::test]
async fn a_version_1_issuer_gives_version_1_tokens_that_the_gateway_takes() {
    let desk = Desk::new().await;
    let issuer = desk.info.issuer.trim_end_matches("v2.0").to_owned();
    let mut config = config(&desk.info, &issuer, &[]);
    let journal = Journal::default();
    let seen = provider(&desk.info, &issuer, &[], None)
        .verify(context!(journal))
        .await;
    assert!(seen.ok(), "{:?}", seen.steps);
    config.metadata = seen.metadata;
    let http = http(&config);
    let first = Provider::new(config, http.clone(), AdminTokens::default());
    let made = first.register(context!(journal), &wanted()).await.unwrap();
    let request = first.token_request(&registered(&made), TokenWish::default(), Uuid::now_v7());
    let request = request.unwrap();
    assert!(request.endpoint.path().ends_with("/oauth2/token"));
    let token = token::request_token(&http, &request).await.unwrap();
    assert_eq!(token.expires_in, Some(3599), "a number as text");
    assert_eq!(desk.call(&token).await.status(), 200);
}
