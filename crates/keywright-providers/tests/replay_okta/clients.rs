//! The client API: register, read, update, delete, list, and its refusals.

use serde_json::{Value, json};
use wiremock::{Mock, ResponseTemplate, matchers::method};

use crate::{
    Outcome,
    compare::{refused, same_client, same_members},
    org::{Org, asked, client_of, context, flat, known, place, wanted},
    support::Recording,
};

pub(crate) async fn registered(recording: &Recording) -> Outcome {
    let org = Org::giving(recording).await;
    let draft = wanted(&recording.sent);
    let made = org
        .by_token(&[])
        .register(context(&|_| {}), &draft)
        .await
        .map_err(|e| format!("{e:?}"))?;
    same_client(recording, &made)?;
    asked(&org, recording).await?;
    same_members(recording, &org.sent().await[0])
}

pub(crate) async fn read(recording: &Recording) -> Outcome {
    let org = Org::giving(recording).await;
    let at = known(&client_of(recording));
    let found = org
        .by_token(&[])
        .read(context(&|_| {}), &at)
        .await
        .map_err(|e| format!("{e:?}"))?;
    same_client(recording, &found)?;
    asked(&org, recording).await
}

pub(crate) async fn updated(recording: &Recording) -> Outcome {
    let org = Org::giving(recording).await;
    let at = known(&client_of(recording));
    let draft = wanted(&recording.sent);
    let changed = org
        .by_token(&[])
        .update(context(&|_| {}), &at, &draft)
        .await
        .map_err(|e| format!("{e:?}"))?;
    same_client(recording, &changed)?;
    asked(&org, recording).await?;
    same_members(recording, &org.sent().await[0])
}

/// Also of what is below a client, whose deletion is answered alike.
pub(crate) async fn deleted(recording: &Recording) -> Outcome {
    let org = Org::giving(recording).await;
    org.by_token(&[])
        .delete(context(&|_| {}), &known(&client_of(recording)))
        .await
        .map_err(|e| format!("{e:?}"))?;
    let sent = org.sent().await;
    let path = format!("/oauth2/v1/clients/{}", client_of(recording));
    if sent.len() == 1 && sent[0].method.as_str() == recording.method && sent[0].url.path() == path
    {
        Ok(())
    } else {
        Err(format!("{sent:?}"))
    }
}

pub(crate) async fn deactivated(recording: &Recording) -> Outcome {
    let org = Org::start().await;
    let active = json!({"errorCode": "E0000056", "errorSummary": "Delete application forbidden."});
    Mock::given(method("DELETE"))
        .respond_with(ResponseTemplate::new(403).set_body_json(active))
        .up_to_n_times(1)
        .mount(&org.0)
        .await;
    org.give("DELETE", ".*", ResponseTemplate::new(204)).await;
    org.give("POST", "/lifecycle/deactivate$", org.answer(recording))
        .await;
    org.by_token(&[])
        .delete(context(&|_| {}), &known(&client_of(recording)))
        .await
        .map_err(|e| format!("{e:?}"))?;
    asked(&org, recording).await
}

pub(crate) async fn listed(recording: &Recording) -> Outcome {
    let org = Org::giving(recording).await;
    let all = org
        .by_token(&[])
        .list(context(&|_| {}))
        .await
        .map_err(|e| format!("{e:?}"))?;
    // Applications without OAuth have no client.
    let answered: Vec<&Value> = recording
        .answer
        .as_array()
        .unwrap()
        .iter()
        .filter(|told| flat(told).contains_key("client_id"))
        .collect();
    if all.len() != answered.len() {
        return Err(format!(
            "{} of {} clients are read",
            all.len(),
            answered.len()
        ));
    }
    for (got, told) in all.iter().zip(answered) {
        let told = flat(told);
        let name = told["client_name"].as_str();
        if told["client_id"] != got.client_id
            || name != got.name.as_deref()
            || got.created_at.is_none()
        {
            return Err(format!("{got:?}"));
        }
    }
    asked(&org, recording).await
}

/// A refusal, by the operation that has the recorded method. Endpoints of which the adapter has none are
/// refused in the same words as those that it asks.
pub(crate) async fn failed(recording: &Recording) -> Outcome {
    let org = Org::giving(recording).await;
    let id = client_of(recording);
    let (provider, at) = (org.by_token(&[]), known(&id));
    let path = place(recording);
    let below = |part: &str| path.contains(part);
    let draft = wanted(&recording.sent);
    let error = match recording.method.as_str() {
        "POST" if below("/newSecret") => {
            let provider = org.by_token(&[("okta_rotation", "new_secret")]);
            provider.rotate(context(&|_| {}), &at).await.err()
        }
        "POST" => provider.register(context(&|_| {}), &draft).await.err(),
        "PUT" => provider.update(context(&|_| {}), &at, &draft).await.err(),
        "DELETE" => provider.delete(context(&|_| {}), &at).await.err(),
        _ if path.ends_with("/apps") || path.ends_with("/clients") => {
            provider.list(context(&|_| {})).await.err()
        }
        _ => provider.read(context(&|_| {}), &at).await.err(),
    };
    let sent = org.sent().await;
    if !sent
        .iter()
        .any(|request| request.method.as_str() == recording.method)
    {
        return Err(format!("no {} was sent", recording.method));
    }
    // The client API is asked as it was recorded.
    if path.starts_with("/oauth2/v1/clients") {
        asked(&org, recording).await?;
    }
    refused(recording, &error.ok_or("no error")?)
}
