//! The scenes of the Sandbox: by keys, with a clock, for some of its providers, and back to the opening scene.

use keywright_tests::{Cli, Window};

#[tokio::test(flavor = "multi_thread")]
async fn window_secret_expires_when_its_clock_ends() {
    let cli = Cli::new();
    let w = Window::first_application(&cli.home(), "orders").await;

    w.press(&["Control", "6"]).await;
    w.find("scene-secret").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    // The clock runs on whatever screen is shown.
    w.press(&["7"]).await;
    w.find("scene-clock").await;
    w.find("nav-countdown").await;
    w.click("scene-more").await;
    w.click("scene-stop").await;
    w.gone("nav-countdown").await;
    assert!(!w.has("nav-faults").await);
    w.press(&["7"]).await;
    w.find("scene-clock").await;
    w.click("scene-now").await;
    w.says("nav-faults", "1 fault on").await;

    // The error names what was switched on.
    w.press(&["Control", "1"]).await;
    w.says("app-faults", "1 fault on").await;
    w.click("app-tab-tokens").await;
    w.click("token-get").await;
    w.says("fault-note", "Secrets have expired").await;
    // One key back, from any screen.
    w.press(&["Control", "Shift", "0"]).await;
    w.gone("nav-faults").await;
    w.click("token-get").await;
    w.find("token-card").await;

    // A clock that runs down begins the scene by itself.
    w.press(&["Control", "6"]).await;
    w.find("scene-secret").await;
    w.press(&["7"]).await;
    w.find("nav-countdown").await;
    w.press(&["Control", "1"]).await;
    w.says("nav-faults", "1 fault on").await;
    w.press(&["Control", "6"]).await;
    w.find("scene-secret").await;
    w.press(&["1"]).await;
    w.gone("nav-faults").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_tokens_of_a_new_key_are_verified() {
    let cli = Cli::new();
    let w = Window::first_application(&cli.home(), "orders").await;
    w.click("result-get-token").await;
    w.says("token-signature", "erified").await;
    let first = w.find("token-card").await.attr("data-id").await.unwrap();
    let before = w.text("token-key").await;

    w.press(&["Control", "6"]).await;
    w.find("scene-keys").await;
    w.press(&["8"]).await;
    w.says("nav-faults", "1 fault on").await;
    w.press(&["Control", "1"]).await;
    w.click("app-tab-tokens").await;
    w.click("token-get").await;
    let next = format!(
        "[data-testid=token-card]:not([data-id=\"{}\"])",
        first.unwrap()
    );
    w.css(&next).await;
    w.says("token-signature", "erified").await;
    assert_ne!(w.text("token-key").await, before, "another key signed it");
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_offers_sign_in_scenes_where_users_sign_in() {
    let cli = Cli::new();
    let w = Window::first_application(&cli.home(), "orders").await;
    w.press(&["Control", "6"]).await;
    w.find("scene-mix_up").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.press(&["9"]).await;
    w.says("nav-faults", "1 fault on").await;
    w.css("[data-testid=scene-mix_up][aria-pressed=true]").await;
    let select = w.find("scene-personality").await;
    select.select_by_value("http-bridge").await.unwrap();
    w.gone("scene-mix_up").await;
    assert!(w.has("scene-keys").await, "a scene of all providers");
    w.close().await;
}
