//! Memory of a program and of all that it started.

use std::fs;

use keywright_tests::tree;

/// Mebibytes of the whole tree. Proportional: pages that are shared with others count in part.
pub(crate) fn pss_mib(root: u32) -> f64 {
    tree(root).into_iter().map(pss_kib).sum::<f64>() / 1024.0
}

fn pss_kib(pid: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Pss:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0.0)
}
