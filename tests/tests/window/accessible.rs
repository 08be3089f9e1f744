//! axe-core finds no violation on any screen, in either theme.

use keywright_tests::{Tour, Window};

#[tokio::test(flavor = "multi_thread")]
async fn window_in_light_english_has_no_accessibility_violation() {
    no_screen_has_a_violation("light", "en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_in_dark_japanese_has_no_accessibility_violation() {
    no_screen_has_a_violation("dark", "ja").await;
}

async fn no_screen_has_a_violation(theme: &str, language: &str) {
    let mut found = Vec::new();
    let mut seen = 0;
    let tour = Tour::begin(async |w: &Window| {
        found.extend(violations(w, "first-run").await);
    })
    .await;
    tour.walk(theme, language, async |w: &Window, screen: &str| {
        seen += 1;
        // Motion lasts 120 ms; a colour half-way is no colour of ours.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        found.extend(violations(w, screen).await);
    })
    .await;
    assert!(seen >= 30, "only {seen} screens were seen");
    assert!(
        found.is_empty(),
        "{} violations:\n{}",
        found.len(),
        found.join("\n")
    );
}

async fn violations(w: &Window, screen: &str) -> Vec<String> {
    let found = w.axe().await;
    found
        .into_iter()
        .map(|violation| format!("{screen}: {violation}"))
        .collect()
}
