//! What a computation with a key leaves on the stack is overwritten when it ends. Ciphers and hashes copy a key into
//! values of their own, and the compiler copies what is moved; none of these copies is wiped where it was.

use std::hint::black_box;

/// As deep as anything here goes, with a margin: SQLite opens a database and reads its schema below this.
const DEPTH: usize = 256 * 1024;

/// Does the work, then overwrites the part of the stack that it may have used.
#[inline(never)]
pub(crate) fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let result = apart(work);
    overwrite();
    result
}

/// In a frame of its own, so that nothing of the work is in that of the caller.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
#[allow(
    clippy::large_stack_arrays,
    reason = "the stack is what is to be overwritten"
)]
fn overwrite() {
    let mut below = [0u8; DEPTH];
    black_box(&mut below);
}
