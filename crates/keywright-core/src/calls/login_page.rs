//! An answer that sends a person to a login page is no answer of the API.

use std::sync::LazyLock;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::header::{CONTENT_TYPE, LOCATION};
use keywright_oauth::http::Response;
use regex::Regex;
use url::Url;

/// Base64 with or without its padding, in both alphabets once `-_` were replaced.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Parts of a path that stand for a login.
const PATHS: &[&str] = &[
    "login",
    "logon",
    "signin",
    "sign-in",
    "sign_in",
    "log-in",
    "log_in",
    "sso",
    "saml",
    "saml2",
    "authorize",
    "authorise",
    "auth",
    "oauth",
    "oauth2",
    "oidc",
    "openid",
    "openid-connect",
    "cas",
    "adfs",
    "wsfed",
    "authenticate",
    "authn",
    "signon",
    "sign-on",
    "session-expired",
];
/// Words of a part that stand for a login wherever they stand in it: `j_spring_security_check` has none of them, and
/// `loginForm` does.
const WORDS: &[&str] = &[
    "login", "logon", "signin", "sign_in", "sign-in", "saml", "oidc", "openid",
];
/// The same of the name of a host, in addition to those.
const HOSTS: &[&str] = &[
    "accounts", "account", "id", "idp", "identity", "portal", "keycloak", "iam",
];
/// Parameters of a login request: OAuth, OpenID Connect, SAML, WS-Federation.
const REQUESTS: &[&str] = &[
    "response_type",
    "samlrequest",
    "wtrealm",
    "openid.mode",
    "code_challenge",
];
/// Parameters that say where to go after the login.
const RETURNS: &[&str] = &[
    "url",
    "next",
    "return",
    "returnto",
    "return_to",
    "returnurl",
    "return_url",
    "redirect",
    "redirect_to",
    "redirecturl",
    "redirect_uri",
    "redirect_url",
    "rd",
    "rurl",
    "continue",
    "goto",
    "service",
    "target",
    "back",
    "backurl",
    "dest",
    "destination",
    "relaystate",
    "wctx",
    "from",
    "ref",
    "resource",
    "spentityid",
    "origin",
    "originalurl",
    "success_url",
];

static PASSWORD_FIELD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)<input\b[^>]*\btype\s*=\s*["']?password\b"#).ok());
static SAML_FIELD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)<input\b[^>]*\bname\s*=\s*["']?SAMLRequest\b"#).ok());

/// The login page (without its query) that an answer is or leads to; none for an answer of the API.
/// `accepted_before`: this address answered the same credential otherwise before.
pub(crate) fn of(url: &Url, response: &Response, accepted_before: bool) -> Option<String> {
    if matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        let location = response.headers.get(LOCATION)?;
        let to = url
            .join(String::from_utf8_lossy(location.as_bytes()).trim())
            .ok()?;
        return is_login(url, &to, accepted_before).then(|| bare(&to));
    }
    let login = response.is_success() && is_html(response) && is_form(response);
    login.then(|| bare(url))
}

fn bare(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn is_login(from: &Url, to: &Url, accepted_before: bool) -> bool {
    if !matches!(to.scheme(), "http" | "https") {
        return false;
    }
    let names: Vec<(String, String)> = to
        .query_pairs()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .collect();
    if names
        .iter()
        .any(|(name, _)| REQUESTS.contains(&name.as_str()))
    {
        return true;
    }
    let returns = names
        .iter()
        .any(|(name, value)| RETURNS.contains(&name.as_str()) && leads_back(from, value));
    let path = parts(to.path()).any(|part| is_login_part(&part));
    // The login of a page that runs in the browser: `/#/login`.
    if to
        .fragment()
        .is_some_and(|fragment| parts(fragment).any(|part| is_login_part(&part)))
    {
        return true;
    }
    if from.origin() == to.origin() {
        // An API has paths of its own that read so; it does not redirect among them with the way back.
        let new = parts(to.path())
            .filter(|part| is_login_part(part))
            .any(|part| !parts(from.path()).any(|own| own == part));
        return new || (returns && path);
    }
    // The same host in its other scheme or with its other name is no login.
    if to.host() == from.host() && to.path() == from.path() {
        return false;
    }
    let host = to.host_str().is_some_and(|host| {
        host.split('.')
            .flat_map(|label| label.split('-'))
            .any(|part| PATHS.contains(&part) || HOSTS.contains(&part))
    });
    path || host || returns || accepted_before
}

fn is_login_part(part: &str) -> bool {
    PATHS.contains(&part) || WORDS.iter().any(|word| part.contains(word))
}

/// Segments of a path, also without an ending such as `.php`.
fn parts(path: &str) -> impl Iterator<Item = String> {
    path.split('/').map(|part| {
        let part = part.to_ascii_lowercase();
        match part.split_once('.') {
            Some((name, _)) if !name.is_empty() => name.to_owned(),
            _ => part,
        }
    })
}

/// Whether a parameter names the address that was called, also in base64, as `LemonLDAP::NG` writes it.
fn leads_back(from: &Url, value: &str) -> bool {
    let host = from.host_str().unwrap_or_default();
    let names = |text: &str| {
        (!host.is_empty() && text.contains(host))
            || (text.starts_with('/') && text.starts_with(from.path()))
    };
    if names(value) {
        return true;
    }
    let plain = value.trim().replace('-', "+").replace('_', "/");
    LENIENT
        .decode(plain)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .is_some_and(|text| names(&text))
}

fn is_html(response: &Response) -> bool {
    response
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| {
            let text = text.to_ascii_lowercase();
            text.starts_with("text/html") || text.starts_with("application/xhtml")
        })
}

/// One field for a password, or a SAML request that a script posts. Two such fields change a password.
fn is_form(response: &Response) -> bool {
    let body = String::from_utf8_lossy(&response.body);
    let count = |pattern: &LazyLock<Option<Regex>>| {
        pattern
            .as_ref()
            .map_or(0, |pattern| pattern.find_iter(&body).count())
    };
    count(&PASSWORD_FIELD) == 1 || count(&SAML_FIELD) > 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;

    fn redirect(to: &str, accepted_before: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, to.parse().unwrap());
        let response = Response::new(302, headers, Bytes::new());
        let url = "https://api.example.com/v1/orders?page=2".parse().unwrap();
        of(&url, &response, accepted_before)
    }

    #[test]
    fn a_redirect_to_a_login_is_told_from_others() {
        for to in [
            "/login",
            "/login?next=/v1/orders",
            "/users/sign_in",
            "/web/loginForm.do",
            "/#/login",
            "/oauth2/start?rd=%2Fv1%2Forders",
            "/Account/Login.aspx?ReturnUrl=%2fv1",
            "https://id.example.com/authorize?client_id=a&response_type=code",
            "https://id.example.com/x?SAMLRequest=abc",
            "https://login.microsoftonline.com/t/wsfed?wtrealm=x",
            "https://sso.example.com/?x=1",
            "https://auth.example.com/",
            "http://portal.example.org/?url=aHR0cHM6Ly9hcGkuZXhhbXBsZS5jb20vdjEvb3JkZXJz",
            "http://x.example.org/?url=aHR0cHM6Ly9hcGkuZXhhbXBsZS5jb20vdjEvb3JkZXJz",
            "https://x.example.org/start?rd=https://api.example.com/v1/orders",
            "https://my-auth.example.com/start",
        ] {
            assert!(redirect(to, false).is_some(), "{to}");
        }
        for to in [
            "/v1/orders/",
            "/v2/orders?page=2",
            "https://api.example.com/v2/orders",
            "http://api.example.com/v1/orders?page=2",
            "https://bucket.s3.amazonaws.com/key?X-Amz-Signature=1",
            "https://cdn.example.net/orders.csv",
            "mailto:someone@example.com",
        ] {
            assert_eq!(redirect(to, false), None, "{to}");
        }
        assert!(redirect("https://cdn.example.net/orders.csv", true).is_some());
        assert_eq!(
            redirect("https://id.example.com/login?state=secret", false).unwrap(),
            "https://id.example.com/login"
        );
    }

    #[test]
    fn a_page_that_asks_for_a_password_is_a_login() {
        let page = |content_type: &str, body: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
            let response = Response::new(200, headers, Bytes::from_static(body.as_bytes()));
            of(&"https://a.example/x".parse().unwrap(), &response, false).is_some()
        };
        let form = "<form><input name=u><INPUT name=\"p\" type='password'></form>";
        assert!(page("text/html; charset=utf-8", form));
        assert!(page(
            "text/html",
            "<input type=hidden name=SAMLRequest value=x>"
        ));
        assert!(!page("application/json", form));
        assert!(!page("text/html", "<p>password</p>"));
        assert!(!page(
            "text/html",
            "<input type=password><input type=password>"
        ));
    }
}
