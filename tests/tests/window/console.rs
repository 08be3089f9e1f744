//! The console: its history, saved calls and query parameters.

use keywright_tests::{Cli, SandboxProcess, Window};

#[tokio::test(flavor = "multi_thread")]
async fn window_console_repeats_a_call_of_its_history() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config_of(&sandbox.personality, "Work");
    cli.register_at(&sandbox.personality, "orders", "Work")
        .json();
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", "correct horse battery").await;
    w.click("unlock-submit").await;
    w.click("app-call").await;
    w.find("console-url").await;
    // The address is the next thing to do.
    assert_eq!(w.focused().await.as_deref(), Some("console-url"));
    let api = sandbox.personality["api_url"].as_str().unwrap();
    w.fill("console-url", api).await;
    w.click("console-more").await;
    w.click("console-query-add").await;
    w.fill("console-query-name-0", "page").await;
    w.fill("console-query-value-0", "2 3").await;
    assert_eq!(w.value("console-url").await, format!("{api}?page=2%203"));
    w.click("console-send").await;
    w.says("console-response", "200").await;
    w.fill("console-url", &format!("{api}/none")).await;
    // Enter sends what changes nothing.
    w.press(&["Enter"]).await;
    w.says("console-response", "404").await;

    w.click("console-history").await;
    w.says("console-history-dialog", "/none").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    // The older call, below.
    w.css("li:last-child > [data-testid=console-past-save]")
        .await
        .click()
        .await
        .unwrap();
    w.exists("li:first-child > [data-testid=console-past-save][aria-pressed=true]")
        .await;
    w.css("li:first-child > [data-testid=console-past]")
        .await
        .click()
        .await
        .unwrap();
    w.gone("console-history-dialog").await;
    assert_eq!(w.value("console-url").await, format!("{api}?page=2%203"));
    w.close().await;
}
