//! The engine of the identity provider, behind every personality.

mod access_token;
mod answer;
mod authenticate;
mod form;
mod inspect;
mod management;
mod metadata;
mod registration;
mod token;

#[allow(
    unused_imports,
    reason = "what the registration and management of clients need"
)]
pub(crate) use {
    access_token::{admin_token, spend},
    form::is_kind,
    management::check_identity,
    registration::{bearer, json_object, new_secret},
};

pub(crate) use access_token::{Claims, live_token, signed, token_answer};
pub(crate) use answer::{Refusal, private};
pub(crate) use authenticate::{
    BadCredentials, Presented, Unrecognised, is_admin, presented, raw_basic, recognise,
};
pub(crate) use form::{BadForm, Form};
pub(crate) use inspect::{introspect, jwks, revoke};
pub(crate) use management::{delete_client, read_client, update_client};
pub(crate) use metadata::{AuthMethod, Grant, Metadata, SCOPES};
pub(crate) use registration::{register, secret_expires_at};
pub(crate) use token::{narrowed, token};
