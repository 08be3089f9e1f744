//! Names that people type: of grants and of methods of client authentication. A slip is found before anything is sent;
//! a name of the server's own is sent as typed.

use keywright_oauth::{
    grant_name::{NAMED_GRANTS, standard_name},
    mutual_tls,
};
use keywright_vault::nearest_within;

use super::{CoreError, input_problem::InputProblem};

/// The grants that Keywright gets tokens with, as they are typed.
pub(crate) const TOKEN_GRANTS: [&str; 7] = [
    "client_credentials",
    "authorization_code",
    "device_code",
    "refresh_token",
    "jwt-bearer",
    "saml2-bearer",
    "token-exchange",
];
/// Grants of clients that Keywright does not use itself (RFC 6749 §4).
const OTHER_GRANTS: [&str; 2] = ["implicit", "password"];
/// The registered methods of client authentication (RFC 7591 §4.2, OpenID Connect Core §9, RFC 8705 §2).
const METHODS: [&str; 7] = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
    mutual_tls::BY_AUTHORITY,
    mutual_tls::SELF_SIGNED,
];
/// Methods by the names that other tools have for them.
const ALIASES: [(&str, &str); 4] = [
    ("basic", "client_secret_basic"),
    ("header", "client_secret_basic"),
    ("post", "client_secret_post"),
    ("body", "client_secret_post"),
];
/// Most letters of a slip. A name that differs by more may be one of the server's own.
const SLIP: usize = 2;

/// A grant as it is registered: the URN where one is typed by its short name.
///
/// # Errors
///
/// `grant_name` where a known name was probably meant.
pub fn typed_grant(typed: &str) -> Result<String, CoreError> {
    let aliases = NAMED_GRANTS.iter().flat_map(|grant| grant.names);
    let known = TOKEN_GRANTS.into_iter().chain(OTHER_GRANTS).chain(aliases);
    checked(InputProblem::GrantName, typed, known)?;
    Ok(match typed {
        "device_code" => standard_name(typed).to_owned(),
        hyphenated if hyphenated.contains('-') => standard_name(hyphenated).to_owned(),
        other => other.to_owned(),
    })
}

/// A method of client authentication as it is registered.
///
/// # Errors
///
/// `auth_method_name` where a known name was probably meant.
pub fn typed_method(typed: &str) -> Result<String, CoreError> {
    let alias = ALIASES.iter().find(|(name, _)| *name == typed);
    if let Some((_, method)) = alias {
        return Ok((*method).to_owned());
    }
    if let Some(near) = nearest_within(typed, 1, ALIASES.iter().map(|(name, _)| *name)) {
        let alias = ALIASES.iter().find(|(name, _)| *name == near);
        return Err(CoreError::UnknownName {
            what: InputProblem::AuthMethodName,
            name: typed.to_owned(),
            nearest: alias.map(|(_, method)| (*method).to_owned()),
        });
    }
    checked(InputProblem::AuthMethodName, typed, METHODS.into_iter())?;
    Ok(typed.to_owned())
}

fn checked(
    what: InputProblem,
    typed: &str,
    known: impl Iterator<Item = &'static str> + Clone,
) -> Result<(), CoreError> {
    // The hyphenated spelling of a grant is that grant.
    if known.clone().any(|name| name == typed) || standard_name(typed) != typed {
        return Ok(());
    }
    match nearest_within(typed, SLIP, known) {
        None => Ok(()),
        nearest => Err(CoreError::UnknownName {
            what,
            name: typed.to_owned(),
            nearest,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(checked: Result<String, CoreError>) -> Result<String, Option<String>> {
        checked.map_err(|error| match error {
            CoreError::UnknownName { nearest, .. } => nearest,
            _ => None,
        })
    }

    #[test]
    fn a_slip_in_a_grant_is_not_registered() {
        for (typed, nearest) in [
            ("client_credentails", "client_credentials"),
            ("authorisation_code", "authorization_code"),
            ("Client_Credentials", "client_credentials"),
            ("refresh_tokens", "refresh_token"),
            ("token_exchang", "token_exchange"),
        ] {
            assert_eq!(meant(typed_grant(typed)), Err(Some(nearest.to_owned())));
        }
        for kept in [
            "client_credentials",
            "jwt_bearer",
            "password",
            "urn:ietf:params:oauth:grant-type:uma-ticket",
            "urn:openid:params:grant-type:ciba",
            "magic_link",
        ] {
            assert_eq!(meant(typed_grant(kept)), Ok(kept.to_owned()));
        }
        assert_eq!(
            meant(typed_grant("client-credentials")),
            Ok("client_credentials".to_owned())
        );
        for urn in ["device_code", "jwt-bearer"] {
            assert_eq!(meant(typed_grant(urn)), Ok(standard_name(urn).to_owned()));
        }
    }

    #[test]
    fn a_slip_in_an_authentication_method_is_not_registered() {
        for (typed, nearest) in [
            ("client_secret_basik", "client_secret_basic"),
            ("client-secret-post", "client_secret_post"),
            ("private_key_jtw", "private_key_jwt"),
            ("NONE", "none"),
            ("basc", "client_secret_basic"),
        ] {
            assert_eq!(meant(typed_method(typed)), Err(Some(nearest.to_owned())));
        }
        for kept in [
            "client_secret_post",
            "tls_client_auth",
            "self_signed_tls_client_auth",
            "attest_jwt_client_auth",
            "spiffe_jwt",
        ] {
            assert_eq!(meant(typed_method(kept)), Ok(kept.to_owned()));
        }
        assert_eq!(
            meant(typed_method("post")),
            Ok("client_secret_post".to_owned())
        );
    }
}
