//! axe-core finds no violation on any screen, in either theme.

use keywright_tests::{Tour, Window};

#[tokio::test(flavor = "multi_thread")]
async fn window_has_no_violation_of_accessibility_on_any_screen() {
    let mut found = Vec::new();
    let mut seen = 0;
    let tour = Tour::begin(async |w: &Window| {
        found.extend(
            w.axe()
                .await
                .into_iter()
                .map(|violation| format!("first-run: {violation}")),
        );
    })
    .await;
    for (theme, language) in [("light", "en"), ("dark", "ja")] {
        tour.walk(theme, language, async |w: &Window, screen: &str| {
            seen += 1;
            // Motion lasts 120 ms; a colour half-way is no colour of ours.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            found.extend(
                w.axe()
                    .await
                    .into_iter()
                    .map(|violation| format!("{screen} ({theme}): {violation}")),
            );
        })
        .await;
    }
    assert!(seen >= 30, "only {seen} screens were seen");
    assert!(
        found.is_empty(),
        "{} violations:\n{}",
        found.len(),
        found.join("\n")
    );
}
