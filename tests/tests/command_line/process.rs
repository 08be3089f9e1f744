//! What another program of the same user sees of the command line while it works: its arguments, its
//! environment, its memory.

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use keywright_tests::{Known, Misbehaviour, WireServer, plain_forms};

/// `nobody`, on every Linux.
const NOBODY: u32 = 65_534;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn of_process(pid: u32, file: &str) -> Vec<u8> {
    fs::read(format!("/proc/{pid}/{file}")).unwrap()
}

#[test]
fn t37_neither_arguments_nor_environment_of_a_running_call_hold_a_secret() {
    let known = Known::new();
    let slow = WireServer::start(Misbehaviour::Silence(Duration::from_secs(20)));
    let address = format!("{}/orders", slow.issuer);
    let arguments = ["call", &address, "--app", "orders", "--auth", "bearer"];
    let running = Running(
        known
            .cli
            .command(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    await_hit(&slow);
    let pid = running.0.id();
    assert!(
        known
            .hunt()
            .in_tree(pid)
            .iter()
            .any(|one| one.secret == "access token"),
        "it holds the token now, and not where others see it:"
    );
    for file in ["cmdline", "environ", "comm"] {
        let text = of_process(pid, file);
        assert!(!text.is_empty(), "{file} can be read");
        for (name, value) in &known.secrets {
            for form in plain_forms(value) {
                let there = text.windows(form.len()).any(|part| part == form);
                assert!(!there, "{name} is in {file}");
            }
        }
    }
}

#[test]
fn t38_the_command_line_leaves_no_core_and_is_closed_to_its_own_user() {
    let known = Known::new();
    let mut command = known.cli.command(&["sandbox", "start"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        // What is closed belongs to root: another user shows the difference.
        command.uid(NOBODY).current_dir("/");
    }
    let mut running = Running(command.spawn().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(running.0.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    assert!(line.contains("personalities"), "it serves: {line}");
    let pid = running.0.id();
    let limits = String::from_utf8(of_process(pid, "limits")).unwrap();
    let core = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"))
        .unwrap();
    let numbers: Vec<&str> = core.split_ascii_whitespace().take(2).collect();
    assert_eq!(numbers, ["0", "0"]);
    for file in ["mem", "environ", "maps"] {
        let owner = fs::metadata(format!("/proc/{pid}/{file}")).unwrap().uid();
        assert_eq!(
            owner, 0,
            "{file} of a process that is not dumpable (proc(5))"
        );
    }
}

#[test]
fn f11_a_request_in_which_the_machine_slept_ends_with_a_word_about_the_network() {
    const NETWORK: i32 = 6;
    let known = Known::new();
    let server = WireServer::start(Misbehaviour::Silence(Duration::from_secs(2)));
    let address = format!("{}/orders", server.issuer);
    let arguments = ["call", &address, "--app", "orders", "--auth", "bearer"];
    let mut running = Running(
        known
            .cli
            .command(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    await_hit(&server);
    let pid = running.0.id().to_string();
    signal("-STOP", &pid);
    // Meanwhile the server gave up.
    std::thread::sleep(Duration::from_secs(4));
    signal("-CONT", &pid);
    assert_eq!(running.0.wait().unwrap().code(), Some(NETWORK));
    known.cli.run(&["token", "get", "orders"]).json();
}

fn signal(name: &str, pid: &str) {
    let sent = std::process::Command::new("kill")
        .args([name, pid])
        .status()
        .unwrap();
    assert!(sent.success());
}

fn await_hit(server: &WireServer) {
    let begun = Instant::now();
    while server.hits() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "no request came");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The command as a person types it, who can be asked.
fn asking(known: &Known, program: &[&str], arguments: &[&str]) -> Command {
    let given = known.cli.command(arguments);
    let mut words = program.iter().map(std::ffi::OsStr::new).collect::<Vec<_>>();
    words.push(given.get_program());
    words.extend(given.get_args().filter(|one| *one != "--no-input"));
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    for (name, value) in given.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}

#[test]
fn an_interrupt_ends_a_question() {
    use std::io::Read as _;

    let known = Known::new();
    let mut running = Running(
        asking(&known, &[], &["app", "delete", "orders"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut said = Vec::new();
    // Held open: the end of the input would be an answer.
    let _input = running.0.stdin.take();
    let mut stderr = running.0.stderr.take().unwrap();
    while !said.ends_with(b"[y/N] ") {
        let mut byte = [0];
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{said:?}");
        said.push(byte[0]);
    }
    let pid = running.0.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    known.cli.run(&["app", "show", "orders"]).json();
}

#[test]
fn a_question_without_a_terminal_says_so() {
    let known = Known::new();
    let without_terminal = ["setsid", "--wait"];
    let arguments = ["app", "set-secret", "orders", "--client-secret", "prompt"];
    let said = asking(&known, &without_terminal, &arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let error: serde_json::Value = serde_json::from_slice(&said.stderr).unwrap();
    assert_eq!(error["error"]["code"], "no_terminal", "{error}");
    let locked = asking(&known, &without_terminal, &["config", "list"])
        .env_remove("KEYWRIGHT_PASSPHRASE_FILE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let error: serde_json::Value = serde_json::from_slice(&locked.stderr).unwrap();
    assert_eq!(error["error"]["code"], "locked", "{error}");
}
