//! What the metadata document of a server offers beyond the operations of the capability sheet: ways of client
//! authentication, further grants, and the parts of the FAPI 2.0 Security Profile.

use keywright_oauth::{
    client_key::KeyAlgorithm,
    exchange::{JWT_BEARER, SAML_BEARER, TOKEN_EXCHANGE},
    lenient, mutual_tls,
    pushed::PUSHED_REQUEST_ENDPOINT,
    server_metadata::ServerMetadata,
};

use crate::{Reason, Verdict, rfc7591::capabilities::grant};

/// Ways of client authentication, as they are registered (RFC 7591 §2, RFC 8705 §2).
const METHODS: [&str; 7] = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    mutual_tls::BY_AUTHORITY,
    mutual_tls::SELF_SIGNED,
    "none",
];
/// Signatures of assertions that the server takes (RFC 8414 §2).
const SIGNING: &str = "token_endpoint_auth_signing_alg_values_supported";

/// One line: what the server offers, whether Keywright can use it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Stable name; the words are in the message files as `offer.KEY`.
    pub key: &'static str,
    /// Can it be used?
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

type Found = (Verdict, Reason);

fn offer(key: &'static str, (verdict, reason): Found) -> Offer {
    Offer {
        key,
        verdict,
        reason,
    }
}

/// The further grants, and each way of client authentication at the token endpoint (RFC 8414 §2).
pub fn offers(metadata: Option<&ServerMetadata>) -> Vec<Offer> {
    let mut all = vec![
        offer("jwt_bearer", grant(metadata, JWT_BEARER)),
        offer("saml2_bearer", grant(metadata, SAML_BEARER)),
        offer("token_exchange", grant(metadata, TOKEN_EXCHANGE)),
    ];
    all.extend(METHODS.map(|name| offer(name, method(metadata, name))));
    all
}

fn listed(metadata: &ServerMetadata, name: &str) -> Vec<String> {
    lenient::list(&metadata.document, name).unwrap_or_default()
}

fn methods(metadata: &ServerMetadata) -> Option<&[String]> {
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
    methods.filter(|methods| !methods.is_empty())
}

fn method(metadata: Option<&ServerMetadata>, name: &str) -> Found {
    let Some(metadata) = metadata else {
        return (Verdict::Unknown, Reason::NOT_DISCOVERED);
    };
    let Some(methods) = methods(metadata) else {
        // RFC 8414 §2: the default where the list is left out.
        return match name {
            "client_secret_basic" => (Verdict::Yes, Reason::METHOD_BY_DEFAULT),
            _ => (Verdict::Unknown, Reason::METHODS_UNLISTED),
        };
    };
    if !methods.iter().any(|one| one == name) {
        return (Verdict::No, Reason::METHOD_NOT_LISTED);
    }
    let signing = listed(metadata, SIGNING);
    let signs = match name {
        "private_key_jwt" => KeyAlgorithm::best_of(&signing).is_some(),
        "client_secret_jwt" => signing.is_empty() || signing.iter().any(|one| one == "HS256"),
        _ => true,
    };
    if signs {
        (Verdict::Yes, Reason::METHOD_LISTED)
    } else {
        (Verdict::No, Reason::SIGNATURES_NOT_OURS)
    }
}

fn lists_certificates(metadata: &ServerMetadata) -> bool {
    let methods = methods(metadata).unwrap_or_default();
    methods.iter().any(|one| mutual_tls::is_method(one))
}

/// What the server has of the FAPI 2.0 Security Profile (its requirements for authorization servers), as far as its metadata says it. Nothing of it is
/// tried: a server may offer more than the profile allows to other clients.
pub fn fapi(metadata: Option<&ServerMetadata>) -> Vec<Offer> {
    let of = |find: fn(&ServerMetadata) -> Found| {
        metadata.map_or((Verdict::Unknown, Reason::NOT_DISCOVERED), find)
    };
    vec![
        offer("pushed_requests", of(pushed)),
        offer("pkce_s256", of(pkce)),
        offer("issuer_parameter", of(issuer_parameter)),
        offer("sender_constrained", of(sender_constrained)),
        offer("key_authentication", of(key_authentication)),
        offer("code_only", of(code_only)),
    ]
}

/// The verdict of all lines: no where one is missing, yes where each is there.
pub fn overall(lines: &[Offer]) -> Verdict {
    [Verdict::No, Verdict::Unknown, Verdict::Partly]
        .into_iter()
        .find(|verdict| lines.iter().any(|line| line.verdict == *verdict))
        .unwrap_or(Verdict::Yes)
}

/// RFC 9126 §5.
fn pushed(metadata: &ServerMetadata) -> Found {
    match lenient::address(&metadata.document, PUSHED_REQUEST_ENDPOINT) {
        Some(_) => (Verdict::Yes, Reason::ENDPOINT_NAMED),
        None => (Verdict::No, Reason::ENDPOINT_MISSING),
    }
}

/// RFC 8414 §2: a server that leaves the list out does not support PKCE.
fn pkce(metadata: &ServerMetadata) -> Found {
    if metadata.lists_s256() {
        (Verdict::Yes, Reason::S256_LISTED)
    } else {
        (Verdict::No, Reason::S256_NOT_LISTED)
    }
}

/// RFC 9207 §3: false where it is left out.
fn issuer_parameter(metadata: &ServerMetadata) -> Found {
    if metadata.answers_with_issuer() {
        (Verdict::Yes, Reason::ISSUER_ANNOUNCED)
    } else {
        (Verdict::No, Reason::ISSUER_NOT_ANNOUNCED)
    }
}

/// By proofs of possession (RFC 9449 §5.1) or certificates (RFC 8705 §3.3).
fn sender_constrained(metadata: &ServerMetadata) -> Found {
    let dpop = listed(metadata, "dpop_signing_alg_values_supported");
    let certificates = lenient::flag(&metadata.document, mutual_tls::BOUND_TOKENS) == Some(true);
    match (dpop.is_empty(), certificates) {
        (false, _) if KeyAlgorithm::best_of(&dpop).is_some() => {
            (Verdict::Yes, Reason::DPOP_ANNOUNCED)
        }
        (_, true) => (Verdict::Yes, Reason::CERTIFICATES_BIND),
        (false, false) => (Verdict::Partly, Reason::SIGNATURES_NOT_OURS),
        // Neither document says that a server names it there.
        (true, false) => (Verdict::Unknown, Reason::BINDING_NOT_ANNOUNCED),
    }
}

/// `private_key_jwt`, or client certificates.
fn key_authentication(metadata: &ServerMetadata) -> Found {
    match method(Some(metadata), "private_key_jwt") {
        (Verdict::No, _) if lists_certificates(metadata) => (Verdict::Yes, Reason::METHOD_LISTED),
        (Verdict::No, reason) if reason == Reason::SIGNATURES_NOT_OURS => (Verdict::Partly, reason),
        found => found,
    }
}

/// No response type but `code`, and no password of a user.
fn code_only(metadata: &ServerMetadata) -> Found {
    let mut others = listed(metadata, "response_types_supported");
    if others.is_empty() {
        return (Verdict::Unknown, Reason::RESPONSE_TYPES_UNLISTED);
    }
    others.retain(|name| name != "code");
    let grants = metadata.grant_types_supported.iter().flatten();
    others.extend(grants.filter(|name| name.as_str() == "password").cloned());
    if others.is_empty() {
        (Verdict::Yes, Reason::CODE_ALONE)
    } else {
        (Verdict::No, Reason::other_flows(&others))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::{Value, json};

    use super::*;

    fn metadata(mut document: Value) -> ServerMetadata {
        document["issuer"] = "https://id.example".into();
        let source = "https://id.example/.well-known/oauth-authorization-server";
        let members = document.as_object().unwrap().clone();
        ServerMetadata::read(members, source.parse().unwrap()).unwrap()
    }

    fn verdicts(lines: &[Offer]) -> Vec<(&str, Verdict)> {
        lines.iter().map(|line| (line.key, line.verdict)).collect()
    }

    #[test]
    fn a_server_of_the_profile_has_all_of_it() {
        let mut document = json!({
            "pushed_authorization_request_endpoint": "https://id.example/par",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "dpop_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["PS256"],
            "response_types_supported": ["code"],
        });
        let lines = fapi(Some(&metadata(document.clone())));
        assert_eq!(overall(&lines), Verdict::Yes, "{:?}", verdicts(&lines));
        for (name, value, key, verdict) in [
            (
                "pushed_authorization_request_endpoint",
                json!(null),
                "pushed_requests",
                Verdict::No,
            ),
            (
                "code_challenge_methods_supported",
                json!(["plain"]),
                "pkce_s256",
                Verdict::No,
            ),
            (
                "authorization_response_iss_parameter_supported",
                json!(null),
                "issuer_parameter",
                Verdict::No,
            ),
            (
                "dpop_signing_alg_values_supported",
                json!(null),
                "sender_constrained",
                Verdict::Unknown,
            ),
            (
                "dpop_signing_alg_values_supported",
                json!(["ES512"]),
                "sender_constrained",
                Verdict::Partly,
            ),
            (
                "token_endpoint_auth_methods_supported",
                json!(["tls_client_auth"]),
                "key_authentication",
                Verdict::Yes,
            ),
            (
                "token_endpoint_auth_methods_supported",
                json!(["client_secret_basic"]),
                "key_authentication",
                Verdict::No,
            ),
            (
                "token_endpoint_auth_signing_alg_values_supported",
                json!(["HS256"]),
                "key_authentication",
                Verdict::Partly,
            ),
            (
                "response_types_supported",
                json!(["code", "code id_token"]),
                "code_only",
                Verdict::No,
            ),
            (
                "response_types_supported",
                json!(null),
                "code_only",
                Verdict::Unknown,
            ),
        ] {
            let before = document[name].take();
            document[name] = value;
            let lines = fapi(Some(&metadata(document.clone())));
            let line = lines.iter().find(|line| line.key == key).unwrap();
            assert_eq!(
                (line.verdict, overall(&lines)),
                (verdict, verdict),
                "{name}"
            );
            document[name] = before;
        }
        assert_eq!(overall(&fapi(None)), Verdict::Unknown);
    }

    #[test]
    fn each_way_of_client_authentication_has_a_line() {
        use Verdict::{No, Unknown, Yes};

        let of = |document: Value| {
            let lines = offers(Some(&metadata(document)));
            let lines = verdicts(&lines).into_iter().skip(3);
            lines.map(|(_, verdict)| verdict).collect::<Vec<_>>()
        };
        // Without a list, the default of RFC 8414 alone is known.
        assert_eq!(
            of(json!({})),
            [Yes, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown]
        );
        let listed = json!({
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "client_secret_jwt", "private_key_jwt", "tls_client_auth"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        });
        assert_eq!(of(listed), [No, Yes, No, Yes, Yes, No, No]);
    }

    #[test]
    fn a_grant_that_is_listed_can_be_used() {
        let listed = metadata(json!({ "grant_types_supported": [TOKEN_EXCHANGE] }));
        let lines = offers(Some(&listed));
        assert_eq!(lines[0].reason, Reason::GRANT_NOT_LISTED);
        assert_eq!(lines[2].verdict, Verdict::Yes);
    }
}
