//! Registration: the draft, the preview, the result, what was left unfinished.

use crate::{
    app::client_keys::KeyState,
    applications::types::{ApplicationView, RegisterWarning},
    codes::codes,
    configurations::types::{AdaptedView, VerifyState},
    error::code::ErrorCode,
};
use keywright_oauth::client_key::Certificate;
use serde::{Deserialize, Serialize};
use specta::Type;

/// What the user wants to register.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Draft {
    /// The configuration to register at.
    pub configuration_id: String,
    /// Our name, sent as `client_name`.
    pub name: String,
    /// `grant_types`; none for those that the server has.
    pub grant_types: Vec<String>,
    /// `token_endpoint_auth_method`; none lets the provider choose.
    pub token_endpoint_auth_method: Option<String>,
    /// `token_endpoint_auth_signing_alg`: how assertions of the client are signed.
    #[serde(default)]
    pub signing_alg: Option<String>,
    /// `jwks_uri`: where the provider reads the client's keys, if not from the registration.
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// `dpop_bound_access_tokens`: tokens are bound to a key (RFC 9449).
    #[serde(default)]
    pub dpop_bound: bool,
    /// `redirect_uris`.
    pub redirect_uris: Vec<String>,
    /// Scopes, each one.
    pub scopes: Vec<String>,
    /// Audience to remember for token requests.
    pub audience: Option<String>,
    /// Resources to remember for token requests (RFC 8707).
    #[serde(default)]
    pub resources: Vec<String>,
    /// Further metadata members as JSON text typed by the user; wins over the fields above.
    pub metadata_json: Option<String>,
    /// Free labels, kept here only.
    pub labels: Vec<String>,
    /// Demo time limit in seconds after which the application is offered for deletion.
    pub ttl_secs: Option<i64>,
}

/// A key of a client, without its private part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ClientKeyView {
    /// Its thumbprint (RFC 7638).
    pub id: String,
    /// Key identifier that assertions name; empty where they name none.
    pub kid: String,
    /// How it signs: `ES256`, `EdDSA`, `PS256` or `RS256`.
    pub alg: String,
    /// What it is used for now.
    pub state: KeyState,
    /// When it was made or imported here.
    pub created_at: i64,
    /// The certificate of the key (RFC 8705).
    pub certificate: Option<CertificateView>,
    /// The public key (RFC 7517).
    pub public_jwk: serde_json::Value,
}

/// A certificate of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CertificateView {
    /// Subject (RFC 4514).
    pub subject: String,
    /// End of its validity.
    pub not_after: i64,
    /// `x5t#S256`: what a token that is bound to it names (RFC 8705 §3.1).
    pub thumbprint: String,
}

impl CertificateView {
    /// What is shown of a certificate.
    pub(crate) fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject().to_owned(),
            not_after: certificate.not_after(),
            thumbprint: certificate.thumbprint(),
        }
    }
}

/// The keys of an application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ClientKeysView {
    /// The application's name.
    pub application: String,
    /// How the client authenticates, as granted.
    pub token_endpoint_auth_method: Option<String>,
    /// Where the provider reads the keys, if not from the registration.
    pub jwks_uri: Option<String>,
    /// The newest first.
    pub keys: Vec<ClientKeyView>,
    /// The public keys as a set, to publish.
    pub jwks: serde_json::Value,
    /// The algorithms to choose from for another key: those that the provider takes.
    pub signing_algs: Vec<String>,
}

/// What a configuration offers in the form, with its reason where it does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct OfferedChoice {
    /// The protocol value.
    pub value: String,
    /// It is offered.
    pub offered: bool,
    /// Chosen at the start.
    pub preselected: bool,
    /// Why not, in the user's language.
    pub reason: Option<String>,
}

/// What the Register form shows for one configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RegisterOptions {
    /// The configuration.
    pub configuration_id: String,
    /// Its name.
    pub config: String,
    /// Provider kind.
    pub provider: String,
    /// Issuer host, to show.
    pub host: String,
    /// When Verify last ran.
    pub verified_at: Option<i64>,
    /// How it ended; unknown where the settings changed since.
    pub verify_state: VerifyState,
    /// What failed then, in the user's language.
    pub verify_problem: Option<String>,
    /// Grants.
    pub grant_types: Vec<OfferedChoice>,
    /// Ways to authenticate.
    pub auth_methods: Vec<OfferedChoice>,
    /// The algorithms to choose from for a key: those that the provider takes.
    pub signing_algs: Vec<String>,
    /// Scopes that the issuer names.
    pub scopes_supported: Vec<String>,
    /// Redirect URIs to start with.
    pub redirect_uris: Vec<String>,
}

/// A part of a previewed request: plain text or a grey block that names what goes there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
pub enum PreviewPart {
    /// Shown as it is.
    Text(String),
    /// A hidden value, named in the user's language ("initial access token").
    Hidden(String),
}

/// One header of a previewed request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PreviewHeader {
    /// Name.
    pub name: String,
    /// Value, hidden parts marked.
    pub value: Vec<PreviewPart>,
}

/// One request that Register will send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PreviewStep {
    /// What it does, in the user's language.
    pub title: String,
    /// HTTP method.
    pub method: String,
    /// Address.
    pub url: String,
    /// Headers worth seeing.
    pub headers: Vec<PreviewHeader>,
    /// Body, pretty-printed.
    pub body: Option<String>,
}

/// A field of the draft that cannot be sent as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct DraftProblem {
    /// Member of the draft: `name`, `metadata_json`, `redirect_uris`, …
    pub field: String,
    /// Stable code.
    pub code: ErrorCode,
    /// In the user's language.
    pub message: String,
}

/// What will be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RegisterPreview {
    /// The requests in order. Empty when the draft cannot be read as JSON.
    pub steps: Vec<PreviewStep>,
    /// What must be mended before Register.
    pub problems: Vec<DraftProblem>,
    /// What this provider will not grant, said before it is tried.
    pub warnings: Vec<String>,
    /// Resources that token requests will name (RFC 8707).
    pub resources: Vec<String>,
    /// To be asked before Register: the client cannot get a token at this server.
    pub question: Option<String>,
}

/// A finished registration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Registered {
    /// The application, as it lies in the vault.
    pub application: ApplicationView,
    /// Status of the provider's answer.
    pub status: u16,
    /// Time of the provider's answer.
    pub elapsed_ms: u64,
    /// The request was not the usual one.
    pub adapted: Option<AdaptedView>,
    /// Why the client is for users although the draft named no grant.
    pub note: Option<String>,
    /// What to know of the new client.
    pub warnings: Vec<RegisterWarning>,
}

/// A secret of a client at its provider, without its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ClientSecretView {
    /// Its identifier there.
    pub id: String,
    /// What the provider shows with it.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: Option<i64>,
    /// When it ends; none where the provider does not say.
    pub expires_at: Option<i64>,
    /// The provider takes it.
    pub active: bool,
    /// The vault holds it as the one in use, as far as is known.
    pub current: bool,
}

/// The secrets of a client at its provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ClientSecretsView {
    /// Name of the application.
    pub application: String,
    /// In the order of the provider.
    pub secrets: Vec<ClientSecretView>,
}

/// An operation at a provider that was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PendingOperation {
    /// Registering.
    Register,
    /// Reading a registration, which may replace its access token.
    Read,
    /// Changing a registration.
    Update,
    /// Replacing a secret.
    Rotate,
    /// Deleting a client.
    Delete,
}

codes! {
    /// How far an operation came.
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum PendingState {
        /// Nothing was sent.
        Intent = "intent",
        /// The request was sent.
        Sent = "sent",
        /// The answer is in the vault.
        Answered = "answered",
        /// The client was made, and a step is missing.
        Incomplete = "incomplete",
        /// The outcome is not known.
        Unknown = "unknown",
        /// It is finished.
        Done = "done",
        /// It was given up.
        Discarded = "discarded",
    }
}

/// A step that was cut off: finish it or clean it up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PendingView {
    /// Id of the journal entry.
    pub id: String,
    /// What was being done.
    pub operation: PendingOperation,
    /// Name of the application.
    pub name: String,
    /// Name of the configuration.
    pub config: String,
    /// How far it came.
    pub state: PendingState,
    /// Every remote id known so far.
    pub client_id: Option<String>,
    /// Its management address, where known.
    pub registration_client_uri: Option<String>,
    /// What happened, in the user's language.
    pub message: String,
    /// Finishing is possible.
    pub can_resume: bool,
    /// Cleaning up also deletes at the provider.
    pub discard_deletes_remote: bool,
    /// When it began.
    pub created_at: i64,
}

/// How far a run of many registrations is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BulkProgress {
    /// Registered, registered before, or failed.
    pub done: u32,
    /// All that are wanted.
    pub wanted: u32,
    /// Those that failed.
    pub failed: u32,
}

/// One of many that could not be registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct BulkFailure {
    /// Its name.
    pub name: String,
    /// Why.
    pub error: crate::error::types::ErrorView,
}

/// What became of a run of many registrations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct BulkReport {
    /// All that were wanted.
    pub wanted: u32,
    /// Registered in this run.
    pub registered: u32,
    /// Here before this run.
    pub before: u32,
    /// Not begun, because the run was cancelled.
    pub not_begun: u32,
    /// Those that failed.
    pub failed: Vec<BulkFailure>,
}
