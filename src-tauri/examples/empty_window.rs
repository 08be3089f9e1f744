//! The least that Tauri can show: what the window is measured beside. See `cargo xtask bench`.

use tauri::{WebviewUrl, WebviewWindowBuilder};

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn main() {
    let ran = tauri::Builder::default()
        .setup(|app| {
            let page = "data:text/html,<title>empty</title><body style=background:teal>"
                .parse::<tauri::Url>()?;
            WebviewWindowBuilder::new(app, "empty", WebviewUrl::External(page))
                .title("Empty window")
                .inner_size(1280.0, 800.0)
                .incognito(true)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!());
    if let Err(error) = ran {
        eprintln!("{error}");
    }
}
