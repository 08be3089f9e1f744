//! Lost answers at each step, rate limits, and broken answers.

use keywright_oauth::register::RegistrationError;
use keywright_providers::ProviderError;

use super::{Tenant, context, kept, wanted};

fn is_unknown(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Registration(error) if error.outcome_unknown())
}

#[tokio::test]
async fn f12_a_client_whose_answer_was_lost_is_found_by_its_mark_and_finished() {
    let tenant = Tenant::new().await;
    let outcome = tenant
        .register_with_fault("auth0_client", |faults| {
            faults.drop_after_receiving_percent = 100;
        })
        .await;
    assert!(is_unknown(&outcome.unwrap_err()));
    let mut found = tenant.marked().await;
    assert_eq!(found.len(), 1);
    let made = tenant
        .provider
        .resume(context(), &wanted(), &found.remove(0))
        .await
        .unwrap();
    tenant.token(&kept(&made)).await.unwrap();
    assert_eq!(tenant.sandbox.client_count(), 1);
}

#[tokio::test]
async fn f12_a_grant_whose_answer_was_lost_is_not_made_twice() {
    let tenant = Tenant::new().await;
    let outcome = tenant
        .register_with_fault("auth0_grant", |faults| {
            faults.drop_after_receiving_percent = 100;
        })
        .await;
    assert!(is_unknown(&outcome.unwrap_err()));
    let half = tenant.marked().await.remove(0);
    let made = tenant
        .provider
        .resume(context(), &wanted(), &half)
        .await
        .unwrap();
    assert_eq!(
        made.metadata.scopes().unwrap(),
        ["orders:read", "orders:write"]
    );
    tenant.token(&kept(&made)).await.unwrap();
    // Deleting by the one grant that is known leaves nothing.
    tenant
        .provider
        .delete(context(), &kept(&made))
        .await
        .unwrap();
    assert_eq!(tenant.sandbox.client_count(), 0);
}

#[tokio::test]
async fn f12_a_grant_that_was_never_made_is_made_by_resuming() {
    let tenant = Tenant::new().await;
    let outcome = tenant
        .register_with_fault("auth0_grant", |faults| faults.server_errors_percent = 100)
        .await;
    assert!(outcome.is_err());
    let half = tenant.marked().await.remove(0);
    // Without permission to see the secret again, a new one is made.
    tenant.own_dial("no_key_permission", 0);
    let made = tenant
        .provider
        .resume(context(), &wanted(), &half)
        .await
        .unwrap();
    tenant.token(&kept(&made)).await.unwrap();
}

#[tokio::test]
async fn f12_a_lost_rotation_is_seen_by_reading() {
    let tenant = Tenant::new().await;
    let client = tenant.registered().await;
    tenant.dial(|faults| faults.drop_after_receiving_percent = 100);
    let error = tenant
        .provider
        .rotate(context(), &client)
        .await
        .unwrap_err();
    assert!(is_unknown(&error));
    tenant.dial(|_| {});
    assert!(tenant.token(&client).await.is_err());
    let read = tenant.provider.read(context(), &client).await.unwrap();
    tenant.token(&kept(&read)).await.unwrap();
}

#[tokio::test]
async fn f12_a_lost_deletion_is_seen_by_deleting_again() {
    let tenant = Tenant::new().await;
    let mut lost = 0;
    // Every second answer is lost: in some runs that of the grant's end, in others that of the client's.
    for turn in 0..4 {
        let client = tenant.registered().await;
        for _ in 0..turn {
            tenant.token(&client).await.unwrap();
        }
        tenant.dial(|faults| faults.drop_after_receiving_percent = 50);
        let error = tenant
            .provider
            .delete(context(), &client)
            .await
            .unwrap_err();
        assert!(is_unknown(&error));
        tenant.dial(|_| {});
        match (
            tenant.sandbox.client_count(),
            tenant.provider.delete(context(), &client).await,
        ) {
            (1, Ok(())) => {}
            (0, Err(ProviderError::Registration(error))) if error.is_unknown_client() => lost += 1,
            other => panic!("{other:?}"),
        }
        assert_eq!(tenant.sandbox.client_count(), 0);
    }
    assert!((1..4).contains(&lost), "{lost}");
}

#[tokio::test]
async fn f14_a_tenant_of_two_requests_a_second_is_kept_to() {
    let tenant = Tenant::new().await;
    tenant.dial(|faults| faults.rate_limit_per_second = 2);
    for _ in 0..2 {
        tenant.registered().await;
    }
    assert_eq!(tenant.marked().await.len(), 2);
}

#[tokio::test]
async fn f16_an_answer_that_is_cut_off_is_an_unknown_outcome() {
    let tenant = Tenant::new().await;
    tenant.provider.list(context()).await.unwrap();
    let outcome = tenant
        .register_with_fault("auth0_client", |faults| faults.truncated_body = true)
        .await;
    let error = outcome.unwrap_err();
    assert!(
        matches!(
            &error,
            ProviderError::Registration(RegistrationError::Unreadable { .. })
        ),
        "{error:?}"
    );
    assert_eq!(tenant.marked().await.len(), 1);
}
