//! Faults: `kill`, a full disk, I/O errors, the end of the machine and many commands at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod crowd;
mod disk;
mod kill;
mod matrix;
mod power;
