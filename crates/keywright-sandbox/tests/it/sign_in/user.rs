//! The user's claims and the sign-out.

use serde_json::{Value, json};
use url::Url;

use super::{Visit, parameter, target};
use crate::bench::{header, text};

const AFTER: &str = "https://app.example/bye";

#[tokio::test]
async fn the_claims_are_those_that_the_scope_opens() {
    let visit = Visit::new().await;
    for (scope, claims) in [
        ("openid", json!({ "sub": "demo-user-2" })),
        (
            "openid email profile",
            json!({
                "sub": "demo-user-2", "name": "Bob Demo", "preferred_username": "bob",
                "email": "bob@example.com", "email_verified": true,
            }),
        ),
    ] {
        let code = parameter(&visit.allowed(&[("scope", scope)]).await, "code");
        let tokens: Value = visit.redeem(&code, &[]).await.json().await.unwrap();
        let userinfo = format!("{}/userinfo", visit.bench.issuer);
        let request = visit.bench.http.get(userinfo);
        let response = request.bearer_auth(text(&tokens, "access_token")).send();
        let answer: Value = response.await.unwrap().json().await.unwrap();
        assert_eq!(answer, claims, "{scope}");
    }
}

fn end(visit: &Visit, parameters: &[(&str, &str)]) -> Url {
    let mut url: Url = format!("{}/end_session", visit.bench.issuer)
        .parse()
        .unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    url
}

#[tokio::test]
async fn a_sign_out_leads_only_to_a_registered_address() {
    let visit = Visit::with(&json!({ "post_logout_redirect_uris": [AFTER] })).await;
    let (answer, cookies) = visit.allowed_with_session(&[]).await;
    let tokens = visit.redeem(&parameter(&answer, "code"), &[]).await;
    let tokens: Value = tokens.json().await.unwrap();
    let hint = ("id_token_hint", text(&tokens, "id_token"));
    let there = [hint, ("post_logout_redirect_uri", AFTER), ("state", "a b")];
    let response = visit.open_as(&end(&visit, &there), &cookies).await;
    assert!(header(&response, "set-cookie").contains("Max-Age=0"));
    let to = target(&response);
    assert!(to.as_str().starts_with(AFTER));
    assert_eq!(parameter(&to, "state"), "a b");

    let elsewhere = [hint, ("post_logout_redirect_uri", "https://evil.example/")];
    let response = visit.open_as(&end(&visit, &elsewhere), &cookies).await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "location")),
        (200, "")
    );
}

#[tokio::test]
async fn without_an_id_token_the_user_is_asked() {
    let visit = Visit::new().await;
    let (_, cookies) = visit.allowed_with_session(&[]).await;
    let response = visit
        .open_as(&end(&visit, &[("client_id", visit.id())]), &cookies)
        .await;
    assert_eq!(header(&response, "set-cookie"), "");
    let page = response.text().await.unwrap();
    assert!(
        page.contains("Sign bob out") && page.contains("<form"),
        "{page}"
    );
    let response = visit
        .browser
        .post(end(&visit, &[]))
        .header("cookie", &cookies)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("decision=sign_out")
        .send()
        .await
        .unwrap();
    assert!(header(&response, "set-cookie").contains("Max-Age=0"));
    assert!(response.text().await.unwrap().contains("Signed out"));
}
