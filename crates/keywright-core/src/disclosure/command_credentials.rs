//! Credentials for another program. Written to the audit log before they are given.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keywright_oauth::http::redact;
use keywright_vault::{Owner, SECRET_CLIENT, SecretText};
use serde_json::json;

use crate::{
    CoreError,
    app::audit_action::AuditAction,
    disclosure::Disclosure,
    tokens::{require_bearer, types::TokenWish},
};

/// What a program is given of an application.
#[derive(Debug)]
pub struct CommandCredentials {
    /// The application's name.
    pub name: String,
    /// Its client identifier.
    pub client_id: String,
    /// Its client secret, where it has one.
    pub client_secret: Option<SecretText>,
    /// A token, from the cache where it lasts.
    pub access_token: SecretText,
    /// ID and secret as a Basic header has them (RFC 7617): what would show the secret in other clothes.
    pub basic: Option<SecretText>,
}

/// A secret as programs write it: as it is, in a form, in JSON, in base64 and in hexadecimal digits. For what masks
/// their output.
pub fn encodings(secret: &SecretText) -> Vec<SecretText> {
    redact::encodings(secret.expose())
        .map(SecretText::new)
        .collect()
}

impl Disclosure<'_> {
    /// Gives an application's credentials to a command.
    pub async fn to_command(
        self,
        app: &str,
        command: &str,
    ) -> Result<CommandCredentials, CoreError> {
        let row = self.app.application_row(app)?;
        let wish = TokenWish {
            application_id: row.id.to_string(),
            ..TokenWish::default()
        };
        let (token, _) = self.app.tokens().token_for(&row, &wish).await?;
        require_bearer(&token, &row.name)?;
        let access_token = self.app.tokens().secret(&token)?;
        let client_secret = self
            .app
            .vault()?
            .secret(Owner::Application(row.id), SECRET_CLIENT)?;
        self.app.audit(
            AuditAction::CredentialHandedOut,
            &row.id.to_string(),
            json!({ "name": format!("{}, {command}", row.name) }),
        )?;
        let basic = client_secret.as_ref().map(|secret| {
            SecretText::new(STANDARD.encode(format!("{}:{}", row.client_id, secret.expose())))
        });
        Ok(CommandCredentials {
            name: row.name,
            client_id: row.client_id,
            client_secret,
            access_token,
            basic,
        })
    }
}
