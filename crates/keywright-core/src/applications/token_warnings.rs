//! Why Keywright can get no token for a client, as far as its metadata say.

use keywright_oauth::{client_metadata::ClientMetadata, lenient};
use keywright_providers::{ProviderError, Registration};
use keywright_vault::ConfigurationRow;

use crate::{
    CoreError,
    applications::{Applications, types::RegisterWarning},
};

impl Applications<'_> {
    /// Why Keywright can get no token for a client with this metadata.
    pub(crate) fn no_token_warnings(
        self,
        row: &ConfigurationRow,
        metadata: &ClientMetadata,
    ) -> Result<Vec<RegisterWarning>, CoreError> {
        let mut all = Vec::new();
        if let Some(method) = self.method_not_spoken(row, metadata)? {
            let blanks = [("who", row.name.as_str()), ("method", &method)];
            all.push(RegisterWarning {
                code: "method_not_spoken".to_owned(),
                message: self
                    .app
                    .translate("register.note.method_not_spoken", &blanks),
            });
        }
        if is_dpop_bound(metadata) {
            all.push(RegisterWarning {
                code: "dpop_bound".to_owned(),
                message: self
                    .app
                    .translate("register.note.dpop_bound", &[("who", &row.name)]),
            });
        }
        Ok(all)
    }

    /// The way of authenticating with which Keywright could get no token for this client.
    pub(crate) fn method_not_spoken(
        self,
        row: &ConfigurationRow,
        metadata: &ClientMetadata,
    ) -> Result<Option<String>, CoreError> {
        let at = Registration {
            granted: metadata.clone(),
            ..Registration::default()
        };
        Ok(
            match self
                .app
                .configurations()
                .provider(row)?
                .client_authentication(&at)
            {
                Err(ProviderError::AuthMethod { method }) => Some(method),
                _ => None,
            },
        )
    }
}

/// Each token request must carry a proof of possession (RFC 9449 §5.2), which Keywright does not make.
fn is_dpop_bound(granted: &ClientMetadata) -> bool {
    lenient::flag(granted.members(), "dpop_bound_access_tokens") == Some(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn metadata(value: &serde_json::Value) -> ClientMetadata {
        ClientMetadata::from_answer(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_client_is_dpop_bound_where_the_server_says_so() {
        let bound = |value: serde_json::Value| {
            is_dpop_bound(&metadata(&json!({ "dpop_bound_access_tokens": value })))
        };
        assert!(bound(json!(true)));
        assert!(bound(json!("true")));
        assert!(!bound(json!(false)));
        assert!(!is_dpop_bound(&metadata(&json!({}))));
    }
}
