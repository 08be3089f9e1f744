//! `keywright token get` while it waits for a user.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, ChildStderr, Command, Stdio},
};

use url::Url;

use crate::{Cli, Output};

/// A command that asked for a sign-in.
pub struct SignIn {
    process: Child,
    errors: BufReader<ChildStderr>,
    said: String,
    /// The address that is to be opened.
    pub address: Url,
}

impl SignIn {
    /// Starts `token get` and waits until it says which address to open.
    pub fn start(cli: &Cli, application: &str, more: &[&str]) -> Self {
        let mut command = cli.command(&["token", "get", application]);
        Self::of(command.args(more))
    }

    /// The same for a sign-in on another device: the address is that which has the code in it.
    pub fn start_device(cli: &Cli, application: &str, more: &[&str]) -> Self {
        Self::start_device_at(cli, application, more, "user_code=")
    }

    /// The same at a server that has another name for the code in its address.
    pub fn start_device_at(cli: &Cli, application: &str, more: &[&str], code: &str) -> Self {
        let mut command = cli.command(&["token", "get", application]);
        Self::until(command.args(more), "http://127.0.0.1", code)
    }

    /// The same at a server whose address has no code in it: the code as well, which is to be entered there.
    pub fn start_code(cli: &Cli, application: &str, more: &[&str]) -> (Self, String) {
        let mut command = cli.command(&["token", "get", application]);
        let mut waiting = Self::spawn(command.args(more));
        while !waiting.said.contains("enter the code ") {
            let read = waiting.errors.read_line(&mut waiting.said);
            assert_ne!(read.expect("a line"), 0, "no code: {}", waiting.said);
        }
        let words: Vec<&str> = waiting.said.split_whitespace().collect();
        let address = words.iter().find(|word| word.starts_with("http"));
        let code = words.iter().skip_while(|word| **word != "code").nth(1);
        let (address, code) = (address.expect("an address"), code.expect("a code"));
        let (address, code) = (address.parse().expect("an address"), (*code).to_owned());
        waiting.address = address;
        (waiting, code)
    }

    /// The same where the request is pushed: the address has its name alone.
    pub fn start_pushed(cli: &Cli, application: &str) -> Self {
        let mut command = cli.command(&["token", "get", application]);
        Self::until(&mut command, "http", "request_uri=")
    }

    /// The same for a command that is ready.
    pub fn of(command: &mut Command) -> Self {
        // The sheet of `connect` has other addresses.
        Self::until(command, "http", "response_type=")
    }

    /// Waits for a line whose last word begins and has this.
    fn until(command: &mut Command, begin: &str, part: &str) -> Self {
        let mut waiting = Self::spawn(command);
        waiting.address = read_until(&mut waiting.errors, &mut waiting.said, begin, part);
        waiting
    }

    fn spawn(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("keywright starts");
        let errors = BufReader::new(process.stderr.take().expect("its errors"));
        Self {
            process,
            errors,
            said: String::new(),
            address: Url::parse("about:blank").expect("an address"),
        }
    }

    /// Waits for the address of another attempt.
    pub fn next_address(&mut self) {
        self.address = read_until(&mut self.errors, &mut self.said, "http", "response_type=");
    }

    /// A parameter of the authorization request.
    pub fn parameter(&self, wanted: &str) -> String {
        let found = self.address.query_pairs().find(|(name, _)| name == wanted);
        found
            .unwrap_or_else(|| panic!("no {wanted} in {}", self.address))
            .1
            .into_owned()
    }

    /// The address that an answer with these parameters leads to. `state` is added unless it is among them.
    pub fn answer(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url: Url = self.parameter("redirect_uri").parse().expect("an address");
        url.query_pairs_mut().extend_pairs(parameters);
        if !parameters.iter().any(|(name, _)| *name == "state") {
            let state = self.parameter("state");
            url.query_pairs_mut().append_pair("state", &state);
        }
        url
    }

    /// Pastes a line.
    pub fn paste(&mut self, line: &str) {
        let input = self.process.stdin.as_mut().expect("its input");
        writeln!(input, "{line}").expect("it is read");
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Ends its standard input and waits for its end.
    pub fn finish(mut self) -> Output {
        drop(self.process.stdin.take());
        self.errors
            .read_to_string(&mut self.said)
            .expect("its errors");
        let output = self.process.wait_with_output().expect("keywright ends");
        Output {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: self.said,
        }
    }
}

/// Reads on to a line whose last word begins and has this.
fn read_until(
    errors: &mut BufReader<ChildStderr>,
    said: &mut String,
    begin: &str,
    part: &str,
) -> Url {
    loop {
        let before = said.len();
        let read = errors.read_line(said).expect("a line");
        assert_ne!(read, 0, "no address was given: {said}");
        let word = said[before..].split_whitespace().last().unwrap_or_default();
        if word.starts_with(begin) && word.contains(part) {
            return word.parse().expect("an address");
        }
    }
}
