//! How a chore speaks: one line when a step begins, one sentence at the end.

use std::time::Instant;

use crate::Failure;

/// Says what is done now, does it, and says how long it took.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    eprintln!("\n▸ {what}");
    let begun = Instant::now();
    let result = work();
    let seconds = begun.elapsed().as_secs_f32();
    match &result {
        Ok(_) => eprintln!("✓ {what} ({seconds:.1} s)"),
        Err(_) => eprintln!("✗ {what} ({seconds:.1} s)"),
    }
    result
}

/// Something to know that stops nothing.
pub(crate) fn note(text: &str) {
    eprintln!("  {text}");
}

/// The last sentence of a chore that went well.
pub(crate) fn end(sentence: &str) {
    eprintln!("\n{sentence}");
}

/// The last sentence of one that did not.
pub(crate) fn fail(failure: &Failure) {
    eprintln!("\nNot done: {failure}");
}
