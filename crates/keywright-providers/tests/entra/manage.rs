//! Read, update, rotate, delete and list.

use keywright_oauth::{register::RegistrationError, secret::ClientSecret};
use keywright_providers::{DeletionEvidence, ProviderError, Registration};
use serde_json::json;
use uuid::Uuid;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{path, query_param},
};

use crate::tenant::{
    APP, Journal, MARK, NOW, SECRET, Tenant, application, context, graph_error, not_found,
    password, registered, wanted,
};

#[tokio::test]
async fn a_refusal_long_after_the_creation_is_told_at_once() {
    let tenant = Tenant::new(&[]).await;
    tenant.on("POST", "/addPassword$", not_found()).await;
    let mut at = Registration {
        client_id: APP.into(),
        ..Registration::default()
    };
    for (name, value) in [
        ("object_id", "object-1"),
        ("key_id", "key-1"),
        ("created_at", "1799990000"),
    ] {
        at.handles.insert(name.into(), value.into());
    }
    let journal = Journal::default();
    let error = tenant
        .provider()
        .rotate(context!(journal), &at)
        .await
        .unwrap_err();
    let ProviderError::Registration(error) = error else {
        panic!("{error:?}")
    };
    assert!(error.is_unknown_client());
    assert_eq!(tenant.sent().await.len(), 1);
}

#[tokio::test]
async fn a_refused_admin_token_is_renewed_once() {
    let tenant = Tenant::well(&[]).await;
    tenant
        .first(
            1,
            "GET",
            "/applications/object-1$",
            graph_error(401, "InvalidAuthenticationToken"),
        )
        .await;
    let at = Registration {
        client_id: APP.into(),
        handles: [("object_id".to_owned(), "object-1".to_owned())].into(),
        ..Registration::default()
    };
    let journal = Journal::default();
    let provider = tenant.provider();
    provider.read(context!(journal), &at).await.unwrap();
    let all = tenant.server.received_requests().await.unwrap();
    let tokens = all
        .iter()
        .filter(|request| request.url.path().ends_with("/token"))
        .count();
    assert_eq!(tokens, 2);

    tenant
        .first(
            9,
            "GET",
            "/applications/object-1$",
            graph_error(401, "InvalidAuthenticationToken"),
        )
        .await;
    let error = provider.read(context!(journal), &at).await.unwrap_err();
    assert!(
        matches!(error, ProviderError::Admin { .. }),
        "a 401 is about the administrator: {error:?}"
    );
    assert_eq!(provider.deletion_evidence(&error), DeletionEvidence::None);
}

#[tokio::test]
async fn a_permission_that_is_given_later_is_asked_for_with_a_new_token() {
    let tenant = Tenant::well(&[]).await;
    let denied = graph_error(403, "Authorization_RequestDenied");
    tenant
        .first(1, "GET", "/applications/object-1$", denied)
        .await;
    let at = Registration {
        client_id: APP.into(),
        handles: [("object_id".to_owned(), "object-1".to_owned())].into(),
        ..Registration::default()
    };
    let journal = Journal::default();
    let provider = tenant.provider();
    let error = provider.read(context!(journal), &at).await.unwrap_err();
    assert_eq!(error.words().map(|words| words.status), Some(403));
    assert!(provider.read(context!(journal), &at).await.is_ok());
    let all = tenant.server.received_requests().await.unwrap();
    let tokens = all
        .iter()
        .filter(|request| request.url.path().ends_with("/token"))
        .count();
    assert_eq!(tokens, 2);
}

#[tokio::test]
async fn f19_a_rotation_keeps_the_old_secret_until_it_is_retired() {
    let tenant = Tenant::well(&[]).await;
    let provider = tenant.provider();
    let journal = Journal::default();
    let made = provider
        .register(context!(journal), &wanted())
        .await
        .unwrap();
    tenant
        .first(
            1,
            "POST",
            "/addPassword$",
            ResponseTemplate::new(200).set_body_json(password("key-2", "second-secret")),
        )
        .await;
    let rotated = provider
        .rotate(context!(journal), &registered(&made))
        .await
        .unwrap();
    assert_eq!(
        rotated.client_secret.as_ref().unwrap().expose(),
        "second-secret"
    );
    assert_eq!(rotated.handles.get("old_key_id").unwrap(), "key-1");
    let handles = provider
        .revoke_previous_secret(context!(journal), &registered(&rotated))
        .await
        .unwrap();
    assert_eq!(
        tenant
            .body("POST applications/object-1/removePassword")
            .await,
        json!({ "keyId": "key-1" })
    );
    assert_eq!(handles.get("old_key_id").map(String::as_str), Some(""));

    // A second rotation before the first was proven ends both in the end.
    tenant
        .first(
            1,
            "POST",
            "/addPassword$",
            ResponseTemplate::new(200).set_body_json(password("key-3", "third-secret")),
        )
        .await;
    let twice = provider
        .rotate(context!(journal), &registered(&rotated))
        .await
        .unwrap();
    assert_eq!(twice.handles.get("old_key_id").unwrap(), "key-1 key-2");
}

#[tokio::test]
async fn a_secret_that_is_gone_already_is_retired() {
    let tenant = Tenant::new(&[]).await;
    tenant
        .on(
            "POST",
            "/removePassword$",
            graph_error(400, "Request_BadRequest"),
        )
        .await;
    let mut there = application();
    there["passwordCredentials"] = json!([{ "keyId": "key-2" }]);
    tenant
        .on(
            "GET",
            "/applications/object-1$",
            ResponseTemplate::new(200).set_body_json(there),
        )
        .await;
    let at = |old: &str| Registration {
        client_id: APP.into(),
        handles: [("object_id", "object-1"), ("old_key_id", old)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..Registration::default()
    };
    let journal = Journal::default();
    let provider = tenant.provider();
    assert!(
        provider
            .revoke_previous_secret(context!(journal), &at("key-1"))
            .await
            .is_ok()
    );
    assert!(
        provider
            .revoke_previous_secret(context!(journal), &at("key-2"))
            .await
            .is_err()
    );
    assert!(
        provider
            .revoke_previous_secret(context!(journal), &at(""))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_adopted_client_is_found_by_its_id_and_rotated_by_its_only_key() {
    let tenant = Tenant::new(&[]).await;
    let mut there = application();
    there["passwordCredentials"] =
        json!([{ "keyId": "key-a", "endDateTime": "2027-07-14T08:00:00Z", "secretText": null }]);
    tenant
        .on(
            "GET",
            "/applications$",
            ResponseTemplate::new(200).set_body_json(json!({ "value": [there] })),
        )
        .await;
    tenant
        .on(
            "POST",
            "/applications/object-1/addPassword$",
            ResponseTemplate::new(200).set_body_json(password("key-b", SECRET)),
        )
        .await;
    let at = Registration {
        client_id: APP.into(),
        client_secret: Some(ClientSecret::new("adopted")),
        ..Registration::default()
    };
    let journal = Journal::default();
    let provider = tenant.provider();
    let read = provider.read(context!(journal), &at).await.unwrap();
    assert_eq!(read.client_secret_expires_at, Some(1_815_552_000));
    assert_eq!(read.handles.get("object_id").unwrap(), "object-1");
    let rotated = provider.rotate(context!(journal), &at).await.unwrap();
    assert_eq!(rotated.handles.get("old_key_id").unwrap(), "key-a");
    assert_eq!(rotated.handles.get("key_id").unwrap(), "key-b");
}

#[tokio::test]
async fn a_client_that_is_not_in_the_tenant_is_unknown() {
    let tenant = Tenant::new(&[]).await;
    tenant
        .on(
            "GET",
            "/applications$",
            ResponseTemplate::new(200).set_body_json(json!({ "value": [] })),
        )
        .await;
    let at = Registration {
        client_id: "it's not there".into(),
        ..Registration::default()
    };
    let journal = Journal::default();
    let error = tenant
        .provider()
        .read(context!(journal), &at)
        .await
        .unwrap_err();
    assert!(matches!(&error, ProviderError::Registration(error) if error.is_unknown_client()));
    let all = tenant.server.received_requests().await.unwrap();
    let filter = all
        .last()
        .unwrap()
        .url
        .query_pairs()
        .next()
        .unwrap()
        .1
        .into_owned();
    assert_eq!(filter, "appId eq 'it''s not there'");
}

#[tokio::test]
async fn a_deletion_can_be_restored_unless_it_is_purged() {
    let at = Registration {
        client_id: APP.into(),
        handles: [("object_id".to_owned(), "object-1".to_owned())].into(),
        ..Registration::default()
    };
    let journal = Journal::default();
    let soft = Tenant::well(&[]).await;
    soft.provider()
        .delete(context!(journal), &at)
        .await
        .unwrap();
    assert_eq!(soft.sent().await, ["DELETE applications/object-1"]);

    let hard = Tenant::well(&[("purge_on_delete", "true")]).await;
    hard.first(1, "DELETE", "/deletedItems/object-1$", not_found())
        .await;
    hard.on(
        "DELETE",
        "/deletedItems/object-1$",
        ResponseTemplate::new(204),
    )
    .await;
    hard.provider()
        .delete(context!(journal), &at)
        .await
        .unwrap();
    assert_eq!(
        hard.sent().await.len(),
        3,
        "the purge waits until the deletion has arrived"
    );
}

#[tokio::test]
async fn f20_what_was_deleted_already_is_an_unknown_client() {
    let journal = Journal::default();
    for (purge, deleted_there) in [("false", true), ("true", false)] {
        let tenant = Tenant::new(&[("purge_on_delete", purge)]).await;
        tenant.on("DELETE", "", not_found()).await;
        let item = if deleted_there {
            ResponseTemplate::new(200).set_body_json(json!({ "id": "object-1" }))
        } else {
            not_found()
        };
        tenant.on("GET", "/deletedItems/object-1$", item).await;
        let at = Registration {
            client_id: APP.into(),
            handles: [
                ("object_id".to_owned(), "object-1".to_owned()),
                ("created_at".to_owned(), NOW.to_string()),
            ]
            .into(),
            ..Registration::default()
        };
        let error = tenant
            .provider()
            .delete(context!(journal), &at)
            .await
            .unwrap_err();
        assert!(
            matches!(&error, ProviderError::Registration(error) if error.is_unknown_client()),
            "{error:?}"
        );
        assert_eq!(tenant.sent().await.len(), 2, "{purge}");
    }
}

#[tokio::test]
async fn an_update_is_read_back() {
    let tenant = Tenant::well(&[]).await;
    let mut changed = wanted();
    changed.set("client_name", "Orders 2");
    changed.set("redirect_uris", json!(["https://a.example/cb"]));
    changed.set("token_endpoint_auth_method", "client_secret_basic");
    let at = Registration {
        client_id: APP.into(),
        handles: [("object_id".to_owned(), "object-1".to_owned())].into(),
        ..Registration::default()
    };
    let journal = Journal::default();
    let read = tenant
        .provider()
        .update(context!(journal), &at, &changed)
        .await
        .unwrap();
    assert_eq!(
        tenant.sent().await,
        ["PATCH applications/object-1", "GET applications/object-1"]
    );
    assert_eq!(
        tenant.body("PATCH applications/object-1").await,
        json!({
            "displayName": "Orders 2",
            "web": { "homePageUrl": null, "redirectUris": ["https://a.example/cb"] },
            "info": { "termsOfServiceUrl": null, "privacyStatementUrl": null },
        })
    );
    assert_eq!(
        read.metadata.client_name().unwrap(),
        "Orders",
        "the answer is the truth"
    );
    assert_eq!(
        read.metadata.token_endpoint_auth_method().unwrap(),
        "client_secret_basic"
    );
}

#[tokio::test]
async fn a_list_goes_on_to_its_end_and_reads_the_marks() {
    let tenant = Tenant::new(&[]).await;
    let tags = json!([
        format!("keywright:vault:{}", Uuid::from_u128(1)),
        format!("keywright:entry:{}", Uuid::from_u128(2))
    ]);
    let next = format!(
        "{}/graph/v1.0/applications?$skiptoken=2",
        tenant.server.uri()
    );
    let page = json!({ "value": [{ "id": "object-1", "appId": "a", "displayName": "A", "tags": tags }], "@odata.nextLink": next });
    let last = json!({ "value": [{ "id": "object-2", "appId": "b", "displayName": null, "tags": [] }, { "id": "no-app-id" }] });
    Mock::given(path("/graph/v1.0/applications"))
        .and(query_param("$skiptoken", "2"))
        .respond_with(ResponseTemplate::new(200).set_body_json(last))
        .with_priority(1)
        .mount(&tenant.server)
        .await;
    tenant
        .on(
            "GET",
            "/applications$",
            ResponseTemplate::new(200).set_body_json(page),
        )
        .await;
    let journal = Journal::default();
    let all = tenant.provider().list(context!(journal)).await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].owner_tag, Some(MARK));
    assert_eq!((all[1].client_id.as_str(), all[1].owner_tag), ("b", None));
}

#[tokio::test]
async fn t02_the_next_page_of_a_list_is_not_fetched_from_a_stranger() {
    let tenant = Tenant::new(&[]).await;
    let page = json!({ "value": [], "@odata.nextLink": "https://evil.example/v1.0/applications" });
    tenant
        .on(
            "GET",
            "/applications$",
            ResponseTemplate::new(200).set_body_json(page),
        )
        .await;
    let journal = Journal::default();
    let error = tenant.provider().list(context!(journal)).await.unwrap_err();
    let ProviderError::Registration(RegistrationError::Http(error)) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.code(), "unconfirmed_host");
}
