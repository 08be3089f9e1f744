//! The palette: actions on the chosen and on any typed application, by keys alone.

use keywright_tests::{Cli, Clipboard, SandboxProcess, Window};

async fn typed(w: &Window, text: &str) {
    w.press(&["Control", "k"]).await;
    w.find("palette-text").await;
    w.type_keys(text).await;
}

/// The line that Enter runs.
async fn on(w: &Window, text: &str) {
    let begun = std::time::Instant::now();
    loop {
        let script =
            "return document.querySelector('[data-testid=palette] .o.on')?.innerText ?? ''";
        let found = w.client.execute(script, Vec::new()).await.unwrap();
        let line = found.as_str().unwrap_or_default().replace('\n', " ");
        if line.contains(text) {
            return;
        }
        assert!(
            begun.elapsed().as_secs() < 30,
            "{line:?} is on, not {text:?}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }
}

fn copied(w: &Window) -> String {
    Clipboard::of(&w.display.name)
        .get("UTF8_STRING")
        .unwrap_or_default()
}

fn vault(sandbox: &SandboxProcess) -> Cli {
    let cli = Cli::with_vault();
    let there = &sandbox.personality;
    cli.config_of(there, "Work");
    for name in ["billing-sync", "reports", "orders-batch"] {
        cli.register_at(there, name, "Work").json();
    }
    cli
}

#[tokio::test(flavor = "multi_thread")]
async fn window_palette_copies_a_token_of_a_typed_application() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    // First letters of the parts of a name, then a word of the action.
    typed(&w, "bs tokn").await;
    on(&w, "billing-sync › Copy token gets a new token first").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    // Run and stay: the palette is open, and the action has a clock.
    w.press(&["Control", "Enter"]).await;
    w.says("toast-text", "Access token copied").await;
    w.find("palette-text").await;
    on(&w, "14:").await;
    let token = copied(&w);
    let token_of = cli
        .run(&["token", "get", "billing-sync", "--format", "raw"])
        .json();
    assert_eq!(token_of["access_token"], token.as_str());
    w.press(&["Escape"]).await;
    w.gone("palette").await;

    // Tab: what can be done with an application; the last used first.
    typed(&w, "bill").await;
    w.css("[data-testid^=palette-application-]").await;
    w.press(&["Tab"]).await;
    w.says("palette-object", "billing-sync").await;
    on(&w, "Copy token").await;
    w.type_keys("secret").await;
    on(&w, "Copy client secret Ctrl Alt C").await;
    w.press(&["Enter"]).await;
    w.gone("palette").await;
    w.says("toast-text", "Client secret copied").await;
    let shown = cli.run(&["app", "show", "billing-sync", "--reveal"]).json();
    assert_eq!(shown["client_secret"], copied(&w).as_str());
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_palette_acts_on_the_chosen_application() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    w.says("app-detail", "orders-batch").await;
    typed(&w, "rotate").await;
    on(&w, "orders-batch › Rotate secret…").await;
    w.press(&["Enter"]).await;
    w.says("rotate-dialog", "orders-batch").await;
    w.press(&["Escape"]).await;

    typed(&w, "repo rename").await;
    on(&w, "reports › Rename F2").await;
    w.press(&["Enter"]).await;
    w.find("app-rename-input").await;
    assert_eq!(w.focused().await.as_deref(), Some("app-rename-input"));
    w.type_keys("monthly").await;
    w.press(&["Enter"]).await;
    w.says("app-detail", "monthly").await;

    typed(&w, "labels").await;
    on(&w, "monthly › Labels…").await;
    w.press(&["Enter"]).await;
    w.find("label-text").await;
    w.tab_to("label-text").await;
    w.type_keys("finance").await;
    w.press(&["Enter"]).await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.enter_on("labels-save").await;
    w.says("app-detail", "finance").await;
    assert_eq!(
        cli.run(&["app", "show", "monthly"]).json()["labels"][0],
        "finance"
    );
    w.press(&["Control", "z"]).await;
    w.gone("label-remove").await;

    // A word that is nowhere makes nothing, not even on offer.
    typed(&w, "zzqq").await;
    w.find("palette-none").await;
    w.press(&["Enter"]).await;
    w.find("palette-none").await;
    w.press(&["Escape"]).await;
    w.gone("palette").await;
    typed(&w, "mont compare").await;
    on(&w, "monthly › Compare three ways").await;
    w.press(&["Enter"]).await;
    w.find("console-url").await;
    assert!(w.value("console-application").await.contains("monthly"));
    typed(&w, "lock").await;
    on(&w, "Lock now").await;
    w.press(&["Enter"]).await;
    w.find("unlock-passphrase").await;
    w.close().await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 3);
}

/// Types a text and Enter in one go, faster than any list can follow.
async fn typed_and_entered(w: &Window, text: &str) {
    const ENTER: char = '\u{e007}';
    w.type_keys(&format!("{text}{ENTER}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_enter_means_what_was_typed_and_not_an_older_list() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = vault(&sandbox);
    let w = Window::unlocked(&cli.home()).await;
    w.says("app-detail", "orders-batch").await;
    w.press(&["Control", "k"]).await;
    w.find("palette-text").await;
    typed_and_entered(&w, "reports").await;
    w.gone("palette").await;
    w.says("app-detail", "reports").await;

    // A call would go out with the credentials of what is chosen here.
    w.click("nav-console").await;
    w.click("console-application").await;
    w.css("[data-testid=console-application-option]").await;
    typed_and_entered(&w, "billing").await;
    w.gone("console-application-option").await;
    let begun = std::time::Instant::now();
    while w.value("console-application").await != "billing-sync" {
        assert!(begun.elapsed().as_secs() < 30, "another one is chosen");
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }
    w.close().await;
}
