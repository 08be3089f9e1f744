//! What a fuzzer feeds: one function for each reader of what a stranger sends.
//!
//! Each takes any bytes and ends the process when a promise is broken: not only that nothing panics, but that a
//! secret stays hidden, a length stays bounded, a signature is not believed. `cargo xtask fuzz` runs them under
//! libFuzzer; the tests of this crate run each over its corpus and over chance changes of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a broken promise ends the run"
)]

pub mod discovery;
pub mod headers;
pub mod import;
pub mod issuer;
pub mod jwks;
pub mod jwt;
pub mod protocol;
pub mod redaction;
pub mod registration;
pub mod retry_after;
mod script;
mod secrets;
pub mod session;
mod stage;
pub mod vault_header;
mod vendors;
pub mod wire;
pub mod words;

pub use vendors::{auth0, curity, entra, http_bridge, okta, rfc7591};

/// One target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: the module, the libFuzzer program, and the folder of its corpus.
    pub name: &'static str,
    /// Feeds it.
    pub run: fn(&[u8]),
}

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        /// All of them, by name.
        pub const TARGETS: &[Target] = &[$(Target { name: stringify!($name), run: $name::run }),*];
    };
}

targets![
    auth0,
    curity,
    discovery,
    entra,
    headers,
    http_bridge,
    import,
    issuer,
    jwks,
    jwt,
    okta,
    protocol,
    redaction,
    registration,
    retry_after,
    rfc7591,
    session,
    vault_header,
    wire,
    words,
];
