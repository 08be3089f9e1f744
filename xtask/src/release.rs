//! What a release is built with, so that it comes out the same wherever it is built.

use std::{env, path::Path};

use xshell::{PushEnv, Shell, cmd};

use crate::Failure;

/// Between the arguments in `CARGO_ENCODED_RUSTFLAGS`.
const UNIT: &str = "\u{1f}";

/// Folders of this machine and the time of day stay out of what is built until the values are dropped. `folder` is
/// where the sources lie.
pub(crate) fn settings<'a>(shell: &'a Shell, folder: &Path) -> Result<[PushEnv<'a>; 2], Failure> {
    let cargo = env::var_os("CARGO_HOME").map_or_else(
        || Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        Into::into,
    );
    let flags = [
        format!("--remap-path-prefix={}=/cargo", cargo.display()),
        format!("--remap-path-prefix={}=/keywright", folder.display()),
    ];
    let committed = cmd!(shell, "git log -1 --format=%ct").quiet().read()?;
    Ok([
        shell.push_env("CARGO_ENCODED_RUSTFLAGS", flags.join(UNIT)),
        shell.push_env("SOURCE_DATE_EPOCH", committed),
    ])
}
