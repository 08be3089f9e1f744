//! A wider scope, where an API says that the token has not enough (RFC 6750 §3.1 `insufficient_scope`).

use keywright_oauth::error_response::{Challenge, ErrorResponse};

use super::Connect;
use crate::{CoreError, McpError, calls::wider_scope, tokens::types::TokenWish};

impl Connect<'_> {
    /// The same wish with the scopes that the challenge names as well: those of both, so that nothing that was granted
    /// before is lost. None where the challenge names nothing that was not asked for already: asking again for the
    /// same would lead nowhere.
    pub fn wider(
        self,
        wish: &TokenWish,
        challenge: &Challenge,
    ) -> Result<Option<TokenWish>, CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        let scope = wider_scope(&row, wish.scope.as_deref(), challenge);
        Ok(scope.map(|scope| TokenWish {
            scope: Some(scope),
            ..wish.clone()
        }))
    }

    /// The challenge of an MCP server that refused a token: 401 for one that is missing or not valid, 403 for one
    /// that is not enough.
    pub fn challenge_of(error: &CoreError) -> Option<(u16, Challenge)> {
        let CoreError::Mcp { source, .. } = error else {
            return None;
        };
        let McpError::Refused { words } = &**source else {
            return None;
        };
        let ErrorResponse {
            status, challenge, ..
        } = &**words;
        Some((*status, challenge.clone().unwrap_or_default()))
    }
}
