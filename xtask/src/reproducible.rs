//! `cargo xtask reproducible`: the command line built twice, in two folders, and compared.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use xshell::{Shell, cmd};

use crate::{Failure, release, setup, status};

/// Lines of what differs that are shown.
const SHOWN: usize = 20;

/// Builds what is committed, twice, and compares the bytes.
pub(crate) fn reproducible(shell: &Shell) -> Result<String, Failure> {
    setup::for_build(shell)?;
    let built = crate::root().join("target/reproducible");
    let one = build(shell, &built, "one")?;
    let other = build(shell, &built, "another/of/a/longer/name")?;
    let (hash_of_one, hash_of_other) = (hash(shell, &one)?, hash(shell, &other)?);
    println!("{hash_of_one}  {}", one.display());
    println!("{hash_of_other}  {}", other.display());
    if hash_of_one == hash_of_other {
        return Ok(format!("Two builds, one hash: {hash_of_one}"));
    }
    println!("{}", difference(shell, &one, &other)?);
    Err(Failure::Checks("the two builds differ".into()))
}

/// A release of the last commit, from sources in a folder of that name. The build folder is empty before, and at one
/// place for both: OpenSSL writes where it was built into itself.
fn build(shell: &Shell, built: &Path, name: &str) -> Result<PathBuf, Failure> {
    let sources = built.join(name);
    let target = built.join("target");
    shell.remove_path(&sources)?;
    shell.remove_path(&target)?;
    shell.create_dir(&sources)?;
    let archive = sources.join("sources.tar");
    cmd!(shell, "git archive --output {archive} HEAD").run()?;
    cmd!(
        shell,
        "tar --extract --file {archive} --directory {sources}"
    )
    .run()?;
    let _settings = release::settings(shell)?;
    let _target = shell.push_env("CARGO_TARGET_DIR", &target);
    let _folder = shell.push_dir(&sources);
    status::step(&format!("Building in {}", sources.display()), || {
        Ok(cmd!(
            shell,
            "cargo build --quiet --release --locked --package keywright-cli"
        )
        .run()?)
    })?;
    let program = sources.join("keywright");
    shell.copy_file(target.join("release/keywright"), &program)?;
    Ok(program)
}

fn hash(shell: &Shell, file: &Path) -> Result<String, Failure> {
    let said = cmd!(shell, "sha256sum {file}").quiet().read()?;
    Ok(said.split(' ').next().unwrap_or_default().to_owned())
}

/// How many bytes differ, and the texts that only one of the two has: they mostly say why.
fn difference(shell: &Shell, one: &Path, other: &Path) -> Result<String, Failure> {
    let read = |path: &Path| {
        fs::read(path).map_err(|source| Failure::File {
            path: path.to_path_buf(),
            source,
        })
    };
    let (bytes, others) = (read(one)?, read(other)?);
    let differing = bytes.iter().zip(&others).filter(|(a, b)| a != b).count();
    let mut out = format!(
        "{} and {} bytes, {differing} of them differ",
        bytes.len(),
        others.len()
    );
    let (texts, other_texts) = (texts(shell, one)?, texts(shell, other)?);
    for (mark, only) in [
        ('-', texts.difference(&other_texts)),
        ('+', other_texts.difference(&texts)),
    ] {
        for text in only.take(SHOWN) {
            let _ = write!(out, "\n{mark} {text}");
        }
    }
    Ok(out)
}

fn texts(shell: &Shell, file: &Path) -> Result<BTreeSet<String>, Failure> {
    let said = cmd!(shell, "strings -n 8 {file}").quiet().read()?;
    Ok(said.lines().map(str::to_owned).collect())
}
