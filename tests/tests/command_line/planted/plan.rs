//! Where the secret of a case belongs, and where it is repeated.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use keywright_tests::{ScriptedServer, plain_forms};
use serde_json::{Value, json};
use url::form_urlencoded::{Serializer, byte_serialize};

const NAMES: [&str; 10] = [
    "password",
    "clientSecret",
    "refresh_token",
    "api-key",
    "userPassphrase",
    "X-Amz-Signature",
    "session_token",
    "otp_code",
    "device_code",
    "id_token_hint",
];

/// Where the secret belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Home {
    RequestHeader,
    RequestQuery,
    RequestForm,
    RequestJson,
    RequestMultipart,
    ClientSecretOfCall,
    ClientSecretOfToken,
    InitialAccessToken,
    AnswerJson,
    AnswerForm,
    AnswerCookie,
    AnswerLocation,
    AnswerHeader,
    NewClientSecret,
    NewAccessToken,
}

const HOMES: [Home; 15] = [
    Home::RequestHeader,
    Home::RequestQuery,
    Home::RequestForm,
    Home::RequestJson,
    Home::RequestMultipart,
    Home::ClientSecretOfCall,
    Home::ClientSecretOfToken,
    Home::InitialAccessToken,
    Home::AnswerJson,
    Home::AnswerForm,
    Home::AnswerCookie,
    Home::AnswerLocation,
    Home::AnswerHeader,
    Home::NewClientSecret,
    Home::NewAccessToken,
];

/// Where the answer repeats it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Echo {
    Nowhere,
    Text,
    Json,
    Error,
    Html,
    Form,
    Header,
    Location,
    Cookie,
}

const ECHOES: [Echo; 9] = [
    Echo::Nowhere,
    Echo::Text,
    Echo::Json,
    Echo::Error,
    Echo::Html,
    Echo::Form,
    Echo::Header,
    Echo::Location,
    Echo::Cookie,
];

#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) secret: String,
    pub(crate) name: &'static str,
    pub(crate) home: Home,
    pub(crate) echo: Echo,
    /// Which of the forms that servers write it in.
    pub(crate) form: usize,
    pub(crate) depth: usize,
    pub(crate) status: u16,
    /// The connection ends before the answer is complete.
    pub(crate) broken: bool,
}

/// Letters of a secret: what is encoded in a form, in an address, in JSON and in HTML, and letters beyond ASCII.
const SIGNS: [char; 13] = [
    '~', '+', '/', '=', '&', '"', ' ', '%', 'é', 'ж', '日', 'k', '7',
];

/// Chance with a number to repeat it by (xorshift64*).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(mixed).unwrap() % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub(crate) fn plan(&mut self) -> Plan {
        let plain: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
        let mut secret = String::new();
        for _ in 0..4 {
            secret.push(self.of(&plain));
        }
        for _ in 0..8 + self.below(16) {
            secret.push(self.of(&SIGNS));
        }
        for _ in 0..4 {
            secret.push(self.of(&plain));
        }
        Plan {
            secret,
            name: self.of(&NAMES),
            home: self.of(&HOMES),
            echo: self.of(&ECHOES),
            form: self.below(32),
            depth: self.below(5),
            status: self.of(&[200, 201, 302, 400, 401, 500]),
            broken: self.below(7) == 0,
        }
        .fitting()
    }
}

impl Plan {
    /// Of what goes into a header next to a scheme, or back into one, only ASCII can be sent.
    fn fitting(mut self) -> Self {
        if matches!(self.home, Home::InitialAccessToken | Home::NewAccessToken) {
            let token = |letter: &char| letter.is_ascii_alphanumeric() || "~+/=".contains(*letter);
            self.secret = self.secret.chars().filter(token).collect::<String>() + "Plant3d";
        }
        self
    }

    /// Where the exchange happens.
    pub(crate) fn place(&self) -> &'static str {
        match self.home {
            Home::ClientSecretOfToken | Home::NewAccessToken => "/token",
            Home::InitialAccessToken | Home::NewClientSecret => "/register",
            _ => "/api",
        }
    }

    /// The secret as the answer repeats it.
    fn repeated(&self) -> String {
        let secret = &self.secret;
        let form: String = byte_serialize(secret.as_bytes()).collect();
        let twice: String = byte_serialize(form.as_bytes()).collect();
        let mut all: Vec<String> = plain_forms(secret)
            .into_iter()
            // Not the pieces of base64 that are searched for.
            .filter_map(|form| String::from_utf8(form).ok())
            .filter(|form| {
                form.starts_with(&secret[..4]) && form.ends_with(&secret[secret.len() - 4..])
            })
            .collect();
        all.extend([
            twice,
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            STANDARD.encode(format!("c-1:{secret}")),
            STANDARD.encode(format!("c-1:{form}")),
        ]);
        all[self.form % all.len()].clone()
    }

    /// An object with the secret under its name, in others.
    pub(crate) fn nested(&self) -> Value {
        let mut value = json!({ self.name: self.secret, "user": "bob" });
        for depth in 0..self.depth {
            value = if depth % 2 == 0 {
                json!({ "data": value })
            } else {
                json!([value, 1])
            };
        }
        value
    }

    pub(crate) fn form(&self) -> String {
        let mut form = Serializer::new("user=bob".to_owned());
        form.append_pair(self.name, &self.secret).finish()
    }

    /// The answer of the API, the token endpoint or the registration endpoint.
    pub(crate) fn answer(&self) -> Vec<u8> {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut members = json!({ "user": "bob" });
        let mut status = self.status;
        let mut body = None;
        let percent: String = byte_serialize(self.secret.as_bytes()).collect();
        match self.home {
            Home::AnswerJson => members = json!({ "inner": self.nested() }),
            Home::AnswerForm => body = Some(self.form()),
            Home::AnswerCookie => headers.push((
                "Set-Cookie".into(),
                format!("sid={}; Path=/; HttpOnly", self.secret),
            )),
            Home::AnswerLocation => headers.push((
                "Location".into(),
                format!("/cb?page=2&code={percent}&state=1#access_token={percent}"),
            )),
            Home::AnswerHeader => {
                headers.push(("X-Session-Token".into(), self.secret.clone()));
            }
            Home::NewClientSecret => {
                status = 201;
                members = json!({
                    "client_id": "c-1", "client_secret": self.secret, "client_secret_expires_at": 0,
                    "registration_access_token": self.secret,
                });
            }
            Home::NewAccessToken => {
                status = 200;
                members = json!({ "access_token": self.secret, "token_type": "Bearer", "expires_in": 60,
                    "refresh_token": self.secret });
            }
            _ => {}
        }
        let repeated = self.repeated();
        let mut content_type = "application/json";
        match self.echo {
            Echo::Nowhere => {}
            Echo::Header => headers.push(("X-Note".into(), format!("got {repeated}!"))),
            Echo::Cookie => headers.push(("Set-Cookie".into(), format!("note={repeated}; Path=/"))),
            Echo::Location => headers.push(("Location".into(), format!("/cb?next={percent}"))),
            Echo::Json => members["note"] = json!({ "seen": [format!("got {repeated}!")] }),
            Echo::Error => {
                members["error"] = json!("invalid_client");
                members["error_description"] = json!(format!("wrong: {repeated}."));
            }
            // Only an answer whose secret is elsewhere may be something else than JSON.
            _ if members.get("user").is_none() || body.is_some() => {
                headers.push(("X-Note".into(), format!("got {repeated}!")));
            }
            Echo::Text => {
                content_type = "text/plain";
                body = Some(format!("Blocked: {repeated} end"));
            }
            Echo::Html => {
                content_type = "text/html";
                body = Some(format!("<html><p>Blocked</p><pre>{repeated}</pre></html>"));
            }
            Echo::Form => {
                content_type = "application/x-www-form-urlencoded";
                body = Some(format!("note=1&text={percent}&x=1"));
            }
        }
        headers.push(("Content-Type".into(), content_type.into()));
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let body = body.unwrap_or_else(|| members.to_string());
        let missing = if self.broken { 40 } else { 0 };
        ScriptedServer::longer(status, &headers, body.as_bytes(), missing)
    }
}
