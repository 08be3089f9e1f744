//! The contract: every provider's adapter against its personality, over real HTTP, in the same named
//! cases. What a provider cannot do is asserted (it says so before, with a reason, and sends nothing)
//! and not skipped.
//!
//! To add a provider: one row in `rows`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod bench;
mod cases;
mod journal;
mod outcome;
mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bench::Bench;
use cases::CASES;
use keywright_sandbox::Personality;
use outcome::Outcome;
use rows::{ROWS, Row};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_provider_keeps_the_contract_in_every_case() {
    let names: BTreeSet<&str> = CASES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), CASES.len(), "a case is named twice");
    assert!(names.len() >= 25, "only {} cases", names.len());

    let rows: BTreeSet<Personality> = ROWS.iter().map(|row| row.personality).collect();
    assert_eq!(rows, Personality::ALL.into(), "a provider has no row");

    let columns: Vec<_> = ROWS.iter().map(|row| tokio::spawn(column(row))).collect();
    let mut table: Vec<Vec<Outcome>> = Vec::new();
    for column in columns {
        table.push(column.await.unwrap());
    }
    eprintln!("{}", printed(&table));

    let failed: Vec<String> = ROWS
        .iter()
        .zip(&table)
        .flat_map(|(row, outcomes)| {
            CASES
                .iter()
                .zip(outcomes)
                .filter_map(|((case, _), outcome)| {
                    let Outcome::Failed(why) = outcome else {
                        return None;
                    };
                    Some(format!("{} {case}: {why}", row.personality.name()))
                })
        })
        .collect();
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

/// All cases of one provider, one after the other, each with a Sandbox of its own.
async fn column(row: &'static Row) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (_, case) in CASES {
        let bench = Bench::new(row).await;
        let outcome = match tokio::spawn(case(bench)).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::of_panic(error),
        };
        outcomes.push(outcome);
    }
    outcomes
}

/// Provider × case × outcome.
fn printed(table: &[Vec<Outcome>]) -> String {
    let width = CASES.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!("\n{:width$}", "case");
    for row in ROWS {
        let _ = write!(text, "  {:11}", row.personality.name());
    }
    for (index, (name, _)) in CASES.iter().enumerate() {
        let _ = write!(text, "\n{name:width$}");
        for outcomes in table {
            let _ = write!(text, "  {:11}", outcomes[index].word());
        }
    }
    let of = |word: &str| {
        let all = table.iter().flatten();
        all.filter(|outcome| outcome.word() == word).count()
    };
    let _ = write!(
        text,
        "\n{} providers × {} cases: {} kept, {} said no beforehand, {} failed",
        table.len(),
        CASES.len(),
        of("kept"),
        of("cannot"),
        of("FAILED")
    );
    text
}
