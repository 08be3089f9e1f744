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

/// Roles of what is operated (WAI-ARIA): `WebKit` gives them to AT-SPI among the attributes.
const OPERATED: [&str; 13] = [
    "button",
    "checkbox",
    "combobox",
    "link",
    "listbox",
    "menuitem",
    "radio",
    "searchbox",
    "slider",
    "spinbutton",
    "switch",
    "tab",
    "textbox",
];

/// What is operated on this screen and has no name to say.
async fn unnamed(reader: &ScreenReader, screen: &str) -> Vec<String> {
    // The tree follows the page a little later.
    for _ in 0..200 {
        let mut operated = reader.page().await;
        operated.retain(|one| {
            let role = one.attributes.get("computed-role");
            role.is_some_and(|role| OPERATED.contains(&&**role))
        });
        if operated.len() > 5 {
            operated.retain(|one| one.name.trim().is_empty());
            return operated
                .iter()
                .map(|one| format!("{screen}: {one:?}"))
                .collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{screen} has nothing to operate");
}

/// Reads these screens. The process of the pages must survive it: where it ends, the window loads the page again, and
/// what was marked in it is lost.
async fn every_control_has_a_name(screens: &[&str]) {
    let cli = Cli::new();
    let reader = ScreenReader::start().await;
    let w = window(&cli, &reader).await;
    first_run(&w).await;
    let mut found = unnamed(&reader, "register").await;
    w.fill("register-name", "orders").await;
    w.click("register-submit").await;
    w.find("register-result").await;
    let mark = "document.body.dataset.read = 'on'";
    w.client.execute(mark, Vec::new()).await.expect("a script");
    for screen in screens {
        w.click(&format!("nav-{screen}")).await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        found.extend(unnamed(&reader, screen).await);
        w.exists("body[data-read=on]").await;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_every_control_of_lists_has_a_name() {
    every_control_has_a_name(&["applications", "configurations", "sessions"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_every_control_of_tools_has_a_name() {
    every_control_has_a_name(&["console", "activity"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_every_control_of_the_sandbox_has_a_name() {
    every_control_has_a_name(&["sandbox"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_every_control_of_settings_has_a_name() {
    every_control_has_a_name(&["settings"]).await;
}
