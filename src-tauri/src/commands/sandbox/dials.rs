//! The fault dials, between the Sandbox and the pages.

use keywright_core::view::{DialKind, SandboxFaults, VendorDialView};

/// The dials as the Sandbox knows them.
pub(super) fn to_sandbox(dials: SandboxFaults) -> keywright_sandbox::SandboxFaults {
    keywright_sandbox::SandboxFaults {
        latency_ms: dials.latency_ms,
        too_many_requests_percent: dials.too_many_requests_percent,
        retry_after: dials.retry_after,
        server_errors_percent: dials.server_errors_percent,
        html_errors: dials.html_errors,
        drop_after_receiving_percent: dials.drop_after_receiving_percent,
        truncated_body: dials.truncated_body,
        huge_body: dials.huge_body,
        expired_secrets: dials.expired_secrets,
        secrets_over: dials.secrets_over,
        rotate_registration_token: dials.rotate_registration_token,
        forget_clients: dials.forget_clients,
        wrong_issuer: dials.wrong_issuer,
        replication_lag_ms: dials.replication_lag_ms,
        grant_less: dials.grant_less,
        keys_rolled_over: dials.keys_rolled_over,
        rate_limit_per_second: dials.rate_limit_per_second,
        vendor: dials.vendor,
    }
}

/// The dials as the window shows them.
pub(super) fn from_sandbox(dials: keywright_sandbox::SandboxFaults) -> SandboxFaults {
    SandboxFaults {
        latency_ms: dials.latency_ms,
        too_many_requests_percent: dials.too_many_requests_percent,
        retry_after: dials.retry_after,
        server_errors_percent: dials.server_errors_percent,
        html_errors: dials.html_errors,
        drop_after_receiving_percent: dials.drop_after_receiving_percent,
        truncated_body: dials.truncated_body,
        huge_body: dials.huge_body,
        expired_secrets: dials.expired_secrets,
        secrets_over: dials.secrets_over,
        rotate_registration_token: dials.rotate_registration_token,
        forget_clients: dials.forget_clients,
        wrong_issuer: dials.wrong_issuer,
        replication_lag_ms: dials.replication_lag_ms,
        grant_less: dials.grant_less,
        keys_rolled_over: dials.keys_rolled_over,
        rate_limit_per_second: dials.rate_limit_per_second,
        vendor: dials.vendor,
    }
}

pub(super) fn vendor_dial(dial: &keywright_sandbox::VendorDial) -> VendorDialView {
    VendorDialView {
        key: dial.key.to_owned(),
        kind: match dial.kind {
            keywright_sandbox::DialKind::Switch => DialKind::Switch,
            keywright_sandbox::DialKind::Millis => DialKind::Millis,
        },
    }
}
