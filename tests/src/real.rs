//! Independent servers with the small configurations of `tests/servers`. Each is a process of its own on a free port of
//! 127.0.0.1, ended by its own process id when the value is dropped.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::servers::{end, first_line};

/// How long a server may take until it answers.
const START: Duration = Duration::from_mins(1);

/// A running server and what it said of itself.
pub struct Server {
    process: Child,
    about: Value,
    folder: TempDir,
}

impl Server {
    /// Glewlwyd: an OpenID provider in C, from Debian.
    pub fn glewlwyd() -> Self {
        let folder = temporary();
        let mut command = Command::new("python3");
        command.arg("start.py").arg(folder.path());
        Self::start("glewlwyd", command, folder).ready("issuer")
    }

    /// `LemonLDAP::NG`'s portal, in Perl, from Debian. It registers clients, which get tokens after a login alone.
    pub fn lemonldap() -> Self {
        Self::lemonldap_as("portal", None)
    }

    /// The same with two clients that its administrator made: [`Self::about`] has them below `clients`.
    pub fn lemonldap_with_clients() -> Self {
        Self::lemonldap_as("clients", None)
    }

    /// `LemonLDAP::NG`'s handler in front of an API, at a portal that runs.
    pub fn lemonldap_gateway(portal: &Self) -> Self {
        Self::lemonldap_as("gateway", Some(portal.folder.path()))
    }

    fn lemonldap_as(role: &str, shared: Option<&Path>) -> Self {
        let folder = temporary();
        let mut command = Command::new("perl");
        command
            .args(["server.pl", role])
            .arg(shared.unwrap_or(folder.path()));
        let server = Self::start("lemonldap", command, folder);
        if role == "gateway" {
            server
        } else {
            server.ready("issuer")
        }
    }

    /// Django with Django OAuth Toolkit, and a view that the toolkit protects.
    pub fn django() -> Self {
        Self::python("django")
    }

    /// Django with the OpenID provider of django-allauth, and a view that takes its tokens.
    pub fn allauth() -> Self {
        Self::python("allauth")
    }

    /// The authorization server of the MCP Python SDK, with an MCP server.
    pub fn mcp_python() -> Self {
        Self::python("mcp-python")
    }

    fn python(name: &str) -> Self {
        let folder = temporary();
        let python = root()
            .join("target/test-servers")
            .join(name)
            .join("bin/python");
        assert!(
            python.is_file(),
            "{} is missing: `cargo xtask test` makes it",
            python.display()
        );
        let mut command = Command::new(python);
        command
            .arg("server.py")
            .arg(folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Self::start(name, command, folder)
    }

    /// The authorization router of the MCP TypeScript SDK.
    pub fn mcp() -> Self {
        Self::node("mcp", &[])
    }

    /// An API behind passport and express-session, which trusts an issuer. `opaque`: it asks the issuer about tokens.
    pub fn passport(issuer: &str, opaque: bool) -> Self {
        let mut env = vec![("ISSUER", issuer), ("SCOPE", "orders:read")];
        if opaque {
            env.push(("OPAQUE", "1"));
        }
        Self::node("passport", &env)
    }

    /// The same, whose cookie has no date: nothing says when the session ends.
    pub fn passport_without_end(issuer: &str) -> Self {
        let env = [
            ("ISSUER", issuer),
            ("SCOPE", "orders:read"),
            ("SESSION_COOKIE", "1"),
        ];
        Self::node("passport", &env)
    }

    fn node(name: &str, env: &[(&str, &str)]) -> Self {
        assert!(
            place(name).join("node_modules").is_dir(),
            "the packages of {name} are missing: `cargo xtask test` installs them"
        );
        let mut command = Command::new("node");
        command.arg("server.mjs").envs(env.iter().copied());
        Self::start(name, command, temporary())
    }

    fn start(name: &str, mut command: Command, folder: TempDir) -> Self {
        let log = File::create(folder.path().join("stderr.log")).expect("the log");
        let (process, about) = first_line(command.current_dir(place(name)).stderr(log));
        Self {
            process,
            about,
            folder,
        }
    }

    /// Waits until the metadata of the issuer named `member` is served.
    fn ready(mut self, member: &str) -> Self {
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.text(member).trim_end_matches('/')
        );
        let begun = Instant::now();
        loop {
            let answer = exchange("GET", &address, "");
            if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
                return self;
            }
            let ended = self.process.try_wait().expect("its state");
            assert!(
                ended.is_none() && begun.elapsed() < START,
                "{address} answers {answer:?}; {}",
                self.log()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it said of itself.
    pub fn about(&self) -> &Value {
        &self.about
    }

    /// A text of what it said of itself.
    pub fn text(&self, member: &str) -> String {
        self.about[member]
            .as_str()
            .unwrap_or_else(|| panic!("no {member} in {}", self.about))
            .to_owned()
    }

    /// What it wrote to standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr.log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn place(name: &str) -> PathBuf {
    root().join("tests/servers").join(name)
}

fn temporary() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The answer to a plain request, as a browser of the tests sees it.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Lines of the head.
    pub head: Vec<String>,
}

impl Answer {
    /// `NAME=VALUE` of a cookie that it sets.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.head
            .iter()
            .filter_map(|line| line.split_once(": "))
            .filter(|(header, _)| header.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, value)| value.split(';').next())
            .find(|pair| pair.starts_with(&format!("{name}=")))
            .map(str::to_owned)
    }
}

/// One request over plain HTTP. `more`: further lines of the head, an empty line and a body, or nothing.
pub fn exchange(method: &str, address: &str, more: &str) -> std::io::Result<Answer> {
    let address = Url::parse(address).expect("an address");
    let (host, port) = (
        address.host_str().expect("a host"),
        address.port().expect("a port"),
    );
    let mut stream = TcpStream::connect((host, port))?;
    stream.set_read_timeout(Some(START))?;
    let target = &address[url::Position::BeforePath..];
    let more = if more.is_empty() { "\r\n" } else { more };
    write!(
        stream,
        "{method} {target} HTTP/1.0\r\nHost: {host}:{port}\r\n{more}"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let head: Vec<String> = text
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
    let status = head
        .first()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| std::io::Error::other(text.clone()))?;
    Ok(Answer { status, head })
}
