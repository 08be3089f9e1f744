//! What a token request of an application asks for.

use keywright_oauth::{
    error_response::{BodyForm, ErrorResponse},
    token::TokenError,
};

use super::*;
use crate::{TokenWish, settings};

#[tokio::test]
async fn a_token_asks_for_the_scopes_of_the_application_then_of_the_configuration() {
    let mut org = Org::start().await;
    org.set(
        "token_endpoint",
        "https://dev.okta.com/oauth2/default/v1/token",
    );
    org.set(Okta::CUSTOM_SCOPE, "orders:read openid");
    let asks = |org: &Org, at: &Registration, scopes: Option<&str>| {
        let wish = TokenWish {
            scopes: scopes.map(|scope| vec![scope.to_owned()]),
            ..TokenWish::default()
        };
        org.adapter()
            .token_request(at, wish, Uuid::nil())
            .unwrap()
            .scopes
    };
    let mut at = known("0oa1");
    assert_eq!(asks(&org, &at, None), ["orders:read"]);
    at.handles
        .insert("okta_wanted_scope".into(), "openid orders:write".into());
    assert_eq!(asks(&org, &at, None), ["orders:write"]);
    assert_eq!(asks(&org, &at, Some("mine")), ["mine"]);
}

#[test]
fn the_addresses_follow_from_the_sub_domain() {
    let filled = |pairs: &[(&str, &str)]| {
        let settings = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        settings::prefill(ProviderKind::Okta, &settings)
    };
    let addresses = filled(&[(Okta::SUBDOMAIN, "dev-1")]).unwrap();
    assert_eq!(addresses.issuer, "https://dev-1.okta.com/oauth2/default");
    assert_eq!(
        addresses.token_endpoint,
        "https://dev-1.okta.com/oauth2/default/v1/token"
    );
    let addresses = filled(&[
        (Okta::SUBDOMAIN, "dev-1.okta.com"),
        (Okta::AUTHORIZATION_SERVER, "aus1"),
    ])
    .unwrap();
    assert_eq!(addresses.issuer, "https://dev-1.okta.com/oauth2/aus1");
    assert!(filled(&[]).is_none());
}

#[test]
fn f17_only_a_young_client_is_asked_for_again() {
    let refused = TokenError::Refused {
        words: ErrorResponse {
            status: 401,
            error: Some("invalid_client".into()),
            form: BodyForm::Document,
            ..ErrorResponse::default()
        },
        retry_after: None,
        exchange: Uuid::nil(),
    };
    let mut at = known("0oa1");
    assert!(!Okta::may_not_have_propagated(&refused, &at, NOW));
    at.handles.insert("secret_since".into(), NOW.to_string());
    assert!(Okta::may_not_have_propagated(&refused, &at, NOW + 29));
    assert!(!Okta::may_not_have_propagated(&refused, &at, NOW + 30));
}
