//! Sign-ins at the personalities of vendors, at their own places.

use std::collections::BTreeMap;

use keywright_sandbox::{Personality, SandboxFaults};
use serde_json::{Value, json};

use super::{CALLBACK, CHALLENGE, VERIFIER, claims, parameter, sealed, target};
use crate::bench::{Bench, refusal, text};

#[tokio::test]
async fn a_user_signs_in_at_curity() {
    let bench = Bench::new().await;
    bench.sandbox.set_faults(
        Personality::Curity,
        SandboxFaults {
            vendor: BTreeMap::from([("open_registration".to_owned(), 1)]),
            ..SandboxFaults::default()
        },
    );
    let info = bench.sandbox.info();
    let own = info.personalities.into_iter();
    let own = own.into_iter().find(|one| one.name == "curity").unwrap();
    let address = format!("{}/.well-known/openid-configuration", own.issuer);
    let metadata = bench.http.get(address).send().await.unwrap();
    let metadata: Value = metadata.json().await.unwrap();
    let asked = json!({
        "grant_types": ["authorization_code", "refresh_token"], "redirect_uris": [CALLBACK],
        "scope": "openid orders:read",
    });
    let request = bench.http.post(text(&metadata, "registration_endpoint"));
    let client: Value = request
        .json(&asked)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let id = text(&client, "client_id");

    let browser = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut url: url::Url = text(&metadata, "authorization_endpoint").parse().unwrap();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let page = browser.get(url).send().await.unwrap().text().await.unwrap();
    let form = async |address: &str, fields: &[(&str, &str)]| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        browser
            .post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap()
    };
    let consent = format!("{}/curity/consent", bench.sandbox.info().idp);
    let request = sealed(&page);
    let fields = [
        ("request", request.as_str()),
        ("user", "bob"),
        ("decision", "allow"),
    ];
    let answer = target(&form(&consent, &fields).await);
    let code = parameter(&answer, "code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("client_secret", text(&client, "client_secret")),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let place = text(&metadata, "token_endpoint");
    let tokens: Value = form(place, &fields).await.json().await.unwrap();
    assert_eq!(tokens["token_type"], "bearer", "{tokens}");
    let access = text(&tokens, "access_token");
    assert_eq!(claims(access)["sub"], "demo-user-2");
    assert_eq!(claims(text(&tokens, "id_token"))["iss"], own.issuer);
    let api = bench.http.get(&own.api_url).bearer_auth(access);
    assert_eq!(api.send().await.unwrap().status(), 200);
    let user = bench.http.get(text(&metadata, "userinfo_endpoint"));
    let user = user.bearer_auth(access).send().await.unwrap();
    assert_eq!(user.json::<Value>().await.unwrap()["sub"], "demo-user-2");
    let again = form(place, &fields).await;
    assert_eq!(refusal(again).await, (400, "invalid_grant".to_owned()));
    let api = bench.http.get(&own.api_url).bearer_auth(access);
    assert_eq!(api.send().await.unwrap().status(), 401);
}
