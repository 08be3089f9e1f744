//! `cargo xtask faults`: each fault at every call of every step at every provider, the abrupt end of the
//! machine after every write, a small disk, and five minutes of many programs over one vault. It takes hours and
//! is run in parts: a second start continues after the parts that are finished.

mod report;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use serde_json::{Value, json};
use xshell::{Shell, cmd};

use self::report::Report;
use crate::{Failure, build, setup, status};

/// How long the crowd works over one vault.
const CROWD_SECS: &str = "300";

/// The test program of the faults.
const TEST_PROGRAM: &str = "faults";
/// Its modules that keep a result per part themselves.
const IN_PARTS: [&str; 2] = ["matrix", "power"];
/// Its modules that are one part each, and what they try.
const WHOLE: [(&str, &str); 2] = [("disk", "small disk"), ("crowd", "many programs")];
/// What the test programs start.
const PROGRAMS: [&str; 2] = ["keywright", "keywright-app"];

pub(crate) fn faults(shell: &Shell, fresh: bool, threads: u8) -> Result<String, Failure> {
    let run = Run::of(crate::target().join("faults"));
    if fresh {
        shell.remove_path(&run.folder)?;
    }
    let revision = run.folder.join("revision");
    if shell.path_exists(&revision) {
        status::note(&format!(
            "Continuing with the programs of {}; --fresh starts again with those of now.",
            shell.read_file(&revision)?
        ));
    } else {
        run.prepare(shell)?;
        let now = cmd!(shell, "git describe --always --dirty").quiet().read();
        shell.write_file(
            &revision,
            now.unwrap_or_else(|_| "an unknown revision".into()),
        )?;
    }
    let _fast = shell.push_env("KEYWRIGHT_TEST_FAST_KDF", "1");
    let _every_call = shell.push_env("KEYWRIGHT_FAULTS", "all");
    let _results = shell.push_env("KEYWRIGHT_FAULTS_RESULTS", &run.results);
    let _threads = shell.push_env("KEYWRIGHT_FAULTS_THREADS", threads.to_string());
    let _longer = shell.push_env("KEYWRIGHT_CROWD_SECS", CROWD_SECS);
    let mut failed = Vec::new();
    for name in IN_PARTS {
        if run.start(shell, name).is_err() {
            failed.push(name);
        }
    }
    for (name, what) in WHOLE {
        run.whole(shell, name, what)?;
    }
    let report = Report::read(&run.results)?;
    status::note(&report.to_string());
    if report.losses.is_empty() && failed.is_empty() {
        return Ok(format!(
            "{} cases, none with a loss. Copy the figures into docs/security.md.",
            report.cases
        ));
    }
    Err(Failure::Checks(format!(
        "{} of {} cases with a loss; not run to the end: {}. To try a part again, delete its file in {}.",
        report.losses.len(),
        report.cases,
        if failed.is_empty() {
            "none".to_owned()
        } else {
            failed.join(", ")
        },
        run.results.display()
    )))
}

/// Where the programs and the results of a run are.
struct Run {
    folder: PathBuf,
    programs: PathBuf,
    results: PathBuf,
}

impl Run {
    fn of(folder: PathBuf) -> Self {
        Self {
            programs: folder.join("programs"),
            results: folder.join("results"),
            folder,
        }
    }

    /// Builds the programs and copies them: a build during the run changes nothing in it.
    fn prepare(&self, shell: &Shell) -> Result<(), Failure> {
        setup::for_tests(shell)?;
        build::pages(shell)?;
        build::programs(shell)?;
        let messages = status::step("Building the test program", || {
            Ok(cmd!(
                shell,
                "cargo test --quiet --workspace --no-run --message-format json --test {TEST_PROGRAM}"
            )
            .read()?)
        })?;
        shell.create_dir(&self.programs)?;
        shell.create_dir(&self.results)?;
        let built = executables(&messages);
        let Some(folder) = built
            .first()
            .and_then(|(_, path)| path.parent())
            .and_then(Path::parent)
        else {
            return Err(Failure::Checks("cargo built no test program".into()));
        };
        for (name, path) in &built {
            shell.copy_file(path, self.programs.join(name))?;
        }
        for name in PROGRAMS {
            shell.copy_file(folder.join(name), self.programs.join(name))?;
        }
        Ok(())
    }

    /// Runs the tests of one module.
    fn start(&self, shell: &Shell, module: &'static str) -> Result<(), Failure> {
        let program = self.programs.join(TEST_PROGRAM);
        let tests = format!("{module}::");
        status::step(module, || {
            Ok(cmd!(shell, "{program} --nocapture --test-threads 1 {tests}").run()?)
        })
    }

    /// Runs a module unless it was run before, and keeps how it ended as one part.
    fn whole(&self, shell: &Shell, module: &'static str, what: &str) -> Result<(), Failure> {
        let file = self.results.join(format!("part-{module}.json"));
        if shell.path_exists(&file) {
            return Ok(());
        }
        let begun = Instant::now();
        let held = self.start(shell, module).is_ok();
        let losses: &[&str] = if held {
            &[]
        } else {
            &["a test failed; its output is above"]
        };
        let result = json!({
            "part": what,
            "cases": 1,
            "seconds": begun.elapsed().as_secs(),
            "rows": [{
                "fault": what, "step": "all", "provider": "rfc7591",
                "outcome": if held { "kept" } else { "failed" }, "cases": 1,
            }],
            "losses": losses,
        });
        Ok(shell.write_file(file, result.to_string())?)
    }
}

/// Names and paths of the test programs in the messages of cargo.
fn executables(messages: &str) -> Vec<(String, PathBuf)> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            let kinds = message["target"]["kind"].as_array()?;
            let path = message["executable"].as_str()?;
            kinds
                .iter()
                .any(|kind| kind == "test")
                .then(|| (name, PathBuf::from(path)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_found_in_the_messages_of_cargo() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"keywright","kind":["bin"]},"executable":"/t/debug/keywright"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"serde","kind":["lib"]},"executable":null}"#,
            "\nnot JSON\n",
            r#"{"reason":"compiler-artifact","target":{"name":"power","kind":["test"]},"executable":"/t/debug/deps/power-1f"}"#,
        );
        assert_eq!(
            executables(messages),
            [("power".to_owned(), PathBuf::from("/t/debug/deps/power-1f"))]
        );
    }

    #[test]
    fn a_part_that_failed_is_kept_and_not_run_again() -> Result<(), Failure> {
        let shell = Shell::new()?;
        let folder = shell.create_temp_dir()?;
        let run = Run::of(folder.path().to_path_buf());
        shell.create_dir(&run.programs)?;
        shell.create_dir(&run.results)?;
        // What is not there cannot be started, which is a failure like any other.
        run.whole(&shell, "disk", "small disk")?;
        let report = Report::read(&run.results)?;
        assert_eq!((report.cases, report.losses.len()), (1, 1));
        shell.copy_file("/bin/true", run.programs.join(TEST_PROGRAM))?;
        run.whole(&shell, "disk", "small disk")?;
        assert_eq!(Report::read(&run.results)?.losses.len(), 1);
        Ok(())
    }
}
