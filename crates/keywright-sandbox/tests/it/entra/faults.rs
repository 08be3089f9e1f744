//! Refusals, lag, and answers that are lost.

use std::sync::Arc;

use keywright_oauth::secret::ClientSecret;
use keywright_providers::{Checkpoint, Context, ProviderError, Registration, VerifyStep};
use keywright_sandbox::SandboxFaults;
use serde_json::json;
use uuid::Uuid;

use super::{Desk, Journal, MARK, context, provider, refused, registered, wanted};
use crate::bench::START;

#[tokio::test]
async fn each_refusal_is_told_with_what_to_do() {
    let desk = Desk::new().await;
    let journal = Journal::default();
    for (dial, status, told) in [
        ("permission_missing", 403, "entra_permission_missing"),
        ("secrets_forbidden", 400, "entra_secrets_forbidden"),
        ("secret_lifetime_capped", 400, "entra_lifetime_capped"),
    ] {
        desk.dial(dial, 1);
        let error = desk.provider.register(context!(journal), &wanted()).await;
        assert_eq!(refused(error.unwrap_err()), (status, Some(told)), "{dial}");
    }
    let mut wrong = wanted();
    wrong.set("redirect_uris", json!(["no address"]));
    let error = desk.provider.register(context!(journal), &wrong).await;
    assert_eq!(refused(error.unwrap_err()).0, 400);
    let wrong = provider(&desk.info, &desk.info.issuer, &[], Some("wrong"));
    let error = wrong.register(context!(journal), &wanted()).await;
    assert!(matches!(error, Err(ProviderError::Admin { .. })));
}

#[tokio::test]
async fn a_registration_that_a_policy_stopped_is_finished_with_a_shorter_secret() {
    let desk = Desk::new().await;
    desk.dial("secret_lifetime_capped", 1);
    let journal = Journal::default();
    let stopped = desk.provider.register(context!(journal), &wanted()).await;
    assert!(stopped.is_err());
    assert_eq!(journal.last_step(), "entra_secret");
    let shorter = provider(
        &desk.info,
        &desk.info.issuer,
        &[("secret_lifetime_days", "30")],
        None,
    );
    let known = journal.known().unwrap();
    let made = shorter.resume(context!(journal), &wanted(), &known).await;
    let made = made.unwrap();
    assert_eq!(made.client_secret_expires_at, Some(START + 30 * 86_400));
    assert!(desk.token(&registered(&made)).await.is_ok());
}

#[tokio::test]
async fn f14_a_rate_limit_is_waited_out() {
    let desk = Desk::new().await;
    desk.faults(SandboxFaults {
        too_many_requests_percent: 40,
        ..SandboxFaults::default()
    });
    // The administrator's token is not Graph's to pace: it is asked for until it is there.
    let journal = Journal::default();
    for _ in 0..5 {
        match desk.provider.register(context!(journal), &wanted()).await {
            Ok(_) => return,
            Err(ProviderError::Admin { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("never registered");
}

#[tokio::test]
async fn f17_lag_is_waited_out_at_graph_and_told_of_at_the_token_service() {
    let desk = Desk::new().await;
    desk.dial("graph_lag_ms", 700);
    let at = desk.register(&wanted()).await;
    desk.faults(SandboxFaults {
        replication_lag_ms: 60_000,
        ..SandboxFaults::default()
    });
    let error = desk.token(&at).await.unwrap_err();
    assert!(
        desk.provider
            .may_not_have_propagated(&error, &at, START + 1),
        "700016"
    );
    assert!(
        !desk
            .provider
            .may_not_have_propagated(&error, &at, START + 1000)
    );
    desk.dial("secret_lag_ms", 60_000);
    let error = desk.token(&at).await.unwrap_err();
    assert!(
        desk.provider
            .may_not_have_propagated(&error, &at, START + 1),
        "7000215"
    );
    desk.dial("secret_lag_ms", 0);
    assert!(desk.token(&at).await.is_ok());
}

/// The connection is cut after the request of one step was carried out.
#[tokio::test]
async fn f12_an_answer_that_is_lost_at_any_step_is_made_good_by_a_resume() {
    for step in [
        "entra_application",
        "entra_secret",
        "entra_service_principal",
        "entra_app_id_uri",
    ] {
        let desk = Arc::new(Desk::new().await);
        let journal = Journal::default();
        let cutting = Arc::clone(&desk);
        let keep = |checkpoint: Checkpoint<'_>| {
            let cut = matches!(&checkpoint, Checkpoint::Sending { step: next } if *next == step);
            cutting.faults(SandboxFaults {
                drop_after_receiving_percent: if cut { 100 } else { 0 },
                ..SandboxFaults::default()
            });
            journal.keep(&checkpoint)
        };
        let context = Context {
            flow: Uuid::now_v7(),
            owner_tag: MARK,
            keep: &keep,
            progress: &|_: &VerifyStep| {},
        };
        let lost = desk.provider.register(context, &wanted()).await;
        let Err(ProviderError::Registration(lost)) = lost else {
            panic!("{step}: {lost:?}")
        };
        assert!(lost.outcome_unknown(), "{step}: {lost:?}");
        desk.faults(SandboxFaults::default());
        let known = match journal.known() {
            Some(known) => known,
            // The application itself: it is found again by its owner tag.
            None => marked(&desk).await,
        };
        let again = Journal::default();
        let made = desk
            .provider
            .resume(context!(again), &wanted(), &known)
            .await;
        let made = registered(&made.unwrap());
        let token = desk.token(&made).await.unwrap();
        assert_eq!(desk.call(&token).await.status(), 200, "{step}");
        assert_eq!(
            desk.bench.sandbox.client_count(),
            1,
            "{step}: one application"
        );
        let read = desk.provider.read(context!(again), &made).await.unwrap();
        assert!(read.client_secret_expires_at.is_some(), "{step}");
    }
}

/// The one application with our owner tag.
async fn marked(desk: &Desk) -> Registration {
    let journal = Journal::default();
    let all = desk.provider.list(context!(journal)).await.unwrap();
    let ours = all
        .into_iter()
        .find(|one| {
            one.owner_tag
                .is_some_and(|owner_tag| owner_tag.entry == Uuid::from_u128(2))
        })
        .unwrap();
    Registration {
        client_id: ours.client_id,
        handles: ours.handles,
        ..Registration::default()
    }
}

#[tokio::test]
async fn tokens_are_refused_with_the_number_of_what_is_wrong() {
    let desk = Desk::new().await;
    let at = desk.register(&wanted()).await;
    let wrong = Registration {
        client_secret: Some(ClientSecret::new("wrong")),
        ..at.clone()
    };
    assert_eq!(desk.refusal(&wrong).await, 7_000_215);
    let mut other = at.clone();
    other.granted.set("scope", "api://nobody/.default");
    assert_eq!(desk.refusal(&other).await, 500_011);
    desk.bench.advance(181 * 86_400);
    assert_eq!(desk.refusal(&at).await, 7_000_222);
}
