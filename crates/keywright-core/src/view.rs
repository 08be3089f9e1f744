//! What the window and the command line see: plain data, no secret, no rule.
//!
//! Members named `*_at` are Unix seconds; `client_secret_expires_at` is 0 for
//! "never" (RFC 7591 §3.2.1) and absent when the provider did not say.

pub use crate::activity::types::*;
pub use crate::app::client_keys::KeyState;
pub use crate::app::types::*;
pub use crate::applications::types::*;
pub use crate::calls::session_types::*;
pub use crate::calls::types::*;
pub use crate::configurations::sandbox_types::*;
pub use crate::configurations::types::*;
pub use crate::connect::types::*;
pub use crate::disclosure::types::*;
pub use crate::error::types::*;
pub use crate::i18n::Lang;
pub use crate::mcp::types::*;
pub use crate::registration::types::*;
pub use crate::tokens::types::*;
pub use crate::vault::backup_types::*;
pub use crate::vault::types::*;
