//! Token requests, of an application and of the admin client.

use std::collections::BTreeMap;

use keywright_oauth::{
    error_response::ErrorResponse,
    http::{HttpClient, HttpPolicy, Recorder},
    time::Clock,
    token::{self, TokenError},
};
use keywright_providers::{ProviderError, TokenWish};
use serde_json::json;
use uuid::Uuid;
use wiremock::ResponseTemplate;

use crate::{
    Outcome,
    org::{Org, asked, context, known, place, provider},
    support::Recording,
};

/// A token request of an application, or of the admin client at the org's own authorization server.
pub(crate) async fn token_asked(recording: &Recording) -> Outcome {
    let org = Org::giving(recording).await;
    let path = place(recording);
    let endpoint = format!("{}{path}", org.0.uri());
    let provider = org.by_token(&[("token_endpoint", &endpoint)]);
    let scopes = scopes(recording);
    let wish = TokenWish {
        scopes: Some(scopes),
        ..TokenWish::default()
    };
    let request = provider
        .token_request(&known("0oa1"), wish, Uuid::now_v7())
        .unwrap();
    let http = HttpClient::new(HttpPolicy::default(), Clock::system(), Recorder::none()).unwrap();
    let outcome = token::request_token(&http, &request).await;
    asked(&org, recording).await?;
    let success = recording
        .status
        .is_some_and(|status| (200..300).contains(&status));
    match outcome {
        Ok(answer) if success => {
            let same = Some(answer.access_token.expose())
                == recording.answer["access_token"].as_str()
                && Some(&*answer.token_type) == recording.answer["token_type"].as_str()
                && answer.expires_in == recording.answer["expires_in"].as_i64()
                && answer.scope.as_deref() == recording.answer["scope"].as_str();
            if !same {
                return Err(format!("{answer:?}"));
            }
        }
        Err(TokenError::Refused { words, .. }) if !success => {
            let body = recording.answer.to_string();
            if words != ErrorResponse::read(words.status, body.as_bytes()) || words.error.is_none()
            {
                return Err(format!("{words:?}"));
            }
        }
        other => return Err(format!("{other:?}")),
    }
    if path == "/oauth2/v1/token" {
        return admin_asked(recording).await;
    }
    Ok(())
}

/// Scopes of a recorded token request, from its body or its query.
pub(crate) fn scopes(recording: &Recording) -> Vec<String> {
    let query = recording.url.split_once('?').map(|(_, query)| query);
    let mut fields: BTreeMap<String, String> = query
        .map(|query| {
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect()
        })
        .unwrap_or_default();
    if let Some(sent) = recording.sent.as_object() {
        fields.extend(
            sent.iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))),
        );
    }
    fields
        .get("scope")
        .map(|text| text.split(' ').map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The same answer, given to the admin client. It sends the recorded fields, always in the body, as a query
/// ends up in logs, with its own scopes and without a `DPoP` proof.
pub(crate) async fn admin_asked(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    org.give("POST", "^/oauth2/v1/token$", org.answer(recording))
        .await;
    org.give(
        "GET",
        ".*",
        ResponseTemplate::new(200).set_body_json(json!([])),
    )
    .await;
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let issuer = format!("{}/oauth2/default", org.0.uri());
    let provider = provider(
        &issuer,
        &[("initial_client_id", "0oaADMIN")],
        &[("admin_private_key", key)],
    );
    let outcome = provider.list(context(&|_| {})).await;
    let sent = org.sent().await;
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(&sent[0].body)
        .into_owned()
        .collect();
    for name in [
        "grant_type",
        "client_assertion_type",
        "client_assertion",
        "scope",
    ] {
        if !fields.contains_key(name) {
            return Err(format!("{name} is not sent"));
        }
    }
    if sent[0].url.query().is_some() {
        return Err("a query is sent".into());
    }
    match (recording.status, outcome) {
        (Some(200..300), Ok(_)) => Ok(()),
        (_, Err(error)) => match error {
            ProviderError::Admin {
                source: TokenError::Refused { words, .. },
            } if words.error.as_deref()
                == recording.answer["error"]
                    .as_str()
                    .or(recording.answer["errorCode"].as_str()) =>
            {
                Ok(())
            }
            other => Err(format!("{other:?}")),
        },
        (status, Ok(_)) => Err(format!("{status:?} and no error")),
    }
}
