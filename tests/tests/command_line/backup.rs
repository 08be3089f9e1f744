//! Backup and restore from outside: while the vault is in use, killed in the middle, with files of others.

use std::{fs, path::Path};

use keywright_tests::{Cli, SandboxProcess, at_writes, files_with};
use serde_json::Value;

const OWN: &str = "a passphrase of its own";

/// A vault with one application.
fn ground(sandbox: &SandboxProcess) -> Cli {
    let cli = Cli::with_vault().env("BACKUP", OWN);
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("orders", "Sandbox", &[]).json();
    cli
}

fn file(cli: &Cli) -> String {
    cli.folder().join("one.backup").display().to_string()
}

fn back_up(cli: &Cli) -> Value {
    cli.run(&["backup", &file(cli), "--passphrase", "env:BACKUP"])
        .json()
}

fn restore(cli: &Cli, more: &[&str]) -> keywright_tests::Output {
    let file = file(cli);
    let mut arguments = vec!["restore", &file, "--passphrase", "env:BACKUP"];
    arguments.extend(more);
    cli.run(&arguments)
}

fn names(cli: &Cli) -> Vec<String> {
    let all = cli.run(&["app", "list"]).json();
    let mut names: Vec<String> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A copy of a folder, so that a server need not be asked each time.
fn copied(from: &Cli) -> Cli {
    let to = Cli::new().env("BACKUP", OWN);
    copy(&from.home(), &to.home());
    for item in fs::read_dir(from.folder()).unwrap() {
        let path = item.unwrap().path();
        if path.is_file() {
            fs::copy(&path, to.folder().join(path.file_name().unwrap())).unwrap();
        }
    }
    to
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

/// Files under way that were left behind.
fn parts(folder: &Path) -> usize {
    fs::read_dir(folder)
        .unwrap()
        .filter(|item| {
            let name = item.as_ref().unwrap().file_name();
            name.to_str().is_some_and(|name| name.contains(".part"))
        })
        .count()
}

#[test]
fn a_backup_is_looked_at_and_restored_and_its_secrets_are_those_of_before() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = ground(&sandbox);
    let secret = cli.run(&["app", "show", "orders", "--reveal"]).json()["client_secret"].clone();
    let made = back_up(&cli);
    assert_eq!(made["contents"]["applications"], 1);
    cli.run(&["app", "forget", "orders", "--yes"]).json();
    cli.register("later", "Sandbox", &[]).json();

    let preview = restore(&cli, &[]).json();
    assert_eq!(preview["restored"], false);
    assert_eq!(preview["same_vault"], true);
    assert_eq!(preview["applications"]["removed_names"][0], "later");
    assert_eq!(preview["applications"]["added_names"][0], "orders");
    assert_eq!(names(&cli), ["later"]);

    let restored = restore(&cli, &["--yes"]).json();
    assert_eq!(restored["restored"], true);
    assert_eq!(names(&cli), ["orders"]);
    let again = cli.run(&["app", "show", "orders", "--reveal"]).json();
    assert_eq!(again["client_secret"], secret);
    cli.run(&["token", "get", "orders"]).json();
    assert_eq!(cli.run(&["audit", "verify"]).json()["ok"], true);

    // What was there before comes back from the copy, without a passphrase.
    let before = restored["before"].as_str().unwrap();
    cli.run(&["restore", before, "--yes"]).json();
    assert_eq!(names(&cli), ["later"]);

    // No secret lies in any file, and none of the files is anyone else's.
    let secrets = [secret.as_str().unwrap().to_owned(), OWN.to_owned()];
    assert!(files_with(cli.folder(), &secrets).is_empty());
    assert_eq!((parts(cli.folder()), parts(&cli.home())), (0, 0));
}

#[test]
fn a_restore_to_another_machine_makes_a_vault_that_the_backups_passphrase_opens() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = ground(&sandbox);
    back_up(&cli);
    let other = Cli::new().env("BACKUP", OWN);
    fs::copy(file(&cli), file(&other)).unwrap();
    let preview = restore(&other, &[]).json();
    assert_eq!(preview["here"], Value::Null);
    assert!(!other.home().exists(), "a look makes nothing");
    restore(&other, &["--yes"]).json();
    assert_eq!(
        other.run(&["app", "list"]).error()["code"],
        "wrong_passphrase"
    );
    fs::write(other.folder().join("passphrase"), OWN).unwrap();
    assert_eq!(names(&other), ["orders"]);
    other.run(&["token", "get", "orders"]).json();
}

#[test]
fn t48_foreign_and_damaged_backups_are_refused_with_code_8_and_nothing_changes() {
    let cli = Cli::with_vault().env("BACKUP", OWN);
    back_up(&cli);
    let good = fs::read(file(&cli)).unwrap();
    let before = cli.run(&["status"]).json();
    let half = good.len() / 2;
    let mut flipped = good.clone();
    flipped[half] ^= 1;
    for (bytes, code) in [
        (b"PK\x03\x04 not ours".to_vec(), "backup_foreign"),
        (good[..half].to_vec(), "backup_damaged"),
        (flipped, "backup_damaged"),
        (b"keywright-backup 9 7.0.0\n".to_vec(), "backup_newer"),
    ] {
        fs::write(file(&cli), bytes).unwrap();
        for more in [&[][..], &["--yes"]] {
            let refused = restore(&cli, more);
            assert_eq!(refused.code, 8, "{refused:?}");
            assert_eq!(refused.error()["code"], code);
        }
    }
    let mut after = cli.run(&["status"]).json();
    after["locks_at"] = before["locks_at"].clone();
    assert_eq!(after, before);
    assert!(!cli.home().join("backups").exists(), "no copy was needed");
    // A wrong passphrase is a locked door, and a secret as an argument is refused.
    fs::write(file(&cli), good).unwrap();
    let file = file(&cli);
    let wrong = cli.run(&["restore", &file, "--passphrase", "env:PATH"]);
    assert_eq!(
        (wrong.code, wrong.error()["code"].as_str()),
        (4, Some("backup_not_opened"))
    );
    let typed = cli.run(&["backup", &file, "--passphrase", OWN]);
    assert_eq!(typed.code, 2);
    assert!(!typed.err.contains(OWN));
}

#[test]
fn f06_a_restore_takes_the_place_of_a_vault_that_no_longer_opens_and_keeps_its_files() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = ground(&sandbox);
    back_up(&cli);
    let database = cli.home().join("vault.db");
    let noise = vec![0xa5_u8; 64 * 1024];
    for (file, content, code) in [
        ("vault.db", noise.as_slice(), "database_foreign"),
        ("vault.json", b"{}", "vault_damaged"),
    ] {
        fs::write(cli.home().join(file), content).unwrap();
        assert_eq!(cli.run(&["app", "list"]).error()["code"], code);
        let preview = restore(&cli, &[]).json();
        assert_eq!(
            (&preview["here"], &preview["restored"]),
            (&Value::Null, &false.into())
        );
        assert_eq!(
            fs::read(cli.home().join(file)).unwrap(),
            content,
            "a look changes nothing"
        );
        let restored = restore(&cli, &["--yes"]).json();
        let aside = restored["before"].as_str().unwrap();
        assert_eq!(fs::read(Path::new(aside).join(file)).unwrap(), content);
        fs::write(cli.folder().join("passphrase"), OWN).unwrap();
        assert_eq!(names(&cli), ["orders"], "after {file}");
    }
    assert!(database.is_file());
    // A wrong passphrase is no damage: nothing is moved.
    fs::write(cli.folder().join("passphrase"), "wrong").unwrap();
    let refused = restore(&cli, &["--yes"]);
    assert_eq!(
        (refused.code, refused.error()["code"].as_str()),
        (4, Some("wrong_passphrase"))
    );
}

#[test]
fn f22_a_newer_backup_names_the_version_that_opens_it() {
    let cli = Cli::with_vault().env("BACKUP", OWN);
    fs::write(file(&cli), "keywright-backup 2 3.1.4\n").unwrap();
    let refused = restore(&cli, &["--yes"]).error();
    assert!(
        refused["message"].as_str().unwrap().contains("3.1.4"),
        "{refused}"
    );
}

#[test]
fn f22_a_vault_of_a_newer_version_is_refused_and_not_a_byte_of_it_changes() {
    let cli = Cli::with_vault();
    let header = cli.home().join("vault.json");
    let text = fs::read_to_string(&header).unwrap();
    fs::write(
        &header,
        text.replacen("\"version\": 2", "\"version\": 3", 1),
    )
    .unwrap();
    let all = || {
        let mut files: Vec<_> = fs::read_dir(cli.home())
            .unwrap()
            .map(|item| item.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    };
    let before = all();
    for arguments in [
        &["app", "list"][..],
        &["unlock"],
        &["status"],
        &["init", "--keyring", "off"],
    ] {
        let refused = cli.run(arguments);
        assert_ne!(refused.code, 0, "{arguments:?}: {refused:?}");
    }
    let refused = cli.run(&["app", "list"]);
    assert_eq!(refused.code, 4);
    let error = refused.error();
    assert_eq!(error["code"], "newer_vault");
    assert!(error["hint"].as_str().unwrap().contains("Update Keywright"));
    assert_eq!(all(), before);
}

#[test]
fn f02_killed_at_any_write_of_a_restore_the_vault_is_old_or_new_and_whole() {
    let sandbox = SandboxProcess::start(&[]);
    let base = ground(&sandbox);
    back_up(&base);
    base.run(&["app", "forget", "orders", "--yes"]).json();
    base.register("later", "Sandbox", &[]).json();
    let (mut old, mut new) = (0, 0);
    let kills = at_writes(
        12,
        || copied(&base),
        |cli| {
            let file = file(cli);
            cli.command(&["restore", &file, "--passphrase", "env:BACKUP", "--yes"])
        },
        |cli, at| {
            match names(cli).as_slice() {
                [one] if one == "later" => old += 1,
                [one] if one == "orders" => new += 1,
                other => panic!("killed at {at}: {other:?}"),
            }
            let doctor = cli.run(&["doctor"]).json();
            assert_eq!(doctor["ok"], true, "killed at {at}: {doctor}");
            restore(cli, &["--yes"]).json();
            assert_eq!(names(cli), ["orders"]);
            assert_eq!(parts(&cli.home()), 0, "killed at {at}");
        },
    );
    eprintln!("restore: {kills} kills, {old} old, {new} new");
    assert!(kills > 8 && old > 0, "{kills} kills, {old} old, {new} new");
}

#[test]
fn f02_killed_at_any_write_of_a_restore_to_an_empty_place_there_is_no_vault_or_a_whole_one() {
    let sandbox = SandboxProcess::start(&[]);
    let base = ground(&sandbox);
    back_up(&base);
    let mut none = 0;
    let kills = at_writes(
        8,
        || {
            let cli = Cli::new().env("BACKUP", OWN);
            fs::copy(file(&base), file(&cli)).unwrap();
            fs::write(cli.folder().join("passphrase"), OWN).unwrap();
            cli
        },
        |cli| {
            let file = file(cli);
            cli.command(&["restore", &file, "--passphrase", "env:BACKUP", "--yes"])
        },
        |cli, at| {
            if cli.run(&["status"]).json()["state"] == "missing" {
                none += 1;
                restore(cli, &["--yes"]).json();
            }
            assert_eq!(names(cli), ["orders"], "killed at {at}");
            assert_eq!(cli.run(&["audit", "verify"]).json()["ok"], true);
        },
    );
    eprintln!("restore to an empty place: {kills} kills, {none} times no vault");
    assert!(
        kills > 5 && none > 0,
        "{kills} kills, {none} times no vault"
    );
}

#[test]
fn f02_killed_at_any_write_of_a_backup_the_earlier_one_is_there_or_the_new_one() {
    let sandbox = SandboxProcess::start(&[]);
    let base = ground(&sandbox);
    back_up(&base);
    base.register("later", "Sandbox", &[]).json();
    let (mut old, mut new) = (0, 0);
    let kills = at_writes(
        10,
        || copied(&base),
        |cli| {
            let file = file(cli);
            cli.command(&["backup", &file, "--passphrase", "env:BACKUP"])
        },
        |cli, at| {
            let held = restore(cli, &[]).json();
            match held["contents"]["applications"].as_u64() {
                Some(1) => old += 1,
                Some(2) => new += 1,
                other => panic!("killed at {at}: {other:?}"),
            }
            assert_eq!(names(cli), ["later", "orders"], "killed at {at}");
            back_up(cli);
            assert_eq!(parts(cli.folder()), 0, "killed at {at}");
        },
    );
    eprintln!("backup: {kills} kills, {old} earlier, {new} new");
    assert!(
        kills > 6 && old > 0,
        "{kills} kills, {old} earlier, {new} new"
    );
}
