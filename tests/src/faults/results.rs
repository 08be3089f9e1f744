//! What the parts of a run over all faults found: one file per finished part, so that a run that was
//! interrupted is resumed after them.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The folder of the results; without it nothing is kept and nothing is resumed.
const FOLDER: &str = "KEYWRIGHT_FAULTS_RESULTS";

/// One case.
#[derive(Debug)]
pub struct Line {
    pub fault: &'static str,
    pub provider: &'static str,
    pub step: &'static str,
    /// The call that was hit, with its number of how many.
    pub call: String,
    pub outcome: String,
    pub losses: Vec<String>,
}

/// Cases that ended in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub fault: String,
    pub step: String,
    pub provider: String,
    pub outcome: String,
    pub cases: usize,
}

/// A finished part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartResult {
    pub part: String,
    pub cases: usize,
    pub seconds: u64,
    pub rows: Vec<Row>,
    /// Each case with a loss, and what was lost.
    pub losses: Vec<String>,
}

impl PartResult {
    pub fn of(part: &str, lines: &[Line], elapsed: Duration) -> Self {
        let mut counts: BTreeMap<(&str, &str, &str, &str), usize> = BTreeMap::new();
        for line in lines {
            let key = (line.fault, line.step, line.provider, line.outcome.as_str());
            *counts.entry(key).or_default() += 1;
        }
        Self {
            part: part.to_owned(),
            cases: lines.len(),
            seconds: elapsed.as_secs(),
            rows: counts
                .into_iter()
                .map(|((fault, step, provider, outcome), cases)| Row {
                    fault: fault.to_owned(),
                    step: step.to_owned(),
                    provider: provider.to_owned(),
                    outcome: outcome.to_owned(),
                    cases,
                })
                .collect(),
            losses: lines
                .iter()
                .filter(|line| !line.losses.is_empty())
                .map(|line| {
                    let Line {
                        fault,
                        provider,
                        step,
                        call,
                        outcome,
                        losses,
                    } = line;
                    format!("{fault}, {step} at {provider}, {call}: {outcome}: {losses:?}")
                })
                .collect(),
        }
    }
}

/// Where the results of the parts are kept.
#[derive(Debug, Clone, Default)]
pub struct Results {
    folder: Option<PathBuf>,
}

impl Results {
    /// In the folder that the environment names.
    pub fn of_environment() -> Self {
        Self {
            folder: std::env::var_os(FOLDER).map(PathBuf::from),
        }
    }

    /// What a part found, where it was finished in this run or in an earlier one.
    pub fn finished(&self, part: &str) -> Option<PartResult> {
        self.read(&format!("part-{}", file_name(part)))
    }

    pub fn keep(&self, result: &PartResult) {
        self.write(&format!("part-{}", file_name(&result.part)), result);
    }

    /// None where it was not written, or not to its end.
    pub(super) fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let text = fs::read(self.path(name)?).ok()?;
        serde_json::from_slice(&text).ok()
    }

    pub(super) fn write<T: Serialize>(&self, name: &str, value: &T) {
        let Some(path) = self.path(name) else { return };
        let text = serde_json::to_vec_pretty(value).expect("JSON");
        write_whole(&path, &text);
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{name}.json")))
    }
}

/// The file is there whole or not at all.
fn write_whole(path: &Path, text: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of the results");
    let new = path.with_extension("new");
    fs::write(&new, text).expect("a result");
    fs::rename(new, path).expect("a result");
}

fn file_name(part: &str) -> String {
    part.chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect()
}

/// Fault by step and provider: how the cases ended, and how often.
pub fn table(parts: &[PartResult]) -> String {
    let mut rows: Vec<&Row> = parts.iter().flat_map(|part| &part.rows).collect();
    rows.sort_by_key(|row| (&row.fault, &row.step, &row.provider, &row.outcome));
    let mut text = String::new();
    for row in rows {
        let _ = writeln!(
            text,
            "{:<19} {:<9} {:<12} {:>4} × {}",
            row.fault, row.step, row.provider, row.cases, row.outcome
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(outcome: &str, losses: &[&str]) -> Line {
        Line {
            fault: "disk full",
            provider: "okta",
            step: "rotate",
            call: "write vault.db-wal 3/9".into(),
            outcome: outcome.into(),
            losses: losses.iter().map(|&loss| loss.to_owned()).collect(),
        }
    }

    #[test]
    fn a_finished_part_is_read_with_its_loss() {
        let folder = tempfile::tempdir().expect("a folder");
        let results = Results {
            folder: Some(folder.path().join("new")),
        };
        assert_eq!(results.finished("okta rotate"), None);
        let lines = [
            line("as before", &[]),
            line("in effect", &["its secret does not work"]),
            line("as before", &[]),
        ];
        let result = PartResult::of("okta rotate", &lines, Duration::from_secs(7));
        results.keep(&result);
        let read = results.finished("okta rotate").expect("the part");
        assert_eq!(read, result);
        assert_eq!((read.cases, read.losses.len()), (3, 1));
        assert!(read.losses[0].contains("3/9"), "{read:?}");
        let text = table(&[read]);
        assert!(text.contains("2 × as before"), "{text}");
        assert!(text.contains("1 × in effect"), "{text}");
    }

    #[test]
    fn a_part_that_was_cut_off_is_not_finished() {
        let folder = tempfile::tempdir().expect("a folder");
        let results = Results {
            folder: Some(folder.path().into()),
        };
        fs::write(folder.path().join("part-okta-rotate.json"), "{\"part\":").expect("a file");
        assert_eq!(results.finished("okta rotate"), None);
    }
}
