//! A display that nobody looks at.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use x11rb::{
    protocol::xproto::{Atom, ConnectionExt as _},
    rust_connection::RustConnection,
};

/// Xvfb, on a display that it chooses itself.
pub struct Display {
    /// `:N`, as programs take it.
    pub name: String,
    server: Child,
}

impl Display {
    /// Starts it.
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1400x1000x24"])
            .args(["-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed by `cargo xtask test`");
        let mut line = String::new();
        let output = server.stdout.as_mut().expect("its output");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("the display's number");
        Self {
            name: format!(":{}", line.trim()),
            server,
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The number of a name on the display.
pub(crate) fn atom(connection: &RustConnection, name: &str) -> Atom {
    connection
        .intern_atom(false, name.as_bytes())
        .expect("a request")
        .reply()
        .expect("an atom")
        .atom
}
