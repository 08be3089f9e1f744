//! `Retry-After` (RFC 9110 §10.2.3) and the vendors' own headers next to it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use keywright_oauth::http::{LONGEST_WAIT_SECS, Response};

const NOW: i64 = 1_700_000_000;
const NAMES: [&str; 4] = [
    "retry-after",
    "x-ratelimit-reset",
    "x-rate-limit-reset",
    "date",
];

/// Line by line: `Retry-After`, the reset of Auth0, that of Okta, `Date`. A pause is read on a refusal for the rate
/// only where one is named, and `Retry-After` wins.
pub fn run(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for (name, value) in NAMES.into_iter().zip(data.split(|byte| *byte == b'\n')) {
        if !value.is_empty()
            && let Ok(value) = HeaderValue::from_bytes(value)
        {
            headers.insert(name, value);
        }
    }
    let answer = |status, headers: &HeaderMap| Response::new(status, headers.clone(), Bytes::new());
    let (limited, fine) = (answer(429, &headers), answer(200, &headers));
    let pause = limited.retry_after(NOW);
    assert!(
        pause.is_none_or(|pause| pause <= LONGEST_WAIT_SECS),
        "{pause:?}"
    );
    // A point in time is compared with the server's own `Date`.
    let mut alone = headers.clone();
    alone.remove("x-ratelimit-reset");
    alone.remove("x-rate-limit-reset");
    match answer(429, &alone).retry_after(NOW) {
        Some(seconds) => assert_eq!((pause, fine.retry_after(NOW)), (Some(seconds), pause)),
        None => assert_eq!(fine.retry_after(NOW), None),
    }
    assert_eq!(answer(429, &HeaderMap::new()).retry_after(NOW), None);
}
