//! Activity: what was sent, as stories, and as files without a secret.

use keywright_core::view::{ActivityQuery, CallAuth, CopyForm, ExportForm, SecretRef};
use keywright_sandbox::Personality;
use keywright_testkit::CoreFixture;

fn newest() -> ActivityQuery {
    ActivityQuery {
        limit: 100,
        ..ActivityQuery::default()
    }
}

async fn after_a_call() -> (CoreFixture, String) {
    let fixture = CoreFixture::new().await;
    let made = fixture.registered(Personality::Rfc7591, "orders").await;
    let call = fixture.call(Personality::Rfc7591, &made.id, CallAuth::Bearer);
    assert_eq!(
        fixture.keywright.calls().send(&call).await.unwrap().status,
        200
    );
    let secret = SecretRef::ClientSecret {
        application_id: made.id,
    };
    let disclosure = fixture.keywright.disclosure();
    let value = disclosure.copy(&secret, CopyForm::Raw).unwrap();
    (fixture, value.text.expose().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_up_to_its_call_is_one_story() {
    let (fixture, _) = after_a_call().await;
    let activity = fixture.keywright.activity();
    let stories = activity.stories(&newest()).unwrap();
    let story = &stories.items[0];
    assert_eq!(story.application.as_deref(), Some("orders"));
    assert_eq!(story.failures, 0);
    let purposes: Vec<&str> = story.purposes.iter().map(String::as_str).collect();
    for purpose in ["registration", "token", "api_call"] {
        assert!(purposes.contains(&purpose), "{purposes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_export_holds_the_secret() {
    let (fixture, secret) = after_a_call().await;
    for form in [
        ExportForm::Har,
        ExportForm::Mermaid,
        ExportForm::Html,
        ExportForm::Svg,
    ] {
        let activity = fixture.keywright.activity();
        let exported = activity.export(&newest(), form).unwrap();
        assert!(exported.exchanges >= 3, "{form:?}");
        assert!(!exported.text.contains(&secret), "{form:?}");
    }
}
