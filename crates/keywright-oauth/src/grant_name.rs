//! Names of grants. The extension grants have a URN for a name (RFC 6749 §4.5), and servers know some of them by other
//! names as well.

use crate::{
    exchange::{JWT_BEARER, SAML_BEARER, TOKEN_EXCHANGE},
    token::DEVICE_CODE,
};

/// A grant with several names.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedGrant {
    /// Stable name, for settings.
    pub key: &'static str,
    /// All names, that of the standard first.
    pub names: [&'static str; 3],
}

/// The grants with several names.
pub const NAMED_GRANTS: [NamedGrant; 4] = [
    NamedGrant {
        key: "device_code",
        names: [DEVICE_CODE, "device_code", "device_authorization"],
    },
    NamedGrant {
        key: "token_exchange",
        names: [TOKEN_EXCHANGE, "token_exchange", "token-exchange"],
    },
    NamedGrant {
        key: "jwt_bearer",
        names: [JWT_BEARER, "jwt_bearer", "jwt-bearer"],
    },
    NamedGrant {
        key: "saml2_bearer",
        names: [SAML_BEARER, "saml2_bearer", "saml2-bearer"],
    },
];

/// Grants with one name, which people write with hyphens as well.
const PLAIN_GRANTS: [(&str, &str); 4] = [
    ("authorization-code", "authorization_code"),
    ("client-credentials", "client_credentials"),
    ("refresh-token", "refresh_token"),
    ("device-code", DEVICE_CODE),
];

/// The name that the standard has for a grant; the name itself where it is the only one.
pub fn standard_name(name: &str) -> &str {
    let plain = || {
        PLAIN_GRANTS
            .iter()
            .find(|(hyphenated, _)| *hyphenated == name)
    };
    NAMED_GRANTS
        .iter()
        .find(|grant| grant.names.contains(&name))
        .map(|grant| grant.names[0])
        .or_else(|| plain().map(|(_, standard)| *standard))
        .unwrap_or(name)
}

/// Both names mean one grant.
pub fn is_same_grant(one: &str, other: &str) -> bool {
    standard_name(one) == standard_name(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_a_grant_means_the_same() {
        for grant in &NAMED_GRANTS {
            assert!(grant.names[0].starts_with("urn:"));
            for name in grant.names {
                assert_eq!(standard_name(name), grant.names[0]);
            }
        }
        assert!(is_same_grant("device_authorization", DEVICE_CODE));
        assert_eq!(standard_name("client-credentials"), "client_credentials");
        assert!(is_same_grant("password", "password"));
        assert!(!is_same_grant("device_code", "jwt-bearer"));
        assert_eq!(standard_name("client_credentials"), "client_credentials");
    }
}
