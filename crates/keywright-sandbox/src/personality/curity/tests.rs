//! The token endpoint of Curity.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::SELF;
use crate::idp;
use crate::personality::bench::{Bench, body, text};

#[tokio::test]
async fn the_token_type_is_in_lower_case_and_both_ways_to_authenticate_are_open() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let answer = body(bench.ask_token(SELF, &client, &[]).await).await;
    assert_eq!(answer["token_type"], "bearer");
    let token = text(&answer, "access_token").to_owned();
    let claims = idp::live_token(bench.shared(), SELF, &token).unwrap();
    assert_eq!(claims.sub, client.id);
    assert_eq!(claims.text("purpose"), Some("access_token"));
    assert!(idp::live_token(bench.shared(), SELF, &bench.token(SELF, &client).await).is_some());
}

#[tokio::test]
async fn a_token_to_register_with_can_be_spent_once() {
    let bench = Bench::new().await;
    let admin = bench.admin(SELF);
    let answer = body(bench.ask_token(SELF, &admin, &[("scope", "dcr")]).await).await;
    assert_eq!(answer["scope"], "dcr");
    let token = text(&answer, "access_token");
    let audience = SELF.issuer(bench.shared());
    let claims = idp::admin_token(bench.shared(), SELF, token, &audience).unwrap();
    assert_eq!(claims.scope(), ["dcr"]);
    assert!(idp::spend(bench.shared(), &claims));
    assert!(!idp::spend(bench.shared(), &claims));
    assert!(idp::admin_token(bench.shared(), SELF, token, &audience).is_none());
}

#[tokio::test]
async fn a_client_cannot_have_a_token_to_register_with() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let response = bench.ask_token(SELF, &client, &[("scope", "dcr")]).await;
    assert_eq!(response.status(), 400);
    assert_eq!(body(response).await["error"], "invalid_scope");
}
