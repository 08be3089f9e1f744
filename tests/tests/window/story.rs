//! Activity as stories, full screen, and exported without a secret; Compare with a headline that the answers give.

use keywright_tests::{Cli, Clipboard, SandboxProcess, Window};
use serde_json::json;

fn copied(w: &Window) -> String {
    Clipboard::of(&w.display.name)
        .get("UTF8_STRING")
        .unwrap_or_default()
}

async fn count(w: &Window, selector: &str) -> u64 {
    let script = "return document.querySelectorAll(arguments[0]).length";
    let found = w.client.execute(script, vec![json!(selector)]).await;
    found.unwrap().as_u64().unwrap()
}

/// Scroll bars of the page below, which the engine would draw over the stage.
async fn scroll_bars_below(w: &Window) -> u64 {
    let script = "return [...document.querySelectorAll('.screen *')].filter((one) => \
        one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY) && \
        getComputedStyle(one).scrollbarWidth !== 'none').length";
    let found = w.client.execute(script, Vec::new()).await;
    found.unwrap().as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn window_tells_one_story_from_registration_to_session() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = &sandbox.personality;
    cli.config_of(there, "Work");
    cli.register_at(there, "orders", "Work").json();
    let token = cli
        .run(&["token", "get", "orders", "--format", "raw"])
        .json();
    let secret = cli.run(&["app", "show", "orders", "--reveal"]).json();
    let api = there["api_url"].as_str().unwrap();
    for way in ["client-credentials", "session"] {
        cli.run(&["call", "GET", api, "--app", "orders", "--auth", way])
            .json();
    }
    let w = Window::unlocked(&cli.home()).await;
    w.click("nav-activity").await;
    w.says("story-row", "to API call").await;
    w.says("story-row", "orders · Work").await;
    w.click("story-row").await;
    w.find("story-steps").await;
    // Four lanes, and what happens inside the gateway is dashed.
    assert_eq!(count(&w, ".lanes .lane").await, 4);
    assert_eq!(count(&w, "[data-testid=story-step].inferred").await, 2);
    assert_eq!(w.axe().await, Vec::<String>::new());

    let before = w.focused().await;
    assert!(before.is_some(), "something has the focus");
    w.press(&["F5"]).await;
    w.find("stage").await;
    assert_eq!(scroll_bars_below(&w).await, 0, "the stage");
    let first = w.text("stage-caption").await;
    assert!(!first.is_empty());
    w.press(&["End"]).await;
    w.says("stage-caption", "responds with status 200").await;
    w.press(&["Home"]).await;
    w.says("stage-caption", &first).await;
    w.press(&["Right"]).await;
    w.says("stage-at", "Message 2 of").await;
    // The message scrolls by keys while it has the focus, and the steps wait.
    w.press(&["Tab"]).await;
    assert_eq!(w.focused().await.as_deref(), Some("stage-wire"));
    w.press(&["Down"]).await;
    w.says("stage-at", "Message 2 of").await;
    w.press(&["Tab"]).await;
    assert_eq!(w.focused().await.as_deref(), Some("stage"));
    w.press(&["w"]).await;
    w.gone("stage-wire").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.press(&["Escape"]).await;
    w.gone("stage").await;
    assert_eq!(w.focused().await, before);

    // One page that needs nothing else; nothing of it is secret.
    for form in ["html", "svg", "mermaid", "har"] {
        w.click("story-export").await;
        w.click(&format!("story-export-{form}")).await;
        w.says("toast-text", "without secrets").await;
        let begun = std::time::Instant::now();
        let mut text = copied(&w);
        let mark = match form {
            "html" => "<!doctype html>",
            "svg" => "<svg",
            "mermaid" => "sequenceDiagram",
            _ => "\"log\"",
        };
        while !text.contains(mark) {
            assert!(begun.elapsed().as_secs() < 20, "{form}: {text}");
            text = copied(&w);
        }
        for hidden in [&token["access_token"], &secret["client_secret"]] {
            let hidden = hidden.as_str().unwrap();
            assert!(hidden.len() > 20);
            assert!(!text.contains(hidden), "{form}");
        }
        assert!(!text.contains("<script"), "{form}");
    }
    w.fill("activity-search", "orders:nothing").await;
    w.gone("story-row").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_probes_of_verify_are_no_errors() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config_of(&sandbox.personality, "Work");
    cli.run(&["config", "verify", "Work"]).json();
    let w = Window::unlocked(&cli.home()).await;
    w.click("nav-activity").await;
    w.says("story-row", "Verification").await;
    w.says("story-row", "probe").await;
    w.click("activity-errors").await;
    w.gone("story-row").await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_compare_says_what_the_answers_say() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = &sandbox.personality;
    cli.config_of(there, "Work");
    cli.register_at(there, "orders", "Work").json();
    let api = there["api_url"].as_str().unwrap();
    let w = Window::unlocked(&cli.home()).await;
    w.click("app-row").await;
    w.click("app-call").await;
    w.fill("console-url", api).await;
    w.click("console-compare").await;
    w.says("compare-headline", "Same data, same identity").await;
    w.says("result-client-credentials", "1 by the gateway")
        .await;
    w.says("result-bearer", "2 requests, token fetched").await;
    assert_eq!(count(&w, "[data-testid=compare-path]").await, 1);
    w.says("compare-path", "body.authenticated_by").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("compare-copy").await;
    w.says("toast-text", "Markdown").await;
    assert!(copied(&w).starts_with("## Same data, same identity"));

    // Nothing listens there.
    w.fill("console-url", "http://127.0.0.1:9/orders").await;
    w.click("console-compare").await;
    w.says("compare-headline", "No response from any of the three")
        .await;
    assert_eq!(count(&w, "[data-testid=compare-path]").await, 0);
    w.close().await;
}
