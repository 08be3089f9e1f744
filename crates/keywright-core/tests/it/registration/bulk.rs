//! Many registrations at once, at each personality and within its rate limits: none is lost, none is
//! made twice, progress is told, and a run that is cancelled keeps what is done.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU32, Ordering},
};

use keywright_core::{
    BulkControl,
    view::{ApplicationQuery, ApplicationSummary},
};
use keywright_sandbox::{Personality, SandboxFaults};
use keywright_testkit::CoreFixture;

const WANTED: u32 = 120;

fn all(fixture: &CoreFixture, configuration: &str) -> Vec<ApplicationSummary> {
    fixture
        .keywright
        .applications()
        .list(&ApplicationQuery {
            configuration_id: Some(configuration.to_owned()),
            limit: 10_000,
            ..ApplicationQuery::default()
        })
        .unwrap()
        .items
}

#[tokio::test(flavor = "multi_thread")]
async fn many_registrations_within_each_rate_limit() {
    for personality in Personality::ALL {
        let fixture = CoreFixture::new().await;
        let configuration = fixture.configure(personality);
        fixture.sandbox.set_faults(
            personality,
            SandboxFaults {
                rate_limit_per_second: 60,
                ..SandboxFaults::default()
            },
        );
        let told = AtomicU32::new(0);
        let control = BulkControl {
            is_cancelled: &|| false,
            on_progress: &|progress| {
                told.fetch_max(progress.done, Ordering::Relaxed);
            },
        };
        let draft = fixture.draft(personality, &configuration.id, "batch");
        let before = fixture.sandbox.client_count();
        let report = fixture
            .keywright
            .registration()
            .register_many(draft, WANTED, 8, control)
            .await
            .unwrap();
        let name = personality.name();
        assert!(
            report.failed.is_empty(),
            "{name}: {:?}",
            report.failed.first()
        );
        assert_eq!(report.registered, WANTED, "{name}");
        assert_eq!(told.load(Ordering::Relaxed), WANTED, "{name}: progress");
        let kept = all(&fixture, &configuration.id);
        let ids: HashSet<&str> = kept.iter().map(|one| one.client_id.as_str()).collect();
        assert_eq!(ids.len(), WANTED as usize, "{name}: in the vault");
        let there = fixture.sandbox.client_count() - before;
        assert_eq!(there, WANTED as usize, "{name}: at the provider");
        assert!(
            fixture
                .keywright
                .registration()
                .pending()
                .unwrap()
                .is_empty(),
            "{name}"
        );
        eprintln!("{name:<12} {WANTED} registered, {there} at the provider");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_keeps_what_is_done_and_goes_on_later() {
    let fixture = CoreFixture::new().await;
    let personality = Personality::Rfc7591;
    let configuration = fixture.configure(personality);
    let done = AtomicU32::new(0);
    let draft = fixture.draft(personality, &configuration.id, "batch");
    let first = fixture
        .keywright
        .registration()
        .register_many(
            draft.clone(),
            50,
            4,
            BulkControl {
                is_cancelled: &|| done.load(Ordering::Relaxed) >= 10,
                on_progress: &|progress| done.store(progress.done, Ordering::Relaxed),
            },
        )
        .await
        .unwrap();
    assert!(first.registered >= 10 && first.not_begun > 0, "{first:?}");
    assert_eq!(
        all(&fixture, &configuration.id).len(),
        first.registered as usize
    );
    assert_eq!(fixture.sandbox.client_count(), first.registered as usize);
    let second = fixture
        .keywright
        .registration()
        .register_many(
            draft,
            50,
            4,
            BulkControl {
                is_cancelled: &|| false,
                on_progress: &|_| {},
            },
        )
        .await
        .unwrap();
    assert_eq!(second.before, first.registered);
    assert_eq!(second.registered, 50 - first.registered);
    assert_eq!(fixture.sandbox.client_count(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_a_second_run_sends_no_lost_registration_again() {
    for personality in [Personality::Rfc7591, Personality::Auth0] {
        let fixture = CoreFixture::new().await;
        let configuration = fixture.configure(personality);
        let lossy = SandboxFaults {
            drop_after_receiving_percent: 100,
            ..SandboxFaults::default()
        };
        let run = || {
            let control = BulkControl {
                is_cancelled: &|| false,
                on_progress: &|_| {},
            };
            let draft = fixture.draft(personality, &configuration.id, "batch");
            let registrar = fixture.keywright.registration();
            registrar.register_many(draft, 3, 1, control)
        };
        // With this one, discovery is done before answers are lost.
        let other = fixture.draft(personality, &configuration.id, "other");
        fixture
            .keywright
            .registration()
            .register(other)
            .await
            .unwrap();
        let before = fixture.sandbox.client_count();
        let first = fixture.draft(personality, &configuration.id, "batch-0001");
        fixture.sandbox.set_faults(personality, lossy);
        let lost = fixture.keywright.registration().register(first).await;
        assert_eq!(lost.unwrap_err().code().as_str(), "outcome_unknown");
        fixture
            .sandbox
            .set_faults(personality, SandboxFaults::default());
        let report = run().await.unwrap();
        let there = fixture.sandbox.client_count() - before;
        assert_eq!(there, 3, "{}: at the provider", personality.name());
        // Where the server lists its clients, the lost one is found; elsewhere it is reported.
        let is_found = personality == Personality::Auth0;
        assert_eq!(report.registered, if is_found { 3 } else { 2 });
        assert_eq!(report.failed.len(), usize::from(!is_found));
    }
}
