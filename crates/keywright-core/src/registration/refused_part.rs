//! The part of a draft that a provider names when it refuses a registration: the same may be registered without it.

use keywright_oauth::error_response::ErrorResponse;
use serde_json::{Map, Value};

use crate::{
    CoreError, ProviderLabel,
    error::types::{RefusedField, RefusedPart},
    registration::{other_drafts::refusal, types::Draft},
    tokens::CODE_GRANT,
};

/// The refusal of what the user wanted, with the part that it names.
pub(super) fn with_refused_part(error: CoreError, draft: &Draft) -> CoreError {
    let part = refusal(&error).and_then(|(words, _)| refused_part(draft, words));
    match error {
        CoreError::Provider { who, doing, source } => CoreError::Provider {
            who: ProviderLabel {
                refused: part.map(Box::new),
                ..who
            },
            doing,
            source,
        },
        error => error,
    }
}

/// None where the provider names nothing of the draft, or all that it is for.
fn refused_part(draft: &Draft, words: &ErrorResponse) -> Option<RefusedPart> {
    let text = words.description.as_deref().unwrap_or_default();
    let named = |values: &[String]| -> Vec<String> {
        let all = values.iter().filter(|value| is_named(text, value));
        all.cloned().collect()
    };
    let part = |field, member: &str, values| RefusedPart {
        field,
        member: member.to_owned(),
        values,
    };

    let mut scopes = named(&draft.scopes);
    if scopes.is_empty() && draft.scopes.len() == 1 && words.oauth_code() == Some("invalid_scope") {
        scopes.clone_from(&draft.scopes);
    }
    if !scopes.is_empty() {
        return Some(part(RefusedField::Scopes, "scope", scopes));
    }
    let redirects = named(&draft.redirect_uris);
    // A sign-in leads back to an address: without any, such a client cannot exist.
    let needed = usize::from(draft.grant_types.iter().any(|grant| grant == CODE_GRANT));
    if !redirects.is_empty() && draft.redirect_uris.len() - redirects.len() >= needed {
        return Some(part(RefusedField::RedirectUris, "redirect_uris", redirects));
    }
    let members = named(&members_of(draft.metadata_json.as_deref()));
    if let Some(first) = members.first().cloned() {
        return Some(part(RefusedField::MetadataJson, &first, members));
    }
    let method: Vec<String> = draft.token_endpoint_auth_method.iter().cloned().collect();
    let method = named(&method);
    if !method.is_empty() {
        let member = "token_endpoint_auth_method";
        return Some(part(RefusedField::TokenEndpointAuthMethod, member, method));
    }
    let grants = named(&draft.grant_types);
    (!grants.is_empty() && grants.len() < draft.grant_types.len())
        .then(|| part(RefusedField::GrantTypes, "grant_types", grants))
}

fn members_of(json: Option<&str>) -> Vec<String> {
    json.and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok())
        .map(|members| members.into_iter().map(|(name, _)| name).collect())
        .unwrap_or_default()
}

/// The text has the value as a separate word: `orders:read` is not in `orders:read-all`.
fn is_named(text: &str, value: &str) -> bool {
    let (text, value) = (text.to_lowercase(), value.to_lowercase());
    !value.is_empty()
        && text.match_indices(&value).any(|(start, _)| {
            let before = text.get(..start).unwrap_or_default();
            let mut after = text.get(start + value.len()..).unwrap_or_default().chars();
            let joins =
                |letter: char| letter.is_alphanumeric() || matches!(letter, ':' | '/' | '_' | '-');
            let is_begun = before
                .chars()
                .next_back()
                .is_some_and(|letter| joins(letter) || letter == '.');
            let goes_on = match after.next() {
                // A full stop may end the sentence.
                Some('.') => after.next().is_some_and(char::is_alphanumeric),
                Some(letter) => joins(letter),
                None => false,
            };
            !is_begun && !goes_on
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        Draft {
            name: "orders-admin".into(),
            grant_types: texts(&["client_credentials", "refresh_token"]),
            token_endpoint_auth_method: Some("private_key_jwt".into()),
            redirect_uris: texts(&["https://app.example/cb"]),
            scopes: texts(&["orders:read", "orders:admin"]),
            metadata_json: Some(
                r#"{ "software_id": "x", "tos_uri": "https://app.example/tos" }"#.into(),
            ),
            ..Draft::default()
        }
    }

    fn refused(draft: &Draft, error: &str, description: Option<&str>) -> Option<RefusedPart> {
        let words = ErrorResponse {
            status: 400,
            error: Some(error.to_owned()),
            description: description.map(str::to_owned),
            ..ErrorResponse::default()
        };
        refused_part(draft, &words)
    }

    #[test]
    fn a_refusal_names_a_part_of_the_draft() {
        for (description, field, member, value) in [
            (
                "scope orders:admin not allowed",
                RefusedField::Scopes,
                "scope",
                "orders:admin",
            ),
            (
                "\"https://app.example/cb\" is not registered.",
                RefusedField::RedirectUris,
                "redirect_uris",
                "https://app.example/cb",
            ),
            (
                "software_id is not supported",
                RefusedField::MetadataJson,
                "software_id",
                "software_id",
            ),
            (
                "unsupported method: private_key_jwt.",
                RefusedField::TokenEndpointAuthMethod,
                "token_endpoint_auth_method",
                "private_key_jwt",
            ),
            (
                "grant refresh_token not allowed",
                RefusedField::GrantTypes,
                "grant_types",
                "refresh_token",
            ),
        ] {
            let part = refused(&draft(), "invalid_client_metadata", Some(description));
            let expected = RefusedPart {
                field,
                member: member.into(),
                values: vec![value.into()],
            };
            assert_eq!(part, Some(expected), "{description}");
        }
    }

    #[test]
    fn nothing_is_left_out_where_nothing_or_all_is_named() {
        let code = "invalid_client_metadata";
        for description in [
            Some("orders:admin-all is reserved"),
            Some("client_credentials and refresh_token are off"),
            None,
        ] {
            assert_eq!(
                refused(&draft(), code, description),
                None,
                "{description:?}"
            );
        }
        assert_eq!(
            refused(&draft(), "invalid_scope", Some("not so many")),
            None
        );
        let for_users = Draft {
            grant_types: vec![CODE_GRANT.into()],
            ..draft()
        };
        let description = Some("https://app.example/cb is not registered");
        assert_eq!(refused(&for_users, code, description), None);
    }

    #[test]
    fn the_only_scope_is_meant_without_its_name() {
        let one = Draft {
            scopes: vec!["a".into()],
            ..draft()
        };
        let part = refused(&one, "invalid_scope", None).map(|part| part.values);
        assert_eq!(part, Some(vec!["a".to_owned()]));
    }
}
