//! The command line: the real program, against servers that nobody here wrote, the Sandbox and servers that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod adapted;
#[cfg(target_os = "linux")]
mod agent;
mod backup;
mod bad_input;
mod cases;
mod changes;
mod client_keys;
mod client_methods;
mod client_secrets;
mod clock;
mod conformance;
mod conformance_server;
mod connect;
mod elsewhere;
mod endpoints;
mod first_registration;
mod first_touch;
mod hostile;
mod key_sets;
mod keyring;
mod keys;
mod main_job;
mod matrix;
mod memory;
mod odd_registrations;
mod odd_replies;
mod other_forms;
mod outputs;
mod planted;
mod presets;
#[cfg(target_os = "linux")]
mod process;
mod promises;
mod proxy;
mod reports;
mod retention;
mod sandbox;
mod secrets;
mod servers;
mod sessions;
mod shared;
mod shown;
mod sign_in;
mod streams;
mod traces;
