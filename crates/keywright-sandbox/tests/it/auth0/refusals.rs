//! Each refusal, in Auth0's words, and what is advised.

use keywright_oauth::{
    error_response::ErrorResponse, register::RegistrationError, secret::ClientSecret,
    token::TokenError,
};
use keywright_providers::{MessageCode, ProviderError, ProviderKind, Registration, advice};
use serde_json::json;

use super::{Tenant, context, kept, metadata, wanted};

fn of_client(error: ProviderError) -> ErrorResponse {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. }) => words,
        other => panic!("{other:?}"),
    }
}

fn of_admin(error: ProviderError) -> ErrorResponse {
    match error {
        ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        } => words,
        other => panic!("{other:?}"),
    }
}

fn advised(words: &ErrorResponse, status: u16, key: &str) {
    assert_eq!(words.status, status, "{words:?}");
    let advised = advice(ProviderKind::Auth0, words).map(MessageCode::as_str);
    assert_eq!(advised, Some(key), "{words:?}");
}

#[tokio::test]
async fn a_tenant_that_is_full_says_so() {
    let tenant = Tenant::new().await;
    tenant.own_dial("tenant_full", 1);
    let error = tenant
        .provider
        .register(context(), &wanted())
        .await
        .unwrap_err();
    advised(&of_client(error), 403, "auth0_entities");
    assert_eq!(tenant.sandbox.client_count(), 0);
}

#[tokio::test]
async fn a_body_that_is_not_taken_is_named() {
    let tenant = Tenant::new().await;
    for (wanted, said) in [
        (
            json!({"grant_types": ["client_credentials"]}),
            "Missing required property: name",
        ),
        (
            json!({"client_name": "x", "colour": "red"}),
            "Additional properties not allowed: colour",
        ),
        (
            json!({"client_name": 7}),
            "Expected type string but found type number' on property name",
        ),
        (
            json!({"client_name": "x", "token_endpoint_auth_method": "private_key_jwt"}),
            "No enum match for: private_key_jwt",
        ),
    ] {
        let outcome = tenant
            .provider
            .register(context(), &metadata(&wanted))
            .await;
        let words = of_client(outcome.unwrap_err());
        assert!(
            words.description.as_deref().unwrap().contains(said),
            "{words:?}"
        );
        advised(&words, 400, "auth0_body");
    }
}

#[tokio::test]
async fn an_api_that_the_tenant_does_not_have_leaves_a_client_to_finish_or_clean_up() {
    let tenant = Tenant::new().await;
    let elsewhere = tenant.again("audience", "https://nowhere.example");
    let error = elsewhere.register(context(), &wanted()).await.unwrap_err();
    assert_eq!(of_client(error).status, 404);
    let half = tenant.marked().await.remove(0);
    let made = tenant
        .provider
        .resume(context(), &wanted(), &half)
        .await
        .unwrap();
    tenant.token(&kept(&made)).await.unwrap();

    let error = elsewhere.register(context(), &wanted()).await.unwrap_err();
    assert_eq!(of_client(error).status, 404);
    let halves = tenant.marked().await;
    let half = halves
        .iter()
        .find(|one| one.client_id != made.client_id)
        .unwrap();
    tenant.provider.delete(context(), half).await.unwrap();
    assert_eq!(tenant.marked().await.len(), 1);
}

#[tokio::test]
async fn a_missing_permission_is_about_the_admin_client() {
    let tenant = Tenant::new().await;
    let client = tenant.registered().await;
    tenant.own_dial("no_key_permission", 1);
    // Another configuration of the same tenant gets a token of its own.
    let limited = tenant.again("tenant", "acme");
    let words = of_admin(limited.rotate(context(), &client).await.unwrap_err());
    assert_eq!(
        words.description.as_deref(),
        Some("Insufficient scope, expected any of: update:client_keys")
    );
    advised(&words, 403, "auth0_scope");
    let read = limited.read(context(), &client).await.unwrap();
    assert!(
        read.client_secret.is_none(),
        "the secret needs read:client_keys"
    );
}

#[tokio::test]
async fn a_wrong_admin_client_gets_no_token() {
    let tenant = Tenant::new().await;
    let wrong = tenant.again("initial_client_secret", "wrong");
    let words = of_admin(wrong.register(context(), &wanted()).await.unwrap_err());
    advised(&words, 401, "auth0_secret");
    let elsewhere = tenant.again("initial_client_audience", "https://nowhere.example/");
    let words = of_admin(elsewhere.register(context(), &wanted()).await.unwrap_err());
    advised(&words, 403, "auth0_api_unknown");
}

#[tokio::test]
async fn an_admin_token_that_is_over_there_and_not_here_is_replaced() {
    let tenant = Tenant::new().await;
    tenant.registered().await;
    tenant.later(86_401);
    tenant.registered().await;
}

#[tokio::test]
async fn a_client_that_was_never_there_is_unknown() {
    let tenant = Tenant::new().await;
    let nobody = Registration {
        client_id: "nobody".into(),
        ..Registration::default()
    };
    let error = tenant.provider.read(context(), &nobody).await.unwrap_err();
    advised(&of_client(error), 404, "auth0_gone");
}

#[tokio::test]
async fn the_token_endpoint_refuses_in_its_own_words() {
    let tenant = Tenant::new().await;
    let client = tenant.registered().await;
    let refused = async |at: &Registration| match tenant.token(at).await.unwrap_err() {
        TokenError::Refused { words, .. } => words,
        other => panic!("{other:?}"),
    };
    let wrong = Registration {
        client_secret: Some(ClientSecret::new("wrong")),
        ..client.clone()
    };
    advised(&refused(&wrong).await, 401, "auth0_secret");

    let mut elsewhere = client.clone();
    elsewhere.handles.insert(
        "auth0_grant_audience".into(),
        "https://nowhere.example".into(),
    );
    advised(&refused(&elsewhere).await, 403, "auth0_api_unknown");

    let management = tenant.info.set["initial_client_audience"].clone();
    let mut ungranted = client.clone();
    ungranted
        .handles
        .insert("auth0_grant_audience".into(), management);
    advised(&refused(&ungranted).await, 403, "auth0_client_grant");

    let web = metadata(&json!({
        "client_name": "Web", "grant_types": ["authorization_code"], "redirect_uris": ["https://a.example"],
    }));
    let web = kept(&tenant.provider.register(context(), &web).await.unwrap());
    advised(&refused(&web).await, 403, "auth0_grant_type");
}

#[tokio::test]
async fn open_registration_can_be_off_and_needs_a_redirect() {
    let tenant = Tenant::with(&[("auth0_registration", "open")]).await;
    let error = tenant
        .provider
        .register(context(), &wanted())
        .await
        .unwrap_err();
    assert_eq!(
        of_client(error).error.as_deref(),
        Some("invalid_redirect_uri")
    );
    tenant.own_dial("open_registration_off", 1);
    let error = tenant
        .provider
        .register(context(), &wanted())
        .await
        .unwrap_err();
    advised(&of_client(error), 403, "auth0_open_off");
}
