//! Why Keywright can get no token for a client, as far as its metadata say.

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_providers::{ProviderError, Registration};
use keywright_vault::ConfigurationRow;

use crate::{
    CoreError,
    applications::{
        Applications,
        types::{RegisterWarning, RegisterWarningCode},
    },
    i18n::key::Key,
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
                code: RegisterWarningCode::MethodNotSpoken,
                message: self
                    .app
                    .translate(Key::RegisterNoteMethodNotSpoken, &blanks),
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
