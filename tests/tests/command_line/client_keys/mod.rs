//! Clients that prove themselves by a signed assertion (RFC 7523), at servers that nobody here wrote.

mod audience;
mod bad_input;
mod dpop;
mod kept;
mod mutual_tls;
mod real;
mod refused;
mod vendors;

use keywright_tests::{Cli, Output};
use serde_json::Value;

/// Registers a client with a key.
pub(crate) fn register(cli: &Cli, name: &str, more: &[&str]) -> Output {
    let method = ["--auth-method", "private_key_jwt", "--scope", "orders:read"];
    cli.register(name, "Work", &[&method[..], more].concat())
}

/// Writes a file next to the vault and names it as a source.
pub(crate) fn file(cli: &Cli, name: &str, text: &str) -> String {
    let path = cli.folder().join(name);
    std::fs::write(&path, text).unwrap();
    format!("file:{}", path.display())
}

/// A token that was just requested.
pub(crate) fn fresh(cli: &Cli, name: &str) -> Value {
    let token = cli.run(&["token", "get", name, "--refresh"]).json();
    assert_eq!(token["from_cache"], false);
    token
}

/// The keys as `state alg`, the newest first.
pub(crate) fn states(view: &Value) -> Vec<String> {
    let keys = view["keys"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    keys.map(|key| format!("{} {}", text(&key["state"]), text(&key["alg"])))
        .collect()
}

/// `kid` of the key in this state.
pub(crate) fn kid(view: &Value, state: &str) -> String {
    let keys = view["keys"].as_array().unwrap();
    let found = keys.iter().find(|key| key["state"] == state).unwrap();
    found["kid"].as_str().unwrap().to_owned()
}
