//! The engine of the identity provider, behind every personality.

mod answer;
mod authenticate;
mod inspect;
mod management;
mod metadata;
mod registration;
mod token;

pub(crate) use authenticate::raw_basic;
pub(crate) use inspect::{introspect, jwks, live_token, revoke};
pub(crate) use management::{delete_client, read_client, update_client};
pub(crate) use metadata::{AuthMethod, Grant, Metadata, SCOPES};
pub(crate) use registration::register;
pub(crate) use token::token;
