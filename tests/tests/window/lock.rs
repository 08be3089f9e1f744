//! The window as a person has it, without a driver: what is left of its secrets after a lock, in memory,
//! on disk, in the clipboard; and how it comes back.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use keywright_tests::{
    Clipboard, Hands, Hunt, Known, Spectator, Window, files_with,
    keysym::{ALT, CONTROL, RETURN, SHIFT},
    tree,
};

const WEB_PROCESS: &str = "WebKitWebProces";

/// The clicks of a person who copies, takes a token, calls the API with it, and reveals last of all.
const WAY: [&str; 8] = [
    "nav-applications",
    "app-row",
    "app-tab-credentials",
    "secret-client_secret-copy",
    "nav-console",
    "console-send",
    "nav-applications",
    "secret-client_secret-reveal",
];

/// A driver walks the way once and says where everything is.
async fn places(known: &Known) -> Vec<(i16, i16)> {
    let w = Window::open(&known.cli.home()).await;
    w.fill("unlock-passphrase", Known::PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.click("nav-console").await;
    w.click("console-auth-bearer").await;
    w.fill("console-url", &known.sandbox.api()).await;
    let mut places = Vec::new();
    for id in WAY {
        places.push(w.place_of(id).await);
        w.click(id).await;
        if id == "console-send" {
            w.says("result-bearer", "200").await;
        }
    }
    w.find("secret-client_secret-value").await;
    w.close().await;
    places
}

/// The process that draws the pages of a window.
fn web_process(root: u32) -> Option<u32> {
    tree(root).into_iter().find(|pid| {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == WEB_PROCESS)
    })
}

/// The window, opened by hands that type the passphrase.
fn opened(known: &Known, spectator: &Spectator, env: &[(&str, &str)]) -> Hands {
    let hands = Hands::open(&known.cli.home(), env);
    let pid = hands.pid();
    let begun = Instant::now();
    while web_process(pid).is_none() {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "timed out waiting for the page to be drawn"
        );
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_secs(2));
    unlock(&hands, spectator);
    hands
}

fn unlock(hands: &Hands, spectator: &Spectator) {
    let before = spectator.count("vault_unlocked");
    hands.type_text(Known::PASSPHRASE);
    hands.type_text("\n");
    spectator.sees("vault_unlocked", before + 1);
    thread::sleep(Duration::from_secs(1));
}

fn lock(hands: &Hands) {
    hands.press(&[CONTROL, u32::from('l')]);
}

#[tokio::test(flavor = "multi_thread")]
async fn t39_window_after_a_lock_no_process_holds_a_secret() {
    let mut known = Known::new();
    let places = places(&known).await;
    let spectator = Spectator::open(&known.cli.home(), Known::PASSPHRASE).await;
    let before = ["secret_revealed", "secret_copied"].map(|action| spectator.count(action));
    let hands = opened(&known, &spectator, &[]);
    known.learn();
    let hunt = known.hunt();
    for (id, place) in WAY.iter().zip(&places) {
        thread::sleep(Duration::from_millis(800));
        hands.click(*place);
        if id.ends_with("-copy") {
            spectator.sees("secret_copied", before[1] + 1);
        }
    }
    spectator.sees("secret_revealed", before[0] + 1);
    let shown = hunt.in_tree(hands.pid());
    for program in [WEB_PROCESS, "keywright-app"] {
        assert!(
            Hunt::names(&shown, program).contains("client secret"),
            "the search finds what is revealed and copied: {shown:#?}"
        );
    }

    let drawn_by = web_process(hands.pid());
    lock(&hands);
    let left = hunt.left_in_tree(hands.pid());
    assert_ne!(drawn_by, web_process(hands.pid()), "the process was ended");
    assert!(left.is_empty(), "{left:#?}");
    hands.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn t40_window_writes_no_secret_to_any_file() {
    let mut known = Known::new();
    let spectator = Spectator::open(&known.cli.home(), Known::PASSPHRASE).await;
    // Everything that a program may write to by custom lies in one folder.
    let all = tempfile::tempdir().unwrap();
    let folders = ["home", "data", "state", "run", "tmp"].map(|name| {
        let folder = all.path().join(name);
        fs::create_dir(&folder).unwrap();
        folder.display().to_string()
    });
    let names = [
        "HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
        "TMPDIR",
    ];
    let mut env: Vec<(&str, &str)> = names
        .into_iter()
        .zip(folders.iter().map(String::as_str))
        .collect();
    env.push(("KEYWRIGHT_LOG", "trace"));
    let hands = opened(&known, &spectator, &env);
    let copied = spectator.count("secret_copied");
    hands.press(&[CONTROL, ALT, u32::from('c')]);
    spectator.sees("secret_copied", copied + 1);
    hands.press(&[CONTROL, SHIFT, u32::from('c')]);
    spectator.sees("secret_copied", copied + 2);
    assert_eq!(hands.title(), "Keywright", "no name stands in the title");
    known.learn();
    let secrets: Vec<String> = known
        .secrets
        .iter()
        .map(|(_, value)| value.clone())
        .collect();
    let beside = known.cli.home();
    let look = |when: &str| {
        for folder in [
            all.path(),
            &beside,
            &beside.with_extension("config"),
            &beside.with_extension("cache"),
        ] {
            if folder.is_dir() {
                let found = files_with(folder, &secrets);
                assert!(found.is_empty(), "{when}: secrets in {found:?}");
            }
        }
    };
    look("open");
    lock(&hands);
    thread::sleep(Duration::from_secs(1));
    hands.close();
    look("closed");
    fs::write(all.path().join("tmp/plant"), &secrets[1]).unwrap();
    assert!(
        !files_with(all.path(), &secrets).is_empty(),
        "a planted secret is found"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_window_marks_what_it_copies_and_takes_it_back() {
    let known = Known::new();
    let preferences = r#"{ "clipboard_clear_secs": 5 }"#;
    fs::write(known.cli.home().join("preferences.json"), preferences).unwrap();
    let spectator = Spectator::open(&known.cli.home(), Known::PASSPHRASE).await;
    let mut hands = opened(&known, &spectator, &[]);
    let clipboard = Clipboard::of(&hands.display.name);
    let copy = || {
        let copied = spectator.count("secret_copied");
        hands.press(&[CONTROL, ALT, u32::from('c')]);
        spectator.sees("secret_copied", copied + 1);
    };

    // In time.
    copy();
    let value = known.value("client secret");
    assert_eq!(clipboard.get("UTF8_STRING").as_deref(), Some(value));
    let mark = clipboard.get("x-kde-passwordManagerHint");
    assert_eq!(
        mark.as_deref(),
        Some("secret"),
        "managers leave it out of their history"
    );
    assert!(clipboard.becomes_empty(Duration::from_secs(9)), "after 5 s");

    // What another program copied meanwhile stays, and the lock does not wait for that program.
    copy();
    clipboard.take_over();
    lock(&hands);
    thread::sleep(Duration::from_secs(2));
    unlock(&hands, &spectator);
    assert!(clipboard.is_ours());

    // On lock.
    copy();
    assert_eq!(clipboard.get("UTF8_STRING").as_deref(), Some(value));
    lock(&hands);
    assert!(
        clipboard.becomes_empty(Duration::from_secs(4)),
        "before its time"
    );

    // On quit.
    thread::sleep(Duration::from_secs(2));
    unlock(&hands, &spectator);
    copy();
    hands.quit();
    assert!(clipboard.becomes_empty(Duration::from_secs(4)));
}

#[tokio::test(flavor = "multi_thread")]
async fn t39_window_locks_itself_when_nobody_is_there() {
    let known = Known::new();
    let preferences = r#"{ "auto_lock_minutes": 1 }"#;
    fs::write(known.cli.home().join("preferences.json"), preferences).unwrap();
    let spectator = Spectator::open(&known.cli.home(), Known::PASSPHRASE).await;
    let hands = opened(&known, &spectator, &[]);
    let drawn_by = web_process(hands.pid());
    // Somebody is there still.
    thread::sleep(Duration::from_secs(35));
    hands.press(&[SHIFT]);
    thread::sleep(Duration::from_secs(35));
    let copied = spectator.count("secret_copied");
    hands.press(&[CONTROL, ALT, u32::from('c')]);
    spectator.sees("secret_copied", copied + 1);

    thread::sleep(Duration::from_secs(65));
    assert_ne!(drawn_by, web_process(hands.pid()), "the process was ended");
    hands.press(&[CONTROL, ALT, u32::from('c')]);
    unlock(&hands, &spectator);
    assert_eq!(spectator.count("secret_copied"), copied + 1);
    hands.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_window_comes_back_when_the_process_of_its_pages_dies() {
    let known = Known::new();
    let spectator = Spectator::open(&known.cli.home(), Known::PASSPHRASE).await;
    let mut hands = opened(&known, &spectator, &[]);

    // Open: it comes back open, and can be locked.
    kill_pages(&hands);
    let copied = spectator.count("secret_copied");
    hands.press(&[CONTROL, ALT, u32::from('c')]);
    spectator.sees("secret_copied", copied + 1);
    lock(&hands);
    thread::sleep(Duration::from_secs(2));

    // What was typed is there when the pages died, and when the vault was locked in between.
    unlock(&hands, &spectator);
    hands.press(&[CONTROL, u32::from('n')]);
    thread::sleep(Duration::from_secs(2));
    hands.type_text("kept");
    thread::sleep(Duration::from_secs(1));
    kill_pages(&hands);
    lock(&hands);
    thread::sleep(Duration::from_secs(2));
    unlock(&hands, &spectator);
    let registered = spectator.count("application_registered");
    hands.press(&[CONTROL, RETURN]);
    spectator.sees("application_registered", registered + 1);
    known.cli.run(&["app", "show", "kept"]).json();
    lock(&hands);
    thread::sleep(Duration::from_secs(2));

    // Locked: it comes back locked; nothing can be copied, and the passphrase opens it.
    kill_pages(&hands);
    hands.press(&[CONTROL, ALT, u32::from('c')]);
    unlock(&hands, &spectator);
    assert_eq!(spectator.count("secret_copied"), copied + 1);
    assert!(hands.runs());
    hands.close();
}

/// Ends the process behind the pages as a crash does, and waits until another one draws.
fn kill_pages(hands: &Hands) {
    let died = web_process(hands.pid()).unwrap();
    let ended = std::process::Command::new("kill")
        .args(["-9", &died.to_string()])
        .status()
        .unwrap();
    assert!(ended.success());
    let begun = Instant::now();
    while web_process(hands.pid()).is_none_or(|now| now == died) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "timed out waiting for the window to come back"
        );
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_secs(3));
    hands.focus();
}
