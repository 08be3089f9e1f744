//! What Verify finds of a tenant, and issuers of version 1.

use keywright_oauth::token;
use keywright_providers::{AdminTokens, Provider, StepState, TokenWish};
use keywright_sandbox::SandboxFaults;
use uuid::Uuid;

use super::{Desk, Journal, config, context, http, provider, registered, state, wanted};

#[tokio::test]
async fn a_configuration_is_verified_and_what_is_wrong_with_one_is_named() {
    let desk = Desk::new().await;
    let good = desk.verify().await;
    assert!(good.ok() && !good.warns(), "{:?}", good.steps);
    assert!(good.unconfirmed_hosts.is_empty());
    assert_eq!(state(&good, "permissions").1, "entra_permission");
    assert_eq!(desk.bench.sandbox.client_count(), 0, "Verify makes nothing");

    let journal = Journal::default();
    let wrong = provider(&desk.info, &desk.info.issuer, &[], Some("wrong"));
    let seen = wrong.verify(context!(journal)).await;
    assert_eq!(
        state(&seen, "admin_token"),
        (StepState::Failed, "entra_wrong_secret".into())
    );
    let nowhere = desk.info.issuer.replace("5a2d0bc6", "00000000");
    let seen = provider(&desk.info, &nowhere, &[], None)
        .verify(context!(journal))
        .await;
    assert_eq!(
        state(&seen, "discovery"),
        (StepState::Failed, "entra_tenant_unknown".into())
    );
    desk.dial("permission_missing", 1);
    let seen = desk.verify().await;
    for step in ["permissions", "admin_api"] {
        assert_eq!(
            state(&seen, step),
            (StepState::Failed, "entra_permission_missing".into())
        );
    }
    desk.faults(SandboxFaults {
        wrong_issuer: true,
        ..SandboxFaults::default()
    });
    assert_eq!(state(&desk.verify().await, "issuer").0, StepState::Failed);
}

#[tokio::test]
async fn a_version_1_issuer_gives_version_1_tokens_that_the_gateway_takes() {
    let desk = Desk::new().await;
    let issuer = desk.info.issuer.trim_end_matches("v2.0").to_owned();
    let mut config = config(&desk.info, &issuer, &[]);
    let journal = Journal::default();
    let seen = provider(&desk.info, &issuer, &[], None)
        .verify(context!(journal))
        .await;
    assert!(seen.ok(), "{:?}", seen.steps);
    config.metadata = seen.metadata;
    let http = http(&config);
    let first = Provider::new(config, http.clone(), AdminTokens::default());
    let made = first.register(context!(journal), &wanted()).await.unwrap();
    let request = first.token_request(&registered(&made), TokenWish::default(), Uuid::now_v7());
    let request = request.unwrap();
    assert!(request.endpoint.path().ends_with("/oauth2/token"));
    let token = token::request_token(&http, &request).await.unwrap();
    assert_eq!(token.expires_in, Some(3599), "a number as text");
    assert_eq!(desk.call(&token).await.status(), 200);
}
