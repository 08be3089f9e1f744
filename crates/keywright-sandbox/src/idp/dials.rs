//! Dials of sign-ins: what authorization servers have got wrong, each to be turned on.

use crate::faults::{DialKind, SandboxFaults, VendorDial};

/// `iss` of the authorization response names another server (RFC 9207).
const WRONG_ISS: &str = "wrong_iss";
/// `state` of the authorization response is not the one that came.
const WRONG_STATE: &str = "wrong_state";
/// A code can be redeemed again.
const CODE_TWICE: &str = "code_accepted_twice";
/// The server knows `plain` alone (RFC 7636 section 4.2).
const PLAIN_ONLY: &str = "pkce_plain_only";
/// The answer of the consent page comes this much later.
const CONSENT_LATE: &str = "consent_late_ms";
/// A device gets `slow_down` for ever (RFC 8628 section 3.5).
const SLOW_DOWN: &str = "slow_down_for_ever";
/// Every nonce of a proof is refused in favour of a new one (RFC 9449 section 8).
const NONCE_STORM: &str = "dpop_nonce_storm";

/// The dials of a personality that signs users in.
pub(crate) const DIALS: [VendorDial; 7] = [
    dial(WRONG_ISS, DialKind::Switch),
    dial(WRONG_STATE, DialKind::Switch),
    dial(CODE_TWICE, DialKind::Switch),
    dial(PLAIN_ONLY, DialKind::Switch),
    dial(CONSENT_LATE, DialKind::Millis),
    dial(SLOW_DOWN, DialKind::Switch),
    dial(NONCE_STORM, DialKind::Switch),
];

const fn dial(key: &'static str, kind: DialKind) -> VendorDial {
    VendorDial { key, kind }
}

/// The issuer that an authorization response names.
pub(crate) fn response_issuer(faults: &SandboxFaults, issuer: String) -> String {
    match faults.vendor(WRONG_ISS) {
        0 => issuer,
        _ => "https://someone-else.example/".to_owned(),
    }
}

/// The `state` that an authorization response has.
pub(crate) fn state(faults: &SandboxFaults, state: &str) -> String {
    match faults.vendor(WRONG_STATE) {
        0 => state.to_owned(),
        _ => format!("{state}-of-another-request"),
    }
}

/// A code may be redeemed again.
pub(crate) fn accepts_reused_code(faults: &SandboxFaults) -> bool {
    faults.vendor(CODE_TWICE) > 0
}

/// The one way to make a `code_challenge`.
pub(crate) fn challenge_method(faults: &SandboxFaults) -> &'static str {
    match faults.vendor(PLAIN_ONLY) {
        0 => "S256",
        _ => "plain",
    }
}

/// A device never gets its token.
pub(crate) fn always_slows_down(faults: &SandboxFaults) -> bool {
    faults.vendor(SLOW_DOWN) > 0
}

/// No nonce is good enough.
pub(crate) fn rejects_all_nonces(faults: &SandboxFaults) -> bool {
    faults.vendor(NONCE_STORM) > 0
}

/// How long the answer of the consent page is held back.
pub(crate) fn consent_wait(faults: &SandboxFaults) -> std::time::Duration {
    faults.vendor_time(CONSENT_LATE)
}
