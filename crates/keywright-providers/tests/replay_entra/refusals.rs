//! Refusals by Graph, of whatever operation.

use keywright_oauth::{lenient, register::RegistrationError};
use keywright_providers::ProviderError;
use serde_json::{Value, json};
use wiremock::{Mock, matchers::path_regex};

use crate::stage::{Bench, Checked, after, check, context, filtered_id, registration, wanted_of};

/// A refusal by Graph, of whatever operation.
pub(crate) async fn graph_error(bench: &Bench) -> Checked {
    let recorded = bench.recording.clone();
    let url = bench.url();
    if url.path().trim_start_matches("/v1.0/").starts_with("...") {
        // Only its headers were told of: any request may be refused so.
        Mock::given(path_regex("^/v1.0/"))
            .respond_with(bench.answer())
            .with_priority(1)
            .mount(&bench.server)
            .await;
    } else {
        bench.mount().await;
    }
    bench.plain_registration("app-1").await;
    let provider = bench.provider(&[]);
    // Made long ago, so that a refusal is reported at once.
    let object_id = after(&url, "applications").unwrap_or_else(|| "object-1".to_owned());
    let handles = [
        ("object_id", object_id.as_str()),
        ("created_at", "1000"),
        ("key_id", "key-1"),
        ("old_key_id", "key-0"),
        ("app_id_uri", "api://app-1"),
    ];
    let at = registration("app-1", &handles);
    let wanted = wanted_of(&json!({ "displayName": "n" }));
    let tail = url.path().rsplit('/').next().unwrap_or_default();
    let outcome = match (recorded.method.as_str(), tail) {
        ("POST", "applications") => provider.register(context(), &wanted).await.map(drop),
        ("POST", "servicePrincipals") => provider.resume(context(), &wanted, &at).await.map(drop),
        ("POST", "addPassword") => provider.rotate(context(), &at).await.map(drop),
        ("POST", "removePassword") => provider
            .revoke_previous_secret(context(), &at)
            .await
            .map(drop),
        ("PATCH", _) => provider.update(context(), &at, &wanted).await.map(drop),
        ("DELETE", _) => provider.delete(context(), &at).await,
        _ if after(&url, "applications").is_some() => provider.read(context(), &at).await.map(drop),
        _ => match filtered_id(&url) {
            Some(id) => provider
                .read(context(), &registration(&id, &[]))
                .await
                .map(drop),
            None => provider.list(context()).await.map(drop),
        },
    };
    if !tail.contains("...") {
        bench.sent().await?;
    }
    let Err(ProviderError::Registration(error)) = outcome else {
        return Err(format!("{outcome:?}"));
    };
    let RegistrationError::Refused {
        words, retry_after, ..
    } = &error
    else {
        return Err(format!("{error:?}"));
    };
    let said = bench.answered();
    let said = said
        .get("error")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    check(Some(words.status) == recorded.status, "the status")?;
    check(words.error == lenient::text(&said, "code"), "the code")?;
    check(
        words.description == lenient::text(&said, "message"),
        "the message",
    )?;
    let wait = recorded
        .headers
        .get("retry-after")
        .and_then(|text| text.parse().ok());
    check(*retry_after == wait, "retry-after")
}
