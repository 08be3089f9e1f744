//! The dialogs of the system for files.

use std::path::PathBuf;

use tauri::WebviewWindow;

/// Files of one kind: its name in the user's language, and the extension.
pub(crate) type FileFilter = (String, &'static str);

/// Lets the user choose a file: a new one, where a name is suggested, or one that is there. None where the dialog was
/// closed.
pub(crate) async fn choose(
    window: &WebviewWindow,
    filter: Option<FileFilter>,
    suggested: Option<String>,
) -> Option<PathBuf> {
    let (tell, chosen) = tokio::sync::oneshot::channel();
    let parent = window.clone();
    // GTK and AppKit open dialogs on the thread of the window alone; nobody waits for the user there.
    let shown = window.run_on_main_thread(move || {
        let mut dialog = rfd::AsyncFileDialog::new().set_parent(&parent);
        if let Some((name, extension)) = filter {
            dialog = dialog.add_filter(name, &[extension]);
        }
        std::thread::spawn(move || {
            let file = tauri::async_runtime::block_on(async {
                match suggested {
                    Some(name) => dialog.set_file_name(name).save_file().await,
                    None => dialog.pick_file().await,
                }
            });
            // The page may be gone: locked meanwhile.
            let _ = tell.send(file.map(|file| file.path().to_owned()));
        });
    });
    if let Err(error) = shown {
        tracing::warn!(%error, "the dialog did not open");
        return None;
    }
    chosen.await.unwrap_or_default()
}
