//! Verify, register, read, update, list, token, call, delete.

use keywright_providers::{Capability, Verdict};

use super::*;

#[tokio::test]
async fn verify_passes_and_changes_nothing() {
    let world = World::new().await;
    let before = world.count().await;
    let verification = world.verify().await;
    assert!(
        verification.ok() && !verification.warns(),
        "{:#?}",
        verification.steps
    );
    assert!(
        verification
            .steps
            .iter()
            .all(|step| step.state == StepState::Passed),
        "{:#?}",
        verification.steps
    );
    assert_eq!(world.count().await, before);
}

#[tokio::test]
async fn a_minimal_registration_is_a_service_that_gets_a_token() {
    let world = World::new().await;
    let at = world.service().await;
    assert!(at.client_id.starts_with("0oa") && at.client_id.len() == 20);
    assert_eq!(at.client_secret.as_ref().unwrap().expose().len(), 64);
    assert_eq!(at.granted.grant_types().unwrap(), ["client_credentials"]);
    assert_eq!(at.granted.members()["application_type"], "service");
    assert_eq!(
        *world.journal.lock().unwrap().last().unwrap(),
        "done register"
    );
    let token = world.token(&at).await.unwrap();
    assert_eq!(token.scope.as_deref(), Some("orders:read orders:write"));
    let response = world.bench.http.get(&world.api);
    let response = response.bearer_auth(token.access_token.expose());
    assert_eq!(response.send().await.unwrap().status(), 200);
    let response = world.bench.http.get(&world.api);
    let secret = at.client_secret.as_ref().unwrap();
    let response = response.basic_auth(&at.client_id, Some(secret.expose()));
    assert_eq!(response.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_full_registration_is_granted_as_asked() {
    let world = World::new().await;
    let draft = json!({
        "client_name": "Full", "client_uri": "https://www.example.com", "logo_uri": "https://www.example.com/l.png",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "redirect_uris": ["https://www.example.com/cb"], "token_endpoint_auth_method": "client_secret_post",
        "tos_uri": "https://www.example.com/tos", "policy_uri": "https://www.example.com/policy",
    });
    let at = world.registered(&draft).await;
    for (name, value) in draft.as_object().unwrap() {
        assert_eq!(at.granted.members().get(name), Some(value), "{name}");
    }
    assert_eq!(at.granted.members()["application_type"], "web");
    world.token(&at).await.unwrap();
}

#[tokio::test]
async fn granted_less_is_told_by_the_answer() {
    let world = World::new().await;
    world.faults(SandboxFaults {
        grant_less: true,
        ..SandboxFaults::default()
    });
    let draft = json!({
        "client_name": "a", "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["https://a.example/cb"],
    });
    let at = world.registered(&draft).await;
    assert_eq!(at.granted.grant_types().unwrap(), ["authorization_code"]);
}

#[tokio::test]
async fn scopes_are_kept_for_the_token_and_said_to_be_no_part_of_the_client() {
    let mut world = World::new().await;
    world.config.settings.remove("okta_custom_scope");
    let draft = json!({ "client_name": "a", "scope": "orders:read" });
    let plan = world.provider().plan(&metadata(&draft)).unwrap();
    let shortfalls: Vec<(&str, &str)> = plan
        .shortfalls
        .iter()
        .map(|one| (one.code(), one.about()))
        .collect();
    assert_eq!(shortfalls, [("okta_scope_by_policy", "orders:read")]);
    let at = world.registered(&draft).await;
    assert!(at.granted.scopes().is_none());
    let token = world.token(&at).await.unwrap();
    assert_eq!(token.scope.as_deref(), Some("orders:read"));
}

#[tokio::test]
async fn a_client_is_read_updated_and_read_again() {
    let world = World::new().await;
    let at = world.service().await;
    let mut wanted = at.granted.clone();
    wanted.set("client_name", "renamed");
    let changed = world
        .run(async |okta, context| okta.update(context, &at, &wanted).await.unwrap())
        .await;
    assert_eq!(changed.metadata.client_name().as_deref(), Some("renamed"));
    let read = world.read(&at).await.unwrap();
    assert_eq!(read.metadata, changed.metadata);
    assert!(read.client_secret.is_none(), "a read shows no secret");
    assert_eq!(read.client_id_issued_at, Some(START));
    // The secret that was there still opens.
    world.token(&at).await.unwrap();
}

#[tokio::test]
async fn a_change_that_okta_refuses_changes_nothing() {
    let world = World::new().await;
    let at = world.service().await;
    let mut wanted = at.granted.clone();
    wanted.set(
        "grant_types",
        json!(["client_credentials", "refresh_token"]),
    );
    let refused = world
        .run(async |okta, context| okta.update(context, &at, &wanted).await.unwrap_err())
        .await;
    assert_eq!(code(&refused), (400, "invalid_client_metadata".into()));
    assert_eq!(world.read(&at).await.unwrap().metadata, at.granted);
}

#[tokio::test]
async fn all_clients_are_listed_page_by_page_with_their_marks() {
    let world = World::new().await;
    let owner_tag = OwnerTag {
        vault: Uuid::now_v7(),
        entry: Uuid::now_v7(),
    };
    let draft = metadata(&json!({ "client_name": "marked" }));
    world
        .run_as(owner_tag, async |okta, context| {
            okta.register(context, &draft).await.unwrap()
        })
        .await;
    for _ in 0..201 {
        world.service().await;
    }
    let listed = world
        .run(async |okta, context| okta.list(context).await.unwrap())
        .await;
    assert_eq!(listed.len(), 202);
    let marked: Vec<_> = listed
        .iter()
        .filter(|one| one.owner_tag == Some(owner_tag))
        .collect();
    assert_eq!(marked.len(), 1);
    assert_eq!(marked[0].name.as_deref(), Some("marked"));
}

#[tokio::test]
async fn a_deleted_client_is_gone_and_a_second_deletion_says_so() {
    let world = World::new().await;
    let at = world.service().await;
    world.delete(&at).await.unwrap();
    assert_eq!(world.count().await, 0);
    let again = world.delete(&at).await.unwrap_err();
    assert_eq!(code(&again), (404, "E0000007".into()));
    assert!(matches!(&again, ProviderError::Registration(error) if error.is_unknown_client()));
    let gone = world.token(&at).await.unwrap_err();
    assert_eq!(token_code(&gone), (401, "invalid_client".into()));
}

#[tokio::test]
async fn an_application_is_deactivated_before_it_is_deleted() {
    let world = World::new().await;
    let at = world.service().await;
    world.turn(&["deactivate_before_delete"]);
    world.delete(&at).await.unwrap();
    assert_eq!(world.count().await, 0);
    let journal = world.journal.lock().unwrap().clone();
    assert!(
        journal.ends_with(&[
            "sending delete".into(),
            "sending deactivate".into(),
            "sending delete".into()
        ]),
        "{journal:?}"
    );
}

#[tokio::test]
async fn an_existing_client_is_adopted_by_id_and_secret() {
    let world = World::new().await;
    let made = world.service().await;
    let bare = Registration {
        client_id: made.client_id.clone(),
        client_secret: made.client_secret.clone(),
        ..Registration::default()
    };
    world.token(&bare).await.unwrap();
    let read = world.read(&bare).await.unwrap();
    assert_eq!(read.metadata.client_name().as_deref(), Some("orders"));
}

#[tokio::test]
async fn what_the_sheet_promises_is_there() {
    let world = World::new().await;
    let sheet = world.provider().capabilities();
    for capability in [
        Capability::Register,
        Capability::Read,
        Capability::Rotate,
        Capability::RotateOverlap,
        Capability::Delete,
        Capability::List,
        Capability::ClientCredentials,
        Capability::SigningKeys,
        Capability::Introspection,
        Capability::Revocation,
    ] {
        let line = sheet.line(capability).unwrap();
        assert_eq!(line.verdict, Verdict::Yes, "{line:?}");
    }
    let line = sheet.line(Capability::Update).unwrap();
    assert_eq!(line.verdict, Verdict::Partly);
}

#[tokio::test]
async fn a_token_is_introspected_and_revoked_by_its_client() {
    use keywright_oauth::{introspect, revoke};
    let world = World::new().await;
    let at = world.service().await;
    let token = world.token(&at).await.unwrap();
    let metadata = world.config.metadata.clone().unwrap();
    let client_authentication = world.provider().client_authentication(&at).unwrap();
    let ask = async || {
        let place = metadata.introspection_endpoint.as_ref().unwrap();
        let value = token.access_token.expose();
        introspect::introspect(
            &world.http(),
            place,
            &client_authentication,
            value,
            Uuid::now_v7(),
        )
        .await
        .unwrap()
        .active
    };
    assert_eq!(ask().await, Some(true));
    let place = metadata.revocation_endpoint.as_ref().unwrap();
    revoke::revoke(
        &world.http(),
        place,
        &client_authentication,
        token.access_token.expose(),
        Uuid::now_v7(),
    )
    .await
    .unwrap();
    assert_eq!(ask().await, Some(false));
}
