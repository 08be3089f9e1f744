//! The window: Tauri commands over the use cases of the core, the clipboard, the automatic lock and the Sandbox.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod app_state;
mod audience;
mod autostart;
mod background_tasks;
mod browser;
mod clipboard;
mod commands;
mod connections;
mod dialog;
mod environment;
mod events;
mod exact_numbers;
mod failure;
mod notices;
mod presenter;
mod qr;
mod quick_access;
mod session_lock;
mod sign_ins;
mod start;
mod start_error;
mod text;
mod tray;
mod webview_reset;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    environment::settle();
    keywright_core::harden_process();
    match start::run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            start_error::show(&failure);
            ExitCode::FAILURE
        }
    }
}
