//! The applications as a table and as a calendar, their filters and notes, and the audit log of one of them.

use keywright_tests::{Cli, SandboxProcess, Window};

use crate::list_rows::{choose, names_are, sort_by_name};

const NAMES: [&str; 3] = ["billing", "catalog", "orders"];

fn vault(sandbox: &SandboxProcess) -> Cli {
    let cli = Cli::with_vault();
    cli.config_of(&sandbox.personality, "Work");
    for name in NAMES {
        cli.register_at(&sandbox.personality, name, "Work").json();
    }
    cli
}

#[tokio::test(flavor = "multi_thread")]
async fn window_filters_by_token_label_and_use() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    cli.run(&["token", "get", "catalog"]).json();
    let w = Window::unlocked(&cli.home()).await;
    // Nothing had the focus after the vault was opened: the list has it.
    w.find("app-list").await;
    assert_eq!(w.focused().await.as_deref(), Some("app-list"));

    w.click("app-filter-token").await;
    names_are(&w, &["catalog"]).await;
    w.click("app-filter-token").await;
    w.click("app-filter-long").await;
    w.says("app-position", "0 of 3").await;
    w.click("app-clear").await;

    // A label of an application leads to all that have it.
    w.click("app-row").await;
    w.click("about-labels").await;
    w.fill("label-text", "nightly").await;
    w.click("label-add").await;
    w.click("labels-save").await;
    w.click("about-label-nightly").await;
    w.says("app-position", "1 of 1, 3 in total").await;
    w.find("app-label-nightly").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("app-label-nightly").await;
    w.says("app-position", "of 3").await;

    // A note stays with the application.
    w.click("note-edit").await;
    w.fill("note-text", "Ask Mika before rotating.").await;
    w.click("note-save").await;
    w.says("app-note", "Ask Mika").await;
    w.close().await;
    let w = Window::unlocked(&cli.home()).await;
    w.says("app-note", "Ask Mika").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_shows_applications_as_a_table() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    w.click("app-view-open").await;
    w.find("app-table").await;
    w.click("app-sort-name").await;
    names_are(&w, &NAMES).await;
    w.exists("[role=columnheader][aria-sort=ascending]").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    // Enter opens the row where its detail is.
    w.click("app-search").await;
    w.type_keys("catalog").await;
    w.press(&["Enter"]).await;
    names_are(&w, &["catalog"]).await;
    w.press(&["Enter"]).await;
    w.says("app-detail", "catalog").await;
    // What the palette wants of an application is done there, too.
    w.click("app-view-open").await;
    w.find("app-table").await;
    w.press(&["F2"]).await;
    w.find("app-rename-input").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_calendar_shows_what_ends() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    cli.run(&["token", "get", "orders"]).json();
    let w = Window::unlocked(&cli.home()).await;
    w.click("app-view-open").await;
    w.click("app-view-calendar").await;
    w.says("calendar-totals", "3 without expiry").await;
    // The token ends within the hour: today, or tomorrow shortly before midnight.
    w.css("[data-testid=calendar-day]:not([data-count=\"0\"])")
        .await
        .click()
        .await
        .unwrap();
    w.says("calendar-end", "orders").await;
    w.says("calendar-end", "Access token").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    // Keys walk through the days, and into the weeks after.
    w.click("calendar-today").await;
    let before = w.text("calendar-span").await;
    w.css("[data-testid=calendar-day][tabindex=\"0\"]")
        .await
        .click()
        .await
        .unwrap();
    for _ in 0..5 {
        w.press(&["Down"]).await;
    }
    assert_eq!(w.focused().await.as_deref(), Some("calendar-day"));
    assert_ne!(w.text("calendar-span").await, before);
    w.click("calendar-today").await;
    w.css("[data-testid=calendar-day]:not([data-count=\"0\"])")
        .await
        .click()
        .await
        .unwrap();
    w.click("calendar-do").await;
    w.says("app-detail", "orders").await;
    w.find("token-get").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_audit_log_is_filtered_by_kind() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    w.click("app-row").await;
    w.click("secret-client_secret-copy").await;
    w.find("toast").await;
    w.click("nav-activity").await;
    w.click("activity-tab-audit").await;
    w.click("audit-kind-secrets").await;
    w.says("audit-row", "Copied").await;
    w.exists("[data-testid=audit-row] [title=\"Copied: client secret of orders (raw)\"], [data-testid=audit-row][data-action=secret_copied]").await;
    assert!(!w.page_text().await.contains("secret_copied"));
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("audit-kind-vault").await;
    w.says("audit-row", "Vault").await;
    w.click("audit-kind-calls").await;
    w.click("audit-clear").await;
    w.find("audit-export").await;
    w.close().await;
}

/// What had the focus is gone; it goes on where the next thing is to be done.
#[tokio::test(flavor = "multi_thread")]
async fn window_focus_goes_to_the_next_thing() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    sort_by_name(&w).await;
    names_are(&w, &NAMES).await;
    choose(&w, 2).await;
    w.says("app-detail", "catalog").await;
    w.press(&["Delete"]).await;
    w.click("delete-forget").await;
    w.click("delete-confirm").await;
    // The row after the one that is gone.
    names_are(&w, &["billing", "orders"]).await;
    w.says("app-detail", "orders").await;
    w.gone("delete-dialog").await;
    assert_eq!(w.focused().await.as_deref(), Some("app-list"));

    w.press(&["Control", "2"]).await;
    w.click("config-new").await;
    w.click("config-kind-okta").await;
    w.find("config-issuer").await;
    assert_eq!(w.focused().await.as_deref(), Some("config-name"));

    // From any tab of an application.
    w.press(&["Control", "1"]).await;
    w.says("app-detail", "orders").await;
    w.click("app-tab-registration").await;
    w.press(&["Control", "Enter"]).await;
    w.find("token-card").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_table_ticks_several_rows_with_the_mouse() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    w.click("app-view-open").await;
    w.find("app-table").await;
    for row in [2, 3] {
        let tick = format!("[aria-posinset=\"{row}\"] [data-testid=app-tick]");
        w.css(&tick).await.click().await.unwrap();
    }
    // The row that is open in the list is not among them.
    w.says("app-position", "2 selected of 3").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_keeps_a_filter_and_order_under_a_name() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    w.find("app-list").await;
    sort_by_name(&w).await;
    w.fill("app-search", "catal").await;
    names_are(&w, &["catalog"]).await;
    w.click("app-filters").await;
    w.click("app-view-save").await;
    w.fill("app-view-name", "Catalogs").await;
    w.click("app-view-keep").await;
    w.says("toast-text", "Catalogs").await;
    w.close().await;

    let w = Window::unlocked(&cli.home()).await;
    w.click("app-filters").await;
    w.find("app-views").await;
    let views = w.find("app-views").await;
    views.select_by_value("Catalogs").await.unwrap();
    names_are(&w, &["catalog"]).await;
    assert_eq!(w.value("app-search").await, "catal");
    assert_eq!(w.value("app-sort").await, "name");
    w.click("app-view-remove").await;
    w.gone("app-views").await;
    w.close().await;
}
