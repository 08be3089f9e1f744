//! What commands ask of an agent: whether it runs, its key, its end; and how one is started.

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use keywright_core::{Clock, Keywright, VaultKey};
use tokio::net::UnixStream;

use super::{AgentError, State, protocol, socket_path::SocketPath, socket_path::failed};
use crate::failure::Failure;

/// What the new process says when it listens.
pub(super) const READY: &[u8] = b"ready";
/// How long an agent that takes the place of this one may need.
const BEGINS_WITHIN: Duration = Duration::from_secs(6);
/// Between two questions to an agent that begins.
const AGAIN: Duration = Duration::from_millis(20);
/// The environment that it needs. Any other variable could hold a secret, and the process stays.
const ENVIRONMENT: [&str; 7] = [
    "HOME",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "LANG",
    "LC_ALL",
    "KEYWRIGHT_LOG",
];

/// The agent that runs for this vault; none where none does.
pub(crate) async fn state(keywright: &Keywright) -> Result<Option<State>, AgentError> {
    match connect(keywright).await? {
        Some(mut stream) => protocol::ask_state(&mut stream).await.map(Some),
        None => Ok(None),
    }
}

/// The key that the agent holds; none where no agent runs.
pub(crate) async fn key(keywright: &Keywright) -> Result<Option<VaultKey>, AgentError> {
    match connect(keywright).await? {
        Some(mut stream) => protocol::ask_key(&mut stream).await.map(Some),
        None => Ok(None),
    }
}

/// Ends the agent; says whether one ran.
pub(crate) async fn end(keywright: &Keywright) -> Result<bool, AgentError> {
    match connect(keywright).await? {
        Some(mut stream) => protocol::ask_end(&mut stream).await.map(|()| true),
        None => Ok(false),
    }
}

async fn connect(keywright: &Keywright) -> Result<Option<UnixStream>, AgentError> {
    let Some(place) = SocketPath::of(keywright) else {
        return Ok(None);
    };
    if !place.check()? {
        return Ok(None);
    }
    match UnixStream::connect(place.socket()).await {
        Ok(stream) => Ok(Some(stream)),
        // An agent that was killed leaves its socket behind.
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound
            ) =>
        {
            Ok(None)
        }
        Err(source) => Err(failed(place.socket())(source)),
    }
}

/// Starts an agent for the open vault, in the place of one that runs. The key goes over a pipe, which nobody else can
/// open, and never over the command line or the environment.
pub(crate) async fn start(keywright: &Keywright, seconds: u32) -> Result<State, Failure> {
    let Some(place) = SocketPath::of(keywright) else {
        return Err(keywright_core::CoreError::Locked.into());
    };
    place.make()?;
    end(keywright).await?;
    let until = Clock::system().now() + i64::from(seconds);
    let key = keywright.key_slots().key_for_agent(until)?;
    let io = || failed(place.socket());
    let program = std::env::current_exe().map_err(io())?;
    let home = std::path::absolute(keywright.home().folder()).map_err(io())?;
    let environment = ENVIRONMENT
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut process = Command::new(program)
        .arg("--home")
        .arg(home)
        .args(["agent", "--seconds", &seconds.to_string()])
        .env_clear()
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(io())?;
    if let Some(mut input) = process.stdin.take() {
        input.write_all(key.expose()).map_err(io())?;
    }
    let mut said = Vec::new();
    if let Some(mut output) = process.stdout.take() {
        output.read_to_end(&mut said).map_err(io())?;
    }
    if said != READY {
        let reason = String::from_utf8_lossy(&said).into_owned();
        return Err(AgentError::Start { reason }.into());
    }
    let begun = Instant::now();
    loop {
        // Another command may start one in the place of this one, which ends in the middle of an answer.
        let seen = state(keywright).await;
        if let Ok(Some(state)) = seen {
            return Ok(state);
        }
        if begun.elapsed() > BEGINS_WITHIN {
            let reason = "it does not answer".to_owned();
            return Err(seen.err().unwrap_or(AgentError::Start { reason }).into());
        }
        tokio::time::sleep(AGAIN).await;
    }
}
