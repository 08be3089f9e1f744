//! The API token and the admin client, and where their secrets never go.

use serde_json::json;
use url::form_urlencoded;

use super::*;
use crate::PlannedBody;

const TOKENS: &str = "/oauth2/v1/token";
const CLIENTS: &str = "/oauth2/v1/clients";

fn token(value: &str) -> Value {
    json!({
        "token_type": "Bearer", "expires_in": 3600, "access_token": value,
        "scope": "okta.clients.register okta.clients.manage okta.clients.read",
    })
}

fn form(request: &Request) -> BTreeMap<String, String> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

#[tokio::test]
async fn the_admin_client_proves_itself_with_its_key_and_once_for_many() {
    let org = Org::by_key().await;
    org.answers("POST", TOKENS, json_of(200, &token("the-admin-token")))
        .await;
    org.answers("POST", CLIENTS, json_of(201, &service("0oa1")))
        .await;
    let draft = wanted(&json!({"client_name": "orders"}));
    org.run(async |okta, context| {
        okta.register(context, &draft).await.unwrap();
        okta.register(context, &draft).await.unwrap();
    })
    .await;
    let requests = org.requests().await;
    assert_eq!(requests.len(), 3, "one token serves both");
    let sent = form(&requests[0]);
    assert_eq!(sent["grant_type"], "client_credentials");
    assert_eq!(
        sent["scope"],
        "okta.clients.register okta.clients.manage okta.clients.read"
    );
    assert_eq!(
        sent["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert!(sent["client_assertion"].starts_with("eyJ"));
    assert!(!sent.contains_key("client_secret"));
    assert_eq!(
        requests[1].headers["authorization"],
        "Bearer the-admin-token"
    );
}

#[tokio::test]
async fn t37_neither_key_nor_assertion_nor_token_is_kept_anywhere() {
    let org = Org::by_key().await;
    org.answers("POST", TOKENS, json_of(200, &token("the-admin-token")))
        .await;
    org.answers(
        "GET",
        "/oauth2/v1/clients/0oa1",
        refusal(403, "E0000006", &["not for the-admin-token"]),
    )
    .await;
    let error = org
        .run(async |okta, context| okta.read(context, &known("0oa1")).await.unwrap_err())
        .await;
    let assertion = form(&org.requests().await[0])["client_assertion"].clone();
    let key = org.secrets["admin_private_key"].expose().to_owned();
    let line = key.lines().nth(1).unwrap();
    let kept = format!("{:?} {:?}", org.exchanges.lock().unwrap(), org.adapter());
    let shown = format!("{error:?} {error}");
    for secret in [assertion.as_str(), line, "the-admin-token"] {
        assert!(!kept.contains(secret), "{secret} is in Activity");
    }
    assert!(!shown.contains(&assertion) && !shown.contains(line));
    let request =
        org.adapter()
            .token_request(&known("0oa1"), crate::TokenWish::default(), Uuid::nil());
    assert!(!format!("{request:?}").contains("the-first-secret"));
}

#[tokio::test]
async fn t37_an_api_token_that_the_org_repeats_is_taken_out() {
    let org = Org::start().await;
    org.answers(
        "GET",
        "/oauth2/v1/clients/0oa1",
        refusal(401, "E0000011", &[&format!("Invalid token {TOKEN}")]),
    )
    .await;
    org.run(async |okta, context| okta.read(context, &known("0oa1")).await.unwrap_err())
        .await;
    let kept = format!("{:?} {:?}", org.exchanges.lock().unwrap(), org.adapter());
    assert!(!kept.contains(TOKEN), "{kept}");
}

#[tokio::test]
async fn a_token_that_the_org_forgot_is_fetched_anew_once() {
    let org = Org::by_key().await;
    org.answers_once("POST", TOKENS, json_of(200, &token("stale")))
        .await;
    org.answers("POST", TOKENS, json_of(200, &token("fresh")))
        .await;
    org.answers_once(
        "GET",
        "/oauth2/v1/clients/0oa1",
        refusal(401, "E0000011", &[]),
    )
    .await;
    org.answers(
        "GET",
        "/oauth2/v1/clients/0oa1",
        json_of(200, &service("0oa1")),
    )
    .await;
    org.run(async |okta, context| okta.read(context, &known("0oa1")).await.unwrap())
        .await;
    let last = org.requests().await.pop().unwrap();
    assert_eq!(last.headers["authorization"], "Bearer fresh");
}

/// Answers the org's token endpoint by the scopes that are asked for.
async fn tokens_without(org: &Org, lacks: &'static str) {
    Mock::given(method("POST"))
        .and(path(format!("/okta{TOKENS}")))
        .respond_with(move |request: &Request| {
            let scope = form(request)["scope"].clone();
            if scope.contains(lacks) {
                return json_of(400, &json!({"error": "invalid_scope", "error_description": "One or more scopes are not configured for the authorization server resource."}));
            }
            json_of(200, &token(&scope))
        })
        .mount(&org.server)
        .await;
}

#[tokio::test]
async fn secrets_are_managed_with_a_scope_of_their_own() {
    let org = Org::by_key().await;
    tokens_without(&org, "nothing").await;
    let place = "/api/v1/apps/0oa1/credentials/secrets";
    org.answers("GET", place, json_of(200, &json!([]))).await;
    let added = json!({"id": "ocs1", "status": "ACTIVE", "client_secret": "the-second"});
    org.answers("POST", place, json_of(201, &added)).await;
    org.run(async |okta, context| okta.rotate(context, &known("0oa1")).await.unwrap())
        .await;
    let last = org.requests().await.pop().unwrap();
    assert_eq!(last.headers["authorization"], "Bearer okta.apps.manage");
}

#[tokio::test]
async fn an_admin_client_without_that_scope_replaces_the_secret() {
    let org = Org::by_key().await;
    tokens_without(&org, "okta.apps.manage").await;
    let new_secret = "/oauth2/v1/clients/0oa1/lifecycle/newSecret";
    org.answers("POST", new_secret, json_of(200, &service("0oa1")))
        .await;
    org.run(async |okta, context| okta.rotate(context, &known("0oa1")).await.unwrap())
        .await;
    assert_eq!(
        org.asked().await,
        [
            format!("POST {TOKENS}"),
            format!("POST {TOKENS}"),
            format!("POST {new_secret}")
        ]
    );
}

#[tokio::test]
async fn an_admin_client_that_may_not_deactivate_hears_why_it_should() {
    let org = Org::by_key().await;
    tokens_without(&org, "okta.apps.manage").await;
    org.answers(
        "DELETE",
        "/oauth2/v1/clients/0oa1",
        refusal(403, "E0000056", &[]),
    )
    .await;
    let error = org
        .run(async |okta, context| okta.delete(context, &known("0oa1")).await.unwrap_err())
        .await;
    assert_eq!(code(&error), "E0000056");
}

#[tokio::test]
async fn a_refused_admin_client_is_told_as_such() {
    let org = Org::by_key().await;
    let body = json!({"error": "invalid_client", "error_description": "The client_assertion signature is invalid."});
    org.answers("POST", TOKENS, json_of(401, &body)).await;
    let draft = wanted(&json!({"client_name": "orders"}));
    let error = org
        .run(async |okta, context| okta.register(context, &draft).await.unwrap_err())
        .await;
    assert!(matches!(error, ProviderError::Admin { .. }), "{error:?}");
    assert_eq!(code(&error), "invalid_client");
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let mut org = Org::start().await;
    org.secrets.clear();
    let draft = wanted(&json!({"client_name": "orders"}));
    let missing = async |org: &Org| match org
        .run(async |okta, context| okta.register(context, &draft).await.unwrap_err())
        .await
    {
        ProviderError::Missing { key } => key,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(&org).await, "dcr_token");
    org.set("initial_client_id", "0oaADMIN");
    assert_eq!(missing(&org).await, "admin_private_key");
    org.secrets
        .insert("admin_private_key".into(), AdminSecret::new("hello"));
    let error = org
        .run(async |okta, context| okta.register(context, &draft).await.unwrap_err())
        .await;
    assert!(matches!(error, ProviderError::AdminKey { .. }), "{error:?}");
    assert!(org.asked().await.is_empty());
}

#[tokio::test]
async fn a_plan_of_the_admin_client_has_its_token_request_first() {
    let org = Org::by_key().await;
    let plan = org
        .adapter()
        .plan(&wanted(&json!({"client_name": "orders"})))
        .unwrap();
    assert_eq!(plan.steps.len(), 2);
    let PlannedBody::Form(fields) = &plan.steps[0].body else {
        panic!("no form");
    };
    assert!(fields.contains(&("client_assertion", None)));
    assert!(fields.contains(&("client_id", Some("0oaADMIN".into()))));
}

/// The key of RFC 7515, appendix A.3.
const JWK: &str = r#"{"kty":"EC","crv":"P-256","kid":"kid-of-the-jwk",
"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// The `kid` of the assertion that the admin client sends.
async fn key_id(mut org: Org, key: Option<&str>, setting: Option<&str>) -> Value {
    if let Some(key) = key {
        org.secrets
            .insert("admin_private_key".to_owned(), AdminSecret::new(key));
    }
    org.settings.remove(Okta::ADMIN_KEY_ID);
    if let Some(setting) = setting {
        org.set(Okta::ADMIN_KEY_ID, setting);
    }
    org.answers("POST", TOKENS, json_of(200, &token("t"))).await;
    org.answers(
        "GET",
        "/oauth2/v1/clients/0oa1",
        json_of(200, &service("0oa1")),
    )
    .await;
    org.run(async |okta, context| okta.read(context, &known("0oa1")).await.unwrap())
        .await;
    let assertion = form(&org.requests().await[0])["client_assertion"].clone();
    let header = assertion.split('.').next().unwrap();
    let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    header["kid"].clone()
}

#[tokio::test]
async fn the_admin_client_names_its_key_where_the_name_is_known() {
    let of = Org::by_key;
    assert_eq!(key_id(of().await, Some(JWK), None).await, "kid-of-the-jwk");
    assert_eq!(key_id(of().await, Some(JWK), Some("k")).await, "k");
    assert_eq!(key_id(of().await, None, Some("k")).await, "k");
    // A thumbprint of ours is a name that Okta does not know.
    assert_eq!(key_id(of().await, None, None).await, Value::Null);
}
