//! What is kept of tokens and of Activity, and for how long.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use keywright_core::{
    Actor, Clock, Keywright, Lang, ManualClock, Options, VaultHome,
    view::{
        ActivityQuery, ConfigurationInput, CopyForm, Draft, InitVault, Preferences, SecretRef,
        TokenView, TokenWish,
    },
};
use keywright_tests::Cli;
use serde_json::json;
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path, path_regex},
};

/// Seconds that a token of the server lives.
const LIFE: i64 = 300;

/// A vault with one client of a server that numbers its tokens and replaces each refresh token.
struct Bench {
    server: MockServer,
    keywright: Keywright,
    clock: ManualClock,
    app: String,
    _folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let issuer = server.uri();
        let document = json!({
            "issuer": issuer, "registration_endpoint": format!("{issuer}/register"),
            "token_endpoint": format!("{issuer}/token"),
        });
        let made = json!({ "client_id": "c-1", "client_secret": "secret", "grant_types": ["client_credentials"] });
        Mock::given(method("GET"))
            .and(path_regex("/.well-known/.*"))
            .respond_with(ResponseTemplate::new(200).set_body_json(document))
            .mount(&server)
            .await;
        Mock::given(path("/register"))
            .respond_with(ResponseTemplate::new(201).set_body_json(made))
            .mount(&server)
            .await;
        let count = AtomicUsize::new(0);
        Mock::given(path("/token"))
            .respond_with(move |_: &Request| {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                ResponseTemplate::new(200).set_body_json(json!({
                    "access_token": format!("at-{number}"), "refresh_token": format!("rt-{number}"),
                    "token_type": "Bearer", "expires_in": LIFE,
                }))
            })
            .mount(&server)
            .await;
        let folder = tempfile::tempdir().unwrap();
        let (clock, hands) = Clock::manual(1_800_000_000);
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path().join("vault")),
            actor: Actor::App,
            clock,
            lang: Lang::En,
        });
        let vault = InitVault {
            keyring: false,
            passphrase: Some("correct horse battery".into()),
        };
        keywright.init(vault).await.unwrap();
        let configuration = keywright
            .configurations()
            .save(ConfigurationInput {
                id: None,
                name: "Work".into(),
                provider: "rfc7591".into(),
                issuer,
                settings: BTreeMap::new(),
                secrets: BTreeMap::new(),
            })
            .unwrap();
        let draft = Draft {
            configuration_id: configuration.id,
            name: "orders".into(),
            grant_types: vec!["client_credentials".into()],
            ..Draft::default()
        };
        let app = keywright
            .registration()
            .register(draft)
            .await
            .unwrap()
            .application
            .id;
        Self {
            server,
            keywright,
            clock: hands,
            app,
            _folder: folder,
        }
    }

    async fn fetch(&self, grant: &str) -> TokenView {
        let wish = TokenWish {
            application_id: self.app.clone(),
            grant: Some(grant.to_owned()),
            refresh: true,
            ..TokenWish::default()
        };
        self.keywright.tokens().get(&wish).await.unwrap()
    }

    /// Refresh tokens in the order in which they were used.
    async fn used(&self) -> Vec<String> {
        let all = self.server.received_requests().await.unwrap();
        all.iter()
            .flat_map(|request| url::form_urlencoded::parse(&request.body).into_owned())
            .filter_map(|(name, value)| (name == "refresh_token").then_some(value))
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refresh_uses_the_newest_refresh_token() {
    let bench = Bench::new().await;
    bench.fetch("client_credentials").await;
    for _ in 0..4 {
        bench.clock.advance(LIFE);
        bench.fetch("refresh_token").await;
    }
    assert_eq!(bench.used().await, ["rt-1", "rt-2", "rt-3", "rt-4"]);
    let kept = bench.keywright.tokens().list(Some("orders")).unwrap();
    let with_refresh = kept.iter().filter(|token| token.has_refresh_token).count();
    assert_eq!(with_refresh, 2, "the new one, and the one that it replaced");
    assert!(kept.len() <= 3, "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_shown_without_its_value() {
    let bench = Bench::new().await;
    let token = bench.fetch("client_credentials").await;
    let copied = || {
        let secret = SecretRef::AccessToken {
            token_id: token.id.clone(),
        };
        bench.keywright.disclosure().copy(&secret, CopyForm::Raw)
    };
    bench.clock.advance(LIFE - 1);
    bench.keywright.housekeep().unwrap();
    assert_eq!(copied().unwrap().text.expose(), "at-1");
    bench.clock.advance(3_600);
    bench.keywright.housekeep().unwrap();
    assert!(copied().is_err());
    let current = bench.keywright.tokens().current("orders").unwrap().unwrap();
    assert_eq!(current.id, token.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smaller_number_of_entries_holds_at_once() {
    let bench = Bench::new().await;
    for _ in 0..110 {
        bench.fetch("client_credentials").await;
    }
    let total = || {
        let query = ActivityQuery::default();
        bench.keywright.activity().list(&query).unwrap().total
    };
    assert!(total() > 110);
    let before = Preferences::default();
    let after = Preferences {
        activity_entries: 1,
        ..before.clone()
    };
    let kept = bench.keywright.change_preferences(&before, &after).unwrap();
    assert_eq!(kept.activity_entries, 100, "the smallest there is");
    assert_eq!(total(), 100);
    bench.fetch("client_credentials").await;
    assert_eq!(total(), 100);
}

#[test]
fn limits_of_history_are_shown_and_set_by_command() {
    let cli = Cli::new();
    let before = cli.run(&["settings", "show"]).json();
    assert_eq!(before["activity_entries"], 10_000);
    assert_eq!(before["activity_days"], 90);
    assert_eq!(before["sessions"], 1_000);
    let set = &[
        "settings",
        "set",
        "--activity-days",
        "30",
        "--sessions",
        "50",
    ];
    assert_eq!(cli.run(set).json()["activity_days"], 30);
    let after = cli.run(&["settings", "show"]).json();
    assert_eq!(
        (&after["activity_days"], &after["sessions"]),
        (&json!(30), &json!(50))
    );
    assert_eq!(after["activity_entries"], 10_000);
    for wrong in [["--activity-entries", "99"], ["--sessions", "many"]] {
        let failed = cli.run(&[&["settings", "set"], &wrong[..]].concat());
        assert_eq!(failed.code, 2, "{wrong:?}");
    }
}
