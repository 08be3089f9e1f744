//! A new client secret, with and without the old one living on.

use keywright_providers::{Capability, Verdict};

use crate::bench::{Bench, adopted, after, secret};
use crate::outcome::{Outcome, cannot};

pub(super) async fn new_secret_works(bench: Bench) -> Outcome {
    let old = bench.registered().await;
    let answer = bench.rotate(&old).await;
    if bench.provider().can(Capability::Rotate, &old).is_err() {
        return cannot(&bench, Capability::Rotate, &old, answer);
    }
    let information = answer.unwrap();
    assert_eq!(information.client_id, old.client_id);
    let new = after(&old, &information);
    assert_ne!(secret(&new), secret(&old), "the secret is the same");
    assert!(bench.journal.answered().last().unwrap().1);
    bench.token(&new).await.unwrap();
    Outcome::Kept
}

/// Both secrets give a token until the old one is retired; where only one can live, the sheet says
/// no, and the old one is over.
pub(super) async fn f19_with_overlap(bench: Bench) -> Outcome {
    if let Some(dial) = bench.row.keeps_old {
        bench.turn_own(dial);
    }
    let old = bench.registered().await;
    let information = bench.rotate(&old).await.unwrap();
    let mut new = after(&old, &information);
    let former = adopted(&new, secret(&old));
    let sheet = bench.provider().capabilities();
    let line = sheet.line(Capability::RotateOverlap).unwrap();
    if line.verdict == Verdict::No {
        let error = bench
            .provider()
            .can(Capability::RotateOverlap, &old)
            .unwrap_err();
        assert!(format!("{error:?}").contains(line.reason.as_str()));
        bench.token(&former).await.unwrap_err();
        bench.token(&new).await.unwrap();
        return Outcome::Cannot;
    }
    bench.token(&former).await.unwrap();
    bench.token(&new).await.unwrap();
    bench.revoke_previous_secret(&mut new).await;
    // Where the provider ends the old one by itself, its time is over now.
    bench.heal();
    bench.token(&new).await.unwrap();
    bench.token(&former).await.unwrap_err();
    Outcome::Kept
}

/// Safe to call whatever the provider ended by itself, also twice.
pub(super) async fn retire_leaves_the_new_secret(bench: Bench) -> Outcome {
    let old = bench.registered().await;
    let information = bench.rotate(&old).await.unwrap();
    let mut new = after(&old, &information);
    bench.revoke_previous_secret(&mut new).await;
    bench.revoke_previous_secret(&mut new).await;
    bench.token(&new).await.unwrap();
    assert_eq!(bench.count(), 1);
    // And a second rotation begins from there.
    let again = bench.rotate(&new).await.unwrap();
    bench.token(&after(&new, &again)).await.unwrap();
    Outcome::Kept
}
