//! The process that holds the key: nobody may look into it, and it knows when to forget.

use std::time::{Duration, Instant};

use keywright_core::Clock;
use rustix::process::{Resource, Rlimit, setrlimit, setsid};

/// Shuts the process off: no core file, no look into its memory by other programs of the user, no terminal.
pub(crate) fn detach() -> std::io::Result<()> {
    let nothing = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, nothing)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    setsid()?;
    std::env::set_current_dir("/")
}

/// How long the key is held, by two clocks: one that no one can set, and one that goes on while the machine sleeps.
#[derive(Debug)]
pub(crate) struct Lease {
    clock: Clock,
    end: Instant,
    /// Unix seconds.
    pub(crate) until: i64,
}

impl Lease {
    /// From now on.
    pub(crate) fn new(clock: Clock, seconds: u32) -> Self {
        Self {
            until: clock.now() + i64::from(seconds),
            end: Instant::now() + Duration::from_secs(u64::from(seconds)),
            clock,
        }
    }

    /// Whether either clock says so.
    pub(crate) fn is_over(&self) -> bool {
        self.end <= Instant::now() || self.until <= self.clock.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f10_a_clock_that_is_set_back_does_not_make_the_term_longer_and_one_set_on_ends_it() {
        let (clock, manual) = Clock::manual(1_000_000);
        let short = Lease::new(clock.clone(), 0);
        let long = Lease::new(clock, 900);
        manual.set(1_000_000 - 86_400);
        assert!(short.is_over() && !long.is_over());
        manual.set(1_000_000 + 900);
        assert!(long.is_over());
    }
}
