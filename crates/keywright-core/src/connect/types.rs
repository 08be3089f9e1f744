//! Connect: what was found at an address, and what will be done with it.

use serde::{Deserialize, Serialize};
use specta::Type;

/// How a client is known to an authorization server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// An application of this vault that was made for this address before.
    Known,
    /// A client that was registered at the server manually.
    PreRegistered,
    /// A client ID metadata document (draft-ietf-oauth-client-id-metadata-document).
    MetadataDocument,
    /// Dynamic client registration (RFC 7591).
    Dynamic,
}

/// One way to be known to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct IdentityView {
    /// Which.
    pub kind: IdentityKind,
    /// The server accepts it.
    pub accepted: bool,
    /// It will be used.
    pub chosen: bool,
    /// Why, in the user's language.
    pub reason: String,
}

/// Who names the scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ScopeSource {
    /// The user.
    User,
    /// `scope` of the challenge (RFC 6750 §3).
    Challenge,
    /// `scopes_supported` of the resource (RFC 9728 §2).
    Resource,
    /// The issuer itself was connected to, and it is an OpenID provider (OpenID Connect Core §3.1.2.1).
    Issuer,
    /// Nobody: the server decides.
    Nobody,
}

/// What was found at an address, and what Keywright will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ConnectSheet {
    /// The address as typed.
    pub address: String,
    /// The resource that tokens are for (RFC 9728 §2); none for an issuer, or where the address does not name one.
    pub resource: Option<String>,
    /// Its name, as it names itself.
    pub resource_name: Option<String>,
    /// Who issues tokens for it.
    pub issuer: String,
    /// Further issuers that the resource names.
    pub other_issuers: Vec<String>,
    /// How it was found, step by step, in the user's language.
    pub found: Vec<String>,
    /// Ways to be known to the issuer.
    pub identities: Vec<IdentityView>,
    /// The grant that will be used.
    pub grant: String,
    /// Scopes that will be asked for.
    pub scopes: Vec<String>,
    /// Who names them.
    pub scopes_from: ScopeSource,
    /// The token will be bound to a key of this computer (RFC 9449), as the resource wants it.
    pub dpop: bool,
    /// Hosts that only the metadata of the issuer names, to be confirmed as well.
    pub hosts: Vec<String>,
    /// The configuration of this issuer, where there is one.
    pub configuration: Option<String>,
    /// The application that will be used, where there is one.
    pub application: Option<String>,
    /// What will be done, step by step, in the user's language.
    pub steps: Vec<String>,
    /// The one question before it is done, in the user's language.
    pub question: String,
}

/// One rule for a client ID metadata document, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DocumentCheck {
    /// Stable name.
    pub rule: String,
    /// It holds; none where that could not be checked.
    pub passed: Option<bool>,
    /// That in the user's language.
    pub message: String,
}

/// What a server would find in a client ID metadata document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DocumentReport {
    /// The address, which is the client identifier.
    pub client_id: String,
    /// Every rule holds.
    pub ok: bool,
    /// The rules.
    pub checks: Vec<DocumentCheck>,
}
