//! Sessions: what makes them, when they end, and how one is taken from a browser.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What the session list asks for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct SessionQuery {
    /// Part of an origin or an application's name.
    pub text: String,
    /// Live (true), ended (false) or both.
    pub live: Option<bool>,
    /// Only of this application.
    pub application_id: Option<String>,
    /// First row.
    pub offset: u32,
    /// Rows wanted.
    pub limit: u32,
}

/// A limit of a session. Only limits with a source are listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SessionClock {
    /// `idle`, `rolling`, `absolute` or `cookie`.
    pub name: String,
    /// When it ends the session; none when this limit is off.
    pub ends_at: Option<i64>,
    /// Its length; for `cookie`, from the time when the cookie was set.
    pub limit_secs: u64,
    /// Who named it.
    pub source: EndSource,
}

/// Who named the end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EndSource {
    /// The cookie itself, by `Expires` or `Max-Age`.
    Cookie,
    /// The configuration of the application.
    Configuration,
    /// The preset of a gateway that the configuration names.
    Preset,
    /// Nobody: the session is kept until an API refuses it.
    Unknown,
}

/// What is known of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Its cookies may make a session; no call with them alone has shown it.
    Unproven,
    /// An API accepted its cookies alone.
    Alive,
    /// It has ended.
    Ended,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SessionEndReason {
    /// An address that had accepted it answered 401.
    Refused,
    /// The gateway sent a call to a login page.
    Login,
    /// The gateway deleted its cookies.
    Deleted,
    /// A limit that the configuration names has passed.
    Limit,
    /// Its cookies have expired.
    Expired,
}

/// What was seen of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SessionObserved {
    /// From its start to the last call that was accepted.
    pub alive_secs: u64,
    /// The longest time without use after which it was accepted.
    pub longest_pause_secs: Option<u64>,
    /// Calls, with the one that made it.
    pub calls: u32,
    /// When an API last accepted it alone.
    pub accepted_at: Option<i64>,
}

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CookieRole {
    /// Makes the session: an API accepted it alone, or the user named it.
    Session,
    /// May make the session; no call has shown it yet.
    Candidate,
    /// Keeps a client on one server.
    LoadBalancer,
    /// Of a content delivery network or a defence against bots.
    Network,
    /// Against cross-site request forgery.
    Csrf,
    /// Of a login that is on its way.
    LoginState,
    /// Measures visitors.
    Analytics,
    /// Kept and sent, and not needed for the session.
    Other,
}

/// A cookie without its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CookieView {
    /// Name.
    pub name: String,
    /// Path.
    pub path: String,
    /// Domain as sent, else the host.
    pub domain: Option<String>,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`.
    pub same_site: Option<String>,
    /// When the cookie itself ends; none for a session cookie.
    pub expires_at: Option<i64>,
    /// What it is for.
    pub role: CookieRole,
}

/// A replay of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ReplayView {
    /// When.
    pub at: i64,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Status.
    pub status: Option<u16>,
    /// Time.
    pub elapsed_ms: u64,
    /// The recorded exchange.
    pub exchange: String,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SessionView {
    /// Id in this vault.
    pub id: String,
    /// API origin.
    pub origin: String,
    /// Host and port, to show.
    pub host: String,
    /// Its application.
    pub application_id: String,
    /// Name of its application.
    pub application: String,
    /// Provider kind of its application.
    pub provider: String,
    /// Configuration of its application, which may name its limits.
    pub configuration_id: String,
    /// `client-credentials`, `bearer`, or `session` for one that was imported.
    pub made_with: crate::calls::types::CallAuth,
    /// Taken from a browser or another tool.
    pub imported: bool,
    /// When the gateway set it.
    pub started_at: i64,
    /// When it was last used.
    pub last_used_at: i64,
    /// It can still be used.
    pub live: bool,
    /// What is known of it.
    pub state: SessionState,
    /// How it ended, if it did.
    pub end_reason: Option<SessionEndReason>,
    /// When it was seen to have ended.
    pub ended_at: Option<i64>,
    /// Its limits that somebody named.
    pub clocks: Vec<SessionClock>,
    /// Name of the clock that ends first.
    pub ends_first: Option<String>,
    /// When that is; none when nobody named an end.
    pub ends_at: Option<i64>,
    /// Who named that end.
    pub end_source: EndSource,
    /// What was seen of it.
    pub observed: SessionObserved,
    /// Its cookies.
    pub cookies: Vec<CookieView>,
    /// How often it was replayed.
    pub replay_count: u32,
    /// The last replays.
    pub replays: Vec<ReplayView>,
    /// The last address called with it, which Replay calls again.
    pub last_url: Option<String>,
}

/// A window on the sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SessionPage {
    /// The rows.
    pub items: Vec<SessionView>,
    /// Rows that match in all.
    pub total: u32,
    /// Live ones in the whole vault.
    pub live: u32,
    /// Ended ones in the whole vault.
    pub ended: u32,
}

/// A session of a browser or another tool.
#[derive(Clone, Serialize, Deserialize, Type)]
pub struct SessionImportInput {
    /// The application that will use it.
    pub application_id: String,
    /// Address of the API that the cookies are for.
    pub url: String,
    /// A `Cookie` header, an HTTP Archive, or a cookies file. Not kept.
    pub text: String,
    /// Cookies to take, by their index in the preview; none for those that the preview proposes.
    pub keep: Option<Vec<u32>>,
    /// Names of cookies that make the session, where the user knows.
    pub session_cookies: Vec<String>,
    /// Call `url` to see whether the session is accepted, and which cookie makes it; nothing is saved if it is not.
    pub try_it: bool,
}

impl std::fmt::Debug for SessionImportInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionImportInput")
            .field("application_id", &self.application_id)
            .field("url", &self.url)
            .field("try_it", &self.try_it)
            .finish_non_exhaustive()
    }
}

/// What was recognised in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SessionImportFormat {
    /// A `Cookie` header.
    CookieHeader,
    /// An HTTP Archive.
    Har,
    /// The cookies file of Netscape and curl.
    CookiesFile,
}

/// Why a cookie is not proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// It measures visitors.
    Analytics,
    /// It has expired. It cannot be taken.
    Expired,
    /// It is for another host or path. It cannot be taken.
    OtherAddress,
}

/// A cookie in a text, without its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ImportedCookie {
    /// Its place in the text, from 0.
    pub index: u32,
    /// Name.
    pub name: String,
    /// Domain.
    pub domain: String,
    /// Path.
    pub path: String,
    /// Length of its value in bytes.
    pub length: u32,
    /// When it ends; none for a session cookie.
    pub expires_at: Option<i64>,
    /// What it is for, by its name.
    pub role: CookieRole,
    /// Proposed to be taken.
    pub keep: bool,
    /// Why not, if not.
    pub left_out: Option<LeftOut>,
}

/// What a text holds, before anything is saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SessionImportPreview {
    /// What was recognised.
    pub format: SessionImportFormat,
    /// Its cookies.
    pub cookies: Vec<ImportedCookie>,
}

/// A session that was taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SessionImportResult {
    /// The session.
    pub session: SessionView,
    /// Status of the call that tried it, if one was made.
    pub status: Option<u16>,
    /// What to know, in the user's language.
    pub note: Option<String>,
}
