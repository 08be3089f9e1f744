//! A secret as text for another program: a header, a line of an environment file, a command for curl. No command has
//! a secret among its arguments, which other users of the machine can read: curl reads it from standard input, and
//! `printf` is part of the shell.

use keywright_oauth::{dpop, http::BasicEncoding, token::ClientAuth};
use keywright_vault::SecretText;

use crate::{
    disclosure::{
        copy_client::{self, TokenCommand, example},
        types::CopyForm,
    },
    shell_words::quoted,
};

const SOME_API: &str = "https://api.example.com/";
const SOME_REGISTRATION: &str = "https://id.example.com/register";

/// What a secret is good for.
#[derive(Clone)]
pub(crate) enum Target {
    /// An API takes it as a bearer token.
    Api {
        /// What the application called last; none where that is not known.
        url: Option<String>,
    },
    /// An API takes it with a proof for each call (RFC 9449).
    Bound {
        /// What the application called last, which the proof names.
        url: String,
        /// The proof for one call.
        proof: SecretText,
    },
    /// An API takes it as a cookie.
    Session {
        /// Name of the cookie.
        cookie: String,
        /// Origin of the API.
        origin: String,
    },
    /// A token endpoint takes it, in this request.
    Client(Option<Box<TokenCommand>>),
    /// It opens a registration, at this address.
    Registration(Option<String>),
    /// It opens the registration endpoint, or the API of an administrator.
    Initial,
}

impl Target {
    /// The last segment of a reference.
    fn kind(&self) -> &'static str {
        match self {
            Self::Api { .. } | Self::Bound { .. } => "token",
            Self::Session { .. } => "cookie",
            Self::Client(_) => "client_secret",
            Self::Registration(_) => "registration_access_token",
            Self::Initial => "initial_access_token",
        }
    }

    /// Its variable in an environment file. That of a cookie has the name of the cookie.
    fn variable(&self) -> String {
        match self {
            Self::Api { .. } | Self::Bound { .. } => "ACCESS_TOKEN".to_owned(),
            Self::Session { cookie, .. } => format!("{}_COOKIE", variable(cookie)),
            other => other.kind().to_ascii_uppercase(),
        }
    }

    /// The header that carries the secret. Control characters, which no header may contain (RFC 9110 §5.5), are left
    /// out: a line break would begin another header.
    fn header(&self, secret: &str) -> String {
        let bare: String;
        let secret = if secret.contains(char::is_control) && !matches!(self, Self::Client(_)) {
            bare = secret.replace(char::is_control, "");
            &bare
        } else {
            secret
        };
        match self {
            Self::Api { .. } | Self::Registration(_) | Self::Initial => {
                format!("Authorization: Bearer {secret}")
            }
            Self::Bound { .. } => format!("Authorization: DPoP {secret}"),
            Self::Session { cookie, .. } => format!("Cookie: {cookie}={secret}"),
            Self::Client(command) => {
                let request = command.as_ref().map(|command| &command.request);
                let id = request.map_or("", |request| request.client_id.as_str());
                let encoding = match request.map(|request| request.client_auth) {
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
            Self::Client(command) => command
                .as_ref()
                .map(|command| command.request.endpoint.as_str()),
            Self::Api { url } => url.as_deref(),
            Self::Bound { url, .. } => Some(url),
            Self::Session { origin, .. } => Some(origin),
            Self::Registration(uri) => uri.as_deref(),
            Self::Initial => None,
        }
    }

    /// Seconds for which a command in this form is good; none where that has no end.
    pub(crate) fn lives_secs(&self, form: CopyForm) -> Option<u32> {
        match (self, form) {
            (Self::Client(command), CopyForm::CurlWithValue | CopyForm::HttpieWithValue) => {
                command.as_ref()?.lives_secs()
            }
            (Self::Bound { .. }, CopyForm::CurlWithValue) => Some(dpop::LIVES_SECS),
            _ => None,
        }
    }

    /// A client without authentication: its token requests hold nothing secret.
    fn is_public(&self) -> bool {
        matches!(self, Self::Client(Some(command)) if command.request.client_auth == ClientAuth::None)
    }

    fn url(&self) -> &str {
        self.address().unwrap_or(match self {
            Self::Client(_) => copy_client::SOME_TOKEN_ENDPOINT,
            Self::Registration(_) | Self::Initial => SOME_REGISTRATION,
            Self::Api { .. } | Self::Bound { .. } | Self::Session { .. } => SOME_API,
        })
    }

    /// A command that uses the secret.
    fn curl(&self, secret: &str) -> String {
        if let Self::Client(command) = self {
            let header = self.header(secret);
            return command
                .as_ref()
                .map_or_else(|| example(&header), |command| command.curl(&header, secret));
        }
        if let Self::Bound { proof, .. } = self {
            let proof = format!("DPoP: {}", proof.expose());
            let headers = [self.header(secret), proof].map(|header| quoted(&header));
            let url = for_curl(self.url());
            return format!("printf '%s\\n' {} | curl -H @- {url}", headers.join(" "));
        }
        piped(&self.header(secret), &for_curl(self.url()))
    }

    /// The same for `HTTPie`, which reads the value of a header from a file: standard input is one. The token request of
    /// a client is a form, which stays with curl.
    fn httpie(&self, secret: &str) -> String {
        if let Self::Client(_) = self {
            return self.curl(secret);
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

/// An address for curl, which takes brackets and braces for a list of addresses without this option.
pub(super) fn for_curl(url: &str) -> String {
    let is_list = url.contains(['[', ']', '{', '}']);
    format!("{}{}", if is_list { "--globoff " } else { "" }, quoted(url))
}

/// Curl reads a header from standard input, and the rest from its arguments.
pub(super) fn piped(header: &str, rest: &str) -> String {
    format!("printf '%s\\n' {} | curl -H @- {rest}", quoted(header))
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
        (CopyForm::CurlWithValue, ..) => (target.curl(value), !target.is_public()),
        (CopyForm::HttpieWithValue, ..) => (target.httpie(value), !target.is_public()),
        (CopyForm::HeaderReference, ..) => (target.header(&reference()), false),
        (CopyForm::EnvWithValue, ..) => {
            (format!("{}={}\n", target.variable(), in_env(value)), true)
        }
        // No secret that a reference could name is sent: the command line makes the request.
        (CopyForm::Curl | CopyForm::Httpie, Target::Client(Some(command)), Some(name))
            if command.is_without_secret() =>
        {
            let name = quoted(name);
            let command = format!("keywright token get {name} --refresh --format raw");
            (command, false)
        }
        // A proof is good for one call: the command line makes the next one.
        (CopyForm::Curl, Target::Bound { url, .. }, Some(name)) => {
            let command = format!("keywright call {} --app {}", quoted(url), quoted(name));
            (command, false)
        }
        // A command that gets the token itself.
        (CopyForm::Curl, Target::Api { .. }, Some(name)) => {
            let (name, url) = (quoted(name), for_curl(target.url()));
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
/// readers of such files understand too. A line break is escaped: in many readers a line is a variable.
fn in_env(value: &str) -> String {
    if value.contains(char::is_control) {
        return in_env_escaped(value);
    }
    let bare = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-._~+/=:,@".contains(c));
    // A shell that reads the file puts a home directory in their place (POSIX.1-2017, 2.6.1).
    let is_home = value.starts_with('~') || value.contains(":~");
    if bare && !is_home {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// In double quotes with escapes, as readers of environment files resolve them.
fn in_env_escaped(value: &str) -> String {
    let escaped = value.chars().map(|letter| match letter {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '"' | '\\' | '$' | '`' => format!("\\{letter}"),
        letter if letter.is_control() => format!("\\u{:04x}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
#[path = "copy_forms_tests.rs"]
mod tests;
