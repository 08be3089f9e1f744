//! Applications: the list, the detail, the metadata table.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::codes::codes;

/// Is the client alive at the provider?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// The last token or management call was accepted.
    Live,
    /// The provider said `invalid_client` or that it does not know this client.
    Rejected,
    /// Nobody asked yet.
    Unknown,
}

impl From<keywright_vault::Health> for Health {
    fn from(health: keywright_vault::Health) -> Self {
        match health {
            keywright_vault::Health::Live => Self::Live,
            keywright_vault::Health::Rejected => Self::Rejected,
            keywright_vault::Health::Unknown => Self::Unknown,
        }
    }
}

impl From<Health> for keywright_vault::Health {
    fn from(health: Health) -> Self {
        match health {
            Health::Live => Self::Live,
            Health::Rejected => Self::Rejected,
            Health::Unknown => Self::Unknown,
        }
    }
}

/// Order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationSort {
    /// Last used first.
    #[default]
    RecentlyUsed,
    /// By name.
    Name,
    /// Newest first.
    Created,
    /// The one whose secret ends first comes first.
    Expiry,
}

/// What the list asks for. The core searches; the page is a window on the whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct ApplicationQuery {
    /// Part of a name, client ID, configuration or label; empty for all.
    pub text: String,
    /// Only of this configuration.
    pub configuration_id: Option<String>,
    /// Only with this health.
    pub health: Option<Health>,
    /// Only those whose secret ends within 30 days or is over.
    pub expiring: bool,
    /// Only those with this label.
    pub label: Option<String>,
    /// Only those that were not used for so many days.
    pub unused_days: Option<u32>,
    /// Only those with a live token.
    pub token_live: bool,
    /// Order.
    pub sort: ApplicationSort,
    /// First row, from 0.
    pub offset: u32,
    /// Rows wanted.
    pub limit: u32,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ApplicationSummary {
    /// Id in this vault.
    pub id: String,
    /// Our name.
    pub name: String,
    /// Name of its configuration.
    pub config: String,
    /// Id of its configuration.
    pub configuration_id: String,
    /// Provider kind: `rfc7591`, `auth0`, …
    pub provider: String,
    /// The provider's client identifier.
    pub client_id: String,
    /// Is it alive?
    pub health: Health,
    /// End of the secret; 0 never.
    pub client_secret_expires_at: Option<i64>,
    /// When the time to live that was given at registration ends: it is then due for deletion.
    pub due_for_deletion_at: Option<i64>,
    /// Free labels.
    pub labels: Vec<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last used; none when never.
    pub last_used_at: Option<i64>,
    /// End of the live token that lasts longest; none where no live token has an end.
    pub token_expires_at: Option<i64>,
    /// It comes before the others in every order.
    pub pinned: bool,
}

/// A label in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LabelCount {
    /// The label.
    pub label: String,
    /// How many applications have it.
    pub count: u32,
}

/// Numbers for the filter chips, over the whole vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct ApplicationCounts {
    /// All applications.
    pub all: u32,
    /// Those that a provider rejected.
    pub rejected: u32,
    /// Those whose secret ends within 30 days or is over.
    pub expiring: u32,
}

/// A window on the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ApplicationPage {
    /// The rows.
    pub items: Vec<ApplicationSummary>,
    /// Rows that match in all.
    pub total: u32,
    /// Numbers for the chips.
    pub counts: ApplicationCounts,
    /// When nothing matches: the nearest name there is.
    pub nearest: Option<String>,
}

/// How two values of one metadata member compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Equal (sets compare without order).
    Same,
    /// Asked and not granted, wholly or in part.
    Dropped,
    /// Not asked, and set by the provider.
    Added,
    /// Asked, and another value granted.
    Changed,
}

/// One line of "requested, granted, at the provider now".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct MetadataLine {
    /// Metadata member, for example `grant_types`.
    pub field: String,
    /// Values asked for; none when not asked.
    pub requested: Option<Vec<String>>,
    /// Values granted at registration or the last update.
    pub granted: Option<Vec<String>>,
    /// Values when the provider was last read; none when never read.
    pub current: Option<Vec<String>>,
    /// Values asked and not granted.
    pub dropped: Vec<String>,
    /// Rights that were granted beyond those asked for.
    pub raised: Vec<String>,
    /// Something that was asked for is missing, or more than that may be done: to be marked.
    pub lost: bool,
    /// Requested against granted.
    pub kind: DifferenceKind,
    /// Granted against current, when it was read and differs.
    pub drift: Option<DifferenceKind>,
}

/// A metadata member that an update changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MetadataChange {
    /// Metadata member, for example `client_name`.
    pub field: String,
    /// Values before; none when it was not there.
    pub before: Option<Vec<String>>,
    /// Values after; none when it is gone.
    pub after: Option<Vec<String>>,
}

/// How the client is managed (RFC 7592 §3); secrets are elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RegistrationView {
    /// `registration_client_uri`.
    pub uri: Option<String>,
    /// The vault holds a registration access token.
    pub has_access_token: bool,
    /// When the provider last replaced that token.
    pub access_token_replaced_at: Option<i64>,
}

codes! {
    /// What can be done with an application at its provider.
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum ApplicationAction {
        /// Read the registration.
        Read = "read",
        /// Change the registration.
        Update = "update",
        /// Replace the secret.
        Rotate = "rotate",
        /// List and end secrets one by one, where the provider keeps several alive.
        Secrets = "secrets",
        /// Delete the client.
        Delete = "delete",
        /// Get a token.
        Token = "token",
        /// Introspect a token (RFC 7662).
        Introspect = "introspect",
        /// Revoke a token (RFC 7009).
        Revoke = "revoke",
    }
}

/// What the provider lets be done with this application, and why not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ActionState {
    /// Which.
    pub action: ApplicationAction,
    /// It can be done.
    pub available: bool,
    /// Why not, or what to know before, in the user's language.
    pub reason: Option<String>,
}

/// One application, whole, without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ApplicationView {
    /// Id in this vault.
    pub id: String,
    /// Our name.
    pub name: String,
    /// Name of its configuration.
    pub config: String,
    /// Id of its configuration.
    pub configuration_id: String,
    /// Provider kind.
    pub provider: String,
    /// Issuer of its configuration.
    pub issuer: String,
    /// Client identifier (RFC 6749 §2.2).
    pub client_id: String,
    /// The vault holds a client secret.
    pub has_secret: bool,
    /// The secret was rotated, and the one before is kept until a token proves the new one.
    pub rotating: bool,
    /// Is it alive?
    pub health: Health,
    /// When that was last asked.
    pub health_checked_at: Option<i64>,
    /// When the secret was issued or last rotated.
    pub client_secret_issued_at: Option<i64>,
    /// End of the secret; 0 never.
    pub client_secret_expires_at: Option<i64>,
    /// When the time to live that was given at registration ends: it is then due for deletion.
    pub due_for_deletion_at: Option<i64>,
    /// Management of the registration.
    pub registration: RegistrationView,
    /// Where tokens come from.
    pub token_endpoint: Option<String>,
    /// How the client authenticates there, as granted.
    pub token_endpoint_auth_method: Option<String>,
    /// Grants, as granted.
    pub grant_types: Vec<String>,
    /// Scopes, as granted.
    pub scopes: Vec<String>,
    /// Resources that token requests name (RFC 8707): its own, else those of its configuration.
    pub resources: Vec<String>,
    /// Metadata as asked, as JSON.
    pub requested: serde_json::Value,
    /// Metadata as granted, as JSON.
    pub granted: serde_json::Value,
    /// Metadata as last read, as JSON.
    pub current: Option<serde_json::Value>,
    /// When it was last read.
    pub current_read_at: Option<i64>,
    /// The three side by side.
    pub metadata: Vec<MetadataLine>,
    /// Lines that differ.
    pub differences: u32,
    /// What the differences that lose something mean, in the user's language.
    pub notes: Vec<String>,
    /// What can be done.
    pub actions: Vec<ActionState>,
    /// Free labels.
    pub labels: Vec<String>,
    /// Free note of the user.
    pub note: String,
    /// Tokens are fetched again 60 s before they end while the window is open.
    pub auto_refresh: bool,
    /// Why they are not fetched although that is on, in the user's language.
    pub auto_refresh_stopped: Option<String>,
    /// Tokens that have not ended.
    pub live_tokens: u32,
    /// Sessions that have not ended.
    pub live_sessions: u32,
    /// When it was registered or adopted here.
    pub created_at: i64,
    /// When it last changed here.
    pub updated_at: i64,
}

/// An adopted client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Adopted {
    /// The application, as it is in the vault.
    pub application: ApplicationView,
    /// Why its credentials are not proven although they were tried.
    pub warning: Option<String>,
}

/// Takes a client that exists at the provider into the vault.
#[derive(Clone, Deserialize, Type)]
pub struct AdoptInput {
    /// Our name for it.
    pub name: String,
    /// Its configuration.
    pub configuration_id: String,
    /// Its client identifier.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Option<String>,
    /// The private key that it proves itself with, as PEM or JWK.
    #[serde(default)]
    pub client_key: Option<String>,
    /// The name that the provider knows this key by (`kid`), where the key does not say it.
    #[serde(default)]
    pub key_id: Option<String>,
    /// How the key signs, where the key does not say it.
    #[serde(default)]
    pub signing_alg: Option<String>,
    /// Its management address (RFC 7592), where known.
    pub registration_client_uri: Option<String>,
    /// Its registration access token, where known.
    pub registration_access_token: Option<String>,
    /// How it authenticates at the token endpoint.
    pub token_endpoint_auth_method: Option<String>,
    /// Scopes to ask for.
    pub scope: Option<String>,
    /// Audience of its tokens, where the provider needs one.
    pub audience: Option<String>,
    /// Resources that its tokens are for (RFC 8707).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Grants that it is registered for, where known.
    #[serde(default)]
    pub grant_types: Vec<String>,
    /// Redirect URIs that it is registered with, where known.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
}

codes! {
    /// What there is to know of a registration; the key of its sentence.
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum RegisterWarningCode {
        /// No secret came with a client that authenticates with one.
        NoClientSecret = "no_client_secret",
        /// The server only signs users in.
        LoginOnly = "login_only",
        /// The server does not list client credentials.
        NoClientCredentials = "no_client_credentials",
        /// Keywright does not have the method of authentication.
        MethodNotSpoken = "method_not_spoken",
        /// A secret came with a client that does not authenticate.
        NoneWithSecret = "none_with_secret",
        /// Another application has the same client.
        SharedClient = "shared_client",
        /// An earlier registration of the same name has no known outcome.
        InterruptedBefore = "interrupted_before",
        /// The address of the registration cannot be read.
        RegistrationUriUnreadable = "registration_uri_unreadable",
    }
}

/// Something to know of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RegisterWarning {
    /// Stable name.
    pub code: RegisterWarningCode,
    /// That in the user's language.
    pub message: String,
}

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum EndKind {
    /// A client secret.
    ClientSecret,
    /// The time limit that was given at registration: the application is then due for deletion.
    Reminder,
    /// An access token.
    Token,
    /// A session.
    Session,
    /// The initial access token of a configuration: without it nothing is registered there any more.
    InitialAccessToken,
    /// Another token of a configuration, with which clients are created and managed there.
    AdminToken,
    /// The registration access token of an application (RFC 7592 §3).
    RegistrationToken,
}

impl From<keywright_vault::EndKind> for EndKind {
    fn from(kind: keywright_vault::EndKind) -> Self {
        match kind {
            keywright_vault::EndKind::ClientSecret => Self::ClientSecret,
            keywright_vault::EndKind::Reminder => Self::Reminder,
            keywright_vault::EndKind::Token => Self::Token,
            keywright_vault::EndKind::Session => Self::Session,
            keywright_vault::EndKind::RegistrationToken => Self::RegistrationToken,
        }
    }
}

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct EndView {
    /// What.
    pub kind: EndKind,
    /// When.
    pub at: i64,
    /// The application, or the configuration, that it belongs to.
    pub owner_id: String,
    /// Its name.
    pub owner: String,
    /// Its provider kind.
    pub provider: String,
    /// The name of the configuration.
    pub config: String,
    /// When the application was last used.
    pub last_used_at: Option<i64>,
}

/// A client secret that expires soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiryNotice {
    /// The application that it belongs to.
    pub application_id: String,
    /// Its name.
    pub application: String,
    /// When the secret ends.
    pub at: i64,
    /// The threshold that was passed: 30, 7 or 1 days.
    pub days: u32,
}

/// What ends in a span of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct EndsView {
    /// The first end first; at most 2,000.
    pub items: Vec<EndView>,
    /// Client secrets that are over.
    pub over: u32,
    /// Client secrets that end after the span.
    pub later: u32,
    /// Client secrets without an end.
    pub never: u32,
}
