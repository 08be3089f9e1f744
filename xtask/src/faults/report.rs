//! The results of all finished parts, as one table.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::Failure;

/// What the parts found.
pub(super) struct Report {
    pub(super) cases: u64,
    /// Each case with a loss.
    pub(super) losses: Vec<String>,
    parts: usize,
    seconds: u64,
    /// Fault, step, provider and outcome, and how often.
    rows: BTreeMap<[String; 4], u64>,
}

impl Report {
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let mut report = Self {
            cases: 0,
            losses: Vec::new(),
            parts: 0,
            seconds: 0,
            rows: BTreeMap::new(),
        };
        let mut files: Vec<PathBuf> = folder
            .read_dir()
            .map_err(file(folder))?
            .flatten()
            .map(|item| item.path())
            .filter(|path| {
                let name = path.file_stem().and_then(|name| name.to_str());
                name.is_some_and(|name| name.starts_with("part-"))
                    && path
                        .extension()
                        .is_some_and(|extension| extension == "json")
            })
            .collect();
        files.sort();
        for path in files {
            let text = std::fs::read_to_string(&path).map_err(file(&path))?;
            let part: Value = serde_json::from_str(&text).map_err(|source| Failure::NotJson {
                program: "a part of the faults",
                source,
            })?;
            report.add(&part);
        }
        Ok(report)
    }

    fn add(&mut self, part: &Value) {
        self.parts += 1;
        self.cases += part["cases"].as_u64().unwrap_or_default();
        self.seconds += part["seconds"].as_u64().unwrap_or_default();
        let list = |member: &str| part[member].as_array().cloned().unwrap_or_default();
        for row in list("rows") {
            let text = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
            let key = ["fault", "step", "provider", "outcome"].map(text);
            *self.rows.entry(key).or_default() += row["cases"].as_u64().unwrap_or_default();
        }
        let losses = list("losses");
        self.losses
            .extend(losses.iter().filter_map(Value::as_str).map(str::to_owned));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ([fault, step, provider, outcome], cases) in &self.rows {
            writeln!(
                f,
                "{fault:<19} {step:<12} {provider:<12} {cases:>5} × {outcome}"
            )?;
        }
        for loss in &self.losses {
            writeln!(f, "LOSS: {loss}")?;
        }
        write!(
            f,
            "{} parts, {} cases, {} with a loss, {} minutes",
            self.parts,
            self.cases,
            self.losses.len(),
            self.seconds / 60
        )
    }
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let path = path.to_path_buf();
    move |source| Failure::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_added_up_and_losses_are_listed() -> Result<(), Failure> {
        let folder = tempfile::tempdir().map_err(file(Path::new("a temporary folder")))?;
        let part = |outcome: &str, losses: &str| {
            format!(
                r#"{{"part":"x","cases":2,"seconds":60,"rows":[{{"fault":"disk full","step":"rotate","provider":"okta","outcome":"{outcome}","cases":2}}],"losses":[{losses}]}}"#
            )
        };
        for (name, text) in [
            ("part-a.json", part("as before", "")),
            ("part-b.json", part("as before", r#""rotate: gone""#)),
            ("plan.json", "{}".to_owned()),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).map_err(file(&path))?;
        }
        let report = Report::read(folder.path())?;
        let text = report.to_string();
        assert!(text.contains("4 × as before"), "{text}");
        assert!(text.contains("LOSS: rotate: gone"), "{text}");
        assert!(
            text.ends_with("2 parts, 4 cases, 1 with a loss, 2 minutes"),
            "{text}"
        );
        Ok(())
    }
}
