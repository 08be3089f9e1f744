//! The admin credential: an API token, or a client with a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

/// Makes an admin client with a key at the organisation, and a configuration that uses it.
async fn by_key() -> World {
    let mut world = World::new().await;
    let pair = rcgen::KeyPair::generate().unwrap();
    // An uncompressed point: 4, x, y.
    let point = pair.public_key_raw();
    let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
    let key = json!({
        "kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256",
        "x": part(1..33), "y": part(33..65),
    });
    let admin = world
        .registered(&json!({
            "client_name": "Admin", "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": [key] },
        }))
        .await;
    assert!(admin.client_secret.is_none());
    world.config.secrets = BTreeMap::from([(
        "admin_private_key".to_owned(),
        AdminSecret::new(pair.serialize_pem()),
    )]);
    world.set("initial_client_id", &admin.client_id);
    world.set("okta_admin_key_id", "k1");
    world
}

#[tokio::test]
async fn an_admin_client_does_the_whole_job_with_its_key() {
    let world = by_key().await;
    let verification = world.verify().await;
    assert!(
        verification.ok() && !verification.warns(),
        "{:#?}",
        verification.steps
    );
    let old = world.service().await;
    let new = after(&old, world.rotate(&old).await.unwrap());
    world.token(&new).await.unwrap();
    world
        .run(async |okta, context| okta.revoke_previous_secret(context, &new).await.unwrap())
        .await;
    world.turn(&["deactivate_before_delete"]);
    world.delete(&new).await.unwrap();
    assert_eq!(world.count().await, 1, "the admin client itself is left");
}

#[tokio::test]
async fn another_key_is_refused_and_said_to_be_the_admins() {
    let mut world = by_key().await;
    let other = rcgen::KeyPair::generate().unwrap().serialize_pem();
    world
        .config
        .secrets
        .insert("admin_private_key".into(), AdminSecret::new(other));
    let refused = world
        .try_register(&json!({ "client_name": "a" }))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ProviderError::Admin { .. }),
        "{refused:?}"
    );
    assert_eq!(code(&refused), (401, "invalid_client".into()));
    let verification = world.verify().await;
    assert_eq!(
        step(&verification, "okta_admin"),
        (StepState::Failed, "okta_client_refused".into())
    );
}

#[tokio::test]
async fn a_wrong_and_a_missing_api_token_are_told_apart() {
    let mut world = World::new().await;
    world
        .config
        .secrets
        .insert("dcr_token".into(), AdminSecret::new("00wrong"));
    let refused = world
        .try_register(&json!({ "client_name": "a" }))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ProviderError::Admin { .. }),
        "{refused:?}"
    );
    assert_eq!(code(&refused), (401, "E0000011".into()));
    let verification = world.verify().await;
    assert_eq!(
        step(&verification, "okta_admin"),
        (StepState::Failed, "okta_token_refused".into())
    );
    let clients = world.config.issuer.replace("default", "v1/clients");
    let bare = world.bench.http.post(clients).json(&json!({}));
    let answer = bare.send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["errorCode"], "E0000005");
}

#[tokio::test]
async fn an_administrator_who_may_only_read_is_told_which_role_is_missing() {
    let world = World::new().await;
    let at = world.service().await;
    world.turn(&["read_only_admin"]);
    let refused = world
        .try_register(&json!({ "client_name": "a" }))
        .await
        .unwrap_err();
    assert_eq!(code(&refused), (403, "E0000006".into()));
    world.read(&at).await.unwrap();
    let verification = world.verify().await;
    assert_eq!(step(&verification, "okta_admin").0, StepState::Passed);
    assert_eq!(
        step(&verification, "okta_permissions"),
        (StepState::Failed, "okta_token_role".into())
    );
}
