//! A client from its registration to its deletion.

use std::time::{Duration, Instant};

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_oauth::secret::ClientSecret;
use keywright_providers::{ProviderError, Registration};
use keywright_sandbox::SandboxFaults;
use serde_json::json;

use super::{Desk, Journal, context, refused, registered, wanted};
use crate::bench::{START, cookies};

#[tokio::test]
async fn a_client_is_registered_gets_a_token_and_calls_the_api_in_three_ways() {
    let desk = Desk::new().await;
    let at = desk.register(&wanted()).await;
    let token = desk.token(&at).await.unwrap();
    assert_eq!(token.expires_in, Some(3599));
    let first = desk.call(&token).await;
    assert_eq!(first.status(), 200);
    let session = desk
        .bench
        .http
        .get(&desk.info.api_url)
        .header("cookie", cookies(&first));
    assert_eq!(session.send().await.unwrap().status(), 200);
    let secret = at.client_secret.as_ref().map(ClientSecret::expose);
    let basic = desk.bench.http.get(&desk.info.api_url);
    let basic = basic.basic_auth(&at.client_id, secret);
    assert_eq!(basic.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_token_for_graph_is_given_and_no_gateway_takes_it() {
    let desk = Desk::with(&[("default_resource", "https://graph.microsoft.com")]).await;
    let at = desk.register(&wanted()).await;
    assert_eq!(at.handle("app_id_uri"), None);
    let token = desk.token(&at).await.unwrap();
    assert_eq!(desk.call(&token).await.status(), 401);
}

#[tokio::test]
async fn the_whole_of_the_metadata_comes_back_and_can_be_changed() {
    let desk = Desk::new().await;
    let mut full = wanted();
    full.set(
        "grant_types",
        json!(["client_credentials", "authorization_code", "refresh_token"]),
    );
    full.set(
        "redirect_uris",
        json!(["https://a.example/1", "https://a.example/2"]),
    );
    full.set("client_uri", "https://a.example");
    full.set("tos_uri", "https://a.example/tos");
    full.set("policy_uri", "https://a.example/privacy");
    full.set("token_endpoint_auth_method", "client_secret_basic");
    let at = desk.register(&full).await;
    full.set("scope", format!("api://{}/.default", at.client_id));
    assert_eq!(at.granted, {
        let mut granted = ClientMetadata::default();
        for name in at.granted.members().keys() {
            granted.set(name, full.members()[name].clone());
        }
        granted
    });
    assert_eq!(at.granted.members().len(), full.members().len());
    assert!(desk.token(&at).await.is_ok(), "by Basic");

    let journal = Journal::default();
    let read = desk.provider.read(context!(journal), &at).await.unwrap();
    assert_eq!(read.metadata, at.granted);
    assert!(read.client_secret.is_none(), "a secret is told once");
    assert_eq!(read.client_secret_expires_at, Some(START + 180 * 86_400));
    let mut less = wanted();
    less.set("client_name", "Orders 2");
    let updated = desk.provider.update(context!(journal), &at, &less).await;
    let updated = updated.unwrap().metadata;
    assert_eq!(updated.client_name().unwrap(), "Orders 2");
    assert_eq!(updated.grant_types().unwrap(), ["client_credentials"]);
    assert!(!updated.members().contains_key("client_uri"));
    assert!(desk.token(&at).await.is_ok(), "an update leaves the secret");
}

#[tokio::test]
async fn what_is_granted_is_what_the_answer_says() {
    let desk = Desk::new().await;
    desk.faults(SandboxFaults {
        grant_less: true,
        ..SandboxFaults::default()
    });
    let mut asked = wanted();
    asked.set(
        "grant_types",
        json!(["client_credentials", "authorization_code"]),
    );
    asked.set("redirect_uris", json!(["https://a.example/1"]));
    let at = desk.register(&asked).await;
    assert_eq!(at.granted.grant_types().unwrap(), ["client_credentials"]);
    assert_eq!(at.granted.redirect_uris().unwrap_or_default().len(), 0);
}

#[tokio::test]
async fn f19_both_secrets_live_until_the_old_one_is_retired() {
    let desk = Desk::new().await;
    let old = desk.register(&wanted()).await;
    let journal = Journal::default();
    let rotated = desk.provider.rotate(context!(journal), &old).await.unwrap();
    let new = registered(&rotated);
    assert_ne!(
        old.client_secret.as_ref().map(ClientSecret::expose),
        new.client_secret.as_ref().map(ClientSecret::expose)
    );
    assert!(desk.token(&old).await.is_ok() && desk.token(&new).await.is_ok());
    let handles = desk
        .provider
        .revoke_previous_secret(context!(journal), &new)
        .await
        .unwrap();
    assert_eq!(handles["old_key_id"], "");
    assert_eq!(desk.refusal(&old).await, 7_000_215);
    assert!(desk.token(&new).await.is_ok());
    assert!(
        desk.provider
            .revoke_previous_secret(context!(journal), &new)
            .await
            .is_ok(),
        "once is enough"
    );
}

#[tokio::test]
async fn an_adopted_client_is_rotated_and_its_old_secret_retired() {
    let desk = Desk::new().await;
    let made = desk.register(&wanted()).await;
    let adopted = Registration {
        client_id: made.client_id.clone(),
        client_secret: made.client_secret.clone(),
        ..Registration::default()
    };
    assert!(desk.token(&adopted).await.is_ok());
    let journal = Journal::default();
    let read = desk.provider.read(context!(journal), &adopted).await;
    assert_eq!(
        read.unwrap().handles["object_id"],
        made.handles["object_id"]
    );
    let rotated = desk.provider.rotate(context!(journal), &adopted).await;
    let rotated = registered(&rotated.unwrap());
    desk.provider
        .revoke_previous_secret(context!(journal), &rotated)
        .await
        .unwrap();
    assert_eq!(desk.refusal(&adopted).await, 7_000_215);
    assert!(desk.token(&rotated).await.is_ok());
}

#[tokio::test]
async fn f20_a_deleted_client_gets_no_token_and_cannot_be_deleted_again() {
    for purge in ["false", "true"] {
        let desk = Desk::with(&[("purge_on_delete", purge)]).await;
        let at = desk.register(&wanted()).await;
        let journal = Journal::default();
        desk.provider.delete(context!(journal), &at).await.unwrap();
        assert_eq!(desk.bench.sandbox.client_count(), 0);
        assert_eq!(desk.refusal(&at).await, 700_016);
        let error = desk.token(&at).await.unwrap_err();
        assert!(desk.provider.refuses_client(&error));
        let begun = Instant::now();
        let error = desk.provider.delete(context!(journal), &at).await;
        let Err(ProviderError::Registration(error)) = error else {
            panic!("{error:?}")
        };
        assert!(error.is_unknown_client());
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "no wait for what is gone"
        );
        for gone in [
            desk.provider.read(context!(journal), &at).await.map(drop),
            desk.provider
                .update(context!(journal), &at, &wanted())
                .await
                .map(drop),
        ] {
            assert_eq!(refused(gone.unwrap_err()).0, 404);
        }
        let all = desk.provider.list(context!(journal)).await.unwrap();
        assert!(all.iter().all(|one| one.client_id != at.client_id));
    }
}
