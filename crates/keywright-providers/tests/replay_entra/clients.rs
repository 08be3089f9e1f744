//! Applications, their secrets and their service principals.

use keywright_oauth::{
    lenient,
    register::{ClientInformation, Handles},
};
use keywright_providers::ProviderError;
use serde_json::{Map, Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{method, path, path_regex},
};

use crate::stage::{
    Bench, Checked, after, check, context, filtered_id, meant, registration,
    understands_application, wanted_of,
};

pub(crate) async fn create_client(bench: &Bench) -> Checked {
    bench.mount().await;
    bench.plain_registration("unused").await;
    let wanted = wanted_of(&bench.recording.sent);
    let made = bench.provider(&[]).register(context(), &wanted).await;
    let made = made.map_err(|error| format!("{error:?}"))?;
    bench.compare_body().await?;
    understands_application(&made, &bench.answered())
}

pub(crate) async fn create_service_principal(bench: &Bench) -> Checked {
    bench.mount().await;
    let app_id = bench.recording.sent["appId"].as_str().unwrap_or("app-1");
    bench.plain_registration(app_id).await;
    let made = bench
        .provider(&[])
        .register(context(), &wanted_of(&json!({})))
        .await
        .map_err(|error| format!("{error:?}"))?;
    bench.compare_body().await?;
    check(
        made.handles.get("service_principal_id") == lenient::text(&bench.answered(), "id").as_ref(),
        "the id of the service principal",
    )
}

/// The answer to a request for a service principal that was made already is lost; this one is the look
/// after it.
pub(crate) async fn read_service_principal(bench: &Bench) -> Checked {
    bench.mount().await;
    let url = bench.url();
    let filter = meant(&url);
    let app_id = filter
        .iter()
        .find_map(|(_, filter)| Some(filter.split('\'').nth(1)?.to_owned()))
        .unwrap_or_default();
    let there = json!({ "error": { "code": "Request_MultipleObjectsWithSameKeyValue", "message": "in use" } });
    Mock::given(method("POST"))
        .and(path("/v1.0/servicePrincipals"))
        .respond_with(ResponseTemplate::new(409).set_body_json(there))
        .with_priority(2)
        .mount(&bench.server)
        .await;
    bench.plain_registration(&app_id).await;
    let made = bench
        .provider(&[])
        .register(context(), &wanted_of(&json!({})))
        .await
        .map_err(|error| format!("{error:?}"))?;
    // Two filters lead to a service principal; either names the application.
    let ours = meant(&bench.sent().await?.url);
    check(
        ours.iter().any(|(_, filter)| filter.contains(&app_id)),
        "the filter",
    )?;
    let first = bench.recording.answer["value"][0]["id"].as_str();
    check(
        made.handles.get("service_principal_id").map(String::as_str) == first,
        "the id of the service principal",
    )
}

pub(crate) async fn add_password(bench: &Bench) -> Checked {
    bench.mount().await;
    let url = bench.url();
    // A secret of a service principal comes with the same answer. Keywright gives secrets to
    // applications, so the path is another there.
    let of_principal = after(&url, "servicePrincipals");
    let of_application = after(&url, "applications");
    if of_principal.is_some() {
        Mock::given(method("POST"))
            .and(path_regex("^/v1.0/applications/[^/]+/addPassword$"))
            .respond_with(bench.answer())
            .mount(&bench.server)
            .await;
    }
    let id = of_application
        .or(of_principal.clone())
        .ok_or("no id in the path")?;
    let at = registration("client-1", &[("object_id", &id), ("key_id", "old-key")]);
    let made = bench
        .provider(&[])
        .rotate(context(), &at)
        .await
        .map_err(|error| format!("{error:?}"))?;
    if of_principal.is_none() {
        bench.compare_body().await?;
    }
    let answer = bench.answered();
    let secret = made
        .client_secret
        .as_ref()
        .map(|secret| secret.expose().to_owned());
    check(secret == lenient::text(&answer, "secretText"), "secretText")?;
    check(
        made.client_secret_expires_at == lenient::time(&answer, "endDateTime"),
        "endDateTime",
    )?;
    check(
        made.handles.get("key_id") == lenient::text(&answer, "keyId").as_ref(),
        "keyId",
    )?;
    check(
        made.handles.get("old_key_id").map(String::as_str) == Some("old-key"),
        "the old key is not kept to be ended",
    )
}

pub(crate) async fn remove_password(bench: &Bench) -> Checked {
    bench.mount().await;
    let id = after(&bench.url(), "applications").ok_or("no id in the path")?;
    let key = bench.recording.sent["keyId"].as_str().ok_or("no keyId")?;
    let at = registration("client-1", &[("object_id", &id), ("old_key_id", key)]);
    let handles = bench
        .provider(&[])
        .revoke_previous_secret(context(), &at)
        .await
        .map_err(|error| format!("{error:?}"))?;
    bench.compare_body().await?;
    check(
        handles == Handles::from([("old_key_id".to_owned(), String::new())]),
        "the handle of the old key stays",
    )
}

pub(crate) async fn delete_client(bench: &Bench) -> Checked {
    bench.mount().await;
    let url = bench.url();
    let purged = after(&url, "deletedItems");
    let id = after(&url, "applications")
        .or(purged.clone())
        .ok_or("no id in the path")?;
    bench
        .plain("DELETE", "^/v1.0/applications/[^/]+$", 204, Value::Null)
        .await;
    let purge = if purged.is_some() { "true" } else { "false" };
    let at = registration("client-1", &[("object_id", &id)]);
    bench
        .provider(&[("purge_on_delete", purge)])
        .delete(context(), &at)
        .await
        .map_err(|error| format!("{error:?}"))?;
    bench.compare_body().await
}

pub(crate) async fn update_client(bench: &Bench) -> Checked {
    bench.mount().await;
    let id = after(&bench.url(), "applications").ok_or("no id in the path")?;
    let read = json!({ "id": id, "appId": "client-1", "displayName": "n" });
    bench
        .plain("GET", "^/v1.0/applications/[^/]+$", 200, read)
        .await;
    let at = registration("client-1", &[("object_id", &id)]);
    bench
        .provider(&[])
        .update(context(), &at, &wanted_of(&bench.recording.sent))
        .await
        .map_err(|error| format!("{error:?}"))?;
    bench.sent().await.map(drop)
}

/// By `client_id`, by object id, or all of them: the list asks for all, with a filter of its own.
pub(crate) async fn read_or_list(bench: &Bench) -> Checked {
    bench.mount().await;
    let url = bench.url();
    let provider = bench.provider(&[]);
    let items = bench.recording.answer["value"].as_array().cloned();
    // A client with a key is looked at again for its certificates.
    for item in items.iter().flatten() {
        let id = item["id"].as_str().unwrap_or_default();
        Mock::given(method("GET"))
            .and(path(format!("/v1.0/applications/{id}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(item))
            .with_priority(9)
            .mount(&bench.server)
            .await;
    }
    if let Some(id) = filtered_id(&url) {
        let read = provider.read(context(), &registration(&id, &[])).await;
        check(meant(&bench.sent().await?.url) == meant(&url), "the filter")?;
        return match (items.unwrap_or_default().first(), read) {
            (Some(application), Ok(read)) => {
                let application = application.as_object().unwrap();
                understands_application(&read, application)?;
                knows_end_of_secret(&read, application)
            }
            (None, Err(ProviderError::Registration(error))) => check(
                error.is_unknown_client(),
                "an empty list is an unknown client",
            ),
            (_, read) => Err(format!("{read:?}")),
        };
    }
    if let Some(id) = after(&url, "applications") {
        let at = registration("client-1", &[("object_id", &id)]);
        let read = provider.read(context(), &at).await;
        let read = read.map_err(|error| format!("{error:?}"))?;
        return understands_application(&read, &bench.answered());
    }
    let listed = provider.list(context()).await;
    let listed = listed.map_err(|error| format!("{error:?}"))?;
    bench.sent().await?;
    check(
        listed.len() == items.unwrap_or_default().len(),
        "the length of the list",
    )
}

pub(crate) fn knows_end_of_secret(
    read: &ClientInformation,
    application: &Map<String, Value>,
) -> Checked {
    match application
        .get("passwordCredentials")
        .and_then(Value::as_array)
    {
        Some(all) if all.len() == 1 => {
            let only = all[0].as_object().unwrap();
            check(read.client_secret.is_none(), "a read shows no secret")?;
            check(
                read.client_secret_expires_at == lenient::time(only, "endDateTime"),
                "endDateTime of the only secret",
            )
        }
        _ => Ok(()),
    }
}
