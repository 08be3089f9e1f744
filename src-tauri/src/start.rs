//! From the arguments to the open window.

use std::{
    ffi::OsString,
    path::PathBuf,
    time::{Duration, Instant},
};

use keywright_core::{Actor, Clock, Keywright, Lang, Options, VaultHome};
use tauri::Manager;
use tauri_plugin_window_state::StateFlags;

use crate::{
    app_state::AppState, audience, autostart, background_tasks, commands, failure::Failure,
    notices, presenter, quick_access, session_lock, tray, webview_reset, window,
};

/// Opens quick access: of the program that runs already, where there is one.
const QUICK_ACCESS: &str = "--quick-access";
/// A desktop starts its tray and the programs of a session in any order.
const TRAY_PATIENCE: Duration = Duration::from_secs(20);

/// What the program was started with.
#[derive(Default)]
struct Arguments {
    home: Option<PathBuf>,
    sandbox: bool,
    quick_access: bool,
    in_tray: bool,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = OsString>) -> Result<Self, Failure> {
        let mut read = Self::default();
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--home") => {
                    read.home = Some(words.next().ok_or(Failure::HomeMissing)?.into());
                }
                Some("--sandbox") => read.sandbox = true,
                Some(QUICK_ACCESS) => read.quick_access = true,
                Some(autostart::IN_TRAY) => read.in_tray = true,
                _ => return Err(Failure::Argument(shown(&word))),
            }
        }
        Ok(read)
    }
}

/// A word that anybody may have written, such as a link of a web page: short, and every character
/// of it visible.
fn shown(word: &OsString) -> String {
    let word = word.to_string_lossy();
    word.chars().take(80).flat_map(char::escape_debug).collect()
}

/// Opens the window and stays until it is closed.
pub(crate) fn run(words: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let arguments = Arguments::read(words)?;
    // A second start with the same, usual vault brings the first window up instead.
    let usual_home = arguments.home.is_none() && std::env::var_os("KEYWRIGHT_HOME").is_none();
    let home = match arguments.home {
        Some(folder) => VaultHome::new(folder),
        None => VaultHome::from_env_or_default().map_err(keywright_core::CoreError::from)?,
    };
    let folder = home.folder().to_path_buf();
    let keywright = Keywright::new(Options {
        home,
        actor: Actor::App,
        clock: Clock::system(),
        lang: system_language(),
    });
    let preferences = keywright.preferences()?;
    if let Some(language) = preferences.language {
        keywright.set_lang(language);
    }
    let (presenting, size) = (preferences.presenter, preferences.presenter_size);
    let keys = preferences.quick_access_keys;
    let app_state = AppState::new(keywright, arguments.sandbox, window::web_profile(&folder));
    let ipc = commands::builder();
    let mut app = tauri::Builder::default();
    if usual_home {
        app = app.plugin(tauri_plugin_single_instance::init(|app, words, _| {
            if words.iter().any(|word| word == QUICK_ACCESS) {
                quick_access::show(app);
            } else if let Err(error) = window::show(app) {
                tracing::warn!(%error, "the window cannot be brought up");
            }
        }));
    }
    let window_state = tauri_plugin_window_state::Builder::default()
        .with_denylist(&[quick_access::LABEL])
        // Whether it is seen follows from how the program was started.
        .with_state_flags(StateFlags::all() & !StateFlags::VISIBLE);
    let unusual_home = (!usual_home).then_some(folder);
    app.plugin(window_state.build())
        .plugin(tauri_plugin_global_shortcut::Builder::new().build())
        .plugin(autostart::plugin(unusual_home.as_deref()))
        .invoke_handler(audience::before(ipc.invoke_handler()))
        .manage(app_state)
        .manage(quick_access::QuickAccess::default())
        .manage(quick_access::shortcut::Keys::default())
        .manage(tray::Shown::default())
        .setup(move |app| {
            ipc.mount_events(app);
            let app = app.handle();
            let window = window::open(app, app.state::<AppState>().web_profile.clone())?;
            presenter::apply(&window, presenting, size)?;
            tray::begin(app);
            if arguments.in_tray {
                show_without_tray(app);
            } else {
                window.show()?;
            }
            webview_reset::watch(&window)?;
            background_tasks::begin(app);
            session_lock::begin(app);
            notices::begin(app);
            if let Err(error) = quick_access::shortcut::listen(app, &keys) {
                tracing::info!(%error, "quick access has no keys");
            }
            if arguments.quick_access {
                quick_access::show(app);
            }
            Ok(())
        })
        .build(tauri::generate_context!())?
        .run(|app, event| {
            if let tauri::RunEvent::Exit = event {
                quick_access::close(app);
                app.state::<AppState>().close();
            }
        });
    Ok(())
}

/// The window stays hidden where there is an icon in the tray to open it by.
fn show_without_tray(app: &tauri::AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let begun = Instant::now();
        while !tray::is_shown(&app) {
            if begun.elapsed() > TRAY_PATIENCE {
                if let Err(error) = window::show(&app) {
                    tracing::warn!(%error, "the window cannot be brought up");
                }
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
}

fn system_language() -> Lang {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let locale = names
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    Lang::of_locale(&locale.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments, Failure> {
        Arguments::read(words.iter().map(OsString::from))
    }

    #[test]
    fn arguments_are_read_or_refused() {
        assert!(read(&["--sandbox"]).unwrap().sandbox);
        assert_eq!(read(&["--home", "/x"]).unwrap().home, Some("/x".into()));
        assert!(read(&["--quick-access"]).unwrap().quick_access);
        assert!(read(&["--in-tray"]).unwrap().in_tray);
        assert!(read(&["--home"]).is_err());
    }

    #[test]
    fn t31_a_link_starts_nothing() {
        let long = format!("keywright://{}", "x".repeat(1_000_000));
        for link in [
            "keywright://register?issuer=https://evil.example",
            "keywright://reveal/secret",
            "keywright://call?url=https://evil.example",
            "keywright://delete/all",
            "keywright:--sandbox",
            "KEYWRIGHT://x",
            "https://evil.example",
            "--sandbox=keywright://x",
            "\u{1b}[2J\u{202e}",
            "",
            &long,
        ] {
            let Err(refused) = read(&[link]) else {
                unreachable!("{link} was taken");
            };
            let said = refused.to_string();
            assert!(
                said.len() < 900 && !said.chars().any(char::is_control),
                "{said}"
            );
        }
    }

    #[test]
    #[cfg(unix)]
    fn t31_a_link_in_no_encoding_is_refused_and_no_panic() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = OsString::from_vec(b"keywright://\xff\xfe".to_vec());
        assert!(Arguments::read(std::iter::once(odd)).is_err());
    }

    #[test]
    fn t31_no_scheme_is_registered() {
        let configuration = include_str!("../tauri.conf.json");
        for word in ["deep-link", "x-scheme-handler", "mimeType", "schemes"] {
            assert!(!configuration.contains(word), "{word}");
        }
    }
}
