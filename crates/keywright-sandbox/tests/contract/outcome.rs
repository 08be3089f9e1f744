//! What became of one case at one provider.

use keywright_providers::{Capability, ProviderError, Registration, Verdict};
use tokio::task::JoinError;

use crate::bench::Bench;

/// What became of one case.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// As the contract says.
    Kept,
    /// The provider cannot do it, and says so as the contract says.
    Cannot,
    /// Otherwise.
    Failed(String),
}

impl Outcome {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Cannot => "cannot",
            Self::Failed(_) => "FAILED",
        }
    }

    pub(crate) fn of_panic(error: JoinError) -> Self {
        let panic = match error.try_into_panic() {
            Ok(panic) => panic,
            Err(error) => return Self::Failed(error.to_string()),
        };
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Self::Failed(text.unwrap_or_else(|| "a panic without words".to_owned()))
    }
}

/// Asserts that the provider cannot do this: the operation answers so with a reason, `can` says the
/// same before, and the sheet says no for the same reason, or partly.
pub(crate) fn cannot<T: std::fmt::Debug>(
    bench: &Bench,
    capability: Capability,
    at: &Registration,
    answer: Result<T, ProviderError>,
) -> Outcome {
    let error = answer.unwrap_err();
    let ProviderError::NotCapable {
        capability: named,
        reason,
    } = &error
    else {
        panic!("it must say that it cannot, and says {error:?}");
    };
    assert_eq!(*named, capability);
    let provider = bench.provider();
    let before = provider.can(capability, at).unwrap_err();
    let ProviderError::NotCapable { reason: before, .. } = &before else {
        panic!("{before:?}");
    };
    assert_eq!(before, reason, "another reason before than after");
    let sheet = provider.capabilities();
    let line = sheet.line(capability).unwrap();
    match line.verdict {
        Verdict::No => assert_eq!(line.reason, *reason, "another reason on the sheet"),
        // It depends on the registration, whose own reason is nearer.
        Verdict::Partly => {}
        _ => panic!("the sheet promises it: {line:?}"),
    }
    Outcome::Cannot
}
