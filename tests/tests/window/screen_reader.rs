//! The main job as a screen reader gets it: the order of the focus.

use keywright_tests::{Cli, ScreenReader, Window};

const PASSPHRASE: &str = "correct horse battery";
async fn window(cli: &Cli, reader: &ScreenReader) -> Window {
    let bus = [("DBUS_SESSION_BUS_ADDRESS", reader.address())];
    Window::open_with(&cli.home(), &bus, &[]).await
}

/// Fills the first run in, up to the form of a registration.
async fn first_run(w: &Window) {
    for field in ["first-run-passphrase", "first-run-passphrase-again"] {
        w.fill(field, PASSPHRASE).await;
    }
    w.click("first-run-sandbox").await;
    w.find("register-name").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_focus_follows_the_reading_order() {
    let cli = Cli::new();
    let reader = ScreenReader::start().await;
    let w = window(&cli, &reader).await;
    first_run(&w).await;
    w.tab_to("register-name").await;
    let page = reader.page().await;
    let place = |path: &str| page.iter().position(|one| one.path == path);
    let mut last = None;
    for step in 0..30 {
        let focused = reader.focused().await.expect("something has the focus");
        let at = place(&focused.path);
        assert!(
            at.is_some() && at > last,
            "step {step}: {focused:?} is not after the one before"
        );
        last = at;
        if w.focused().await.as_deref() == Some("register-submit") {
            break;
        }
        w.press(&["Tab"]).await;
    }
    let name = last.and_then(|at| page.get(at)).map(|one| &one.name);
    assert_eq!(
        name.map(String::as_str),
        Some("Register"),
        "the form ends with its button"
    );
    w.close().await;
}
