//! `cargo xtask bundle`: a .deb with the window, the command line, its man pages and completions, and
//! the list of what it is made of.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use crate::{Failure, build, release, sbom, setup, status};

pub(crate) fn bundle(shell: &Shell) -> Result<String, Failure> {
    setup::for_build(shell)?;
    build::pages(shell)?;
    let _settings = release::settings(shell)?;
    status::step("Building the command line, optimised", || {
        Ok(cmd!(shell, "cargo build --release --package keywright-cli").run()?)
    })?;
    status::step("Writing man pages and completions", || paperwork(shell))?;
    sbom::sbom(shell, &sbom::folder())?;
    status::step("Building the window and its .deb", || {
        let _folder = shell.push_dir("src-tauri");
        Ok(cmd!(shell, "../ui/node_modules/.bin/tauri build --bundles deb").run()?)
    })?;
    status::step("Checking the programs for debug code", || {
        for name in ["keywright", "keywright-app"] {
            release::check(&crate::root().join("target/release").join(name))?;
        }
        Ok(())
    })?;
    let folder = crate::root().join("target/release/bundle");
    status::step("Compressing the .deb", || {
        for package in packages(shell, &folder.join("deb"), "deb") {
            repack(shell, &package)?;
        }
        Ok(())
    })?;
    let appimage = status::step("Building the AppImage", || {
        let _folder = shell.push_dir("src-tauri");
        Ok(cmd!(
            shell,
            "timeout 300 ../ui/node_modules/.bin/tauri bundle --bundles appimage"
        )
        .run()?)
    });
    if appimage.is_err() {
        status::note(
            "No AppImage: its tool is downloaded from the web while bundling and cannot be had here.",
        );
    }
    let mut made = Vec::new();
    for (kind, end) in [("deb", "deb"), ("appimage", "AppImage")] {
        let packages = packages(shell, &folder.join(kind), end);
        made.extend(packages.iter().map(|path| sized(path)));
    }
    Ok(format!("Made: {}", made.join(", ")))
}

/// Man pages and completions, where `tauri.conf.json` looks for them.
fn paperwork(shell: &Shell) -> Result<(), Failure> {
    let keywright = crate::root().join("target/release/keywright");
    let folder = crate::root().join("target/paperwork");
    shell.create_dir(&folder)?;
    let man = folder.join("man");
    cmd!(shell, "{keywright} man --out {man}").run()?;
    for page in shell.read_dir(&man)? {
        cmd!(shell, "gzip --force --no-name --best {page}")
            .quiet()
            .run()?;
    }
    for (kind, name) in [
        ("bash", "keywright"),
        ("zsh", "_keywright"),
        ("fish", "keywright.fish"),
    ] {
        let script = cmd!(shell, "{keywright} completion {kind}")
            .quiet()
            .read()?;
        shell.write_file(folder.join(name), script)?;
    }
    Ok(())
}

/// Tauri packs with gzip, which cannot see that the two programs share most of their code; xz can, and knows how the
/// addresses in programs for this processor look. What that filter makes is part of the format: every dpkg reads it.
fn repack(shell: &Shell, package: &Path) -> Result<(), Failure> {
    let folder = shell.create_temp_dir()?;
    let content = folder.path().join("content");
    let loose = folder.path().join("loose.deb");
    cmd!(shell, "dpkg-deb --raw-extract {package} {content}").run()?;
    cmd!(
        shell,
        "dpkg-deb --root-owner-group -Znone --build {content} {loose}"
    )
    .ignore_stdout()
    .run()?;
    let _folder = shell.push_dir(folder.path());
    cmd!(shell, "ar x {loose}").run()?;
    let filter: &[&str] = if cfg!(target_arch = "x86_64") {
        &["--x86"]
    } else {
        &[]
    };
    cmd!(
        shell,
        "xz --check=crc32 {filter...} --lzma2=preset=9e control.tar data.tar"
    )
    .run()?;
    shell.remove_path(&loose)?;
    // In this order; the first member says which format it is.
    cmd!(
        shell,
        "ar rcD {loose} debian-binary control.tar.xz data.tar.xz"
    )
    .run()?;
    shell.copy_file(&loose, package)?;
    // A package that dpkg cannot read whole is none.
    cmd!(shell, "dpkg-deb --contents {package}")
        .quiet()
        .ignore_stdout()
        .run()?;
    Ok(())
}

fn packages(shell: &Shell, folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = shell.read_dir(folder).unwrap_or_default();
    found.retain(|path| path.extension().is_some_and(|extension| extension == end));
    found
}

fn sized(path: &Path) -> String {
    let bytes = path.metadata().map_or(0, |data| data.len());
    let size = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6;
    format!("{} ({size:.1} MB)", path.display())
}
