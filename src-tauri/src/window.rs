//! The main window: made from the configuration, contained in its own pages.

use std::path::PathBuf;

use tauri::{
    AppHandle, CloseRequestApi, Manager, Url, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    Wry, webview::NewWindowResponse,
};

use crate::{app_state::AppState, failure::Failure, quick_access, tray};

/// Label of the window in configuration and capabilities.
pub(crate) const LABEL: &str = "main";
/// The title, always: no name of an application ever stands in a task bar or a window list.
pub(crate) const TITLE: &str = "Keywright";

/// Makes the window. Nothing of the web side is kept on disk: no cache, no cookies, no storage.
pub(crate) fn open(
    app: &AppHandle,
    web_profile: Option<PathBuf>,
) -> Result<WebviewWindow, Failure> {
    let configured = app
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == LABEL);
    let configured = configured.ok_or(Failure::NoWindow)?;
    let builder = WebviewWindowBuilder::from_config(app, configured)?;
    let window = contained(builder, web_profile).build()?;
    let of_app = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            closing(&of_app, api);
        }
    });
    Ok(window)
}

/// What holds for every window: its own pages alone, no other window, nothing kept on disk.
pub(crate) fn contained(
    builder: WebviewWindowBuilder<'_, Wry, AppHandle>,
    web_profile: Option<PathBuf>,
) -> WebviewWindowBuilder<'_, Wry, AppHandle> {
    let builder = builder
        .title(TITLE)
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny);
    match web_profile {
        Some(folder) => builder.data_directory(folder),
        None => builder.incognito(true),
    }
}

/// The cross: the program ends, or stays in the tray where the user chose that and there is a way back.
fn closing(app: &AppHandle, api: &CloseRequestApi) {
    let stays = app
        .state::<AppState>()
        .keywright
        .preferences()
        .is_ok_and(|preferences| preferences.keep_in_tray);
    if !stays || !tray::is_shown(app) {
        // The program ends with its last window.
        quick_access::close(app);
        return;
    }
    api.prevent_close();
    let hidden = app
        .get_webview_window(LABEL)
        .map_or(Ok(()), |window| window.hide());
    if let Err(error) = hidden {
        tracing::warn!(%error, "the window does not hide");
    }
}

/// A test drives the window through the automation of the system's web view. A release build knows
/// no automation.
pub(crate) fn automated() -> bool {
    cfg!(debug_assertions)
        && std::env::var("TAURI_WEBVIEW_AUTOMATION").is_ok_and(|value| value == "true")
}

/// Automation exists only in views that are not private; without it the view is always private.
pub(crate) fn web_profile(home: &std::path::Path) -> Option<PathBuf> {
    automated().then(|| home.join("web"))
}

/// Brings the window before the user: a second start of the program does this instead.
pub(crate) fn show(app: &AppHandle) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window(LABEL) else {
        return Ok(());
    };
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

/// The window stays on the pages inside the program.
fn is_own_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Windows and Android serve the same pages under this name.
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn t34_only_the_programs_own_pages_can_be_shown() {
        let own = |text: &str| is_own_page(&Url::parse(text).unwrap());
        assert!(own("tauri://localhost/"));
        assert!(own("http://tauri.localhost/index.html"));
        for other in [
            "https://example.com/",
            "http://localhost/",
            "http://127.0.0.1:1420/",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:alert(1)",
            "tauri://example.com/",
            "about:blank",
            "https://tauri.localhost.example.com/",
            "blob:tauri://localhost/1",
        ] {
            assert!(!own(other), "{other} must not be shown");
        }
    }

    fn configuration() -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string("tauri.conf.json").unwrap()).unwrap()
    }

    #[test]
    fn t34_the_policy_of_the_pages_allows_nothing_unsafe_and_nobody_elses() {
        let configuration = configuration();
        let security = &configuration["app"]["security"];
        let policy = security["csp"].as_object().unwrap();
        assert_eq!(policy["default-src"], "'none'");
        for (directive, sources) in policy {
            for source in sources.as_str().unwrap().split_ascii_whitespace() {
                let known = ["'none'", "'self'", "data:", "ipc:", "http://ipc.localhost"];
                assert!(known.contains(&source), "{directive} allows {source}");
                assert!(source != "data:" || directive == "img-src", "{directive}");
            }
        }
        for name in ["base-uri", "form-action", "frame-ancestors", "object-src"] {
            assert_eq!(
                policy[name], "'none'",
                "default-src does not speak of {name}"
            );
        }
        assert!(security["dangerousDisableAssetCspModification"].is_null());
        assert_eq!(configuration["app"]["withGlobalTauri"], false);
    }

    #[test]
    fn t35_a_release_has_neither_developer_tools_nor_a_dev_server() {
        let build = &configuration()["build"];
        for name in ["devUrl", "devPath", "beforeDevCommand"] {
            assert!(build[name].is_null(), "{name}");
        }
        for manifest in ["../Cargo.toml", "Cargo.toml"] {
            let text = std::fs::read_to_string(manifest).unwrap();
            assert!(!text.contains("devtools"), "{manifest} asks for them");
        }
        let tree = std::fs::read_to_string("src/window.rs").unwrap();
        let asked: Vec<&str> = tree
            .lines()
            .filter(|line| line.trim_start().starts_with(".devtools("))
            .collect();
        assert_eq!(asked, ["        .devtools(cfg!(debug_assertions))"]);
        let carries_pages = cfg!(feature = "custom-protocol");
        assert!(carries_pages, "the pages are inside the program");
    }
}
