//! Curity, as its adapter meets it: one suite over the whole life of a client.

mod world;

use std::collections::BTreeMap;

use keywright_oauth::register::RegistrationError;
use keywright_oauth::secret::{AdminSecret, ClientSecret};
use keywright_oauth::token::{self, TokenError};
use keywright_providers::{
    Capability, Checkpoint, CheckpointError, Context, OwnerTag, ProviderError, Registration,
    StepState, TokenWish, Verdict,
};
use keywright_sandbox::SandboxFaults;
use serde_json::{Value, json};
use uuid::Uuid;

use self::world::{World, metadata, of, operate, refusal, secret, step};
use crate::bench::START;

const DAY: i64 = 86_400;

#[tokio::test]
async fn verify_passes_and_leaves_no_client_behind() {
    let world = World::new().await;
    let seen = world.verify().await;
    assert!(seen.ok() && !seen.warns(), "{:#?}", seen.steps);
    assert_eq!(world.bench.sandbox.client_count(), 0);
    let sheet = world.provider().capabilities();
    for (capability, verdict) in [
        (Capability::Register, Verdict::Yes),
        (Capability::Read, Verdict::Partly),
        (Capability::RotateOverlap, Verdict::No),
        (Capability::ClientCredentials, Verdict::Yes),
        (Capability::Introspection, Verdict::Yes),
        (Capability::List, Verdict::No),
    ] {
        assert_eq!(sheet.line(capability).unwrap().verdict, verdict);
    }
}

#[tokio::test]
async fn verify_says_who_is_wrong() {
    let mut world = World::new().await;
    world.dials(SandboxFaults {
        wrong_issuer: true,
        ..SandboxFaults::default()
    });
    let seen = world.verify().await;
    assert_eq!(step(&seen, "issuer").state, StepState::Failed);
    world.dials(SandboxFaults::default());
    world
        .config
        .secrets
        .insert("initial_client_secret".into(), AdminSecret::new("wrong"));
    let seen = world.verify().await;
    let token = step(&seen, "admin_token");
    assert_eq!(token.state, StepState::Failed);
    assert_eq!(
        token.words.as_ref().unwrap().error.as_deref(),
        Some("invalid_client")
    );
}

#[tokio::test]
async fn a_client_is_registered_with_the_least_and_with_all() {
    let world = World::new().await;
    let least = world.register(&json!({})).await.unwrap();
    assert_eq!(
        least.metadata.grant_types().unwrap(),
        ["client_credentials"]
    );
    assert_eq!(world.journal(), ["sending register", "done register"]);
    let all = world
        .register(&json!({
            "client_name": "Shop", "grant_types": ["authorization_code", "client_credentials"],
            "redirect_uris": ["https://shop.example/cb"], "response_types": ["code"],
            "client_uri": "https://shop.example/", "scope": "orders:read orders:write",
            "token_endpoint_auth_method": "client_secret_post", "access_token_ttl": 300,
            "contacts": ["ops@shop.example"], "company_key": "k",
        }))
        .await
        .unwrap();
    let granted = all.metadata.members();
    assert_eq!(granted["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!(granted["access_token_ttl"], 300);
    assert_eq!(granted["company_key"], "k");
    assert_eq!(
        granted["token_endpoint_auth_methods"],
        json!(["client_secret_basic", "client_secret_post"])
    );
    assert_eq!(
        all.handles["registration_token_ends_at"],
        (START + 365 * DAY).to_string()
    );
    world.token(&of(&all)).await.unwrap();
}

#[tokio::test]
async fn the_server_grants_something_else_instead_of_refusing() {
    let world = World::new().await;
    let made = world
        .register(&json!({
            "grant_types": ["client_credentials", "refresh_token"],
            "token_endpoint_auth_method": "none",
        }))
        .await
        .unwrap();
    assert_eq!(made.metadata.grant_types().unwrap(), ["client_credentials"]);
    assert_eq!(
        made.metadata.token_endpoint_auth_method().as_deref(),
        Some("client_secret_basic")
    );
    assert!(made.client_secret.is_some());
    world.dials(SandboxFaults {
        grant_less: true,
        ..SandboxFaults::default()
    });
    let less = world
        .register(&json!({ "scope": "orders:read orders:write" }))
        .await
        .unwrap();
    assert_eq!(less.metadata.scopes().unwrap(), ["orders:read"]);
}

#[tokio::test]
async fn a_template_decides_all_by_itself() {
    let world = World::with(&[("registration_kind", "templatized")]).await;
    let made = world
        .register(&json!({ "client_name": "Mine", "scope": "orders:write" }))
        .await
        .unwrap();
    assert_eq!(
        made.metadata.client_name().as_deref(),
        Some("Orders template")
    );
    assert_eq!(made.metadata.scopes().unwrap(), ["orders:read"]);
    world.token(&of(&made)).await.unwrap();
    let unknown = World::with(&[
        ("registration_kind", "templatized"),
        ("software_id", "no-such-template"),
    ])
    .await;
    let error = unknown.register(&json!({})).await.unwrap_err();
    assert_eq!(refusal(&error), (400, Some("invalid_client_metadata")));
}

#[tokio::test]
async fn each_refusal_keeps_its_code() {
    let world = World::new().await;
    let redirects = json!(["https://shop.example/cb"]);
    for (asked, status, code) in [
        (
            json!({ "grant_types": ["authorization_code"] }),
            400,
            "invalid_redirect_uri",
        ),
        (
            json!({ "grant_types": ["authorization_code"], "redirect_uris": redirects,
                "client_uri": "https://elsewhere.example/" }),
            400,
            "invalid_client_metadata",
        ),
        (
            json!({ "grant_types": ["magic"] }),
            400,
            "invalid_client_metadata",
        ),
    ] {
        let error = world.register(&asked).await.unwrap_err();
        assert_eq!(refusal(&error), (status, Some(code)), "{asked}");
    }
    assert_eq!(world.bench.sandbox.client_count(), 0);
}

#[tokio::test]
async fn a_token_registers_once_and_only_the_admin_clients_does() {
    let mut world = World::with(&[("registration_opened_by", "initial_access_token")]).await;
    let open = |world: &mut World, token: &str| {
        let token = AdminSecret::new(token);
        world
            .config
            .secrets
            .insert("initial_access_token".into(), token);
    };
    let given = admin_token(&world, "dcr").await;
    open(&mut world, &given);
    world.register(&json!({})).await.unwrap();
    let again = world.register(&json!({})).await.unwrap_err();
    assert_eq!(refusal(&again), (401, Some("invalid_token")));
    let other = admin_token(&world, "dcrm").await;
    open(&mut world, &other);
    let error = world.register(&json!({})).await.unwrap_err();
    assert_eq!(refusal(&error), (403, Some("insufficient_scope")));
    open(&mut world, "nobody's");
    let error = world.register(&json!({})).await.unwrap_err();
    assert_eq!(refusal(&error), (401, Some("invalid_token")));
    assert_eq!(world.bench.sandbox.client_count(), 1);
}

/// A token of the admin client with this scope.
async fn admin_token(world: &World, scope: &str) -> String {
    let id = &world.config.settings["initial_client_id"];
    let secret = world.config.secrets["initial_client_secret"].expose();
    let endpoint = world.config.token_endpoint().unwrap().unwrap();
    let answer = world
        .bench
        .http
        .post(endpoint)
        .basic_auth(id, Some(secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("grant_type=client_credentials&scope={scope}"))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    crate::bench::text(&answer, "access_token").to_owned()
}

#[tokio::test]
async fn everyone_registers_where_nothing_opens_registration() {
    let world = World::with(&[("registration_opened_by", "nothing")]).await;
    let error = world.register(&json!({})).await.unwrap_err();
    assert_eq!(refusal(&error), (401, Some("invalid_token")));
    world.dial("open_registration", 1);
    world.register(&json!({})).await.unwrap();
}

#[tokio::test]
async fn f14_too_many_requests_are_told_and_nothing_is_registered() {
    let world = World::new().await;
    world.dials(SandboxFaults {
        rate_limit_per_second: 1,
        retry_after: true,
        ..SandboxFaults::default()
    });
    // The token takes the one request that this second lets through.
    let error = world.register(&json!({})).await.unwrap_err();
    let ProviderError::Registration(RegistrationError::Refused {
        words, retry_after, ..
    }) = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!((words.status, *retry_after), (429, Some(1)));
    assert_eq!(world.bench.sandbox.client_count(), 0);
}

#[tokio::test]
async fn f12_a_lost_answer_is_an_unknown_outcome_in_the_journal() {
    let world = World::new().await;
    let at = world.client().await;
    world.journal();
    world.dials(SandboxFaults {
        drop_after_receiving_percent: 100,
        ..SandboxFaults::default()
    });
    // The token's answer is lost: nothing was registered, and the journal knows of nothing.
    let error = world.register(&json!({})).await.unwrap_err();
    assert!(matches!(error, ProviderError::Admin { .. }), "{error:?}");
    assert!(world.journal().is_empty());
    assert_eq!(world.bench.sandbox.client_count(), 1);
    for operation in ["read", "rotate", "update", "delete"] {
        let error = match operation {
            "read" => operate!(world, provider, context => provider.read(context, &at)).err(),
            "rotate" => operate!(world, provider, context => provider.rotate(context, &at)).err(),
            "update" => {
                operate!(world, provider, context => provider.update(context, &at, &at.granted))
                    .err()
            }
            _ => operate!(world, provider, context => provider.delete(context, &at)).err(),
        };
        let Some(ProviderError::Registration(error)) = error else {
            panic!("{error:?}");
        };
        // The first of them was carried out and ended the token of the others.
        assert!(error.outcome_unknown(), "{operation}: {error:?}");
        assert_eq!(world.journal(), [format!("sending {operation}")]);
    }
    let open = World::with(&[("registration_opened_by", "nothing")]).await;
    open.dials(SandboxFaults {
        drop_after_receiving_percent: 100,
        vendor: BTreeMap::from([("open_registration".to_owned(), 1)]),
        ..SandboxFaults::default()
    });
    let error = open.register(&json!({})).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Registration(error) if error.outcome_unknown()),
        "{error:?}"
    );
    assert_eq!(open.journal(), ["sending register"]);
    assert_eq!(open.bench.sandbox.client_count(), 1);
}

#[tokio::test]
async fn nothing_is_left_to_resume_after_one_request() {
    let world = World::new().await;
    let at = world.client().await;
    let asked = metadata(&json!({}));
    let error = operate!(world, provider, context => provider.resume(context, &asked, &at));
    assert!(matches!(error, Err(ProviderError::NotCapable { .. })));
}

#[tokio::test]
async fn a_read_brings_a_new_token_and_secret_and_ends_the_old_ones() {
    let world = World::new().await;
    let first = world.client().await;
    let read = operate!(world, provider, context => provider.read(context, &first)).unwrap();
    let second = of(&read);
    assert_ne!(secret(&first), secret(&second));
    assert_eq!(
        read.metadata.client_name().as_deref(),
        Some("Orders"),
        "and changes nothing else"
    );
    world.token(&second).await.unwrap();
    assert!(world.token(&first).await.unwrap_err().is_invalid_client());
    let error = operate!(world, provider, context => provider.read(context, &first)).unwrap_err();
    assert_eq!(refusal(&error), (401, Some("invalid_token")));
}

#[tokio::test]
async fn an_update_replaces_the_metadata_the_token_and_the_secret() {
    let world = World::new().await;
    let first = world.client().await;
    let mut asked = first.granted.clone();
    asked.set("client_name", "Orders 2");
    let updated =
        operate!(world, provider, context => provider.update(context, &first, &asked)).unwrap();
    assert_eq!(updated.metadata.client_name().as_deref(), Some("Orders 2"));
    assert_eq!(world.journal()[2..], ["sending update", "done update"]);
    world.token(&of(&updated)).await.unwrap();
    assert!(world.token(&first).await.is_err());
}

#[tokio::test]
async fn f19_a_rotated_secret_lives_on_where_the_server_lets_it() {
    let world = World::with(&[("rotated_secret_secs", "60")]).await;
    let sheet = world.provider().capabilities();
    let overlap = sheet.line(Capability::RotateOverlap).unwrap();
    assert_eq!(overlap.verdict, Verdict::Partly);
    world.dial("rotated_secret_ttl_ms", 60_000);
    let first = world.client().await;
    let rotated = operate!(world, provider, context => provider.rotate(context, &first)).unwrap();
    let second = of(&rotated);
    world.token(&first).await.unwrap();
    world.token(&second).await.unwrap();
    // The server ends the old one by itself.
    let retired =
        operate!(world, provider, context => provider.revoke_previous_secret(context, &second))
            .unwrap();
    assert!(retired.is_empty());
    world.dials(SandboxFaults::default());
    assert!(world.token(&first).await.is_err());
    world.token(&second).await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_used_again_stays_the_same() {
    let world = World::new().await;
    world.dial("reuse_registration_token", 1);
    let first = world.client().await;
    let read = operate!(world, provider, context => provider.read(context, &first)).unwrap();
    assert_eq!(
        read.registration_access_token.as_ref().unwrap().expose(),
        first.registration_access_token.as_ref().unwrap().expose()
    );
    assert_ne!(secret(&of(&read)), secret(&first));
}

#[tokio::test]
async fn a_registration_token_reads_for_28_days_and_deletes_for_a_year() {
    let world = World::new().await;
    let at = world.client().await;
    world.advance(28 * DAY);
    assert!(world.provider().can(Capability::Read, &at).is_err());
    assert!(world.provider().can(Capability::Delete, &at).is_ok());
    // The server keeps the window too: without the handles the adapter would ask, and be refused.
    let unaware = Registration {
        handles: BTreeMap::new(),
        ..at.clone()
    };
    let error = operate!(world, provider, context => provider.read(context, &unaware)).unwrap_err();
    assert_eq!(refusal(&error), (403, Some("insufficient_scope")));
    operate!(world, provider, context => provider.delete(context, &at)).unwrap();
    assert_eq!(world.bench.sandbox.client_count(), 0);
}

#[tokio::test]
async fn f20_deleting_a_client_that_is_gone_says_so() {
    let world = World::new().await;
    let at = world.client().await;
    operate!(world, provider, context => provider.delete(context, &at)).unwrap();
    assert!(world.token(&at).await.unwrap_err().is_invalid_client());
    let error = operate!(world, provider, context => provider.delete(context, &at)).unwrap_err();
    assert!(
        matches!(&error, ProviderError::Registration(error) if error.is_unknown_client()),
        "{error:?}"
    );
}

#[tokio::test]
async fn without_management_a_client_can_be_used_and_nothing_more() {
    let world = World::new().await;
    world.dial("management_off", 1);
    let at = world.client().await;
    assert!(at.registration_client_uri.is_none());
    for capability in [
        Capability::Read,
        Capability::Update,
        Capability::Rotate,
        Capability::Delete,
    ] {
        assert!(world.provider().can(capability, &at).is_err());
    }
    world.token(&at).await.unwrap();
}

#[tokio::test]
async fn the_gateway_takes_the_token_and_the_credentials() {
    let world = World::new().await;
    let at = world.client().await;
    let token = world.token(&at).await.unwrap();
    let http = &world.bench.http;
    let by_token = http.get(&world.api).bearer_auth(&token).send().await;
    assert_eq!(by_token.unwrap().status(), 200);
    let by_secret = http
        .get(&world.api)
        .basic_auth(&at.client_id, Some(secret(&at)))
        .send()
        .await;
    assert_eq!(by_secret.unwrap().status(), 200);
    let elsewhere = world.api.replace("/curity/", "/okta/");
    let refused = http.get(elsewhere).bearer_auth(&token).send().await;
    assert_eq!(refused.unwrap().status(), 401);
}

#[tokio::test]
async fn a_token_is_refused_for_a_wrong_secret_and_a_strange_scope() {
    let world = World::new().await;
    let mut at = world.client().await;
    let wish = TokenWish {
        scopes: Some(vec!["admin".into()]),
        ..TokenWish::default()
    };
    let request = world
        .provider()
        .token_request(&at, wish, Uuid::now_v7())
        .unwrap();
    let error = token::request_token(&world.http(), &request)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, TokenError::Refused { words, .. } if words.error.as_deref() == Some("invalid_scope")),
        "{error:?}"
    );
    at.client_secret = Some(ClientSecret::new("wrong"));
    assert!(world.token(&at).await.unwrap_err().is_invalid_client());
}
