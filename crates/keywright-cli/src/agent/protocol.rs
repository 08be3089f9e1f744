//! What goes over the socket: two bytes of a question, and an answer that begins with one byte.

use std::time::Duration;

use keywright_core::VaultKey;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    time::timeout,
};
use zeroize::Zeroizing;

use super::{AgentError, State, socket_path::failed};

/// The first byte of every question.
const VERSION: u8 = 1;
/// The first byte of an answer.
const YES: u8 = 1;
/// Both sides are on one machine; a process that takes longer hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(1);

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Until when do you hold the key?
    State,
    /// The key.
    Key,
    /// Forget it and end.
    End,
}

impl Question {
    fn byte(self) -> u8 {
        match self {
            Self::State => b'S',
            Self::Key => b'K',
            Self::End => b'E',
        }
    }

    fn of(byte: u8) -> Option<Self> {
        [Self::State, Self::Key, Self::End]
            .into_iter()
            .find(|question| question.byte() == byte)
    }
}

/// Whether the process at the other end is of our own user; nobody else gets or gives a key.
pub(crate) fn check_peer(stream: &UnixStream) -> Result<(), AgentError> {
    let peer = stream
        .peer_cred()
        .map_err(failed(std::path::Path::new("socket")))?;
    if peer.uid() == rustix::process::geteuid().as_raw() {
        Ok(())
    } else {
        Err(AgentError::Stranger { uid: peer.uid() })
    }
}

/// Asks a question; the stream then holds what follows the first byte of the answer.
async fn ask(stream: &mut UnixStream, question: Question) -> Result<(), AgentError> {
    let io = || failed(std::path::Path::new("socket"));
    check_peer(stream)?;
    stream
        .write_all(&[VERSION, question.byte()])
        .await
        .map_err(io())?;
    match stream.read_u8().await.map_err(io())? {
        YES => Ok(()),
        _ => Err(AgentError::Answer),
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, AgentError>>) -> Result<T, AgentError> {
    timeout(LIMIT, work)
        .await
        .unwrap_or(Err(AgentError::Answer))
}

/// Asks for the state.
pub(crate) async fn ask_state(stream: &mut UnixStream) -> Result<State, AgentError> {
    in_time(async {
        ask(stream, Question::State).await?;
        let io = || failed(std::path::Path::new("socket"));
        let pid = stream.read_u32().await.map_err(io())?;
        let until = stream.read_i64().await.map_err(io())?;
        Ok(State { pid, until })
    })
    .await
}

/// Asks for the key.
pub(crate) async fn ask_key(stream: &mut UnixStream) -> Result<VaultKey, AgentError> {
    in_time(async {
        ask(stream, Question::Key).await?;
        let mut key = Zeroizing::new([0; VaultKey::LEN]);
        stream
            .read_exact(key.as_mut_slice())
            .await
            .map_err(failed(std::path::Path::new("socket")))?;
        Ok(VaultKey::from_bytes(&key))
    })
    .await
}

/// Asks it to end; it has wiped the key when it answers.
pub(crate) async fn ask_end(stream: &mut UnixStream) -> Result<(), AgentError> {
    in_time(ask(stream, Question::End)).await
}

/// Reads a question of our own user; anything else is [`AgentError`].
pub(crate) async fn question(stream: &mut UnixStream) -> Result<Question, AgentError> {
    in_time(async {
        check_peer(stream)?;
        let mut asked = [0; 2];
        stream
            .read_exact(&mut asked)
            .await
            .map_err(failed(std::path::Path::new("socket")))?;
        match asked {
            [VERSION, byte] => Question::of(byte).ok_or(AgentError::Answer),
            _ => Err(AgentError::Answer),
        }
    })
    .await
}

/// Answers with what follows the first byte.
pub(crate) async fn answer(stream: &mut UnixStream, parts: &[&[u8]]) -> Result<(), AgentError> {
    in_time(async {
        let io = || failed(std::path::Path::new("socket"));
        stream.write_u8(YES).await.map_err(io())?;
        for part in parts {
            stream.write_all(part).await.map_err(io())?;
        }
        stream.shutdown().await.map_err(io())
    })
    .await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn an_answer_that_is_none_of_an_agent_is_an_error_and_takes_no_longer_than_the_limit() {
        for bytes in [&[][..], &[0], &[YES], &[YES, 1, 2, 3]] {
            let (mut ours, mut theirs) = UnixStream::pair().unwrap();
            theirs.write_all(bytes).await.unwrap();
            drop(theirs);
            assert!(ask_key(&mut ours).await.is_err(), "{bytes:?}");
        }
        let (mut ours, _silent) = UnixStream::pair().unwrap();
        assert!(matches!(ask_key(&mut ours).await, Err(AgentError::Answer)));
    }

    #[tokio::test]
    async fn a_question_of_another_version_or_of_no_sense_is_refused() {
        for bytes in [&[2, b'K'][..], &[VERSION, b'X'], b"GET / HTTP/1.1\r\n"] {
            let (mut ours, mut theirs) = UnixStream::pair().unwrap();
            theirs.write_all(bytes).await.unwrap();
            assert!(question(&mut ours).await.is_err(), "{bytes:?}");
        }
    }
}
