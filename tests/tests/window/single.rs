//! One window for one vault: a second start brings up the first.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use keywright_tests::{Bus, Display, program};

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn window_a_second_start_leaves_it_to_the_first() {
    let bus = Bus::start();
    let display = Display::start();
    let folder = tempfile::tempdir().unwrap();
    let start = |arguments: &[&str]| -> Child {
        Command::new(program("keywright-app"))
            .args(arguments)
            .env_remove("KEYWRIGHT_HOME")
            .env("DISPLAY", &display.name)
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .envs(
                ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"]
                    .map(|name| (name, folder.path())),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut first = start(&[]);
    std::thread::sleep(Duration::from_secs(4));
    assert!(first.try_wait().unwrap().is_none(), "the first stays open");

    let mut second = start(&[]);
    let begun = Instant::now();
    let ended = loop {
        if let Some(status) = second.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < PATIENCE, "two windows on one vault");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(ended.success(), "{ended}");
    assert!(first.try_wait().unwrap().is_none(), "the first stays open");

    // A vault of its own has a window of its own.
    let other = folder.path().join("other").display().to_string();
    let mut beside = start(&["--home", &other]);
    std::thread::sleep(Duration::from_secs(4));
    assert!(beside.try_wait().unwrap().is_none());
    for process in [&mut first, &mut beside] {
        process.kill().unwrap();
        process.wait().unwrap();
    }
}
