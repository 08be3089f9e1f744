//! Codes of OAuth under the names that servers have for them.

/// Codes that decide what is done next.
const CODES: &[&str] = &[
    "access_denied",
    "authorization_pending",
    "expired_token",
    "insufficient_scope",
    "invalid_client",
    "invalid_client_metadata",
    "invalid_grant",
    "invalid_redirect_uri",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
    "slow_down",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
];
/// Names of Entra, GitHub and Slack.
const NAMES: &[(&str, &str)] = &[
    ("authorizationdeclined", "access_denied"),
    ("incorrectclientcredentials", "invalid_client"),
    ("badclientsecret", "invalid_client"),
    ("invalidclientid", "invalid_client"),
    ("invalidclientsecret", "invalid_client"),
    ("badrefreshtoken", "invalid_grant"),
    ("invalidrefreshtoken", "invalid_grant"),
    ("badverificationcode", "invalid_grant"),
    ("invalidcode", "invalid_grant"),
    ("codealreadyused", "invalid_grant"),
];

/// The code that another name means, however its words are written.
pub(super) fn meant(code: &str) -> Option<&'static str> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|letter| !matches!(letter, '_' | '-' | ' '))
            .flat_map(char::to_lowercase)
            .collect()
    };
    let given = plain(code);
    let same = CODES.iter().copied().find(|one| plain(one) == given);
    same.or_else(|| {
        let found = NAMES.iter().find(|(name, _)| *name == given);
        found.map(|(_, code)| *code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_in_each_way_of_writing_it() {
        for name in [
            "invalid_client",
            "INVALID_CLIENT",
            "InvalidClient",
            "invalid-client",
            "bad_client_secret",
        ] {
            assert_eq!(meant(name), Some("invalid_client"), "{name}");
        }
        assert_eq!(meant("bad_refresh_token"), Some("invalid_grant"));
        assert_eq!(meant("authorization_declined"), Some("access_denied"));
        for other in ["", "server_error", "invalid", "client", "E0000011"] {
            assert_eq!(meant(other), None, "{other}");
        }
    }
}
