//! The window: the real program on a display of its own, with mouse and keyboard.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod accessible;
#[cfg(target_os = "linux")]
mod away;
mod backup;
mod care;
mod client_keys;
#[cfg(unix)]
mod connect;
#[cfg(target_os = "linux")]
mod consent_page;
mod console;
mod containment;
mod dead_ends;
mod device;
#[cfg(unix)]
mod keys;
mod list_rows;
mod lists;
mod lock;
#[cfg(unix)]
mod login_client;
#[cfg(unix)]
mod login_job;
mod main_job;
mod palette;
mod presenter;
mod providers;
mod quick_access;
mod register;
#[cfg(unix)]
mod sandbox_login;
mod save_dialogs;
mod scenes;
#[cfg(target_os = "linux")]
mod screen_reader;
mod sessions;
#[cfg(unix)]
mod sign_in;
#[cfg(target_os = "linux")]
mod single;
mod story;
mod tokens;
#[cfg(target_os = "linux")]
mod tray;
mod vendor_keys;
mod views;
mod ways_out;
