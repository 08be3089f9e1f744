//! `cargo xtask test`: every check and every test that fits a laptop. `cargo xtask check`: the checks alone.

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use xshell::{Shell, cmd};

use crate::{Failure, build, decisions, documents, npm_locks, setup, status, wording};

/// Every check and every test.
pub(crate) fn test(shell: &Shell, filter: Option<&str>) -> Result<String, Failure> {
    let begun = Instant::now();
    setup::for_tests(shell)?;
    let mut checks = Checks::default();
    checks.run("Advisories", &|| advisories(shell));
    without_the_programs(shell, &mut checks)?;
    checks.run("Documentation", &|| documentation(shell));
    build::programs(shell)?;
    checks.run("Tests", &|| nextest(shell, filter));
    checks.end("Every check and test passed", begun)
}

/// The checks that need neither the programs nor their tests: what is wanted before each commit.
pub(crate) fn check(shell: &Shell) -> Result<String, Failure> {
    let begun = Instant::now();
    setup::for_checks(shell)?;
    let mut checks = Checks::default();
    without_the_programs(shell, &mut checks)?;
    checks.end("Every check passed", begun)
}

fn without_the_programs(shell: &Shell, checks: &mut Checks) -> Result<(), Failure> {
    checks.run("Formatting", &|| {
        Ok(cmd!(shell, "cargo fmt --all --check").run()?)
    });
    checks.run("Licences, sources and bans", &|| {
        Ok(cmd!(
            shell,
            "cargo deny --log-level error check licenses sources bans"
        )
        .run()?)
    });
    checks.run("npm locks", &npm_locks::check);
    checks.run("Unused dependencies", &|| unused_dependencies(shell));
    checks.run("Spelling", &|| Ok(cmd!(shell, "typos").run()?));
    checks.run("Decisions", &decisions::check);
    checks.run("Documents", &|| documents::check(shell));
    checks.run("Wording", &|| wording::check(shell));
    checks.run("Types of the pages", &|| npm_run(shell, "check"));
    checks.run("Lints of the pages", &|| npm_run(shell, "lint"));
    checks.run("Unit tests of the pages", &|| npm_run(shell, "test"));
    // The window carries the pages inside, so they are built before the programs.
    build::pages(shell)?;
    checks.run("Lints", &|| {
        Ok(cmd!(
            shell,
            "cargo clippy --quiet --workspace --all-targets -- --deny warnings"
        )
        .run()?)
    });
    Ok(())
}

/// What failed so far; the others run anyway.
#[derive(Default)]
struct Checks {
    failed: Vec<&'static str>,
}

impl Checks {
    fn run(&mut self, name: &'static str, work: &dyn Fn() -> Result<(), Failure>) {
        if let Err(failure) = status::step(name, work) {
            status::note(&failure.to_string());
            self.failed.push(name);
        }
    }

    fn end(self, sentence: &str, begun: Instant) -> Result<String, Failure> {
        if self.failed.is_empty() {
            let minutes = begun.elapsed().as_secs_f32() / 60.0;
            Ok(format!("{sentence}, in {minutes:.1} minutes."))
        } else {
            Err(Failure::Checks(self.failed.join(", ")))
        }
    }
}

fn nextest(shell: &Shell, filter: Option<&str>) -> Result<(), Failure> {
    let recordings = std::env::var_os("KEYWRIGHT_RECORDINGS")
        .map_or_else(|| crate::root().join("../shared/recordings"), PathBuf::from);
    if !recordings.is_dir() {
        status::note(
            "The recordings are not on this machine: the replay tests say so and pass nothing.",
        );
    }
    let _recordings = shell.push_env("KEYWRIGHT_RECORDINGS", &recordings);
    let cases = std::env::var_os("KEYWRIGHT_CASES")
        .map_or_else(|| crate::root().join("../shared/cases"), PathBuf::from);
    if !cases.is_dir() {
        status::note("The cases are not on this machine: their test says so and passes none.");
    }
    let _cases = shell.push_env("KEYWRIGHT_CASES", &cases);
    if !setup::is_root(shell) {
        status::note(
            "NOT TESTED without root: what another user may do at the agent, files of another user, small and full disks.",
        );
    }
    let replayed = crate::root().join("target/replayed");
    shell.remove_path(&replayed)?;
    shell.create_dir(&replayed)?;
    let _replayed = shell.push_env("KEYWRIGHT_REPLAYED", &replayed);
    // Some tests open vaults that the command line made for them.
    let _fast = shell.push_env("KEYWRIGHT_TEST_FAST_KDF", "1");
    let threads = at_a_time().to_string();
    let run = cmd!(
        shell,
        "cargo nextest run --workspace --no-fail-fast --test-threads {threads} {filter...}"
    )
    .run();
    if let Some(share) = share(shell, &replayed)? {
        status::note(&share);
    }
    Ok(run?)
}

/// Tests at a time. Many wait for a server, a clock or a window: one more than there are cores keeps the cores busy.
fn at_a_time() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get) + 1
}

/// The share of the recordings that was understood, by what the replay tests left; none where none of them ran.
fn share(shell: &Shell, replayed: &Path) -> Result<Option<String>, Failure> {
    let (mut understood, mut all) = (0_u32, 0_u32);
    for vendor in shell.read_dir(replayed)? {
        let text = shell.read_file(vendor)?;
        let mut counts = text
            .split(' ')
            .filter_map(|count| count.parse::<u32>().ok());
        understood += counts.next().unwrap_or_default();
        all += counts.next().unwrap_or_default();
    }
    let tenths = (understood * 1000).checked_div(all);
    Ok(tenths.map(|tenths| {
        format!(
            "Recordings understood: {understood} of {all} ({}.{} %).",
            tenths / 10,
            tenths % 10
        )
    }))
}

/// The advisory database is not available on every machine; a note reports when the check is skipped.
fn advisories(shell: &Shell) -> Result<(), Failure> {
    if cmd!(shell, "timeout 60 cargo deny --log-level off fetch db")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_err()
    {
        status::note("NOT CHECKED: the advisory database is not available on this machine.");
        return Ok(());
    }
    Ok(cmd!(shell, "cargo deny --log-level error check advisories").run()?)
}

/// Dependencies of a manifest that its sources do not mention.
fn unused_dependencies(shell: &Shell) -> Result<(), Failure> {
    // Called by its own name: as a subcommand of cargo it misreads its arguments when cargo also started this program.
    // Without these folders it would search `target` and `node_modules` too. It cannot read `fuzz`, which has a workspace
    // inside this one.
    Ok(cmd!(
        shell,
        "cargo-machete --skip-target-dir crates src-tauri tests xtask"
    )
    .run()?)
}

/// Broken links and the like in the documentation of the crates. With the examples, the dependencies have the features
/// that the lints built them with; without, many of them would be built once more.
fn documentation(shell: &Shell) -> Result<(), Failure> {
    let _strict = shell.push_env("RUSTDOCFLAGS", "--deny warnings");
    Ok(cmd!(
        shell,
        "cargo doc --quiet --workspace --no-deps --lib --bins --examples"
    )
    .run()?)
}

fn npm_run(shell: &Shell, script: &str) -> Result<(), Failure> {
    let _folder = shell.push_dir("ui");
    Ok(cmd!(shell, "npm run --silent {script}").run()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_of_recordings_is_added_up_over_vendors() -> Result<(), Failure> {
        let shell = Shell::new()?;
        let folder = shell.create_temp_dir()?;
        assert_eq!(share(&shell, folder.path())?, None);
        shell.write_file(folder.path().join("okta"), "119 122")?;
        shell.write_file(folder.path().join("entra"), "39 39")?;
        assert_eq!(
            share(&shell, folder.path())?.as_deref(),
            Some("Recordings understood: 158 of 161 (98.1 %).")
        );
        Ok(())
    }
}
