//! A keyring that does not answer must not hold up the vault: it is asked on a thread of its own.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::VaultError;
use crate::error::KeyringProblem;
use crate::keys::keyring_access::unavailable;

/// What `ask` answers, if it does so within `limit`. Its thread is left behind otherwise: a call that the service
/// holds cannot be taken back, and ends with the process or when the service does answer.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VaultError> {
    let (sender, answer) = channel();
    thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            if sender.send(ask()).is_err() {
                tracing::debug!("the keyring answered too late");
            }
        })
        .map_err(|source| unavailable(KeyringProblem::NoThread { source }))?;
    answer.recv_timeout(limit).map_err(|error| {
        unavailable(match error {
            RecvTimeoutError::Timeout => KeyringProblem::Silent {
                seconds: limit.as_secs(),
            },
            RecvTimeoutError::Disconnected => KeyringProblem::NoStore {
                reason: "the call to the keyring ended without an answer".to_owned(),
            },
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::time::Instant;

    use super::*;

    #[test]
    fn f21_a_keyring_that_answers_in_time_is_heard_and_one_that_takes_a_minute_is_not_waited_for() {
        assert_eq!(within(Duration::from_secs(5), || 7).unwrap(), 7);
        let started = Instant::now();
        let error = within(Duration::from_millis(50), || {
            thread::sleep(Duration::from_mins(1));
        })
        .unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(5));
        assert!(matches!(
            error,
            VaultError::KeyringUnavailable {
                source: KeyringProblem::Silent { .. }
            }
        ));
    }
}
