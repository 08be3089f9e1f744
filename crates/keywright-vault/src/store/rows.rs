//! What the vault stores, as plain data. No secret is in any of these types.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::store::sql::text_enum;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// How many rows the query has on all pages.
    pub total: u64,
}

text_enum! {
    /// What checking a configuration found.
    VerifyState {
        /// Not checked yet.
        Unknown = "unknown",
        /// Everything works.
        Ok = "ok",
        /// It works, with something to know.
        Warning = "warning",
        /// It does not work.
        Failed = "failed",
    }
}

text_enum! {
    /// Whether the provider still accepts an application's credentials.
    Health {
        /// Accepted when last used.
        Live = "live",
        /// Refused when last used.
        Rejected = "rejected",
        /// Not known.
        Unknown = "unknown",
    }
}

text_enum! {
    /// What a journal entry is about.
    JournalOperation {
        /// Register a new application.
        Register = "register",
        /// Read it, where that may replace its secrets.
        Read = "read",
        /// Change its metadata.
        Update = "update",
        /// Replace its secret.
        Rotate = "rotate",
        /// Delete it at the provider.
        Delete = "delete",
    }
}

text_enum! {
    /// How far an operation got.
    JournalState {
        /// Nothing was sent yet.
        Intent = "intent",
        /// A request was sent and its answer is not stored yet.
        Sent = "sent",
        /// An answer is stored, the operation is not finished.
        Answered = "answered",
        /// A request was sent and what became of it is not known.
        Unknown = "unknown",
        /// Finished.
        Done = "done",
        /// Given up, or refused by the provider.
        Discarded = "discarded",
    }
}

text_enum! {
    /// What a session was made with.
    MadeWith {
        /// The application's own credentials.
        ClientCredentials = "client-credentials",
        /// An access token.
        Bearer = "bearer",
        /// Cookies that the user took from a browser or another tool.
        Import = "import",
    }
}

text_enum! {
    /// What a cookie is for.
    CookieRole {
        /// Makes the session: an API accepted it alone, or the user named it.
        Session = "session",
        /// May make the session; no call has shown it yet.
        Candidate = "candidate",
        /// Keeps a client on one server.
        LoadBalancer = "load_balancer",
        /// Of a content delivery network or a defence against bots.
        Network = "network",
        /// Against cross-site request forgery.
        Csrf = "csrf",
        /// Of a login that is on its way.
        LoginState = "login_state",
        /// Measures visitors.
        Analytics = "analytics",
        /// Kept and sent, and not needed for the session.
        Other = "other",
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro gives its variants no attributes"
)]
impl Default for CookieRole {
    fn default() -> Self {
        Self::Candidate
    }
}

text_enum! {
    /// How a session was seen to have ended.
    SessionEnd {
        /// An address that had accepted it answered that it is not authenticated.
        Refused = "refused",
        /// The gateway sent the call to a login page.
        Login = "login",
        /// The gateway deleted its cookies.
        Deleted = "deleted",
    }
}

/// A provider's registration endpoint and how to use it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationRow {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique.
    pub name: String,
    /// The adapter that speaks to it.
    pub provider: String,
    /// The issuer's URL.
    pub issuer: String,
    /// The adapter's settings that are not secret.
    pub settings: BTreeMap<String, String>,
    /// The names (only) of its secrets.
    pub secret_keys: Vec<String>,
    /// The server's metadata as last read (RFC 8414).
    pub metadata: Option<Value>,
    /// What the provider can do.
    pub capabilities: Option<Value>,
    /// The last check, line by line.
    pub verify: Option<Value>,
    /// When it was last checked.
    pub verified_at: Option<i64>,
    /// What that check found.
    pub verify_state: VerifyState,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

/// A registered OAuth client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApplicationRow {
    /// Its id here.
    pub id: Uuid,
    /// Its name here, unique among applications that are not forgotten.
    pub name: String,
    /// The configuration it was made with.
    pub configuration_id: Uuid,
    /// The adapter that speaks to its provider.
    pub provider: String,
    /// `client_id` (RFC 7591 section 3.2.1).
    pub client_id: String,
    /// Whether its credentials are still accepted.
    pub health: Health,
    /// When that was last seen.
    pub health_checked_at: Option<i64>,
    /// The metadata that was asked for.
    pub requested: Value,
    /// The metadata that was granted, without secrets.
    pub granted: Value,
    /// The metadata as last read from the provider, without secrets (RFC 7592 section 2.1).
    pub current: Option<Value>,
    /// When it was last read.
    pub current_read_at: Option<i64>,
    /// `registration_client_uri` (RFC 7592 section 3).
    pub registration_client_uri: Option<String>,
    /// When the registration access token was last replaced.
    pub registration_token_replaced_at: Option<i64>,
    /// What else the provider's own API needs to find it: object ids, key ids, by name. None is secret.
    pub handles: BTreeMap<String, String>,
    /// Whether a secret named [`crate::SECRET_CLIENT`] is stored. Told by the vault; ignored when saving.
    pub has_secret: bool,
    /// Whether a secret named [`crate::SECRET_REGISTRATION_TOKEN`] is stored. Told by the vault; ignored when saving.
    pub has_registration_token: bool,
    /// `client_id_issued_at` (RFC 7591 section 3.2.1).
    pub client_id_issued_at: Option<i64>,
    /// `client_secret_expires_at`: 0 = never, none = the provider did not say.
    pub client_secret_expires_at: Option<i64>,
    /// The user's labels.
    pub labels: Vec<String>,
    /// Whether its tokens are refreshed without asking.
    pub auto_refresh: bool,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// When it was last used.
    pub last_used_at: Option<i64>,
    /// When the provider will remove it by a time to live that was asked for.
    pub expires_by_ttl_at: Option<i64>,
}

/// What a row of the list of applications shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationSummary {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The configuration it was made with.
    pub configuration_id: Uuid,
    /// That configuration's name.
    pub configuration_name: String,
    /// The adapter that speaks to its provider.
    pub provider: String,
    /// `client_id`.
    pub client_id: String,
    /// Whether its credentials are still accepted.
    pub health: Health,
    /// `client_secret_expires_at`: 0 = never, none = the provider did not say.
    pub client_secret_expires_at: Option<i64>,
    /// When the provider will remove it by a time to live that was asked for.
    pub expires_by_ttl_at: Option<i64>,
    /// The user's labels.
    pub labels: Vec<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last used.
    pub last_used_at: Option<i64>,
    /// End of the token that lives longest; none where no live token has an end.
    pub token_expires_at: Option<i64>,
    /// It comes before the others in every order.
    pub pinned: bool,
}

/// An operation at a provider, written down before anything is sent, so that a crash loses nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Its id.
    pub id: Uuid,
    /// What is being done.
    pub operation: JournalOperation,
    /// With which configuration.
    pub configuration_id: Uuid,
    /// To which application, if there is one already.
    pub application_id: Option<Uuid>,
    /// The application's name.
    pub name: String,
    /// How far it got.
    pub state: JournalState,
    /// The step within the operation.
    pub step: String,
    /// Every remote id known so far, such as `client_id` and `registration_client_uri`.
    pub remote: Value,
    /// The metadata asked for, without secrets.
    pub draft: Value,
    /// What went wrong, if something did.
    pub error: Option<Value>,
    /// When it began.
    pub created_at: i64,
    /// When it last moved.
    pub updated_at: i64,
}

/// What a token was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenQuestion<'a> {
    /// The grant.
    pub grant: &'a str,
    /// The scope, its parts sorted.
    pub scope: Option<&'a str>,
    /// The audience.
    pub audience: Option<&'a str>,
    /// The resources, sorted.
    pub resources: &'a [String],
    /// The authorization details, as compact JSON.
    pub authorization_details: Option<&'a str>,
}

/// A token that was obtained. The token itself is a secret of [`crate::Owner::Token`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenRow {
    /// Its id.
    pub id: Uuid,
    /// The application it was given to.
    pub application_id: Uuid,
    /// The grant it came from, for example `client_credentials`.
    pub grant: String,
    /// The scope that was asked for, its parts sorted.
    pub scope_asked: Option<String>,
    /// The scope of the registration that the request named where none was asked for, its parts sorted; none = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope_sent: Option<String>,
    /// The audience that was asked for.
    pub audience: Option<String>,
    /// The resources that were asked for (RFC 8707 section 2), sorted.
    #[serde(default)]
    pub resources: Vec<String>,
    /// The authorization details that were asked for (RFC 9396 section 2), as compact JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<String>,
    /// Those that were granted (RFC 9396 section 7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_details: Option<Value>,
    /// `token_type` (RFC 6749 section 5.1).
    pub token_type: String,
    /// The scope that was granted.
    pub scope: Option<String>,
    /// When it was obtained.
    pub issued_at: i64,
    /// When it expires; none = the provider did not say.
    pub expires_at: Option<i64>,
    /// Whether it looks like a JWT.
    pub is_jwt: bool,
    /// Its claims and the state of its signature.
    pub inspection: Option<Value>,
    /// The last answer of introspection (RFC 7662).
    pub introspected: Option<Value>,
    /// When that was.
    pub introspected_at: Option<i64>,
    /// When it was revoked (RFC 7009).
    pub revoked_at: Option<i64>,
    /// When an API refused it as invalid (RFC 6750 section 3.1).
    #[serde(default)]
    pub refused_at: Option<i64>,
    /// What the ID token says that came with it (OpenID Connect Core §2), and the state of its signature.
    #[serde(default)]
    pub id_token: Option<Value>,
}

/// A cookie without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieInfo {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its domain.
    pub domain: String,
    /// Sent over TLS only.
    pub secure: bool,
    /// Hidden from scripts.
    pub http_only: bool,
    /// `SameSite`, if given.
    pub same_site: Option<String>,
    /// When it expires; none = with the session.
    pub expires_at: Option<i64>,
    /// What it is for.
    #[serde(default)]
    pub role: CookieRole,
}

/// A cookie session at one origin. Its cookie jar is the secret [`crate::SECRET_JAR`] of [`crate::Owner::Session`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Its id.
    pub id: Uuid,
    /// The application it belongs to.
    pub application_id: Uuid,
    /// Scheme, host and port.
    pub origin: String,
    /// What it was made with.
    pub made_with: MadeWith,
    /// The token it was made with.
    pub token_id: Option<Uuid>,
    /// When it began.
    pub started_at: i64,
    /// When it was last used.
    pub last_used_at: i64,
    /// When the server last renewed it.
    pub rolled_at: i64,
    /// Seconds without use after which it ends; 0 = no limit.
    pub idle_secs: u64,
    /// Seconds without renewal after which it ends; 0 = no limit.
    pub rolling_secs: u64,
    /// Seconds after which it ends in any case; 0 = no limit.
    pub absolute_secs: u64,
    /// Calls with it.
    pub replays: u32,
    /// When it was seen to have ended.
    pub ended_at: Option<i64>,
    /// How that was seen.
    #[serde(default)]
    pub end: Option<SessionEnd>,
    /// Its cookies, without values.
    pub cookies: Vec<CookieInfo>,
    /// A jar alone: the origin set no cookie that may make a session.
    #[serde(default)]
    pub jar_only: bool,
    /// When an API last accepted it alone.
    #[serde(default)]
    pub accepted_at: Option<i64>,
    /// Methods and addresses that accepted it, redacted, the last one last.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// The longest time without use after which it was accepted.
    #[serde(default)]
    pub longest_pause_secs: Option<u64>,
    /// Names of cookies that an API accepted alone.
    #[serde(default)]
    pub proven: Vec<String>,
}

/// A request and its answer, redacted before they came here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExchangeRow {
    /// Its id.
    pub id: Uuid,
    /// The operation it was part of.
    pub flow: Uuid,
    /// What it was for.
    pub purpose: String,
    /// The application it was about.
    pub application_id: Option<Uuid>,
    /// The configuration it was about.
    pub configuration_id: Option<Uuid>,
    /// Who asked for it: `app`, `cli` and so on.
    pub actor: String,
    /// When it began, in Unix milliseconds.
    pub started_at_ms: i64,
    /// How long it took.
    pub elapsed_ms: u64,
    /// The HTTP method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The host in it.
    pub host: String,
    /// The path in it.
    pub path: String,
    /// The answer's status; none = no answer.
    pub status: Option<u16>,
    /// The stable code of what went wrong.
    pub error: Option<String>,
    /// The request: headers and body.
    pub request: Value,
    /// The answer: headers and body.
    pub response: Value,
}

/// What a row of the list of exchanges shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeSummary {
    /// Its id.
    pub id: Uuid,
    /// The operation it was part of.
    pub flow: Uuid,
    /// What it was for.
    pub purpose: String,
    /// The application it was about.
    pub application_id: Option<Uuid>,
    /// The configuration it was about.
    pub configuration_id: Option<Uuid>,
    /// Who asked for it.
    pub actor: String,
    /// When it began, in Unix milliseconds.
    pub started_at_ms: i64,
    /// How long it took.
    pub elapsed_ms: u64,
    /// The HTTP method.
    pub method: String,
    /// The host.
    pub host: String,
    /// The path.
    pub path: String,
    /// The answer's status; none = no answer.
    pub status: Option<u16>,
    /// The stable code of what went wrong.
    pub error: Option<String>,
}
