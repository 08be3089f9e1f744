//! The list of applications: search by keys, several at once, the menu of a row, pins, panes that stay as they were put.

use keywright_tests::{Cli, SandboxProcess, Window};
use serde_json::Value;

use crate::list_rows::{choose, names_are, sort_by_name};

const NAMES: [&str; 4] = ["billing", "catalog", "orders", "reports"];

fn vault(sandbox: &SandboxProcess) -> Cli {
    let cli = Cli::with_vault();
    cli.config_of(&sandbox.personality, "Work");
    for name in NAMES {
        cli.register_at(&sandbox.personality, name, "Work").json();
    }
    cli
}

async fn width_of_the_list(w: &Window) -> f64 {
    let script = "return document.querySelector('[data-pane=list]').getBoundingClientRect().width";
    let found = w.client.execute(script, Vec::new()).await.unwrap();
    found.as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn window_search_leads_to_its_first_hit() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    cli.run(&["token", "get", "orders"]).json();
    let w = Window::unlocked(&cli.home()).await;
    w.says("app-row-clock", ":").await;
    w.click("app-search").await;
    w.type_keys("billi").await;
    // At once, before the search has answered.
    w.press(&["Down"]).await;
    w.says("app-detail", "billing").await;
    assert_eq!(w.focused().await.as_deref(), Some("app-list"));
    w.says("app-position", "1 of 1, 4 in total").await;

    w.press(&["/"]).await;
    w.type_keys("repo").await;
    w.press(&["Enter"]).await;
    w.says("app-detail", "reports").await;
    assert_eq!(w.focused().await.as_deref(), Some("app-list"));
    // Without a hit the detail shows nothing else.
    w.press(&["/"]).await;
    // At once: part of it would be found.
    w.paste("app-search", "nowhere").await;
    w.says("app-position", "0 of 4").await;
    w.gone("app-detail").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.press(&["Escape"]).await;
    w.says("app-detail", "reports").await;

    w.click("app-filters").await;
    w.find("app-filter-unused")
        .await
        .select_by_value("30")
        .await
        .unwrap();
    w.says("app-position", "0 of 4").await;
    w.click("app-clear").await;
    w.says("app-position", "of 4").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_changes_several_applications_at_once() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    sort_by_name(&w).await;
    names_are(&w, &NAMES).await;
    choose(&w, 2).await;
    w.says("app-detail", "catalog").await;
    w.press(&["Shift", "Down"]).await;
    w.find("selection").await;
    w.says("app-position", "2 selected of 4").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("selection-labels").await;
    w.fill("label-text", "night").await;
    w.click("label-add").await;
    w.click("labels-save").await;
    w.says("toast-text", "Labels of 2 applications changed")
        .await;
    for name in ["catalog", "orders"] {
        let shown = cli.run(&["app", "show", name]).json();
        assert_eq!(shown["labels"][0], "night", "{name}");
    }
    w.click("selection-export").await;
    w.click("selection-export-csv").await;
    w.says("toast-text", "without secrets").await;

    w.click("selection-delete").await;
    w.says("delete-many-confirm", "Forget 2 applications").await;
    w.enter_on("delete-many-confirm").await;
    w.find("delete-many-dialog").await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 4);
    w.press(&["Space"]).await;
    names_are(&w, &["billing", "reports"]).await;
    w.press(&["Control", "z"]).await;
    names_are(&w, &NAMES).await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_row_menu_pins_an_application() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    sort_by_name(&w).await;
    names_are(&w, &NAMES).await;
    choose(&w, 3).await;
    w.says("app-detail", "orders").await;
    w.press(&["Shift", "F10"]).await;
    w.find("app-menu").await;
    assert_eq!(
        w.focused().await.as_deref(),
        Some("app-menu-copy_token"),
        "the first line has the focus"
    );
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.press(&["Escape"]).await;
    w.gone("app-menu").await;
    assert_eq!(w.focused().await.as_deref(), Some("app-list"));
    w.press(&["Shift", "F10"]).await;
    w.click("app-menu-pin").await;
    names_are(&w, &["orders", "billing", "catalog", "reports"]).await;

    // F2 renames; what was done is taken back by Ctrl Z.
    w.press(&["F2"]).await;
    w.find("app-rename-input").await;
    w.type_keys("orders-night").await;
    w.press(&["Enter"]).await;
    w.says("app-detail", "orders-night").await;
    w.says("toast-text", "Renamed").await;
    w.press(&["Control", "z"]).await;
    names_are(&w, &["orders", "billing", "catalog", "reports"]).await;

    // The pane keeps its width over a lock.
    let before = width_of_the_list(&w).await;
    w.tab_to("applications-edge").await;
    for _ in 0..3 {
        w.press(&["Right"]).await;
    }
    let wider = width_of_the_list(&w).await;
    assert!((wider - before - 24.0).abs() < 2.0, "{before} {wider}");
    w.press(&["Control", "l"]).await;
    w.unlock().await;
    // A list that is opened again shows those used last first, below the pinned one.
    names_are(&w, &["orders", "reports", "catalog", "billing"]).await;
    let found = width_of_the_list(&w).await;
    assert!((found - wider).abs() < 1.0, "{found} {wider}");
    w.close().await;
    let all = cli.run(&["app", "list"]).json();
    let pinned: Vec<&Value> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["pinned"] == true)
        .collect();
    assert_eq!(pinned.len(), 1);
}
