//! Which proxy a request goes through: one that the user set, else what the system says. Loopback never goes through
//! one.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, NoProxy, Proxy};
use url::Url;

use super::{HttpError, is_loopback};

/// The setting that turns every proxy off.
const DIRECT: &str = "direct";

/// Schemes that a proxy may have. Desktops write `socks` and mean SOCKS 5 with names resolved by the proxy.
const SCHEMES: [&str; 7] = [
    "http", "https", "socks4", "socks4a", "socks5", "socks5h", "socks",
];

/// Why a setting is no proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyProblem {
    /// Neither `direct` nor an address with a known scheme and a host.
    NotAnAddress,
    /// A user or a password, which a setting shows to everybody.
    Credentials,
}

/// Checks what the user set.
pub fn check_proxy(setting: &str) -> Result<(), ProxyProblem> {
    if setting == DIRECT {
        return Ok(());
    }
    let url = Url::parse(setting).map_err(|_unreadable| ProxyProblem::NotAnAddress)?;
    if !SCHEMES.contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return Err(ProxyProblem::NotAnAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ProxyProblem::Credentials);
    }
    Ok(())
}

/// The proxy that a request to this address goes through, without its credentials; none where it goes directly.
pub fn proxy_for(setting: Option<&str>, url: &Url) -> Option<String> {
    if is_loopback(url) || setting == Some(DIRECT) {
        return None;
    }
    let matcher = match (setting, Environment::of_this_process()) {
        (Some(setting), _) => Matcher::builder().all(known_scheme(setting)).build(),
        (None, Some(environment)) => Matcher::builder()
            .all(environment.all.unwrap_or_default())
            .http(environment.http.unwrap_or_default())
            .https(environment.https.unwrap_or_default())
            .no(environment.no.unwrap_or_default())
            .build(),
        (None, None) => Matcher::from_system(),
    };
    let found = matcher.intercept(&url.as_str().parse().ok()?)?;
    // The address of a match has no credentials.
    Some(found.uri().to_string().trim_end_matches('/').to_owned())
}

/// Makes a client go that way.
pub(super) fn through(
    mut builder: ClientBuilder,
    setting: Option<&str>,
) -> Result<ClientBuilder, HttpError> {
    let failed = |source| HttpError::Setup { source };
    match setting {
        Some(DIRECT) => return Ok(builder.no_proxy()),
        Some(setting) => {
            let proxy = Proxy::all(known_scheme(setting)).map_err(failed)?;
            return Ok(builder.proxy(proxy));
        }
        None => {}
    }
    // Elsewhere, the client asks the system itself.
    let Some(environment) = Environment::of_this_process() else {
        return Ok(builder);
    };
    let not = environment.no.as_deref().and_then(NoProxy::from_string);
    let kinds: [(Option<String>, Made); 3] = [
        (environment.https, |at| Proxy::https(at)),
        (environment.http, |at| Proxy::http(at)),
        (environment.all, |at| Proxy::all(at)),
    ];
    for (address, made) in kinds {
        if let Some(address) = address {
            let proxy = made(address).map_err(failed)?;
            builder = builder.proxy(proxy.no_proxy(not.clone()));
        }
    }
    Ok(builder)
}

/// Makes the proxy of one kind of address.
type Made = fn(String) -> reqwest::Result<Proxy>;

fn known_scheme(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("socks") => format!("socks5h://{rest}"),
        _ => address.to_owned(),
    }
}

/// Variables with the scheme `socks`, which the client would pass over, and so go around the proxy.
struct Environment {
    http: Option<String>,
    https: Option<String>,
    all: Option<String>,
    no: Option<String>,
}

impl Environment {
    fn of_this_process() -> Option<Self> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// None where no variable needs another reading.
    fn read(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let either = |name: &str| {
            variable(&name.to_uppercase())
                .or_else(|| variable(name))
                .filter(|value| !value.is_empty())
        };
        let raw = [
            either("http_proxy"),
            either("https_proxy"),
            either("all_proxy"),
        ];
        let known = |value: &Option<String>| value.as_deref().map(known_scheme);
        let [http, https, all] = [known(&raw[0]), known(&raw[1]), known(&raw[2])];
        if [&http, &https, &all] == [&raw[0], &raw[1], &raw[2]] {
            return None;
        }
        Some(Self {
            http,
            https,
            all,
            no: either("no_proxy"),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn t53_a_proxy_setting_is_an_address_without_credentials() {
        for good in [
            "direct",
            "http://p:3128",
            "https://p",
            "socks5://p:1080",
            "socks5h://p",
            "socks://p",
        ] {
            assert_eq!(check_proxy(good), Ok(()), "{good}");
        }
        for bad in ["", "p:3128", "ftp://p", "http://", "none", "socks9://p"] {
            assert_eq!(check_proxy(bad), Err(ProxyProblem::NotAnAddress), "{bad}");
        }
        for secret in ["http://me@p", "http://me:s3cret@p", "socks5://:s3cret@p"] {
            assert_eq!(
                check_proxy(secret),
                Err(ProxyProblem::Credentials),
                "{secret}"
            );
        }
    }

    #[test]
    fn t53_what_is_set_is_what_is_used() {
        let away = Url::parse("https://id.example/token").unwrap();
        let here = Url::parse("http://127.0.0.1:9/").unwrap();
        let used = |setting| proxy_for(Some(setting), &away);
        assert_eq!(used("http://p:3128").unwrap(), "http://p:3128");
        assert_eq!(used("socks5://p:1080").unwrap(), "socks5://p:1080");
        assert_eq!(used("socks://p:1080").unwrap(), "socks5h://p:1080");
        assert_eq!(used(DIRECT), None);
        assert_eq!(proxy_for(Some("http://p:3128"), &here), None);
    }

    #[test]
    fn t53_socks_of_a_desktop_is_read_as_socks_5() {
        let read = |name: &str| match name {
            "ALL_PROXY" => Some("socks://p:1080/".to_owned()),
            "no_proxy" => Some("corp.example".to_owned()),
            _ => None,
        };
        let environment = Environment::read(read).unwrap();
        assert_eq!(environment.all.unwrap(), "socks5h://p:1080/");
        assert_eq!(environment.no.unwrap(), "corp.example");
        let usual = |name: &str| (name == "https_proxy").then(|| "http://p:3128".to_owned());
        assert!(Environment::read(usual).is_none());
    }
}
