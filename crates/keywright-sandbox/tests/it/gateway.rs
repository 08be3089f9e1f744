//! The gateway: credentials, sessions and the example API.

use keywright_sandbox::SessionLimits;
use reqwest::{
    Method,
    header::{COOKIE, HOST, ORIGIN},
};
use serde_json::{Value, json};

use crate::bench::{Bench, cookies, header, set_cookies, text};

#[tokio::test]
async fn without_credentials_nobody_passes() {
    let bench = Bench::new().await;
    for path in ["", "/1"] {
        let url = format!("{}{path}", bench.api);
        let response = bench.http.get(url).send().await.unwrap();
        assert_eq!(response.status(), 401);
        let challenges = response.headers().get_all("www-authenticate");
        assert_eq!(challenges.iter().count(), 2);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body, json!({ "message": "Unauthorized" }));
    }
}

#[tokio::test]
async fn credentials_then_token_then_session_tell_how_they_passed() {
    let bench = Bench::new().await;
    for method in ["client_secret_basic", "client_secret_post"] {
        let asked = json!({ "token_endpoint_auth_method": method });
        let client = bench.registered(&asked).await;
        let response = bench.with_basic(&client).await;
        assert_eq!(response.status(), 200, "{method}");
        assert_eq!(
            header(&response, "x-consumer-id"),
            text(&client, "client_id")
        );
        let set = set_cookies(&response);
        assert_eq!(set.len(), 1);
        assert!(set[0].starts_with("session="));
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(set[0].contains(attribute), "{attribute}");
        }
        let cookie = cookies(&response);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["authenticated_by"], "client-credentials");
        assert_eq!(body["client_id"], client["client_id"]);
        assert_eq!(body["orders"].as_array().unwrap().len(), 3);

        let response = bench.with_cookies(&cookie).await;
        assert_eq!(set_cookies(&response), Vec::<String>::new());
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["authenticated_by"], "session");
        assert_eq!(body["client_id"], client["client_id"]);
    }
    let client = bench.client().await;
    let token = bench.token(&client).await;
    let response = bench.with_bearer(text(&token, "access_token")).await;
    assert_eq!(set_cookies(&response).len(), 1);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["authenticated_by"], "bearer");
}

#[tokio::test]
async fn a_token_that_is_over_does_not_pass() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let token = bench.token(&client).await;
    bench.advance(899);
    let access = text(&token, "access_token");
    assert_eq!(bench.with_bearer(access).await.status(), 200);
    bench.advance(1);
    assert_eq!(bench.with_bearer(access).await.status(), 401);
}

#[tokio::test]
async fn two_kinds_of_credentials_at_once_are_a_bad_request() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let token = bench.token(&client).await;
    let cookie = cookies(&bench.with_basic(&client).await);
    let request = bench.http.get(&bench.api).header(COOKIE, &cookie);
    let request = request.bearer_auth(text(&token, "access_token"));
    assert_eq!(request.send().await.unwrap().status(), 400);
    let request = bench.http.get(&bench.api).bearer_auth("a");
    let request = request.basic_auth("b", Some("c"));
    assert_eq!(request.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_large_session_travels_in_chunks() {
    let bench = Bench::with(|o| o.session_padding_bytes = 9000).await;
    let client = bench.client().await;
    let response = bench.with_basic(&client).await;
    let set = set_cookies(&response);
    assert!(set.len() > 2);
    for (index, cookie) in set.iter().enumerate() {
        assert!(cookie.len() <= 4096);
        let name = match index {
            0 => "session=".to_owned(),
            _ => format!("session{}=", index + 1),
        };
        assert!(cookie.starts_with(&name), "{index}");
    }
    let all = cookies(&response);
    assert_eq!(bench.with_cookies(&all).await.status(), 200);
    let (some, _) = all.rsplit_once(';').unwrap();
    assert_eq!(bench.with_cookies(some).await.status(), 401);
}

#[tokio::test]
async fn an_idle_session_ends_and_a_used_one_goes_on() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let first = cookies(&bench.with_basic(&client).await);
    bench.advance(800);
    let response = bench.with_cookies(&first).await;
    assert_eq!(response.status(), 200);
    let second = cookies(&response);
    assert!(second.starts_with("session=") && second != first);
    bench.advance(800);
    assert_eq!(bench.with_cookies(&first).await.status(), 401);
    assert_eq!(bench.with_cookies(&second).await.status(), 200);
    bench.advance(900);
    assert_eq!(bench.with_cookies(&second).await.status(), 401);
}

#[tokio::test]
async fn a_rolling_session_is_renewed_by_a_new_cookie_until_its_absolute_end() {
    let bench = Bench::with(|o| {
        o.session = SessionLimits {
            idle_secs: 0,
            rolling_secs: 3600,
            absolute_secs: 10_000,
        }
    })
    .await;
    let client = bench.client().await;
    let first = cookies(&bench.with_basic(&client).await);
    bench.advance(2699);
    let early = bench.with_cookies(&first).await;
    assert_eq!(
        (early.status().as_u16(), set_cookies(&early).len()),
        (200, 0)
    );
    bench.advance(801);
    let second = cookies(&bench.with_cookies(&first).await);
    bench.advance(100);
    assert_eq!(bench.with_cookies(&first).await.status(), 401);
    bench.advance(3000);
    let third = cookies(&bench.with_cookies(&second).await);
    bench.advance(3399);
    let last = bench.with_cookies(&third).await;
    assert_eq!(last.status(), 200);
    let fourth = cookies(&last);
    bench.advance(1);
    assert_eq!(bench.with_cookies(&fourth).await.status(), 401);
}

#[tokio::test]
async fn orders_can_be_read_one_by_one_and_added() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let cookie = cookies(&bench.with_basic(&client).await);
    let get = async |path: &str| {
        let url = format!("{}{path}", bench.api);
        let request = bench.http.get(url).header(COOKIE, &cookie);
        request.send().await.unwrap()
    };
    assert_eq!(get("/4").await.status(), 404);
    let post = async |body: Value| {
        let request = bench.http.post(&bench.api).header(COOKIE, &cookie);
        request.json(&body).send().await.unwrap()
    };
    assert_eq!(post(json!({ "quantity": 1 })).await.status(), 400);
    let made = post(json!({ "item": "Padlock", "quantity": 2 })).await;
    assert_eq!(made.status(), 201);
    assert_eq!(header(&made, "location"), format!("{}/4", bench.api));
    let body: Value = get("/4").await.json().await.unwrap();
    assert_eq!(
        body["order"],
        json!({ "id": 4, "item": "Padlock", "quantity": 2 })
    );
}

#[tokio::test]
async fn t32_pages_of_other_origins_and_other_names_are_turned_away() {
    let bench = Bench::new().await;
    let port = bench.api.split(':').nth(2).unwrap().split('/').next();
    let own = format!("localhost:{}", port.unwrap());
    for (host, status) in [
        (own.as_str(), 401),
        ("evil.example", 421),
        ("127.0.0.1:1", 421),
        ("127.0.0.1", 421),
    ] {
        let request = bench.http.get(&bench.api).header(HOST, host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
    let same = format!("http://{own}");
    for (origin, status) in [
        (same.as_str(), 401),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1:1", 403),
    ] {
        let request = bench.http.get(&bench.api).header(ORIGIN, origin);
        assert_eq!(request.send().await.unwrap().status(), status, "{origin}");
    }
    let idp = bench.http.get(format!("{}/jwks", bench.issuer));
    let response = idp.header(HOST, own).send().await.unwrap();
    assert_eq!(response.status(), 421, "the other server's name");
    // What a page may send without asking first, what it asks first, and a socket.
    let evil = "https://evil.example";
    let register = format!("{}/register", bench.issuer);
    let simple = bench.http.post(&register).header(ORIGIN, evil);
    let simple = simple.header("content-type", "text/plain").body("{}");
    assert_eq!(simple.send().await.unwrap().status(), 403);
    let preflight = bench.http.request(Method::OPTIONS, &register);
    let preflight = preflight.header(ORIGIN, evil);
    let answer = preflight
        .header("access-control-request-method", "POST")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 403);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let socket = bench.http.get(&bench.api).header(ORIGIN, evil);
    let socket = socket
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==");
    assert_eq!(socket.send().await.unwrap().status(), 403);
}
