//! The agent: a process of its own that holds the key of one vault for a while, so that commands open it without a
//! question. It is this program again, detached; other commands reach it by a socket that only their own user may
//! enter. On systems without such sockets there is none (`docs/decisions/0015-agent.md`).

use serde::Serialize;

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod hold;
#[cfg(unix)]
mod protocol;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod session;
#[cfg(unix)]
mod socket_path;

#[cfg(not(unix))]
mod absent;

#[cfg(not(unix))]
pub(crate) use absent::{end, key, serve, start, state};
#[cfg(unix)]
pub(crate) use client::{end, key, start, state};
#[cfg(unix)]
pub(crate) use serve::serve;

/// An agent that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct State {
    /// Its process.
    pub(crate) pid: u32,
    /// When it forgets the key (Unix seconds).
    pub(crate) until: i64,
}

/// Why there is no agent, or why it is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    /// The folder or the socket could be someone else's.
    #[error("{path}: {reason}")]
    Unsafe {
        /// Which.
        path: std::path::PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The process at the other end is of another user.
    #[error("the process at the socket belongs to user {uid}")]
    Stranger {
        /// Their id.
        uid: u32,
    },
    /// A file or socket cannot be used.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another agent of this vault goes on, although it was asked to end.
    #[error("another agent of this vault does not end")]
    Held,
    /// It answers something else than an agent does.
    #[error("the process at the socket does not respond like an agent")]
    Answer,
    /// The new process ended before it was ready.
    #[error("the process of the agent ended: {reason}")]
    Start {
        /// Its last words.
        reason: String,
    },
    /// This system has no agent.
    #[error("this system does not support the agent")]
    #[cfg_attr(unix, expect(dead_code, reason = "other systems say so"))]
    Absent,
}

impl AgentError {
    /// Whether somebody may be trying to get the key.
    pub(crate) fn is_suspicious(&self) -> bool {
        matches!(self, Self::Unsafe { .. } | Self::Stranger { .. })
    }
}
