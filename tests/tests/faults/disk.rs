//! A disk that is full, that can only be read, or that goes away, under the real program.

use std::{fs, path::PathBuf, process::Command};

use keywright_tests::{Cli, Output, SandboxProcess};

/// A small disk of its own, mounted in a folder and gone with the value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where mounting is not allowed, which is said aloud.
    fn mount(folder: PathBuf, size: &str) -> Option<Self> {
        fs::create_dir(&folder).unwrap();
        let options = format!("size={size},mode=0700");
        if mounts(&["-t", "tmpfs", "-o", &options, "keywright-test"], &folder) {
            return Some(Self(folder));
        }
        eprintln!("NOT TESTED: mounting a disk needs root.");
        None
    }

    fn remount(&self, how: &str) {
        assert!(mounts(&["-o", &format!("remount,{how}")], &self.0));
    }

    /// Takes all room that is left; gives it back when the file is removed.
    fn fill(&self) -> PathBuf {
        let filler = self.0.join("filler");
        let mut size = 1 << 20;
        while size > 0 {
            let mut all = fs::read(&filler).unwrap_or_default();
            all.extend(std::iter::repeat_n(0, size));
            let whole = all.len() as u64;
            if fs::write(&filler, &all).is_err() || fs::metadata(&filler).unwrap().len() < whole {
                all.truncate(all.len() - size);
                fs::write(&filler, &all).unwrap();
                size /= 2;
            }
        }
        filler
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn mounts(arguments: &[&str], folder: &std::path::Path) -> bool {
    Command::new("mount")
        .args(arguments)
        .arg(folder)
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

struct CoreFixture {
    disk: SmallDisk,
    cli: Cli,
    _sandbox: SandboxProcess,
}

impl CoreFixture {
    /// A vault with one application, alone on a small disk.
    fn new() -> Option<Self> {
        let folder = Cli::new();
        let disk = SmallDisk::mount(folder.folder().join("disk"), "4m")?;
        let home = disk.0.join("vault").display().to_string();
        let cli = folder.env("KEYWRIGHT_HOME", &home);
        assert_eq!(cli.run(&["init", "--keyring", "off"]).code, 0);
        let sandbox = SandboxProcess::start(&[]);
        cli.config("Sandbox", &sandbox.issuer(), &[]);
        cli.register("kept", "Sandbox", &[]).json();
        Some(Self {
            disk,
            cli,
            _sandbox: sandbox,
        })
    }

    fn reads(&self) {
        assert_eq!(self.cli.run(&["app", "list"]).json()["total"], 1);
        assert_eq!(
            self.cli.run(&["app", "show", "kept"]).json()["name"],
            "kept"
        );
        assert_eq!(self.cli.run(&["config", "list"]).json()["total"], 1);
        assert_eq!(self.cli.run(&["status"]).code, 0);
    }
}

fn refused(output: &Output, code: &str) {
    let error = output.error();
    assert_eq!(error["code"], code, "{error}");
    assert!(error["hint"].as_str().unwrap().len() > 20, "{error}");
}

#[test]
fn f03_on_a_full_disk_reads_work_writes_say_why_and_nothing_is_lost() {
    let Some(fixture) = CoreFixture::new() else {
        return;
    };
    let filler = fixture.disk.fill();
    fixture.reads();
    for arguments in [
        &["app", "rotate", "kept"][..],
        &["app", "delete", "kept", "--yes"],
        &["app", "show", "kept", "--reveal"],
    ] {
        refused(&fixture.cli.run(arguments), "disk_full");
    }
    refused(&fixture.cli.register("new", "Sandbox", &[]), "disk_full");
    fs::remove_file(filler).unwrap();
    fixture.reads();
    for left in fixture.cli.run(&["app", "pending"]).json()["items"]
        .as_array()
        .unwrap()
    {
        let id = left["id"].as_str().unwrap();
        fixture.cli.run(&["app", "discard", id, "--yes"]).json();
    }
    fixture
        .cli
        .run(&["token", "get", "kept", "--refresh"])
        .json();
    fixture.cli.register("new", "Sandbox", &[]).json();
}

#[test]
fn f05_on_a_disk_that_can_only_be_read_reads_work_and_writes_say_why() {
    let Some(fixture) = CoreFixture::new() else {
        return;
    };
    fixture.disk.remount("ro");
    fixture.reads();
    for arguments in [
        &["app", "rotate", "kept"][..],
        &["app", "show", "kept", "--reveal"],
        &["app", "forget", "kept", "--yes"],
    ] {
        refused(&fixture.cli.run(arguments), "vault_read_only");
    }
    refused(
        &fixture.cli.register("new", "Sandbox", &[]),
        "vault_read_only",
    );
    let doctor = fixture.cli.run(&["doctor"]).out;
    let doctor: serde_json::Value = serde_json::from_str(&doctor).unwrap();
    let checks = doctor["checks"].as_array().unwrap();
    let disk = checks.iter().find(|one| one["name"] == "disk").unwrap();
    assert_eq!(disk["ok"], false, "{disk}");
    fixture.disk.remount("rw");
    fixture
        .cli
        .run(&["token", "get", "kept", "--refresh"])
        .json();
    fixture.cli.register("new", "Sandbox", &[]).json();
}

#[test]
fn f05_a_vault_cannot_be_made_where_nothing_can_be_written() {
    let folder = Cli::new();
    let Some(disk) = SmallDisk::mount(folder.folder().join("disk"), "1m") else {
        return;
    };
    let home = disk.0.join("vault").display().to_string();
    disk.remount("ro");
    let cli = folder.env("KEYWRIGHT_HOME", &home);
    refused(&cli.run(&["init", "--keyring", "off"]), "vault_read_only");
    disk.remount("rw");
    disk.fill();
    refused(&cli.run(&["init", "--keyring", "off"]), "disk_full");
    assert_eq!(cli.run(&["status"]).json()["state"], "missing");
}
