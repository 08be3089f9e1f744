//! A secret as text for another program: a header, a line of an environment file, a command for curl. No command has
//! a secret among its arguments, which other users of the machine can read: curl reads it from standard input, and
//! `printf` is part of the shell.

use keywright_oauth::{
    http::BasicEncoding,
    token::{ClientAuth, TokenRequest},
};
use keywright_vault::SecretText;

use crate::{disclosure::types::CopyForm, shell_words::quoted};

const SOME_API: &str = "https://api.example.com/";
const SOME_TOKEN_ENDPOINT: &str = "https://id.example.com/token";
const SOME_REGISTRATION: &str = "https://id.example.com/register";

/// What a secret is good for.
#[derive(Clone)]
pub(crate) enum Target {
    /// An API takes it as a bearer token.
    Api {
        /// What the application called last; none where that is not known.
        url: Option<String>,
    },
    /// An API takes it as a cookie.
    Session {
        /// Name of the cookie.
        cookie: String,
        /// Origin of the API.
        origin: String,
    },
    /// A token endpoint takes it, in this request.
    Client(Option<Box<TokenRequest>>),
    /// It opens a registration, at this address.
    Registration(Option<String>),
    /// It opens the registration endpoint, or the API of an administrator.
    Initial,
}

impl Target {
    /// The last segment of a reference.
    fn kind(&self) -> &'static str {
        match self {
            Self::Api { .. } => "token",
            Self::Session { .. } => "cookie",
            Self::Client(_) => "client_secret",
            Self::Registration(_) => "registration_access_token",
            Self::Initial => "initial_access_token",
        }
    }

    /// Its variable in an environment file. That of a cookie has the name of the cookie.
    fn variable(&self) -> String {
        match self {
            Self::Api { .. } => "ACCESS_TOKEN".to_owned(),
            Self::Session { cookie, .. } => format!("{}_COOKIE", variable(cookie)),
            other => other.kind().to_ascii_uppercase(),
        }
    }

    /// The header that carries the secret.
    fn header(&self, secret: &str) -> String {
        match self {
            Self::Api { .. } | Self::Registration(_) | Self::Initial => {
                format!("Authorization: Bearer {secret}")
            }
            Self::Session { cookie, .. } => format!("Cookie: {cookie}={secret}"),
            Self::Client(request) => {
                let id = request
                    .as_ref()
                    .map_or("", |request| request.client_id.as_str());
                let encoding = match request.as_ref().map(|request| request.client_auth) {
                    Some(ClientAuth::Basic(encoding) | ClientAuth::BasicWithId(encoding)) => {
                        encoding
                    }
                    _ => BasicEncoding::Rfc6749,
                };
                format!("Authorization: {}", encoding.credentials(id, secret))
            }
        }
    }

    /// The address that a copied command calls; an example address if none is known.
    pub(crate) fn address(&self) -> Option<&str> {
        match self {
            Self::Client(request) => request.as_ref().map(|request| request.endpoint.as_str()),
            Self::Api { url } => url.as_deref(),
            Self::Session { origin, .. } => Some(origin),
            Self::Registration(uri) => uri.as_deref(),
            Self::Initial => None,
        }
    }

    fn url(&self) -> &str {
        self.address().unwrap_or(match self {
            Self::Client(_) => SOME_TOKEN_ENDPOINT,
            Self::Registration(_) | Self::Initial => SOME_REGISTRATION,
            Self::Api { .. } | Self::Session { .. } => SOME_API,
        })
    }

    /// A command that uses the secret.
    fn curl(&self, secret: &str) -> String {
        if let Self::Client(request) = self {
            return token_command(request.as_deref(), self, secret);
        }
        piped(&self.header(secret), &quoted(self.url()))
    }

    /// The same for `HTTPie`, which reads the value of a header from a file: standard input is one. The token request of
    /// a client is a form, which stays with curl.
    fn httpie(&self, secret: &str) -> String {
        if let Self::Client(request) = self {
            return token_command(request.as_deref(), self, secret);
        }
        let header = self.header(secret);
        let (name, value) = header
            .split_once(": ")
            .unwrap_or(("Authorization", &header));
        let url = quoted(self.url());
        format!(
            "printf %s {} | http --ignore-stdin GET {url} {name}:@/dev/stdin",
            quoted(value)
        )
    }
}

/// Curl reads a header from standard input, and the rest from its arguments.
fn piped(header: &str, rest: &str) -> String {
    format!("printf '%s\\n' {} | curl -H @- {rest}", quoted(header))
}

/// The token request of a client.
fn token_command(request: Option<&TokenRequest>, target: &Target, secret: &str) -> String {
    let mut fields = vec![("grant_type", "client_credentials".to_owned())];
    let Some(request) = request else {
        let rest = format!("{} {SOME_TOKEN_ENDPOINT}", form(&fields));
        return piped(&target.header(secret), &rest);
    };
    if !request.scopes.is_empty() {
        fields.push(("scope", request.scopes.join(" ")));
    }
    fields.extend(
        request
            .extra
            .iter()
            .filter(|(name, _)| !name.starts_with("client_assertion"))
            .map(|(name, value)| (name.as_str(), value.clone())),
    );
    let endpoint = quoted(request.endpoint.as_str());
    if let ClientAuth::BasicWithId(_) = request.client_auth {
        fields.push(("client_id", request.client_id.clone()));
    }
    if let ClientAuth::Basic(_) | ClientAuth::BasicWithId(_) = request.client_auth {
        return piped(
            &target.header(secret),
            &format!("{} {endpoint}", form(&fields)),
        );
    }
    fields.push(("client_id", request.client_id.clone()));
    format!(
        "printf %s {} | curl {} --data-urlencode client_secret@- {endpoint}",
        quoted(secret),
        form(&fields)
    )
}

fn form(fields: &[(&str, String)]) -> String {
    let all = fields.iter().map(|(name, value)| {
        let field = quoted(&format!("{name}={value}"));
        format!("--data-urlencode {field}")
    });
    all.collect::<Vec<_>>().join(" ")
}

/// A secret in the wanted form, and whether the text holds it. A reference names what is meant and holds nothing
/// secret; `name` is that of the application.
pub(crate) fn formed(
    secret: &SecretText,
    name: Option<&str>,
    target: &Target,
    form: CopyForm,
) -> (SecretText, bool) {
    let value = secret.expose();
    let reference = || {
        let name = slug(name.unwrap_or("configuration"));
        format!("keywright://{name}/{}", target.kind())
    };
    let (text, holds_value) = match (form, target, name) {
        (CopyForm::Raw, ..) => (value.to_owned(), true),
        (CopyForm::Header, ..) => (target.header(value), true),
        (CopyForm::CurlWithValue, ..) => (target.curl(value), true),
        (CopyForm::HttpieWithValue, ..) => (target.httpie(value), true),
        (CopyForm::HeaderReference, ..) => (target.header(&reference()), false),
        (CopyForm::EnvWithValue, ..) => {
            (format!("{}={}\n", target.variable(), in_env(value)), true)
        }
        // A command that gets the token itself.
        (CopyForm::Curl, Target::Api { .. }, Some(name)) => {
            let (name, url) = (quoted(name), quoted(target.url()));
            let command = format!("keywright token get {name} --format header | curl -H @- {url}");
            (command, false)
        }
        (CopyForm::Httpie, Target::Api { .. }, Some(name)) => {
            let (name, url) = (quoted(name), quoted(target.url()));
            let command = format!(
                "keywright token get {name} --format header | cut -d ' ' -f 2- | http --ignore-stdin GET {url} Authorization:@/dev/stdin"
            );
            (command, false)
        }
        (CopyForm::Httpie, ..) => (target.httpie(&reference()), false),
        (CopyForm::Curl, ..) => (target.curl(&reference()), false),
        (CopyForm::Env, ..) => (format!("{}={}\n", target.variable(), reference()), false),
    };
    (SecretText::new(text), holds_value)
}

/// The name of a variable (POSIX.1-2017, 8.1).
fn variable(name: &str) -> String {
    let mut letters: String = name
        .chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() => letter.to_ascii_uppercase(),
            _ => '_',
        })
        .collect();
    if letters.starts_with(|letter: char| letter.is_ascii_digit()) {
        letters.insert(0, '_');
    }
    letters
}

fn slug(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// The value for an environment file: bare if every reader accepts that, otherwise quoted as for a POSIX shell, which
/// readers of such files understand too.
fn in_env(value: &str) -> String {
    let bare = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-._~+/=:,@".contains(c));
    if bare {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::process::Command;

    use keywright_oauth::{secret::ClientSecret, token::Grant};
    use uuid::Uuid;

    use super::*;

    const HOSTILE: &str = "a'b\"c$(id)`id`;#\nNEXT=1";

    fn client(client_auth: ClientAuth) -> Target {
        Target::Client(Some(Box::new(TokenRequest {
            endpoint: "https://id.example.com/oauth/token".parse().unwrap(),
            client_id: "c 1".into(),
            client_secret: Some(ClientSecret::new("not read")),
            client_auth,
            assertion: keywright_oauth::assertion::AssertionParams::default(),
            dpop: None,
            grant: Grant::ClientCredentials,
            scopes: vec!["a".into(), "b".into()],
            extra: vec![("audience".into(), "https://api.example.com".into())],
            flow: Uuid::nil(),
        })))
    }

    fn api() -> Target {
        Target::Api { url: None }
    }

    fn session() -> Target {
        Target::Session {
            cookie: "__Host-sid.2".into(),
            origin: "https://shop.example.com".into(),
        }
    }

    fn targets() -> Vec<Target> {
        vec![
            Target::Api { url: None },
            session(),
            Target::Client(None),
            client(ClientAuth::Post),
            client(ClientAuth::Basic(BasicEncoding::Rfc6749)),
            Target::Registration(Some("https://id.example.com/register/c-1".into())),
            Target::Registration(None),
            Target::Initial,
        ]
    }

    fn text(target: &Target, value: &str, form: CopyForm) -> String {
        formed(&value.into(), Some("my app"), target, form)
            .0
            .expose()
            .to_owned()
    }

    /// What curl is given: its arguments, one on each line, then its standard input.
    fn played(command: &str) -> (Vec<String>, String) {
        let script = format!(
            "curl() {{ for word in \"$@\"; do printf '%s\\0' \"$word\"; done; printf '\\1'; cat; }}\n{command}"
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{command}");
        let output = String::from_utf8(output.stdout).unwrap();
        let (words, input) = output.split_once('\u{1}').unwrap();
        let words = words.split_terminator('\0').map(str::to_owned).collect();
        (words, input.to_owned())
    }

    #[test]
    fn t37_no_copied_command_has_a_secret_among_its_arguments() {
        for target in targets() {
            for value in ["s3cret-value", HOSTILE] {
                let command = text(&target, value, CopyForm::CurlWithValue);
                let (words, input) = played(&command);
                assert!(!words.iter().any(|word| word.contains(value)), "{command}");
                let httpie = text(&target, value, CopyForm::HttpieWithValue);
                let (words, _) = played_httpie(&httpie);
                assert!(!words.iter().any(|word| word.contains(value)), "{httpie}");
                let carried = match &target {
                    Target::Client(request)
                        if !request
                            .as_ref()
                            .is_some_and(|request| request.client_auth == ClientAuth::Post) =>
                    {
                        target.header(value)
                    }
                    _ => value.to_owned(),
                };
                assert!(input.contains(&carried), "{command}");
            }
        }
    }

    #[test]
    fn a_copied_command_asks_where_the_secret_is_used() {
        let last = |target: &Target| {
            let command = text(target, "s3cret", CopyForm::CurlWithValue);
            played(&command).0.pop().unwrap()
        };
        let all: Vec<String> = targets().iter().map(last).collect();
        assert_eq!(
            all,
            [
                SOME_API,
                "https://shop.example.com",
                SOME_TOKEN_ENDPOINT,
                "https://id.example.com/oauth/token",
                "https://id.example.com/oauth/token",
                "https://id.example.com/register/c-1",
                SOME_REGISTRATION,
                SOME_REGISTRATION,
            ]
        );
        let post = text(&client(ClientAuth::Post), "s3cret", CopyForm::CurlWithValue);
        let (words, input) = played(&post);
        assert_eq!(input, "s3cret");
        for field in [
            "grant_type=client_credentials",
            "scope=a b",
            "audience=https://api.example.com",
            "client_id=c 1",
            "client_secret@-",
        ] {
            assert!(words.iter().any(|word| word == field), "{field} in {post}");
        }
        let reference = text(&api(), "s3cret", CopyForm::Curl);
        assert_eq!(
            reference,
            "keywright token get 'my app' --format header | curl -H @- https://api.example.com/"
        );
    }

    /// What `HTTPie` is given: its arguments, then what it finds in the file of the header.
    fn played_httpie(command: &str) -> (Vec<String>, String) {
        let script = command.replacen("http ", "curl ", 1);
        played(&script)
    }

    #[test]
    fn a_copied_command_calls_what_was_called_last() {
        let called = Target::Api {
            url: Some("https://api.example.com/orders?limit=2&a='b".into()),
        };
        let (words, _) = played(&text(&called, "s3cret", CopyForm::CurlWithValue));
        assert_eq!(
            words.last().unwrap(),
            "https://api.example.com/orders?limit=2&a='b"
        );
        let (words, input) = played_httpie(&text(&called, HOSTILE, CopyForm::HttpieWithValue));
        assert_eq!(
            words,
            [
                "--ignore-stdin",
                "GET",
                "https://api.example.com/orders?limit=2&a='b",
                "Authorization:@/dev/stdin"
            ]
        );
        assert_eq!(input, format!("Bearer {HOSTILE}"));
        assert_eq!(
            called.address(),
            Some("https://api.example.com/orders?limit=2&a='b")
        );
        assert_eq!(api().address(), None);
    }

    #[test]
    fn a_reference_holds_no_value() {
        for target in targets() {
            for form in [
                CopyForm::HeaderReference,
                CopyForm::Httpie,
                CopyForm::Curl,
                CopyForm::Env,
            ] {
                let (made, holds) = formed(&"s3cret-value".into(), Some("my app"), &target, form);
                assert!(
                    !holds && !made.expose().contains("s3cret-value"),
                    "{}",
                    made.expose()
                );
            }
        }
    }

    #[test]
    fn a_cookie_is_copied_under_its_own_name() {
        let of = |form| text(&session(), "v1", form);
        assert_eq!(of(CopyForm::Header), "Cookie: __Host-sid.2=v1");
        assert_eq!(of(CopyForm::EnvWithValue), "__HOST_SID_2_COOKIE=v1\n");
        assert!(of(CopyForm::CurlWithValue).contains("'Cookie: __Host-sid.2=v1'"));
        assert_eq!(variable("2fa session"), "_2FA_SESSION");
        assert_eq!(variable("session"), "SESSION");
    }

    #[test]
    fn t49_a_value_is_quoted_for_its_place() {
        let client = Target::Client(None);
        assert_eq!(
            text(&client, HOSTILE, CopyForm::EnvWithValue),
            "CLIENT_SECRET='a'\\''b\"c$(id)`id`;#\nNEXT=1'\n"
        );
        assert_eq!(
            text(&client, "aB3-._~+/=", CopyForm::EnvWithValue),
            "CLIENT_SECRET=aB3-._~+/=\n"
        );
        assert_eq!(text(&client, HOSTILE, CopyForm::Raw), HOSTILE);
        let bearer = text(&api(), HOSTILE, CopyForm::CurlWithValue);
        assert_eq!(
            played(&bearer).1,
            format!("Authorization: Bearer {HOSTILE}\n")
        );
    }

    #[test]
    fn t49_a_name_in_a_reference_is_one_segment_of_an_address() {
        assert_eq!(
            slug("../a b'\"$(x)\n?#/é"),
            "..%2Fa%20b%27%22%24%28x%29%0A%3F%23%2F%C3%A9"
        );
    }
}
