//! Register many applications at once: with bounded concurrency, within the provider's rate limits, and
//! with each one written down like a single one, so that none is lost and none is made twice.

use std::{collections::HashMap, time::Duration};

use futures::{StreamExt, stream};
use keywright_vault::{JournalOperation, JournalState};
use uuid::Uuid;

use crate::{
    CoreError, Keywright,
    registration::{
        Registrar,
        rate_limiter::AdaptiveRateLimiter,
        recovery::Resumed,
        types::{BulkFailure, BulkProgress, BulkReport, Draft, Registered},
    },
};

/// A refusal for its rate is waited out at most this often for one application.
const TRIES: u32 = 20;
/// A provider that wants a longer pause has its refusal shown instead.
const LONGEST_PAUSE: Duration = Duration::from_mins(10);
/// A pause where the provider names none.
const PAUSE: Duration = Duration::from_secs(1);
/// A provider that says "at once" is still left alone this long.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// What steers a run from outside.
pub struct BulkControl<'a> {
    /// True once no further application may be begun. Those under way are finished.
    pub is_cancelled: &'a (dyn Fn() -> bool + Send + Sync),
    /// Hears of each application that was registered or failed.
    pub on_progress: &'a (dyn Fn(BulkProgress) + Send + Sync),
}

impl Registrar<'_> {
    /// Registers `count` applications named `NAME-0001`, `NAME-0002`, …; a name that is taken here
    /// counts as registered before, so that a run that was ended goes on where it stopped: a registration that was cut off
    /// after it was sent is resumed and not sent again.
    pub async fn register_many(
        self,
        draft: Draft,
        count: u32,
        concurrency: u32,
        control: BulkControl<'_>,
    ) -> Result<BulkReport, CoreError> {
        let vault = self.app.vault()?;
        let digits = count.to_string().len().max(4);
        let mut drafts = Vec::new();
        let mut before = 0_u32;
        for number in 1..=count {
            let name = format!("{}-{number:0digits$}", draft.name.trim());
            if vault.application_by_name(&name)?.is_some() {
                before += 1;
            } else {
                drafts.push(Draft {
                    name,
                    ..draft.clone()
                });
            }
        }
        let interrupted = vault
            .journal_pending()?
            .into_iter()
            .filter(|entry| {
                entry.operation == JournalOperation::Register && entry.state != JournalState::Intent
            })
            .map(|entry| (entry.name, entry.id))
            .collect();
        let run = Run {
            me: self.app,
            interrupted,
            rate_limiter: AdaptiveRateLimiter::new(),
            is_cancelled: control.is_cancelled,
        };
        let mut report = BulkReport {
            wanted: count,
            registered: 0,
            before,
            not_begun: 0,
            failed: Vec::new(),
        };
        let width = usize::try_from(concurrency.max(1)).unwrap_or(1);
        let mut running = stream::iter(drafts)
            .map(|draft| {
                let run = &run;
                async move {
                    if (run.is_cancelled)() {
                        return None;
                    }
                    let name = draft.name.clone();
                    Some((name, run.register(draft).await))
                }
            })
            .buffer_unordered(width);
        while let Some(outcome) = running.next().await {
            match outcome {
                None => report.not_begun += 1,
                Some((_, Ok(_))) => report.registered += 1,
                Some((name, Err(error))) => report.failed.push(BulkFailure {
                    name,
                    error: error.view(self.app.lang(), self.app.0.actor),
                }),
            }
            (control.on_progress)(BulkProgress {
                done: report.before
                    + report.registered
                    + u32::try_from(report.failed.len()).unwrap_or(u32::MAX),
                wanted: count,
                failed: u32::try_from(report.failed.len()).unwrap_or(u32::MAX),
            });
        }
        Ok(report)
    }
}

/// One run: who registers, and how fast.
struct Run<'a> {
    me: &'a Keywright,
    /// Registrations of an earlier run whose outcome is open: name and journal entry.
    interrupted: HashMap<String, Uuid>,
    rate_limiter: AdaptiveRateLimiter,
    is_cancelled: &'a (dyn Fn() -> bool + Send + Sync),
}

impl Run<'_> {
    async fn register(&self, draft: Draft) -> Result<Registered, CoreError> {
        if let Some(entry) = self.interrupted.get(&draft.name) {
            let entry = entry.to_string();
            let registrar = self.me.registration();
            match Box::pin(registrar.resume(&entry)).await {
                Ok(resumed) => return Ok(finished(resumed)),
                // The earlier request never took effect.
                Err(CoreError::NothingLeft { .. }) => {
                    Box::pin(registrar.discard(&entry, true)).await?;
                }
                Err(error) => return Err(error),
            }
        }
        let mut tried = 0;
        loop {
            let begun = self.rate_limiter.acquire().await;
            tried += 1;
            let outcome = self.me.registration().register(draft.clone()).await;
            match outcome {
                // The client was made and a later step met the rate limit: that one is finished, not begun again.
                Err(CoreError::Incomplete {
                    journal, source, ..
                }) if may_wait(&source) && tried < TRIES => {
                    self.rate_limiter.on_rate_limited(begun, pause(&source));
                    self.rate_limiter.acquire().await;
                    let journal = journal.to_string();
                    let resumed = Box::pin(self.me.registration().resume(&journal)).await?;
                    return Ok(finished(resumed));
                }
                Err(CoreError::Provider { source, .. })
                    if may_wait(&source) && tried < TRIES && !(self.is_cancelled)() =>
                {
                    self.rate_limiter.on_rate_limited(begun, pause(&source));
                }
                Ok(registered) => {
                    self.rate_limiter.on_success();
                    return Ok(registered);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn finished(resumed: Resumed) -> Registered {
    Registered {
        application: resumed.application,
        status: 0,
        elapsed_ms: 0,
        adapted: None,
        note: None,
        warnings: Vec::new(),
    }
}

/// Refused for its rate, with a pause that can be waited out.
fn may_wait(error: &keywright_providers::ProviderError) -> bool {
    error.words().is_some_and(|words| words.status == 429) && pause(error) <= LONGEST_PAUSE
}

fn pause(error: &keywright_providers::ProviderError) -> Duration {
    error.retry_after().map_or(PAUSE, |seconds| {
        Duration::from_secs(seconds).max(SHORTEST_PAUSE)
    })
}
