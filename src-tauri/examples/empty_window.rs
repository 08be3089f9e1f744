//! The least that Tauri can show: what the window is compared with. See `cargo xtask bench`.

use tauri::{Url, WebviewUrl, WebviewWindowBuilder, http::Response};

const PAGE: &[u8] = b"<!doctype html><title>empty</title><body style=\"background:teal\">";

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn main() {
    let ran = tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| Response::new(PAGE))
        .setup(|app| {
            let page = WebviewUrl::CustomProtocol(Url::parse("empty://localhost/")?);
            WebviewWindowBuilder::new(app, "empty", page)
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
