//! Tokens: masked, with what they say and how long they last.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Asks for a token.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct TokenWish {
    /// The application.
    pub application_id: String,
    /// `client_credentials`, `authorization_code` or `refresh_token`. When absent: `client_credentials`, unless the
    /// client is registered for users alone.
    pub grant: Option<String>,
    /// Scope, space-separated; the granted scopes when absent.
    pub scope: Option<String>,
    /// Audience, where the provider takes one.
    pub audience: Option<String>,
    /// Resources that the token is for (RFC 8707); those of the application when empty.
    #[serde(default)]
    pub resources: Vec<String>,
    /// What the token is for in detail (RFC 9396 §2): an array of objects, each with a `type`; those that the
    /// application remembers when absent.
    #[serde(default)]
    pub authorization_details: Option<serde_json::Value>,
    /// Without the authorization details that the application remembers.
    #[serde(default)]
    pub without_details: bool,
    /// Fetch even when the cached one would do.
    pub refresh: bool,
}

/// A grant of one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct GrantView {
    /// `grant_type` as it is sent; for a code flow, that of its token request.
    pub grant: String,
    /// Registration and server allow it, as far as is known.
    pub available: bool,
    /// Why not, in the user's language.
    pub reason: Option<String>,
    /// A user signs in.
    pub of_user: bool,
    /// A refresh token is kept that came by it: the next token needs no user.
    pub refreshable: bool,
}

/// The grants of one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct GrantsView {
    /// Each grant that Keywright knows, in the order of the choice.
    pub grants: Vec<GrantView>,
    /// The one that is used unless another is named.
    pub usual: String,
}

/// Result of the signature check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SignatureView {
    /// Signed by a key of the issuer, and every claim that must hold holds.
    Verified,
    /// Not valid; see the reason.
    Invalid,
    /// Could not be checked; see the reason.
    NotChecked,
    /// Not a JWT: opaque to everyone but the provider.
    Opaque,
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ClaimView {
    /// Name.
    pub name: String,
    /// Value: text as it is, anything else as JSON.
    pub value: String,
    /// What to know, in the user's language ("matches the issuer").
    pub note: Option<String>,
    /// `ok`, `warn`, `bad` or `info`.
    pub tone: String,
    /// The time that the claim is (RFC 7519 §4.1.4 to §4.1.6), in Unix seconds.
    pub at: Option<i64>,
}

/// The ID token of a sign-in: who signed in (OpenID Connect Core §2). Only a valid one is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct IdTokenView {
    /// Signature check, at the time of the sign-in.
    pub signature: SignatureView,
    /// Why it was not checked, in the user's language.
    pub signature_reason: Option<String>,
    /// Algorithm.
    pub algorithm: Option<String>,
    /// Key identifier.
    pub key_id: Option<String>,
    /// Claims in the token's order.
    pub claims: Vec<ClaimView>,
    /// Claims as JSON.
    pub claims_json: serde_json::Value,
}

/// What the provider says of a user (OpenID Connect Core §5.3). Shown and not kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct UserinfoView {
    /// Claims in the order of the answer.
    pub claims: Vec<ClaimView>,
    /// Claims as JSON.
    pub claims_json: serde_json::Value,
}

/// A token without its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct TokenView {
    /// Id in this vault.
    pub id: String,
    /// Its application.
    pub application_id: String,
    /// Name of its application.
    pub application: String,
    /// The grant it came by; after a refresh, that of the sign-in.
    pub grant: String,
    /// `token_type` as answered.
    pub token_type: String,
    /// Scope as answered, else as asked.
    pub scope: Option<String>,
    /// The answer named no scope, which means the one that was asked for (RFC 6749 §5.1).
    pub scope_is_asked: bool,
    /// Scopes that were asked for and not granted (RFC 6749 §3.3).
    pub not_granted: Vec<String>,
    /// Audience asked for.
    pub audience: Option<String>,
    /// Resources asked for (RFC 8707).
    pub resources: Vec<String>,
    /// Authorization details as granted, else as asked (RFC 9396 §7).
    pub authorization_details: Option<serde_json::Value>,
    /// First 10 characters of a JWT (its header); none of an opaque token.
    pub preview: Option<String>,
    /// Has a refresh token.
    pub has_refresh_token: bool,
    /// When it came.
    pub issued_at: i64,
    /// When it ends; none when the provider did not say.
    pub expires_at: Option<i64>,
    /// From the cache, not fetched now.
    pub from_cache: bool,
    /// Signature check.
    pub signature: SignatureView,
    /// Algorithm.
    pub algorithm: Option<String>,
    /// Key identifier.
    pub key_id: Option<String>,
    /// Why it is invalid or was not checked, in the user's language.
    pub signature_reason: Option<String>,
    /// Claims in the token's order.
    pub claims: Vec<ClaimView>,
    /// Claims as JSON.
    pub claims_json: Option<serde_json::Value>,
    /// `active` of the last introspection (RFC 7662 §2.2); none where the server did not say.
    pub active: Option<bool>,
    /// The last introspection answer.
    pub introspection: Option<serde_json::Value>,
    /// When it was introspected.
    pub introspected_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// When an API refused it as invalid: it is not sent again.
    pub refused_at: Option<i64>,
    /// The ID token that came with it, or with the token that it was refreshed from.
    pub id_token: Option<IdTokenView>,
    /// Introspection is possible here, or why not.
    pub can_introspect: bool,
    /// Revocation is possible here.
    pub can_revoke: bool,
    /// The provider can be asked who the user is.
    pub can_userinfo: bool,
    /// The user can sign out at the provider, in the browser.
    pub can_sign_out: bool,
    /// Why one of both is not.
    pub reason: Option<String>,
}
