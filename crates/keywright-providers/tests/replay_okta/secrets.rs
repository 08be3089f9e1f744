//! A client's secrets: added, read, replaced, ended.

use keywright_oauth::{client_metadata::ClientMetadata, secret::ClientSecret};
use keywright_providers::{ProviderError, Registration};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    Outcome,
    org::{Org, asked, client_of, context, known, place},
    support::Recording,
};

/// A new secret: next to the old one, or in its place at the client API.
pub(crate) async fn rotated(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let settings: &[(&str, &str)] = if recording.url.ends_with("/newSecret") {
        &[("okta_rotation", "new_secret")]
    } else {
        &[]
    };
    org.give(
        "GET",
        "/credentials/secrets$",
        ResponseTemplate::new(200).set_body_json(json!([])),
    )
    .await;
    org.give("POST", ".*", org.answer(recording)).await;
    let at = known(&client_of(recording));
    let outcome = org.by_token(settings).rotate(context(&|_| {}), &at).await;
    asked(&org, recording).await?;
    let told = recording.answer["client_secret"]
        .as_str()
        .unwrap_or_default();
    match outcome {
        Ok(information)
            if information.client_secret.as_ref().map(ClientSecret::expose) == Some(told) =>
        {
            Ok(())
        }
        // Stars are no secret: what was made is not known, and that is said.
        Err(ProviderError::Registration(error))
            if told.starts_with('*') && error.outcome_unknown() =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}

/// The list of secrets, which finishes a registration whose secret was lost.
pub(crate) async fn secrets_read(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let id = client_of(recording);
    let client = json!({"client_id": id, "client_name": "orders", "token_endpoint_auth_method": "client_secret_basic"});
    let mut replaced = client.clone();
    replaced["client_secret"] = json!("the-replacement");
    org.give(
        "GET",
        "/oauth2/v1/clients/",
        ResponseTemplate::new(200).set_body_json(client),
    )
    .await;
    org.give(
        "POST",
        "/newSecret$",
        ResponseTemplate::new(200).set_body_json(replaced),
    )
    .await;
    org.give("GET", "/credentials/secrets$", org.answer(recording))
        .await;
    let so_far = Registration {
        client_id: id,
        ..Registration::default()
    };
    let found = org
        .by_token(&[])
        .resume(context(&|_| {}), &ClientMetadata::default(), &so_far)
        .await
        .map_err(|e| format!("{e:?}"))?;
    asked(&org, recording).await?;
    let newest = recording
        .answer
        .as_array()
        .unwrap()
        .iter()
        .filter(|secret| secret["status"] == "ACTIVE")
        .filter_map(|secret| {
            let value = secret["client_secret"]
                .as_str()
                .filter(|value| !value.starts_with('*'))?;
            Some((secret["created"].as_str()?, value))
        });
    let told = newest.max().map_or("the-replacement", |(_, value)| value);
    let got = found.client_secret.unwrap();
    if got.expose() == told {
        Ok(())
    } else {
        Err("another secret".into())
    }
}

/// The end of an old secret: its deactivation or its deletion is the recorded one.
pub(crate) async fn secret_ended(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let path = place(recording);
    let id = path
        .split("/secrets/")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .unwrap()
        .to_owned();
    org.give(&recording.method, ".*", org.answer(recording))
        .await;
    org.give(
        "POST",
        "/lifecycle/",
        ResponseTemplate::new(200).set_body_json(json!({"status": "INACTIVE"})),
    )
    .await;
    org.give("DELETE", ".*", ResponseTemplate::new(204)).await;
    let mut at = known(&client_of(recording));
    at.handles.insert("okta_retiring".into(), id);
    let handles = org
        .by_token(&[])
        .revoke_previous_secret(context(&|_| {}), &at)
        .await
        .map_err(|e| format!("{e:?}"))?;
    if handles["okta_retiring"].is_empty() {
        asked(&org, recording).await
    } else {
        Err(format!("{handles:?}"))
    }
}
