//! `WebKitGTK`: the web process is ended by the call made for it, and loading starts another.

use tauri::WebviewWindow;
use webkit2gtk::WebViewExt;

use crate::window;

pub(super) fn load(page: &WebviewWindow) -> tauri::Result<()> {
    page.with_webview(|view| {
        let view = view.inner();
        let address = view.uri();
        // The driver of a test takes the end of the process for a crash and leaves.
        if !window::automated() {
            view.terminate_web_process();
        }
        if let Some(address) = address {
            view.load_uri(&address);
        }
    })
}
