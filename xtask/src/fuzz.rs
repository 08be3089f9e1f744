//! `cargo xtask fuzz`: every parser of untrusted input, under libFuzzer.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use xshell::{Shell, cmd};

use crate::{Failure, setup, status};

/// The longest input, in bytes.
const LONGEST: &str = "16384";
/// An input that takes longer than this many seconds is a hang.
const HANG: &str = "35";
/// Memory for one target, in MiB.
const MEMORY: &str = "2048";

/// What one target did.
struct Tally {
    target: String,
    /// Inputs that were tried.
    tried: u64,
    /// Inputs that reached something new, with those that the project keeps.
    kept: usize,
    seconds: u64,
    held: bool,
}

/// Runs all targets, or those whose name contains `filter`, for `minutes` in total.
pub(crate) fn fuzz(shell: &Shell, minutes: u64, filter: Option<&str>) -> Result<String, Failure> {
    setup::for_fuzzing(shell)?;
    let root = crate::root();
    let targets: Vec<String> = names(&root.join("fuzz/corpus"))?
        .into_iter()
        .filter(|name| filter.is_none_or(|part| name.contains(part)))
        .collect();
    if targets.is_empty() {
        return Err(Failure::Checks("no target has such a name".into()));
    }
    let _folder = shell.push_dir(root.join("fuzz"));
    // The instruments of the compiler are not stable, and the toolchain of the project is.
    let _bootstrap = shell.push_env("RUSTC_BOOTSTRAP", "1");
    status::step(
        "Building the targets with their instruments (the first time takes minutes)",
        || Ok(cmd!(shell, "cargo fuzz build --fuzz-dir .").run()?),
    )?;
    let count = u64::try_from(targets.len()).unwrap_or(u64::MAX);
    let seconds = (minutes * 60 / count).max(1);
    let mut tallies = Vec::new();
    for target in targets {
        let tally = status::step(&format!("{target}, {seconds} s"), || {
            run(shell, &root, target, seconds)
        })?;
        tallies.push(tally);
    }
    println!("{}", table(&tallies));
    let broken: Vec<&str> = tallies
        .iter()
        .filter(|tally| !tally.held)
        .map(|tally| tally.target.as_str())
        .collect();
    if broken.is_empty() {
        return Ok("No target found anything.".into());
    }
    Err(Failure::Checks(format!(
        "{}; the inputs are in fuzz/artifacts",
        broken.join(", ")
    )))
}

/// What is found goes to the build folder; the project keeps only what is put into `fuzz/corpus` manually.
fn run(shell: &Shell, root: &Path, target: String, seconds: u64) -> Result<Tally, Failure> {
    let found = root.join("fuzz/target/corpus").join(&target);
    shell.create_dir(&found)?;
    let seeds = root.join("fuzz/corpus").join(&target);
    let words = root.join("fuzz/words.dict");
    let options = [
        format!("-max_total_time={seconds}"),
        format!("-dict={}", words.display()),
        format!("-max_len={LONGEST}"),
        format!("-timeout={HANG}"),
        format!("-rss_limit_mb={MEMORY}"),
        "-print_final_stats=1".to_owned(),
        "-verbosity=1".to_owned(),
    ];
    let ended = cmd!(
        shell,
        "cargo fuzz run --fuzz-dir . {target} {found} {seeds} -- {options...}"
    )
    .quiet()
    .ignore_status()
    .output()?;
    let tally = Tally {
        tried: tried(&ended),
        kept: shell.read_dir(&found)?.len(),
        held: ended.status.success(),
        target,
        seconds,
    };
    if !tally.held {
        status::note(&last_words(&ended));
    }
    Ok(tally)
}

/// The number that libFuzzer tells at its end; after a crash, the last one that it told on its way.
fn tried(ended: &Output) -> u64 {
    let said = String::from_utf8_lossy(&ended.stderr);
    let at_the_end = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .and_then(|number| number.trim().parse().ok());
    let on_the_way = || {
        said.lines().rev().find_map(|line| {
            let (number, _) = line
                .strip_prefix('#')?
                .split_once(|c: char| !c.is_ascii_digit())?;
            number.parse().ok()
        })
    };
    at_the_end.or_else(on_the_way).unwrap_or_default()
}

fn last_words(ended: &Output) -> String {
    let said = String::from_utf8_lossy(&ended.stderr);
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n  ")
}

fn table(tallies: &[Tally]) -> String {
    let mut out = String::from(
        "| target | inputs tried | a second | kept | found |\n|---|---:|---:|---:|---|\n",
    );
    let mut total = 0;
    for tally in tallies {
        total += tally.tried;
        let found = if tally.held { "nothing" } else { "a crash" };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {found} |",
            tally.target,
            tally.tried,
            tally.tried / tally.seconds.max(1),
            tally.kept,
        );
    }
    let _ = write!(out, "| all | {total} | | | |");
    out
}

/// The names of the targets: the folders of the corpora.
fn names(corpora: &Path) -> Result<Vec<String>, Failure> {
    let failed = |source| Failure::File {
        path: PathBuf::from(corpora),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(corpora).map_err(failed)? {
        names.push(
            entry
                .map_err(failed)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    Ok(names)
}
