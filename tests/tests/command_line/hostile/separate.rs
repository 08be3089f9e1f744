//! What belongs to one application or one API never goes to another (T22, T23, T51).

use std::collections::BTreeMap;

use keywright_core::view::{CallAuth, CallInput, SecretRef, TokenWish};

use super::{
    good,
    row::Place,
    server::{Reply, Server},
    stage::Stage,
};

/// A server whose API sets a cookie that asks to go everywhere.
async fn setting(cookie: &str) -> Server {
    let header = format!("Set-Cookie: {cookie}");
    let reply = Reply::with("200 OK", &[&header], b"{}");
    Server::start(good::routes(Place::Api, reply), "").await
}

fn call(application: &str, url: String, auth: CallAuth) -> CallInput {
    CallInput {
        application_id: application.to_owned(),
        method: "GET".into(),
        url,
        headers: Vec::new(),
        body: None,
        auth,
        resources: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t22_t23_a_cookie_goes_back_to_its_own_api_alone() {
    let stage = Stage::new().await;
    let keywright = &stage.keywright;
    let (a, b) = (
        setting("session=of-api-a; Path=/").await,
        setting("session=of-api-b; Path=/").await,
    );
    let one = stage
        .registered("one", &a.origin, BTreeMap::new())
        .await
        .unwrap()
        .id;
    let two = stage
        .registered("two", &a.origin, BTreeMap::new())
        .await
        .unwrap()
        .id;
    let api = |server: &Server| format!("{}/api", server.origin);
    keywright
        .calls()
        .send(&call(&one, api(&a), CallAuth::ClientCredentials))
        .await
        .unwrap();

    let elsewhere = b.origin.replace("127.0.0.1", "localhost");
    let other_name = a.origin.replace("127.0.0.1", "localhost");
    let other_scheme = a.origin.replace("http:", "https:");
    for (who, url) in [
        (&one, api(&b)),
        (&two, api(&a)),
        (&one, format!("{elsewhere}/api")),
        (&one, format!("{other_name}/api")),
        (&one, format!("{other_scheme}/api")),
    ] {
        let refused = keywright
            .calls()
            .send(&call(who, url.clone(), CallAuth::Session))
            .await
            .unwrap_err();
        assert_eq!(refused.code().as_str(), "no_session", "{url}");
    }
    keywright
        .calls()
        .send(&call(&one, api(&a), CallAuth::Session))
        .await
        .unwrap();
    for server in [&a, &b] {
        for request in server.received() {
            let carries = request.text.contains("of-api-");
            let own = request.path == "/api" && server.origin == a.origin;
            assert!(!carries || own, "{request:?}");
            // One kind of credential a call.
            let kinds = ["authorization:", "cookie:"]
                .map(|name| request.text.to_ascii_lowercase().contains(name));
            assert!(kinds != [true, true], "{request:?}");
        }
    }
    let sent = a
        .received()
        .iter()
        .filter(|request| request.text.contains("of-api-a"))
        .count();
    assert_eq!(sent, 1, "the call with the session");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t22_t23_a_cookie_for_all_names_of_a_domain_goes_to_no_sibling() {
    let stage = Stage::new().await;
    let keywright = &stage.keywright;
    let issuer = setting("other=1").await;
    let own = setting("session=of-api-a; Path=/; Domain=shop.localhost").await;
    let sibling = setting("session=of-api-b; Path=/; Domain=shop.localhost").await;
    let id = stage
        .registered("one", &issuer.origin, BTreeMap::new())
        .await
        .unwrap()
        .id;
    let api = |server: &Server, name: &str| {
        let origin = server.origin.replace("127.0.0.1", name);
        format!("{origin}/api")
    };
    let (first, second) = ("a.shop.localhost", "b.shop.localhost");
    keywright
        .calls()
        .send(&call(&id, api(&own, first), CallAuth::ClientCredentials))
        .await
        .unwrap();
    for url in [
        api(&own, second),
        api(&own, "shop.localhost"),
        api(&sibling, second),
    ] {
        let refused = keywright
            .calls()
            .send(&call(&id, url.clone(), CallAuth::Session))
            .await
            .unwrap_err();
        assert_eq!(refused.code().as_str(), "no_session", "{url}");
    }
    // A sibling sets a cookie for the whole domain: the session of the first API keeps its own.
    keywright
        .calls()
        .send(&call(
            &id,
            api(&sibling, second),
            CallAuth::ClientCredentials,
        ))
        .await
        .unwrap();
    keywright
        .calls()
        .send(&call(&id, api(&own, first), CallAuth::Session))
        .await
        .unwrap();
    keywright
        .calls()
        .send(&call(&id, api(&sibling, second), CallAuth::Session))
        .await
        .unwrap();
    for (server, value, other) in [
        (&own, "of-api-a", "of-api-b"),
        (&sibling, "of-api-b", "of-api-a"),
    ] {
        let received = server.received();
        let with = |value: &str| {
            received
                .iter()
                .filter(|one| one.text.contains(value))
                .count()
        };
        assert_eq!((with(value), with(other)), (1, 0), "{received:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t51_two_clients_of_one_id_and_one_issuer_are_two() {
    let stage = Stage::new().await;
    let keywright = &stage.keywright;
    let server = setting("session=1").await;
    let one = stage
        .registered("one", &server.origin, BTreeMap::new())
        .await
        .unwrap();
    let two = stage
        .registered("two", &server.origin, BTreeMap::new())
        .await
        .unwrap();
    assert_eq!((&one.client_id, &one.issuer), (&two.client_id, &two.issuer));
    let taken = stage
        .registered("one", &server.origin, BTreeMap::new())
        .await
        .unwrap_err();
    assert_eq!(taken.code().as_str(), "name_taken");

    let wish = |id: &str| TokenWish {
        application_id: id.to_owned(),
        ..TokenWish::default()
    };
    let first = keywright.tokens().get(&wish(&one.id)).await.unwrap();
    let second = keywright.tokens().get(&wish(&two.id)).await.unwrap();
    assert!(
        !second.from_cache && first.id != second.id,
        "no token is shared"
    );
    assert!(
        keywright
            .tokens()
            .get(&wish(&two.id))
            .await
            .unwrap()
            .from_cache
    );

    keywright.registration().forget(&one.id).await.unwrap();
    let left = SecretRef::ClientSecret {
        application_id: two.id.clone(),
    };
    assert_eq!(
        keywright.disclosure().reveal(&left).unwrap().expose(),
        good::CLIENT_SECRET
    );
    assert_eq!(keywright.tokens().list(Some(&two.id)).unwrap().len(), 1);
}
