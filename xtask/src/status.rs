//! The output of a task: one line per step, one sentence at the end.

use std::time::Instant;

use crate::Failure;

/// Prints the step, runs it, and prints how long it took.
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

/// Information that does not stop the task.
pub(crate) fn note(text: &str) {
    eprintln!("  {text}");
}

/// The last sentence of a task that succeeded.
pub(crate) fn end(sentence: &str) {
    eprintln!("\n{sentence}");
}

/// The last sentence of a task that failed.
pub(crate) fn fail(failure: &Failure) {
    eprintln!("\nNot done: {failure}");
}
