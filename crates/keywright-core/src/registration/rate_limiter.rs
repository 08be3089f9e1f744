//! How fast a run of registrations goes. All of them slow down together when the provider refuses one
//! for its rate, and creep up again while it does not.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// After a refusal, the gap between two registrations is this much longer than the one that was too short.
const BACKOFF_FACTOR: f64 = 1.4;
/// Each registration that is let through shortens the gap to this part of it.
const RECOVERY_FACTOR: f64 = 0.995;
/// No gap is longer, however slow the provider answers.
const LONGEST_GAP: Duration = Duration::from_secs(5);

/// The rate limiter of one bulk registration. Counts on the monotonic clock: a clock that is set meanwhile changes nothing.
pub(crate) struct AdaptiveRateLimiter(Mutex<State>);

struct State {
    /// Nothing is begun before this.
    held_until: Instant,
    /// When the refusal came that began the present hold.
    refused_at: Instant,
    /// When the next registration may begin.
    next: Instant,
    gap: Duration,
    /// How many were begun since the last hold ended.
    begun: u32,
}

impl AdaptiveRateLimiter {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self(Mutex::new(State {
            held_until: now,
            refused_at: now,
            next: now,
            gap: Duration::ZERO,
            begun: 0,
        }))
    }

    /// Waits until the next registration may begin; returns when it began.
    pub(crate) async fn acquire(&self) -> Instant {
        loop {
            let at = self.change(|state| {
                let at = state.next.max(Instant::now());
                state.next = at + state.gap;
                at
            });
            tokio::time::sleep_until(at).await;
            // A hold that began meanwhile comes first.
            let begun = self.change(|state| {
                let free = state.held_until <= at;
                state.begun += u32::from(free);
                free
            });
            if begun {
                return at;
            }
        }
    }

    /// The provider refused one that began at `begun` for its rate, and asks for a pause.
    pub(crate) fn on_rate_limited(&self, begun: Instant, pause: Duration) {
        self.change(|state| {
            if begun < state.held_until {
                // It was under way when the hold began: the same refusal once more.
                state.hold_until(state.refused_at + pause);
                return;
            }
            let now = Instant::now();
            let taken = now.saturating_duration_since(state.held_until);
            let gap = taken
                .div_f64(f64::from(state.begun.max(1)))
                .mul_f64(BACKOFF_FACTOR);
            state.gap = gap.max(state.gap).min(LONGEST_GAP);
            state.refused_at = now;
            state.begun = 0;
            state.hold_until(now + pause);
        });
    }

    /// The provider accepted one.
    pub(crate) fn on_success(&self) {
        self.change(|state| state.gap = state.gap.mul_f64(RECOVERY_FACTOR));
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn hold_until(&mut self, end: Instant) {
        if end > self.held_until {
            self.held_until = end;
            self.next = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn one_refusal_holds_all_and_those_under_way_do_not_hold_them_longer() {
        let (pace, start) = (AdaptiveRateLimiter::new(), Instant::now());
        let first = pace.acquire().await;
        let second = pace.acquire().await;
        tokio::time::advance(Duration::from_millis(200)).await;
        pace.on_rate_limited(first, PAUSE);
        tokio::time::advance(Duration::from_millis(100)).await;
        pace.on_rate_limited(second, PAUSE);
        assert_eq!(pace.acquire().await - start, Duration::from_millis(1_200));
    }

    #[tokio::test(start_paused = true)]
    async fn a_longer_pause_that_is_said_later_counts() {
        let (pace, start) = (AdaptiveRateLimiter::new(), Instant::now());
        let (first, second) = (pace.acquire().await, pace.acquire().await);
        pace.on_rate_limited(first, PAUSE);
        pace.on_rate_limited(second, 3 * PAUSE);
        assert_eq!(pace.acquire().await - start, 3 * PAUSE);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_refusal_they_come_one_by_one_and_ever_faster() {
        let pace = AdaptiveRateLimiter::new();
        let mut begun = pace.acquire().await;
        for _ in 0..9 {
            begun = pace.acquire().await;
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        pace.on_rate_limited(begun, PAUSE);
        let (first, second) = (pace.acquire().await, pace.acquire().await);
        assert_eq!(second - first, Duration::from_millis(140));
        pace.on_success();
        let (third, fourth) = (pace.acquire().await, pace.acquire().await);
        assert!(fourth - third < Duration::from_millis(140));
    }
}
