//! The protocol: one file a request, the metadata types, and the one HTTP client of the program.
//!
//! Knows no vendor and no vault. Every reader is lenient in what it takes (`null`, `""` and absent
//! are the same; lists come as text, times as seconds, milliseconds or dates) and exact in what it
//! trusts (issuer, signature, TLS).

pub mod assertion;
pub mod authorize;
pub mod client_auth;
pub mod client_document;
pub mod client_key;
pub mod client_metadata;
mod codes;
pub mod device;
pub mod discover;
pub mod dpop;
pub mod encryption;
pub mod error_response;
pub mod exchange;
pub mod grant_name;
pub mod http;
pub mod id_token;
pub mod introspect;
pub mod jwks;
pub mod jwt;
pub mod lenient;
pub mod manage;
pub mod masked;
mod member_types;
pub mod mutual_tls;
pub mod protected_resource;
pub mod pushed;
pub mod refusal;
pub mod register;
pub mod request_object;
pub mod revoke;
pub mod server_metadata;
mod signature;
pub mod time;
pub mod token;
pub mod userinfo;

pub use keywright_secret as secret;
