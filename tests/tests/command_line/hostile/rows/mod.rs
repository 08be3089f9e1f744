//! The rows of the table, by what they attack.

mod addresses;
mod answers;
pub(crate) mod codings;
mod cookies;
mod documents;
mod framing;
mod keys;
mod numbers;
mod redirects;
mod signatures;
mod words;

pub(crate) use words::{named, texts};

use super::row::Row;

/// Every row. The order is that of the threats.
pub(crate) fn all() -> Vec<Row> {
    let mut all = Vec::new();
    all.extend(addresses::rows());
    all.extend(redirects::rows());
    all.extend(framing::rows());
    all.extend(codings::rows());
    all.extend(documents::rows());
    all.extend(numbers::rows());
    all.extend(words::rows());
    all.extend(signatures::rows());
    all.extend(keys::rows());
    all.extend(cookies::rows());
    all.extend(answers::rows());
    all.sort_by(|a, b| (a.threat, a.place).cmp(&(b.threat, b.place)));
    all
}
