//! What a release is built with, so that it comes out the same from any folder.

use std::{env, fs, path::Path};

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

/// Texts that are in a program only with what a release must not have.
const NOT_IN_A_RELEASE: [(&str, &str); 2] = [
    // The script of the key that opens them; Tauri carries it in debug builds and with its feature `devtools`.
    ("toggleDevtoolsHotkey", "developer tools"),
    // A debug build may be told to derive keys quickly.
    ("KEYWRIGHT_TEST_FAST_KDF", "the key derivation of the tests"),
];

/// Looks into a program that was built for a release.
pub(crate) fn check(program: &Path) -> Result<(), Failure> {
    let bytes = fs::read(program).map_err(|source| Failure::File {
        path: program.to_path_buf(),
        source,
    })?;
    for (text, what) in NOT_IN_A_RELEASE {
        if bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
        {
            return Err(Failure::Checks(format!("{} has {what}", program.display())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn t35_developer_tools_in_a_built_program_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, b"\x7fELF nothing of the kind").unwrap();
        check(&program).unwrap();
        fs::write(&program, b"\x7fELF function toggleDevtoolsHotkey() {").unwrap();
        assert!(check(&program).unwrap_err().to_string().contains("tools"));
        assert!(check(&folder.path().join("absent")).is_err());
    }
}
