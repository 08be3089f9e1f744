//! The cases of `../shared/cases`: situations from public bug reports, run by their own runner. Where a machine lacks
//! them or what they need, that is said.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use keywright_tests::program;

/// Runners at the same time: each waits most of its time.
const RUNNERS: usize = 4;

#[test]
fn cases_from_bug_reports_pass() {
    let folder = std::env::var_os("KEYWRIGHT_CASES").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases"),
        PathBuf::from,
    );
    let runner = folder.join("run.py");
    if !runner.is_file() {
        eprintln!("SKIPPED: no cases in {}", folder.display());
        return;
    }
    for needed in ["python3", "openssl"] {
        if Command::new(needed).arg("--help").output().is_err() {
            eprintln!("SKIPPED: the cases need {needed}, which this machine has not");
            return;
        }
    }
    let names = names(&folder);
    assert!(!names.is_empty(), "no case in {}", folder.display());

    let outputs: Vec<Output> = thread::scope(|scope| {
        let started: Vec<_> = (0..RUNNERS)
            .map(|first| names.iter().skip(first).step_by(RUNNERS))
            .filter(|some| some.len() > 0)
            .map(|some| scope.spawn(|| run(&runner, some)))
            .collect();
        started
            .into_iter()
            .map(|one| one.join().expect("a runner"))
            .collect()
    });
    let text: String = outputs
        .iter()
        .flat_map(|output| [&output.stdout, &output.stderr])
        .map(|bytes| String::from_utf8_lossy(bytes))
        .collect();
    let count = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
    let (passed, failed) = (count("PASS  "), count("FAIL  "));
    eprintln!("{text}\ncases: {passed} pass, {failed} fail");
    assert!(
        outputs.iter().all(|output| output.status.success()) && passed == names.len(),
        "{failed} of {} cases fail",
        names.len()
    );
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("case.json").is_file())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

fn run<'a>(runner: &Path, names: impl Iterator<Item = &'a String>) -> Output {
    Command::new("python3")
        // The folder may be read-only.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(runner)
        .arg("--bin")
        .arg(program("keywright"))
        .args(names)
        .output()
        .expect("the runner starts")
}
