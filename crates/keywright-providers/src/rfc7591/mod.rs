//! Any server that speaks RFC 7591 and RFC 7592.

mod capabilities;
mod clients;
mod plan;
mod tokens;
mod verify;

use keywright_oauth::http::HttpClient;

use crate::ProviderConfig;

/// The adapter.
#[derive(Debug)]
pub struct Rfc7591 {
    config: ProviderConfig,
    http: HttpClient,
}

impl Rfc7591 {
    pub(crate) fn new(config: ProviderConfig, http: HttpClient) -> Self {
        Self { config, http }
    }
}
