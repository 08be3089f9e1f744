//! Servers that refuse `resource` (RFC 8707) at a sign-in: they do not know the parameter, or not this resource. The
//! sign-in goes on without it, and the configuration remembers what was refused.

use std::collections::{BTreeMap, BTreeSet};

use keywright_oauth::{authorize::AnswerError, error_response::ErrorResponse, token::TokenError};
use keywright_providers::{
    ProviderError,
    settings::{ADAPTED, key},
};
use keywright_vault::ApplicationRow;
use uuid::Uuid;

use super::types::TokenWish;
use crate::{CoreError, SignInError, tokens::Tokens};

/// Codes of Microsoft Entra ID: the parameter is not known, or does not fit the scopes.
const ENTRA: [&str; 2] = ["AADSTS901002", "AADSTS9010010"];

/// The refusal names the resource, or the parameter.
pub(super) fn names_resource(words: &ErrorResponse) -> bool {
    let said = words.description.as_deref().unwrap_or_default();
    if words.oauth_code() == Some("invalid_target") || ENTRA.iter().any(|code| said.contains(code))
    {
        return true;
    }
    let said = said.to_ascii_lowercase().replace("resource owner", "");
    words.oauth_code() == Some("invalid_request") && said.contains("resource")
}

impl Tokens<'_> {
    /// The resources of a sign-in that was refused for them are not sent again, unless they were given for it. Returns
    /// them; none where the refusal is about something else.
    pub(super) fn without_refused_resources(
        self,
        wish: &TokenWish,
        error: &CoreError,
    ) -> Result<Vec<String>, CoreError> {
        let words = match error {
            CoreError::SignIn {
                source: SignInError::Answer(AnswerError::Refused { words }),
                ..
            } => &**words,
            CoreError::Provider {
                source: ProviderError::Token(TokenError::Refused { words, .. }),
                ..
            } => words,
            _ => return Ok(Vec::new()),
        };
        if !wish.resources.is_empty() || !names_resource(words) {
            return Ok(Vec::new());
        }
        let row = self.app.application_row(&wish.application_id)?;
        self.leave_out_resources(&row)
    }

    /// The resources of an application are not sent again, as the user says. Returns them.
    pub(super) fn leave_out_resources(
        self,
        row: &ApplicationRow,
    ) -> Result<Vec<String>, CoreError> {
        let resources = self.app.resources(row, &[])?;
        if !resources.is_empty() {
            self.remember_refused_resources(row.configuration_id, &resources)?;
        }
        Ok(resources)
    }

    /// Keeps these among the resources that the server of a configuration refused.
    pub(super) fn remember_refused_resources(
        self,
        configuration: Uuid,
        resources: &[String],
    ) -> Result<(), CoreError> {
        let setting = format!("{ADAPTED}{}", key::RESOURCE);
        let row = self.app.vault()?.configuration(configuration)?;
        let before = row.settings.get(&setting).map(String::as_str);
        let all: BTreeSet<&str> = before
            .unwrap_or_default()
            .split_whitespace()
            .chain(resources.iter().map(String::as_str))
            .collect();
        let all: Vec<&str> = all.into_iter().collect();
        self.app
            .configurations()
            .remember_adapted(configuration, &BTreeMap::from([(setting, all.join(" "))]))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_of_the_resource_differs_from_others() {
        let names = |error: &str, said: Option<&str>| {
            let body = json!({ "error": error, "error_description": said });
            names_resource(&ErrorResponse::read(400, body.to_string().as_bytes()))
        };
        for (error, said) in [
            ("invalid_target", None),
            (
                "invalid_request",
                Some("AADSTS901002: The 'resource' request parameter is not supported."),
            ),
            (
                "invalid_resource",
                Some(
                    "AADSTS9010010: The resource parameter doesn't match with the requested scopes.",
                ),
            ),
            ("invalid_request", Some("requested resource invalid")),
        ] {
            assert!(names(error, said), "{error} {said:?}");
        }
        for (error, said) in [
            (
                "access_denied",
                Some("The resource owner denied the request."),
            ),
            (
                "invalid_request",
                Some("The resource owner must sign in again."),
            ),
            ("invalid_request", None),
            ("invalid_scope", Some("unknown scope")),
        ] {
            assert!(!names(error, said), "{error} {said:?}");
        }
    }
}
