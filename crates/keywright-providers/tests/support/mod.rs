//! Recordings of real exchanges, and the table of what became of them. Read where they lie; where this
//! machine has none, that is said aloud.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;

/// One recorded exchange.
#[derive(Debug, Clone)]
pub struct Recording {
    /// File name.
    pub name: String,
    /// What was done, for example `create-client`.
    pub operation: String,
    /// HTTP method as recorded; empty where it was not.
    pub method: String,
    /// Address as recorded.
    pub url: String,
    /// Request body: an object, a text (a form), or null.
    pub sent: Value,
    /// Status; none where it was not recorded.
    pub status: Option<u16>,
    /// Answer headers, lower-case.
    pub headers: BTreeMap<String, String>,
    /// Answer body.
    pub answer: Value,
}

/// What stands for a secret that a recording hides: as long as one and no mask.
const HIDDEN: &str = "kept-out-of-the-recording-7c1f9e2b";

/// The recordings of a vendor, by name; none where this machine has none.
pub fn recordings(vendor: &str) -> Option<Vec<Recording>> {
    let folder = std::env::var_os("KEYWRIGHT_RECORDINGS")
        .map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings"),
            PathBuf::from,
        )
        .join(vendor);
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no recordings in {}", folder.display());
        return None;
    };
    let mut all: Vec<Recording> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            // What hides a secret in a recording is no mask of the server's, which would be set aside.
            let text = text.replace("[REDACTED]", HIDDEN);
            let value: Value = serde_json::from_str(&text).unwrap();
            recording(name, &value)
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Some(all)
}

fn recording(name: String, value: &Value) -> Recording {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = value["response"]["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.to_ascii_lowercase(), value)
        })
        .collect();
    Recording {
        name,
        operation: text(&value["operation"]),
        method: text(&value["request"]["method"]),
        url: text(&value["request"]["url"]),
        sent: value["request"]["body"].clone(),
        status: value["response"]["status"]
            .as_u64()
            .map(|status| u16::try_from(status).unwrap()),
        headers,
        answer: value["response"]["body"].clone(),
    }
}

/// What became of one file.
#[derive(Debug, Clone)]
pub enum Became {
    /// The adapter sent this operation's request and understood the answer.
    Understood,
    /// The adapter has no such operation; the reason is part of the test.
    Excepted(&'static str),
    /// It was not understood.
    Failed(String),
}

/// Counts and prints what became of each file.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(String, Became)>,
}

impl Table {
    /// Adds a file.
    pub fn add(&mut self, name: &str, became: Became) {
        self.rows.push((name.to_owned(), became));
    }

    /// Prints the table. Fails when a file was not understood, or when 5 % or more are excepted.
    pub fn finish(self, vendor: &str) {
        let (mut understood, mut excepted, mut failed) = (0_usize, 0_usize, 0_usize);
        for (name, became) in &self.rows {
            match became {
                Became::Understood => understood += 1,
                Became::Excepted(why) => {
                    excepted += 1;
                    eprintln!("excepted  {vendor}/{name}: {why}");
                }
                Became::Failed(why) => {
                    failed += 1;
                    eprintln!("FAILED    {vendor}/{name}: {why}");
                }
            }
        }
        let replayed = self.rows.len();
        eprintln!("{vendor}: {replayed} replayed, {understood} understood, {excepted} excepted");
        // Each vendor is replayed by a process of its own; `cargo xtask test` adds the counts up.
        if let Some(folder) = std::env::var_os("KEYWRIGHT_REPLAYED") {
            fs::write(
                PathBuf::from(folder).join(vendor),
                format!("{understood} {replayed}"),
            )
            .unwrap();
        }
        assert!(replayed > 0, "{vendor}: no recording was replayed");
        assert_eq!(
            failed, 0,
            "{vendor}: {failed} recordings were not understood"
        );
        assert!(
            excepted * 20 < replayed,
            "{vendor}: {excepted} of {replayed} are excepted"
        );
    }
}
