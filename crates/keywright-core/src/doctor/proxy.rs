//! Whether a proxy is between this program and the providers. Loopback never goes through one.

use keywright_oauth::http::proxy_for;
use keywright_providers::settings::key;
use url::Url;

use super::{Check, Findings};
use crate::{CoreError, Keywright, i18n::key::Key, vault::backup_types::CheckState};

/// What the HTTP client reads, first come first served for each scheme.
const NAMES: [&str; 8] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Asks for each configuration what the client would do: the variables alone do not say it, because some schemes are
/// passed over, and some systems have settings of their own.
pub(super) fn look(keywright: &Keywright, found: &mut Findings<'_>) -> Result<(), CoreError> {
    let usual = keywright.usual_proxy();
    let mut ways = Vec::new();
    for scheme in ["https", "http"] {
        let any = Url::parse(&format!("{scheme}://provider.invalid/"));
        let proxy = any.ok().and_then(|url| proxy_for(usual.as_deref(), &url));
        ways.extend(proxy.map(|proxy| format!("{scheme}: {proxy}")));
    }
    if keywright.is_unlocked() {
        for configuration in keywright.configurations().list()? {
            let own = configuration.settings.get(key::PROXY).or(usual.as_ref());
            let issuer = Url::parse(&configuration.issuer).ok();
            let proxy = issuer.and_then(|url| proxy_for(own.map(String::as_str), &url));
            ways.extend(proxy.map(|proxy| format!("{}: {proxy}", configuration.name)));
        }
    }
    let set = shown(|name| std::env::var(name).ok());
    let names_one = set
        .iter()
        .any(|one| !one.to_ascii_lowercase().starts_with("no_proxy="));
    let (state, key) = match (ways.is_empty(), names_one && usual.is_none()) {
        (false, _) => (CheckState::Ok, Key::DoctorProxyUsed),
        (true, true) => (CheckState::Warn, Key::DoctorProxyNotUsed),
        (true, false) => (CheckState::Ok, Key::DoctorProxyNone),
    };
    let blanks = [("set", set.join(", ")), ("ways", ways.join(", "))];
    let blanks: Vec<(&str, &str)> = blanks
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    found.add(Check::Proxy, state, key, &blanks);
    Ok(())
}

/// Each variable that is set, without the credentials in it.
fn shown(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    NAMES
        .into_iter()
        .filter_map(|name| {
            let value = variable(name).filter(|value| !value.is_empty())?;
            let value = if name.eq_ignore_ascii_case("no_proxy") {
                value
            } else {
                without_credentials(&value)
            };
            Some(format!("{name}={value}"))
        })
        .collect()
}

/// Scheme, host and port; what cannot be read as an address is not shown at all, because it may hold a password.
fn without_credentials(value: &str) -> String {
    let with_scheme = if value.contains("://") {
        value.to_owned()
    } else {
        format!("http://{value}")
    };
    let Ok(url) = Url::parse(&with_scheme) else {
        return "••••".to_owned();
    };
    let Some(host) = url.host_str() else {
        return "••••".to_owned();
    };
    let credentials = if url.username().is_empty() && url.password().is_none() {
        ""
    } else {
        "••••@"
    };
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!("{}://{credentials}{host}{port}", url.scheme())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t53_a_proxy_is_shown_without_its_credentials() {
        for (value, wanted) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            (
                "http://me:s3cret@proxy.example:3128/",
                "http://••••@proxy.example:3128",
            ),
            (
                "me:s3cret@proxy.example:3128",
                "http://••••@proxy.example:3128",
            ),
            (
                "socks5://s3cret@proxy.example",
                "socks5://••••@proxy.example",
            ),
            (
                "http://proxy.example/s3cret?s3cret#s3cret",
                "http://proxy.example",
            ),
            ("http://me:s3cret@[::bad", "••••"),
            ("s3cret", "http://s3cret"),
        ] {
            let set = shown(|name| (name == "HTTPS_PROXY").then(|| value.to_owned()));
            assert_eq!(set, [format!("HTTPS_PROXY={wanted}")]);
        }
        assert!(shown(|_| None).is_empty());
        let none = shown(|name| (name == "no_proxy").then(|| "localhost".to_owned()));
        assert_eq!(none, ["no_proxy=localhost"]);
    }
}
