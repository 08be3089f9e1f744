//! A provider and gateway that does what it is asked at once, and keeps answers back.

use std::{
    collections::BTreeSet,
    sync::{Condvar, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keywright_tests::{Received, ScriptedServer};
use serde_json::{Value, json};

const REGISTRATION: &str = "/register/c-1";

/// What the provider holds. Every change makes the value before it invalid at once.
#[derive(Default)]
pub(crate) struct Holds {
    made: u32,
    pub(crate) secret: String,
    pub(crate) registration_token: String,
    pub(crate) name: String,
    /// Those that are good for one use.
    refresh_tokens: BTreeSet<String>,
    spent: BTreeSet<String>,
    /// A refresh token came twice: an attack, as far as the provider can tell (RFC 9700 §4.14.2).
    pub(crate) reused: bool,
    pub(crate) session: String,
    /// Requests so far: method and path.
    received: Vec<String>,
    /// The next answer to this request is kept back.
    keep: Option<&'static str>,
    pub(crate) kept: bool,
    released: bool,
    /// Each answer whose number is divisible by this comes late.
    pub(crate) late: Option<u32>,
}

#[derive(Default)]
pub(crate) struct Provider {
    holds: Mutex<Holds>,
    pub(crate) changed: Condvar,
}

impl Holds {
    fn new_value(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{:04}-of-the-provider", self.made)
    }

    fn information(&mut self, issuer: &str, renews: bool) -> Value {
        if renews {
            self.secret = self.new_value("secret");
        }
        self.registration_token = self.new_value("registration-token");
        json!({
            "client_id": "c-1",
            "client_secret": self.secret,
            "client_secret_expires_at": 0,
            "client_name": self.name,
            "grant_types": ["client_credentials", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic",
            "registration_client_uri": format!("{issuer}{REGISTRATION}"),
            "registration_access_token": self.registration_token,
        })
    }

    fn answer(&mut self, issuer: &str, request: &Received) -> Vec<u8> {
        let told = |status, body: Value| ScriptedServer::json(status, &body);
        match (request.method.as_str(), request.path()) {
            (_, path) if path.starts_with("/.well-known/oauth") => {
                told(200, ScriptedServer::metadata(issuer))
            }
            ("POST", "/register") => {
                self.name = name_in(request);
                told(201, self.information(issuer, true))
            }
            (_, REGISTRATION) if !self.is_managed_by(request) => {
                told(401, json!({ "error": "invalid_token" }))
            }
            ("GET", REGISTRATION) => told(200, self.information(issuer, false)),
            ("PUT", REGISTRATION) => {
                self.name = name_in(request);
                told(200, self.information(issuer, true))
            }
            ("POST", "/token") => self.token(request),
            (_, "/api") => self.api(request),
            _ => told(404, json!({})),
        }
    }

    fn is_managed_by(&self, request: &Received) -> bool {
        request.header("authorization") == Some(&format!("Bearer {}", self.registration_token))
    }

    fn token(&mut self, request: &Received) -> Vec<u8> {
        let basic = format!("Basic {}", STANDARD.encode(format!("c-1:{}", self.secret)));
        if request.header("authorization") != Some(&basic) {
            return ScriptedServer::json(401, &json!({ "error": "invalid_client" }));
        }
        if request.field("grant_type").as_deref() == Some("refresh_token") {
            let given = request.field("refresh_token").unwrap_or_default();
            if !self.refresh_tokens.remove(&given) {
                self.reused |= self.spent.contains(&given);
                return ScriptedServer::json(400, &json!({ "error": "invalid_grant" }));
            }
            self.spent.insert(given);
        }
        let refresh_token = self.new_value("refresh-token");
        self.refresh_tokens.insert(refresh_token.clone());
        let token = self.new_value("access-token");
        ScriptedServer::json(
            200,
            &json!({ "access_token": token, "token_type": "Bearer", "expires_in": 600,
                "refresh_token": refresh_token }),
        )
    }

    /// A gateway that renews its session with each answer, but for those to `?plain`, and takes the one before
    /// for a while.
    fn api(&mut self, request: &Received) -> Vec<u8> {
        let session = request.header("cookie").map(str::to_owned);
        let known = |session: &String| session.starts_with("sid=session-");
        let bearer = request.header("authorization").is_some();
        if !(bearer || session.as_ref().is_some_and(known)) {
            return ScriptedServer::json(401, &json!({}));
        }
        if request.target.contains("plain") {
            return ScriptedServer::json(200, &json!({ "sent": session }));
        }
        self.session = self.new_value("session");
        let cookie = format!("sid={}; Path=/", self.session);
        let headers = [
            ("Content-Type", "application/json"),
            ("Set-Cookie", cookie.as_str()),
        ];
        let body = json!({ "sent": session }).to_string();
        ScriptedServer::reply(200, &headers, body.as_bytes())
    }
}

fn name_in(request: &Received) -> String {
    request.json()["client_name"]
        .as_str()
        .unwrap_or("orders")
        .to_owned()
}

impl Provider {
    pub(crate) fn holds(&self) -> MutexGuard<'_, Holds> {
        self.holds.lock().unwrap()
    }

    /// What was asked for is done when the request comes; only the answer may be late.
    pub(crate) fn answer(&self, issuer: &str, request: &Received) -> Vec<u8> {
        let mut holds = self.holds();
        let what = format!("{} {}", request.method, request.path());
        let bytes = holds.answer(issuer, request);
        holds.received.push(what.clone());
        if holds.keep == Some(&what) {
            (holds.keep, holds.kept, holds.released) = (None, true, false);
            self.changed.notify_all();
            drop(
                self.changed
                    .wait_while(holds, |holds| !holds.released)
                    .unwrap(),
            );
            return bytes;
        }
        let number = u32::try_from(holds.received.len()).unwrap();
        let late = holds.late.is_some_and(|every| number.is_multiple_of(every));
        drop(holds);
        if late {
            thread::sleep(Duration::from_millis(u64::from(number % 7) * 40));
        }
        bytes
    }

    pub(crate) fn keep(&self, what: &'static str) {
        let mut holds = self.holds();
        (holds.keep, holds.kept) = (Some(what), false);
    }

    pub(crate) fn release(&self) {
        self.holds().released = true;
        self.changed.notify_all();
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        let holds = self.holds();
        holds.received.iter().filter(|one| *one == what).count()
    }
}
