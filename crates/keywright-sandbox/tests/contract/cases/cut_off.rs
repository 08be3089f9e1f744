//! A registration that is cut off at each of its steps.

use keywright_providers::{Capability, ProviderError, Reason, Registration};

use crate::bench::{Bench, MARK, is_unknown, registration};
use crate::journal::Cut;
use crate::outcome::{Outcome, cannot};

/// The outcome is unknown, never a plain failure; what was answered before is kept, and the rest can
/// be done.
pub(super) async fn f12_lost_answer_at_each_step(bench: Bench) -> Outcome {
    for step in 0..bench.row.steps.len() {
        let before = bench.count();
        let error = bench
            .register_until(Some((step, Cut::lost())), &bench.minimal())
            .await
            .unwrap_err();
        bench.heal();
        assert!(is_unknown(&error), "step {step}: {error:?}");
        assert_eq!(bench.count(), before + 1, "step {step}");
        let Some(kept) = bench.journal.last() else {
            assert_eq!(step, 0, "an answer before step {step} was not kept");
            continue;
        };
        assert!(step > 0, "nothing was answered before the first step");
        finished(&bench, &registration(&kept)).await;
    }
    Outcome::Kept
}

/// Each answer is kept before the next request, so that only what is missing is sent.
pub(super) async fn f01_ended_before_each_step_and_resumed(bench: Bench) -> Outcome {
    let steps = bench.row.steps;
    if steps.len() == 1 {
        let at = bench.registered().await;
        return match bench.resume(&at).await {
            // What a lost answer carried can be had again, and here nothing was lost.
            Ok(information) => {
                assert!(bench.journal.sent().is_empty());
                bench.token(&registration(&information)).await.unwrap();
                Outcome::Kept
            }
            Err(ProviderError::NotCapable { capability, reason }) => {
                assert_eq!(capability, Capability::Register);
                assert_eq!(reason, Reason::ONE_STEP);
                Outcome::Cannot
            }
            Err(error) => panic!("{error:?}"),
        };
    }
    for step in 1..steps.len() {
        let error = bench
            .register_until(Some((step, Cut::End)), &bench.minimal())
            .await
            .unwrap_err();
        assert!(matches!(error, ProviderError::Checkpoint(_)), "{error:?}");
        let kept = bench.journal.last().unwrap();
        let sent = finished(&bench, &registration(&kept)).await;
        assert_eq!(sent, &steps[step..], "resumed at {step}");
        assert_eq!(bench.count(), step);
    }
    Outcome::Kept
}

/// Resumes; the client then gets a token, and there is nothing left to send. Answers the steps.
async fn finished(bench: &Bench, so_far: &Registration) -> Vec<String> {
    let information = bench.resume(so_far).await.unwrap();
    let sent = bench.journal.sent();
    assert_eq!(information.client_id, so_far.client_id);
    assert!(bench.journal.answered().last().unwrap().1);
    let whole = registration(&information);
    bench.token(&whole).await.unwrap();
    bench.resume(&whole).await.unwrap();
    assert!(bench.journal.sent().is_empty(), "there was more to send");
    sent
}

/// What is known of it is enough to delete it.
pub(super) async fn f01_half_made_client_can_be_deleted(bench: Bench) -> Outcome {
    for step in 1..bench.row.steps.len() {
        let cut = Some((step, Cut::End));
        bench
            .register_until(cut, &bench.minimal())
            .await
            .unwrap_err();
        let kept = bench.journal.last().unwrap();
        assert_eq!(bench.count(), 1, "cut at {step}");
        bench.delete(&registration(&kept)).await.unwrap();
        assert_eq!(bench.count(), 0, "cut at {step}");
    }
    // In one step there is no half.
    if bench.row.steps.len() == 1 {
        return Outcome::Cannot;
    }
    Outcome::Kept
}

/// A client whose answer was lost is known to the provider alone: the mark finds it there, and it is
/// deleted.
pub(super) async fn f12_lost_client_is_found_by_its_mark(bench: Bench) -> Outcome {
    let at = match lost(&bench).await {
        Ok(at) => at,
        Err(outcome) => return outcome,
    };
    bench.delete(&at).await.unwrap();
    assert_eq!(bench.count(), 0);
    Outcome::Kept
}

/// Or it is finished, although nobody saw its secret.
pub(super) async fn f12_lost_client_is_found_and_finished(bench: Bench) -> Outcome {
    let at = match lost(&bench).await {
        Ok(at) => at,
        Err(outcome) => return outcome,
    };
    finished(&bench, &at).await;
    assert_eq!(bench.count(), 1);
    Outcome::Kept
}

async fn lost(bench: &Bench) -> Result<Registration, Outcome> {
    let cut = Some((0, Cut::lost()));
    bench
        .register_until(cut, &bench.minimal())
        .await
        .unwrap_err();
    bench.heal();
    let nobody = Registration::default();
    let listed = bench.list().await;
    let can_list = bench.provider().can(Capability::List, &nobody).is_ok();
    assert_eq!(
        can_list,
        bench.row.kind.lists_clients(),
        "the kind and the adapter agree"
    );
    if !can_list {
        return Err(cannot(bench, Capability::List, &nobody, listed));
    }
    let listed = listed.unwrap();
    let mut ours = listed.iter().filter(|one| one.owner_tag == Some(MARK));
    let (Some(ours), None) = (ours.next(), ours.next()) else {
        panic!("{listed:?}");
    };
    Ok(Registration {
        client_id: ours.client_id.clone(),
        handles: ours.handles.clone(),
        ..Registration::default()
    })
}
