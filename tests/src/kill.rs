//! `kill -9` at the system calls that write: strace ends the process when it is about to make the n-th of them.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Every call that changes a file or a folder, or waits for the disk.
const WRITES: &str = "write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,linkat,mkdir,mkdirat";
/// With `all`, the process is ended at every call and not at a sample of them.
const CAMPAIGN: &str = "KEYWRIGHT_KILL_AT";

/// Runs a command to its end under strace. The most writing calls that one of its threads made.
fn count(command: &Command, log: &Path) -> usize {
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-e", &format!("trace={WRITES}"), "-o"]);
    traced.arg(log);
    let done = run(&mut traced, command);
    assert!(done, "the command fails without being killed: {command:?}");
    let text = std::fs::read_to_string(log).expect("strace writes its log");
    let mut threads = std::collections::HashMap::<&str, usize>::new();
    for line in text.lines().filter(|line| !line.contains("resumed>")) {
        *threads
            .entry(line.split(' ').next().unwrap_or_default())
            .or_default() += 1;
    }
    threads.into_values().max().unwrap_or_default()
}

fn run(traced: &mut Command, command: &Command) -> bool {
    traced.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            traced.env(name, value);
        }
    }
    traced
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("strace starts: `cargo xtask test` installs it")
        .success()
}

/// Ends the command at up to `sample` of its writing calls, spread from the first to the last, each time on a fresh
/// ground, and looks at what is left. Gives the number of kills.
pub fn at_writes<Ground>(
    sample: usize,
    mut fresh: impl FnMut() -> Ground,
    command: impl Fn(&Ground) -> Command,
    mut look: impl FnMut(&Ground, usize),
) -> usize {
    let log = tempfile::NamedTempFile::new().expect("a temporary file");
    let ground = fresh();
    let calls = count(&command(&ground), log.path());
    drop(ground);
    assert!(calls > 0, "the command writes nothing");
    let all = std::env::var(CAMPAIGN).is_ok_and(|value| value == "all");
    let steps = if all { calls } else { sample.min(calls) };
    let mut kills = 0;
    for step in 0..steps {
        let at = 1 + step * (calls - 1) / (steps - 1).max(1);
        let ground = fresh();
        let mut traced = Command::new("strace");
        traced.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
        traced.args([
            format!("trace={WRITES}"),
            "-e".to_owned(),
            format!("inject={WRITES}:signal=SIGKILL:when={at}"),
        ]);
        if !run(&mut traced, &command(&ground)) {
            kills += 1;
        }
        look(&ground, at);
    }
    kills
}
