//! What a resource answers to its token.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What a resource answered to the token that it asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ResourceAnswer {
    /// The address that was called.
    pub address: String,
    /// The token was accepted, and the call was answered with success.
    pub ok: bool,
    /// Status of an API; none for an MCP server, whose tools were listed.
    pub status: Option<u16>,
    /// Names of the tools of an MCP server, as it names them.
    pub tools: Vec<String>,
    /// The scopes that the resource asks for in addition, with those of the token.
    pub wider_scope: Option<String>,
    /// The recorded exchange.
    pub exchange: Option<String>,
    /// That in the user's language.
    pub message: String,
}
