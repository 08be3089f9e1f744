//! Verify tells what is wrong and where it is mended, and changes nothing.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::*;
use crate::{Finding, StepState, Verification};

const SERVER: &str = "/api/v1/authorizationServers/default";

/// An org where all is well; what a test mounted before it goes first.
async fn good(org: &Org) {
    let base = format!("{}/okta", org.server.uri());
    let issuer = org.issuer();
    org.answers(
        "GET",
        "/.well-known/okta-organization",
        json_of(200, &json!({"id": "00o1"})),
    )
    .await;
    let document = json!({
        "issuer": issuer, "token_endpoint": format!("{issuer}/v1/token"),
        "registration_endpoint": format!("{base}/oauth2/v1/clients"), "jwks_uri": format!("{issuer}/v1/keys"),
    });
    org.answers(
        "GET",
        "/oauth2/default/.well-known/openid-configuration",
        json_of(200, &document),
    )
    .await;
    org.answers(
        "GET",
        "/oauth2/default/v1/keys",
        json_of(200, &json!({"keys": []})),
    )
    .await;
    let stranger =
        json!({"error": "invalid_client", "error_description": "No client credentials found"});
    org.answers("POST", "/oauth2/default/v1/token", json_of(401, &stranger))
        .await;
    org.answers(
        "GET",
        "/oauth2/v1/clients",
        json_of(200, &json!([service("0oa1")])),
    )
    .await;
    let active = json!({"id": "default", "status": "ACTIVE", "audiences": ["api://default"]});
    org.answers("GET", SERVER, json_of(200, &active)).await;
    let policy = json!([{"id": "00p1", "name": "All", "status": "ACTIVE", "conditions": {"clients": {"include": ["ALL_CLIENTS"]}}}]);
    org.answers("GET", &format!("{SERVER}/policies"), json_of(200, &policy))
        .await;
    let rule = json!([{"id": "0pr1", "status": "ACTIVE", "conditions": {"grantTypes": {"include": ["client_credentials"]}, "scopes": {"include": ["*"]}}}]);
    org.answers(
        "GET",
        &format!("{SERVER}/policies/00p1/rules"),
        json_of(200, &rule),
    )
    .await;
    // Nobody has the client that is asked for.
    wiremock::Mock::given(wiremock::matchers::path_regex("/lifecycle/newSecret$"))
        .respond_with(refusal(404, "E0000007", &[]))
        .mount(&org.server)
        .await;
}

async fn verify(org: &Org) -> Verification {
    good(org).await;
    org.run(async |okta, context| okta.verify(context).await)
        .await
}

fn found(verification: &Verification, name: &str) -> (StepState, String) {
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == name)
        .unwrap();
    let told = match step.finding.as_ref().unwrap() {
        Finding::Told { key, .. } => key.to_string(),
        other => format!("{other:?}"),
    };
    (step.state, told)
}

fn told(verification: &Verification, name: &str, blank: &str) -> String {
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == name)
        .unwrap();
    match step.finding.as_ref().unwrap() {
        Finding::Told { blanks, .. } => blanks[blank].clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_org_where_all_is_well_passes() {
    let org = Org::start().await;
    let verification = verify(&org).await;
    assert!(verification.ok(), "{:#?}", verification.steps);
    for (step, key) in [
        ("okta_org", "okta_org"),
        ("okta_admin", "okta_token_taken"),
        ("okta_permissions", "okta_may_manage"),
        ("okta_policy", "okta_policy_admits"),
    ] {
        assert_eq!(found(&verification, step), (StepState::Passed, key.into()));
    }
    assert_eq!(
        told(&verification, "okta_policy", "audience"),
        "api://default"
    );
    assert!(verification.metadata.is_some());
}

#[tokio::test]
async fn what_verify_sends_changes_nothing() {
    let org = Org::start().await;
    verify(&org).await;
    for request in org.requests().await {
        let path = request.url.path();
        let harmless = request.method.as_str() == "GET"
            || path.ends_with("/v1/token")
            || (path.contains("/clients/keywright-") && path.ends_with("/newSecret"));
        assert!(harmless, "{} {path}", request.method);
    }
}

#[tokio::test]
async fn a_refused_api_token_is_told_and_its_other_steps_wait() {
    let org = Org::start().await;
    org.answers("GET", "/oauth2/v1/clients", refusal(401, "E0000011", &[]))
        .await;
    let verification = verify(&org).await;
    assert_eq!(
        found(&verification, "okta_admin"),
        (StepState::Failed, "okta_token_refused".into())
    );
    assert_eq!(
        found(&verification, "okta_permissions").0,
        StepState::Skipped
    );
    assert_eq!(found(&verification, "token_endpoint").0, StepState::Passed);
}

#[tokio::test]
async fn a_token_without_the_role_is_told_so() {
    let org = Org::start().await;
    org.answers("GET", "/oauth2/v1/clients", refusal(403, "E0000006", &[]))
        .await;
    wiremock::Mock::given(wiremock::matchers::path_regex("/lifecycle/newSecret$"))
        .respond_with(refusal(403, "E0000006", &[]))
        .mount(&org.server)
        .await;
    let verification = verify(&org).await;
    assert_eq!(found(&verification, "okta_admin").0, StepState::Passed);
    assert_eq!(
        found(&verification, "okta_permissions"),
        (StepState::Failed, "okta_token_role".into())
    );
}

/// Answers the org's token endpoint by the scopes that are asked for.
async fn tokens(org: &Org, lacks: &'static [&'static str]) {
    wiremock::Mock::given(method("POST"))
        .and(path("/okta/oauth2/v1/token"))
        .respond_with(move |request: &Request| {
            let form = String::from_utf8_lossy(&request.body).into_owned();
            if lacks.iter().any(|scope| form.contains(scope)) {
                return json_of(400, &json!({"error": "invalid_scope", "error_description": "One or more scopes are not configured for the authorization server resource."}));
            }
            json_of(200, &json!({"token_type": "Bearer", "expires_in": 3600, "access_token": "t"}))
        })
        .mount(&org.server)
        .await;
}

#[tokio::test]
async fn the_scopes_that_the_admin_client_lacks_are_named() {
    let org = Org::by_key().await;
    tokens(&org, &["okta.clients.register"]).await;
    let verification = verify(&org).await;
    assert_eq!(
        found(&verification, "okta_permissions"),
        (StepState::Failed, "okta_scopes_missing".into())
    );
    assert_eq!(
        told(&verification, "okta_permissions", "scopes"),
        "okta.clients.register"
    );
}

#[tokio::test]
async fn the_roles_of_an_admin_client_that_may_not_are_named() {
    let forbid = async |org: &Org| {
        wiremock::Mock::given(wiremock::matchers::path_regex("/lifecycle/newSecret$"))
            .respond_with(refusal(403, "E0000006", &[]))
            .mount(&org.server)
            .await;
    };
    let cases = [
        (json!([]), "okta_client_no_role"),
        (
            json!([{"type": "HELP_DESK_ADMIN", "label": "Help Desk Administrator"}]),
            "okta_client_other_role",
        ),
    ];
    for (roles, key) in cases {
        let org = Org::by_key().await;
        tokens(&org, &[]).await;
        forbid(&org).await;
        org.answers(
            "GET",
            "/oauth2/v1/clients/0oaADMIN/roles",
            json_of(200, &roles),
        )
        .await;
        let verification = verify(&org).await;
        assert_eq!(
            found(&verification, "okta_permissions"),
            (StepState::Failed, key.into())
        );
    }
    let org = Org::by_key().await;
    tokens(&org, &["okta.roles.read"]).await;
    forbid(&org).await;
    let verification = verify(&org).await;
    assert_eq!(
        found(&verification, "okta_permissions").1,
        "okta_client_role"
    );
}

#[tokio::test]
async fn a_server_without_a_policy_for_new_clients_is_a_warning() {
    let cases = [
        ("/policies", json!([]), None),
        (
            "/policies",
            json!([{"id": "00p1", "status": "INACTIVE", "conditions": {"clients": {"include": ["ALL_CLIENTS"]}}}]),
            None,
        ),
        (
            "/policies",
            json!([{"id": "00p1", "status": "ACTIVE", "conditions": {"clients": {"include": ["0oa9"]}}}]),
            None,
        ),
        (
            "/policies/00p1/rules",
            json!([{"status": "ACTIVE", "conditions": {"grantTypes": {"include": ["authorization_code"]}, "scopes": {"include": ["*"]}}}]),
            None,
        ),
        (
            "/policies/00p1/rules",
            json!([{"status": "ACTIVE", "conditions": {"grantTypes": {"include": ["client_credentials"]}, "scopes": {"include": ["a"]}}}]),
            Some("a b"),
        ),
    ];
    for (place, answer, scope) in cases {
        let mut org = Org::start().await;
        if let Some(scope) = scope {
            org.set(Okta::CUSTOM_SCOPE, scope);
        }
        org.answers("GET", &format!("{SERVER}{place}"), json_of(200, &answer))
            .await;
        let verification = verify(&org).await;
        assert_eq!(
            found(&verification, "okta_policy"),
            (StepState::Warning, "okta_policy_none".into()),
            "{answer}"
        );
        assert!(verification.ok());
    }
}

#[tokio::test]
async fn who_may_not_look_at_the_policies_is_not_told_that_there_are_none() {
    let org = Org::start().await;
    org.answers("GET", SERVER, refusal(403, "E0000006", &[]))
        .await;
    let verification = verify(&org).await;
    assert_eq!(
        found(&verification, "okta_policy"),
        (StepState::Skipped, "okta_policy_unseen".into())
    );
}

#[tokio::test]
async fn a_typed_token_endpoint_is_held_against_discovery() {
    let mut org = Org::start().await;
    let typed = format!("{}/okta/oauth2/aus9/v1/token", org.server.uri());
    org.set("token_endpoint", &typed);
    let verification = verify(&org).await;
    assert_eq!(
        found(&verification, "token_endpoint"),
        (StepState::Warning, "okta_token_endpoint_differs".into())
    );
}

#[tokio::test]
async fn an_issuer_that_names_another_is_refused() {
    let org = Org::start().await;
    let document = json!({"issuer": "https://other.okta.com/oauth2/default", "token_endpoint": "https://other.okta.com/t"});
    org.answers(
        "GET",
        "/oauth2/default/.well-known/openid-configuration",
        json_of(200, &document),
    )
    .await;
    let verification = verify(&org).await;
    assert_eq!(found(&verification, "issuer").0, StepState::Failed);
    assert_eq!(found(&verification, "token_endpoint").0, StepState::Skipped);
}

#[tokio::test]
async fn a_server_that_is_no_org_is_a_warning_and_one_that_is_not_there_a_failure() {
    let org = Org::start().await;
    org.answers(
        "GET",
        "/.well-known/okta-organization",
        ResponseTemplate::new(404),
    )
    .await;
    let verification = verify(&org).await;
    assert_eq!(
        found(&verification, "okta_org"),
        (StepState::Warning, "okta_org_odd".into())
    );

    let org = Org::start().await;
    let mut adapter = org.adapter();
    adapter.config.issuer = "http://127.0.0.1:9/oauth2/default".into();
    let verification = org
        .run(async |_, context| adapter.verify(context).await)
        .await;
    assert_eq!(found(&verification, "okta_org").0, StepState::Failed);
    assert_eq!(found(&verification, "discovery").0, StepState::Skipped);
}
