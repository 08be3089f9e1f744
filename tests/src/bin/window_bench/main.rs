//! Start and memory of the real window next to an empty Tauri window, and the time from a key in the search field to
//! the paint of the list, side by side in one run.
//!
//! Takes the folders of filled vaults whose passphrase is `bench`: the first is measured for start and memory, each
//! for the search. `KEYWRIGHT_BENCH_USE_SECS` is how long the window is used before its memory is measured again
//! (60 where it is not set). Prints tables for `benches/RESULTS.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench of the developer; it fails by panicking"
)]

mod memory;
mod screen;

use std::{
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

use keywright_tests::program;

use memory::pss_mib;
use screen::{Area, BACKSPACE, CONTROL, DOWN, RETURN, Screen};

/// Starts of each program; the middle one counts.
const RUNS: usize = 5;
/// After this the memory has settled.
const SETTLE: Duration = Duration::from_secs(4);
const USE_SECS: u64 = 60;
/// Where the list is, below the search field.
const LIST: Area = (250, 200, 400, 400);
/// Each key of these changes what is at the top of the list.
const TYPED: [&str; 4] = ["weather 00", "c-00ff", "prod", "service 99"];

fn main() {
    let vaults: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let first = vaults.first().expect("the folder of a filled vault");
    let app = program("keywright-app");
    let empty = program("examples/empty_window");
    println!("| What | Empty window | Keywright | Ratio |\n|---|---|---|---|");
    // In turns, so that what else the machine does meets both.
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        bare.push(Screen::open(&empty, None).start_ms);
        ours.push(Screen::open(&app, Some(first)).start_ms);
    }
    row("start to something painted, ms", median(bare), median(ours));
    let bare = {
        let screen = Screen::open(&empty, None);
        sleep(SETTLE);
        pss_mib(screen.pid())
    };
    let screen = Screen::open(&app, Some(first));
    sleep(SETTLE);
    row("memory, locked, MiB", bare, pss_mib(screen.pid()));
    unlock(&screen);
    sleep(SETTLE);
    row("memory, unlocked, MiB", bare, pss_mib(screen.pid()));
    let secs = std::env::var("KEYWRIGHT_BENCH_USE_SECS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(USE_SECS);
    use_it(&screen, Duration::from_secs(secs));
    sleep(SETTLE);
    let what = format!("memory, unlocked, used for {secs} s, MiB");
    row(&what, bare, pss_mib(screen.pid()));
    drop(screen);

    println!("\n| Vault | Keys | Key to paint, median | 95 % | Slowest |\n|---|---|---|---|---|");
    for vault in &vaults {
        let screen = Screen::open(&app, Some(vault));
        unlock(&screen);
        let mut all = search(&screen);
        all.sort_by(f64::total_cmp);
        let at = |percent: usize| all[(all.len() - 1) * percent / 100];
        println!(
            "| {} | {} | {:.0} ms | {:.0} ms | {:.0} ms |",
            vault.file_name().unwrap_or_default().to_string_lossy(),
            all.len(),
            at(50),
            at(95),
            at(100)
        );
    }
}

fn row(what: &str, empty: f64, keywright: f64) {
    let ratio = keywright / empty;
    println!("| {what} | {empty:.0} | {keywright:.0} | {ratio:.2} |");
}

/// Types the passphrase and waits for the list.
fn unlock(screen: &Screen) {
    let locked = screen.settle(LIST);
    screen.type_text("bench");
    screen.press(&[RETURN]);
    let begun = Instant::now();
    while screen.image(LIST) == locked {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "it did not unlock"
        );
        sleep(Duration::from_millis(20));
    }
    screen.settle(LIST);
}

fn to_search(screen: &Screen) {
    screen.press(&[CONTROL, u32::from('1')]);
    screen.press(&[CONTROL, u32::from('f')]);
    screen.settle(LIST);
}

/// Milliseconds from each key to the paint.
fn search(screen: &Screen) -> Vec<f64> {
    to_search(screen);
    let mut all = Vec::new();
    for text in TYPED {
        for letter in text.chars() {
            all.extend(screen.key_to_paint(u32::from(letter), LIST));
        }
        for _ in text.chars() {
            screen.press(&[BACKSPACE]);
        }
    }
    all
}

/// What a person does all day: search, look at applications, go to other screens.
fn use_it(screen: &Screen, time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        for text in TYPED {
            to_search(screen);
            screen.type_text(text);
            screen.press(&[DOWN]);
            screen.press(&[RETURN]);
            screen.settle(LIST);
            for page in '2'..='6' {
                screen.press(&[CONTROL, u32::from(page)]);
                screen.settle(LIST);
            }
            to_search(screen);
            for _ in text.chars() {
                screen.press(&[BACKSPACE]);
            }
        }
    }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
