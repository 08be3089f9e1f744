//! Files that the window writes where the user wants them, through the dialog of the system.

use std::path::{Path, PathBuf};

use keywright_tests::{Cli, FileDialog, Window};
use tokio::task::block_in_place;

/// A folder whose path a keyboard types without Shift.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("keywright-save-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Saves what a button offers; the text of the file.
async fn saved(w: &Window, button: &str, file: &Path) -> String {
    w.click(button).await;
    block_in_place(|| FileDialog::of(w).choose(file));
    w.says("toast", &file.display().to_string()).await;
    let said = w.text("toast").await;
    w.click("toast-dismiss").await;
    w.gone("toast").await;
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{said}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn window_saves_files_where_the_dialog_says() {
    let cli = Cli::new();
    let folder = Folder::new();
    let w = Window::first_application(&cli.home(), "orders").await;
    w.click("secret-client_secret-reveal").await;
    let secret = w.text("secret-client_secret-value").await;
    assert!(secret.len() >= 16);
    w.click("result-get-token").await;
    w.says("token-signature", "erified").await;

    w.click("nav-activity").await;
    w.click("activity-tab-stories").await;
    w.click("story-row").await;
    w.find("story-steps").await;
    for (form, begin) in [("html", "<!doctype html"), ("svg", "<svg"), ("har", "{")] {
        w.click("story-export").await;
        let file = folder.0.join(format!("story.{form}"));
        let text = saved(&w, &format!("story-export-save-{form}"), &file).await;
        let head = text.trim_start().to_lowercase();
        assert!(head.starts_with(begin), "{form}: {head:.80}");
        assert!(!text.contains(&secret), "{form} has no secret");
    }
    w.click("activity-tab-audit").await;
    let audit = saved(&w, "audit-export", &folder.0.join("audit.csv")).await;
    assert!(audit.contains("orders"), "{audit:.200}");
    w.click("nav-applications").await;
    w.click("app-view-open").await;
    w.click("app-view-calendar").await;
    let calendar = saved(&w, "calendar-save", &folder.0.join("ends.ics")).await;
    assert!(
        calendar.starts_with("BEGIN:VCALENDAR\r\n"),
        "{calendar:.80}"
    );

    // A dialog that is closed writes nothing and says nothing.
    w.click("calendar-save").await;
    block_in_place(|| FileDialog::of(&w).cancel());
    assert!(!w.has("toast").await);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 5);
    w.close().await;
}
