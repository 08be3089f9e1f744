//! Rotation: with overlap, replaced at once, cut off, full.

use super::*;

#[tokio::test]
async fn both_secrets_live_until_the_old_one_is_ended() {
    let world = World::new().await;
    let old = world.service().await;
    let new = after(&old, world.rotate(&old).await.unwrap());
    world.token(&new).await.unwrap();
    world.token(&old).await.unwrap();
    let handles = world
        .run(async |okta, context| okta.revoke_previous_secret(context, &new).await.unwrap())
        .await;
    let mut kept = new.clone();
    merge(&mut kept, handles);
    assert!(!kept.handles.contains_key("okta_retiring"));
    world.token(&kept).await.unwrap();
    let refused = world.token(&old).await.unwrap_err();
    assert_eq!(token_code(&refused), (401, "invalid_client".into()));
    // There is room for the next one.
    let next = after(&kept, world.rotate(&kept).await.unwrap());
    world.token(&next).await.unwrap();
}

#[tokio::test]
async fn f19_a_lost_answer_is_found_by_the_next_rotation() {
    let world = World::new().await;
    let old = world.service().await;
    // Another process added a secret, or this one did and never heard of it.
    let lost = world.rotate(&old).await.unwrap();
    let found = world.rotate(&old).await.unwrap();
    let value = found.client_secret.as_ref().unwrap();
    assert!(value.is_same(lost.client_secret.as_ref().unwrap()));
    let new = after(&old, found);
    world.token(&new).await.unwrap();
    world
        .run(async |okta, context| okta.revoke_previous_secret(context, &new).await.unwrap())
        .await;
    assert!(world.token(&old).await.is_err());
}

#[tokio::test]
async fn a_third_secret_is_refused_and_both_go_on() {
    let world = World::new().await;
    let old = world.service().await;
    let new = after(&old, world.rotate(&old).await.unwrap());
    let refused = world.rotate(&new).await.unwrap_err();
    assert_eq!(code(&refused), (400, "E0000001".into()));
    assert_eq!(
        keywright_providers::advice(ProviderKind::Okta, &words(&refused))
            .map(keywright_providers::MessageCode::as_str),
        Some("okta_secrets_full")
    );
    world.token(&old).await.unwrap();
    world.token(&new).await.unwrap();
}

#[tokio::test]
async fn the_end_of_a_secret_goes_on_where_it_was_cut_off() {
    let world = World::new().await;
    let old = world.service().await;
    let new = after(&old, world.rotate(&old).await.unwrap());
    for _ in 0..2 {
        // Whatever of it was done before.
        world
            .run(async |okta, context| okta.revoke_previous_secret(context, &new).await.unwrap())
            .await;
    }
    world.token(&new).await.unwrap();
}

#[tokio::test]
async fn without_the_secrets_api_or_by_setting_the_secret_is_replaced() {
    for by_setting in [false, true] {
        let mut world = World::new().await;
        let old = world.service().await;
        if by_setting {
            world.set("okta_rotation", "new_secret");
        } else {
            world.turn(&["no_secrets_api"]);
        }
        let new = after(&old, world.rotate(&old).await.unwrap());
        world.token(&new).await.unwrap();
        assert!(
            world.token(&old).await.is_err(),
            "the old one ended at once"
        );
        world
            .run(async |okta, context| okta.revoke_previous_secret(context, &new).await.unwrap())
            .await;
        world.token(&new).await.unwrap();
    }
}
