//! The scopes of a sign-in where the user names none.

use std::collections::BTreeMap;

use keywright_oauth::{
    authorize::{AnswerError, OFFLINE_ACCESS, OPENID},
    error_response::ErrorResponse,
    server_metadata::ServerMetadata,
    token::TokenError,
};
use keywright_providers::{ProviderConfig, ProviderError, settings::ADAPTED};
use uuid::Uuid;

use crate::{
    CoreError, Operation, SignInError,
    tokens::{Tokens, types::TokenWish},
};

/// What the configuration remembers of a server that grants nothing to a request without a scope.
const NEEDED: (&str, &str) = ("openid", "asked");
/// The scopes of OpenID Connect Core §5.4 and §11.
const OF_OPENID: [&str; 6] = [
    OPENID,
    "profile",
    "email",
    "address",
    "phone",
    OFFLINE_ACCESS,
];

impl Tokens<'_> {
    /// A sign-in without a scope was refused, and the server is an OpenID provider: from now on `openid` is asked for.
    pub(super) async fn wants_openid(
        self,
        wish: &TokenWish,
        error: &CoreError,
    ) -> Result<bool, CoreError> {
        let words = match error {
            CoreError::SignIn {
                source: SignInError::Answer(AnswerError::Refused { words }),
                ..
            } => words,
            // The request was pushed (RFC 9126 §2.3).
            CoreError::Provider {
                doing: Operation::SignIn,
                source: ProviderError::Token(TokenError::Refused { words, .. }),
                ..
            } => words,
            _ => return Ok(false),
        };
        if !may_miss_a_scope(words) || wish.scope.is_some() {
            return Ok(false);
        }
        let plan = self.sign_in_plan(wish).await?;
        let config = self.asking(&plan)?.config;
        let lists = config
            .metadata
            .is_some_and(|metadata| has_openid(&metadata));
        let asked = plan.scopes.iter().any(|scope| scope == OPENID);
        if !plan.names_no_scope || asked || !lists {
            return Ok(false);
        }
        self.keep_openid(plan.row.configuration_id, NEEDED.1)?;
        Ok(true)
    }

    /// The refusal had another cause, such as a user who declined: the scopes are the server's choice as before.
    pub(super) fn forget_openid(self, configuration: Uuid) -> Result<(), CoreError> {
        self.keep_openid(configuration, "")
    }

    fn keep_openid(self, configuration: Uuid, value: &str) -> Result<(), CoreError> {
        let learned = (format!("{ADAPTED}{}", NEEDED.0), value.to_owned());
        self.app
            .configurations()
            .remember_adapted(configuration, &BTreeMap::from([learned]))
    }
}

/// The server has the scope `openid`. An OpenID provider need not list its scopes, and each has this one (OpenID Connect
/// Discovery §3).
pub(crate) fn has_openid(metadata: &ServerMetadata) -> bool {
    metadata.scopes_supported.as_ref().map_or_else(
        || metadata.is_openid(),
        |all| all.iter().any(|scope| scope == OPENID),
    )
}

/// The refusal is about scopes, or says nothing. A user who declined is named in words.
fn may_miss_a_scope(words: &ErrorResponse) -> bool {
    let said = words.description.as_deref().unwrap_or_default();
    match words.error.as_deref() {
        Some("invalid_scope") => true,
        Some("access_denied") => said.is_empty(),
        Some("invalid_request") => said.contains("scope"),
        _ => false,
    }
}

/// The usual scopes. `openid` is asked for where no scope is known, and the server is an OpenID provider that has no
/// others or wants one: it may grant nothing to a request without a scope (OpenID Connect Core §3.1.2.1). Another server
/// chooses its own. `offline_access` is added where the server lists it and the client may refresh and ask for it, and
/// never alone: it is a scope of OpenID Connect (Core §11), and a token for it alone is good for nothing. A server that
/// lists scopes without it is not asked for it.
///
/// A token for an API (RFC 8707) is asked for without `openid` at a server that lists no scopes, until that is refused:
/// an ID token is not what it is for, and some of these servers issue one that is not valid.
pub(crate) fn usual(
    mut scopes: Vec<String>,
    config: &ProviderConfig,
    may_refresh: bool,
    allowed: Option<&[String]>,
    is_for_api: bool,
) -> Vec<String> {
    let Some(metadata) = config.metadata.as_ref() else {
        return scopes;
    };
    let has = |all: &[String], wanted: &str| all.iter().any(|scope| scope == wanted);
    let may_ask = |wanted: &str| allowed.is_none_or(|all| has(all, wanted));
    let needed = config.learned(NEEDED.0) == Some(NEEDED.1);
    let Some(listed) = metadata.scopes_supported.as_ref() else {
        let is_of_user = needed || !is_for_api;
        if scopes.is_empty() && has_openid(metadata) && may_ask(OPENID) && is_of_user {
            scopes.push(OPENID.to_owned());
        }
        return scopes;
    };
    let has_no_others = listed
        .iter()
        .all(|scope| OF_OPENID.contains(&scope.as_str()));
    let is_offline = may_refresh && has(listed, OFFLINE_ACCESS) && may_ask(OFFLINE_ACCESS);
    let is_of_user = has_no_others || needed || is_offline;
    if scopes.is_empty() && has(listed, OPENID) && may_ask(OPENID) && is_of_user {
        scopes.push(OPENID.to_owned());
    }
    if !has(listed, OFFLINE_ACCESS) {
        scopes.retain(|scope| scope != OFFLINE_ACCESS);
    } else if is_offline && !scopes.is_empty() && !has(&scopes, OFFLINE_ACCESS) {
        scopes.push(OFFLINE_ACCESS.to_owned());
    }
    scopes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeMap;

    use keywright_providers::ProviderKind;
    use serde_json::{Value, json};

    use super::*;

    fn asked(
        listed: &Value,
        given: &[&str],
        may_refresh: bool,
        allowed: Option<&[&str]>,
    ) -> String {
        asked_at(
            &json!({ "issuer": "https://id.example", "scopes_supported": listed }),
            given,
            may_refresh,
            allowed,
        )
    }

    fn config(document: &Value) -> ProviderConfig {
        let source = "https://id.example".parse().unwrap();
        let metadata = ServerMetadata::read(document.as_object().unwrap().clone(), source).unwrap();
        ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            metadata: Some(metadata),
        }
    }

    fn asked_at(
        document: &Value,
        given: &[&str],
        may_refresh: bool,
        allowed: Option<&[&str]>,
    ) -> String {
        let config = config(document);
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let allowed = allowed.map(texts);
        usual(
            texts(given),
            &config,
            may_refresh,
            allowed.as_deref(),
            false,
        )
        .join(" ")
    }

    #[test]
    fn a_plain_openid_provider_is_asked_for_openid() {
        let openid = || json!(["openid", "offline_access", "profile"]);
        assert_eq!(asked(&openid(), &[], false, None), "openid");
        assert_eq!(asked(&openid(), &[], true, None), "openid offline_access");
        assert_eq!(
            asked(&openid(), &["orders:read"], false, None),
            "orders:read"
        );
        // The registration names the scopes of the client.
        assert_eq!(asked(&openid(), &[], true, Some(&["orders:read"])), "");
        // A server of more than users chooses what it grants.
        assert_eq!(
            asked(&json!(["openid", "orders:read"]), &[], true, None),
            ""
        );
        assert_eq!(asked(&json!(["orders:read"]), &[], true, None), "");
        // `offline_access` is never asked for alone.
        let more = || json!(["openid", "offline_access", "orders:read"]);
        assert_eq!(asked(&more(), &[], true, None), "openid offline_access");
        assert_eq!(asked(&more(), &[], false, None), "");
        let own = json!(["offline_access", "orders:read"]);
        assert_eq!(asked(&own, &[], true, None), "");
        assert_eq!(
            asked(&own, &["orders:read"], true, None),
            "orders:read offline_access"
        );
        assert_eq!(asked(&Value::Null, &[], true, None), "");
    }

    /// django-oidc-provider answers a sign-in without `openid` with a page, and lists no scopes.
    #[test]
    fn an_openid_provider_without_a_list_of_scopes_is_asked_for_openid() {
        let document = json!({
            "issuer": "https://id.example",
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        assert_eq!(asked_at(&document, &[], true, None), "openid");
        assert_eq!(asked_at(&document, &["a"], true, None), "a");
        assert_eq!(asked_at(&document, &[], true, Some(&["a"])), "");
        let other =
            json!({ "issuer": "https://id.example", "subject_types_supported": ["public"] });
        assert_eq!(asked_at(&other, &[], true, None), "");
        // origo, in front of an MCP server: its ID token has no nonce. After a refusal it is asked for the scope.
        let mut for_api = config(&document);
        assert!(usual(Vec::new(), &for_api, true, None, true).is_empty());
        let learned = (format!("{ADAPTED}{}", NEEDED.0), NEEDED.1.to_owned());
        for_api.settings.extend([learned]);
        assert_eq!(usual(Vec::new(), &for_api, true, None, true), [OPENID]);
    }

    #[test]
    fn a_refusal_may_be_about_a_missing_scope() {
        let refused = |error: &str, said: Option<&str>| {
            let words = json!({ "error": error, "error_description": said });
            may_miss_a_scope(&ErrorResponse::read(0, words.to_string().as_bytes()))
        };
        assert!(refused("invalid_scope", None));
        assert!(refused("access_denied", None));
        assert!(refused("invalid_request", Some("missing parameter: scope")));
        assert!(!refused(
            "access_denied",
            Some("End-User aborted interaction")
        ));
        assert!(!refused("invalid_request", None));
        assert!(!refused("server_error", None));
    }
}
