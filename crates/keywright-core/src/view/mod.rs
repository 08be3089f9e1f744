//! What the window and the command line see: plain data, no secret, no rule.
//!
//! Members named `*_at` are Unix seconds; `client_secret_expires_at` is 0 for
//! "never" (RFC 7591 §3.2.1) and absent when the provider did not say.

mod activity;
mod application;
mod backup;
mod call;
mod configuration;
mod error;
mod register;
mod sandbox;
mod secret;
mod session;
mod settings;
mod token;
mod vault;

pub use activity::*;
pub use application::*;
pub use backup::*;
pub use call::*;
pub use configuration::*;
pub use error::*;
pub use register::*;
pub use sandbox::*;
pub use secret::*;
pub use session::*;
pub use settings::*;
pub use token::*;
pub use vault::*;
