//! A rate limit as providers keep it: a count in a window that begins again each second.

use std::sync::{Mutex, PoisonError};

/// Where a request stands in its window, as the rate limit headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateWindow {
    /// Requests that a window lets through.
    pub(crate) limit: u32,
    /// How many more this one lets through.
    pub(crate) remaining: u32,
    /// Unix second in which the next window begins.
    pub(crate) reset_at: i64,
    /// This request is one too many.
    pub(crate) is_exceeded: bool,
}

/// Counts the requests of the present window.
#[derive(Debug, Default)]
pub(crate) struct RateCounter(Mutex<(i64, u32)>);

impl RateCounter {
    /// Counts a request that came at `now`.
    pub(crate) fn count(&self, limit: u32, now: i64) -> RateWindow {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != now {
            *counted = (now, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        RateWindow {
            limit,
            remaining: limit.saturating_sub(counted.1),
            reset_at: now.saturating_add(1),
            is_exceeded: counted.1 > limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_its_limit_through_and_the_next_second_begins_anew() {
        let counter = RateCounter::default();
        let seen: Vec<(u32, bool)> = [7, 7, 7, 8]
            .into_iter()
            .map(|now| counter.count(2, now))
            .map(|window| (window.remaining, window.is_exceeded))
            .collect();
        assert_eq!(seen, [(1, false), (0, false), (0, true), (1, false)]);
        assert_eq!(counter.count(2, 9).reset_at, 10);
    }
}
