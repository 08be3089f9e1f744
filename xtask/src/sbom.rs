//! What a package is made of, as `CycloneDX` documents that go into it: the crates of each program, the npm packages
//! that the pages are built with.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::{Failure, setup, status};

/// The programs: folder of the package, and the name of its document.
const PROGRAMS: &[(&str, &str)] = &[
    ("crates/keywright-cli", "keywright"),
    ("src-tauri", "keywright-app"),
];
const VERSION: &str = "1.5";

/// Where `tauri.conf.json` looks for them.
pub(crate) fn folder() -> PathBuf {
    crate::root().join("target/paperwork/sbom")
}

/// Writes the documents of the last commit into `folder`.
pub(crate) fn sbom(shell: &Shell, folder: &Path) -> Result<String, Failure> {
    setup::for_sbom(shell)?;
    status::step("Writing the software bill of materials", || {
        shell.remove_path(folder)?;
        shell.create_dir(folder)?;
        crates(shell, folder)?;
        packages(shell, folder)
    })?;
    Ok(format!("The documents are in {}.", folder.display()))
}

/// The tool writes next to each manifest and records the name of the folder, so it works on a copy of the sources in a
/// folder with the name of the product.
fn crates(shell: &Shell, folder: &Path) -> Result<(), Failure> {
    let copy = shell.create_temp_dir()?;
    let sources = copy.path();
    let archive = sources.join("sources.tar");
    cmd!(shell, "git archive --output {archive} HEAD").run()?;
    cmd!(
        shell,
        "tar --extract --file {archive} --directory {sources}"
    )
    .run()?;
    let manifest = sources.join("Cargo.toml");
    cmd!(
        shell,
        "cargo cyclonedx --quiet --manifest-path {manifest} --format json --spec-version {VERSION} --override-filename sbom.cdx"
    )
    .run()?;
    for (package, name) in PROGRAMS {
        let document = shell.read_file(sources.join(package).join("sbom.cdx.json"))?;
        let document = document.replace(&sources.display().to_string(), "/keywright");
        shell.write_file(folder.join(format!("{name}.cdx.json")), document)?;
    }
    Ok(())
}

fn packages(shell: &Shell, folder: &Path) -> Result<(), Failure> {
    let _folder = shell.push_dir("ui");
    let document = cmd!(
        shell,
        "npm sbom --package-lock-only --sbom-format cyclonedx --sbom-type application"
    )
    .quiet()
    .read()?;
    Ok(shell.write_file(folder.join("pages.cdx.json"), document)?)
}
