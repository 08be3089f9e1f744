//! The agent of the command line: who gets the key, and when it is gone.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use keywright_tests::{Cli, LoginStub, Output, plain_forms};

const PASSPHRASE: &str = "correct horse battery";

/// A vault that only an agent opens without a question: later commands get no passphrase.
fn silent(cli: &Cli, arguments: &[&str]) -> Output {
    cli.run_env(arguments, "KEYWRIGHT_PASSPHRASE_FILE", "")
}

/// A vault whose agent's folder goes away with the test.
fn vault() -> Cli {
    let cli = Cli::new();
    let runtime = cli.folder().join("run");
    fs::create_dir(&runtime).unwrap();
    let cli = cli.env("XDG_RUNTIME_DIR", runtime.to_str().unwrap());
    cli.run(&["init", "--keyring", "off"]).json();
    cli
}

/// An agent, ended with the test.
struct Agent<'a> {
    cli: &'a Cli,
    pid: u64,
}

impl<'a> Agent<'a> {
    fn start(cli: &'a Cli, time: &str) -> Self {
        let started = cli.run(&["unlock", "--for", time]).json();
        Self {
            cli,
            pid: started["agent"]["pid"].as_u64().expect("an agent"),
        }
    }

    fn proc(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.pid))
    }

    fn runs(&self) -> bool {
        fs::read_to_string(self.proc("stat")).is_ok_and(|stat| !stat.contains(") Z "))
    }

    /// Waits until it has ended.
    fn has_ended_within(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if !self.runs() {
                return true;
            }
            sleep(Duration::from_millis(50));
        }
        false
    }

    /// Waits until it has ended; then nothing opens the vault without a question.
    fn is_gone_within(&self, limit: Duration) -> bool {
        self.has_ended_within(limit) && {
            let left = silent(self.cli, &["app", "list"]);
            (left.code, left.error()["code"].as_str()) == (4, Some("locked"))
        }
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        self.cli.run(&["lock"]);
    }
}

fn folder(cli: &Cli) -> PathBuf {
    cli.folder().join("run/keywright")
}

/// The files of a folder but for the lock of the one agent, which is empty and stays.
fn files(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).unwrap();
    let mut all: Vec<_> = all.map(|item| item.unwrap().path()).collect();
    all.retain(|path| {
        let is_lock = path.extension().is_some_and(|end| end == "lock");
        assert!(!is_lock || fs::metadata(path).unwrap().len() == 0);
        !is_lock
    });
    all
}

fn socket(cli: &Cli) -> PathBuf {
    let all = files(&folder(cli));
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

#[test]
fn commands_use_it_by_themselves_until_lock_ends_it() {
    let cli = vault();
    assert_eq!(silent(&cli, &["app", "list"]).code, 4);
    let agent = Agent::start(&cli, "5m");
    assert_eq!(silent(&cli, &["app", "list"]).json()["total"], 0);
    let status = silent(&cli, &["status"]).json();
    assert_eq!(status["state"], "unlocked");
    assert_eq!(status["agent"]["pid"].as_u64(), Some(agent.pid));
    let doctor = silent(&cli, &["doctor"]).out;
    assert!(
        doctor.contains(&format!("Process {}", agent.pid)),
        "{doctor}"
    );
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder(&cli)), mode(socket(&cli))), (0o700, 0o600));

    let locked = cli.run(&["lock"]).json();
    assert!(locked["agent"].is_null(), "{locked}");
    assert!(agent.is_gone_within(Duration::from_secs(2)));
    assert!(files(&folder(&cli)).is_empty());
}

#[test]
fn it_ends_when_its_time_is_over_or_it_is_asked_by_a_signal() {
    let cli = vault();
    let agent = Agent::start(&cli, "1s");
    assert!(agent.is_gone_within(Duration::from_secs(4)));
    let agent = Agent::start(&cli, "5m");
    let ended = Command::new("kill").arg(agent.pid.to_string()).status();
    assert!(ended.unwrap().success());
    assert!(agent.is_gone_within(Duration::from_secs(2)));
}

#[test]
fn an_agent_that_was_killed_leaves_nothing_that_keeps_the_next_from_starting() {
    let cli = vault();
    let agent = Agent::start(&cli, "5m");
    let ended = Command::new("kill")
        .args(["-9", &agent.pid.to_string()])
        .status();
    assert!(ended.unwrap().success());
    assert!(agent.is_gone_within(Duration::from_secs(2)));
    let second = Agent::start(&cli, "5m");
    let third = Agent::start(&cli, "5m");
    assert!(second.has_ended_within(Duration::from_secs(2)));
    assert!(third.runs());
    assert_eq!(silent(&cli, &["app", "list"]).code, 0);
}

#[test]
fn t36_of_agents_begun_at_once_one_is_left_and_lock_ends_it() {
    let cli = vault();
    let home = cli.home().display().to_string();
    let agents = || {
        let all = fs::read_dir("/proc").unwrap().filter_map(|process| {
            let line = fs::read(process.ok()?.path().join("cmdline")).ok()?;
            String::from_utf8(line).ok()
        });
        all.filter(|line| line.contains("\0agent\0") && line.contains(&home))
            .count()
    };
    for _ in 0..3 {
        std::thread::scope(|scope| {
            for time in ["90s", "95s", "100s", "105s"] {
                let cli = &cli;
                scope.spawn(move || cli.run(&["unlock", "--for", time]));
            }
        });
        assert_eq!(agents(), 1);
        cli.run(&["lock"]).json();
        let end = Instant::now() + Duration::from_secs(10);
        while agents() > 0 {
            assert!(Instant::now() < end, "an agent that lock does not reach");
            sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_time_without_end_is_refused_and_the_agents_own_key_does_not_make_it_longer() {
    let cli = vault();
    for time in ["25h", "0", "-1m", "soon"] {
        assert_eq!(
            cli.run(&["unlock", &format!("--for={time}")]).code,
            2,
            "{time}"
        );
    }
    let _agent = Agent::start(&cli, "5m");
    let longer = silent(&cli, &["unlock", "--for", "8h"]);
    assert_eq!(
        (longer.code, longer.error()["code"].as_str()),
        (4, Some("locked"))
    );
}

#[test]
fn t37_neither_arguments_nor_environment_of_the_agent_hold_a_secret_and_it_leaves_no_core() {
    let cli = vault().env("A_TOKEN_OF_THE_SHELL", PASSPHRASE);
    let agent = Agent::start(&cli, "5m");
    for name in ["cmdline", "environ"] {
        let text = fs::read(agent.proc(name)).unwrap();
        assert!(!text.is_empty());
        for form in plain_forms(PASSPHRASE) {
            assert!(!text.windows(form.len()).any(|window| window == form));
        }
        assert!(!String::from_utf8_lossy(&text).contains("PASSPHRASE"));
    }
    let limits = fs::read_to_string(agent.proc("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let core: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "{limits}");
    // What cannot be dumped belongs to root, whoever runs it.
    assert_eq!(fs::metadata(agent.proc("mem")).unwrap().uid(), 0);
}

#[test]
fn t36_another_user_at_the_socket_gets_no_key() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        eprintln!("NOT TESTED: only root can become another user.");
        return;
    }
    let cli = vault();
    let _agent = Agent::start(&cli, "5m");
    // Opened as wide as it can be, so that only the check of the peer is left.
    let socket = socket(&cli);
    for path in [
        cli.folder(),
        &cli.folder().join("run"),
        &folder(&cli),
        &socket,
    ] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let ask = "use IO::Socket::UNIX; $SIG{PIPE} = 'IGNORE'; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die 'no connection'; \
               syswrite $s, \"\\x01K\"; my $n = sysread $s, my $key, 64; print $n // 0;";
    let asked = |user: &str| {
        let output = Command::new("setpriv")
            .args(["--reuid", user, "--clear-groups", "perl", "-e", ask])
            .arg(&socket)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{output:?}");
        text
    };
    assert_eq!(asked("65534"), "0");
    // The same question from its own user is answered, so the one above was refused for its user alone.
    assert_ne!(asked("0"), "0");
}

#[test]
fn t36_a_folder_that_others_may_enter_or_a_link_is_said_and_not_used() {
    let cli = vault();
    let agent = Agent::start(&cli, "5m");
    fs::set_permissions(folder(&cli), fs::Permissions::from_mode(0o777)).unwrap();
    let refused = silent(&cli, &["app", "list"]);
    assert_eq!(
        (refused.code, refused.error()["code"].as_str()),
        (4, Some("locked"))
    );
    assert!(
        refused.err.contains("other users may enter it"),
        "{refused:?}"
    );
    // With its passphrase the vault opens anyway.
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
    let started = cli.run(&["unlock", "--for", "5m"]);
    assert_eq!(
        (started.code, started.error()["code"].as_str()),
        (8, Some("agent_refused"))
    );

    let elsewhere = cli.folder().join("elsewhere");
    fs::set_permissions(folder(&cli), fs::Permissions::from_mode(0o700)).unwrap();
    fs::rename(folder(&cli), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder(&cli)).unwrap();
    let started = cli.run(&["unlock", "--for", "5m"]);
    assert_eq!(
        (started.code, started.error()["code"].as_str()),
        (8, Some("agent_refused"))
    );
    fs::remove_file(folder(&cli)).unwrap();
    fs::rename(&elsewhere, folder(&cli)).unwrap();
    assert!(agent.runs());
}

#[test]
fn a_folder_that_is_named_by_a_relative_path_is_found_by_the_agent_as_well() {
    let cli = vault();
    let mut command = cli.command(&["unlock", "--for", "5m"]);
    command
        .current_dir(cli.folder())
        .env("KEYWRIGHT_HOME", "vault");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(silent(&cli, &["app", "list"]).code, 0);
    cli.run(&["lock"]).json();
}

#[test]
fn a_vault_in_a_deep_folder_has_an_agent_at_a_short_path() {
    let cli = Cli::new();
    let deep = cli.folder().join("d".repeat(60)).join("e".repeat(60));
    fs::create_dir_all(&deep).unwrap();
    let temporary = cli.folder().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let cli = cli
        .env("KEYWRIGHT_HOME", deep.join("vault").to_str().unwrap())
        .env("XDG_RUNTIME_DIR", "")
        .env("TMPDIR", temporary.to_str().unwrap());
    cli.run(&["init", "--keyring", "off"]).json();
    let agent = Agent::start(&cli, "5m");
    let user = fs::metadata("/proc/self").unwrap().uid();
    let short = temporary.join(format!("keywright-{user}"));
    assert_eq!(files(&short).len(), 1);
    assert_eq!(fs::metadata(&short).unwrap().mode() & 0o777, 0o700);
    assert_eq!(silent(&cli, &["app", "list"]).json()["total"], 0);
    // The checks are those of every other folder.
    fs::set_permissions(&short, fs::Permissions::from_mode(0o755)).unwrap();
    let refused = silent(&cli, &["app", "list"]);
    assert_eq!(refused.error()["code"], "locked");
    assert!(
        refused.err.contains("other users may enter it"),
        "{refused:?}"
    );
    fs::set_permissions(&short, fs::Permissions::from_mode(0o700)).unwrap();
    cli.run(&["lock"]).json();
    assert!(agent.has_ended_within(Duration::from_secs(2)));
}

#[test]
fn a_new_key_of_the_database_ends_it() {
    let cli = vault();
    let agent = Agent::start(&cli, "5m");
    cli.run(&["vault", "rotate-key"]).json();
    assert!(agent.is_gone_within(Duration::from_secs(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_sleep_and_the_lock_of_the_session_end_it() {
    for sign in ["sleep", "lock", "hint"] {
        let bus = LoginStub::start().await;
        let cli = vault().env("DBUS_SYSTEM_BUS_ADDRESS", bus.address());
        let agent = Agent::start(&cli, "5m");
        bus.is_watched().await;
        assert!(agent.runs(), "{sign}");
        match sign {
            "sleep" => bus.goes_to_sleep().await,
            "lock" => bus.locks_the_session().await,
            _ => bus.hints_that_it_is_locked().await,
        }
        assert!(agent.is_gone_within(Duration::from_secs(3)), "{sign}");
    }
}
