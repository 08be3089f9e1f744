//! The main job: verify, register, token, call, read, update, rotate, delete.

use keywright_providers::{Capability, Registration, StepState, Verification};
use serde_json::json;

use super::{NOW, Tenant, context, kept, metadata};
use crate::bench::cookies;

fn state(verification: &Verification, name: &str) -> StepState {
    let mut steps = verification.steps.iter();
    steps.find(|step| step.name.as_str() == name).unwrap().state
}

#[tokio::test]
async fn a_right_configuration_is_verified_and_a_wrong_one_says_where() {
    let tenant = Tenant::new().await;
    let verification = tenant.provider.verify(context()).await;
    assert!(
        verification.ok() && !verification.warns(),
        "{:#?}",
        verification.steps
    );
    assert!(verification.unconfirmed_hosts.is_empty());
    assert_eq!(tenant.sandbox.client_count(), 0);

    let wrong = tenant.again("initial_client_secret", "wrong");
    let verification = wrong.verify(context()).await;
    assert_eq!(state(&verification, "admin_token"), StepState::Failed);

    let elsewhere = tenant.again("initial_client_audience", "https://nowhere.example/");
    let verification = elsewhere.verify(context()).await;
    assert_eq!(state(&verification, "admin_token"), StepState::Failed);

    tenant.own_dial("no_key_permission", 1);
    let verification = tenant.provider.verify(context()).await;
    assert_eq!(
        state(&verification, "auth0_may_register"),
        StepState::Passed
    );
    assert_eq!(state(&verification, "auth0_may_rotate"), StepState::Failed);

    tenant.dial(|faults| faults.wrong_issuer = true);
    let verification = tenant.provider.verify(context()).await;
    assert_eq!(state(&verification, "issuer"), StepState::Failed);
}

#[tokio::test]
async fn a_client_gets_a_token_and_is_let_in_three_ways() {
    let tenant = Tenant::new().await;
    let client = tenant.registered().await;
    let token = tenant.token(&client).await.unwrap();
    assert_eq!(token.expires_in, Some(86_400));
    assert_eq!(token.scope.as_deref(), Some("orders:read orders:write"));

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let api = &tenant.info.api_url;
    let bearer = http.get(api).bearer_auth(token.access_token.expose());
    assert_eq!(bearer.send().await.unwrap().status(), 200);
    let secret = client.client_secret.as_ref().unwrap().expose();
    let basic = http.get(api).basic_auth(&client.client_id, Some(secret));
    let basic = basic.send().await.unwrap();
    assert_eq!(basic.status(), 200);
    let session = http.get(api).header("cookie", cookies(&basic));
    assert_eq!(session.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn everything_asked_for_is_granted_or_told() {
    let tenant = Tenant::new().await;
    let wanted = metadata(&json!({
        "client_name": "Shop", "redirect_uris": ["https://shop.example/cb"],
        "post_logout_redirect_uris": ["https://shop.example/bye"], "logo_uri": "https://shop.example/l.png",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic", "scope": "orders:read",
        "client_metadata": {"team": "a"}, "tos_uri": "https://shop.example/tos",
    }));
    let made = tenant.provider.register(context(), &wanted).await.unwrap();
    for (name, value) in wanted.members() {
        let granted = made.metadata.members().get(name);
        if name == "tos_uri" {
            assert_eq!(granted, None);
        } else {
            assert_eq!(granted, Some(value), "{name}");
        }
    }
    assert_eq!(made.metadata.members()["app_type"], "regular_web");
    let token = tenant.token(&kept(&made)).await.unwrap();
    assert_eq!(token.scope.as_deref(), Some("orders:read"));
}

#[tokio::test]
async fn less_may_be_granted_and_the_answer_is_the_truth() {
    let tenant = Tenant::new().await;
    tenant.dial(|faults| faults.grant_less = true);
    let wanted = metadata(&json!({
        "client_name": "Orders", "scope": "orders:read orders:write",
        "grant_types": ["client_credentials", "refresh_token"],
    }));
    let made = tenant.provider.register(context(), &wanted).await.unwrap();
    assert_eq!(made.metadata.grant_types().unwrap(), ["client_credentials"]);
    assert_eq!(made.metadata.scopes().unwrap(), ["orders:read"]);
}

#[tokio::test]
async fn a_client_is_read_and_changed_by_its_id_alone() {
    let tenant = Tenant::new().await;
    let known = tenant.registered().await;
    let adopted = Registration {
        client_id: known.client_id.clone(),
        ..Registration::default()
    };
    let read = kept(&tenant.provider.read(context(), &adopted).await.unwrap());
    assert_eq!(read.granted, known.granted);
    assert_eq!(
        read.handle("auth0_grant_id"),
        known.handle("auth0_grant_id")
    );

    let mut asked = read.granted.clone();
    asked.set("client_name", "Orders 2");
    asked.set("description", "Machines only");
    asked.set("scope", "orders:read");
    let updated = tenant
        .provider
        .update(context(), &read, &asked)
        .await
        .unwrap();
    assert_eq!(updated.metadata, asked);
    let again = tenant
        .provider
        .read(context(), &kept(&updated))
        .await
        .unwrap();
    assert_eq!(again.metadata, asked);
    assert_eq!(
        tenant.marked().await.len(),
        1,
        "the owner tag outlives an update"
    );

    asked.remove("description");
    let updated = tenant
        .provider
        .update(context(), &kept(&again), &asked)
        .await
        .unwrap();
    assert_eq!(updated.metadata.members().get("description"), None);
}

#[tokio::test]
async fn a_rotated_secret_replaces_the_old_one() {
    let tenant = Tenant::new().await;
    let before = tenant.registered().await;
    let rotated = tenant.provider.rotate(context(), &before).await.unwrap();
    let after = kept(&rotated);
    assert_eq!(after.granted, before.granted);
    tenant.token(&after).await.unwrap();
    let refused = tenant.token(&before).await.unwrap_err();
    assert!(tenant.provider.refuses_client(&refused));
    assert!(
        tenant
            .provider
            .revoke_previous_secret(context(), &after)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn for_a_while_the_old_secret_may_work_and_the_new_one_not() {
    let tenant = Tenant::new().await;
    let before = tenant.registered().await;
    tenant.dial(|faults| {
        faults.vendor.insert("rotation_lag_ms".into(), 60_000);
        faults.vendor.insert("secret_lag_ms".into(), 60_000);
    });
    let rotated = tenant.provider.rotate(context(), &before).await.unwrap();
    let after = kept(&rotated);
    tenant.token(&before).await.unwrap();
    let refused = tenant.token(&after).await.unwrap_err();
    assert!(
        tenant
            .provider
            .may_not_have_propagated(&refused, &after, NOW + 10)
    );
    assert!(
        !tenant
            .provider
            .may_not_have_propagated(&refused, &after, NOW + 100)
    );
    tenant.dial(|_| {});
    tenant.token(&after).await.unwrap();
}

#[tokio::test]
async fn a_deleted_client_is_gone_with_its_grants_and_is_said_to_be_unknown() {
    let tenant = Tenant::new().await;
    let client = tenant.registered().await;
    tenant.provider.delete(context(), &client).await.unwrap();
    assert_eq!(tenant.sandbox.client_count(), 0);
    let refused = tenant.token(&client).await.unwrap_err();
    assert!(tenant.provider.refuses_client(&refused));
    for error in [
        tenant
            .provider
            .delete(context(), &client)
            .await
            .unwrap_err(),
        tenant.provider.read(context(), &client).await.unwrap_err(),
        tenant
            .provider
            .rotate(context(), &client)
            .await
            .unwrap_err(),
    ] {
        let keywright_providers::ProviderError::Registration(error) = error else {
            panic!("{error:?}");
        };
        assert!(error.is_unknown_client(), "{error:?}");
    }
}

#[tokio::test]
async fn open_registration_drops_client_credentials() {
    let tenant = Tenant::with(&[("auth0_registration", "open")]).await;
    let wanted = metadata(&json!({
        "client_name": "Guest", "redirect_uris": ["https://guest.example/cb"],
        "grant_types": ["client_credentials", "authorization_code"],
    }));
    let made = tenant.provider.register(context(), &wanted).await.unwrap();
    assert!(made.client_id.starts_with("tpc_"));
    assert_eq!(made.metadata.grant_types().unwrap(), ["authorization_code"]);
    let client = kept(&made);
    assert!(
        tenant
            .provider
            .can(Capability::ClientCredentials, &client)
            .is_err()
    );
    // The tenant's administrator may still see and delete it.
    tenant.provider.read(context(), &client).await.unwrap();
    tenant.provider.delete(context(), &client).await.unwrap();
}
