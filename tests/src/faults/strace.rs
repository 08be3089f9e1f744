//! System calls that fail, or that a process does not outlive, on the real program, by `strace`.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde::{Deserialize, Serialize};

/// The files of a vault, and its folder itself.
pub(super) const FILES: [&str; 8] = [
    "",
    "vault.db",
    "vault.db-wal",
    "vault.db-shm",
    "vault.json",
    "vault.json.new",
    "vault.lock",
    "vault.use",
];

/// Everything that changes a file or a folder.
pub(super) const CHANGING: &[&str] = &[
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "ftruncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "openat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
];

/// What needs room on the disk.
pub(super) const FILLING: &[&str] = &["write", "writev", "pwrite64", "ftruncate", "fallocate"];

/// What makes written data durable.
pub(super) const SYNCING: &[&str] = &["fsync", "fdatasync"];

/// What goes over the wire.
pub(super) const SENDING: &[&str] = &[
    "sendto", "sendmsg", "writev", "recvfrom", "recvmsg", "connect",
];

/// One system call of a run, so that a later run with the same input can be stopped at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Call {
    /// Its name and file, for a table.
    pub(super) label: String,
    /// Its number among those of its thread, from 1: `strace` counts for each thread apart.
    when: usize,
    /// The first thread makes it. Then the others are not watched.
    first_thread: bool,
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blow {
    /// `SIGKILL` as the call begins: it is not carried out.
    Kill,
    /// This call alone fails with this error.
    Once(&'static str),
    /// This call and all after it fail with this error.
    FromHereOn(&'static str),
}

/// A command under `strace`, whose blows fall on the files of one vault or on the wire.
pub(super) struct Tracer<'a> {
    /// The folder of the vault.
    pub(super) home: &'a Path,
    /// Where `strace` writes what it saw.
    pub(super) log: &'a Path,
}

impl Tracer<'_> {
    /// Runs the command unharmed and tells what it called.
    pub(super) fn record(&self, command: &Command) -> Record {
        let set = [CHANGING, SENDING].concat().join(",");
        let mut traced = self.strace(command, true);
        traced.args(["-e", &format!("trace={set}")]);
        let ended = run_under(traced, command);
        assert!(ended.status.success(), "the unharmed run: {ended:?}");
        Record {
            log: fs::read_to_string(self.log).expect("the log of strace"),
            home: self.home.display().to_string(),
        }
    }

    /// Runs the command with this blow at this call.
    pub(super) fn strike(&self, command: &Command, set: &[&str], blow: Blow, at: &Call) -> Output {
        let set_text = set.join(",");
        let when = at.when;
        let inject = match blow {
            Blow::Kill => format!("signal=SIGKILL:when={when}"),
            Blow::Once(error) => format!("error={error}:when={when}"),
            Blow::FromHereOn(error) => format!("error={error}:when={when}+"),
        };
        let mut traced = self.strace(command, !at.first_thread);
        traced.args(["-e", &format!("trace={set_text}")]);
        traced.args(["-e", &format!("inject={set_text}:{inject}")]);
        if set != SENDING {
            for file in FILES {
                traced.arg("-P").arg(self.home.join(file));
            }
        }
        run_under(traced, command)
    }

    fn strace(&self, command: &Command, all_threads: bool) -> Command {
        let mut traced = Command::new("strace");
        if all_threads {
            traced.arg("-f");
        }
        // What is written is secret or noise.
        traced.args(["-q", "-y", "-s", "0", "-o"]).arg(self.log);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => traced.env(name, value),
                None => traced.env_remove(name),
            };
        }
        traced.stdin(Stdio::null());
        traced
    }
}

fn run_under(mut traced: Command, command: &Command) -> Output {
    traced.arg(command.get_program()).args(command.get_args());
    traced
        .output()
        .expect("strace is installed by `cargo xtask test`")
}

/// What a command called.
pub(super) struct Record {
    log: String,
    home: String,
}

impl Record {
    /// The calls of a set that can be met alone, in their order. A call of another thread than the first is
    /// met by its number only where no thread came to that number before it.
    pub(super) fn calls(&self, set: &[&str]) -> Vec<Call> {
        let lines = || {
            self.log
                .lines()
                .filter_map(|line| line.trim_start().split_once(' '))
                .map(|(thread, what)| (thread, what.trim_start()))
        };
        // The first thread of a process ends last.
        let first = lines()
            .rfind(|(_, what)| what.starts_with("+++"))
            .map(|(thread, _)| thread)
            .expect("the end of the process is in the log");
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let mut highest = 0;
        let mut calls = Vec::new();
        for (thread, what) in lines() {
            let Some((name, rest)) = what.split_once('(') else {
                continue;
            };
            if !set.contains(&name) || (set != SENDING && !rest.contains(&self.home)) {
                continue;
            }
            let count = counts.entry(thread).or_default();
            *count += 1;
            let first_thread = thread == first;
            if first_thread || *count > highest {
                calls.push(Call {
                    label: label(name, rest),
                    when: *count,
                    first_thread,
                });
            }
            highest = highest.max(*count);
        }
        calls
    }
}

/// `pwrite64 vault.db-wal` of `pwrite64(11</tmp/x/vault.db-wal>, …`.
fn label(name: &str, rest: &str) -> String {
    let named = rest.split('"').nth(1).filter(|path| !path.is_empty());
    let opened = || Some(rest.split_once('<')?.1.split_once('>')?.0);
    let path = named.or_else(opened).unwrap_or_default();
    let file = match path.rsplit('/').next() {
        Some(file) if path.starts_with('/') => file,
        _ => "socket",
    };
    format!("{name} {file}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"7 openat(AT_FDCWD</tmp>, "/v/vault.json", O_RDONLY) = 9</v/vault.json>
8 openat(AT_FDCWD</tmp>, "/v/vault.db", O_RDWR) = 9</v/vault.db>
8 write(1</dev/null>, ""..., 3) = 3
8 pwrite64(11</v/vault.db-wal>, ""..., 32, 0 <unfinished ...>
8 <... pwrite64 resumed>) = 32
7 pwrite64(11</v/vault.db-wal>, ""..., 32, 0) = 32
7 fsync(11</v/vault.db-wal>) = 0
8 +++ exited with 0 +++
7 +++ exited with 0 +++
"#;

    #[test]
    fn a_call_is_met_by_its_number_in_its_own_thread() {
        let record = Record {
            log: LOG.into(),
            home: "/v".into(),
        };
        let calls = record.calls(CHANGING);
        let seen: Vec<(&str, usize, bool)> = calls
            .iter()
            .map(|call| (call.label.as_str(), call.when, call.first_thread))
            .collect();
        assert_eq!(
            seen,
            [
                ("openat vault.json", 1, true),
                // The first call of the second thread has the number that the first thread had before it.
                ("pwrite64 vault.db-wal", 2, false),
                ("pwrite64 vault.db-wal", 2, true),
                ("fsync vault.db-wal", 3, true),
            ]
        );
    }
}
