//! What Verify reads: metadata, keys, the org, its authorization servers, admin roles.

use keywright_providers::{Finding, VerifyStep};
use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{method, path},
};

use crate::{
    Outcome,
    org::{Org, client_of, context, place, provider},
    support::Recording,
};

/// Runs Verify at an org that serves one document as recorded, and gives the step that is about it.
pub(crate) async fn verify_step(
    recording: &Recording,
    issuer: &str,
    step: &str,
) -> Result<VerifyStep, String> {
    let org = Org::start().await;
    let issuer = format!("{}{issuer}", org.0.uri());
    let recorded = place(recording);
    Mock::given(method("GET"))
        .and(path(recorded.clone()))
        .respond_with(org.answer(recording))
        .mount(&org.0)
        .await;
    let document = json!({
        "issuer": issuer, "token_endpoint": format!("{issuer}/v1/token"),
        "registration_endpoint": format!("{}/oauth2/v1/clients", org.0.uri()), "jwks_uri": format!("{issuer}/v1/keys"),
    });
    if step != "discovery" {
        org.give(
            "GET",
            "/.well-known/openid-configuration$",
            ResponseTemplate::new(200).set_body_json(document),
        )
        .await;
    }
    let provider = provider(&issuer, &[], &[("dcr_token", "the-api-token".to_owned())]);
    let verification = provider.verify(context(&|_| {})).await;
    let found = verification
        .steps
        .into_iter()
        .find(|found| found.name.as_str() == step)
        .unwrap();
    if step == "discovery"
        && verification
            .metadata
            .as_ref()
            .is_some_and(|metadata| metadata.token_endpoint.is_none())
    {
        return Err("no token endpoint".into());
    }
    Ok(found)
}

/// Issuer of a recorded metadata document: what is before the well-known part.
pub(crate) fn issuer_of(recording: &Recording) -> String {
    let path = place(recording);
    let (before, _) = path.split_once("/.well-known/").unwrap();
    before.to_owned()
}

pub(crate) async fn discovered(recording: &Recording) -> Outcome {
    if recording.url.ends_with("okta-organization") {
        let step = verify_step(recording, "/oauth2/default", "okta_org").await?;
        return match step.finding {
            Some(Finding::Told { blanks, .. })
                if blanks.get("id").map(String::as_str) == recording.answer["id"].as_str() =>
            {
                Ok(())
            }
            other => Err(format!("{other:?}")),
        };
    }
    let step = verify_step(recording, &issuer_of(recording), "discovery").await?;
    match step.finding {
        Some(Finding::DocumentAt { .. }) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// A metadata document or a key set that is refused.
pub(crate) async fn document_refused(recording: &Recording) -> Outcome {
    let (issuer, step) = match place(recording).strip_suffix("/v1/keys") {
        Some(issuer) => (issuer.to_owned(), "signing_keys"),
        None => (issuer_of(recording), "discovery"),
    };
    let step = verify_step(recording, &issuer, step).await?;
    let code = step.words.as_ref().and_then(|words| words.error.as_deref());
    // A place without a document says less than one that refuses: only its status is left.
    if code == recording.answer["errorCode"].as_str()
        || recording.status == Some(404) && step.words.is_some()
    {
        Ok(())
    } else {
        Err(format!("{step:?}"))
    }
}

/// A key set, or one key of it as the admin API shows it, which is read as a set of one.
pub(crate) async fn keys_read(recording: &Recording) -> Outcome {
    let mut set = recording.clone();
    if set.answer["keys"].is_null() {
        set.answer = json!({"keys": [recording.answer]});
    }
    set.url = "https://org.example/oauth2/default/v1/keys".into();
    let step = verify_step(&set, "/oauth2/default", "signing_keys").await?;
    let all = set.answer["keys"].as_array().unwrap();
    // A modulus below 2048 bits checks nothing (RFC 7518 §3.3).
    let checks = |key: &Value| {
        let signs = key["use"].as_str().is_none_or(|usage| usage == "sig");
        let long = key["n"].as_str().is_some_and(|n| n.len() >= 342);
        signs && (long || key["kty"] == "EC")
    };
    let good = all.iter().filter(|key| checks(key)).count();
    match step.finding {
        Some(Finding::Keys { usable, total }) if usable == good && total == all.len() => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// An authorization server as the admin API shows it, which Verify reads before its policies.
pub(crate) async fn server_read(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let issuer = format!("{}/oauth2/default", org.0.uri());
    let policies = json!([{"id": "00p1", "name": "All", "conditions": {"clients": {"include": ["ALL_CLIENTS"]}}}]);
    let rules = json!([{"conditions": {"grantTypes": {"include": ["client_credentials"]}}}]);
    let document = json!({"issuer": issuer, "token_endpoint": format!("{issuer}/v1/token")});
    let of = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    org.give(
        "GET",
        "/authorizationServers/default$",
        org.answer(recording),
    )
    .await;
    org.give("GET", "/policies$", of(policies)).await;
    org.give("GET", "/rules$", of(rules)).await;
    org.give("GET", "/oauth2/default/.well-known/", of(document))
        .await;
    org.give("GET", "/oauth2/v1/clients$", of(json!([]))).await;
    let verification = org.by_token(&[]).verify(context(&|_| {})).await;
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == "okta_policy")
        .unwrap();
    let audience = recording.answer["audiences"][0].as_str();
    match &step.finding {
        Some(Finding::Told { blanks, .. })
            if blanks.get("audience").map(String::as_str) == audience =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}

/// An admin role of a client, which Verify names when the admin client may not register.
pub(crate) async fn role_read(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let of = |status: u16, body: Value| ResponseTemplate::new(status).set_body_json(body);
    let no = json!({"errorCode": "E0000006", "errorSummary": "You don't have permission"});
    let roles = match &recording.answer {
        Value::Array(_) => recording.answer.clone(),
        one => json!([one]),
    };
    let id = client_of(recording);
    let token = json!({"token_type": "Bearer", "expires_in": 3600, "access_token": "t"});
    org.give("POST", "^/oauth2/v1/token$", of(200, token)).await;
    org.give("POST", "/newSecret$", of(403, no)).await;
    org.give(
        "GET",
        &format!("/oauth2/v1/clients/{id}/roles$"),
        of(200, roles.clone()),
    )
    .await;
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let issuer = format!("{}/oauth2/default", org.0.uri());
    let provider = provider(
        &issuer,
        &[("initial_client_id", &id)],
        &[("admin_private_key", key)],
    );
    let verification = provider.verify(context(&|_| {})).await;
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == "okta_permissions")
        .unwrap();
    let label = roles[0]["label"].as_str();
    match &step.finding {
        Some(Finding::Told { blanks, .. }) if blanks.get("roles").map(String::as_str) == label => {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}
