//! What the program logs.

use std::{
    fmt::{Debug, Write as _},
    sync::{Mutex, Once},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// What is logged by the program and its libraries, down to the last detail.
pub(crate) static LOG: Mutex<String> = Mutex::new(String::new());

struct Log;

impl Log {
    fn keep(target: &str, record: impl FnOnce(&mut Kept)) {
        let mut kept = Kept(format!("{target}:"));
        record(&mut kept);
        let mut log = LOG.lock().unwrap();
        log.push_str(&kept.0);
        log.push('\n');
    }
}

struct Kept(String);

impl Visit for Kept {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        Self::keep(span.metadata().target(), |kept| span.record(kept));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        Self::keep("span", |kept| values.record(kept));
    }

    fn event(&self, event: &Event<'_>) {
        Self::keep(event.metadata().target(), |kept| event.record(kept));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

pub(crate) fn log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Log).unwrap());
}
