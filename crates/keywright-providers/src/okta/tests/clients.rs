//! Register, finish, read, update, delete, list.

use keywright_oauth::register::RegistrationError;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::*;
use crate::{Capability, Shortfall};

const CLIENTS: &str = "/oauth2/v1/clients";

#[tokio::test]
async fn a_registration_is_one_request_at_the_org_with_the_api_token() {
    let org = Org::start().await;
    org.answers("POST", CLIENTS, json_of(201, &service("0oa1")))
        .await;
    let draft = wanted(&json!({"client_name": "orders", "scope": "orders:read"}));
    let made = org
        .run(async |okta, context| okta.register(context, &draft).await.unwrap())
        .await;
    assert_eq!(made.client_id, "0oa1");
    assert_eq!(made.client_secret.unwrap().expose(), "the-first-secret");
    assert_eq!(made.client_secret_expires_at, Some(0));
    assert_eq!(made.handles["okta_wanted_scope"], "orders:read");
    assert_eq!(org.kept(), ["sending register", "done register"]);
    let requests = org.requests().await;
    assert_eq!(
        requests[0].headers["authorization"],
        format!("SSWS {TOKEN}")
    );
    assert_eq!(
        org.body(0).await,
        json!({
            "client_name": "orders", "grant_types": ["client_credentials"], "application_type": "service",
            "token_endpoint_auth_method": "client_secret_basic", "response_types": ["token"],
        })
    );
}

#[tokio::test]
async fn a_plan_shows_what_is_sent_and_what_okta_does_not_keep() {
    let org = Org::start().await;
    let draft = wanted(&json!({"client_name": "orders", "scope": "orders:read"}));
    let plan = org.adapter().plan(&draft).unwrap();
    let step = &plan.steps[0];
    assert_eq!(
        step.url.as_deref(),
        Some(&*format!("{}/okta{CLIENTS}", org.server.uri()))
    );
    assert_eq!(step.credential.unwrap().scheme, "SSWS ");
    assert_eq!(
        plan.shortfalls,
        [Shortfall::Vendor(
            crate::okta::messages::shortfall::SCOPE_BY_POLICY,
            "orders:read".into()
        )]
    );
}

#[tokio::test]
async fn f12_a_lost_answer_is_found_again_by_its_mark() {
    let org = Org::start().await;
    org.answers("POST", CLIENTS, json_of(201, &service("0oa1")))
        .await;
    let owner_tag = OwnerTag {
        vault: Uuid::now_v7(),
        entry: Uuid::now_v7(),
    };
    let draft = wanted(&json!({"client_name": "orders"}));
    org.run_as(owner_tag, async |okta, context| {
        okta.register(context, &draft).await.unwrap()
    })
    .await;
    let sent = org.body(0).await;
    let mut there = service("0oa1");
    there["client_uri"] = sent["client_uri"].clone();
    there.as_object_mut().unwrap().remove("client_secret");
    org.answers(
        "GET",
        CLIENTS,
        json_of(200, &json!([service("0oa0"), there])),
    )
    .await;
    org.answers("GET", "/oauth2/v1/clients/0oa1", json_of(200, &there))
        .await;
    let secrets = json!([
        {"id": "ocs1", "created": "2026-01-01T00:00:00.000Z", "status": "INACTIVE", "client_secret": "dead"},
        {"id": "ocs2", "created": "2025-01-01T00:00:00.000Z", "status": "ACTIVE", "client_secret": "alive"},
    ]);
    org.answers(
        "GET",
        "/api/v1/apps/0oa1/credentials/secrets",
        json_of(200, &secrets),
    )
    .await;
    let listed = org
        .run(async |okta, context| okta.list(context).await.unwrap())
        .await;
    let found = listed
        .iter()
        .find(|one| one.owner_tag == Some(owner_tag))
        .unwrap();
    let so_far = Registration {
        client_id: found.client_id.clone(),
        ..Registration::default()
    };
    let finished = org
        .run(async |okta, context| okta.resume(context, &draft, &so_far).await.unwrap())
        .await;
    assert_eq!(finished.client_secret.unwrap().expose(), "alive");
    assert!(
        !finished.metadata.members().contains_key("client_uri"),
        "the owner tag is nobody's metadata"
    );
    assert_eq!(org.kept().last().unwrap(), "done read_secret");
}

#[tokio::test]
async fn the_users_own_client_uri_is_not_taken_for_the_mark() {
    let mut org = Org::start().await;
    org.answers("POST", CLIENTS, json_of(201, &service("0oa1")))
        .await;
    let owner_tag = OwnerTag {
        vault: Uuid::now_v7(),
        entry: Uuid::now_v7(),
    };
    let draft = wanted(&json!({"client_name": "a", "client_uri": "https://www.example.com"}));
    org.run_as(owner_tag, async |okta, context| {
        okta.register(context, &draft).await.unwrap()
    })
    .await;
    org.set(Okta::MARK, "nothing");
    let draft = wanted(&json!({"client_name": "a"}));
    org.run_as(owner_tag, async |okta, context| {
        okta.register(context, &draft).await.unwrap()
    })
    .await;
    assert_eq!(org.body(0).await["client_uri"], "https://www.example.com");
    assert!(org.body(1).await.get("client_uri").is_none());
}

#[tokio::test]
async fn a_secret_that_the_answer_leaves_out_is_fetched_or_replaced() {
    let mut without = service("0oa1");
    without.as_object_mut().unwrap().remove("client_secret");
    let org = Org::start().await;
    org.answers("POST", CLIENTS, json_of(201, &without)).await;
    org.answers(
        "GET",
        "/api/v1/apps/0oa1/credentials/secrets",
        refusal(403, "E0000006", &[]),
    )
    .await;
    org.answers(
        "POST",
        "/oauth2/v1/clients/0oa1/lifecycle/newSecret",
        json_of(200, &service("0oa1")),
    )
    .await;
    let draft = wanted(&json!({"client_name": "orders"}));
    let made = org
        .run(async |okta, context| okta.register(context, &draft).await.unwrap())
        .await;
    assert_eq!(made.client_secret.unwrap().expose(), "the-first-secret");
    assert_eq!(
        org.kept(),
        [
            "sending register",
            "so far register",
            "sending new_secret",
            "done new_secret"
        ]
    );
}

#[tokio::test]
async fn each_refusal_of_a_registration_keeps_oktas_words() {
    let cases = [
        (
            json_of(
                400,
                &json!({"error": "invalid_client_metadata", "error_description": "`client_name`: The field can't be left blank."}),
            ),
            "invalid_client_metadata",
            true,
        ),
        (refusal(403, "E0000006", &[]), "E0000006", true),
        (refusal(404, "E0000007", &[]), "E0000007", true),
        (refusal(401, "E0000011", &[]), "E0000011", false),
        (refusal(401, "E0000015", &[]), "E0000015", false),
        (refusal(403, "E0000005", &[]), "E0000005", false),
    ];
    for (template, wanted_code, about_the_client) in cases {
        let org = Org::start().await;
        org.answers("POST", CLIENTS, template).await;
        let draft = wanted(&json!({"client_name": "orders"}));
        let error = org
            .run(async |okta, context| okta.register(context, &draft).await.unwrap_err())
            .await;
        assert_eq!(code(&error), wanted_code);
        assert_eq!(is_registration(&error), about_the_client, "{wanted_code}");
        assert_eq!(org.kept(), ["sending register"]);
    }
}

#[tokio::test]
async fn f14_a_long_pause_is_told_and_a_short_one_is_kept() {
    let limited = |reset: &str| {
        refusal(429, "E0000047", &[])
            .insert_header("date", "Tue, 14 Nov 2023 22:13:20 GMT")
            .insert_header("x-rate-limit-reset", reset)
    };
    let org = Org::start().await;
    org.answers_once("POST", CLIENTS, limited("1700000001"))
        .await;
    org.answers("POST", CLIENTS, json_of(201, &service("0oa1")))
        .await;
    let draft = wanted(&json!({"client_name": "orders"}));
    org.run(async |okta, context| okta.register(context, &draft).await.unwrap())
        .await;
    assert_eq!(org.asked().await.len(), 2);

    let org = Org::start().await;
    org.answers("POST", CLIENTS, limited("1700000060")).await;
    let error = org
        .run(async |okta, context| okta.register(context, &draft).await.unwrap_err())
        .await;
    let ProviderError::Registration(RegistrationError::Refused { retry_after, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(retry_after, Some(60));
}

#[tokio::test]
async fn f16_a_success_without_a_client_is_an_unknown_outcome() {
    for template in [
        json_of(201, &json!({"client_name": "orders"})),
        ResponseTemplate::new(201).set_body_string("<html><title>Proxy</title>"),
        ResponseTemplate::new(201),
    ] {
        let org = Org::start().await;
        org.answers("POST", CLIENTS, template).await;
        let draft = wanted(&json!({"client_name": "orders"}));
        let error = org
            .run(async |okta, context| okta.register(context, &draft).await.unwrap_err())
            .await;
        assert!(
            matches!(&error, ProviderError::Registration(error) if error.outcome_unknown()),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_client_is_read_by_its_id_in_either_shape() {
    let app = json!({
        "id": "0oa1", "label": "orders", "status": "ACTIVE", "created": "2023-11-14T22:13:20.000Z",
        "credentials": {"oauthClient": {"client_id": "0oa1", "token_endpoint_auth_method": "client_secret_basic"}},
        "settings": {"oauthClient": {"application_type": "service", "grant_types": ["client_credentials"], "client_uri": null}},
    });
    for shape in [service("0oa1"), app] {
        let org = Org::start().await;
        org.answers("GET", "/oauth2/v1/clients/0oa1", json_of(200, &shape))
            .await;
        let at = Registration {
            client_id: "0oa1".into(),
            ..Registration::default()
        };
        let read = org
            .run(async |okta, context| okta.read(context, &at).await.unwrap())
            .await;
        assert_eq!(read.client_id, "0oa1");
        assert_eq!(read.client_id_issued_at, Some(NOW));
        assert_eq!(read.metadata.client_name().as_deref(), Some("orders"));
        assert_eq!(read.metadata.grant_types().unwrap(), ["client_credentials"]);
        assert_eq!(
            read.metadata.token_endpoint_auth_method().as_deref(),
            Some("client_secret_basic")
        );
    }
}

#[tokio::test]
async fn an_update_replaces_the_whole_and_leaves_out_what_only_okta_sets() {
    let org = Org::start().await;
    org.answers(
        "PUT",
        "/oauth2/v1/clients/0oa1",
        json_of(200, &service("0oa1")),
    )
    .await;
    let mut at = known("0oa1");
    at.handles.insert(
        "okta_mark".into(),
        "https://keywright.invalid/00000000-0000-0000-0000-000000000001/00000000-0000-0000-0000-000000000002".into(),
    );
    let change = wanted(&json!({"client_name": "renamed", "scope": "a b"}));
    let changed = org
        .run(async |okta, context| okta.update(context, &at, &change).await.unwrap())
        .await;
    assert_eq!(changed.handles["okta_wanted_scope"], "a b");
    assert_eq!(org.kept(), ["sending update", "done update"]);
    assert_eq!(
        org.body(0).await,
        json!({
            "client_name": "renamed", "client_id": "0oa1", "application_type": "service",
            "grant_types": ["client_credentials"], "response_types": ["token"], "redirect_uris": [],
            "token_endpoint_auth_method": "client_secret_basic", "client_uri": at.handles["okta_mark"],
        })
    );
}

#[tokio::test]
async fn a_deletion_deactivates_first_where_the_org_wants_it() {
    let org = Org::start().await;
    let active = refusal(
        403,
        "E0000056",
        &["The application must be deactivated before deletion."],
    );
    org.answers_once("DELETE", "/oauth2/v1/clients/0oa1", active)
        .await;
    org.answers(
        "DELETE",
        "/oauth2/v1/clients/0oa1",
        ResponseTemplate::new(204),
    )
    .await;
    org.answers(
        "POST",
        "/api/v1/apps/0oa1/lifecycle/deactivate",
        json_of(200, &json!({})),
    )
    .await;
    org.run(async |okta, context| okta.delete(context, &known("0oa1")).await.unwrap())
        .await;
    assert_eq!(
        org.asked().await,
        [
            "DELETE /oauth2/v1/clients/0oa1",
            "POST /api/v1/apps/0oa1/lifecycle/deactivate",
            "DELETE /oauth2/v1/clients/0oa1",
        ]
    );
    assert_eq!(
        org.kept(),
        ["sending delete", "sending deactivate", "sending delete"]
    );
}

#[tokio::test]
async fn an_internal_error_of_a_deletion_is_tried_again() {
    let org = Org::start().await;
    org.answers_once(
        "DELETE",
        "/oauth2/v1/clients/0oa1",
        refusal(500, "E0000009", &[]),
    )
    .await;
    org.answers(
        "DELETE",
        "/oauth2/v1/clients/0oa1",
        ResponseTemplate::new(204),
    )
    .await;
    org.run(async |okta, context| okta.delete(context, &known("0oa1")).await.unwrap())
        .await;
    assert_eq!(org.asked().await.len(), 2);
}

#[tokio::test]
async fn f20_a_client_that_is_gone_is_told_from_a_token_that_is_refused() {
    let org = Org::start().await;
    org.answers(
        "DELETE",
        "/oauth2/v1/clients/gone",
        refusal(404, "E0000007", &[]),
    )
    .await;
    org.answers(
        "DELETE",
        "/oauth2/v1/clients/there",
        refusal(401, "E0000011", &[]),
    )
    .await;
    let gone = org
        .run(async |okta, context| okta.delete(context, &known("gone")).await.unwrap_err())
        .await;
    assert!(matches!(&gone, ProviderError::Registration(error) if error.is_unknown_client()));
    let refused = org
        .run(async |okta, context| okta.delete(context, &known("there")).await.unwrap_err())
        .await;
    assert!(
        matches!(refused, ProviderError::Admin { .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn t02_a_list_goes_on_by_its_cursor_and_never_to_another_host() {
    let org = Org::start().await;
    let elsewhere = MockServer::start().await;
    let next = format!(
        "<{}/clients?after=c2&limit=200>; rel=\"next\"",
        elsewhere.uri()
    );
    org.answers_once(
        "GET",
        CLIENTS,
        json_of(200, &json!([service("0oa1")]))
            .append_header("link", "<https://x/clients>; rel=\"self\"")
            .append_header("link", &*next),
    )
    .await;
    org.answers(
        "GET",
        CLIENTS,
        json_of(200, &json!([service("0oa2"), "odd", {}])),
    )
    .await;
    let listed = org
        .run(async |okta, context| okta.list(context).await.unwrap())
        .await;
    let ids: Vec<&str> = listed.iter().map(|one| one.client_id.as_str()).collect();
    assert_eq!(ids, ["0oa1", "0oa2"]);
    assert_eq!(listed[0].name.as_deref(), Some("orders"));
    let asked = org.requests().await;
    assert_eq!(asked[1].url.query(), Some("limit=200&after=c2"));
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_done_is_said_before_anything_is_sent() {
    let mut org = Org::start().await;
    assert!(
        org.adapter()
            .can(Capability::RotateOverlap, &known("0oa1"))
            .is_ok()
    );
    let mut by_key = known("0oa1");
    by_key
        .granted
        .set("token_endpoint_auth_method", "private_key_jwt");
    assert!(org.adapter().can(Capability::Rotate, &by_key).is_err());
    org.set(Okta::ROTATION, "new_secret");
    assert!(
        org.adapter()
            .can(Capability::RotateOverlap, &known("0oa1"))
            .is_err()
    );
    org.secrets.clear();
    assert!(
        org.adapter()
            .can(Capability::Register, &known("0oa1"))
            .is_err()
    );
    let lines = org.adapter().capabilities().lines;
    assert_eq!(lines.len(), 16);
}
