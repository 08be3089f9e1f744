//! The key that the tokens of an application are bound to (RFC 9449): one for each application, made when it is first
//! needed.

use keywright_oauth::{
    client_key::{ClientKey, KeyAlgorithm, KeyError},
    client_metadata::ClientMetadata,
    lenient,
    token::TokenError,
};
use keywright_providers::{ProviderConfig, ProviderError};
use keywright_vault::{ApplicationRow, Owner, SECRET_DPOP_KEY, TokenRow};

use crate::{
    CoreError,
    app::{client_keys::KeyRing, registration_record::dpop_key},
    tokens::Tokens,
};

/// Algorithms that a server takes for proofs (RFC 9449 §5.1).
const LISTED: &str = "dpop_signing_alg_values_supported";

impl Tokens<'_> {
    /// The key of an application, made now where there is none.
    pub(crate) fn dpop_key(
        self,
        row: &ApplicationRow,
        config: &ProviderConfig,
    ) -> Result<ClientKey, CoreError> {
        let vault = self.app.vault()?;
        if let Some(key) = dpop_key(&vault, row.id)? {
            return Ok(key);
        }
        let listed = config
            .metadata
            .as_ref()
            .and_then(|one| lenient::list(&one.document, LISTED));
        let best = KeyAlgorithm::best_of(&listed.unwrap_or_default());
        let now = self.app.now();
        let key = ClientKey::generate(best.unwrap_or(KeyAlgorithm::Es256))?;
        let ring = KeyRing::with(&key, now)?.to_text()?;
        let owner = Owner::Application(row.id);
        let kept = vault.put_secret_once(owner, SECRET_DPOP_KEY, &ring, now)?;
        Ok(KeyRing::read(&kept)?.current()?.ok_or(KeyError::NotAKey)?)
    }

    /// The key that a token is bound to; none where it is a bearer token, or the key is not here.
    pub(crate) fn key_of_token(self, token: &TokenRow) -> Result<Option<ClientKey>, CoreError> {
        if !token.token_type.trim().eq_ignore_ascii_case("dpop") {
            return Ok(None);
        }
        dpop_key(&*self.app.vault()?, token.application_id)
    }
}

/// The server binds each token of this client (RFC 9449 §5.2).
pub(crate) fn is_dpop_bound(granted: &ClientMetadata) -> bool {
    lenient::flag(granted.members(), "dpop_bound_access_tokens") == Some(true)
}

/// The token endpoint wants a proof (RFC 9449 §5 and §8). Some servers have no code for it.
pub(crate) fn wants_proof(error: &ProviderError) -> bool {
    let ProviderError::Token(TokenError::Refused { words, .. }) = error else {
        return false;
    };
    match words.error.as_deref() {
        Some("invalid_dpop_proof" | "use_dpop_nonce") => true,
        Some("invalid_request" | "invalid_client") => {
            let said = words.description.as_deref().unwrap_or_default();
            let said = said.to_ascii_lowercase();
            let is_absent = [
                "required",
                "missing",
                "expected",
                "not found",
                "none found",
                "no dpop",
                "without",
            ];
            said.contains("dpop") && is_absent.iter().any(|word| said.contains(word))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_oauth::error_response::ErrorResponse;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_missing_proof_is_read_in_the_words_of_a_server() {
        let wants = |said: &str| {
            let body = json!({ "error": "invalid_request", "error_description": said });
            wants_proof(&ProviderError::Token(TokenError::Refused {
                words: ErrorResponse::read(400, body.to_string().as_bytes()),
                retry_after: None,
                exchange: Uuid::nil(),
            }))
        };
        for said in [
            "DPoP proof required",
            "missing DPoP header",
            // idpyoidc
            "Expected DPoP header, none found",
            "No DPoP proof in the request",
        ] {
            assert!(wants(said), "{said}");
        }
        assert!(!wants("DPoP is not enabled for this client"));
        assert!(!wants("missing parameter: code"));
    }

    #[test]
    fn a_client_is_dpop_bound_where_the_server_says_so() {
        let bound = |members: serde_json::Value| {
            is_dpop_bound(&ClientMetadata::from_answer(
                members.as_object().unwrap().clone(),
            ))
        };
        assert!(bound(json!({ "dpop_bound_access_tokens": true })));
        assert!(bound(json!({ "dpop_bound_access_tokens": "true" })));
        assert!(!bound(json!({ "dpop_bound_access_tokens": false })));
        assert!(!bound(json!({})));
    }
}
