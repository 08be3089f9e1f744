//! Register and resume: the steps, what is cut off between them, lag and refusals.

use keywright_oauth::register::RegistrationError;
use keywright_providers::{
    Capability, PlannedBody, ProviderError, ProviderKind, Registration, Verdict,
};
use serde_json::json;
use uuid::Uuid;
use wiremock::ResponseTemplate;

use crate::tenant::{
    APP, Journal, SECRET, Tenant, Written, application, context, graph_error, not_found, password,
    registered, wanted,
};

const ALL_STEPS: [&str; 4] = [
    "POST applications",
    "POST applications/object-1/addPassword",
    "POST servicePrincipals",
    "PATCH applications/object-1",
];

#[tokio::test]
async fn a_registration_is_made_in_steps_and_each_is_kept_before_the_next() {
    let tenant = Tenant::well(&[]).await;
    let journal = Journal::default();
    let made = tenant
        .provider()
        .register(context!(journal), &wanted())
        .await
        .unwrap();
    assert_eq!(tenant.sent().await, ALL_STEPS);
    assert_eq!(
        journal.written(),
        [
            Written::Sending("entra_application"),
            Written::Answered("entra_application", false),
            Written::Sending("entra_secret"),
            Written::Answered("entra_secret", false),
            Written::Sending("entra_service_principal"),
            Written::Answered("entra_service_principal", false),
            Written::Sending("entra_app_id_uri"),
            Written::Answered("entra_app_id_uri", true),
        ]
    );
    let body = tenant.body("POST applications").await;
    assert_eq!(body["signInAudience"], "AzureADMyOrg");
    assert_eq!(
        body["tags"][1],
        format!("keywright:entry:{}", Uuid::from_u128(2))
    );
    let body = tenant.body("POST applications/object-1/addPassword").await;
    // 180 days after the clock.
    assert_eq!(
        body["passwordCredential"]["endDateTime"],
        "2027-07-14T08:00:00Z"
    );
    let body = tenant.body("PATCH applications/object-1").await;
    assert_eq!(body, json!({ "identifierUris": [format!("api://{APP}")] }));

    assert_eq!(made.client_id, APP);
    assert_eq!(made.client_secret.as_ref().unwrap().expose(), SECRET);
    assert_eq!(made.client_secret_expires_at, Some(1_815_552_000));
    assert_eq!(
        made.metadata.scopes().unwrap(),
        [format!("api://{APP}/.default")]
    );
    let handle = |name: &str| made.handles.get(name).map(String::as_str);
    assert_eq!(handle("object_id"), Some("object-1"));
    assert_eq!(handle("key_id"), Some("key-1"));
    assert_eq!(handle("service_principal_id"), Some("principal-1"));
    assert_eq!(handle("secret_since"), Some("1800000000"));
}

#[tokio::test]
async fn f01_a_cut_after_any_line_leaves_nothing_that_a_resume_does_not_finish() {
    for room in 0..8 {
        let tenant = Tenant::well(&[]).await;
        let journal = Journal {
            room: Some(room),
            ..Journal::default()
        };
        let provider = tenant.provider();
        let cut = provider.register(context!(journal), &wanted()).await;
        assert!(
            matches!(cut, Err(ProviderError::Checkpoint(_))),
            "{room}: {cut:?}"
        );
        let sent = tenant.sent().await;
        assert_eq!(
            sent,
            ALL_STEPS[..room.div_ceil(2)],
            "{room}: more was sent than was kept"
        );
        if journal.last.lock().unwrap().is_none() {
            continue;
        }
        let known = journal.known();
        let again = Journal::default();
        let made = provider
            .resume(context!(again), &wanted(), &known)
            .await
            .unwrap();
        assert_eq!(
            made.client_secret.as_ref().unwrap().expose(),
            SECRET,
            "{room}"
        );
        assert_eq!(
            made.handles.get("app_id_uri"),
            Some(&format!("api://{APP}")),
            "{room}"
        );
        assert!(
            matches!(again.written().last(), Some(Written::Answered(_, true))),
            "{room}"
        );
        let creations = tenant.sent().await;
        let count = |what: &str| creations.iter().filter(|sent| *sent == what).count();
        assert_eq!(
            count("POST applications"),
            1,
            "{room}: the application was made twice"
        );
    }
}

#[tokio::test]
async fn f12_a_secret_whose_answer_was_lost_is_ended_by_the_resume() {
    let tenant = Tenant::new(&[]).await;
    let mut there = application();
    there["passwordCredentials"] = json!([{ "keyId": "lost-key", "secretText": null }]);
    tenant
        .on(
            "GET",
            "/applications/object-1$",
            ResponseTemplate::new(200).set_body_json(there),
        )
        .await;
    tenant
        .on("POST", "/removePassword$", ResponseTemplate::new(204))
        .await;
    tenant
        .on(
            "POST",
            "/addPassword$",
            ResponseTemplate::new(200).set_body_json(password("key-2", SECRET)),
        )
        .await;
    tenant
        .on(
            "POST",
            "/servicePrincipals$",
            graph_error(409, "Request_MultipleObjectsWithSameKeyValue"),
        )
        .await;
    tenant
        .on(
            "GET",
            "/servicePrincipals$",
            ResponseTemplate::new(200).set_body_json(json!({ "value": [{ "id": "principal-9" }] })),
        )
        .await;
    tenant
        .on(
            "PATCH",
            "/applications/object-1$",
            ResponseTemplate::new(204),
        )
        .await;
    let known = Registration {
        client_id: APP.into(),
        handles: [("object_id".to_owned(), "object-1".to_owned())].into(),
        ..Registration::default()
    };
    let journal = Journal::default();
    let made = tenant
        .provider()
        .resume(context!(journal), &wanted(), &known)
        .await
        .unwrap();
    assert_eq!(
        tenant
            .body("POST applications/object-1/removePassword")
            .await,
        json!({ "keyId": "lost-key" })
    );
    assert_eq!(made.handles.get("key_id").unwrap(), "key-2");
    // The service principal was made by a request whose answer was lost as well.
    assert_eq!(
        made.handles.get("service_principal_id").unwrap(),
        "principal-9"
    );
}

#[tokio::test]
async fn f17_replication_lag_is_waited_out_after_a_creation() {
    let tenant = Tenant::well(&[]).await;
    let behind = json!({ "error": { "code": "Request_BadRequest", "message": "m", "details": [{ "code": "NoBackingApplicationObject" }] } });
    tenant.first(2, "POST", "/addPassword$", not_found()).await;
    tenant
        .first(
            1,
            "POST",
            "/servicePrincipals$",
            ResponseTemplate::new(400).set_body_json(behind),
        )
        .await;
    tenant
        .first(1, "PATCH", "/applications/object-1$", not_found())
        .await;
    let journal = Journal::default();
    tenant
        .provider()
        .register(context!(journal), &wanted())
        .await
        .unwrap();
    let sent = tenant.sent().await;
    let count = |what: &str| sent.iter().filter(|sent| *sent == what).count();
    assert_eq!(
        [
            count(ALL_STEPS[0]),
            count(ALL_STEPS[1]),
            count(ALL_STEPS[2]),
            count(ALL_STEPS[3])
        ],
        [1, 3, 2, 2]
    );
    assert_eq!(journal.written().len(), 8, "a repeated request is one step");
}

#[tokio::test]
async fn f17_a_denied_principal_of_a_new_application_is_sent_again() {
    let tenant = Tenant::well(&[]).await;
    let denied = || graph_error(403, "Authorization_RequestDenied");
    tenant
        .first(2, "POST", "/servicePrincipals$", denied())
        .await;
    let journal = Journal::default();
    let provider = tenant.provider();
    let made = provider.register(context!(journal), &wanted()).await;
    let mut so_far = registered(&made.unwrap());
    let principals = tenant.sent().await;
    let count = principals
        .iter()
        .filter(|sent| *sent == ALL_STEPS[2])
        .count();
    assert_eq!(count, 3);

    // Of an application that is older, the same answer stands for a permission that is missing.
    let tenant = Tenant::well(&[]).await;
    tenant
        .first(9, "POST", "/servicePrincipals$", denied())
        .await;
    so_far.handles.remove("service_principal_id");
    let old = crate::tenant::NOW - 121;
    so_far.handles.insert("created_at".into(), old.to_string());
    let journal = Journal::default();
    let resumed = tenant
        .provider()
        .resume(context!(journal), &wanted(), &so_far)
        .await;
    let ProviderError::Registration(RegistrationError::Refused { words, .. }) =
        resumed.unwrap_err()
    else {
        panic!("another failure")
    };
    assert_eq!(
        keywright_providers::advice(ProviderKind::Entra, &words)
            .map(keywright_providers::MessageCode::as_str),
        Some("entra_permission_missing")
    );
}

#[tokio::test]
async fn a_refusal_between_the_steps_keeps_what_was_made() {
    let tenant = Tenant::well(&[]).await;
    tenant
        .first(
            9,
            "POST",
            "/addPassword$",
            graph_error(400, "CredentialInvalidLifetimeAsPerAppPolicy"),
        )
        .await;
    let journal = Journal::default();
    let error = tenant
        .provider()
        .register(context!(journal), &wanted())
        .await
        .unwrap_err();
    let ProviderError::Registration(RegistrationError::Refused { words, .. }) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        keywright_providers::advice(ProviderKind::Entra, words)
            .map(keywright_providers::MessageCode::as_str),
        Some("entra_lifetime_capped")
    );
    assert_eq!(tenant.sent().await.len(), 2, "a policy is not asked twice");
    assert_eq!(journal.known().handle("object_id"), Some("object-1"));
}

#[tokio::test]
async fn an_answer_without_its_ids_is_an_unknown_outcome() {
    for answer in [
        json!({ "id": "object-1" }),
        json!({ "id": "o", "appId": null }),
        json!([]),
    ] {
        let tenant = Tenant::new(&[]).await;
        tenant
            .on(
                "POST",
                "/applications$",
                ResponseTemplate::new(201).set_body_json(&answer),
            )
            .await;
        let journal = Journal::default();
        let error = tenant
            .provider()
            .register(context!(journal), &wanted())
            .await
            .unwrap_err();
        assert!(
            matches!(&error, ProviderError::Registration(error) if error.outcome_unknown()),
            "{answer}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_admin_client_is_told_before_anything_is_written_or_sent() {
    let tenant = Tenant::well(&[]).await;
    let refusal = json!({ "error": "invalid_client", "error_codes": [7_000_222], "error_description": "AADSTS7000222: expired" });
    tenant
        .first(
            9,
            "POST",
            "/token$",
            ResponseTemplate::new(401).set_body_json(refusal),
        )
        .await;
    let journal = Journal::default();
    let error = tenant
        .provider()
        .register(context!(journal), &wanted())
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Admin { .. }), "{error:?}");
    assert!(journal.written().is_empty() && tenant.sent().await.is_empty());
}

#[tokio::test]
async fn f14_a_429_without_a_word_about_the_pause_is_waited_out() {
    let tenant = Tenant::well(&[]).await;
    tenant
        .first(
            1,
            "POST",
            "/v1.0/applications$",
            graph_error(429, "TooManyRequests"),
        )
        .await;
    tenant
        .first(
            1,
            "POST",
            "/addPassword$",
            graph_error(429, "TooManyRequests").insert_header("retry-after", "1"),
        )
        .await;
    let journal = Journal::default();
    tenant
        .provider()
        .register(context!(journal), &wanted())
        .await
        .unwrap();
    assert_eq!(tenant.sent().await.len(), 6);
}

#[tokio::test]
async fn t40_activity_hides_the_secrets_and_shows_the_codes() {
    let tenant = Tenant::well(&[]).await;
    tenant
        .first(1, "POST", "/servicePrincipals$", not_found())
        .await;
    let journal = Journal::default();
    tenant
        .provider()
        .register(context!(journal), &wanted())
        .await
        .unwrap();
    let kept = format!("{:?}", tenant.exchanges.lock().unwrap());
    for secret in [SECRET, "admin-secret-0001", "admin-token-0001"] {
        assert!(!kept.contains(secret), "{secret} is in Activity");
    }
    assert!(kept.contains("Request_ResourceNotFound"));
    assert!(!format!("{:?}", journal.known()).contains(SECRET));
}

#[tokio::test]
async fn the_plan_shows_every_request_and_what_will_not_be() {
    let tenant = Tenant::new(&[]).await;
    let plan = tenant.provider().plan(&wanted()).unwrap();
    let steps: Vec<_> = plan
        .steps
        .iter()
        .map(|step| (step.step, step.method))
        .collect();
    assert_eq!(
        steps,
        [
            ("entra_admin_token", "POST"),
            ("entra_application", "POST"),
            ("entra_secret", "POST"),
            ("entra_service_principal", "POST"),
            ("entra_app_id_uri", "PATCH"),
        ]
    );
    assert!(plan.shortfalls.is_empty(), "{:?}", plan.shortfalls);
    let url = plan.steps[2].url.clone().unwrap();
    assert!(
        url.ends_with("/graph/v1.0/applications/{id}/addPassword"),
        "{url}"
    );
    let PlannedBody::Form(form) = &plan.steps[0].body else {
        panic!("a form")
    };
    assert!(form.contains(&("client_secret", None)));

    let tenant = Tenant::new(&[("default_resource", "https://graph.microsoft.com")]).await;
    let mut more = wanted();
    more.set(
        "grant_types",
        json!(["client_credentials", "password", "refresh_token"]),
    );
    more.set("scope", "orders.read");
    more.set("token_endpoint_auth_method", "client_secret_jwt");
    more.set("contacts", json!(["a@example.com"]));
    let plan = tenant.provider().plan(&more).unwrap();
    let shortfalls: Vec<(&str, &str)> = plan
        .shortfalls
        .iter()
        .map(|one| (one.code(), one.about()))
        .collect();
    assert_eq!(
        shortfalls,
        [
            ("grant", "password"),
            ("grant", "refresh_token"),
            ("scope", "orders.read"),
            ("auth_method", "client_secret_jwt"),
            ("entra_no_place", "contacts"),
            ("entra_graph_token", "https://graph.microsoft.com/.default"),
        ]
    );
    assert_eq!(plan.steps.len(), 4, "Graph is no resource of ours to name");
    let line = |tenant: &Tenant| {
        let sheet = tenant.provider().capabilities();
        sheet.line(Capability::ClientCredentials).unwrap().clone()
    };
    assert_eq!(line(&tenant).verdict, Verdict::Partly);
    assert_eq!(line(&tenant).reason.as_str(), "entra_graph_token");
}
