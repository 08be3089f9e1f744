//! Answers to authorization requests that the server signs (JWT Secured Authorization Response Mode for OAuth 2.0,
//! JARM). Read into the plain query that they stand for, which is then read as any other.

use serde_json::Value;
use url::form_urlencoded::{self, Serializer};

use crate::{
    client_metadata::ClientMetadata,
    jwks::Jwks,
    jwt::{self, ClaimFinding, Expected, Signature, SignatureProblem},
    lenient,
    server_metadata::ServerMetadata,
};

/// Parameter of a request.
pub const RESPONSE_MODE: &str = "response_mode";
/// The mode that is asked for: signed, in the query of the redirect where a code is asked for (§2.3.4).
pub const MODE: &str = "jwt";
/// Member of the metadata of a client: how answers to it are signed (§3).
pub const SIGNING_ALG: &str = "authorization_signed_response_alg";
/// Modes that bring a plain query.
const PLAIN: &str = "query";
/// Modes that are read here (§2.3.1).
const READ: [&str; 2] = [MODE, "query.jwt"];
/// The parameter that has the JWT (§2.3.1).
const RESPONSE: &str = "response";
/// Claims that are not parameters of the answer (§2.1).
const OF_THE_JWT: [&str; 5] = ["aud", "exp", "iat", "nbf", "jti"];

/// Why a signed answer is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignedAnswerProblem {
    /// A plain answer came where a signed one was asked for.
    #[error("the answer is not signed")]
    Plain,
    /// Not a JWT.
    #[error("the answer is not a JWT")]
    NotJwt,
    /// Encrypted for a key that Keywright does not use (§2.2).
    #[error("the answer is encrypted")]
    Encrypted,
    /// Not signed by a key of the issuer.
    #[error("the signature of the answer is not valid")]
    Signature(SignatureProblem),
    /// `iss` is absent or another issuer.
    #[error("the answer is of another issuer")]
    Issuer,
    /// `aud` is another client.
    #[error("the answer is for another client")]
    Audience,
    /// `exp` is absent or past.
    #[error("the answer has expired")]
    Time,
}

impl SignedAnswerProblem {
    /// The claim that does not hold; a word for the whole where it is none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "unsigned",
            Self::NotJwt => "format",
            Self::Encrypted => "encrypted",
            Self::Signature(_) => "signature",
            Self::Issuer => "iss",
            Self::Audience => "aud",
            Self::Time => "exp",
        }
    }
}

/// Signed answers are asked for: the client was registered for them, or the server has no others.
pub fn is_used(server: Option<&ServerMetadata>, client: &ClientMetadata) -> bool {
    let registered = lenient::text(client.members(), SIGNING_ALG);
    let modes = server
        .and_then(|server| lenient::list(&server.document, "response_modes_supported"))
        .unwrap_or_default();
    let has = |wanted: &str| modes.iter().any(|mode| mode == wanted);
    registered.is_some_and(|alg| alg != "none")
        || !has(PLAIN) && !has("form_post") && READ.iter().any(|mode| has(mode))
}

/// The plain query that a signed answer stands for, before anything of it is checked; none where it is not signed.
pub fn unchecked(query: &str) -> Option<String> {
    let claims = jwt::unchecked_claims(&response(query)?)?;
    Some(plain(claims.iter()))
}

/// The plain query that a signed answer stands for. A plain refusal passes: it brings no code that another server could
/// get.
///
/// # Errors
///
/// What does not hold (§2.4).
pub fn read(
    query: &str,
    keys: Option<&Jwks>,
    issuer: &str,
    client_id: &str,
    now: i64,
) -> Result<String, SignedAnswerProblem> {
    let Some(token) = response(query) else {
        let named =
            |wanted: &str| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == wanted);
        return if named("error") && !named("code") {
            Ok(query.to_owned())
        } else {
            Err(SignedAnswerProblem::Plain)
        };
    };
    if token.split('.').count() == 5 {
        return Err(SignedAnswerProblem::Encrypted);
    }
    let expected = Expected {
        issuer,
        client_id,
        audience: Some(client_id),
        now,
    };
    let seen = jwt::inspect(&token, keys, &expected).ok_or(SignedAnswerProblem::NotJwt)?;
    match seen.signature {
        Signature::Verified => {}
        Signature::Invalid { reason } | Signature::NotChecked { reason } => {
            return Err(SignedAnswerProblem::Signature(reason));
        }
    }
    let found = |wanted| seen.findings.iter().any(|(_, one)| *one == wanted);
    if !found(ClaimFinding::IssuerMatches) {
        Err(SignedAnswerProblem::Issuer)
    } else if !found(ClaimFinding::AudienceMatches) {
        Err(SignedAnswerProblem::Audience)
    } else if !found(ClaimFinding::NotExpired) || found(ClaimFinding::NotYetValid) {
        Err(SignedAnswerProblem::Time)
    } else {
        Ok(plain(seen.claims.iter()))
    }
}

fn response(query: &str) -> Option<String> {
    let mut all = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == RESPONSE);
    all.next().map(|(_, value)| value.into_owned())
}

fn plain<'a>(claims: impl Iterator<Item = (&'a String, &'a Value)>) -> String {
    let mut form = Serializer::new(String::new());
    for (name, value) in claims {
        if !OF_THE_JWT.contains(&name.as_str())
            && let Some(text) = value.as_str()
        {
            form.append_pair(name, text);
        }
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::{Map, json};

    use super::*;
    use crate::client_key::{ClientKey, KeyAlgorithm};

    const ISSUER: &str = "https://id.example";

    fn signed(key: &ClientKey, change: (&str, Value)) -> String {
        let mut claims = json!({
            "iss": ISSUER, "aud": "c-1", "exp": 1600, "state": "s & t", "code": "c0de",
        });
        claims[change.0] = change.1;
        let header = Map::from_iter([("kid".to_owned(), key.kid().into())]);
        let token = key.sign(&header, claims.as_object().unwrap()).unwrap();
        format!("response={token}")
    }

    #[test]
    fn t24_a_signed_answer_is_believed_where_each_claim_holds() {
        let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let other = ClientKey::generate(KeyAlgorithm::Es256)
            .unwrap()
            .named(key.kid());
        let keys = Jwks::of(json!({ "keys": [key.public_jwk()] }).as_object().unwrap()).unwrap();
        let read = |query: &str| read(query, Some(&keys), ISSUER, "c-1", 1000);
        let good = signed(&key, ("state", "s & t".into()));
        let plain = read(&good).unwrap();
        assert!(plain.contains("code=c0de"), "{plain}");
        assert!(plain.contains("state=s+%26+t"), "{plain}");
        assert!(plain.contains("iss=https"), "{plain}");
        assert!(!plain.contains("exp"), "{plain}");
        assert_eq!(unchecked(&good).unwrap(), plain);
        for (change, problem) in [
            (
                ("iss", json!("https://evil.example")),
                SignedAnswerProblem::Issuer,
            ),
            (("iss", Value::Null), SignedAnswerProblem::Issuer),
            (("aud", json!("c-2")), SignedAnswerProblem::Audience),
            (("aud", Value::Null), SignedAnswerProblem::Audience),
            (("exp", json!(900)), SignedAnswerProblem::Time),
            (("exp", Value::Null), SignedAnswerProblem::Time),
        ] {
            assert_eq!(
                read(&signed(&key, change.clone())),
                Err(problem),
                "{change:?}"
            );
        }
        let forged = signed(&other, ("code", "evil".into()));
        let wrong = SignedAnswerProblem::Signature(SignatureProblem::WrongSignature);
        assert_eq!(read(&forged), Err(wrong));
        let without_keys = super::read(&good, None, ISSUER, "c-1", 1000);
        let unknown = SignedAnswerProblem::Signature(SignatureProblem::NoKeys);
        assert_eq!(without_keys, Err(unknown));
    }

    #[test]
    fn t24_a_code_that_comes_without_a_signature_is_refused() {
        let read = |query: &str| read(query, None, ISSUER, "c-1", 1000);
        for (query, outcome) in [
            ("code=c&state=s", Err(SignedAnswerProblem::Plain)),
            ("code=c&error=x&state=s", Err(SignedAnswerProblem::Plain)),
            ("response=abc&state=s", Err(SignedAnswerProblem::NotJwt)),
            ("response=a.b.c.d.e", Err(SignedAnswerProblem::Encrypted)),
            (
                "error=access_denied&state=s",
                Ok("error=access_denied&state=s".to_owned()),
            ),
        ] {
            assert_eq!(read(query), outcome, "{query}");
        }
        assert_eq!(unchecked("code=c&state=s"), None);
    }

    #[test]
    fn signed_answers_are_asked_for_where_they_are_registered_or_the_only_ones() {
        let server = |modes: Value| {
            let document = json!({ "issuer": ISSUER, "response_modes_supported": modes });
            let source = "https://id.example/.well-known/openid-configuration";
            ServerMetadata::read(
                document.as_object().unwrap().clone(),
                source.parse().unwrap(),
            )
            .unwrap()
        };
        let client = |alg: Option<&str>| {
            let members = alg.map(|alg| (SIGNING_ALG.to_owned(), alg.into()));
            ClientMetadata::from(Map::from_iter(members))
        };
        for (modes, alg, used) in [
            (json!(["query", "jwt"]), None, false),
            (json!(["query", "jwt"]), Some("PS256"), true),
            (json!(["query", "jwt"]), Some("none"), false),
            (json!(["jwt", "fragment.jwt"]), None, true),
            (json!(["query.jwt"]), None, true),
            (json!(["form_post", "jwt"]), None, false),
            (json!([]), None, false),
        ] {
            assert_eq!(
                is_used(Some(&server(modes.clone())), &client(alg)),
                used,
                "{modes} {alg:?}"
            );
        }
        assert!(!is_used(None, &client(None)));
    }
}
