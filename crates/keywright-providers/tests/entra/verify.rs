//! Verify: what it finds, and what it says to do.

use keywright_providers::{Finding, StepState, Verification};
use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_string_contains, method, path_regex},
};

use crate::tenant::{NOW, TENANT, Tenant, graph_error};

fn finding_key(seen: &Verification, step: &str) -> (StepState, String) {
    let step = seen
        .steps
        .iter()
        .find(|found| found.name.as_str() == step)
        .unwrap();
    let key = match &step.finding {
        Some(Finding::Told { key, .. }) => key.to_string(),
        other => format!("{other:?}"),
    };
    (step.state, key)
}

fn admin_jwt(roles: &[&str]) -> Value {
    use std::fmt::Write as _;
    let part = |value: Value| -> String {
        // base64url without padding, manually: three bytes are four letters.
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut out = String::new();
        for chunk in value.to_string().as_bytes().chunks(3) {
            let bits = chunk
                .iter()
                .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            for at in 0..=chunk.len() {
                let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
                write!(out, "{}", char::from(letter)).unwrap();
            }
        }
        out
    };
    let header = part(json!({ "alg": "RS256", "kid": "k" }));
    let claims = part(json!({ "appid": "admin-client", "exp": NOW + 3599, "roles": roles }));
    json!(format!("{header}.{claims}.AAAA"))
}

async fn with_roles(roles: &[&str]) -> Tenant {
    let tenant = Tenant::new(&[]).await;
    let answer =
        json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": admin_jwt(roles) });
    Mock::given(method("POST"))
        .and(path_regex("/token$"))
        .and(body_string_contains("client_id=admin-client"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .with_priority(1)
        .mount(&tenant.server)
        .await;
    tenant
}

#[tokio::test]
async fn a_good_configuration_is_verified_and_changes_nothing() {
    let tenant = with_roles(&["Application.ReadWrite.OwnedBy"]).await;
    tenant.discoverable(&tenant.issuer()).await;
    let own = json!({ "value": [{ "id": "o", "appId": "admin-client", "passwordCredentials": [
        { "keyId": "over", "endDateTime": "2020-01-01T00:00:00Z" }, { "keyId": "k", "endDateTime": "2027-01-18T08:00:00Z" }] }] });
    tenant
        .on(
            "GET",
            "/applications$",
            ResponseTemplate::new(200).set_body_json(own),
        )
        .await;
    let seen = tenant.verify(&tenant.issuer()).await;
    assert!(seen.ok(), "{:?}", seen.steps);
    assert!(seen.unconfirmed_hosts.is_empty());
    assert_eq!(
        finding_key(&seen, "permissions"),
        (StepState::Passed, "entra_permission".into())
    );
    assert_eq!(finding_key(&seen, "admin_api").0, StepState::Passed);
    assert_eq!(
        finding_key(&seen, "entra_admin_secret"),
        (StepState::Warning, "entra_admin_secret_ends".into())
    );
    assert_eq!(
        finding_key(&seen, "token_endpoint").1,
        "Some(RefusesStrangers)"
    );
    assert_eq!(tenant.sent().await, ["GET applications"]);
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let tenant = with_roles(&["User.Read.All"]).await;
    tenant.discoverable(&tenant.issuer()).await;
    tenant
        .on(
            "GET",
            "/applications$",
            graph_error(403, "Authorization_RequestDenied"),
        )
        .await;
    let seen = tenant.verify(&tenant.issuer()).await;
    for step in ["permissions", "admin_api"] {
        assert_eq!(
            finding_key(&seen, step),
            (StepState::Failed, "entra_permission_missing".into())
        );
    }
    let step = seen
        .steps
        .iter()
        .find(|step| step.name.as_str() == "admin_api")
        .unwrap();
    assert_eq!(
        step.words.as_ref().unwrap().error.as_deref(),
        Some("Authorization_RequestDenied")
    );
    assert_eq!(
        finding_key(&seen, "entra_admin_secret").0,
        StepState::Skipped
    );
}

#[tokio::test]
async fn a_wrong_admin_secret_and_an_unknown_tenant_say_so() {
    let tenant = Tenant::new(&[]).await;
    tenant.discoverable(&tenant.issuer()).await;
    let refusal = json!({ "error": "invalid_client", "error_codes": [7_000_215], "error_description": "AADSTS7000215: Invalid" });
    Mock::given(method("POST"))
        .and(body_string_contains("client_id=admin-client"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refusal))
        .with_priority(1)
        .mount(&tenant.server)
        .await;
    let seen = tenant.verify(&tenant.issuer()).await;
    assert_eq!(
        finding_key(&seen, "admin_token"),
        (StepState::Failed, "entra_wrong_secret".into())
    );
    assert_eq!(finding_key(&seen, "permissions").0, StepState::Skipped);

    let refusal = json!({ "error": "invalid_tenant", "error_codes": [90_002], "error_description": "AADSTS90002: Tenant 'x' not found." });
    tenant
        .first(
            9,
            "GET",
            "/.well-known/",
            ResponseTemplate::new(400).set_body_json(refusal),
        )
        .await;
    let seen = tenant.verify(&tenant.issuer()).await;
    assert_eq!(
        finding_key(&seen, "discovery"),
        (StepState::Failed, "entra_tenant_unknown".into())
    );
    assert_eq!(finding_key(&seen, "admin_token").0, StepState::Skipped);
}

#[tokio::test]
async fn a_tenant_may_be_named_and_a_stranger_may_not_answer() {
    let tenant = with_roles(&["Application.ReadWrite.All"]).await;
    tenant.discoverable(&tenant.issuer()).await;
    tenant
        .on(
            "GET",
            "/applications$",
            ResponseTemplate::new(200).set_body_json(json!({ "value": [] })),
        )
        .await;
    let named = format!("{}/contoso.onmicrosoft.com/v2.0", tenant.server.uri());
    let seen = tenant.verify(&named).await;
    assert!(seen.ok(), "{:?}", seen.steps);
    assert_eq!(finding_key(&seen, "issuer").1, "entra_tenant_id");
    assert_eq!(seen.metadata.unwrap().issuer, tenant.issuer());

    let other = format!(
        "{}/00000000-0000-0000-0000-000000000000/v2.0",
        tenant.server.uri()
    );
    let seen = tenant.verify(&other).await;
    assert_eq!(finding_key(&seen, "issuer").0, StepState::Failed);
    assert!(seen.metadata.is_none());
}

#[tokio::test]
async fn a_version_1_issuer_is_found_at_the_login_host() {
    let tenant = with_roles(&["Application.ReadWrite.OwnedBy"]).await;
    let issuer = format!("https://sts.windows.net/{TENANT}/");
    tenant.discoverable(&issuer).await;
    tenant
        .on(
            "GET",
            "/applications$",
            ResponseTemplate::new(200).set_body_json(json!({ "value": [] })),
        )
        .await;
    let seen = tenant.verify(issuer.trim_end_matches('/')).await;
    assert!(seen.ok(), "{:?}", seen.steps);
    assert_eq!(seen.metadata.unwrap().issuer, issuer);
    let all = tenant.server.received_requests().await.unwrap();
    assert_eq!(
        all[0].url.path(),
        format!("/{TENANT}/.well-known/openid-configuration")
    );
}

#[tokio::test]
async fn a_token_endpoint_that_differs_from_the_document_is_told_of() {
    let tenant = Tenant::new(&[(
        "token_endpoint",
        "https://login.example/t/oauth2/v2.0/token",
    )])
    .await;
    tenant.discoverable(&tenant.issuer()).await;
    tenant
        .on(
            "GET",
            "/applications$",
            ResponseTemplate::new(200).set_body_json(json!({ "value": [] })),
        )
        .await;
    let seen = tenant.verify(&tenant.issuer()).await;
    assert_eq!(
        finding_key(&seen, "token_endpoint"),
        (StepState::Warning, "entra_token_endpoint_differs".into())
    );
    assert_eq!(
        finding_key(&seen, "permissions"),
        (StepState::Skipped, "entra_permission_unseen".into())
    );
}
