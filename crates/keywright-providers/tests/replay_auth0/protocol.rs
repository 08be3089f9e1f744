//! Operations of the standards: open registration, discovery, keys and tokens.

use keywright_oauth::{
    secret::ClientSecret,
    token::{self, TokenError},
};
use keywright_providers::{Finding, Registration, StepState, TokenWish};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    judging::{Told, joined, same, same_words, succeeded, told},
    stage::{Stage, context, known, metadata},
    support::Recording,
};

pub async fn open(recording: &Recording) -> Told {
    let stage = Stage::without_admin()
        .await
        .set("auth0_registration", "open");
    stage.recorded(recording, "POST", "^/oidc/register$").await;
    let wanted = metadata(&recording.sent);
    let outcome = stage.provider().register(context(), &wanted).await;
    stage.sent_as_recorded(recording, true).await?;
    told(recording, outcome, |made| {
        same(
            "client_id",
            &made.client_id,
            recording.answer["client_id"].as_str().unwrap(),
        )?;
        let grants = made.metadata.grant_types().unwrap_or_default().join(" ");
        same(
            "grant_types",
            &grants,
            &joined(&recording.answer["grant_types"]),
        )
    })
}

pub async fn discovery(recording: &Recording) -> Told {
    let stage = Stage::new().await;
    let at = Url::parse(&recording.url).unwrap();
    stage.document(recording, at.path()).await;
    let verification = stage.provider().verify(context()).await;
    let passed = |name: &str| {
        let mut steps = verification.steps.iter();
        steps.any(|step| step.name.as_str() == name && step.state == StepState::Passed)
    };
    if !passed("discovery") || !passed("issuer") {
        return Err(format!("{:?}", verification.steps));
    }
    let metadata = verification
        .metadata
        .as_ref()
        .ok_or("no metadata was kept")?;
    let named = metadata.endpoints().count();
    let recorded = [
        "registration_endpoint",
        "token_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "jwks_uri",
    ];
    let recorded = recorded
        .iter()
        .filter(|name| recording.answer[**name].is_string())
        .count();
    if named != recorded {
        return Err(format!("{named} endpoints, {recorded} are recorded"));
    }
    Ok(())
}

pub async fn jwks(recording: &Recording) -> Told {
    let stage = Stage::new().await;
    let base = stage.server.uri();
    let document = json!({
        "issuer": format!("{base}/"), "token_endpoint": format!("{base}/oauth/token"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
    });
    stage
        .aside("GET", "^/.well-known/openid-configuration$", &document)
        .await;
    stage
        .recorded(recording, "GET", "^/.well-known/jwks.json$")
        .await;
    let verification = stage.provider().verify(context()).await;
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == "signing_keys")
        .unwrap();
    let recorded = recording.answer["keys"].as_array().map_or(0, Vec::len);
    match &step.finding {
        Some(Finding::Keys { usable, total }) if *usable > 0 && *total == recorded => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// The client's own token request. Other grants of the token endpoint and its neighbours answer in the
/// same envelope; only a recorded client credentials request is held against ours.
pub async fn token_answer(recording: &Recording) -> Told {
    let stage = Stage::without_admin().await;
    stage.recorded(recording, "POST", "^/oauth/token$").await;
    let sent_fields = match &recording.sent {
        Value::String(form) => {
            let pairs = url::form_urlencoded::parse(form.as_bytes()).into_owned();
            pairs.map(|(name, value)| (name, json!(value))).collect()
        }
        other => other.as_object().cloned().unwrap_or_default(),
    };
    let field = |name: &str| {
        sent_fields
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let at = Registration {
        granted: metadata(&json!({ "token_endpoint_auth_method": "client_secret_post" })),
        ..known(&field("client_id").unwrap_or_else(|| "known".into()))
    };
    let at = match field("client_secret") {
        Some(secret) => Registration {
            client_secret: Some(ClientSecret::new(secret)),
            ..at
        },
        None => at,
    };
    let wish = TokenWish {
        audience: field("audience"),
        ..TokenWish::default()
    };
    let request = stage
        .provider()
        .token_request(&at, wish, Uuid::nil())
        .unwrap();
    let outcome = token::request_token(&Stage::http(), &request).await;
    let exactly = field("grant_type").as_deref() == Some("client_credentials");
    stage.sent_as_recorded(recording, exactly).await?;
    match outcome {
        Ok(token) if succeeded(recording) => {
            let answer = &recording.answer;
            same(
                "access_token",
                token.access_token.expose(),
                answer["access_token"].as_str().unwrap(),
            )?;
            same(
                "scope",
                token.scope.as_deref().unwrap_or_default(),
                answer["scope"].as_str().unwrap_or_default(),
            )?;
            same(
                "expires_in",
                &token.expires_in.unwrap_or_default().to_string(),
                &answer["expires_in"].to_string(),
            )
        }
        Err(TokenError::Refused { words, .. }) if !succeeded(recording) => {
            same_words(recording, &words)
        }
        other => Err(format!("{other:?}")),
    }
}
