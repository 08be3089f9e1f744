//! What a refusal asks for: a token, from whom, and for what (RFC 6750 section 3, RFC 9728 section 5.1).

use std::fmt::Write as _;

use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::admission::Wanted;
use super::protected_resource;
use crate::idp::{ALGORITHMS, DPOP_NONCE};
use crate::state::Shared;

const REALM: &str = r#"realm="keywright-sandbox""#;

/// The challenges of one answer, and a nonce for the next proof.
#[derive(Default)]
pub(super) struct Challenges {
    lines: Vec<String>,
    nonce: Option<String>,
}

impl Challenges {
    /// For a request that came with no token, or with one that does not do.
    pub(super) fn of(shared: &Shared, wanted: &Wanted<'_>, error: Option<&str>) -> Self {
        let mut bearer = format!("Bearer {REALM}");
        if let Some(error) = error {
            let _ = write!(bearer, r#", error="{error}""#);
        }
        if wanted.personality.provider_behavior().has_users() {
            let metadata = protected_resource::address(shared, wanted.personality);
            let scope = wanted.scope;
            let _ = write!(
                bearer,
                r#", scope="{scope}", resource_metadata="{metadata}""#
            );
        }
        let mut lines = vec![bearer];
        if error != Some("insufficient_scope") {
            lines.push(format!("Basic {REALM}"));
        }
        Self { lines, nonce: None }
    }

    /// For a proof of possession that does not do (RFC 9449 section 7.1).
    pub(super) fn of_proof(error: &str) -> Self {
        let algorithms = ALGORITHMS.join(" ");
        let line = format!(r#"DPoP {REALM}, error="{error}", algs="{algorithms}""#);
        Self {
            lines: vec![line],
            nonce: None,
        }
    }

    /// With a nonce for the next proof (RFC 9449 section 9).
    pub(super) fn with_nonce(mut self, nonce: &str) -> Self {
        self.nonce = Some(nonce.to_owned());
        self
    }

    /// Adds them to an answer.
    pub(super) fn on(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        for line in self.lines {
            if let Ok(value) = HeaderValue::try_from(line) {
                headers.append(header::WWW_AUTHENTICATE, value);
            }
        }
        if let Some(Ok(nonce)) = self.nonce.map(HeaderValue::try_from) {
            headers.insert(DPOP_NONCE, nonce);
        }
        response
    }
}
