//! `kill -9` at the system calls that write: strace ends the process when it is about to make the n-th of them.

use std::{
    collections::HashMap,
    path::Path,
    process::{Command, Stdio},
};

/// Every call that changes a file or a folder, or waits for the disk.
const WRITES: &str = "write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,linkat,mkdir,mkdirat";
/// With `all`, the process is ended at every call and not at a sample of them.
const CAMPAIGN: &str = "KEYWRIGHT_KILL_AT";

/// A call, and the how-many-th of its name it is in its thread: that is how strace counts.
type Call = (String, usize);

/// Runs a command to its end under strace. Its writing calls, in order.
fn calls(command: &Command, log: &Path) -> Vec<Call> {
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-e", &format!("trace={WRITES}"), "-o"]);
    traced.arg(log);
    let done = run(&mut traced, command);
    assert!(done, "the command fails without being killed: {command:?}");
    let text = std::fs::read_to_string(log).expect("strace writes its log");
    let mut counts = HashMap::<(&str, &str), usize>::new();
    let begun = text.lines().filter(|line| !line.contains("resumed>"));
    begun
        .filter_map(|line| {
            let (thread, call) = line.split_once(' ')?;
            let name = call.trim_start().split_once('(')?.0;
            let nth = counts.entry((thread, name)).or_default();
            *nth += 1;
            Some((name.to_owned(), *nth))
        })
        .collect()
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
    mut look: impl FnMut(&Ground, &str),
) -> usize {
    let log = tempfile::NamedTempFile::new().expect("a temporary file");
    let ground = fresh();
    let calls = calls(&command(&ground), log.path());
    drop(ground);
    assert!(!calls.is_empty(), "the command writes nothing");
    let all = std::env::var(CAMPAIGN).is_ok_and(|value| value == "all");
    let steps = if all {
        calls.len()
    } else {
        sample.min(calls.len())
    };
    let mut kills = 0;
    for step in 0..steps {
        let (name, nth) = &calls[step * (calls.len() - 1) / (steps - 1).max(1)];
        let ground = fresh();
        let mut traced = Command::new("strace");
        traced.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
        traced.args([
            format!("trace={name}"),
            "-e".to_owned(),
            format!("inject={name}:signal=SIGKILL:when={nth}"),
        ]);
        if !run(&mut traced, &command(&ground)) {
            kills += 1;
        }
        look(&ground, &format!("{name} {nth}"));
    }
    kills
}
