//! Completion scripts and man pages, made from the arguments.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::{args::Cli, failure::Failure, stream};

pub(crate) fn completion(shell: Shell) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "keywright", &mut script);
    stream::bytes(&script);
    0
}

pub(crate) fn man(out: &Path) -> Result<u8, Failure> {
    let failed = |source| Failure::File {
        path: out.display().to_string(),
        source,
    };
    std::fs::create_dir_all(out).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), out).map_err(failed)?;
    Ok(0)
}
