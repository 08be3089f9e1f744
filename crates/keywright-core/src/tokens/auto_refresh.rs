//! Tokens that are fetched again before they end: which are due, and how long to wait after a failure.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::JoinHandle;

use crate::{
    CoreError, Keywright,
    tokens::{
        Tokens,
        types::{TokenView, TokenWish},
    },
};

/// Tokens are fetched again this long before they end.
const BEFORE_END_SECS: i64 = 60;
/// Pause after the first failure; each further one doubles it.
const FIRST_PAUSE_SECS: i64 = 30;
/// Longest pause, unless the server asks for more.
const LONGEST_PAUSE_SECS: i64 = 60 * 60;
/// Requests under way at once.
const AT_ONCE: usize = 8;

/// What is under way, and what failed before. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct AutoRefresh(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    running: BTreeSet<String>,
    failed: BTreeMap<String, Failed>,
}

#[derive(Debug)]
struct Failed {
    times: u32,
    until: i64,
}

impl AutoRefresh {
    /// Begins to fetch what is due and does not wait for it: a provider that does not answer keeps nothing else from
    /// happening.
    pub fn turn(&self, keywright: &Keywright) -> Result<Vec<JoinHandle<()>>, CoreError> {
        if let Err(error) = keywright.housekeep() {
            tracing::warn!(%error, "what has expired was not deleted");
        }
        let searched = keywright.clone();
        tokio::task::spawn_blocking(move || searched.applications().prepare_search());
        let due = keywright.tokens().due(BEFORE_END_SECS)?;
        let begin = self.state().take(due, keywright.now());
        Ok(begin
            .into_iter()
            .map(|application| {
                let (state, keywright) = (self.clone(), keywright.clone());
                tokio::spawn(async move {
                    let outcome = keywright.tokens().refresh_one(&application).await;
                    if let Err(error) = &outcome {
                        tracing::warn!(%error, "a token was not refreshed");
                    }
                    let ended = match outcome {
                        Ok(_) => Ended::Well,
                        Err(error) => Ended::Failed(error.retry_after()),
                    };
                    state.state().ended(&application, ended, keywright.now());
                })
            })
            .collect())
    }

    /// The vault was locked: what failed before says nothing of the next time.
    pub fn reset(&self) {
        self.state().failed.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a request ended.
#[derive(Clone, Copy)]
enum Ended {
    /// With a token.
    Well,
    /// Without one, and with the pause in seconds that the server asks for, if it does.
    Failed(Option<u64>),
}

impl State {
    /// Those that may be asked now. They count as under way until they ended.
    fn take(&mut self, due: Vec<String>, now: i64) -> Vec<String> {
        self.failed
            .retain(|application, _| due.contains(application));
        let free = AT_ONCE.saturating_sub(self.running.len());
        let waits = |state: &Self, application: &String| {
            state.running.contains(application)
                || state
                    .failed
                    .get(application)
                    .is_some_and(|failed| failed.until > now)
        };
        let mut begin: Vec<String> = due
            .into_iter()
            .filter(|application| !waits(self, application))
            .collect();
        // Who failed most often goes last, so that nobody waits behind a dead server.
        begin.sort_by_key(|application| self.failed.get(application).map(|failed| failed.times));
        begin.truncate(free);
        self.running.extend(begin.iter().cloned());
        begin
    }

    /// A request ended.
    fn ended(&mut self, application: &str, ended: Ended, now: i64) {
        self.running.remove(application);
        let Ended::Failed(asked) = ended else {
            self.failed.remove(application);
            return;
        };
        let times = self
            .failed
            .get(application)
            .map_or(0, |failed| failed.times);
        let pause = (FIRST_PAUSE_SECS << times.min(16)).min(LONGEST_PAUSE_SECS);
        let asked = asked.and_then(|seconds| i64::try_from(seconds).ok());
        let failed = Failed {
            times: times.saturating_add(1),
            until: now.saturating_add(pause.max(asked.unwrap_or(0))),
        };
        self.failed.insert(application.to_owned(), failed);
    }
}

impl Tokens<'_> {
    /// Applications with auto-refresh whose newest token ends within this many seconds. One that the provider rejected
    /// is not among them: asking again changes nothing.
    pub fn due(self, within_secs: i64) -> Result<Vec<String>, CoreError> {
        let end = self.app.now().saturating_add(within_secs);
        let due = self.app.vault()?.applications_to_refresh(end)?;
        Ok(due.iter().map(ToString::to_string).collect())
    }

    async fn refresh_one(self, application: &str) -> Result<TokenView, CoreError> {
        let wish = TokenWish {
            application_id: application.to_owned(),
            refresh: true,
            ..TokenWish::default()
        };
        self.get(&wish).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_token_that_fails_is_asked_for_less_often() {
        let mut state = State::default();
        let mut now = 0;
        let mut asked = Vec::new();
        for _ in 0..24 * 360 {
            now += 10;
            for application in state.take(due(&["a"]), now) {
                asked.push(now);
                state.ended(&application, Ended::Failed(None), now);
            }
        }
        // Every ten seconds would be 8,640 times a day.
        assert!((24..40).contains(&asked.len()), "{asked:?}");
        assert_eq!(asked.get(..4), Some(&[10, 40, 100, 220][..]));
        state.ended("a", Ended::Well, now);
        assert_eq!(state.take(due(&["a"]), now), due(&["a"]), "it worked again");
    }

    #[test]
    fn the_pause_that_a_server_asks_for_is_kept() {
        let mut state = State::default();
        state.take(due(&["a"]), 0);
        state.ended("a", Ended::Failed(Some(500)), 0);
        assert!(state.take(due(&["a"]), 499).is_empty());
        assert_eq!(state.take(due(&["a"]), 500).len(), 1);
    }

    #[test]
    fn a_silent_provider_holds_up_no_other() {
        let mut state = State::default();
        let many: Vec<String> = (0..20)
            .map(|number| format!("silent-{number:02}"))
            .collect();
        assert_eq!(state.take(many.clone(), 0).len(), AT_ONCE);
        assert!(state.take(many.clone(), 10).is_empty(), "no more at once");
        for application in many.iter().take(AT_ONCE) {
            state.ended(application, Ended::Failed(None), 30);
        }
        let mut all = many;
        all.push("well".to_owned());
        let next = state.take(all.clone(), 100);
        assert_eq!(next.first().map(String::as_str), Some("silent-08"));
        assert_eq!(next.len(), AT_ONCE);
        for application in &next {
            state.ended(application, Ended::Failed(None), 130);
        }
        let next = state.take(all, 200);
        let first = &next[..5];
        assert!(first.contains(&"silent-19".to_owned()), "{next:?}");
        assert!(first.contains(&"well".to_owned()), "who failed goes last");
        // What is not due any more is forgotten.
        state.take(due(&["other"]), 200);
        assert!(state.failed.is_empty());
    }
}
