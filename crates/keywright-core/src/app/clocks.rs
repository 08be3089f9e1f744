//! Did the machine sleep? Two clocks say so: one goes on while it sleeps, the other does not. Neither is set by anybody,
//! and work that takes long moves both.

use std::{sync::LazyLock, time::Duration};

/// A difference of the two clocks that is no rounding.
const SLEPT: Duration = Duration::from_secs(5);

static BEGUN: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

/// One look at both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// Goes on while the machine sleeps.
    boot: Duration,
    /// Stands still while it sleeps.
    running: Duration,
}

impl Clocks {
    /// Both clocks now. Nothing where the system does not tell them.
    pub fn now() -> Option<Self> {
        let running = BEGUN.elapsed();
        Some(Self {
            boot: since_boot()?,
            running,
        })
    }

    /// The machine slept between `before` and this look.
    pub fn slept_since(&self, before: &Self) -> bool {
        let boot = self.boot.saturating_sub(before.boot);
        let running = self.running.saturating_sub(before.running);
        boot.saturating_sub(running) > SLEPT
    }
}

/// `CLOCK_BOOTTIME`, as the kernel writes it down.
#[cfg(target_os = "linux")]
fn since_boot() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// The clock of the day: it goes on while the machine sleeps, and counts a clock that is set forward as sleep. Under
/// Windows the other clock goes on as well, so that sleep is not noticed (untested).
#[cfg(not(target_os = "linux"))]
fn since_boot() -> Option<Duration> {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn at(boot: u64, running: u64) -> Clocks {
        Clocks {
            boot: Duration::from_secs(boot),
            running: Duration::from_secs(running),
        }
    }

    #[test]
    fn f11_a_machine_that_slept_is_told_by_two_clocks() {
        let before = at(1_000, 10);
        assert!(!at(1_001, 11).slept_since(&before));
        assert!(!at(1_600, 610).slept_since(&before), "ten minutes of work");
        assert!(!at(1_004, 10).slept_since(&before), "rounding");
        assert!(at(1_100, 11).slept_since(&before), "it slept");
        assert!(at(1_700, 610).slept_since(&before), "slept during work");
    }

    #[test]
    fn f11_both_clocks_are_told_here() {
        let before = Clocks::now().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        let after = Clocks::now().unwrap();
        assert!(after.running > before.running && after.boot >= before.boot);
        assert!(!after.slept_since(&before));
    }
}
