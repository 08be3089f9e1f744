//! The window: Tauri commands over the use cases of the core, the clipboard, the automatic lock and the Sandbox.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod away;
mod clipboard;
mod commands;
mod desk;
mod environment;
mod events;
mod failure;
mod fresh_page;
mod presenter;
mod start;
mod watch;
mod window;

use std::process::ExitCode;

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn main() -> ExitCode {
    environment::settle();
    keywright_core::raise_walls();
    match start::run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
