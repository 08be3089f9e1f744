//! What servers do on bad days, while a client is registered.

use keywright_sandbox::SandboxFaults;

use crate::bench::{Bench, is_unknown, refusal};
use crate::journal::Cut;
use crate::outcome::Outcome;

fn too_many(percent: u8) -> SandboxFaults {
    SandboxFaults {
        too_many_requests_percent: percent,
        retry_after: true,
        ..SandboxFaults::default()
    }
}

/// The pause that the provider asks for is told; nothing was made.
pub(super) async fn f14_rate_limit_is_told(bench: Bench) -> Outcome {
    bench.turn(too_many(100));
    let error = bench.register(&bench.minimal()).await.unwrap_err();
    let (words, retry_after) = refusal(&error);
    assert_eq!(words.status, 429);
    assert!(
        retry_after.is_some_and(|secs| (1..=5).contains(&secs)),
        "{retry_after:?}"
    );
    assert!(!is_unknown(&error));
    assert_eq!(bench.count(), 0);
    Outcome::Kept
}

/// A refusal for the rate was not carried out: where the adapter may, it waits and sends again, so
/// that nothing is made twice.
pub(super) async fn f14_rate_limit_is_waited_for(bench: Bench) -> Outcome {
    // Every second request is one too many.
    bench.turn(too_many(50));
    let mut made = 0;
    let mut refused = 0;
    for _ in 0..2 {
        match bench.register(&bench.minimal()).await {
            Ok(_) => made += 1,
            Err(error) => {
                assert_eq!(refusal(&error).0.status, 429);
                refused += 1;
            }
        }
    }
    assert_eq!(bench.count(), made);
    if !bench.row.waits {
        // RFC 7591 does not say what a second identical request does: the user decides.
        assert!(refused > 0, "{made} made");
        return Outcome::Cannot;
    }
    assert_eq!((made, refused), (2, 0));
    Outcome::Kept
}

pub(super) async fn f15_server_error_is_a_refusal_with_words(bench: Bench) -> Outcome {
    for html_errors in [false, true] {
        bench.turn(SandboxFaults {
            server_errors_percent: 100,
            html_errors,
            ..SandboxFaults::default()
        });
        let error = bench.register(&bench.minimal()).await.unwrap_err();
        let (words, _) = refusal(&error);
        assert!(matches!(words.status, 500 | 503), "{words:?}");
        let said = words.description.as_deref().unwrap_or_default();
        let wanted = if html_errors {
            "Service Unavailable"
        } else {
            "An unexpected error occurred"
        };
        assert_eq!(said, wanted);
        assert_eq!(bench.count(), 0);
    }
    Outcome::Kept
}

async fn spoiled(bench: Bench, faults: SandboxFaults) -> Outcome {
    let cut = Some((0, Cut::Fault(faults)));
    let error = bench
        .register_until(cut, &bench.minimal())
        .await
        .unwrap_err();
    assert!(is_unknown(&error), "{error:?}");
    assert_eq!(bench.count(), 1);
    Outcome::Kept
}

pub(super) async fn f16_cut_answer_is_an_unknown_outcome(bench: Bench) -> Outcome {
    let faults = SandboxFaults {
        truncated_body: true,
        ..SandboxFaults::default()
    };
    spoiled(bench, faults).await
}

pub(super) async fn f16_endless_answer_is_an_unknown_outcome(bench: Bench) -> Outcome {
    let faults = SandboxFaults {
        huge_body: true,
        ..SandboxFaults::default()
    };
    spoiled(bench, faults).await
}
