//! The only place that reads the clock of the machine, so that tests can move it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Tells the time in Unix seconds.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

/// Moves a manual clock.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` (Unix seconds) until its handle moves it.
    pub fn manual(start: i64) -> (Self, ManualClock) {
        let millis = Arc::new(AtomicI64::new(start * 1000));
        (
            Self(Source::Manual(Arc::clone(&millis))),
            ManualClock(millis),
        )
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Unix milliseconds.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that may ask the machine"
    )]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => {
                let nanos = time::OffsetDateTime::now_utc().unix_timestamp_nanos();
                i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(i64::MAX)
            }
            Source::Manual(millis) => millis.load(Ordering::SeqCst),
        }
    }
}

impl ManualClock {
    /// Moves the clock on by seconds; negative moves it back.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Sets the clock to Unix seconds.
    pub fn set(&self, seconds: i64) {
        self.0.store(seconds * 1000, Ordering::SeqCst);
    }
}

/// A date of HTTP (RFC 9110 §5.6.7) as Unix seconds, also where `UTC` or the offset of mails (RFC 5322 §3.3) is in place of
/// `GMT`.
pub fn http_date(text: &str) -> Option<i64> {
    let text = text.trim();
    let before = ["UTC", "UT", "+0000", "-0000", "Z"]
        .iter()
        .find_map(|zone| text.strip_suffix(&format!(" {zone}")));
    let named = before.map(|before| format!("{before} GMT"));
    let date = httpdate::parse_http_date(named.as_deref().unwrap_or(text)).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
