//! How long a server asks to wait. Its headers hold seconds, an HTTP date, an ISO date, or a point in
//! time as Unix seconds or milliseconds; only the size of the number tells them apart.

use http::HeaderMap;
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{lenient, time::http_date};

/// No server may announce a longer wait than a day; what it says beyond that is nonsense or malice.
pub const LONGEST_WAIT_SECS: u64 = 24 * 60 * 60;
/// From here on a number is a point in time: as a number of seconds it would mean 31 years.
const UNIX_SECS_FROM: u64 = 1_000_000_000;
/// From here on it counts milliseconds: as Unix seconds it would lie after the year 5100.
const UNIX_MILLIS_FROM: u64 = 100_000_000_000;
/// When the next request is allowed, in the spellings of gateways. Read on a 429 alone: many servers
/// send them with every answer.
const RESETS: [&str; 7] = [
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-rate-limit-reset",
    "x-ratelimit-reset-after",
    "x-ratelimit-reset-requests",
    "x-ratelimit-retry-after",
    "x-retry-after",
];
/// The same in milliseconds, never as a point in time.
const MILLIS: [&str; 2] = ["retry-after-ms", "x-ms-retry-after-ms"];

/// The same as members of a body, in lower case and without what separates their words.
const MEMBERS: [&str; 8] = [
    "retryafter",
    "retryafterseconds",
    "retryaftersecs",
    "retryafters",
    "retryat",
    "resetat",
    "resetsat",
    "resettime",
];
const MEMBERS_IN_MILLIS: [&str; 2] = ["retryafterms", "retryaftermilliseconds"];

/// Seconds to wait, at most [`LONGEST_WAIT_SECS`]: `Retry-After` (RFC 9110 §10.2.3), else on a 429 the
/// reset of a rate limit, else on a 429 or 503 what the body says. A point in time is the server's, so
/// it is compared with its own `Date`.
pub(super) fn announced(status: u16, headers: &HeaderMap, body: &[u8], now: i64) -> Option<u64> {
    let now = server_time(headers, now)?;
    let text = |name: &str| headers.get(name)?.to_str().ok().map(bare);
    let seconds = |text: &str| whole(text).map(|number| until(number, now));
    let dated = |text: &str| date(text).map(|date| date.saturating_sub(now));
    let fractional = |text: &str| fraction(text).map(|number| until(number, now));
    let read = |text: &str| {
        seconds(text)
            .or_else(|| fractional(text))
            .or_else(|| dated(text))
    };
    let asked = text("retry-after").and_then(read);
    let millis = || {
        let asked = MILLIS.into_iter().filter_map(text).find_map(whole)?;
        Some(asked.div_ceil(1000))
    };
    let wait = match asked {
        None if status == 429 => millis()
            .or_else(|| RESETS.into_iter().filter_map(text).find_map(read))
            .or_else(|| combined(text("ratelimit")?)),
        asked => asked,
    };
    let wait = match wait {
        None if matches!(status, 429 | 503) => in_body(body, read),
        wait => wait,
    }?;
    Some(wait.min(LONGEST_WAIT_SECS))
}

/// The text without quotes around it and without the unit of seconds after it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let text = quoted.unwrap_or(text).trim();
    let units = ["seconds", "second", "secs", "sec", "s"];
    let number = units.iter().find_map(|unit| text.strip_suffix(unit));
    number
        .map(str::trim_end)
        .filter(|number| number.ends_with(|last: char| last.is_ascii_digit()))
        .unwrap_or(text)
}

/// What a JSON body says: a member of its own, or one of an object in it, such as `error`.
fn in_body(body: &[u8], read: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let members = lenient::object(body).ok()?;
    let named = |all: &Map<String, Value>| {
        all.iter().find_map(|(name, value)| {
            let mut name = name.replace(['_', '-'], "");
            name.make_ascii_lowercase();
            let text = match value {
                Value::Number(number) => match number.as_u64() {
                    Some(whole) => whole.to_string(),
                    None => format!("{:.3}", number.as_f64()?),
                },
                Value::String(text) => bare(text).to_owned(),
                _ => return None,
            };
            if MEMBERS.contains(&name.as_str()) {
                read(&text)
            } else if MEMBERS_IN_MILLIS.contains(&name.as_str()) {
                let millis = whole(&text).or_else(|| fraction(&text))?;
                Some(millis.div_ceil(1000))
            } else {
                None
            }
        })
    };
    let inner = || {
        members
            .values()
            .filter_map(Value::as_object)
            .find_map(named)
    };
    named(&members).or_else(inner)
}

/// A lifetime in seconds. Some servers write the end of a token in its place, as a point in time that is
/// still to come; a number of that size in the past can only be a very long lifetime.
pub(super) fn lifetime(number: i64, headers: &HeaderMap, now: i64) -> i64 {
    let end = u64::try_from(number)
        .ok()
        .filter(|end| *end >= UNIX_SECS_FROM);
    let left = end
        .zip(server_time(headers, now))
        .map(|(end, now)| until(end, now));
    left.filter(|left| *left > 0)
        .and_then(|left| i64::try_from(left).ok())
        .unwrap_or(number)
}

/// Seconds until a point in time that the server names; none left where it has passed.
pub(super) fn left(end: i64, headers: &HeaderMap, now: i64) -> i64 {
    let now = server_time(headers, now).and_then(|now| i64::try_from(now).ok());
    end.saturating_sub(now.unwrap_or_default()).max(0)
}

/// `Date` of the answer (RFC 9110 §6.6.1), else the time here.
fn server_time(headers: &HeaderMap, now: i64) -> Option<u64> {
    let date = headers.get("date").and_then(|value| value.to_str().ok());
    date.and_then(http_date)
        .or(Some(now))
        .and_then(|date| u64::try_from(date).ok())
}

/// Seconds from now: a small number as it is, a large one as a point in time.
fn until(number: u64, now: u64) -> u64 {
    if number < UNIX_SECS_FROM {
        number
    } else if number < UNIX_MILLIS_FROM {
        number.saturating_sub(now)
    } else {
        (number / 1000).saturating_sub(now)
    }
}

fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than a number holds mean a very long time.
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Seconds with a fraction (`12.5`, `1700000000.123`), rounded up.
fn fraction(text: &str) -> Option<u64> {
    let (before, after) = text.split_once('.')?;
    let seconds = whole(before)?;
    whole(after).map(|rest| seconds.saturating_add(u64::from(rest > 0)))
}

/// A date as Unix seconds.
fn date(text: &str) -> Option<u64> {
    let iso = || {
        let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        u64::try_from(date.unix_timestamp()).ok()
    };
    http_date(text)
        .and_then(|date| u64::try_from(date).ok())
        .or_else(iso)
}

/// The one header of the draft on rate limits: `limit=5, remaining=0, reset=30` or `"burst";r=0;t=30`.
fn combined(text: &str) -> Option<u64> {
    text.split([',', ';']).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        matches!(name.trim(), "reset" | "t")
            .then(|| whole(value.trim()))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use http::HeaderValue;

    const NOW: i64 = 1_700_000_000;

    fn wait(status: u16, headers: &[(&'static str, &str)], now: i64) -> Option<u64> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        announced(status, &map, b"", now)
    }

    fn wait_in(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<u64> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        announced(status, &map, body.as_bytes(), NOW)
    }

    #[test]
    fn a_pause_is_read_in_the_body_where_no_header_names_it() {
        for body in [
            r#"{"retry_after": 30}"#,
            r#"{"retry_after": 29.5}"#,
            r#"{"retryAfter": "30"}"#,
            r#"{"error": {"code": "rate_limited", "retry-after-seconds": 30}}"#,
            r#"{"error": "slow_down", "retryAfterMs": 29001}"#,
            r#"{"retry_after": 1700000030}"#,
            r#"{"retry_after": "2023-11-14T22:13:50Z"}"#,
            r#"{"reset_at": "2023-11-14T22:13:50Z"}"#,
            r#"{"error": {"resets_at": 1700000030}}"#,
        ] {
            assert_eq!(wait_in(429, &[], body), Some(30), "{body}");
            assert_eq!(wait_in(503, &[], body), Some(30), "{body}");
            assert_eq!(wait_in(400, &[], body), None, "{body}");
            assert_eq!(wait_in(429, &[("retry-after", "7")], body), Some(7));
        }
        for body in [
            r#"{"retry_after": -1}"#,
            r#"{"retry_after": null}"#,
            r#"{"retry_after": "soon"}"#,
            r#"{"retry_after": [30]}"#,
            r#"{"details": [{"retry_after": 30}]}"#,
            "retry_after=30",
            "",
        ] {
            assert_eq!(wait_in(429, &[], body), None, "{body}");
        }
        assert_eq!(
            wait_in(429, &[], r#"{"retry_after": 99999999999999999999}"#),
            Some(LONGEST_WAIT_SECS)
        );
    }

    #[test]
    fn a_pause_is_read_in_each_dialect() {
        type Case<'a> = (u16, &'a [(&'static str, &'a str)], Option<u64>);
        let date = "Tue, 14 Nov 2023 22:13:20 GMT"; // 1_700_000_000
        let cases: [Case<'_>; 7] = [
            (429, &[("retry-after", "7")], Some(7)),
            (503, &[("retry-after", date)], Some(10)),
            (
                429,
                &[("x-ratelimit-reset", "1700000005"), ("date", date)],
                Some(5),
            ),
            (429, &[("x-rate-limit-reset", "1700000005")], Some(15)),
            (
                429,
                &[("retry-after", "1"), ("x-ratelimit-reset", "1700009999")],
                Some(1),
            ),
            (200, &[("x-rate-limit-reset", "1700000005")], None),
            (429, &[], None),
        ];
        for (status, headers, wanted) in cases {
            assert_eq!(
                wait(status, headers, 1_699_999_990),
                wanted,
                "{status} {headers:?}"
            );
        }
    }

    #[test]
    fn each_form_of_a_point_in_time_gives_the_seconds_until_it() {
        for text in [
            "30",
            "1700000030",
            "1700000030000",
            "Tue, 14 Nov 2023 22:13:50 GMT",
            "2023-11-14T22:13:50Z",
            "2023-11-15T00:13:50+02:00",
        ] {
            for name in ["retry-after", "x-ratelimit-reset", "ratelimit-reset"] {
                assert_eq!(wait(429, &[(name, text)], NOW), Some(30), "{name}: {text}");
            }
        }
        for (name, text) in [
            ("retry-after", "Tue, 14 Nov 2023 22:13:50 +0000"),
            ("retry-after", "Tue, 14 Nov 2023 22:13:50 UTC"),
            ("retry-after", "30s"),
            ("retry-after", "30 seconds"),
            ("retry-after", "\"30\""),
            ("x-ratelimit-reset-requests", "29.5s"),
            ("retry-after", "29.5"),
            ("x-ratelimit-reset", "29.5"),
            ("x-ratelimit-reset", "1700000029.5"),
            ("x-ratelimit-reset-after", "30"),
            ("retry-after-ms", "30000"),
            ("x-ms-retry-after-ms", "29001"),
            ("ratelimit", "limit=5, remaining=0, reset=30"),
            ("ratelimit", "\"burst\";r=0;t=30"),
        ] {
            assert_eq!(wait(429, &[(name, text)], NOW), Some(30), "{name}: {text}");
        }
    }

    #[test]
    fn a_pause_that_cannot_be_read_gives_way_to_the_reset() {
        let headers = [("retry-after", "soon"), ("x-ratelimit-reset", "30")];
        assert_eq!(wait(429, &headers, NOW), Some(30));
    }

    #[test]
    fn a_lifetime_that_is_a_point_in_time_gives_the_seconds_until_it() {
        let mut dated = HeaderMap::new();
        dated.insert("date", "Tue, 14 Nov 2023 22:13:20 GMT".parse().unwrap());
        for (number, wanted) in [
            (300, 300),
            (0, 0),
            (-1, -1),
            (315_360_000, 315_360_000),
            (1_700_000_600, 600),
            (1_700_000_600_000, 600),
            (1_600_000_000, 1_600_000_000),
            (1_700_000_000, 1_700_000_000),
        ] {
            assert_eq!(lifetime(number, &HeaderMap::new(), NOW), wanted, "{number}");
            assert_eq!(lifetime(number, &dated, NOW - 90), wanted, "{number}");
        }
    }

    #[test]
    fn t55_a_pause_is_bounded_whatever_the_server_says() {
        let day = Some(LONGEST_WAIT_SECS);
        for (text, wanted) in [
            ("315360000", day),
            ("99999999999999999999999999", day),
            ("Fri, 31 Dec 9999 23:59:59 GMT", day),
            ("9999-12-31T23:59:59Z", day),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 01 Jan 1970 12:00:00 GMT", Some(0)),
            ("1000000000", Some(0)),
            ("Mon, 01 Jan 1900 00:00:00 GMT", None),
            ("-1", None),
            ("+5", None),
            ("1.5", Some(2)),
            ("1.5.5", None),
            (".5", None),
            ("1e9", None),
            ("soon", None),
            ("", None),
            ("5, 6", None),
            ("0", Some(0)),
        ] {
            assert_eq!(wait(429, &[("retry-after", text)], NOW), wanted, "{text}");
        }
        let reset = |text| wait(429, &[("x-ratelimit-reset", text)], NOW);
        assert_eq!(reset("18446744073709551615"), day);
        assert_eq!(reset("-5"), None);
        // A number that small is no point in time: it says how long to wait.
        assert_eq!(reset("1"), Some(1));
    }
}
