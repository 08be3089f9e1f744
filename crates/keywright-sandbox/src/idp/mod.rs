//! The engine of the identity provider, behind every personality.

mod access_token;
mod answer;
mod authenticate;
mod authorize;
mod client_assertion;
mod client_document;
mod code_grant;
mod device_grant;
mod device_page;
mod dials;
mod dpop;
mod end_session;
mod exchange_grant;
mod form;
mod id_token;
mod inspect;
mod issue;
mod management;
mod metadata;
mod pages;
mod par;
mod refresh_grant;
mod registration;
mod rsa_key;
mod token;
mod user_rules;
mod userinfo;
mod users;

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

pub(crate) use access_token::{Claims, SIGN_IN, live_token, signed, token_answer};
pub(crate) use answer::{Refusal, private};
pub(crate) use authenticate::{
    BadCredentials, Presented, Unrecognised, is_admin, presented, raw_basic, recognise,
};
pub(crate) use authorize::{Asked, authorize, decide};
pub(crate) use client_assertion::{AssertionRules, BadAssertion, KeyName, USUAL};
pub(crate) use device_grant::{device_authorization, device_codes};
pub(crate) use device_page::device_page;
pub(crate) use dials::{DIALS, challenge_method};
pub(crate) use dpop::{ALGORITHMS, DPOP_NONCE, Place, bound_to, proved};
pub(crate) use end_session::end_session;
pub(crate) use form::{BadForm, Form};
pub(crate) use inspect::{introspect, jwks, revoke};
pub(crate) use management::{delete_client, read_client, update_client};
pub(crate) use metadata::{AuthMethod, Grant, LOGIN_SCOPES, Metadata, SCOPES};
pub(crate) use par::par;
pub(crate) use registration::{register, secret_expires_at};
pub(crate) use rsa_key::{certificate, of_pem};
pub(crate) use token::{narrowed, token, user_token};
pub(crate) use user_rules::{DeviceRules, RefreshRule, Refused as SignInRefused, UserScope, words};
pub(crate) use userinfo::userinfo;
pub(crate) use users::User;
