//! Sessions and their three clocks.

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

/// One of the three clocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SessionClock {
    /// `idle`, `rolling` or `absolute`.
    pub name: String,
    /// When it ends the session; none when this limit is off.
    pub ends_at: Option<i64>,
    /// Its length.
    pub limit_secs: u64,
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
    /// `client-credentials` or `bearer`.
    pub made_with: super::CallAuth,
    /// When the gateway set it.
    pub started_at: i64,
    /// When it was last used.
    pub last_used_at: i64,
    /// It can still be used.
    pub live: bool,
    /// The three clocks.
    pub clocks: Vec<SessionClock>,
    /// Name of the clock that ends first.
    pub ends_first: Option<String>,
    /// When that is.
    pub ends_at: Option<i64>,
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
