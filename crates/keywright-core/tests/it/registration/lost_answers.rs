//! Answers that were lost after the provider did what it was asked: written down, looked at again, and
//! never sent twice.

use keywright_core::{
    CoreError,
    view::{ApplicationView, PendingOperation, PendingState, PendingView, TokenWish},
};
use keywright_sandbox::{Personality, SandboxFaults};
use keywright_testkit::CoreFixture;

/// An application at a personality whose answers are lost from now on.
async fn before_the_loss(personality: Personality) -> (CoreFixture, ApplicationView) {
    let fixture = CoreFixture::new().await;
    fixture.sandbox.set_faults(personality, rotating());
    let made = fixture.registered(personality, "orders").await;
    let faults = SandboxFaults {
        drop_after_receiving_percent: 100,
        ..rotating()
    };
    fixture.sandbox.set_faults(personality, faults);
    (fixture, made)
}

fn rotating() -> SandboxFaults {
    SandboxFaults {
        rotate_registration_token: true,
        ..SandboxFaults::default()
    }
}

fn only_pending(fixture: &CoreFixture) -> PendingView {
    let mut pending = fixture.keywright.registration().pending().unwrap();
    assert_eq!(pending.len(), 1, "{pending:?}");
    pending.remove(0)
}

async fn token(fixture: &CoreFixture, application: &ApplicationView) -> Result<(), CoreError> {
    let wish = TokenWish {
        application_id: application.id.clone(),
        refresh: true,
        ..TokenWish::default()
    };
    fixture.keywright.tokens().get(&wish).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_read_whose_answer_was_lost_is_written_down_and_the_secret_still_works() {
    let personality = Personality::Rfc7591;
    let (fixture, made) = before_the_loss(personality).await;
    let lost = fixture
        .keywright
        .registration()
        .read(&made.id)
        .await
        .unwrap_err();
    assert_eq!(
        (lost.code().as_str(), lost.exit_code()),
        ("outcome_unknown", 7)
    );
    let left = only_pending(&fixture);
    assert_eq!(
        (left.operation, left.state),
        (PendingOperation::Read, PendingState::Unknown)
    );
    assert!(left.message.contains("orders"), "{}", left.message);

    // Lost once more, it is still one thing to look at.
    fixture
        .keywright
        .registration()
        .resume(&left.id)
        .await
        .unwrap_err();
    let left = only_pending(&fixture);

    fixture.sandbox.set_faults(personality, rotating());
    // The old token is tried once, and the provider refuses it: the registration cannot be managed any more.
    let refused = fixture
        .keywright
        .registration()
        .resume(&left.id)
        .await
        .unwrap_err();
    assert_eq!(refused.code().as_str(), "provider_refused", "{refused}");
    token(&fixture, &made)
        .await
        .expect("the secret still works");
    fixture
        .keywright
        .registration()
        .discard(&left.id, false)
        .await
        .unwrap();
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
async fn f18_a_read_at_curity_that_replaces_the_secret_is_written_down() {
    let (fixture, made) = before_the_loss(Personality::Curity).await;
    let lost = fixture
        .keywright
        .registration()
        .read(&made.id)
        .await
        .unwrap_err();
    assert_eq!(lost.code().as_str(), "outcome_unknown");
    assert_eq!(only_pending(&fixture).operation, PendingOperation::Read);
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_a_read_by_an_administrator_changes_nothing_and_is_not_written_down() {
    let (fixture, made) = before_the_loss(Personality::Auth0).await;
    let lost = fixture
        .keywright
        .registration()
        .read(&made.id)
        .await
        .unwrap_err();
    assert_eq!(lost.exit_code(), 6, "{lost}");
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
async fn f12_a_deletion_whose_answer_was_lost_is_finished_by_looking() {
    for personality in [Personality::Rfc7591, Personality::Curity] {
        let name = personality.name();
        let (fixture, made) = before_the_loss(personality).await;
        let lost = fixture.keywright.registration().delete(&made.id).await;
        assert_eq!(
            lost.unwrap_err().code().as_str(),
            "outcome_unknown",
            "{name}"
        );
        fixture.sandbox.set_faults(personality, rotating());
        let left = only_pending(&fixture);
        assert_eq!(left.operation, PendingOperation::Delete, "{name}");
        fixture
            .keywright
            .registration()
            .resume(&left.id)
            .await
            .unwrap();
        assert!(
            fixture.keywright.applications().get(&made.id).is_err(),
            "{name}"
        );
        assert!(
            fixture
                .keywright
                .registration()
                .pending()
                .unwrap()
                .is_empty(),
            "{name}"
        );
        assert_eq!(fixture.sandbox.client_count(), 0, "{name}");
    }
}
