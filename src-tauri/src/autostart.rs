//! Start with the session, in the tray. The desktop's own list of programs is the only place that says so.

use std::path::Path;

use tauri::plugin::TauriPlugin;

/// Starts in the tray.
pub(crate) const IN_TRAY: &str = "--in-tray";

/// The plugin, with the arguments of such a start. `home` is the folder of a vault in an unusual place.
pub(crate) fn plugin(home: Option<&Path>) -> TauriPlugin<tauri::Wry> {
    let mut builder = tauri_plugin_autostart::Builder::new()
        .app_name(crate::window::TITLE)
        .arg(IN_TRAY);
    if let Some(home) = home {
        builder = builder
            .arg("--home")
            .arg(argument(&home.display().to_string()));
    }
    builder.build()
}

/// An argument as the line of a desktop entry has it (Desktop Entry Specification, "The Exec key").
#[cfg(target_os = "linux")]
fn argument(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        // Once for the quotes, and once for a string of a desktop entry.
        match letter {
            '"' | '`' | '$' => quoted.push_str("\\\\"),
            '\\' => quoted.push_str("\\\\\\"),
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

#[cfg(not(target_os = "linux"))]
fn argument(text: &str) -> String {
    text.to_owned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::argument;

    #[test]
    fn a_folder_with_odd_signs_stays_one_argument() {
        assert_eq!(argument("/home/a b"), "\"/home/a b\"");
        assert_eq!(argument("/x/50%"), "\"/x/50%%\"");
        assert_eq!(argument("/x/$y"), "\"/x/\\\\$y\"");
    }
}
