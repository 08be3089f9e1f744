//! Start and memory of the real window beside an empty Tauri window, side by side in one run.
//!
//! Takes the folder of a filled vault whose passphrase is `bench`. Prints one line of JSON.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench of the developer; it fails by panicking"
)]

use std::{
    collections::HashMap,
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// Starts of each program; the middle one counts.
const RUNS: usize = 5;
/// After this the memory has settled.
const SETTLE: Duration = Duration::from_secs(4);

fn main() {
    let vault = PathBuf::from(
        std::env::args()
            .nth(1)
            .expect("the folder of a filled vault"),
    );
    let release = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release");
    let display = Display::start();
    let empty = release.join("examples/empty_window");
    let app = release.join("keywright-app");
    let empty_start = median(|| start(&display, &empty, None, "Empty window").0);
    let app_start = median(|| start(&display, &app, Some(&vault), "Keywright").0);
    let empty_memory = memory(&display, &empty, None, "Empty window");
    let app_memory = memory(&display, &app, Some(&vault), "Keywright");
    println!(
        "{{\"start_ms\":{{\"empty\":{empty_start:.0},\"keywright\":{app_start:.0},\"ratio\":{:.2}}},\"memory_mib\":{{\"empty\":{empty_memory:.1},\"keywright\":{app_memory:.1},\"ratio\":{:.2}}}}}",
        app_start / empty_start,
        app_memory / empty_memory,
    );
}

/// Xvfb on a display that it chooses itself.
struct Display {
    process: Child,
    name: String,
}

impl Display {
    fn start() -> Self {
        let mut process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1400x1000x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            process,
            name: format!(":{}", line.trim()),
        }
    }

    fn tool(&self, arguments: &[&str]) -> Option<String> {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.name)
            .output()
            .expect("xdotool");
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Milliseconds until the window shows something, and the running program.
fn start(display: &Display, program: &Path, vault: Option<&Path>, title: &str) -> (f64, Running) {
    let mut command = Command::new(program);
    command
        .env("DISPLAY", &display.name)
        .env("KEYWRIGHT_KEYRING", "off")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(vault) = vault {
        command.env("KEYWRIGHT_HOME", vault);
    }
    let begun = Instant::now();
    let running = Running(command.spawn().expect("the program starts"));
    loop {
        let window = display.tool(&["search", "--onlyvisible", "--name", &format!("^{title}$")]);
        if let Some(id) = window.as_deref().and_then(|ids| ids.lines().last())
            && painted(display, id)
        {
            return (begun.elapsed().as_secs_f64() * 1000.0, running);
        }
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{title} did not show"
        );
    }
}

/// More than one colour stands in the window: its page was drawn.
fn painted(display: &Display, window: &str) -> bool {
    let output = Command::new("xwd")
        .args(["-silent", "-id", window])
        .env("DISPLAY", &display.name)
        .output();
    let Ok(output) = output else { return false };
    // The header is skipped; a page of one colour differs from the bare window's black or white.
    let pixels = output.stdout.get(4096..).unwrap_or_default();
    pixels
        .chunks_exact(4)
        .any(|pixel| !matches!(pixel[..3], [0, 0, 0] | [255, 255, 255]))
}

fn memory(display: &Display, program: &Path, vault: Option<&Path>, title: &str) -> f64 {
    let (_, running) = start(display, program, vault, title);
    if vault.is_some() {
        sleep(Duration::from_secs(1));
        let _ = display.tool(&[
            "search",
            "--onlyvisible",
            "--name",
            title,
            "windowfocus",
            "--sync",
        ]);
        let _ = display.tool(&["type", "bench"]);
        let _ = display.tool(&["key", "Return"]);
    }
    sleep(SETTLE);
    tree(running.0.id()).into_iter().map(pss_kib).sum::<f64>() / 1024.0
}

/// The process and all its descendants.
fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut all = vec![root];
    let mut next = 0;
    while next < all.len() {
        all.extend(children.get(&all[next]).cloned().unwrap_or_default());
        next += 1;
    }
    all
}

/// Proportional set size: pages shared with others count in part.
fn pss_kib(pid: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Pss:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0.0)
}

fn median(mut run: impl FnMut() -> f64) -> f64 {
    let mut all: Vec<f64> = (0..RUNS).map(|_| run()).collect();
    all.sort_by(f64::total_cmp);
    all[RUNS / 2]
}
