//! `WebKitGTK`: the web process is ended by the call made for it, and loading starts another.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use tauri::WebviewWindow;
use webkit2gtk::{WebProcessTerminationReason, WebViewExt};

use crate::window;

/// A page that dies as often within this time would die again.
const DEATHS: usize = 3;
const WITHIN: Duration = Duration::from_secs(10);

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

pub(super) fn end(page: &WebviewWindow) -> tauri::Result<()> {
    // The driver of a test takes the end of the process for a crash and leaves.
    if window::automated() {
        return Ok(());
    }
    page.with_webview(|view| view.inner().terminate_web_process())
}

pub(super) fn watch(page: &WebviewWindow) -> tauri::Result<()> {
    page.with_webview(|view| {
        let deaths = RefCell::new(Deaths::default());
        view.inner()
            .connect_web_process_terminated(move |view, reason| {
                // Ended by a lock, which loads the page itself.
                if reason == WebProcessTerminationReason::TerminatedByApi {
                    return;
                }
                let comes_back = deaths.borrow_mut().may_come_back(Instant::now());
                tracing::warn!(?reason, comes_back, "the process behind the pages died");
                if let Some(address) = view.uri().filter(|_| comes_back) {
                    view.load_uri(&address);
                }
            });
    })
}

/// When the process died lately.
#[derive(Default)]
struct Deaths(Vec<Instant>);

impl Deaths {
    fn may_come_back(&mut self, now: Instant) -> bool {
        self.0.retain(|at| now.duration_since(*at) < WITHIN);
        self.0.push(now);
        self.0.len() < DEATHS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f23_a_page_that_dies_again_and_again_is_let_be() {
        let begun = Instant::now();
        let mut deaths = Deaths::default();
        assert!(deaths.may_come_back(begun));
        assert!(deaths.may_come_back(begun));
        assert!(!deaths.may_come_back(begun));
        assert!(deaths.may_come_back(begun + WITHIN), "much later");
    }
}
