//! Quick access: a small window in front of every program, by a keyboard alone.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use keywright_tests::{
    Clipboard, Hands, Known,
    keysym::{ALT, CONTROL, ESCAPE, RETURN, TAB},
};

const SOON: Duration = Duration::from_secs(20);
const SMALL: RangeInclusive<u16> = 500..=640;
const K: u32 = 0x6b;

fn until(holds: impl Fn() -> bool, what: &str) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < SOON, "timed out waiting for {what}");
        std::thread::sleep(Duration::from_millis(150));
    }
}

fn copied(hands: &Hands) -> String {
    let clipboard = Clipboard::of(&hands.display.name);
    clipboard.get("UTF8_STRING").unwrap_or_default()
}

#[test]
fn window_quick_access_unlocks_finds_copies() {
    let known = Known::new();
    let hands = Hands::open(&known.cli.home(), &[]);
    std::thread::sleep(Duration::from_secs(3));
    // Locked: a field for the passphrase, and what is found once it is right.
    hands.press(&[CONTROL, ALT, K]);
    hands.focus_small(SMALL);
    std::thread::sleep(Duration::from_secs(1));
    hands.type_text(Known::PASSPHRASE);
    hands.type_text("\n");
    std::thread::sleep(Duration::from_secs(2));
    hands.type_text("ord");
    std::thread::sleep(Duration::from_millis(500));
    hands.type_text("\n");
    let token = known.value("access token");
    let header = format!("Authorization: Bearer {token}");
    until(|| copied(&hands) == header, "the header");
    until(
        || !hands.sees(SMALL),
        "the window to close after two seconds",
    );

    // Tab chooses another form.
    hands.press(&[CONTROL, ALT, K]);
    hands.focus_small(SMALL);
    std::thread::sleep(Duration::from_millis(700));
    hands.press(&[TAB]);
    hands.type_text("\n");
    until(|| copied(&hands) == token, "the token alone");
    until(|| !hands.sees(SMALL), "the window to close");

    // Control Enter fetches a new one.
    hands.press(&[CONTROL, ALT, K]);
    hands.focus_small(SMALL);
    std::thread::sleep(Duration::from_millis(700));
    hands.press(&[CONTROL, RETURN]);
    until(
        || copied(&hands).starts_with("Authorization: Bearer ") && copied(&hands) != header,
        "a new token",
    );
    until(|| !hands.sees(SMALL), "the window to close");

    hands.press(&[CONTROL, ALT, K]);
    hands.focus_small(SMALL);
    std::thread::sleep(Duration::from_millis(500));
    hands.press(&[ESCAPE]);
    until(|| !hands.sees(SMALL), "the window to close by Escape");
    hands.close();
}

#[test]
fn window_quick_access_closes_with_the_lock() {
    let mut known = Known::new();
    let preferences = r#"{ "auto_lock_minutes": 1 }"#;
    std::fs::write(known.cli.home().join("preferences.json"), preferences).unwrap();
    known.learn();
    let hands = Hands::open(&known.cli.home(), &[]);
    std::thread::sleep(Duration::from_secs(3));
    hands.press(&[CONTROL, ALT, K]);
    hands.focus_small(SMALL);
    std::thread::sleep(Duration::from_secs(1));
    hands.type_text(Known::PASSPHRASE);
    hands.type_text("\n");
    std::thread::sleep(Duration::from_secs(2));
    assert!(hands.sees(SMALL));
    let begun = Instant::now();
    while hands.sees(SMALL) {
        assert!(
            begun.elapsed() < Duration::from_secs(100),
            "it is still seen"
        );
        std::thread::sleep(Duration::from_millis(500));
    }
    hands.close();
}

#[test]
fn window_quick_access_has_no_keys_where_they_are_off() {
    let known = Known::new();
    let preferences = r#"{ "quick_access_keys": "" }"#;
    std::fs::write(known.cli.home().join("preferences.json"), preferences).unwrap();
    let hands = Hands::open(&known.cli.home(), &[]);
    std::thread::sleep(Duration::from_secs(3));
    // On the page of a locked vault the keys mean nothing else.
    hands.press(&[CONTROL, ALT, K]);
    std::thread::sleep(Duration::from_secs(3));
    assert!(!hands.sees(SMALL));
    hands.close();
}
