//! Where names are found in text.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A pattern; a test compiles each.
pub(super) type Pattern = LazyLock<Option<Regex>>;

pub(super) static PSEUDONYM: Pattern = LazyLock::new(|| {
    Regex::new(
        r"demo-(?:client|tenant|app|provider)-[0-9a-f]{4,12}|host-[0-9a-f]{4,12}\.example|00000000-0000-4000-8000-[0-9a-f]{12}",
    )
    .ok()
});
/// The host of an address, plain, or as it is written in JSON or inside another address.
pub(super) static HOST: Pattern = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\b(https?(?::\\?/\\?/|%3A%2F%2F)(?:[^\s/@"'<>]*@)?)(\[[0-9a-f:.]+\]|[[\w&&[^_]]\-]+(?:\.[[\w&&[^_]]\-]+)*)"#,
    )
    .ok()
});
/// Tenants and objects of a provider; version 7 is left out, these are our own ids and never shown.
pub(super) static GUID: Pattern = LazyLock::new(|| {
    Regex::new(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[1-68][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b").ok()
});
/// A client ID inside a body: JSON, a form, an address.
pub(super) static CLIENT_ID: Pattern =
    LazyLock::new(|| Regex::new(r#""client_id"\s*:\s*"([^"\\]+)"|\bclient_id=([^&\s"]+)"#).ok());
/// The name that the user gave an application, as it is sent.
pub(super) static CLIENT_NAME: Pattern =
    LazyLock::new(|| Regex::new(r#"("client_name"\s*:\s*")([^"\\]+)""#).ok());
/// A host without an address around it: dot of a cookie, host, port.
pub(super) static BARE_HOST: Pattern = LazyLock::new(|| {
    Regex::new(r"(?i)^(\.?)(\[[0-9a-f:.]+\]|[[\w&&[^_]]\-]+(?:\.[[\w&&[^_]]\-]+)*)(:[0-9]+)?$").ok()
});

/// The text with each place that the pattern finds replaced.
pub(super) fn replaced(
    pattern: &Pattern,
    text: &str,
    with: impl Fn(&Captures<'_>) -> String,
) -> String {
    match pattern.as_ref() {
        Some(pattern) => pattern.replace_all(text, with).into_owned(),
        None => text.to_owned(),
    }
}

pub(super) fn is_guid(text: &str) -> bool {
    GUID.as_ref()
        .and_then(|pattern| pattern.find(text))
        .is_some_and(|found| found.len() == text.len())
}

/// This computer: it names nobody.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [
            &PSEUDONYM,
            &HOST,
            &GUID,
            &CLIENT_ID,
            &CLIENT_NAME,
            &BARE_HOST,
        ] {
            assert!(pattern.is_some());
        }
    }
}
