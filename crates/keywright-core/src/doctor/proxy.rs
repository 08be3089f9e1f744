//! Whether a proxy stands between this program and the providers. Loopback never goes through one.

use url::Url;

use super::Findings;
use crate::view::CheckState;

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

pub(super) fn from_the_environment(
    variable: impl Fn(&str) -> Option<String>,
    found: &mut Findings<'_>,
) {
    let set = shown(variable);
    let key = if set.is_empty() {
        "doctor.proxy_none"
    } else {
        "doctor.proxy_used"
    };
    found.add("proxy", CheckState::Ok, key, &[("set", &set.join(", "))]);
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
