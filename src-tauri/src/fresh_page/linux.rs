//! `WebKitGTK`: the web process is ended by the call made for it, and loading starts another.

use tauri::WebviewWindow;
use webkit2gtk::WebViewExt;

pub(super) fn load(window: &WebviewWindow) -> tauri::Result<()> {
    window.with_webview(|view| {
        let view = view.inner();
        let address = view.uri();
        view.terminate_web_process();
        if let Some(address) = address {
            view.load_uri(&address);
        }
    })
}
