//! Takes a picture of every screen in both themes, both languages and both sizes.
//! The first argument is the folder, a second one `answers` leaves out most screens, any other takes pictures only of
//! screens whose name contains it; a third one such as `dark-ja` chooses one theme and language; see
//! `cargo xtask screenshots`.
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a chore; it fails by panicking"
)]

use std::path::PathBuf;

use keywright_tests::{Tour, Window};

const SIZES: [(u32, u32); 2] = [(1280, 800), (960, 640)];

#[tokio::main]
async fn main() {
    let folder = PathBuf::from(
        std::env::args()
            .nth(1)
            .expect("the folder for the pictures"),
    );
    std::fs::create_dir_all(&folder).expect("the folder is made");
    let tour =
        Tour::begin(async |w: &Window| pictures(w, &folder, "first-run", "light", "en").await)
            .await;
    let part = std::env::args().nth(2);
    let only_answers = part.as_deref() == Some("answers");
    let wanted = part.filter(|_| !only_answers);
    let chosen = std::env::args().nth(3);
    for theme in ["light", "dark"] {
        for language in ["en", "ja"] {
            let name = format!("{theme}-{language}");
            if chosen.as_ref().is_some_and(|chosen| *chosen != name) {
                continue;
            }
            eprintln!("{theme}, {language}");
            let visit = async |w: &Window, screen: &str| {
                if wanted.as_deref().is_none_or(|part| screen.contains(part)) {
                    pictures(w, &folder, screen, theme, language).await;
                }
            };
            if only_answers {
                tour.answers(theme, language, visit).await;
            } else {
                tour.walk(theme, language, visit).await;
            }
        }
    }
}

async fn pictures(w: &Window, folder: &std::path::Path, screen: &str, theme: &str, language: &str) {
    // Quick access has the size of what is in it.
    if screen.starts_with("quick") {
        tokio::time::sleep(std::time::Duration::from_millis(350)).await;
        let file = folder.join(format!("{screen}-{theme}-{language}.png"));
        w.picture(&file.display().to_string()).await;
        return;
    }
    for (width, height) in SIZES {
        w.resize(width, height).await;
        // Motion lasts 120 ms.
        tokio::time::sleep(std::time::Duration::from_millis(350)).await;
        let file = folder.join(format!("{screen}-{theme}-{language}-{width}.png"));
        w.picture(&file.display().to_string()).await;
    }
    w.resize(SIZES[0].0, SIZES[0].1).await;
}
