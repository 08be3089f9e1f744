//! The agent's own life: take the key, listen, answer its user, forget.

use std::{
    fs::{self, File, Permissions, TryLockError},
    io::{Read as _, Write as _},
    os::{fd::AsFd as _, unix::fs::PermissionsExt as _},
    time::{Duration, Instant},
};

use keywright_core::{Clock, Keywright, VaultKey};
use tokio::net::{UnixListener, UnixStream};
use zeroize::Zeroizing;

use super::{
    AgentError,
    client::{self, READY},
    hold::{Lease, detach},
    protocol::{self, Question},
    session,
    socket_path::{SocketPath, failed},
};
use crate::failure::Failure;

/// How often the clocks are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How long another agent has to end.
const TAKE_OVER: Duration = Duration::from_secs(5);
/// Between two tries.
const AGAIN: Duration = Duration::from_millis(20);

/// Holds the key from standard input for this time; returns when the key is forgotten.
pub(crate) async fn serve(keywright: &Keywright, seconds: u32) -> Result<u8, Failure> {
    match begin(keywright).await {
        Ok((place, listener, key, _alone)) => {
            let lease = Lease::new(Clock::system(), seconds);
            tell(READY)?;
            let asked_to_end = hold(&listener, key, &lease).await;
            // Nobody may take the end for an agent that hangs.
            if let Err(source) = fs::remove_file(place.socket()) {
                tracing::warn!(%source, "the socket was not removed");
            }
            if let Some(mut stream) = asked_to_end {
                protocol::answer(&mut stream, &[]).await?;
            }
            Ok(0)
        }
        Err(error) => {
            tell(error.to_string().as_bytes())?;
            Err(error.into())
        }
    }
}

/// Speaks to the process that started this one, which waits for the end of the pipe.
fn tell(text: &[u8]) -> Result<(), AgentError> {
    let io = || failed(std::path::Path::new("standard output"));
    let mut output = std::io::stdout().lock();
    output.write_all(text).map_err(io())?;
    output.flush().map_err(io())?;
    let nowhere = File::options()
        .write(true)
        .open("/dev/null")
        .map_err(io())?;
    rustix::stdio::dup2_stdout(nowhere).map_err(|error| io()(error.into()))
}

async fn begin(
    keywright: &Keywright,
) -> Result<(SocketPath, UnixListener, VaultKey, File), AgentError> {
    detach().map_err(failed(std::path::Path::new("the process")))?;
    let mut key = Zeroizing::new([0; VaultKey::LEN]);
    read_unbuffered(key.as_mut_slice()).map_err(failed(std::path::Path::new("standard input")))?;
    let place = SocketPath::of(keywright).ok_or(AgentError::Answer)?;
    place.make()?;
    let alone = take_over(keywright, &place).await?;
    // Whoever it belonged to has ended.
    if place.check()? {
        fs::remove_file(place.socket()).map_err(failed(place.socket()))?;
    }
    let listener = UnixListener::bind(place.socket()).map_err(failed(place.socket()))?;
    fs::set_permissions(place.socket(), Permissions::from_mode(0o600))
        .map_err(failed(place.socket()))?;
    Ok((place, listener, VaultKey::from_bytes(&key), alone))
}

/// Becomes the one agent of the vault: another one is asked to end, and has ended when this returns. An agent without
/// a socket that leads to it would hold the key, and no command could end it.
async fn take_over(keywright: &Keywright, place: &SocketPath) -> Result<File, AgentError> {
    let lock = place.lock_file()?;
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if begun.elapsed() < TAKE_OVER => {
                // It may not listen yet, or end at this moment.
                if let Err(error) = client::end(keywright).await {
                    tracing::warn!(%error, "the other agent was not reached");
                }
                tokio::time::sleep(AGAIN).await;
            }
            Err(TryLockError::WouldBlock) => return Err(AgentError::Held),
            Err(TryLockError::Error(source)) => return Err(failed(place.socket())(source)),
        }
    }
}

/// Without the buffer of [`std::io::Stdin`], which would keep a copy that nobody wipes.
fn read_unbuffered(bytes: &mut [u8]) -> std::io::Result<()> {
    let input = std::io::stdin().as_fd().try_clone_to_owned()?;
    File::from(input).read_exact(bytes)
}

/// Answers until the lease is over, the machine goes to sleep, the session is locked, or someone asks for the end; that
/// one is answered when the key is wiped, which it is when this returns.
async fn hold(listener: &UnixListener, key: VaultKey, lease: &Lease) -> Option<UnixStream> {
    let mut look = tokio::time::interval(LOOK);
    let away = session::wait_for_lock_or_sleep();
    let mut terminated =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
    tokio::pin!(away);
    loop {
        tokio::select! {
            biased;
            () = &mut away => return None,
            () = ended(&mut terminated) => return None,
            _ = look.tick() => if lease.is_over() {
                return None;
            },
            arrived = listener.accept() => match arrived {
                Ok((mut stream, _)) => match attend(&mut stream, &key, lease).await {
                    Ok(Question::End) => return Some(stream),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "a question was refused"),
                },
                Err(error) => tracing::warn!(%error, "a connection failed"),
            },
        }
    }
}

/// Waits for the signal, or for ever where it cannot be watched.
async fn ended(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Answers one question, except the one for the end.
async fn attend(
    stream: &mut UnixStream,
    key: &VaultKey,
    lease: &Lease,
) -> Result<Question, AgentError> {
    let question = protocol::question(stream).await?;
    match question {
        // Between two looks the clock may have passed the end.
        Question::Key if lease.is_over() => return Err(AgentError::Answer),
        Question::Key => protocol::answer(stream, &[key.expose()]).await?,
        Question::State => {
            let pid = std::process::id().to_be_bytes();
            protocol::answer(stream, &[&pid, &lease.until.to_be_bytes()]).await?;
        }
        Question::End => {}
    }
    Ok(question)
}
