//! Developer tasks: `cargo xtask run`, `check`, `test`, `screenshots`, `bundle`, `bench`, `faults`,
//! `passphrase`, `fuzz`, `reproducible`, `sbom`, `icons`.
//! Each installs what is missing, says what it does, and ends with a clear sentence.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task writes to the terminal"
)]

mod bench;
mod build;
mod bundle;
mod decisions;
mod demo;
mod documents;
mod faults;
mod fuzz;
mod icons;
mod npm_locks;
mod passphrase;
mod release;
mod reproducible;
mod run;
mod sbom;
mod screenshots;
mod setup;
mod status;
mod test;
mod wording;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use xshell::Shell;

/// Why a task failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A command could not be run or did not succeed.
    #[error(transparent)]
    Command(#[from] xshell::Error),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The machine lacks something that cannot be installed from here.
    #[error("{what} is missing. {advice}")]
    Missing {
        /// What.
        what: String,
        /// What to do about it.
        advice: String,
    },
    /// Checks or tests failed.
    #[error("failed: {0}")]
    Checks(String),
    /// A program answered something that is not JSON.
    #[error("{program} returned invalid JSON: {source}")]
    NotJson {
        /// The program.
        program: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build and open the app with the Sandbox; without a display do the main job in the terminal.
    Run,
    /// Run the checks that need no built program: format, lints, spelling, documents, the pages.
    Check,
    /// Run every check and every test.
    Test {
        /// Only the tests whose name contains this.
        filter: Option<String>,
    },
    /// Write every screen in both themes, both languages and both sizes.
    Screenshots {
        /// Where to.
        #[arg(default_value = "target/screenshots")]
        folder: PathBuf,
        /// Copy the pictures of the user guide to docs/pictures.
        #[arg(long)]
        guide: bool,
    },
    /// Make the packages: a .deb, and an `AppImage` where its tool is available.
    Bundle,
    /// Build the command line twice, in two folders, and compare the bytes.
    Reproducible,
    /// Write the software bill of materials (SBOM) that the package contains.
    Sbom,
    /// Measure the budgets and print them.
    Bench,
    /// Run every parser of untrusted input under libFuzzer and print the number of inputs.
    Fuzz {
        /// For all targets together.
        #[arg(long, default_value_t = 5)]
        minutes: u64,
        /// Only the targets whose name contains this.
        filter: Option<String>,
    },
    /// Inject every fault at every step, and run many processes on one vault. A second start continues.
    Faults {
        /// Start again: build the current programs and delete the earlier results.
        #[arg(long)]
        fresh: bool,
        /// How many parts are run at once.
        #[arg(long, default_value_t = 2)]
        threads: u8,
    },
    /// Measure what one attempt at a passphrase costs in a release build.
    Passphrase,
    /// Make every icon size from `icons/keywright.svg`.
    Icons,
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    match carry_out(task) {
        Ok(sentence) => {
            status::end(&sentence);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            status::fail(&failure);
            ExitCode::FAILURE
        }
    }
}

fn carry_out(task: Task) -> Result<String, Failure> {
    let shell = Shell::new()?;
    shell.change_dir(root());
    match task {
        Task::Run => run::run(&shell),
        Task::Check => test::check(&shell),
        Task::Test { filter } => test::test(&shell, filter.as_deref()),
        Task::Screenshots { folder, guide } => screenshots::screenshots(&shell, &folder, guide),
        Task::Bundle => bundle::bundle(&shell),
        Task::Sbom => sbom::sbom(&shell, &sbom::folder()),
        Task::Reproducible => reproducible::reproducible(&shell),
        Task::Bench => bench::bench(&shell),
        Task::Fuzz { minutes, filter } => fuzz::fuzz(&shell, minutes, filter.as_deref()),
        Task::Faults { fresh, threads } => faults::faults(&shell, fresh, threads),
        Task::Passphrase => passphrase::passphrase(&shell),
        Task::Icons => icons::icons(&shell),
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .map_or(here.clone(), std::path::Path::to_path_buf)
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
