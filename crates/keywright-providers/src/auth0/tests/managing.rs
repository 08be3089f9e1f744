//! Read, update, rotate, delete and list; tokens.

use keywright_oauth::{
    error_response::ErrorResponse,
    register::RegistrationError,
    secret::RefreshToken,
    token::{ClientAuth, TokenError},
};
use serde_json::json;

use super::*;
use crate::{Capability, ProviderError, TokenWish, WishedGrant};

#[tokio::test]
async fn a_read_gives_the_scopes_of_the_grant() {
    let house = House::new().await;
    house.on("GET", "/api/v2/clients/c1", 200, &client()).await;
    let mut narrower = grant();
    narrower["scope"] = json!(["read"]);
    house
        .on("GET", "/api/v2/client-grants", 200, &grants(&[narrower]))
        .await;
    let adopted = Registration {
        client_id: "c1".into(),
        ..Registration::default()
    };
    let read = house
        .run(async |provider, context| provider.read(context, &adopted).await)
        .await
        .unwrap();
    assert_eq!(read.metadata.scopes().unwrap(), ["read"]);
    assert_eq!(read.handles["auth0_grant_id"], "cgr_1");
    let requests = house.server.received_requests().await.unwrap();
    let query: BTreeMap<String, String> = requests
        .last()
        .unwrap()
        .url
        .query_pairs()
        .into_owned()
        .collect();
    assert_eq!(query["client_id"], "c1");
    assert_eq!(query["audience"], "https://orders.example");
}

#[tokio::test]
async fn a_grant_that_was_ended_there_is_forgotten_here() {
    let house = House::new().await;
    house.on("GET", "/api/v2/clients/c1", 200, &client()).await;
    house
        .on("GET", "/api/v2/client-grants", 200, &grants(&[]))
        .await;
    let read = house
        .run(async |provider, context| provider.read(context, &registered()).await)
        .await
        .unwrap();
    assert_eq!(read.handles["auth0_grant_id"], "");
    assert_eq!(read.metadata.scopes(), None);
}

#[tokio::test]
async fn an_update_sends_what_differs_to_the_client_and_to_its_grant() {
    let house = House::new().await;
    let mut renamed = client();
    renamed["name"] = json!("Orders 2");
    house.on("PATCH", "/api/v2/clients/c1", 200, &renamed).await;
    let mut wider = grant();
    wider["scope"] = json!(["read", "admin"]);
    house
        .on("PATCH", "/api/v2/client-grants/cgr_1", 200, &wider)
        .await;
    let mut asked = registered().granted;
    asked.set("client_name", "Orders 2");
    asked.set("scope", "read admin");
    let updated = house
        .run(async |provider, context| provider.update(context, &registered(), &asked).await)
        .await
        .unwrap();
    assert_eq!(
        house.sent().await,
        [
            (
                "PATCH /api/v2/clients/c1".to_owned(),
                json!({"name": "Orders 2"})
            ),
            (
                "PATCH /api/v2/client-grants/cgr_1".to_owned(),
                json!({"scope": ["read", "admin"]})
            ),
        ]
    );
    assert_eq!(updated.metadata.client_name().unwrap(), "Orders 2");
    assert_eq!(updated.metadata.scopes().unwrap(), ["read", "admin"]);
    assert!(house.journal().last().unwrap().ends_with("complete=true"));
}

#[tokio::test]
async fn an_update_that_changes_nothing_only_reads() {
    let house = House::new().await;
    house.on("GET", "/api/v2/clients/c1", 200, &client()).await;
    house
        .on("GET", "/api/v2/client-grants", 200, &grants(&[grant()]))
        .await;
    let asked = registered().granted;
    house
        .run(async |provider, context| provider.update(context, &registered(), &asked).await)
        .await
        .unwrap();
    assert!(
        house
            .asked()
            .await
            .iter()
            .all(|line| line.starts_with("GET "))
    );
}

#[tokio::test]
async fn a_client_that_had_no_grant_gets_one_with_its_first_scope() {
    let house = House::new().await;
    house
        .on("PATCH", "/api/v2/clients/c1", 200, &client())
        .await;
    house
        .on("POST", "/api/v2/client-grants", 201, &grant())
        .await;
    let bare = Registration {
        handles: BTreeMap::new(),
        granted: metadata(&json!({"client_name": "Old", "grant_types": ["client_credentials"]})),
        ..registered()
    };
    let updated = house
        .run(async |provider, context| provider.update(context, &bare, &wanted()).await)
        .await
        .unwrap();
    assert_eq!(updated.handles["auth0_grant_id"], "cgr_1");
}

#[tokio::test]
async fn a_rotation_keeps_the_scopes_and_settles_for_half_a_minute() {
    let house = House::new().await;
    let mut rotated = client();
    rotated["client_secret"] = json!("the-new-secret");
    house
        .on("POST", "/api/v2/clients/c1/rotate-secret", 200, &rotated)
        .await;
    house.clock.advance(1000);
    let new = house
        .run(async |provider, context| provider.rotate(context, &registered()).await)
        .await
        .unwrap();
    assert_eq!(
        new.client_secret.as_ref().unwrap().expose(),
        "the-new-secret"
    );
    assert_eq!(new.metadata.scopes().unwrap(), ["read", "write"]);
    let at = kept(&new);
    let refused = |status| TokenError::Refused {
        words: ErrorResponse {
            status,
            error: Some("access_denied".into()),
            description: Some("Unauthorized".into()),
            ..ErrorResponse::default()
        },
        retry_after: None,
        exchange: Uuid::nil(),
    };
    let settles = |status, after| {
        house
            .provider
            .may_not_have_propagated(&refused(status), &at, NOW + 1000 + after)
    };
    assert!(settles(401, 0) && settles(401, 30));
    assert!(!settles(401, 31) && !settles(403, 1) && !settles(401, -1));
    let is_the_client = |status| house.provider.refuses_client(&refused(status));
    assert!(is_the_client(401) && !is_the_client(403));
}

#[tokio::test]
async fn a_rotation_that_answers_no_secret_is_an_unknown_outcome() {
    let house = House::new().await;
    house
        .on(
            "POST",
            "/api/v2/clients/c1/rotate-secret",
            200,
            &without_secret(client()),
        )
        .await;
    let error = house
        .run(async |provider, context| provider.rotate(context, &registered()).await)
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Registration(error) if error.outcome_unknown()));
}

#[tokio::test]
async fn a_client_that_proves_itself_by_a_key_has_no_secret_to_rotate() {
    let house = House::new().await;
    let mut at = registered();
    assert!(house.provider.can(Capability::Rotate, &at).is_ok());
    at.granted
        .set("token_endpoint_auth_method", "private_key_jwt");
    assert!(house.provider.can(Capability::Rotate, &at).is_err());
}

#[tokio::test]
async fn a_deletion_ends_the_grants_first() {
    let house = House::new().await;
    house
        .on("DELETE", "/api/v2/client-grants/cgr_1", 204, &Value::Null)
        .await;
    house
        .on("DELETE", "/api/v2/clients/c1", 204, &Value::Null)
        .await;
    house
        .run(async |provider, context| provider.delete(context, &registered()).await)
        .await
        .unwrap();
    assert_eq!(
        house.asked().await,
        [
            "DELETE /api/v2/client-grants/cgr_1",
            "DELETE /api/v2/clients/c1"
        ]
    );
}

#[tokio::test]
async fn a_half_made_client_is_deleted_with_the_grants_that_are_found() {
    let house = House::new().await;
    let mut own = grant();
    own["id"] = json!("cgr_system");
    own["is_system"] = json!(true);
    house
        .on(
            "GET",
            "/api/v2/client-grants",
            200,
            &grants(&[grant(), own]),
        )
        .await;
    let gone = refusal(404, "inexistent_client_grant", "The grant does not exist.");
    house
        .on("DELETE", "/api/v2/client-grants/cgr_1", 404, &gone)
        .await;
    house
        .on("DELETE", "/api/v2/clients/c1", 200, &json!({}))
        .await;
    let half = Registration {
        client_id: "c1".into(),
        ..Registration::default()
    };
    house
        .run(async |provider, context| provider.delete(context, &half).await)
        .await
        .unwrap();
    assert_eq!(house.asked().await.len(), 3);
}

#[tokio::test]
async fn a_client_that_is_gone_is_said_to_be_unknown() {
    let house = House::new().await;
    house
        .on("DELETE", "/api/v2/client-grants/cgr_1", 204, &Value::Null)
        .await;
    let gone = refusal(404, "inexistent_client", "The client does not exist");
    house.on("DELETE", "/api/v2/clients/c1", 404, &gone).await;
    let error = house
        .run(async |provider, context| provider.delete(context, &registered()).await)
        .await
        .unwrap_err();
    let ProviderError::Registration(error) = error else {
        panic!("{error:?}");
    };
    assert!(error.is_unknown_client());
    assert!(matches!(error, RegistrationError::Refused { words, .. } if words.status == 404));
}

#[tokio::test]
async fn all_pages_are_listed_by_checkpoints_without_secrets() {
    let house = House::new().await;
    let many: Vec<Value> = (0..100)
        .map(|n| json!({"client_id": format!("c{n}"), "name": "x"}))
        .collect();
    house
        .once(
            "GET",
            "/api/v2/clients",
            200,
            &json!({"next": "cursor 100", "clients": many}),
        )
        .await;
    let last = json!({"clients": [{"client_id": "ours", "name": "Orders", "client_metadata": {
        "keywright_vault": Uuid::from_u128(1), "keywright_entry": Uuid::from_u128(2)}}]});
    house.on("GET", "/api/v2/clients", 200, &last).await;
    let all = house
        .run(async |provider, context| provider.list(context).await)
        .await
        .unwrap();
    assert_eq!(all.len(), 101);
    let marked: Vec<&str> = all
        .iter()
        .filter(|one| one.owner_tag.is_some())
        .map(|one| one.client_id.as_str())
        .collect();
    assert_eq!(marked, ["ours"]);
    let requests = house.server.received_requests().await.unwrap();
    let pages: Vec<String> = requests
        .iter()
        .filter_map(|request| request.url.query())
        .map(str::to_owned)
        .collect();
    assert!(pages.iter().all(|page| page.contains("take=100")));
    assert!(!pages[0].contains("from=") && pages[1].contains("from=cursor+100"));
    assert!(!pages.iter().any(|page| page.contains("page=")));
    assert!(
        pages
            .iter()
            .all(|page| page.contains("fields=client_id%2Cname%2Cclient_metadata"))
    );
}

#[tokio::test]
async fn a_token_request_names_the_api_and_no_scopes() {
    let house = House::with(&[("audience", "https://set.example")]).await;
    let ask =
        |at: &Registration, wish| house.provider.token_request(at, wish, Uuid::nil()).unwrap();
    let request = ask(&registered(), TokenWish::default());
    assert_eq!(
        request.extra,
        [("audience".to_owned(), "https://orders.example".to_owned())]
    );
    assert_eq!(request.scopes, Vec::<String>::new());
    assert_eq!(request.client_auth, ClientAuth::Post);
    assert_eq!(request.endpoint.path(), "/oauth/token");

    let wish = TokenWish {
        audience: Some("https://wished.example".into()),
        scopes: Some(vec!["read".into()]),
        ..TokenWish::default()
    };
    let request = ask(&registered(), wish);
    assert_eq!(request.extra[0].1, "https://wished.example");
    assert_eq!(request.scopes, ["read"]);

    let wish = TokenWish {
        grant: WishedGrant::RefreshToken(RefreshToken::new("r")),
        ..TokenWish::default()
    };
    assert!(ask(&registered(), wish).extra.is_empty());

    let unnamed = Registration {
        client_id: "c1".into(),
        client_secret: Some(ClientSecret::new("s")),
        ..Registration::default()
    };
    let request = ask(&unnamed, TokenWish::default());
    assert_eq!(request.client_auth, ClientAuth::Post);
    assert_eq!(request.extra[0].1, "https://set.example");
}
