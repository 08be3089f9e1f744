//! The fault matrix over the real program: `kill -9` at the system calls that write, a full disk, I/O
//! errors and failed syncs, at each step of the main job and at each provider.

use keywright_tests::faults::{Extent, Results, matrix, table};

/// Set to `all`, every call of every step is hit; without it a fixed sample.
const EXTENT: &str = "KEYWRIGHT_FAULTS";

#[test]
fn f01_f03_f04_the_fault_matrix_loses_nothing() {
    let extent = match std::env::var(EXTENT).as_deref() {
        Ok("all") => Extent::All,
        _ => Extent::Sample,
    };
    let found = matrix(extent, &Results::of_environment());
    eprintln!("{}", table(&found.parts));
    let cases: usize = found.parts.iter().map(|part| part.cases).sum();
    let lost: Vec<&String> = found.parts.iter().flat_map(|part| &part.losses).collect();
    eprintln!("{cases} cases, {} with a loss", lost.len());
    assert!(found.failed.is_empty(), "not finished: {:#?}", found.failed);
    assert!(cases >= 300, "only {cases} cases");
    assert!(lost.is_empty(), "{lost:#?}");
}
