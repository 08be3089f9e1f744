//! What a release is built with, so that it comes out the same from any folder.

use std::{env, path::Path};

use xshell::{PushEnv, Shell, cmd};

use crate::Failure;

/// The folder of the crates and the time of day stay out of what is built, until the values are dropped. The sources of
/// the workspace are named from its root in any case.
pub(crate) fn settings(shell: &Shell) -> Result<[PushEnv<'_>; 2], Failure> {
    let cargo = env::var_os("CARGO_HOME").map_or_else(
        || Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        Into::into,
    );
    // One argument, whatever is in the path.
    let flag = format!("--remap-path-prefix={}=/cargo", cargo.display());
    let committed = cmd!(shell, "git log -1 --format=%ct").quiet().read()?;
    Ok([
        shell.push_env("CARGO_ENCODED_RUSTFLAGS", flag),
        shell.push_env("SOURCE_DATE_EPOCH", committed),
    ])
}
