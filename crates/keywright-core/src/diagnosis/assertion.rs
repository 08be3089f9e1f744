//! What is known of a signed assertion that was refused.

use keywright_oauth::introspect::ClientAuthentication;
use keywright_providers::{Provider, Registration};
use keywright_vault::Vault;
use serde_json::Value;
use uuid::Uuid;

/// Clocks that differ by less do not end an assertion, in seconds.
const TOLERATED: i64 = 30;

/// A signed assertion.
pub(super) struct Assertion {
    /// Key identifier, or the thumbprint of a key without one; none where the client secret signs.
    pub(super) kid: Option<String>,
    /// `aud`.
    pub(super) audience: String,
    /// Seconds by which the clock of the server differs, where that matters.
    pub(super) skew: Option<i64>,
}

impl Assertion {
    /// None where the client sends none.
    pub(super) fn of(
        provider: &Provider,
        at: &Registration,
        vault: &Vault,
        exchange: Option<Uuid>,
    ) -> Option<Self> {
        let ClientAuthentication {
            client_auth,
            assertion,
            ..
        } = provider.client_authentication(at).ok()?;
        client_auth.is_assertion().then(|| Self {
            kid: assertion.key.as_ref().map(|key| {
                if key.kid().is_empty() {
                    key.thumbprint()
                } else {
                    key.kid().to_owned()
                }
            }),
            audience: assertion.audience,
            skew: exchange.and_then(|id| skew(vault, id)),
        })
    }
}

/// How far the clock that dated an answer is from ours (RFC 9110 §6.6.1).
fn skew(vault: &Vault, exchange: Uuid) -> Option<i64> {
    let row = vault.exchange(exchange).ok()?;
    let headers = row.response.get("headers")?.as_array()?;
    let date = headers.iter().find_map(|header| {
        let name = header.get(0)?.as_str()?;
        name.eq_ignore_ascii_case("date").then(|| header.get(1))?
    });
    let theirs = keywright_oauth::time::http_date(date.and_then(Value::as_str)?)?;
    let elapsed = i64::try_from(row.elapsed_ms).ok()?;
    let ours = (row.started_at_ms + elapsed) / 1000;
    let skew = (theirs - ours).abs();
    (skew > TOLERATED).then_some(skew)
}
