//! Registrations: many at once, answers that were lost, and the use cases around one.

mod bulk;
mod lost_answers;

use keywright_core::view::TokenWish;
use keywright_sandbox::Personality;
use keywright_testkit::CoreFixture;

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_sends_nothing() {
    let fixture = CoreFixture::new().await;
    let personality = Personality::Rfc7591;
    let configuration = fixture.configure(personality);
    let draft = fixture.draft(personality, &configuration.id, "orders");
    let preview = fixture.keywright.registration().preview(&draft).unwrap();
    let bodies = preview.steps.iter().filter_map(|step| step.body.as_deref());
    assert!(
        bodies.clone().any(|body| body.contains("orders")),
        "{preview:?}"
    );
    assert_eq!(fixture.sandbox.client_count(), 0);
    assert!(
        fixture
            .keywright
            .registration()
            .pending()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_is_refused_before_a_request() {
    let fixture = CoreFixture::new().await;
    let personality = Personality::Rfc7591;
    let made = fixture.registered(personality, "orders").await;
    let draft = fixture.draft(personality, &made.configuration_id, "orders");
    let error = fixture.keywright.registration().register(draft).await;
    assert_eq!(error.unwrap_err().code().as_str(), "name_taken");
    assert_eq!(fixture.sandbox.client_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_gets_tokens_at_every_provider() {
    let fixture = CoreFixture::new().await;
    for personality in [
        Personality::Auth0,
        Personality::Okta,
        Personality::Entra,
        Personality::HttpBridge,
    ] {
        let name = personality.name();
        let made = fixture.registered(personality, name).await;
        let registration = fixture.keywright.registration();
        let rotated = registration.rotate(&made.id).await;
        assert_eq!(rotated.unwrap().id, made.id, "{name}");
        let wish = TokenWish {
            application_id: made.id,
            refresh: true,
            ..TokenWish::default()
        };
        let token = fixture.keywright.tokens().get(&wish).await;
        assert!(!token.unwrap().from_cache, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_client_is_gone_here_as_well_as_there() {
    let fixture = CoreFixture::new().await;
    for personality in Personality::ALL {
        let name = personality.name();
        let made = fixture.registered(personality, name).await;
        assert_eq!(fixture.sandbox.client_count(), 1, "{name}");
        fixture
            .keywright
            .registration()
            .delete(&made.id)
            .await
            .unwrap();
        assert_eq!(fixture.sandbox.client_count(), 0, "{name}");
        let read = fixture.keywright.applications().get(&made.id);
        assert_eq!(read.unwrap_err().code().as_str(), "not_found", "{name}");
    }
}
