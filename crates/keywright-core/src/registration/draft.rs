//! From the form to the metadata that is sent, with every problem found before anything is.

use keywright_oauth::client_metadata::ClientMetadata;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    configurations::input::checked_name,
    error::{
        code::{ErrorCode, FailureCode},
        input_problem::InputProblem,
        parse::object_problem,
    },
    file_kind,
    i18n::key::Family,
    registration::{
        Registrar,
        types::{Draft, DraftProblem},
    },
};

impl Registrar<'_> {
    /// The metadata of a draft, and the problems to fix. JSON entered by the user overrides the fields.
    pub(crate) fn metadata_of(self, draft: &Draft) -> (ClientMetadata, Vec<DraftProblem>) {
        let mut problems = Vec::new();
        let mut problem = |field: &str, code: ErrorCode, detail: &str| {
            problems.push(DraftProblem {
                field: field.to_owned(),
                code,
                message: self.app.translate(
                    Family::ErrorMessage.key(code.as_str()),
                    &[("detail", detail)],
                ),
            });
        };
        let mut metadata = ClientMetadata::default();
        match checked_name(&draft.name) {
            Ok(name) => metadata.set("client_name", name),
            Err(error) => problem(
                "name",
                error.code(),
                &crate::configurations::input::LONGEST_NAME.to_string(),
            ),
        }
        if !draft.grant_types.is_empty() {
            metadata.set("grant_types", json!(draft.grant_types));
        }
        if let Some(method) = &draft.token_endpoint_auth_method {
            metadata.set("token_endpoint_auth_method", method.as_str());
        }
        for (member, value) in [
            ("token_endpoint_auth_signing_alg", &draft.signing_alg),
            ("jwks_uri", &draft.jwks_uri),
        ] {
            if let Some(value) = value.as_deref().map(str::trim) {
                metadata.set(member, value);
            }
        }
        if draft.dpop_bound {
            metadata.set("dpop_bound_access_tokens", true);
        }
        let redirects: Vec<&str> = draft
            .redirect_uris
            .iter()
            .map(|uri| uri.trim())
            .filter(|uri| !uri.is_empty())
            .collect();
        for uri in &redirects {
            if Url::parse(uri).map_or(true, |url| names_a_host_as_scheme(&url)) {
                problem("redirect_uris", FailureCode::RedirectUri.into(), uri);
            }
        }
        if !redirects.is_empty() {
            metadata.set("redirect_uris", json!(redirects));
        }
        let scopes: Vec<&str> = draft
            .scopes
            .iter()
            .flat_map(|scope| scope.split_whitespace())
            .collect();
        if !scopes.is_empty() {
            metadata.set("scope", scopes.join(" "));
        }
        if let Some(text) = draft
            .metadata_json
            .as_deref()
            .map(file_kind::trimmed)
            .filter(|text| !text.is_empty())
        {
            if let Some(kind) = file_kind::recognise(text.as_bytes()) {
                let kind = self.app.translate(Family::FileKind.key(kind.as_str()), &[]);
                problem("metadata_json", FailureCode::ForeignMetadata.into(), &kind);
                return (metadata, problems);
            }
            match serde_json::from_str::<Map<String, Value>>(text) {
                Ok(members) => ClientMetadata::asked_in(members)
                    .into_iter()
                    .for_each(|(name, value)| metadata.set(&name, value)),
                Err(error) => {
                    let detail = object_problem(self.app.lang(), &error);
                    problem("metadata_json", InputProblem::MetadataJson.into(), &detail);
                }
            }
        }
        (metadata, problems)
    }
}

/// `localhost:3000/cb` was entered without its scheme. A private-use scheme has no number after its colon
/// (RFC 8252 §7.1).
fn names_a_host_as_scheme(url: &Url) -> bool {
    let port = url.path().split('/').next().unwrap_or_default();
    url.cannot_be_a_base() && !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_host_in_front_of_a_port_is_not_a_scheme() {
        let named = |uri: &str| names_a_host_as_scheme(&uri.parse().unwrap());
        assert!(named("localhost:3000/cb"));
        assert!(named("app.example.com:8443"));
        for uri in [
            "http://localhost:3000/cb",
            "com.example.app:/cb",
            "myapp://callback",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert!(!named(uri), "{uri}");
        }
    }
}
