//! The Sandbox over HTTP, as its callers meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod bench;
mod entra;
mod faults;
mod gateway;
mod management;
mod public;
mod registration;
mod restore;
mod settings;
mod shape_entra;
mod tokens;
