//! Presenter mode: what an audience that sees the screen gets to see.

use std::time::Duration;

use keywright_tests::{Clipboard, Known, Window};
use serde_json::{Value, json};

const TENANT: &str = "3f0c9a52-0d7e-4f4b-9a31-8e6f2f1c4e20";
const HOST: &str = "login.corp-internal.com";

async fn unlock(w: &Window) {
    w.fill("unlock-passphrase", Known::PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.find("lock-now").await;
}

async fn toggled(w: &Window) {
    w.press(&["Control", "Shift", "p"]).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
}

async fn shows(w: &Window, text: &str) {
    for _ in 0..200 {
        if w.page_text().await.contains(text) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the page does not show {text}");
}

async fn inner_width(w: &Window) -> i64 {
    let width = w.client.execute("return innerWidth", Vec::new()).await;
    width.unwrap().as_i64().unwrap()
}

/// Asks the core as a script would that got into the page.
async fn asked(w: &Window, command: &str, arguments: Value) -> Value {
    let script = "const done = arguments[2];\
        window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then(done, (e) => done({ refused: e.code }))";
    w.client
        .execute_async(script, vec![json!(command), arguments])
        .await
        .unwrap()
}

/// The same with the header that marks what passed presenter mode; its value is not known to a page.
async fn asked_as(w: &Window, command: &str, arguments: Value) -> Value {
    let script = "const done = arguments[2];\
        window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1], { headers: { 'keywright-passed': '1' } })\
            .then(done, (e) => done({ refused: e.code }))";
    w.client
        .execute_async(script, vec![json!(command), arguments])
        .await
        .unwrap()
}

/// The keys that zoom the page step through the sizes, from 150 % and back.
async fn steps_by_keys(w: &Window, at_150: i64) {
    for (keys, larger) in [(["Control", "+"], true), (["Control", "-"], false)] {
        w.press(&keys).await;
        for _ in 0..200 {
            if (inner_width(w).await < at_150) == larger {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let width = inner_width(w).await;
        assert_eq!(width < at_150, larger, "{keys:?} gives {width}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t42_window_presenter_mode_shows_pseudonyms_and_no_secret() {
    let known = Known::new();
    let issuer = format!("https://{HOST}/{TENANT}/v2.0");
    let corp = known.cli.config("Corp", &issuer, &[]);
    let shown = known.cli.run(&["app", "show", "orders"]).json();
    let client_id = shown["client_id"].as_str().unwrap();
    let secret = json!({ "secret": { "kind": "client_secret", "application_id": shown["id"] } });

    let w = Window::open(&known.cli.home()).await;
    unlock(&w).await;
    w.click("app-row").await;
    w.says("app-client-id", client_id).await;
    w.find("secret-client_secret-reveal").await;
    let width = inner_width(&w).await;

    toggled(&w).await;
    // One pane, and a dot that says what is hidden.
    w.find("presenter-dot").await;
    assert!(!w.page_text().await.contains("Lock now"));
    w.enter_on("presenter-dot").await;
    w.says("presenter-panel", "Screen capture cannot be blocked")
        .await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.press(&["Escape"]).await;
    w.gone("presenter-panel").await;
    assert_eq!(w.focused().await.as_deref(), Some("presenter-dot"));
    w.says("app-client-id", "demo-client-").await;
    let pseudonym = w.text("app-client-id").await;
    assert!(!w.page_source().await.contains(client_id));
    assert!(inner_width(&w).await < width, "everything is larger");

    // From here on there are keys alone: the mouse of the driver misses what is zoomed.

    // Nothing is revealed, not even to a script that asks the core.
    assert!(!w.has("secret-client_secret-reveal").await);
    let answer = asked(&w, "secret_reveal", secret.clone()).await;
    assert_eq!(answer["refused"], "presenter");
    // Names are replaced before an answer enters the page.
    let answer = asked(&w, "application_get", json!({ "id": shown["id"] })).await;
    assert_eq!(answer["client_id"], pseudonym.as_str());
    assert!(!answer.to_string().contains(client_id), "{answer}");
    let forged = asked_as(&w, "application_get", json!({ "id": shown["id"] })).await;
    assert_eq!(forged["client_id"], pseudonym.as_str());

    // What is copied is the real thing.
    w.enter_on("app-client-id-copy").await;
    w.find("toast").await;
    let clipboard = Clipboard::of(&w.display.name);
    assert_eq!(clipboard.get("UTF8_STRING").as_deref(), Some(client_id));
    w.enter_on("secret-client_secret-copy").await;
    w.says("toast", "Client secret").await;
    assert_eq!(
        clipboard.get("UTF8_STRING").as_deref(),
        Some(known.value("client secret"))
    );

    // A configuration is shown with pseudonyms, and saved with what it had.
    w.press(&["Control", "2"]).await;
    shows(&w, "demo-provider-").await;
    let rows =
        "document.querySelector(`[data-testid=config-row][data-id=\"${arguments[0]}\"]`).click()";
    w.client
        .execute(rows, vec![corp["id"].clone()])
        .await
        .unwrap();
    shows(&w, "used by 0").await;
    let source = w.page_source().await;
    let typed = w.value("config-issuer").await;
    assert!(
        typed.starts_with("https://host-") && typed.contains(".example/00000000-0000-4000-8000-"),
        "{typed}"
    );
    for name in [HOST, TENANT, "Corp"] {
        assert!(!source.contains(name), "{name} is in the page");
    }
    w.fill("config-name", "Corporate").await;
    w.enter_on("config-save").await;
    w.find("toast").await;
    let saved = known.cli.run(&["config", "show", "Corporate"]).json();
    assert_eq!(saved["issuer"], issuer.as_str());

    // It outlives a lock, and the pseudonyms stay the same.
    w.press(&["Control", "l"]).await;
    w.fill("unlock-passphrase", Known::PASSPHRASE).await;
    w.press(&["Enter"]).await;
    w.find("presenter").await;
    w.press(&["Control", "1"]).await;
    w.says("app-client-id", &pseudonym).await;

    // The other panes come when they are asked for.
    w.enter_on("presenter-menu").await;
    w.find("lock-now").await;
    w.find("app-list").await;
    w.enter_on("presenter-dot").await;
    let at_125 = inner_width(&w).await;
    w.tab_to("presenter-size-125").await;
    w.press(&["Right"]).await;
    for _ in 0..200 {
        if inner_width(&w).await < at_125 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let at_150 = inner_width(&w).await;
    assert!(at_150 < at_125, "150 % is larger");
    steps_by_keys(&w, at_150).await;
    assert_eq!(inner_width(&w).await, at_150);

    w.enter_on("presenter-off").await;
    w.says("app-client-id", client_id).await;
    assert!(!w.has("presenter").await);
    assert_eq!(inner_width(&w).await, width);
    let answer = asked(&w, "secret_reveal", secret).await;
    assert_eq!(answer["value"], known.value("client secret"));
    w.close().await;
}
