//! What another program of the same user sees of the command line while it works: its arguments, its
//! environment, its memory.

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    process::{Child, Stdio},
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
