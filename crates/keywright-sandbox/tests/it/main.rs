//! The Sandbox over HTTP, as its callers meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod auth0;
mod bench;
mod curity;
mod entra;
mod faults;
mod gateway;
mod http_bridge;
mod management;
mod okta;
mod public;
#[path = "../../../keywright-providers/tests/support/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::print_stderr,
    reason = "shared with the replay tests, which use more of it"
)]
mod recordings;
mod registration;
mod restore;
mod settings;
mod shape;
mod shape_curity;
mod shape_entra;
mod shape_http_bridge;
mod shape_okta;
mod sign_in;
mod tokens;
