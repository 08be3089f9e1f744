//! What the login host answers: documents, keys and tokens.

use std::collections::BTreeMap;

use keywright_oauth::{
    lenient,
    token::{self, TokenError},
};
use keywright_providers::{
    Finding, Provider, ProviderKind, Registration, StepState, TokenWish, settings,
};
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;
use wiremock::{Mock, matchers::any};

use crate::{
    stage::{ADMIN, Bench, Checked, TENANT, check, context, is_listed, registration},
    support::Recording,
};

pub(crate) async fn discovery(bench: &Bench) -> Checked {
    let recorded = &bench.recording;
    bench.mount().await;
    bench
        .plain(
            "POST",
            "/token$",
            400,
            json!({ "error": "invalid_request" }),
        )
        .await;
    bench
        .plain("GET", "/keys$", 200, json!({ "keys": [] }))
        .await;
    let issuer = bench.here(
        recorded
            .url
            .split("/.well-known")
            .next()
            .unwrap_or_default(),
    );
    // The document of version 1 names an issuer at another host.
    let answered = recorded.answer["issuer"]
        .as_str()
        .map(|text| bench.here(text));
    let issuer = match &answered {
        Some(answered) if answered.contains("sts.") && !answered.contains("{tenantid}") => {
            answered.clone()
        }
        _ => issuer,
    };
    let seen = bench
        .provider(&[("issuer", &issuer)])
        .verify(context())
        .await;
    bench.sent().await?;
    let step = &seen.steps[0];
    if recorded.status.is_some_and(|status| status >= 400) {
        check(step.state == StepState::Failed, "the step must fail")?;
        let words = step.words.as_ref().ok_or("the words are lost")?;
        return check(
            words.error.as_deref() == recorded.answer["error"].as_str()
                && words.codes.len()
                    == recorded.answer["error_codes"]
                        .as_array()
                        .map_or(0, Vec::len),
            "the words",
        );
    }
    if answered.is_some_and(|issuer| issuer.contains("{tenantid}")) {
        return check(
            matches!(&step.finding, Some(Finding::Told { key, .. }) if key == "entra_many_tenants"),
            "the document of many tenants must be told of",
        );
    }
    check(step.state == StepState::Passed, format!("{step:?}"))?;
    let metadata = seen.metadata.ok_or("no metadata")?;
    let token = recorded.answer["token_endpoint"]
        .as_str()
        .map(|text| bench.here(text));
    check(
        metadata.token_endpoint.map(String::from) == token
            && metadata.registration_endpoint.is_none(),
        "the endpoints",
    )
}

/// Keywright asks the tenant's own document; its clouds are those of the login host's own list.
pub(crate) fn instance_discovery(recording: &Recording) -> Checked {
    let listed: Vec<&str> = recording.answer["metadata"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|cloud| cloud["aliases"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    for cloud in ["global", "us_gov", "us_dod", "china"] {
        let asked = [("tenant", "contoso.com"), ("cloud", cloud)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let filled = settings::prefill(ProviderKind::Entra, &asked.into()).ok_or("no prefill")?;
        let url = Url::parse(&filled.issuer).map_err(|error| error.to_string())?;
        check(
            listed.contains(&url.host_str().unwrap_or_default()),
            format!("{cloud}: {url} is not in the list"),
        )?;
    }
    Ok(())
}

pub(crate) async fn jwks(bench: &Bench) -> Checked {
    bench.mount().await;
    let uri = bench.server.uri();
    let issuer = format!("{uri}/{TENANT}/v2.0");
    let document = json!({ "issuer": issuer, "jwks_uri": bench.url().as_str(), "token_endpoint": format!("{uri}{ADMIN}") });
    bench
        .plain("GET", "/v2.0/.well-known/", 200, document)
        .await;
    bench
        .plain("GET", "^/v1.0/applications$", 200, json!({ "value": [] }))
        .await;
    let seen = bench.provider(&[]).verify(context()).await;
    bench.sent().await?;
    let keys = seen
        .steps
        .iter()
        .find(|step| step.name.as_str() == "signing_keys");
    let total = bench.recording.answer["keys"]
        .as_array()
        .map_or(0, Vec::len);
    check(
        matches!(keys.and_then(|step| step.finding.as_ref()), Some(Finding::Keys { usable, total: all }) if *all == total && *usable > 0),
        format!("{keys:?}"),
    )
}

pub(crate) fn form(body: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

/// Every token answer goes through the one reader; the request is compared where it was by client
/// credentials at the login host.
pub(crate) async fn token_answer(bench: &Bench) -> Checked {
    let recorded = bench.recording.clone();
    bench.mount().await;
    let url = bench.url();
    if recorded.method != "POST" {
        Mock::given(any())
            .respond_with(bench.answer())
            .mount(&bench.server)
            .await;
    }
    let sent = form(recorded.sent.as_str().unwrap_or_default());
    let recorded_scope = sent.get("scope").cloned().unwrap_or_default();
    let scopes = match sent.get("resource") {
        // Version 1: the adapter sends the scope's resource.
        Some(resource) => vec![format!("{resource}/.default")],
        None => recorded_scope
            .split(' ')
            .filter(|scope| scope.ends_with("/.default"))
            .map(str::to_owned)
            .collect(),
    };
    let client_id = sent.get("client_id").map_or("client-1", String::as_str);
    let mut endpoint = url.clone();
    endpoint.set_query(None);
    let provider = bench.provider(&[("token_endpoint", endpoint.as_str())]);
    let mut at = registration(client_id, &[("secret_since", "1000")]);
    at.granted
        .set("token_endpoint_auth_method", "client_secret_post");
    let wish = TokenWish {
        scopes: Some(scopes.clone()),
        ..TokenWish::default()
    };
    let request = provider
        .token_request(&at, wish, Uuid::now_v7())
        .map_err(|error| format!("{error:?}"))?;
    let http = Bench::http(&bench.config(&[("token_endpoint", endpoint.as_str())]));
    let outcome = token::request_token(&http, &request).await;
    if sent
        .get("grant_type")
        .is_some_and(|grant| grant == "client_credentials")
    {
        let ours = form(&String::from_utf8_lossy(&bench.sent().await?.body));
        for name in sent.keys().chain(ours.keys()) {
            let (theirs, mine) = (sent.get(name), ours.get(name));
            let same = match name.as_str() {
                "client_secret" => mine.is_some(),
                "scope" if sent.contains_key("scope") => {
                    mine.is_some_and(|mine| scopes.is_empty() || *mine == scopes.join(" "))
                }
                _ => theirs == mine || is_listed(name),
            };
            check(same, format!("{name}: recorded {theirs:?}, sent {mine:?}"))?;
        }
    }
    let answer = bench.answered();
    if recorded.status.unwrap_or(200) < 300 {
        let token = outcome.map_err(|error| format!("{error:?}"))?;
        check(
            Some(token.access_token.expose().to_owned()) == lenient::text(&answer, "access_token")
                && token.expires_in == lenient::integer(&answer, "expires_in")
                && token.token_type == "Bearer",
            "the token",
        )
    } else {
        let error = outcome.err().ok_or("a refusal became a token")?;
        understands_refusal(&provider, &error, &at, &answer)
    }
}

pub(crate) fn understands_refusal(
    provider: &Provider,
    error: &TokenError,
    at: &Registration,
    answer: &Map<String, Value>,
) -> Checked {
    let TokenError::Refused { words, .. } = error else {
        return Err(format!("{error:?}"));
    };
    check(
        words.error == lenient::text(answer, "error"),
        format!("error is {:?}", words.error),
    )?;
    let said = lenient::text(answer, "error_description").unwrap_or_default();
    let kept: String = said.chars().filter(|c| *c != '\r').take(100).collect();
    check(
        words
            .description
            .as_ref()
            .is_some_and(|words| words.starts_with(kept.trim_end())),
        "error_description",
    )?;
    let codes: Vec<i64> = answer["error_codes"]
        .as_array()
        .map(|codes| codes.iter().filter_map(Value::as_i64).collect())
        .unwrap_or_default();
    check(words.codes == codes, "error_codes")?;
    check(
        error.is_invalid_client() == (words.error.as_deref() == Some("invalid_client")),
        "invalid_client",
    )?;
    let settles = codes
        .iter()
        .any(|code| [700_016, 7_000_215, 500_011].contains(code));
    check(
        provider.may_not_have_propagated(error, at, 1060) == settles,
        "settling when new",
    )?;
    check(
        !provider.may_not_have_propagated(error, at, 5000),
        "settling when old",
    )
}
