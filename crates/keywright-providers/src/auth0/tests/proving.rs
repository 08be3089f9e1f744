//! The admin client: its token, what it may do, and what is said when it may not. Verify.

use keywright_oauth::{register::RegistrationError, token::TokenError};
use serde_json::json;
use wiremock::{ResponseTemplate, matchers::body_string_contains};

use super::*;
use crate::{Finding, ProviderError, StepState, Verification};

async fn refused_registration(house: &House) -> ProviderError {
    house
        .run(async |provider, context| provider.register(context, &wanted()).await)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn the_admin_token_is_asked_for_once_with_the_audience_of_the_management_api() {
    let house = House::with(&[]).await;
    Mock::given(method("POST"))
        .and(path("/oauth/token"))
        .and(body_string_contains("grant_type=client_credentials"))
        .and(body_string_contains("client_secret=admin-secret-value"))
        .and(body_string_contains("%2Fapi%2Fv2%2F"))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "access_token": "opaque", "expires_in": 86400, "token_type": "Bearer" }),
        ))
        .expect(1)
        .mount(&house.server)
        .await;
    house.on("POST", "/api/v2/clients", 201, &client()).await;
    for _ in 0..2 {
        house
            .run(async |provider, context| provider.register(context, &wanted()).await)
            .await
            .unwrap();
    }
    let requests = house.server.received_requests().await.unwrap();
    assert_eq!(
        requests.last().unwrap().headers["authorization"],
        "Bearer opaque"
    );
}

#[tokio::test]
async fn an_admin_token_that_is_not_taken_any_more_is_replaced_once() {
    let house = House::new().await;
    house
        .once(
            "POST",
            "/api/v2/clients",
            401,
            &refusal(401, "invalid_token", "Expired token"),
        )
        .await;
    house.on("POST", "/api/v2/clients", 201, &client()).await;
    house
        .on("POST", "/api/v2/client-grants", 201, &grant())
        .await;
    house
        .run(async |provider, context| provider.register(context, &wanted()).await)
        .await
        .unwrap();

    let house = House::new().await;
    house
        .on(
            "POST",
            "/api/v2/clients",
            401,
            &refusal(401, "invalid_token", "Bad audience"),
        )
        .await;
    let error = refused_registration(&house).await;
    let ProviderError::Admin {
        source: TokenError::Refused { words, .. },
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(words.description.as_deref(), Some("Bad audience"));
    assert_eq!(house.asked().await.len(), 2);
}

#[tokio::test]
async fn a_missing_permission_is_about_the_admin_client() {
    let house = House::new().await;
    let said = "Insufficient scope, expected any of: create:clients";
    house
        .on(
            "POST",
            "/api/v2/clients",
            403,
            &refusal(403, "insufficient_scope", said),
        )
        .await;
    let error = refused_registration(&house).await;
    let ProviderError::Admin {
        source: TokenError::Refused { words, .. },
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(words.error.as_deref(), Some("insufficient_scope"));
    assert_eq!(words.description.as_deref(), Some(said));
}

#[tokio::test]
async fn a_refused_admin_client_stops_before_anything_is_written_down() {
    let house = House::with(&[]).await;
    let answer = json!({"error": "access_denied", "error_description": "Unauthorized"});
    house.on("POST", "/oauth/token", 401, &answer).await;
    let error = refused_registration(&house).await;
    assert!(matches!(error, ProviderError::Admin { .. }), "{error:?}");
    assert_eq!(house.journal(), Vec::<String>::new());
}

#[tokio::test]
async fn other_refusals_keep_their_words_and_are_about_the_client() {
    for (status, code, message) in [
        (
            400,
            "invalid_body",
            "Payload validation error: 'Too short' on property name.",
        ),
        (
            403,
            "too_many_entities",
            "You reached the limit of entities of this type for this tenant.",
        ),
        (409, "", "Template already exists."),
        (413, "", "Payload Too Large"),
    ] {
        let house = House::new().await;
        house
            .on(
                "POST",
                "/api/v2/clients",
                status,
                &refusal(status, code, message),
            )
            .await;
        let error = refused_registration(&house).await;
        let ProviderError::Registration(RegistrationError::Refused { words, .. }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(words.status, status);
        assert_eq!(words.description.as_deref(), Some(message));
        let code = if code.is_empty() { "Words" } else { code };
        assert_eq!(words.error.as_deref(), Some(code));
    }
}

#[tokio::test]
async fn f14_a_short_pause_is_kept_and_a_long_one_is_told() {
    let house = House::new().await;
    let limited = refusal(429, "too_many_requests", "Global limit has been reached");
    Mock::given(method("POST"))
        .and(path("/api/v2/clients"))
        .respond_with(
            ResponseTemplate::new(429)
                .insert_header("retry-after", "1")
                .set_body_json(&limited),
        )
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&house.server)
        .await;
    house.on("POST", "/api/v2/clients", 201, &client()).await;
    house
        .on("POST", "/api/v2/client-grants", 201, &grant())
        .await;
    house
        .run(async |provider, context| provider.register(context, &wanted()).await)
        .await
        .unwrap();

    let house = House::new().await;
    let reset = (NOW + 40).to_string();
    let template = ResponseTemplate::new(429)
        .insert_header("x-ratelimit-reset", reset.as_str())
        .insert_header("date", "Tue, 14 Nov 2023 22:13:20 GMT")
        .set_body_json(&limited);
    house.answer("POST", "/api/v2/clients", template).await;
    let error = refused_registration(&house).await;
    let ProviderError::Registration(RegistrationError::Refused { retry_after, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(retry_after, Some(40));
}

#[tokio::test]
async fn t40_no_secret_of_admin_client_or_tenant_is_in_activity() {
    let house = House::new().await;
    house.on("POST", "/api/v2/clients", 201, &client()).await;
    house
        .on("POST", "/api/v2/client-grants", 201, &grant())
        .await;
    let made = house
        .run(async |provider, context| provider.register(context, &wanted()).await)
        .await
        .unwrap();
    let token = admin_jwt(ALL_SCOPES);
    let seen = format!(
        "{:?} {made:?} {:?}",
        house.exchanges.lock().unwrap(),
        house.provider
    );
    for secret in [
        "admin-secret-value",
        "the-secret",
        "MIIEprivate",
        token.as_str(),
    ] {
        assert!(!seen.contains(secret), "{secret}");
    }
}

async fn discoverable(house: &House) {
    let base = house.server.uri();
    let document = json!({
        "issuer": format!("{base}/"), "token_endpoint": format!("{base}/oauth/token"),
        "registration_endpoint": format!("{base}/oidc/register"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
    });
    house
        .on("GET", "/.well-known/openid-configuration", 200, &document)
        .await;
    house
        .on("GET", "/.well-known/jwks.json", 200, &json!({"keys": []}))
        .await;
    house.on("GET", "/api/v2/clients", 200, &json!([])).await;
}

fn state(verification: &Verification, name: &str) -> StepState {
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == name);
    step.unwrap().state
}

async fn verified(house: &House) -> Verification {
    house
        .run(async |provider, context| provider.verify(context).await)
        .await
}

/// A token request without a client is refused; the admin's is answered.
async fn token_endpoint(house: &House, scopes: &[&str]) {
    let refused = json!({"error": "invalid_request", "error_description": "Missing required parameter: client_id"});
    house.on("POST", "/oauth/token", 400, &refused).await;
    Mock::given(method("POST"))
        .and(path("/oauth/token"))
        .and(body_string_contains("client_id=admin"))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "access_token": admin_jwt(scopes), "expires_in": 86400, "token_type": "Bearer" }),
        ))
        .with_priority(1)
        .mount(&house.server)
        .await;
}

#[tokio::test]
async fn a_good_configuration_is_verified_with_the_slash_that_was_not_typed() {
    let house = House::with(&[("audience", "https://orders.example")]).await;
    token_endpoint(&house, ALL_SCOPES).await;
    discoverable(&house).await;
    let verification = verified(&house).await;
    assert!(verification.ok(), "{:#?}", verification.steps);
    for name in [
        "issuer",
        "admin_token",
        "admin_api",
        "auth0_may_register",
        "auth0_may_grant",
        "auth0_may_rotate",
        "token_endpoint",
    ] {
        assert_eq!(state(&verification, name), StepState::Passed, "{name}");
    }
    let asked = house.asked().await;
    assert!(
        asked.iter().all(|line| line.starts_with("GET ")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named() {
    let house = House::with(&[]).await;
    token_endpoint(&house, &ALL_SCOPES[..4]).await;
    discoverable(&house).await;
    let verification = verified(&house).await;
    assert!(!verification.ok());
    assert_eq!(
        state(&verification, "auth0_may_register"),
        StepState::Passed
    );
    // No API is set: no grant is ever made.
    assert_eq!(state(&verification, "auth0_may_grant"), StepState::Warning);
    assert_eq!(state(&verification, "auth0_may_rotate"), StepState::Failed);
    let rotate = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == "auth0_may_rotate")
        .unwrap();
    assert_eq!(
        rotate.finding,
        Some(Finding::vendor(
            crate::auth0::messages::finding::SCOPES_MISSING,
            &[("scopes", "update:client_keys")]
        ))
    );
}

#[tokio::test]
async fn a_refused_admin_client_fails_its_step_and_skips_what_needs_it() {
    let house = House::with(&[]).await;
    let answer = json!({"error": "access_denied", "error_description": "Unauthorized"});
    house.on("POST", "/oauth/token", 401, &answer).await;
    discoverable(&house).await;
    let verification = verified(&house).await;
    assert_eq!(state(&verification, "admin_token"), StepState::Failed);
    assert_eq!(
        state(&verification, "auth0_may_register"),
        StepState::Skipped
    );
    assert_eq!(state(&verification, "token_endpoint"), StepState::Passed);
}

#[tokio::test]
async fn another_token_endpoint_than_the_metadata_names_is_told() {
    let house = House::with(&[("token_endpoint", "https://login.example.com/oauth/token")]).await;
    house.grant_admin(&[]).await;
    discoverable(&house).await;
    let verification = verified(&house).await;
    assert_eq!(
        state(&verification, "auth0_token_address"),
        StepState::Warning
    );
}

#[tokio::test]
async fn t01_another_issuer_is_refused() {
    let house = House::with(&[]).await;
    let document = json!({"issuer": "https://other.example/", "token_endpoint": "https://other.example/oauth/token"});
    house
        .on("GET", "/.well-known/openid-configuration", 200, &document)
        .await;
    let verification = verified(&house).await;
    assert_eq!(state(&verification, "issuer"), StepState::Failed);
    assert_eq!(
        verification.failure,
        Some(crate::verify::FailureKind::Security)
    );
    assert!(
        house
            .server
            .received_requests()
            .await
            .unwrap()
            .iter()
            .all(|r| r.method == wiremock::http::Method::GET)
    );
}
