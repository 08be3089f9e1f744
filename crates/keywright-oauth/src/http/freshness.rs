//! How long an answer may be used again (RFC 9111).

use http::{HeaderMap, header};

/// Seconds from now for which an answer is fresh by `Cache-Control` (RFC 9111 §5.2.2), less its `Age`; 0 where it must
/// not be used again without asking. None where the server does not say.
pub(super) fn lifetime(headers: &HeaderMap) -> Option<u64> {
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let directives = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    let mut said: Option<u64> = None;
    for directive in directives {
        let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
        let seconds = match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => 0,
            // RFC 9111 §4.2.1: an answer with a lifetime that cannot be read counts as stale.
            "max-age" => number(argument).unwrap_or(0),
            _ => continue,
        };
        // Of several, the shortest.
        said = Some(said.map_or(seconds, |before| before.min(seconds)));
    }
    let age = headers
        .get(header::AGE)
        .and_then(|value| number(value.to_str().ok()?));
    said.map(|seconds| seconds.saturating_sub(age.unwrap_or(0)))
}

/// `delta-seconds`, also in quotes (RFC 9111 §1.2.2, §5.2).
fn number(text: &str) -> Option<u64> {
    let digits = text.trim().trim_matches('"');
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than a number holds mean a very long time.
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn of(lines: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        lifetime(&headers)
    }

    #[test]
    fn the_lifetime_of_an_answer_is_read_from_cache_control() {
        for (value, wanted) in [
            ("max-age=600", Some(600)),
            ("public, Max-Age=\"600\", must-revalidate", Some(600)),
            ("max-age=600, no-cache", Some(0)),
            ("no-store", Some(0)),
            ("max-age=", Some(0)),
            ("max-age=-1", Some(0)),
            ("max-age=ten, max-age=10", Some(0)),
            ("max-age=99999999999999999999", Some(u64::MAX)),
            ("s-maxage=600", None),
            ("public", None),
        ] {
            assert_eq!(of(&[("cache-control", value)]), wanted, "{value}");
        }
        assert_eq!(of(&[]), None);
        let aged = [("cache-control", "max-age=600"), ("age", "590")];
        assert_eq!(of(&aged), Some(10));
        let old = [("cache-control", "max-age=600"), ("age", "6000")];
        assert_eq!(of(&old), Some(0));
        let twice = [
            ("cache-control", "max-age=600"),
            ("cache-control", "max-age=60"),
        ];
        assert_eq!(of(&twice), Some(60));
    }
}
