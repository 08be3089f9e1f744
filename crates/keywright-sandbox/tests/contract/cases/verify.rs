//! Verify, good and bad.

use keywright_providers::{StepState, verify::FailureKind};
use keywright_sandbox::SandboxFaults;

use crate::bench::Bench;
use crate::outcome::Outcome;

pub(super) async fn passes_and_changes_nothing(bench: Bench) -> Outcome {
    let verification = bench.verify().await;
    assert!(verification.ok(), "{:#?}", verification.steps);
    assert!(verification.metadata.is_some() && verification.failure.is_none());
    assert!(verification.unconfirmed_hosts.is_empty());
    let waits = |state| matches!(state, StepState::Waiting | StepState::Running);
    assert!(!verification.steps.iter().any(|step| waits(step.state)));
    assert!(verification.steps.iter().all(|step| step.finding.is_some()));
    assert_eq!(bench.count(), 0, "verify made a client");
    Outcome::Kept
}

/// Where only a registration can prove the secret, Verify says that it did not try.
pub(super) async fn names_a_wrong_admin_secret(mut bench: Bench) -> Outcome {
    bench.spoil_admin();
    let verification = bench.verify().await;
    let name = bench.row.proven_by.unwrap_or(bench.row.admin_secret);
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == name)
        .unwrap();
    if bench.row.proven_by.is_none() {
        assert_eq!(step.state, StepState::Skipped, "{step:?}");
        return Outcome::Cannot;
    }
    assert_eq!(step.state, StepState::Failed, "{step:?}");
    assert!(step.words.is_some(), "the provider's words are lost");
    assert_eq!(verification.failure, Some(FailureKind::Refused));
    Outcome::Kept
}

pub(super) async fn refuses_another_issuer(bench: Bench) -> Outcome {
    bench.turn(SandboxFaults {
        wrong_issuer: true,
        ..SandboxFaults::default()
    });
    let verification = bench.verify().await;
    assert!(!verification.ok());
    assert_eq!(verification.failure, Some(FailureKind::Security));
    assert!(verification.metadata.is_none(), "it was believed");
    Outcome::Kept
}

pub(super) async fn f13_tells_of_a_server_that_is_down(bench: Bench) -> Outcome {
    bench.turn(SandboxFaults {
        server_errors_percent: 100,
        ..SandboxFaults::default()
    });
    let verification = bench.verify().await;
    let told = verification
        .steps
        .iter()
        .any(|step| matches!(step.state, StepState::Failed | StepState::Warning));
    assert!(told, "{:#?}", verification.steps);
    assert_ne!(verification.failure, Some(FailureKind::Security));
    Outcome::Kept
}
