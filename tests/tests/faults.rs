//! The fault matrix over the real program: `kill -9` at the system calls that write, a full disk, I/O
//! errors and failed syncs, at each step of the main job and at each provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use keywright_tests::faults::{Extent, Line, matrix, table};

/// Set to `all`, every call of every step is hit; without it a fixed sample.
const EXTENT: &str = "KEYWRIGHT_FAULTS";

#[test]
fn f01_f03_f04_the_fault_matrix_loses_nothing() {
    let extent = match std::env::var(EXTENT).as_deref() {
        Ok("all") => Extent::All,
        _ => Extent::Sample,
    };
    let lines = matrix(extent);
    eprintln!("{}", table(&lines));
    let lost: Vec<&Line> = lines
        .iter()
        .filter(|line| !line.losses.is_empty())
        .collect();
    eprintln!("{} cases, {} with a loss", lines.len(), lost.len());
    assert!(lines.len() >= 300, "only {} cases", lines.len());
    assert!(lost.is_empty(), "{lost:#?}");
}
