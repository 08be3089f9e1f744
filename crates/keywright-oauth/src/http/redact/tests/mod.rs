#![allow(clippy::unwrap_used, reason = "tests")]

mod bodies;
mod headers;
mod known_values;

pub(crate) use known_values::written;
