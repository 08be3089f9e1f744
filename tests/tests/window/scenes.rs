//! The scenes of the Sandbox: by keys, with a clock, and back to the opening scene.

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
