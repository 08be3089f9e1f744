//! The one HTTP client in the program.

mod charset;
mod client;
mod error;
mod error_code;
mod exchange;
mod freshness;
mod given_certificates;
mod policy;
mod proxy;
mod reach;
mod record;
pub mod redact;
mod request;
mod tls_problem;
mod wait;

pub use client::{HttpClient, is_slash_apart};
pub use error::HttpError;
pub use error_code::{HttpErrorCode, HttpWording};
pub use exchange::{Exchange, PresentedCertificate, Recorder};
pub use policy::{HttpPolicy, is_loopback};
pub use proxy::{ProxyProblem, check_proxy, proxy_for};
pub use request::{Auth, BasicEncoding, Body, Purpose, Request, Response};
pub use tls_problem::TlsProblem;
pub use wait::LONGEST_WAIT_SECS;
