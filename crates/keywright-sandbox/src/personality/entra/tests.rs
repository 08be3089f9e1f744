//! The token service of Entra.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use super::{SECRET_LAG, SELF, TENANT, first_issuer, resource};
use crate::faults::SandboxFaults;
use crate::idp;
use crate::personality::bench::{Bench, Credentials, Header, body, text};
use crate::state::store::Secret;

fn orders() -> String {
    format!("api://{}/.default", resource::ORDERS)
}

#[tokio::test]
async fn refusals_carry_the_number_of_what_is_wrong() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let wrong = Credentials {
        id: client.id.clone(),
        secret: "wrong".to_owned(),
    };
    let unknown = Credentials {
        id: "nobody".to_owned(),
        secret: "wrong".to_owned(),
    };
    let orders = orders();
    for (who, more, status, error, number) in [
        (
            &wrong,
            vec![("scope", orders.as_str())],
            401,
            "invalid_client",
            7_000_215,
        ),
        (
            &unknown,
            vec![("scope", &orders)],
            400,
            "unauthorized_client",
            700_016,
        ),
        (&client, vec![], 400, "invalid_request", 900_144),
        (
            &client,
            vec![("scope", "orders:read")],
            400,
            "invalid_scope",
            70011,
        ),
        (
            &client,
            vec![("scope", "api://nobody/.default")],
            400,
            "invalid_resource",
            500_011,
        ),
        (
            &client,
            vec![("scope", &orders), ("resource", "api://x")],
            400,
            "invalid_request",
            901_002,
        ),
    ] {
        let response = bench.ask_token(SELF, who, &more).await;
        assert_eq!(response.status(), status, "{number}");
        let refusal = body(response).await;
        assert_eq!(refusal["error"], error);
        assert_eq!(refusal["error_codes"], json!([number]));
        assert_eq!(refusal["timestamp"], "2027-01-15 08:00:00Z");
        let said = text(&refusal, "error_description");
        assert!(said.starts_with(&format!("AADSTS{number}: ")), "{said}");
        assert!(!said.contains(&client.secret), "{said}");
    }
}

#[tokio::test]
async fn a_json_body_holds_no_grant_type() {
    let bench = Bench::new().await;
    let response = bench
        .http
        .post(
            SELF.provider_behavior()
                .token_request(bench.shared())
                .endpoint,
        )
        .json(&json!({ "grant_type": "client_credentials" }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(body(response).await["error_codes"], json!([900_144]));
}

#[tokio::test]
async fn a_secret_that_is_over_has_a_number_of_its_own() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    {
        let mut state = bench.shared().state();
        let kept = state.client_mut(SELF, &client.id).unwrap();
        kept.replace_secrets(Some(Secret::new(client.secret.clone(), 0, 1)));
    }
    let orders = orders();
    let response = bench.ask_token(SELF, &client, &[("scope", &orders)]).await;
    assert_eq!(body(response).await["error_codes"], json!([7_000_222]));
}

#[tokio::test]
async fn a_new_secret_arrives_late_when_the_dial_says_so() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let mut faults = SandboxFaults::default();
    faults.vendor.insert(SECRET_LAG.to_owned(), 60_000);
    bench.sandbox.set_faults(SELF, faults);
    let orders = orders();
    let response = bench.ask_token(SELF, &client, &[("scope", &orders)]).await;
    assert_eq!(body(response).await["error_codes"], json!([7_000_215]));
    bench.sandbox.set_faults(SELF, SandboxFaults::default());
    let response = bench.ask_token(SELF, &client, &[("scope", &orders)]).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn tokens_are_in_the_version_of_their_resource() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let uri = format!("api://{}", client.id);
    let scope = format!("{uri}/.default");
    let refused = bench.ask_token(SELF, &client, &[("scope", &scope)]).await;
    assert_eq!(body(refused).await["error_codes"], json!([500_011]));
    {
        let mut state = bench.shared().state();
        let kept = state.client_mut(SELF, &client.id).unwrap();
        kept.vendor
            .insert("identifierUris".to_owned(), json!([uri]));
    }
    let own = format!("api://{}/.default", client.id);
    let graph = format!("{}/.default", resource::GRAPH);
    for (scope, version, audience, status) in [
        (orders(), "2.0", resource::ORDERS.to_owned(), 200),
        (own.clone(), "1.0", format!("api://{}", client.id), 200),
        (graph, "1.0", resource::GRAPH.to_owned(), 401),
    ] {
        let response = bench.ask_token(SELF, &client, &[("scope", &scope)]).await;
        let answer = body(response).await;
        let token = text(&answer, "access_token");
        let claims = idp::live_token(bench.shared(), SELF, token).unwrap();
        assert_eq!(claims.text("ver"), Some(version), "{scope}");
        assert_eq!(claims.aud, audience);
        let (name, issuer) = match version {
            "2.0" => ("azp", SELF.issuer(bench.shared())),
            _ => ("appid", first_issuer(bench.shared())),
        };
        assert_eq!(claims.text(name), Some(client.id.as_str()));
        assert_eq!(claims.iss, issuer);
        let called = bench.call(SELF, Header::Bearer(token)).await;
        assert_eq!(called.status(), status, "{scope}");
    }
    {
        let mut state = bench.shared().state();
        let kept = state.client_mut(SELF, &client.id).unwrap();
        let api = json!({ "requestedAccessTokenVersion": 2 });
        kept.vendor.insert("api".to_owned(), api);
    }
    let answer = body(bench.ask_token(SELF, &client, &[("scope", &own)]).await).await;
    let token = text(&answer, "access_token");
    let claims = idp::live_token(bench.shared(), SELF, token).unwrap();
    assert_eq!((claims.text("ver"), &claims.aud), (Some("2.0"), &client.id));
}

#[tokio::test]
async fn the_administrator_has_a_role_at_graph_and_a_client_has_none() {
    let bench = Bench::new().await;
    let audience = resource::GRAPH;
    let scope = format!("{audience}/.default");
    let mut roles = Vec::new();
    for who in [bench.admin(SELF), bench.client(SELF)] {
        let answer = body(bench.ask_token(SELF, &who, &[("scope", &scope)]).await).await;
        let token = text(&answer, "access_token");
        let claims = idp::admin_token(bench.shared(), SELF, token, audience);
        roles.push(claims.map(|claims| claims.scope().join(" ")));
    }
    assert_eq!(
        roles,
        [Some("Application.ReadWrite.OwnedBy".to_owned()), None]
    );
}

#[tokio::test]
async fn an_unknown_tenant_is_refused_at_its_discovery_and_all_tenants_have_a_place_to_fill() {
    let bench = Bench::new().await;
    let base = SELF.base(bench.shared());
    let read = async |tenant: &str| {
        let url = format!("{base}/{tenant}/v2.0/.well-known/openid-configuration");
        bench.http.get(url).send().await.unwrap()
    };
    let refused = read("nowhere").await;
    assert_eq!(refused.status(), 400);
    assert_eq!(body(refused).await["error"], "invalid_tenant");
    let common = body(read("common").await).await;
    assert_eq!(common["issuer"], format!("{base}/{{tenantid}}/v2.0"));
    let own = body(read(TENANT).await).await;
    assert_eq!(own.get("registration_endpoint"), None);
}
