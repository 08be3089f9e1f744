//! Sign-in by the command line: at servers that nobody here wrote, and with bad answers.

mod answers;
mod details;
mod device;
pub(crate) mod provider;
mod pushed;
mod real;
mod resource;
mod sandbox;
mod signed;
mod tokens;
mod vendor_devices;
mod vendors;

use keywright_tests::{Cli, Output};

/// Registers a login client at the configuration `Work`.
pub(crate) fn register(cli: &Cli, name: &str, redirect_uri: &str, more: &[&str]) -> Output {
    let mut arguments = vec!["app", "register", name, "--config", "Work"];
    arguments.extend(["--grant", "authorization_code"]);
    arguments.extend(["--redirect-uri", redirect_uri]);
    arguments.extend(more);
    cli.run(&arguments)
}

/// A port that nobody uses now.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
