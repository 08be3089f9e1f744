//! A token as it is shown: masked, with what it says.

use keywright_oauth::{
    introspect,
    jwks::MOST_KEYS,
    jwt::{ClaimFinding, Inspection, Signature, SignatureProblem},
    lenient,
};
use keywright_providers::{Capability, Verdict};
use keywright_vault::{Owner, TokenRow};
use serde_json::Value;

use crate::{
    CoreError,
    i18n::key::Key,
    tokens::{
        ACCESS_TOKEN, Tokens,
        request::is_of_user,
        types::{ClaimView, IdTokenView, SignatureView, TokenView},
    },
};

/// A JWT may show its beginning: the header, which is no secret.
const PREVIEW: usize = 10;
/// A token that says it was made at a time so far from that of its answer comes from a server with another clock.
const CLOCKS_APART_SECS: u64 = 120;
/// Claims that are times (RFC 7519 §4.1, OpenID Connect Core 1.0 §2).
const TIMES: [&str; 4] = ["exp", "iat", "nbf", "auth_time"];

impl Tokens<'_> {
    pub(crate) fn view(self, token: &TokenRow) -> Result<TokenView, CoreError> {
        let vault = self.app.vault()?;
        let application = vault.application(token.application_id)?;
        let configuration = vault.configuration(application.configuration_id)?;
        let sheet = self
            .app
            .configurations()
            .provider(&configuration)?
            .capabilities();
        let can = |capability| {
            sheet
                .line(capability)
                .is_some_and(|line| line.verdict == Verdict::Yes)
        };
        let of_user = is_of_user(&token.grant);
        let (can_introspect, can_revoke) =
            (can(Capability::Introspection), can(Capability::Revocation));
        let seen: Option<Inspection> = token
            .inspection
            .clone()
            .map(serde_json::from_value)
            .transpose()?;
        let preview = if token.is_jwt {
            // The value of one that expired was wiped.
            vault
                .secret(Owner::Token(token.id), ACCESS_TOKEN)?
                .and_then(|value| value.expose().get(..PREVIEW).map(str::to_owned))
        } else {
            None
        };
        let (signature, reason) = self.signature(token, seen.as_ref());
        let id_token = token.id_token.clone().map(serde_json::from_value);
        let id_token = id_token.transpose()?;
        let id_token = id_token.map(|seen| self.id_token_view(token, seen));
        let text = |name: &str| {
            seen.as_ref()
                .and_then(|seen| seen.header.get(name))
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Ok(TokenView {
            id: token.id.to_string(),
            application_id: application.id.to_string(),
            application: application.name,
            grant: token.grant.clone(),
            token_type: token.token_type.clone(),
            scope: token.scope.clone().or_else(|| token.scope_asked.clone()),
            scope_is_asked: token.scope.is_none()
                && token
                    .scope_asked
                    .as_ref()
                    .is_some_and(|one| !one.is_empty()),
            not_granted: not_granted(token),
            audience: token.audience.clone(),
            resources: token.resources.clone(),
            authorization_details: token.granted_details.clone().or_else(|| {
                let asked = token.authorization_details.as_deref();
                asked.and_then(|text| serde_json::from_str(text).ok())
            }),
            preview,
            has_refresh_token: self.has_refresh_token(token.id)?,
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            from_cache: true,
            signature,
            algorithm: text("alg"),
            key_id: text("kid"),
            signature_reason: reason,
            claims: seen
                .as_ref()
                .map(|seen| self.claims(seen, of_user))
                .unwrap_or_default(),
            claims_json: seen.map(|seen| Value::Object(seen.claims)),
            active: token
                .introspected
                .as_ref()
                .and_then(Value::as_object)
                .and_then(introspect::active),
            introspection: token.introspected.clone(),
            introspected_at: token.introspected_at,
            revoked_at: token.revoked_at,
            refused_at: token.refused_at,
            id_token,
            can_introspect,
            can_revoke,
            can_userinfo: of_user && is_openid(token) && can(Capability::Userinfo),
            can_sign_out: of_user && can(Capability::SignOut),
            reason: (!can_introspect || !can_revoke).then(|| {
                self.app
                    .translate(Key::TokenNoEndpoint, &[("who", &configuration.name)])
            }),
        })
    }

    fn id_token_view(self, token: &TokenRow, seen: Inspection) -> IdTokenView {
        let (signature, signature_reason) = self.signature(token, Some(&seen));
        IdTokenView {
            signature,
            signature_reason,
            algorithm: lenient::text(&seen.header, "alg"),
            key_id: lenient::text(&seen.header, "kid"),
            claims: self.claims(&seen, true),
            claims_json: Value::Object(seen.claims),
        }
    }

    fn signature(
        self,
        token: &TokenRow,
        seen: Option<&Inspection>,
    ) -> (SignatureView, Option<String>) {
        let Some(seen) = seen else {
            return (
                SignatureView::Opaque,
                Some(self.app.translate(Key::SignatureOpaque, &[])),
            );
        };
        let algorithm = lenient::text(&seen.header, "alg").unwrap_or_default();
        let why = |problem: SignatureProblem| {
            let key = match problem {
                // The server shares a secret with its APIs; whoever else has one could make such a token.
                SignatureProblem::AlgorithmRefused if is_shared(&algorithm) => {
                    Key::SignatureAlgorithmShared
                }
                SignatureProblem::AlgorithmRefused => Key::SignatureAlgorithmRefused,
                SignatureProblem::KeyRefused => Key::SignatureKeyRefused,
                SignatureProblem::TooManyKeys => Key::SignatureTooManyKeys,
                SignatureProblem::AlgorithmUnsupported => Key::SignatureAlgorithmUnsupported,
                SignatureProblem::Critical => Key::SignatureCritical,
                SignatureProblem::WrongType => Key::SignatureWrongType,
                SignatureProblem::UnknownKey => Key::SignatureUnknownKey,
                SignatureProblem::WrongSignature => Key::SignatureWrongSignature,
                SignatureProblem::NoKeys if self.app.0.checks.has(token.id) => {
                    Key::SignaturePending
                }
                SignatureProblem::NoKeys => Key::SignatureNoKeys,
            };
            let limit = MOST_KEYS.to_string();
            Some(
                self.app
                    .translate(key, &[("detail", &algorithm), ("limit", &limit)]),
            )
        };
        match &seen.signature {
            Signature::Verified if seen.holds() => (SignatureView::Verified, None),
            Signature::Verified => (SignatureView::Invalid, Some(self.wrong_claims(token, seen))),
            Signature::Invalid { reason } => (SignatureView::Invalid, why(*reason)),
            Signature::NotChecked { reason } => (SignatureView::NotChecked, why(*reason)),
        }
    }

    /// Which claims of a token with a valid signature are wrong. A time that was wrong from the beginning comes from a
    /// clock.
    fn wrong_claims(self, token: &TokenRow, seen: &Inspection) -> String {
        let wrong = seen.findings.iter().filter_map(|(name, finding)| {
            let (key, tone) = finding_words(*finding);
            let said = self.app.translate(key.filter(|_| tone == "bad")?, &[]);
            Some(format!("{name} ({said})"))
        });
        let detail = wrong.collect::<Vec<_>>().join(", ");
        let is_of_time = |finding: &ClaimFinding| {
            matches!(finding, ClaimFinding::Expired | ClaimFinding::NotYetValid)
        };
        let made = lenient::time(&seen.claims, "iat").unwrap_or(token.issued_at);
        let apart = made.abs_diff(token.issued_at);
        let times = seen.findings.iter().any(|(_, finding)| is_of_time(finding));
        let key = if times && apart > CLOCKS_APART_SECS {
            Key::SignatureClock
        } else {
            Key::SignatureClaims
        };
        let seconds = apart.to_string();
        self.app
            .translate(key, &[("detail", &detail), ("seconds", &seconds)])
    }

    fn claims(self, seen: &Inspection, of_user: bool) -> Vec<ClaimView> {
        seen.claims
            .iter()
            .map(|(name, value)| {
                let finding = seen
                    .findings
                    .iter()
                    .find(|(claim, _)| claim == name)
                    .map(|(_, finding)| *finding);
                let (key, tone) = match finding {
                    // The audience of an ID token is the client (OpenID Connect Core §2); nobody requested it.
                    Some(ClaimFinding::AudienceMatches) if of_user => {
                        (Some(Key::ClaimClientMatches), "ok")
                    }
                    other => other.map_or((None, "info"), finding_words),
                };
                let key = key.or_else(|| meaning(name, of_user));
                ClaimView {
                    name: name.clone(),
                    value: value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned),
                    note: key.map(|key| self.app.translate(key, &[])),
                    tone: tone.to_owned(),
                    at: TIMES
                        .contains(&name.as_str())
                        .then(|| lenient::time(&seen.claims, name))
                        .flatten(),
                }
            })
            .collect()
    }
}

/// HMAC with a secret (RFC 7518 §3.2), which the issuer publishes no key for.
fn is_shared(algorithm: &str) -> bool {
    ["HS256", "HS384", "HS512"].contains(&algorithm)
}

/// The token is one of OpenID Connect; one whose scope nobody said may be.
fn is_openid(token: &TokenRow) -> bool {
    let scope = token.scope.as_deref().or(token.scope_asked.as_deref());
    scope.is_none_or(|scope| scope.split_whitespace().any(|one| one == "openid"))
}

/// A scope that is missing from the answer was granted as asked (RFC 6749 §5.1).
fn not_granted(token: &TokenRow) -> Vec<String> {
    let Some(granted) = &token.scope else {
        return Vec::new();
    };
    let asked = token.scope_asked.as_ref().or(token.scope_sent.as_ref());
    let asked = asked.map(String::as_str).unwrap_or_default();
    let missing = asked
        .split_whitespace()
        .filter(|scope| !granted.split_whitespace().any(|one| one == *scope));
    missing.map(str::to_owned).collect()
}

/// What a claim means where nothing was found about it.
fn meaning(name: &str, of_user: bool) -> Option<Key> {
    Some(match name {
        "sub" if of_user => Key::ClaimMeaningSubUser,
        "sub" => Key::ClaimMeaningSubClient,
        "jti" => Key::ClaimMeaningJti,
        "client_id" => Key::ClaimMeaningClientId,
        "azp" => Key::ClaimMeaningAzp,
        "act" => Key::ClaimMeaningAct,
        "sid" => Key::ClaimMeaningSid,
        "acr" => Key::ClaimMeaningAcr,
        "amr" => Key::ClaimMeaningAmr,
        "auth_time" => Key::ClaimMeaningAuthTime,
        "nonce" => Key::ClaimMeaningNonce,
        "at_hash" => Key::ClaimMeaningAtHash,
        "email_verified" => Key::ClaimMeaningEmailVerified,
        _ => return None,
    })
}

fn finding_words(finding: ClaimFinding) -> (Option<Key>, &'static str) {
    match finding {
        ClaimFinding::IssuerMatches => (Some(Key::ClaimIssuerMatches), "ok"),
        ClaimFinding::IssuerDiffers => (Some(Key::ClaimIssuerDiffers), "bad"),
        ClaimFinding::NotExpired => (None, "info"),
        ClaimFinding::Expired => (Some(Key::ClaimExpired), "bad"),
        ClaimFinding::NoExpiry => (Some(Key::ClaimNoExpiry), "warn"),
        ClaimFinding::NotYetValid => (Some(Key::ClaimNotYetValid), "bad"),
        ClaimFinding::AudienceMatches => (Some(Key::ClaimAudienceMatches), "ok"),
        ClaimFinding::AudienceDiffers => (Some(Key::ClaimAudienceDiffers), "bad"),
        ClaimFinding::NonceMatches => (Some(Key::ClaimNonceMatches), "ok"),
        ClaimFinding::AccessTokenMatches => (Some(Key::ClaimTokenMatches), "ok"),
        ClaimFinding::ClientMatches => (Some(Key::ClaimClientMatches), "ok"),
        ClaimFinding::ClientDiffers => (Some(Key::ClaimClientDiffers), "warn"),
    }
}
