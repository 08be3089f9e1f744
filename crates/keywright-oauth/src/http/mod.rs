//! The one HTTP client in the program.

mod client;
mod error;
mod exchange;
mod freshness;
mod policy;
mod proxy;
mod reach;
mod record;
pub mod redact;
mod request;
mod wait;

pub use client::HttpClient;
pub use error::HttpError;
pub use exchange::{Exchange, Recorder};
pub use policy::{HttpPolicy, is_loopback};
pub use proxy::{ProxyProblem, check_proxy, proxy_for};
pub use request::{Auth, BasicEncoding, Body, Purpose, Request, Response};
pub use wait::LONGEST_WAIT_SECS;
