//! The use cases of the core, one module a domain: no process, no display, a vault of their own with the Sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod activity;
mod applications;
mod calls;
mod configurations;
mod disclosure;
mod doctor;
mod registration;
mod tokens;
mod vault;
