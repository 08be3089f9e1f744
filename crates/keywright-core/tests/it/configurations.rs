//! Configurations: what is refused, what Verify learns, and what keeps one from being removed.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keywright_core::view::{ConfigurationInput, EndKind, VerifyState};
use keywright_sandbox::Personality;
use keywright_testkit::CoreFixture;

#[tokio::test(flavor = "multi_thread")]
async fn verify_is_kept_with_each_configuration() {
    let fixture = CoreFixture::new().await;
    for personality in Personality::ALL {
        let name = personality.name();
        let configuration = fixture.configure(personality);
        assert_eq!(configuration.verify_state, VerifyState::Unknown, "{name}");
        let configurations = fixture.keywright.configurations();
        let verified = configurations
            .verify(&configuration.id, |_| {})
            .await
            .unwrap();
        assert!(verified.report.ok, "{name}: {:?}", verified.report);
        let after = configurations.get(&configuration.id).unwrap();
        assert!(
            matches!(after.verify_state, VerifyState::Ok | VerifyState::Warning),
            "{name}: {after:?}"
        );
        assert!(after.capabilities.unwrap().checked, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_configuration_of_a_name_is_refused() {
    let fixture = CoreFixture::new().await;
    let first = fixture.configure(Personality::Rfc7591);
    let again = fixture.keywright.configurations().save(ConfigurationInput {
        id: None,
        name: first.name,
        provider: first.provider,
        issuer: "https://id.example.com".into(),
        settings: first.settings,
        secrets: std::collections::BTreeMap::new(),
    });
    assert_eq!(again.unwrap_err().code().as_str(), "name_taken");
    assert_eq!(fixture.keywright.configurations().list().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_in_use_is_not_removed() {
    let fixture = CoreFixture::new().await;
    let made = fixture.registered(Personality::Curity, "orders").await;
    let configurations = fixture.keywright.configurations();
    let refused = configurations.remove(&made.configuration_id).unwrap_err();
    assert_eq!(refused.code().as_str(), "configuration_in_use");
    fixture
        .keywright
        .registration()
        .delete(&made.id)
        .await
        .unwrap();
    assert_eq!(
        configurations.get(&made.configuration_id).unwrap().used_by,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_a_configuration_are_named_not_shown() {
    let fixture = CoreFixture::new().await;
    let configuration = fixture.configure(Personality::Auth0);
    assert!(!configuration.secret_keys.is_empty());
    let shown = serde_json::to_string(&configuration).unwrap();
    for secret in fixture.info(Personality::Auth0).secrets.values() {
        assert!(!shown.contains(secret.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn initial_access_token_has_a_day_in_the_calendar() {
    const END: i64 = 2_000_000_000;
    let fixture = CoreFixture::new().await;
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{END}}}"#));
    for (name, token) in [
        ("Signed", format!("eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln")),
        ("Opaque", "0pa.qu.3".to_owned()),
    ] {
        let input = ConfigurationInput {
            id: None,
            name: name.to_owned(),
            provider: "rfc7591".to_owned(),
            issuer: "https://id.example".to_owned(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::from([("initial_access_token".to_owned(), token)]),
        };
        fixture.keywright.configurations().save(input).unwrap();
    }
    let admin = ConfigurationInput {
        id: None,
        name: "Bridge".to_owned(),
        provider: "okta".to_owned(),
        issuer: "https://org.example".to_owned(),
        settings: BTreeMap::new(),
        secrets: BTreeMap::from([(
            "dcr_token".to_owned(),
            format!(
                "eyJhbGciOiJSUzI1NiJ9.{}.c2ln",
                URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{}}}"#, END + 60))
            ),
        )]),
    };
    fixture.keywright.configurations().save(admin).unwrap();
    let ends = |from, until| {
        let ends = fixture.keywright.applications().ends(from, until).unwrap();
        let named = ends
            .items
            .into_iter()
            .map(|end| (end.kind, end.owner, end.at));
        named.collect::<Vec<_>>()
    };
    let end = (EndKind::InitialAccessToken, "Signed".to_owned(), END);
    assert_eq!(ends(END, END + 1), [end]);
    let end = (EndKind::AdminToken, "Bridge".to_owned(), END + 60);
    assert_eq!(ends(END + 1, END + 61), [end]);
    assert!(ends(END - 10, END).is_empty());
}
